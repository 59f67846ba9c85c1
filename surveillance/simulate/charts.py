"""What the chart of each feed shows: tables by period and series, made of the rows as written.

``pictures`` draws them. Rows are read as they are known at the end, the newest version of each
record; what the source withdrew is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from surveillance.domain import PlantedEvent
from surveillance.errors import InputError
from surveillance.simulate import pictures
from surveillance.simulate.drawing import DrawnCountry
from surveillance.simulate.files import write_files
from surveillance.simulate.generators import GENERATORS
from surveillance.simulate.pictures import Panel, Picture
from surveillance.simulate.scenarios import SCENARIOS
from surveillance.simulate.world import World

Length = Literal["month", "quarter", "year"]
_LETTERS: Mapping[Length, str] = {"month": "M", "quarter": "Q", "year": "Y"}
_GRAM = "1"
Panels = Callable[[pd.DataFrame], tuple[Panel, ...]]


@dataclass(frozen=True)
class FeedChart:
    """How the chart of one feed is made.

    Attributes:
        title: what it shows.
        day: the column that says when something happened.
        length: the length of a period.
        settles_after_days: days after a period's end until nearly all of it is known.
        panels: makes the panels of the newest rows, which have a ``period``.
    """

    title: str
    day: str
    length: Length
    settles_after_days: int
    panels: Panels


def _counted(axis: str, column: str, *, kept: tuple[str, ...] = ()) -> Panels:
    """Count records by the values of a column; those that are not kept are *other*."""

    def panels(rows: pd.DataFrame) -> tuple[Panel, ...]:
        series = rows[column]
        if kept:
            series = series.where(series.isin(kept), "other")
        return (Panel(axis, _sums(rows.assign(series=series, value=1.0)), mark="bar"),)

    return panels


def _figures(axis: str, *, mark: Literal["bar", "line"]) -> Panels:
    """Add up the figures of all areas, by category."""

    def panels(rows: pd.DataFrame) -> tuple[Panel, ...]:
        table = rows.assign(series=rows["category"], value=_numbers(rows["numerator"]))
        return (Panel(axis, _sums(table), mark=mark),)

    return panels


def _shares(rows: pd.DataFrame) -> tuple[Panel, ...]:
    return (Panel("Positive, %", _positive(rows), mark="line"),)


def _tests(rows: pd.DataFrame) -> tuple[Panel, ...]:
    tests = _sums(rows.assign(series="tests", value=_numbers(rows["denominator"])))
    forces = rows.groupby("period")["area_code"].nunique().rename("value").reset_index()
    return (
        Panel("Tests a month", tests, mark="bar"),
        Panel("Forces", forces.assign(series="forces"), mark="line", from_zero=True),
        Panel("Positive, %", _positive(rows), mark="line"),
    )


def _positive(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = rows.assign(
        numerator=_numbers(rows["numerator"]), denominator=_numbers(rows["denominator"])
    ).dropna(subset=["numerator", "denominator"])
    sums = numbers.groupby(["period", "category"])[["numerator", "denominator"]].sum()
    share = (100 * sums["numerator"] / sums["denominator"]).rename("value").reset_index()
    return share.rename(columns={"category": "series"})


def _estimates(rows: pd.DataFrame) -> tuple[Panel, ...]:
    ends = {name: _numbers(rows[name]) / 1000 for name in ("value", "value_low", "value_high")}
    sums = pd.DataFrame({"period": rows["period"], **ends}).groupby("period").sum().reset_index()
    table = sums.rename(columns={"value_low": "low", "value_high": "high"})
    return (Panel("People, thousands", table.assign(series="opiates or crack"), mark="line"),)


def _market(rows: pd.DataFrame) -> tuple[Panel, ...]:
    heroin = rows[rows["substance"].str.casefold() == "heroin"]
    deals = heroin[(heroin["deal_mass_g"] == _GRAM) & (heroin["price_gbp"] != "")]
    return (
        Panel("Heroin, £ a gram", _middle(deals, "price_gbp"), mark="line"),
        Panel("Heroin, % pure", _middle(heroin, "purity_percent"), mark="line"),
    )


def _middle(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    numbers = rows.assign(value=_numbers(rows[column])).dropna(subset=["value"])
    return numbers.groupby("period")["value"].median().reset_index().assign(series="heroin")


def _sums(table: pd.DataFrame) -> pd.DataFrame:
    sums = table.groupby(["period", "series"], observed=True)["value"].sum()
    return sums.reset_index()


def _numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce")


CHARTS: Mapping[str, FeedChart] = {
    "deaths": FeedChart(
        "Drug-poisoning deaths by month of death, as far as each is settled at the end",
        "date_of_death",
        "month",
        300,
        _counted("Deaths", "status"),
    ),
    "reaction_reports": FeedChart(
        "Reaction reports by month of the harm and setting",
        "event_date",
        "month",
        14,
        _counted("Reports", "setting", kept=("community", "prison", "hostel")),
    ),
    "price_purity": FeedChart(
        "Price and purity of heroin: median by month, United Kingdom",
        "observed_on",
        "month",
        21,
        _market,
    ),
    "sightings": FeedChart(
        "Sightings by month of the result and who found the sample",
        "identified_on",
        "month",
        3,
        _counted("Sightings", "found_by"),
    ),
    "street_events": FeedChart(
        "Notices of local systems by month and grade",
        "noticed_on",
        "month",
        21,
        _counted("Notices", "grade"),
    ),
    "acquisitive_crime": FeedChart(
        "Recorded acquisitive crimes by month, England and Wales",
        "period_start",
        "month",
        150,
        _figures("Crimes", mark="line"),
    ),
    "arrest_tests": FeedChart(
        "Drug tests on arrest by month: tests follow the forces, positivity does not",
        "period_start",
        "month",
        45,
        _tests,
    ),
    "opiate_crack_use": FeedChart(
        "Estimated opiate and crack users by year, England",
        "period_start",
        "year",
        365,
        _estimates,
    ),
    "treatment_presentations": FeedChart(
        "People entering treatment by month, England",
        "period_start",
        "month",
        160,
        _figures("People", mark="line"),
    ),
    "hospital_admissions": FeedChart(
        "Admissions for drug poisoning by month, England",
        "period_start",
        "month",
        120,
        _figures("Admissions", mark="bar"),
    ),
    "blood_borne_viruses": FeedChart(
        "Blood-borne viruses among people who inject, by survey year",
        "period_start",
        "year",
        240,
        _shares,
    ),
    "release_deaths": FeedChart(
        "Deaths after release from prison by quarter, England and Wales",
        "period_start",
        "quarter",
        580,
        _figures("Deaths", mark="bar"),
    ),
    "prison_tests": FeedChart(
        "Random drug tests in prisons by month, England and Wales",
        "period_start",
        "month",
        45,
        _shares,
    ),
}


def draw_charts(folder: Path, drawn: DrawnCountry, *, world: World) -> tuple[Path, ...]:
    """Draw one chart a feed as PNG, with the planted events marked.

    Args:
        folder: where the pictures go; made where it is missing.
        drawn: the country.
        world: its weeks.

    Returns:
        The files, one for each feed that has rows.

    Raises:
        InputError: the folder cannot be written.
    """
    contents = {
        f"{feed}.png": pictures.to_png(picture_of(feed, drawn, world=world))
        for feed in GENERATORS
        if len(drawn.rows[feed])
    }
    try:
        write_files(folder, contents, replace=True)
    except InputError as error:
        raise InputError(f"The charts were not drawn. {error}") from error
    return tuple(folder / name for name in contents)


def picture_of(feed: str, drawn: DrawnCountry, *, world: World) -> Picture:
    """Put the newest rows of a feed into the panels of its chart."""
    chart, generator = CHARTS[feed], GENERATORS[feed]
    rows = _newest(drawn.rows[feed], generator.key)
    days = pd.to_datetime(rows[chart.day], errors="coerce")
    inside = days.notna() & (days <= pd.Timestamp(world.timeline.last_day))
    rows = rows.assign(period=days.dt.to_period(_LETTERS[chart.length]).dt.start_time)[inside]
    as_of = pd.Timestamp(world.timeline.as_of.replace(tzinfo=None))
    settled_until = as_of - pd.Timedelta(days=chart.settles_after_days)
    return Picture(
        title=f"{chart.title} (simulated)",
        length=chart.length,
        panels=chart.panels(rows),
        settled=(_begins(chart, rows, world), settled_until),
        events=tuple(event for event in drawn.events if _shows(feed, event)),
        last_day=world.timeline.last_day,
    )


def _begins(chart: FeedChart, rows: pd.DataFrame, world: World) -> pd.Timestamp:
    """Give the first moment that the feed covers whole: figures are of whole periods only."""
    if chart.day == "period_start":
        return pd.Timestamp(rows["period"].min())
    return pd.Timestamp(world.timeline.first_day)


def _shows(feed: str, event: PlantedEvent) -> bool:
    return feed in SCENARIOS[event.scenario].feeds and GENERATORS[feed].kind == event.kind


def _newest(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    newest = rows.sort_values("received_at", kind="stable").drop_duplicates(key, keep="last")
    is_withdrawn = np.isin(newest["withdrawn"].astype(str).str.lower(), "true")
    return newest[~is_withdrawn]
