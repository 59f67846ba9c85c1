"""Plan a week and judge it: from records as of a moment to outcomes."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import Judgement, Outcomes, Panel, ShardPlan, Stream, Tally
from surveillance.jobs.knowledge import (
    Knowledge,
    configured,
    find_run,
    load_knowledge,
    stream_panel,
)
from surveillance.jobs.session import Judges, database, judges
from surveillance.periods import last_complete_period, last_whole_week, week_as_of
from surveillance.series import shard_of
from surveillance.store import recalls, records, runs
from surveillance.store.engine import reading, writing
from surveillance.store.runs import Run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

LIVE = "live"


def pending_weeks(settings: "Settings", *, now: datetime) -> list[str]:
    """Name the week whose run is due, where what is known of it has not been assessed yet."""
    week = last_whole_week(now)
    run = _question(settings, week=week, as_of=None, realm=LIVE, feeds=None)
    with reading(database(settings.database_url)) as connection:
        run = _with_snapshot(connection, run)
        done = _is_done(connection, run)
    return [] if done or not any(run.snapshot.values()) else [week]


def plan(
    settings: "Settings",
    *,
    week: str,
    as_of: datetime | None = None,
    realm: str = LIVE,
    feeds: Iterable[str] | None = None,
) -> list[ShardPlan]:
    """Plan the judging of a week in shards; nothing where the same has been assessed.

    Args:
        settings: where things lie, and how many shards.
        week: the ISO week that has ended.
        as_of: the moment whose knowledge is used; absent, 06:00 UTC on the Monday after.
        realm: ``live``, or the name of a replay.
        feeds: the feeds to use; absent, all that run by themselves.

    Raises:
        InputError: the week is malformed.
    """
    run = _question(settings, week=week, as_of=as_of, realm=realm, feeds=feeds)
    with writing(database(settings.database_url)) as connection:
        run = _with_snapshot(connection, run)
        if _is_done(connection, run):
            return []
        return runs.plan_run(connection, run)


def _question(
    settings: "Settings",
    *,
    week: str,
    as_of: datetime | None,
    realm: str,
    feeds: Iterable[str] | None,
) -> Run:
    moment = week_as_of(week) if as_of is None else as_of
    names = sorted(path.stem for path in settings.feeds) if feeds is None else sorted(feeds)
    return Run(
        run_id=runs.run_name(realm, week, moment),
        realm=realm,
        week=week,
        as_of=moment,
        state="planned",
        shards=settings.shards,
        snapshot=dict.fromkeys(names, 0),
        recalls=0,
        settings_hash=settings.settings_hash(),
        code_version=settings.code_version,
    )


def _with_snapshot(connection: "Connection", run: Run) -> Run:
    known = records.snapshot(connection, as_of=run.as_of, feeds=list(run.snapshot))
    decided = recalls.count_recalls(connection, as_of=run.as_of, feeds=list(run.snapshot))
    return replace(run, snapshot={**run.snapshot, **known}, recalls=decided)


def _is_done(connection: "Connection", run: Run) -> bool:
    before = runs.find_run(connection, run.run_id)
    return (
        before is not None
        and before.state == "assessed"
        and before.snapshot == run.snapshot
        and before.recalls == run.recalls
        and before.settings_hash == run.settings_hash
    )


def detect(settings: "Settings", *, run_id: str, number: int) -> Tally:
    """Judge one shard of a run: every configured detector on every series of it."""
    tools = judges(settings.config_folder)
    with reading(database(settings.database_url)) as connection:
        knowledge = load_knowledge(connection, find_run(connection, run_id), tools)
    wanted = partial(_in_shard, number=number, shards=knowledge.run.shards)
    found = [
        judgement
        for stream in knowledge.streams.values()
        for judgement in _judge(knowledge, stream, tools, wanted)
    ]
    with writing(database(settings.database_url)) as connection:
        counts = runs.save_judgements(connection, run_id=run_id, number=number, judgements=found)
    return Tally(dict(counts))


def _in_shard(substance_id: str, area_code: str, *, number: int, shards: int) -> bool:
    return shard_of(substance_id, area_code, shards) == number


def _judge(
    knowledge: Knowledge, stream: Stream, tools: Judges, wanted: Callable[[str, str], bool]
) -> Iterable[Judgement]:
    panel = stream_panel(knowledge, stream, tools, wanted)
    if panel is None or panel.starts is None:
        return
    last = last_complete_period(
        stream.cadence, as_of=knowledge.run.as_of, filling_days=stream.filling_days
    )
    judged = np.flatnonzero(panel.starts == np.datetime64(last, "D"))
    if not len(judged):
        reason = "the last complete period lies before the first record"
        yield from _unjudged(stream, panel, stream.detectors, reason)
        return
    for name in stream.detectors:
        choice = configured(tools, name)
        outcomes = SERIES_DETECTORS[choice.method](panel, judged, choice.params)
        yield Judgement(stream.name, name, panel, outcomes)
    if not stream.detectors:
        yield from _unjudged(stream, panel, ("none",), "no detector is configured for this stream")


def _unjudged(
    stream: Stream, panel: Panel, detectors: Iterable[str], reason: str
) -> Iterable[Judgement]:
    newest = np.array([len(panel.starts if panel.starts is not None else ()) - 1])
    for name in detectors:
        yield Judgement(stream.name, name, panel, Outcomes.not_assessed(panel, newest, reason))
