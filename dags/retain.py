"""Remove what is past its period, once a week."""

import pendulum
from airflow.sdk import CronPartitionTimetable, dag, task

from config.settings import load_settings
from dags.failures import no_retry_when_refused, task_rules

EXPLANATION = """### Retention
Every Sunday at 03:30 UTC it applies the periods of `config/retention.toml`: the words of old
reports, the bytes of old batches, the text of rows held back, names in the trail, messages in
Slack. Counts as of any moment stay the same. `dews retention --dry-run` says what is due.

**If it fails:** clear the task; it may run twice. *retain* red: a setting or the database; nothing
or all of the database's part was done, and files left over go with the next run. *take_back* red:
Slack refused; `dews doctor` says why, and the messages stand until the next run. More:
`docs/privacy.md`.
"""
SUNDAYS = CronPartitionTimetable("30 3 * * 0", timezone="UTC")


@dag(
    dag_id="retain",
    dag_display_name="Retain: apply the periods",
    doc_md=EXPLANATION,
    schedule=SUNDAYS,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=task_rules("surveillance"),
)
def apply_periods() -> None:
    @task
    def retain() -> dict[str, int]:
        from surveillance import jobs

        with no_retry_when_refused():
            done = jobs.retain(load_settings(), now=jobs.clock())
        return {one.what: one.removed for one in done.removals} | {"files": done.files}

    @task
    def take_back() -> dict[str, int]:
        from alerts import jobs
        from surveillance.errors import DeliveryError
        from surveillance.jobs import clock

        with no_retry_when_refused():
            counts = dict(jobs.remove_expired(load_settings(), now=clock()).counts)
        if counts["failed"]:
            raise DeliveryError(f"{counts['failed']} messages still stand in Slack; see the log.")
        return counts

    retain() >> take_back()


apply_periods()
