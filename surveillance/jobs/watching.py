"""What the people who run the service are told: of a batch just judged, of feeds that are late."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from surveillance.domain import BatchNews, FeedHealth
from surveillance.errors import InputError
from surveillance.feeds.description import FeedDescription, load_description
from surveillance.feeds.expected import due_by, newest_needed
from surveillance.jobs.session import database
from surveillance.store import batches, records
from surveillance.store.batches import FeedState
from surveillance.store.engine import reading
from surveillance.store.freshness import newest_days

if TYPE_CHECKING:
    from config.settings import Settings

_ABOUTS = ("stale", "volume", "empty", "shape")


def batch_news(settings: "Settings", batch_id: str, *, now: datetime) -> BatchNews:
    """Say what became of a batch.

    Args:
        settings: where things lie.
        batch_id: a batch that was judged.
        now: the moment of the judging, by which it is told whether this is news.

    Raises:
        InputError: no batch has this id.
    """
    with reading(database(settings.database_url)) as connection:
        found = batches.load_batch(connection, batch_id)
        if found is None:
            raise InputError(f"No batch has the id {batch_id!r}. dews feeds lists the feeds.")
        result = batches.load_result(connection, batch_id)
    return BatchNews(
        feed=found[0].feed,
        batch_id=batch_id,
        verdict=result.verdict,
        findings=result.findings,
        abouts=frozenset(
            about for about in _ABOUTS for one in result.findings if one.startswith(f"{about}:")
        ),
        is_fresh=result.checked_at == now,
    )


def feed_health(settings: "Settings", *, now: datetime) -> list[FeedHealth]:
    """Say of every configured feed what it brought last, and whether it is late.

    Args:
        settings: where things lie.
        now: the moment of the question.
    """
    with reading(database(settings.database_url)) as connection:
        states = batches.feed_states(connection)
        feeds = [path.stem for path in settings.feeds]
        receipts = records.newest_receipts(connection, as_of=now, feeds=feeds)
        days = newest_days(connection, as_of=now, feeds=feeds)
    return [
        _health(
            load_description(path),
            states.get(path.stem),
            received=receipts.get(path.stem),
            newest_day=days.get(path.stem),
            now=now,
        )
        for path in settings.feeds
    ]


def _health(
    description: FeedDescription,
    state: FeedState | None,
    *,
    received: datetime | None,
    newest_day: date | None,
    now: datetime,
) -> FeedHealth:
    fetched = state.last_fetched_at if state else None
    awaited = description.enabled
    due = None if fetched is None or not awaited else due_by(description.cadence, fetched)
    needed = newest_needed(description.cadence, description.expected_lag_days, now)
    stale = awaited and newest_day is not None and newest_day < needed
    return FeedHealth(
        feed=description.name,
        title=description.title,
        kind=description.kind,
        cadence=description.cadence,
        batches=state.batches if state else 0,
        last_fetched_at=fetched,
        newest_received_at=received,
        last_verdict=state.last_verdict if state else None,
        rows_accepted=state.rows_accepted if state else 0,
        rows_rejected=state.rows_rejected if state else 0,
        due_by=due,
        is_late=due is not None and now > due,
        state=_state(due, now) if awaited else "brought by hand",
        newest_day=newest_day,
        is_stale=stale,
        overdue="; ".join(_overdue(description, due, newest_day if stale else None, now=now)),
        runs_by_itself=awaited,
    )


def _overdue(
    description: FeedDescription, due: datetime | None, stale_day: date | None, *, now: datetime
) -> Iterator[str]:
    """Say what is late, and what is out of date."""
    if description.enabled and due is None:
        yield "waiting for its first file"
    if due is not None and now > due:
        yield f"a {description.cadence} feed, its file was due by {due:%Y-%m-%d}"
    if stale_day is not None:
        yield (
            f"its newest record is of {stale_day}, {(now.date() - stale_day).days} days ago; "
            f"{description.expected_lag_days} days are usual when a file comes"
        )


def _state(due: datetime | None, now: datetime) -> str:
    if due is None:
        return "nothing yet"
    if now <= due:
        return "fresh"
    days = (now - due).days
    return f"late by {days} day{'' if days == 1 else 's'}" if days else "late since today"
