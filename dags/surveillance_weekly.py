"""The weekly surveillance: judge one ISO week, once its records are in."""

from typing import Any

import pendulum
from airflow.sdk import PartitionedAssetTimetable, dag, task

from config.settings import load_settings
from dags.assets import RECORDS, SIGNALS, as_of, weeks_due
from dags.failures import no_retry_when_refused, task_rules

EXPLANATION = """### Weekly surveillance
One run judges one ISO week (the *partition key* of the run). It starts when a collecting DAG or
`surveillance_due` announces the week. To judge a week by hand: *Trigger*, conf
`{"week": "2026-W40"}`; `"as_of": "2026-10-05T06:00:00+00:00"` asks what was known then.

* **link** finds the records that tell of one event, among those learnt since the last time.
* **plan** freezes what is known and cuts the series into slices; a week already judged on the
  same data has none, and the rest is *skipped*.
* **detect** (one per slice) runs the detectors; whatever they cannot judge is stored with a reason.
* **assess** joins related alarms into ranked signals.

**If it fails:** clear the red task; every task may run twice. A red *detect* leaves the week
unjudged, never half judged: *assess* waits for all slices. More: `docs/airflow.md`.
"""


@dag(
    dag_id="surveillance_weekly",
    dag_display_name="Surveillance: weekly",
    doc_md=EXPLANATION,
    schedule=PartitionedAssetTimetable(assets=RECORDS),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=task_rules("surveillance"),
)
def surveillance_weekly() -> None:
    @task
    def link(*, dag_run: Any = None) -> dict[str, Any]:
        from surveillance import jobs

        with no_retry_when_refused():
            settings, known, now = load_settings(), as_of(dag_run), jobs.clock()
            weeks = weeks_due(dag_run)
            return {
                w: dict(jobs.link(settings, week=w, as_of=known, now=now).counts) for w in weeks
            }

    @task
    def plan(*, dag_run: Any = None) -> list[dict[str, Any]]:
        from surveillance import jobs

        with no_retry_when_refused():
            settings, known = load_settings(), as_of(dag_run)
            plans = [jobs.plan(settings, week=week, as_of=known) for week in weeks_due(dag_run)]
        return [{"run_id": shard.run_id, "number": shard.number} for p in plans for shard in p]

    @task(map_index_template="slice {{ task.op_kwargs['number'] }}")
    def detect(run_id: str, number: int) -> dict[str, int]:
        from surveillance import jobs

        return dict(jobs.detect(load_settings(), run_id=run_id, number=number).counts)

    @task(outlets=[SIGNALS])
    def assess(shards: Any, *, outlet_events: Any = None) -> dict[str, Any]:
        from surveillance import jobs

        runs = sorted({shard["run_id"] for shard in shards})
        outlet_events[SIGNALS].add_partitions(runs)
        return {run: dict(jobs.assess(load_settings(), run_id=run).counts) for run in runs}

    shards = plan()
    link() >> shards
    detect.expand_kwargs(shards) >> assess(shards)


surveillance_weekly()
