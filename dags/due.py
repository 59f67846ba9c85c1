"""The clock: what must run even when no new record and no new signal wakes it."""

from typing import Any

import pendulum
from airflow.sdk import Asset, CronPartitionTimetable, dag, task

from dags.assets import RECORDS, SIGNALS
from dags.failures import task_rules

WEEKLY_EXPLANATION = """### The week is due
Every Monday at 06:00 UTC it announces the ISO week that has just ended, so that
`surveillance_weekly` judges it even when no feed brought anything new. A backfill of this DAG
judges past weeks, one run each. **If it fails:** clear the task. More: `docs/airflow.md`.
"""
DELIVERY_EXPLANATION = """### Look for waiting notices
Every ten minutes it wakes `deliver`, so that a notice which could not be sent is tried again.
**If it fails:** nothing is lost, the next look does the same. More: `docs/airflow.md`.
"""
# The Monday before the run lies in the week that has just ended; its key is the ISO week.
MONDAYS = CronPartitionTimetable("0 6 * * 1", timezone="UTC", run_offset=-1, key_format="%G-W%V")
TEN_MINUTES = CronPartitionTimetable("*/10 * * * *", timezone="UTC")


def clock_dag(name: str, *, asset: Asset, timetable: Any, explanation: str) -> Any:
    @dag(
        dag_id=name,
        doc_md=explanation,
        schedule=timetable,
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        default_args=task_rules("surveillance"),
    )
    def clock() -> None:
        @task(outlets=[asset])
        def announce(*, dag_run: Any = None) -> str:
            # The run's own key travels on with the asset.
            return str(dag_run.partition_key)

        announce()

    return clock()


clock_dag("surveillance_due", asset=RECORDS, timetable=MONDAYS, explanation=WEEKLY_EXPLANATION)
clock_dag("deliver_due", asset=SIGNALS, timetable=TEN_MINUTES, explanation=DELIVERY_EXPLANATION)
