"""What a run may know: its records as of its moment, and the panels they give."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import DetectorChoice, Panel, Stream
from surveillance.errors import InputError, SettingsError
from surveillance.jobs.session import Judges
from surveillance.measures import read_fields
from surveillance.series import Question, build_panel
from surveillance.store import batches, links, records, runs
from surveillance.store.records import Recorded
from surveillance.store.runs import Run
from surveillance.streams import streams_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DAYS_BETWEEN_PASSES = 7


@dataclass(frozen=True)
class Knowledge:
    """A run with what it may know, as its streams read it, and when feeds last spoke."""

    run: Run
    streams: Mapping[str, Stream]
    recorded: Mapping[tuple[str, int | None], Recorded]
    links: Mapping[int | None, pd.DataFrame]
    supplied_until: Mapping[str, datetime]


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
        for kind, within_days in _readings(stream):
            if (kind, within_days) not in recorded:
                recorded[kind, within_days] = records.load(
                    connection,
                    kind,
                    as_of=run.as_of,
                    feeds=sorted(feeds),
                    fields=_fields(one for one in streams.values() if kind in one.kinds),
                    within_days=within_days,
                )
    supplied = records.newest_receipts(connection, as_of=run.as_of, feeds=sorted(feeds))
    for feed in feeds:
        fetched = batches.supplied_until(connection, feed, as_of=run.as_of)
        if fetched is not None:
            supplied[feed] = max(fetched, supplied.get(feed, fetched))
    return Knowledge(
        run=run,
        streams=streams,
        recorded=recorded,
        links={days: _load_links(connection, run, days) for _, days in recorded},
        supplied_until=supplied,
    )


def _load_links(connection: "Connection", run: Run, within_days: int | None) -> pd.DataFrame:
    # Records of a day that are read as they were known so many days later are linked in the pass
    # that follows, a week later at most.
    delay = None if within_days is None else within_days + _DAYS_BETWEEN_PASSES
    return links.load_links(connection, as_of=run.as_of, within_days=delay)


def _readings(stream: Stream) -> list[tuple[str, int | None]]:
    """Say what a stream reads: record kinds, and how long after the event they were known."""
    within_days = stream.filling_days if stream.as_first_known else None
    return [(kind, within_days) for kind in stream.kinds]


def _together(parts: Sequence[Recorded]) -> Recorded:
    if len(parts) == 1:
        return parts[0]
    return Recorded(
        records=pd.concat([part.records for part in parts], ignore_index=True),
        mentions=pd.concat([part.mentions for part in parts], ignore_index=True),
    )


def _fields(streams: Iterable[Stream]) -> list[str]:
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
    readings = _readings(stream)
    known = _together([knowledge.recorded[reading] for reading in readings])
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
            links=knowledge.links[readings[0][1]],
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
