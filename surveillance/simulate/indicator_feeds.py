"""The eight feeds of indicators of the simulated country, each drawn from its figures.

Five are counts or shares of the tested and nothing else; ``PLAIN_INDICATORS`` describes them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, Flags, Floats, Texts
from surveillance.periods import Days
from surveillance.simulate import indicators
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import Cases
from surveillance.simulate.figures import deaths as death_figures
from surveillance.simulate.figures import indicators as figures
from surveillance.simulate.figures.indicators import CountFigure, Release, ShareFigure
from surveillance.simulate.world import World

_POLICE_AREAS = ("E23", "W15")
_MONTH, _QUARTER, _YEAR = 1, 3, 12
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class PlainIndicator:
    """A feed of counts or of shares of the tested.

    Attributes:
        indicator: its code, which is the feed's name.
        measured: what is counted, or tested for.
        level: the areas that figures are of.
        nations: first letters of the nations that supply.
        months: months of a period.
        rates: relative rate of each region.
        release: when figures come.
        unit: what the numerator counts.
    """

    indicator: str
    measured: tuple[CountFigure, ...] | tuple[ShareFigure, ...]
    level: figures.Level
    nations: str
    months: int
    rates: figures.Rates
    release: Release
    unit: str

    def background(self, world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
        """Draw every figure of the feed, version by version."""
        periods = indicators.whole_periods(world.timeline, months=self.months)
        where = indicators.places(
            world.country, level=self.level, nations=self.nations, rates=self.rates, rng=rng
        )
        drawn = [
            indicators.counts(figure, where=where, periods=periods, rng=rng)
            if isinstance(figure, CountFigure)
            else indicators.shares(figure, where=where, periods=periods, rng=rng)
            for figure in self.measured
        ]
        return indicators.published(
            pd.concat(drawn, ignore_index=True),
            release=self.release,
            indicator=self.indicator,
            unit=self.unit,
            rng=rng,
        )


PLAIN_INDICATORS = (
    PlainIndicator(
        indicator="treatment_presentations",
        measured=figures.TREATMENT,
        level="authority",
        nations="E",
        months=_MONTH,
        rates=death_figures.DEATH_RATES,
        release=figures.TREATMENT_RELEASE,
        unit="people",
    ),
    PlainIndicator(
        indicator="hospital_admissions",
        measured=figures.ADMISSIONS,
        level="authority",
        nations="E",
        months=_MONTH,
        rates=figures.ADMISSION_RATES,
        release=figures.ADMISSION_RELEASE,
        unit="admissions",
    ),
    PlainIndicator(
        indicator="blood_borne_viruses",
        measured=figures.VIRUSES,
        level="region",
        nations="EWN",
        months=_YEAR,
        rates=figures.EVEN,
        release=figures.VIRUS_RELEASE,
        unit="people",
    ),
    PlainIndicator(
        indicator="release_deaths",
        measured=figures.RELEASE_DEATHS,
        level="region",
        nations="EW",
        months=_QUARTER,
        rates=figures.EVEN,
        release=figures.RELEASE_DEATHS_RELEASE,
        unit="deaths",
    ),
    PlainIndicator(
        indicator="prison_tests",
        measured=figures.PRISON_TESTS,
        level="region",
        nations="EW",
        months=_MONTH,
        rates=figures.EVEN,
        release=figures.PRISON_RELEASE,
        unit="tests",
    ),
)


def acquisitive_crime(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw seven categories of recorded crime by authority and month, England and Wales."""
    country = world.country
    periods = indicators.whole_periods(world.timeline, months=1)
    where = indicators.places(
        country, level="authority", nations="EW", rates=figures.CRIME_RATES, rng=rng
    )
    drawn = [
        indicators.counts(figure, where=where, periods=periods, rng=rng)
        for figure in figures.CRIMES
    ]
    cells = pd.concat(drawn, ignore_index=True)
    cells = cells.assign(supplier=cells["area_code"].map(_forces(country)).fillna(""))
    return indicators.published(
        cells[~_in_gap(cells, rng)],
        release=figures.CRIME_RELEASE,
        indicator="acquisitive_crime",
        unit="crimes",
        rng=rng,
    )


def _forces(country: Country) -> dict[str, str]:
    """Say which police area each authority lies in."""
    return {
        member: area.code
        for area in country.register.areas.all()
        if area.kind == "police_area"
        for member in area.members
    }


def _in_gap(cells: pd.DataFrame, rng: np.random.Generator) -> Flags:
    """Say which figures fall into a time in which their force supplied nothing."""
    forces, months = np.unique(cells["supplier"]), np.unique(cells["day"])
    missing = np.zeros((len(forces), len(months)), dtype=bool)
    begins = rng.random(missing.shape) < figures.GAP_SHARE
    lasts = rng.geometric(1 / figures.GAP_MONTHS, size=missing.shape)
    for force, month in np.argwhere(begins).tolist():
        missing[force, month : month + int(lasts[force, month])] = True
    force_of = np.searchsorted(forces, cells["supplier"])
    month_of = np.searchsorted(months, cells["day"])
    return np.asarray(missing[force_of, month_of])


def arrest_tests(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw tests on arrest and positives by police area and month; the set of forces grows."""
    periods = indicators.whole_periods(world.timeline, months=1)
    forces, sizes = _testing_forces(world.country, rng)
    joined = _joining_months(len(forces))
    begun = periods.starts[np.newaxis, :] >= joined[:, np.newaxis]
    scale = figures.ARREST_TESTS / (sizes * _months_in_growth(joined)).sum()
    shape = 1 / figures.ARREST_CV**2
    tested = rng.poisson((scale * sizes)[:, np.newaxis] * rng.gamma(shape, 1 / shape, begun.shape))
    share = indicators.area_shares(
        figures.ARREST_POSITIVE, sd=figures.ARREST_FORCE_SD, weights=sizes, rng=rng
    )
    positive = rng.binomial(tested, share[:, np.newaxis])
    every = indicators.Places(forces, sizes / sizes.sum())
    cells = indicators.cells_of(every, periods).assign(
        category="opiates or cocaine",
        substance_id=ALL_SUBSTANCES,
        numerator=positive.ravel().astype(float),
        denominator=tested.ravel().astype(float),
        joined=np.repeat(joined, len(periods.starts)),
    )
    cells = cells[begun.ravel() & (cells["denominator"] > 0).to_numpy()]
    return indicators.published(
        cells.assign(supplier=cells["area_code"]),
        release=figures.ARREST_RELEASE,
        indicator="arrest_tests",
        unit="tests",
        rng=rng,
    )


def _testing_forces(country: Country, rng: np.random.Generator) -> tuple[Texts, Floats]:
    """Choose the forces that will supply tests, and how large each is beside the others."""
    areas = [area for area in country.register.areas.all() if area.code.startswith(_POLICE_AREAS)]
    chosen = [areas[place] for place in rng.permutation(len(areas))[: figures.ARREST_FORCES[1]]]
    codes = np.array([area.code for area in chosen], dtype=object)
    return codes, np.sqrt([float(area.population or 0) for area in chosen])


def _joining_months(forces: int) -> Days:
    """Give the day from which each force supplies; the first ones always did."""
    first, last = (np.datetime64(month, "M") for month in figures.ARREST_GROWTH)
    later = np.arange(1, forces - figures.ARREST_FORCES[0] + 1)
    after = np.rint(later * ((last - first).astype(np.int64) / len(later))).astype(np.int64)
    always = np.full(figures.ARREST_FORCES[0], np.datetime64("1970-01", "M"))
    return np.concatenate([always, first + after]).astype("datetime64[D]")


def _months_in_growth(joined: Days) -> Floats:
    """Count the months of the growing time in which each force supplied."""
    first, last = (np.datetime64(month, "M") for month in figures.ARREST_GROWTH)
    began = np.maximum(joined.astype("datetime64[M]"), first)
    return np.asarray((last - began).astype(np.float64))


def opiate_crack_use(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw estimates of people who use opiates or crack, by authority and year, England.

    The years reach back before the timeline, for an estimate comes years after its year.
    """
    country = world.country
    where = indicators.places(
        country, level="authority", nations="E", rates=death_figures.DEATH_RATES, rng=rng
    )
    periods = _estimated_years(world.timeline)
    base = figures.OCU_PEOPLE * where.weights
    base = base * np.exp(figures.OCU_SIGMA * rng.standard_normal(len(base)))
    base = base / base.sum() * figures.OCU_PEOPLE
    years = np.arange(len(periods.starts)) - (len(periods.starts) - 1) / 2
    value = np.rint(np.outer(base, (1 + figures.OCU_GROWTH) ** years))
    people = dict(zip(country.authorities, country.population, strict=True))
    aged = np.array([people[code] for code in where.codes]) * figures.OCU_AGED_SHARE
    half = value * figures.OCU_HALF_WIDTH
    cells = indicators.cells_of(where, periods).assign(
        category="opiates or crack",
        substance_id="opioids",
        numerator=np.nan,
        denominator=np.repeat(np.rint(aged), len(years)),
        value=value.ravel(),
        value_low=np.rint(value - half).ravel(),
        value_high=np.rint(value + half).ravel(),
    )
    drawn = indicators.published(
        cells, release=figures.OCU_RELEASE, indicator="opiate_crack_use", unit="people", rng=rng
    )
    return pd.concat([drawn, _by_new_method(drawn)], ignore_index=True)


def _estimated_years(timeline: Timeline) -> indicators.Periods:
    """List the financial years whose estimates are published, without those never made."""
    back = round(figures.OCU_RELEASE.lag[0] / _DAYS_PER_YEAR) + 1
    first, last = timeline.first_day.year - back, timeline.last_day.year
    years = [year for year in range(first, last) if year % figures.OCU_YEAR_WITHOUT]
    starts = np.array([f"{year}-04-01" for year in years], dtype="datetime64[D]")
    return indicators.Periods(starts, _YEAR)


def _by_new_method(drawn: pd.DataFrame) -> pd.DataFrame:
    """Send the estimates of the first year again, as a changed method gives them."""
    first = drawn[drawn["day"] == drawn["day"].min()]
    later = np.timedelta64(figures.OCU_RELEASE.revised_after_days, "D")
    raised = {
        name: (first[name] * figures.OCU_REVISION).round()
        for name in ("value", "value_low", "value_high")
    }
    revised: pd.DataFrame = first.assign(received_at=first["received_at"] + later, **raised)
    return revised
