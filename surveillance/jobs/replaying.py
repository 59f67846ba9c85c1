"""Replay the past week by week, each week as of its own time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from surveillance.jobs.assessing import assess
from surveillance.jobs.linking import link
from surveillance.jobs.session import clock
from surveillance.jobs.weekly import detect, plan
from surveillance.periods import weeks_between

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True)
class ReplayedWeek:
    """What one week of a replay brought."""

    week: str
    judged: int
    not_assessed: int
    alarms: int
    signals_new: int
    signals_again: int


def realm_of(feeds: Sequence[str]) -> str:
    """Name the realm in which some feeds are replayed."""
    return "replay:" + "+".join(sorted(feeds))


def replay(
    settings: "Settings",
    *,
    feeds: Sequence[str],
    first: str,
    last: str,
    after_week: Callable[[ReplayedWeek], None],
) -> list[ReplayedWeek]:
    """Judge the weeks from the first to the last with the same jobs as the live service.

    What the feeds brought must have been kept. A week that has been replayed on the same
    records is not judged again.

    Args:
        settings: where things lie; the shards are judged one after the other here.
        feeds: the feeds whose records are used.
        first: ISO week to begin with.
        last: ISO week to end with.
        after_week: called when a week is done, for progress and for routing.
    """
    in_one = replace(settings, shards=1)
    done = []
    for week in weeks_between(first, last):
        link(in_one, week=week, now=clock())
        shards = plan(in_one, week=week, realm=realm_of(feeds), feeds=feeds)
        counts: dict[str, int] = {}
        for shard in shards:
            counts.update(detect(in_one, run_id=shard.run_id, number=shard.number).counts)
        for run_id in {shard.run_id for shard in shards}:
            counts.update(assess(in_one, run_id=run_id).counts)
        told = ReplayedWeek(
            week=week,
            judged=counts.get("judged", 0),
            not_assessed=counts.get("not assessed", 0),
            alarms=counts.get("alarms", 0),
            signals_new=counts.get("signals_new", 0),
            signals_again=counts.get("signals_again", 0),
        )
        after_week(told)
        done.append(told)
    return done
