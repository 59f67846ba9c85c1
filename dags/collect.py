"""One collecting DAG per feed, made from the descriptions in config/feeds."""

from typing import Any

import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from config.settings import FeedEntry, list_feeds, load_settings
from dags.assets import RECORDS, inbox, weeks_due
from dags.failures import task_rules
from dews.airflow_operators import KeepBatch, kept

DAILY = "15 5 * * *"
EXPLANATION = """### {title}
Feed `{name}`, owner: {owner}. It runs when a file appears in `inbox/{name}` and at {cron} (UTC).

* **collect** keeps the bytes of new files or pages, and lists the batches still to be stored.
* **keep** (one per batch) checks the rows, stores the good ones, holds the others back. Its
  buttons *Data Docs* and *Rows held back* show what was found; its numbers stand on the asset
  `dews://kept/{name}`. A batch that is late, short, long or of another shape is told in the log
  and in Slack.
* **announce** names the weeks that may now be judged; *skipped* means that none is due.
* **all_kept** is only there to turn the run red when one batch was refused.

**If it fails:** *collect* red: the source is out of reach; nothing is lost, run it again.
*keep* red: the batch was refused or held; its log says why; run `dews quarantine`, ask the owner
of the feed, then clear the task. The other batches were stored. More: `docs/airflow.md`.
"""


def collecting_dag(feed: FeedEntry) -> Any:
    cron = feed.schedule or DAILY

    @dag(
        dag_id=f"collect_{feed.name}",
        dag_display_name=f"Collect: {feed.title}",
        doc_md=EXPLANATION.format(**vars(feed), cron=cron),
        schedule=AssetOrTimeSchedule(
            assets=inbox(feed.name), timetable=CronTriggerTimetable(cron, timezone="UTC")
        ),
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        default_args=task_rules(feed.owner),
    )
    def collect_feed() -> None:
        @task
        def collect() -> list[str]:
            from surveillance import jobs

            return jobs.collect(load_settings(), feed.name, now=jobs.clock())

        @task(outlets=[RECORDS], trigger_rule="all_done")
        def announce(*, outlet_events: Any = None, dag_run: Any = None) -> None:
            weeks = weeks_due(dag_run)
            if not weeks:
                raise AirflowSkipException("No week is due.")
            outlet_events[RECORDS].add_partitions(weeks)

        keep = KeepBatch.partial(
            task_id="keep",
            feed=feed.name,
            outlets=[kept(feed.name)],
            max_active_tis_per_dagrun=16,
            map_index_template="{{ task.batch_id }}",
        ).expand(batch_id=collect())
        all_kept = EmptyOperator(task_id="all_kept", trigger_rule="none_failed")
        keep >> [announce(), all_kept]

    return collect_feed()


for entry in list_feeds():
    globals()[f"collect_{entry.name}"] = collecting_dag(entry)
