"""What a run may know: its records as of its moment, and the panels they give."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import DetectorChoice, Panel, Stream
from surveillance.errors import InputError, SettingsError
from surveillance.jobs.session import Judges
from surveillance.measures import read_fields
from surveillance.series import Question, build_panel
from surveillance.store import batches, records, runs
from surveillance.store.records import Recorded
from surveillance.store.runs import Run
from surveillance.store.versions import Known, missing_days
from surveillance.streams import streams_of

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Knowledge:
    """A run with the records it may know, as its streams read them, and when feeds last spoke.

    ``missing`` are the days of records that a recall took away, by feed.
    """

    run: Run
    streams: Mapping[str, Stream]
    recorded: Mapping[tuple[str, int | None], Recorded]
    supplied_until: Mapping[str, datetime]
    missing: Mapping[tuple[str, int | None], Mapping[str, frozenset[date]]]


def find_run(connection: "Connection", run_id: str) -> Run:
    """Give a planned run, or say that there is none."""
    run = runs.find_run(connection, run_id)
    if run is None:
        raise InputError(f"No run has the id {run_id!r}; plan the week first.")
    return run


def load_knowledge(connection: "Connection", run: Run, tools: Judges) -> Knowledge:
    """Read what a run may know, in one consistent view."""
    feeds = frozenset(run.snapshot)
    streams = streams_of(tools.streams, feeds)
    recorded: dict[tuple[str, int | None], Recorded] = {}
    for stream in streams.values():
        kind, within_days = reading_of(stream)
        if (kind, within_days) not in recorded:
            recorded[kind, within_days] = records.load(
                connection,
                kind,
                as_of=run.as_of,
                feeds=sorted(feeds),
                fields=fields_of(one for one in streams.values() if one.kind == kind),
                within_days=within_days,
            )
    missing = {
        (kind, within): missing_days(connection, Known(sorted(feeds), run.as_of, within), kind=kind)
        for kind, within in recorded
    }
    supplied = records.newest_receipts(connection, as_of=run.as_of, feeds=sorted(feeds))
    for feed in feeds:
        fetched = batches.supplied_until(connection, feed, as_of=run.as_of)
        if fetched is not None:
            supplied[feed] = max(fetched, supplied.get(feed, fetched))
    return Knowledge(
        run=run, streams=streams, recorded=recorded, supplied_until=supplied, missing=missing
    )


def reading_of(stream: Stream) -> tuple[str, int | None]:
    """Say what a stream reads: a record kind, and how long after the event it was known."""
    return stream.kind, stream.filling_days if stream.as_first_known else None


def fields_of(streams: Iterable[Stream]) -> list[str]:
    """List the fields that some streams' case definitions and measures need."""
    needed: set[str] = set()
    for stream in streams:
        needed.update(stream.where)
        needed.update(read_fields(stream.measure))
    return sorted(needed)


def stream_panel(
    knowledge: Knowledge, stream: Stream, tools: Judges, wanted: Callable[[str, str], bool]
) -> Panel | None:
    """Count one stream into a panel of the units wanted."""
    heard = [knowledge.supplied_until[f] for f in stream.feeds if f in knowledge.supplied_until]
    known = knowledge.recorded[reading_of(stream)]
    missing = knowledge.missing[reading_of(stream)]
    return build_panel(
        known.records,
        known.mentions,
        stream=stream,
        register=tools.register,
        question=Question(
            as_of=knowledge.run.as_of,
            supplied_until=max(heard, default=None),
            history_periods=stream.history_periods,
            keep_unit=wanted,
            missing_days=frozenset().union(*(missing.get(feed, ()) for feed in stream.feeds)),
        ),
    )


def configured(tools: Judges, name: str) -> DetectorChoice:
    """Give a configured detector by the name that streams use."""
    choice = tools.detectors.get(name)
    if choice is None or choice.method not in SERIES_DETECTORS:
        raise SettingsError(
            f"streams.toml names the detector {name!r}, which detectors.toml or the registry "
            f"lacks. Configured are: {', '.join(tools.detectors)}. Nothing was judged."
        )
    return choice
