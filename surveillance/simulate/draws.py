"""Random draws that every part shares: choices, delays, days.

Each part draws from its own stream, so that a change in one moves no other.
"""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import Flags, Floats, Texts
from surveillance.periods import Days
from surveillance.simulate.country import Timeline

# Feed -> every case drawn for it.
Cases = Mapping[str, pd.DataFrame]
Moments = npt.NDArray[np.datetime64]
_DAYS_PER_YEAR = 365.25
_OPENING_MINUTE, _CLOSING_MINUTE = 8 * 60, 18 * 60
NEVER = np.datetime64("NaT", "s")


def part_generator(seed: int, *, part: str) -> np.random.Generator:
    """Give the stream of random numbers of one named part of the country."""
    key = zlib.crc32(part.encode())
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(key,)))


def choose(rng: np.random.Generator, *, shares: Mapping[str, float], size: int) -> Texts:
    """Draw names by their shares, which are scaled to one; shape (size,)."""
    weights = np.array(list(shares.values()))
    names = np.array(list(shares), dtype=object)
    return names[rng.choice(len(names), size=size, p=weights / weights.sum())]


def lognormal_days(
    rng: np.random.Generator, *, lag: tuple[float, float], size: int
) -> npt.NDArray[np.int64]:
    """Draw delays in whole days.

    Args:
        rng: the part's random numbers.
        lag: median in days and sigma of the logarithm.
        size: how many.
    """
    median, sigma = lag
    return np.rint(median * np.exp(sigma * rng.standard_normal(size))).astype(np.int64)


def moments_after(
    rng: np.random.Generator, *, days: Days, lag_days: npt.NDArray[np.int64]
) -> Moments:
    """Give a moment in office hours so many days after each day; shape as ``days``, UTC."""
    minutes = rng.integers(_OPENING_MINUTE, _CLOSING_MINUTE, size=len(days))
    midnight = (days.astype("datetime64[D]") + lag_days).astype("datetime64[s]")
    return np.asarray(midnight + minutes.astype("timedelta64[m]"))


def where_true(chosen: Flags, moments: Moments) -> Moments:
    """Keep the chosen moments; the others never happen."""
    return np.where(chosen, moments, NEVER)


def harm_ids(letter: str, size: int) -> list[str]:
    """Name harms, each once in the country; the letter says which part drew them.

    Example:
        >>> harm_ids("R", 2)
        ['R-000001', 'R-000002']
    """
    return [f"{letter}-{number:06d}" for number in range(1, size + 1)]


def codes_as_written(cases: pd.DataFrame, moments: Moments) -> Texts:
    """Give each area's code as the source writes it: an older one until some moment.

    Args:
        cases: ``area_code`` and, where codes change, ``older_code`` and ``older_until``.
        moments: when each row is received, shape (cases,).
    """
    present = cases["area_code"].to_numpy(dtype=object)
    if "older_code" not in cases:
        return present
    is_older = moments < cases["older_until"].to_numpy()
    return np.where(is_older, cases["older_code"].to_numpy(dtype=object), present)


def as_column(items: Sequence[object]) -> Texts:
    """Make an array of objects, one an item, also where the items are lists; shape (items,)."""
    column = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        column[place] = item
    return column


def daily_means(
    timeline: Timeline,
    *,
    per_week: float,
    weekdays: Sequence[float],
    season: float,
    trend_per_year: float,
) -> Floats:
    """Give the expected number of cases of each day.

    Args:
        timeline: the days.
        per_week: mean of all weeks together.
        weekdays: relative weight of Monday to Sunday.
        season: amplitude of the yearly cosine, highest at New Year.
        trend_per_year: relative growth a year, none in the middle of the timeline.

    Returns:
        Cases a day, shape (days,), with 7 times their mean equal to ``per_week``.
    """
    days = timeline.days
    index = np.arange(len(days))
    years = (index - index.mean()) / _DAYS_PER_YEAR
    in_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    shape = (
        np.array(weekdays)[index % 7]
        * (1 + season * np.cos(2 * np.pi * in_year / _DAYS_PER_YEAR))
        * np.maximum(1 + trend_per_year * years, 0.1)
    )
    return np.asarray(shape / shape.mean() * per_week / 7)
