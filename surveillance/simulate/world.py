"""What every part of the country is drawn from: the place, the weeks and what is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from surveillance.errors import InputError
from surveillance.register import Register
from surveillance.simulate.country import Country, Timeline, make_country, make_timeline
from surveillance.simulate.figures import reports as figures

MOST_REPORTS_PER_WEEK = 100_000.0


def _say_nothing(_: str) -> None:
    """Keep quiet."""


@dataclass(frozen=True)
class Choices:
    """What may be asked for otherwise than usual.

    Attributes:
        reports_per_week: mean of the reaction reports of the whole country.
        twin_share: share of the reported harms that two services report.
        scenarios: letters of the scenarios to plant; None: all.
        by: ``whole``: one file a feed; ``month``: one file for every month of receipt.
        replace: whether files from other arguments may be overwritten.
        say: is told of each step as it begins.
    """

    reports_per_week: float = figures.REPORTS_PER_WEEK
    twin_share: float = figures.TWIN_SHARE
    scenarios: frozenset[str] | None = None
    by: Literal["whole", "month"] = "whole"
    replace: bool = False
    say: Callable[[str], None] = _say_nothing


USUAL = Choices()


@dataclass(frozen=True)
class World:
    """Where, when and how much."""

    country: Country
    timeline: Timeline
    choices: Choices = USUAL


def make_world(register: Register, *, weeks: int, end_week: str, choices: Choices = USUAL) -> World:
    """Lay out the country and its weeks.

    Raises:
        InputError: too few weeks, a malformed week, a mean of reports or a share out of range.
    """
    if not 0 < choices.reports_per_week <= MOST_REPORTS_PER_WEEK:
        raise InputError(
            f"Cannot simulate {choices.reports_per_week:g} reports a week. Give more than 0 and "
            f"at most {MOST_REPORTS_PER_WEEK:,.0f}, for example {figures.REPORTS_PER_WEEK}."
        )
    if not 0 <= choices.twin_share <= 1:
        raise InputError(
            f"{choices.twin_share:g} is no share of the harms. Give 0 to 1, for example "
            f"{figures.TWIN_SHARE}."
        )
    return World(make_country(register), make_timeline(weeks=weeks, end_week=end_week), choices)
