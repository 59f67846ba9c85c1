"""Indicators: figures of an area and a period, with what they are out of.

Every feed of indicators has the same columns and the same three forms: a count, a share of the
tested, and an estimate with an interval. A figure that is not supplied is no row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import Floats, Texts
from surveillance.periods import Days
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import Moments, codes_as_written, lognormal_days, moments_after
from surveillance.simulate.figures import indicators as figures
from surveillance.simulate.figures.indicators import CountFigure, Release, ShareFigure
from surveillance.simulate.files import day_text, moment_text, number_text

COLUMNS = (
    "figure_id",
    "received_at",
    "period_start",
    "period_precision",
    "area_code",
    "indicator",
    "category",
    "unit",
    "numerator",
    "denominator",
    "value",
    "value_low",
    "value_high",
    "supplier",
    "substance",
    "withdrawn",
)
_PRECISIONS = {1: "month", 3: "quarter", 12: "year"}
_MONTHS_A_YEAR = 12
_APRIL = 4


@dataclass(frozen=True)
class Places:
    """The areas that figures are of.

    Attributes:
        codes: their codes, shape (areas,).
        weights: their share of the cases, shape (areas,).
    """

    codes: Texts
    weights: Floats


@dataclass(frozen=True)
class Periods:
    """Whole periods of so many months within the timeline, shape (periods,)."""

    starts: Days
    months: int

    @property
    def ends(self) -> Days:
        """The day after each period."""
        after = self.starts.astype("datetime64[M]") + self.months
        return np.asarray(after.astype("datetime64[D]"))

    @property
    def precision(self) -> str:
        """Month, quarter or year."""
        return _PRECISIONS[self.months]


def whole_periods(timeline: Timeline, *, months: int) -> Periods:
    """List the periods that lie within the timeline; quarters and years follow April."""
    first = np.datetime64(timeline.first_day, "D")
    last = np.datetime64(timeline.last_day, "D")
    every = np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1)
    month = every.astype(np.int64) % _MONTHS_A_YEAR + 1
    starts = every[(month - _APRIL) % months == 0]
    periods = Periods(starts.astype("datetime64[D]"), months)
    inside = (periods.starts >= first) & (periods.ends <= last + 1)
    return Periods(periods.starts[inside], months)


def places(
    country: Country,
    *,
    level: figures.Level,
    nations: str,
    rates: figures.Rates,
    rng: np.random.Generator,
) -> Places:
    """Choose areas and share the cases out by population, regional rate and chance.

    Args:
        country: areas and populations.
        level: upper-tier authorities, or regions and nations.
        nations: first letters of the nations that supply, such as ``EW``.
        rates: relative rate of each region; 1 where it is not named.
        rng: the part's random numbers.
    """
    supplies = np.array([code[0] in nations for code in country.authorities])
    codes, regions = country.authorities[supplies], country.regions[supplies]
    rate = np.array([rates.get(region, 1.0) for region in regions])
    weights = country.population[supplies] * rate
    weights = weights * np.exp(figures.AUTHORITY_SIGMA * rng.standard_normal(len(codes)))
    if level == "region":
        codes, place = np.unique(regions.astype(str), return_inverse=True)
        weights = np.bincount(place, weights=weights)
    return Places(codes.astype(object), weights / weights.sum())


def counts(
    figure: CountFigure, *, where: Places, periods: Periods, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw one count for each area and period, as it will finally be known."""
    mean = np.outer(where.weights, _level(figure, periods))
    shape = 1 / figure.cv**2
    drawn = rng.poisson(mean * rng.gamma(shape, 1 / shape, size=mean.shape))
    return cells_of(where, periods).assign(
        category=figure.category,
        substance_id=figure.substance_id,
        numerator=drawn.ravel().astype(float),
    )


def _level(figure: CountFigure, periods: Periods) -> Floats:
    """Give the expected cases of all areas together, shape (periods,)."""
    month = periods.starts.astype("datetime64[M]").astype(np.int64) % _MONTHS_A_YEAR + 1
    season = np.array(figure.quarters)[(month - _APRIL) % _MONTHS_A_YEAR // 3]
    middle = (len(month) - 1) / 2
    years = (np.arange(len(month)) - middle) * periods.months / _MONTHS_A_YEAR
    years = np.clip(years, -figures.GROWTH_YEARS, figures.GROWTH_YEARS)
    level = figure.per_year * periods.months / _MONTHS_A_YEAR
    return np.asarray(level * season * (1 + figure.growth) ** years)


def shares(
    figure: ShareFigure, *, where: Places, periods: Periods, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw tests and positives for each area and period; a cell without a test is no row."""
    tested_mean = figure.tested_per_year * periods.months / _MONTHS_A_YEAR * where.weights
    tested = rng.poisson(tested_mean[:, np.newaxis], size=(len(where.codes), len(periods.starts)))
    share = area_shares(figure.share, sd=figure.area_sd, weights=where.weights, rng=rng)
    positive = rng.binomial(tested, share[:, np.newaxis])
    cells = cells_of(where, periods).assign(
        category=figure.category,
        substance_id=figure.substance_id,
        numerator=positive.ravel().astype(float),
        denominator=tested.ravel().astype(float),
    )
    return cells[cells["denominator"] > 0]


def area_shares(share: float, *, sd: float, weights: Floats, rng: np.random.Generator) -> Floats:
    """Let areas differ in a share, so that all together still have the stated one.

    Args:
        share: the share over all areas.
        sd: standard deviation of an area's log odds.
        weights: how much of the tested each area has, shape (areas,).
        rng: the part's random numbers.
    """
    odds = np.log(share / (1 - share)) + sd * rng.standard_normal(len(weights))
    shares = 1 / (1 + np.exp(-odds))
    together = (weights * shares).sum() / weights.sum()
    return np.asarray(np.clip(shares * share / together, 0.0, 1.0))


def cells_of(where: Places, periods: Periods) -> pd.DataFrame:
    """List every area and period, areas outermost."""
    areas, times = len(where.codes), len(periods.starts)
    return pd.DataFrame(
        {
            "day": np.tile(periods.starts, areas),
            "end": np.tile(periods.ends, areas),
            "precision": periods.precision,
            "area_code": np.repeat(where.codes, times),
        }
    )


def published(
    cells: pd.DataFrame, *, release: Release, indicator: str, unit: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Publish figures, one release a period, and some of them again with what was missing.

    Args:
        cells: figures as they will finally be known, with ``day``, ``end``, ``precision``,
            ``area_code``, ``category``, ``substance_id`` and what they say.
        release: when they are published.
        indicator: code of the indicator.
        unit: what the numerator counts.
        rng: the part's random numbers.

    Returns:
        One row a version, the first versions before the revised ones.
    """
    blank = dict.fromkeys(("denominator", "value", "value_low", "value_high"), np.nan)
    missing = {name: value for name, value in blank.items() if name not in cells}
    texts = {name: "" for name in ("supplier", "event_id") if name not in cells}
    final = cells.assign(**missing, **texts, indicator=indicator, unit=unit, withdrawn="false")
    final["figure_id"] = _figure_ids(final)
    first_at = _release_moments(final, release, rng)
    is_revised = rng.random(len(final)) < release.revised_share
    first = final.assign(received_at=first_at)
    if release.first_share < 1:
        known = rng.binomial(final["numerator"].astype(np.int64), release.first_share)
        first["numerator"] = first["numerator"].mask(is_revised, known)
    later = np.timedelta64(release.revised_after_days, "D")
    revised = final[is_revised].assign(received_at=first_at[is_revised] + later)
    return pd.concat([first, revised], ignore_index=True)


def _figure_ids(cells: pd.DataFrame) -> list[str]:
    months = np.datetime_as_string(cells["day"].to_numpy().astype("datetime64[M]")).tolist()
    slugs = {name: "-".join(name.replace(",", "").split()) for name in set(cells["category"])}
    return [
        f"{indicator}/{area}/{month}/{slugs[category]}"
        for indicator, area, month, category in zip(
            cells["indicator"], cells["area_code"], months, cells["category"], strict=True
        )
    ]


def _release_moments(cells: pd.DataFrame, release: Release, rng: np.random.Generator) -> Moments:
    """Give the moment at which each period is released, the same for all its areas."""
    ends, place = np.unique(cells["end"].to_numpy().astype("datetime64[D]"), return_inverse=True)
    lag: npt.NDArray[np.int64] = lognormal_days(rng, lag=release.lag, size=len(ends))
    return moments_after(rng, days=ends, lag_days=lag)[place]


def rows(cases: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Write the figures known at the end as rows of the feed, oldest receipt first."""
    limit = np.datetime64(timeline.as_of.replace(tzinfo=None), "s")
    known = cases[cases["received_at"] <= limit].sort_values("received_at", kind="stable")
    as_drawn = ("indicator", "category", "unit", "supplier", "withdrawn", "event_id")
    return pd.DataFrame(
        {
            "figure_id": known["figure_id"].to_numpy(),
            "received_at": moment_text(known["received_at"]),
            "period_start": day_text(known["day"]),
            "period_precision": known["precision"].to_numpy(),
            "area_code": codes_as_written(known, known["received_at"].to_numpy()),
            "substance": known["substance_id"].to_numpy(),
            **{name: known[name].to_numpy() for name in as_drawn},
            **{
                name: number_text(known[name], "{:.0f}")
                for name in ("numerator", "denominator", "value", "value_low", "value_high")
            },
        }
    )
