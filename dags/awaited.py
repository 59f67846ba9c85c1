"""One DAG per feed that waits for its next batch, with the deadline by which it must come."""

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronTriggerTimetable, dag
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from config.settings import FeedEntry, list_feeds
from dags.failures import task_rules
from dews.airflow_freshness import AwaitBatch, tell_late

EXPLANATION = """### Waiting for {title}
Feed `{name}`, owner: {owner}. Each period ({cadence}) one run waits for the next batch.

* *Deferred* means: still waiting, and no worker is kept busy by it.
* When the **deadline** passes ({grace} after the period began) the operators are told, in the log
  and in Slack, that the feed is late. Until it comes its streams are *not supplied*: not calm.

**If it fails:** red means that the whole period passed without a batch. Nothing is lost. Ask the
owner; `docs/feeds/{name}.md` says which delay is usual. When a file lies in `inbox/{name}` the
collecting DAG takes it by itself. More: `docs/airflow.md`.
"""
# When a period begins, how long the feed may take, and when waiting for it ends.
PERIODS = {
    "daily": ("0 7 * * *", timedelta(hours=20), timedelta(hours=23)),
    "weekly": ("0 7 * * 1", timedelta(days=3), timedelta(days=6)),
    "monthly": ("0 7 1 * *", timedelta(days=14), timedelta(days=27)),
    "quarterly": ("0 7 1 1,4,7,10 *", timedelta(days=45), timedelta(days=88)),
    "yearly": ("0 7 1 1 *", timedelta(days=90), timedelta(days=360)),
}


def awaiting_dag(feed: FeedEntry) -> Any:
    cron, grace, patience = PERIODS[feed.cadence]

    @dag(
        dag_id=f"await_{feed.name}",
        dag_display_name=f"Await: {feed.title}",
        doc_md=EXPLANATION.format(
            title=feed.title, name=feed.name, owner=feed.owner, cadence=feed.cadence, grace=grace
        ),
        schedule=CronTriggerTimetable(cron, timezone="UTC"),
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        default_args=task_rules(feed.owner) | {"retries": 0, "execution_timeout": patience},
        deadline=DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=grace,
            callback=AsyncCallback(tell_late, kwargs={"feed": feed.name}),
            name=f"{feed.name} is late",
        ),
    )
    def await_feed() -> None:
        AwaitBatch(task_id="batch", feed=feed.name, patience=patience)

    return await_feed()


for entry in list_feeds():
    globals()[f"await_{entry.name}"] = awaiting_dag(entry)
