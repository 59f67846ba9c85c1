"""Waits for a feed's next batch, in Airflow's triggerer, and tells when it is late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.triggers.base import BaseTrigger, TriggerEvent

from config.settings import load_settings

LOOK_EVERY_SECONDS = 60.0


class AwaitBatch(BaseOperator):
    """Wait until a feed has brought something new since the run began.

    Args:
        feed: name of the feed.
        patience: how long to wait at most; the deadline of the DAG comes before.
    """

    def __init__(self, *, feed: str, patience: timedelta, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feed = feed
        self.patience = patience

    def execute(self, context: Context) -> None:
        """Hand the waiting over to the triggerer."""
        queued: datetime = context["dag_run"].run_after
        self.defer(
            trigger=BatchTrigger(feed=self.feed, since=queued.isoformat()),
            method_name="came",
            timeout=self.patience,
        )

    def came(self, context: Context, event: dict[str, str]) -> str:
        """Give the moment of the batch that came; ``context`` is Airflow's."""
        del context
        return event["fetched_at"]


class BatchTrigger(BaseTrigger):
    """Fires when a feed has brought new bytes after a moment.

    Args:
        feed: name of the feed.
        since: the moment, as ISO text.
    """

    def __init__(self, *, feed: str, since: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.feed = feed
        self.since = since

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Say how the triggerer makes this trigger again."""
        return (
            "dews.airflow_freshness.BatchTrigger",
            {"feed": self.feed, "since": self.since},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every minute until a batch has come."""
        since = datetime.fromisoformat(self.since)
        while True:
            fetched = await asyncio.to_thread(_last_fetched, self.feed)
            if fetched is not None and fetched > since:
                yield TriggerEvent({"fetched_at": fetched.isoformat()})  # type: ignore[no-untyped-call]
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)


def _last_fetched(feed: str) -> datetime | None:
    from surveillance import jobs

    health = {one.feed: one for one in jobs.feed_health(load_settings(), now=jobs.clock())}
    return health[feed].last_fetched_at if feed in health else None


async def tell_late(*, feed: str, context: dict[str, Any]) -> None:
    """Tell the operators that a feed is late; Airflow calls it when the deadline is missed."""
    from alerts.jobs import report_late

    due = datetime.fromisoformat(str(context["deadline"]["deadline_time"]))
    await asyncio.to_thread(report_late, load_settings(), feed=feed, due=due)
