"""Route what was found to the people who subscribed, and send it."""

import pendulum
from airflow.sdk import PartitionedAssetTimetable, dag, task

from config.settings import load_settings
from dags.assets import SIGNALS
from dags.failures import no_retry_when_refused, task_rules

EXPLANATION = """### Route and deliver
It runs after each assessment, and every few minutes for what is still waiting (`deliver_due`).

* **route** decides which signals become notices, and writes them to the outbox in one step.
* **deliver** sends what the outbox holds: to the console, and to Slack where it is configured.

**If it fails:** nothing is lost and nothing goes out twice; the next run sends what is left. A
refused token or channel must be mended by a person: `dews doctor` says which. More:
`docs/airflow.md`.
"""


@dag(
    dag_id="deliver",
    dag_display_name="Deliver: route and send",
    doc_md=EXPLANATION,
    schedule=PartitionedAssetTimetable(assets=SIGNALS),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    # One at a time: two senders would only wait for each other.
    max_active_runs=1,
    default_args=task_rules("alerts"),
)
def deliver_notices() -> None:
    @task
    def route() -> dict[str, int]:
        from alerts import jobs
        from surveillance.jobs import clock

        with no_retry_when_refused():
            return dict(jobs.route(load_settings(), now=clock()).counts)

    @task
    def deliver() -> dict[str, int]:
        from alerts import jobs
        from surveillance.jobs import clock

        with no_retry_when_refused():
            return dict(jobs.deliver(load_settings(), now=clock()).counts)

    route() >> deliver()


deliver_notices()
