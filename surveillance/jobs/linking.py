"""Link the records that tell of one event, as they are known at a moment."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from surveillance.domain import LINK_COLUMNS, LINK_KEY, Tally, Told
from surveillance.jobs.session import Judges, database, judges
from surveillance.linkage import LinkRules, link_records, method_of, read_rules
from surveillance.periods import week_as_of
from surveillance.store import links
from surveillance.store.engine import reading, writing
from surveillance.store.links import LinkRun
from surveillance.store.records import Period

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

log = logging.getLogger(__name__)
_DATES = ("occurred_on", "last_on")


@dataclass(frozen=True)
class _Scope:
    """What is to be linked anew: the days whose links may change, and those needed to say so.

    None stands for all days.
    """

    changing: Sequence[Period] | None
    needed: Sequence[Period] | None


def link(settings: "Settings", *, week: str, now: datetime, as_of: datetime | None = None) -> Tally:
    """Bring the links up to what is known when a week is judged; a second call changes nothing.

    Only the days of records of which something was learnt since the last pass are linked anew. A
    pass into whose past something has come, a late load for instance, is made again whole.
    Whatever changes is added with the moment as its date, so that an earlier question sees no
    later link.

    Args:
        settings: where things lie.
        week: the ISO week that is judged.
        now: the moment of writing.
        as_of: the moment whose knowledge is used; absent, 06:00 UTC on the Monday after.
    """
    moment = week_as_of(week) if as_of is None else as_of
    return link_at(settings, as_of=moment, now=now)


def link_at(settings: "Settings", *, as_of: datetime, now: datetime) -> Tally:
    """Bring the links up to what is known at a moment (see ``link``)."""
    tools, rules = judges(settings.config_folder), link_rules(settings.config_folder)
    with reading(database(settings.database_url)) as connection:
        feeds = feeds_of_persons(connection, tools)
        state = links.state_at(connection, as_of=as_of, method=method_of(rules), feeds=feeds)
        before = links.find_run(connection, at=as_of, method=state.method)
        if before == state:
            return Tally({"links": state.links})
        scope = _scope(connection, before, state, feeds, rules)
        told = links.load_told(connection, as_of=as_of, feeds=feeds, periods=scope.needed)
        verdicts = links.load_verdicts(connection, as_of=as_of)
        standing = links.load_links(connection, as_of=as_of)
    found = link_records(told, register=tools.register, rules=rules, verdicts=verdicts)
    changes = _changes(standing, found.links, told, scope)
    with writing(database(settings.database_url)) as connection:
        links.write_run(connection, state, changes, written_at=now)
        in_force = links.count_links(connection, as_of=as_of)
    taken_back = int((changes["probability"] == 0).sum())
    log.info("links as of %s: %d changed, %d in force", as_of, len(changes), in_force)
    if found.crowded:
        log.warning("%d records have too many like them nearby to be linked", found.crowded)
    return Tally(
        {
            "links": in_force,
            "changed": len(changes) - taken_back,
            "taken_back": taken_back,
            "compared": found.compared,
            "crowded": found.crowded,
        }
    )


@lru_cache(maxsize=4)
def link_rules(config_folder: Path) -> LinkRules:
    """Read the figures of linkage once a process."""
    return read_rules(config_folder / "linkage.toml")


def feeds_of_persons(connection: "Connection", tools: Judges) -> list[str]:
    """List the feeds whose records tell of one person each."""
    counted = {
        feed
        for stream in tools.streams.values()
        if not stream.absent_means_zero
        for feed in stream.feeds
    }
    return [feed for feed in links.feeds_of_persons(connection) if feed not in counted]


def _scope(
    connection: "Connection",
    before: LinkRun | None,
    state: LinkRun,
    feeds: Sequence[str],
    rules: LinkRules,
) -> _Scope:
    if before is None or before.as_of == state.as_of:
        return _Scope(None, None)
    now_known = links.state_at(connection, as_of=before.as_of, method=before.method, feeds=feeds)
    if now_known != before:
        return _Scope(None, None)
    days = links.changed_days(connection, after=before.as_of, as_of=state.as_of, feeds=feeds)
    # A record bears on those in its reach, on their rivals, and on what is crowded around them.
    reach = max(rules.crowding_days) + 2 * max(rules.reach.values())
    return _Scope(_around(days, reach), _around(days, 2 * reach))


def _around(days: Sequence[date], margin: int) -> list[Period]:
    """Give the periods that lie so many days around some days, those that meet joined."""
    periods: list[Period] = []
    for day in sorted(days):
        first, last = day - timedelta(days=margin), day + timedelta(days=margin)
        if periods and first <= periods[-1][1]:
            periods[-1] = (periods[-1][0], last)
        else:
            periods.append((first, last))
    return periods


def _changes(
    standing: pd.DataFrame, found: pd.DataFrame, told: Told, scope: _Scope
) -> pd.DataFrame:
    """List the links to write: those that are new or otherwise, and those to take back."""
    key = list(LINK_KEY)
    linked_on = pd.to_datetime(standing["linked_at"]).dt.tz_localize(None).dt.normalize()
    before = standing.assign(
        occurred_on=pd.to_datetime(standing["occurred_on"]),
        last_on=linked_on - pd.to_timedelta(standing["delay_days"], unit="D"),
    )[[*LINK_COLUMNS, *_DATES]]
    both = before.merge(
        _dated(found, told), on=key, how="outer", suffixes=("_before", ""), indicator="side"
    )
    for name in _DATES:
        # One that a person joined may lie far from the days that were read.
        both[name] = both[name].fillna(both[f"{name}_before"])
    both = both[_inside(both["occurred_on"], scope.changing)]
    is_same = (both["probability"] == both["probability_before"]) & (
        both["decided_by"] == both["decided_by_before"]
    )
    gone = both["side"] == "left_only"
    changed = both.assign(
        probability=both["probability"].mask(gone, 0.0),
        decided_by=both["decided_by"].mask(gone, both["decided_by_before"]),
        occurred_on=both["occurred_on"].dt.date,
        last_on=both["last_on"].dt.date,
    )
    return changed.loc[~is_same, [*LINK_COLUMNS, *_DATES]]


def _dated(found: pd.DataFrame, told: Told) -> pd.DataFrame:
    """Add the earlier and the later date of each link, absent where a record was not read."""
    days = told.records.set_index(["feed", "source_ref"])["occurred_on"]
    sides = [
        days.reindex(pd.MultiIndex.from_frame(found[names])).reset_index(drop=True)
        for names in (["feed", "source_ref"], ["other_feed", "other_ref"])
    ]
    dates = pd.concat(sides, axis=1)
    known = dates.notna().all(axis=1)
    return found.reset_index(drop=True).assign(
        occurred_on=dates.min(axis=1).where(known), last_on=dates.max(axis=1).where(known)
    )


def _inside(days: "pd.Series[pd.Timestamp]", periods: Sequence[Period] | None) -> "pd.Series[bool]":
    inside = days.notna()
    if periods is None:
        return inside
    among = pd.Series(data=False, index=days.index)
    for first, last in periods:
        among |= days.between(pd.Timestamp(first), pd.Timestamp(last))
    return inside & among
