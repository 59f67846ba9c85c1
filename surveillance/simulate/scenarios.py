"""Planted events: harms shaped on real ones, whose truth is known.

A scenario takes the country as drawn so far and returns it with its rows added or changed,
and what it planted. It draws from a stream of its own: leaving one out moves nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, PlantedEvent
from surveillance.periods import Days
from surveillance.simulate import copies, deaths, reports
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import Cases, choose, lognormal_days, moments_after
from surveillance.simulate.figures import deaths as death_figures
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.world import World


@dataclass(frozen=True)
class Planting:
    """One event to plant: what, where, and how many days before the end it is over."""

    event_id: str
    scenario: str
    substance_id: str
    area_code: str
    days_before_end: int


@dataclass(frozen=True)
class Scene:
    """The country as drawn so far, and the stream of numbers of the event to plant."""

    world: World
    cases: Cases
    rng: np.random.Generator

    @property
    def country(self) -> Country:
        """Areas, populations and words."""
        return self.world.country

    @property
    def timeline(self) -> Timeline:
        """The simulated weeks."""
        return self.world.timeline


Planted = tuple[Cases, tuple[PlantedEvent, ...]]


@dataclass(frozen=True)
class Scenario:
    """A kind of event.

    ``needs_days`` is how many simulated days must lie at or before its last day.
    """

    plant: Callable[[Scene, Planting], Planted]
    needs_days: int


def _event(
    planting: Planting, *, kind: str, days: tuple[date, date], size: int, right: bool = True
) -> PlantedEvent:
    return PlantedEvent(
        event_id=planting.event_id,
        scenario=planting.scenario,
        kind=kind,
        substance_id=planting.substance_id,
        area_code=planting.area_code,
        first_day=days[0],
        last_day=days[1],
        size=size,
        alert_is_right=right,
    )


def _days_of(scene: Scene, planting: Planting, lasts: int) -> tuple[date, date]:
    last = scene.timeline.before_end(planting.days_before_end)
    return last - timedelta(days=lasts - 1), last


def _spread(scene: Scene, days: tuple[date, date], size: int) -> Days:
    """Draw days within an event; its first and its last day always have a case."""
    first = np.datetime64(days[0], "D")
    offsets = scene.rng.integers(0, (days[1] - days[0]).days + 1, size=size)
    offsets[0] = 0
    offsets[-1] = (days[1] - days[0]).days
    return np.sort(first + offsets)


def _authorities(scene: Scene, area_code: str, size: int) -> list[str]:
    weights = scene.country.weights(area_code)
    drawn = scene.rng.choice(len(weights), size=size, p=weights)
    return [str(code) for code in scene.country.authorities[drawn]]


def _reports(
    scene: Scene, planting: Planting, days: Days, *, names: list[str], setting: str
) -> pd.DataFrame:
    """Reports of one planted event, each received within two days of the harm."""
    harms = pd.DataFrame(
        {
            "day": days,
            "area_code": _authorities(scene, planting.area_code, len(days)),
            "substance_id": names,
            "setting": setting,
            "harm_id": _harm_ids(planting, len(days)),
        }
    )
    lag = scene.rng.integers(0, 3, size=len(days))
    planted = reports.with_details(harms, lag_days=lag, country=scene.country, rng=scene.rng)
    return planted.assign(event_id=planting.event_id)


def _harm_ids(planting: Planting, size: int) -> list[str]:
    return [f"{planting.event_id}-{number:02d}" for number in range(1, size + 1)]


def _with(cases: Cases, kind: str, planted: pd.DataFrame) -> Cases:
    return {**cases, kind: pd.concat([cases[kind], planted], ignore_index=True)}


_CLUSTER_DEATHS, _CLUSTER_REPORTS, _CLUSTER_DAYS = 18, 25, 84
_CLUSTER_REPORTS_LAST = 7
_CLUSTER_SCENE = {"substance": 0.4, "group": 0.3, "heroin": 0.2, "unknown": 0.1}
_LATEST_SUSPICION = 10


def cluster_with_deaths(scene: Scene, planting: Planting) -> Planted:
    """A: twelve weeks of deaths and of harms survived, over one region."""
    of_deaths = replace(planting, event_id=f"{planting.event_id}-deaths")
    of_reports = replace(planting, event_id=f"{planting.event_id}-reports")
    days = _days_of(scene, planting, _CLUSTER_DAYS)
    died = _cluster_deaths(scene, of_deaths, _spread(scene, days, _CLUSTER_DEATHS))
    later = (days[0], days[1] + timedelta(days=_CLUSTER_REPORTS_LAST))
    survived = _reports(
        scene,
        of_reports,
        _spread(scene, later, _CLUSTER_REPORTS),
        names=[planting.substance_id] * _CLUSTER_REPORTS,
        setting="community",
    )
    cases = _with(_with(scene.cases, "deaths", died), "reaction_reports", survived)
    return cases, (
        _event(of_deaths, kind="death", days=days, size=_CLUSTER_DEATHS),
        _event(of_reports, kind="reaction_report", days=later, size=_CLUSTER_REPORTS),
    )


def _cluster_deaths(scene: Scene, planting: Planting, days: Days) -> pd.DataFrame:
    """Deaths of one cause: all suspected within ten days, for a cluster is looked for."""
    country, rng, n = scene.country, scene.rng, len(days)
    areas = _authorities(scene, planting.area_code, n)
    shares = np.array([share for share, _ in death_figures.DEATH_SUBSTANCES.values()])
    involved = rng.random((n, len(shares))) < shares
    involved[:, list(death_figures.DEATH_SUBSTANCES).index(planting.substance_id)] = True
    died = pd.DataFrame(
        {
            "day": days,
            "area_code": areas,
            "cleared": False,
            "harm_id": _harm_ids(planting, n),
        }
    )
    died = deaths.with_toxicology(died, detected=involved, country=country, rng=rng)
    words = {
        "substance": country.preferred(planting.substance_id),
        "group": country.preferred(country.group_of(planting.substance_id)),
        "heroin": country.preferred("heroin"),
        "unknown": "",
    }
    scene_words = [words[how] for how in choose(rng, shares=_CLUSTER_SCENE, size=n)]
    died = deaths.with_clocks(died.assign(scene=scene_words, event_id=planting.event_id), rng=rng)
    lag = np.minimum(
        lognormal_days(rng, lag=death_figures.SUSPECTED_LAG, size=n), _LATEST_SUSPICION
    )
    # A suspicion is older than a registration, also where the inquest was quick.
    latest = died["registered_at"].to_numpy() - np.timedelta64(1, "D")
    return died.assign(suspected_at=np.minimum(moments_after(rng, days=days, lag_days=lag), latest))


_BURST_DAYS = 4
# 57 overdoses in four days [V:51]; about one in six becomes a report [J].
# The laboratory found another opioid than was sold, from the second day on [V:51].
_BURST_FOUND = "metonitazene"
_BURST = ("heroin",) * 6 + ("opioids",) * 2 + (_BURST_FOUND,) * 2


def burst(scene: Scene, planting: Planting) -> Planted:
    """B: overdoses survived, in one authority and four days."""
    days = _days_of(scene, planting, _BURST_DAYS)
    names = [str(name) for name in scene.rng.permutation(_BURST)]
    planted = _reports(
        scene, planting, _spread(scene, days, len(_BURST)), names=names, setting="community"
    )
    by_laboratory = planted["substance_id"] == _BURST_FOUND
    planted = planted.assign(
        identification_basis=planted["identification_basis"].mask(by_laboratory, "confirmed")
    )
    event = _event(planting, kind="reaction_report", days=days, size=len(_BURST))
    return _with(scene.cases, "reaction_reports", planted), (event,)


_DROUGHT_DAYS = 182


def drought(scene: Scene, planting: Planting) -> Planted:
    """C: for half a year dealers cut a drug; purity halves while the price falls a little."""
    days = _days_of(scene, planting, _DROUGHT_DAYS)
    market = scene.cases["price_purity"]
    first, last = (np.datetime64(day, "s") for day in days)
    inside = (market["day"] >= first) & (market["day"] <= last)
    inside &= market["substance_id"] == planting.substance_id
    factors = {
        "price_gbp": figures.DROUGHT_PRICE_FACTOR,
        "purity_percent": figures.DROUGHT_PURITY_FACTOR,
    }
    changed = {
        column: market[column].mask(inside, market[column] * factor)
        for column, factor in factors.items()
    }
    market = market.assign(**changed, event_id=market["event_id"].mask(inside, planting.event_id))
    event = _event(planting, kind="market_observation", days=days, size=int(inside.sum()))
    return {**scene.cases, "price_purity": market}, (event,)


_BACKLOG_DAYS, _BACKLOG_WAITED_DAYS = 5, 182


def backlog(scene: Scene, planting: Planting) -> Planted:
    """D: a coroner who has closed no inquest for half a year closes them all in one week.

    Nobody dies of it: an alert is wrong.
    """
    days = _days_of(scene, planting, _BACKLOG_DAYS)
    died = scene.cases["deaths"]
    areas = scene.country.register.areas.descendants(planting.area_code)
    waiting_since = np.datetime64(days[0] - timedelta(days=_BACKLOG_WAITED_DAYS), "s")
    waits = (
        died["area_code"].isin(areas)
        & (died["registered_on"] >= waiting_since)
        & (died["registered_on"] <= np.datetime64(days[1], "s"))
    )
    held = died[waits]
    within = scene.rng.integers(0, _BACKLOG_DAYS, size=len(held))
    coding = lognormal_days(scene.rng, lag=death_figures.CODING_LAG, size=len(held))
    cleared = deaths.registered(
        held, registered_on=np.datetime64(days[0], "D") + within, coding_days=coding, rng=scene.rng
    ).assign(event_id=planting.event_id)
    cases = {**scene.cases, "deaths": pd.concat([died[~waits], cleared]).sort_index()}
    event = _event(planting, kind="death", days=days, size=len(held), right=False)
    return cases, (event,)


_PRISON_REPORTS, _PRISON_DAYS = 9, 10
_PRISON_PRODUCTS = {"synthetic_cannabinoids": 0.7, "mdmb_4en_pinaca": 0.3}


def prison_cluster(scene: Scene, planting: Planting) -> Planted:
    """F: collapses on one product in one prison, which only the setting tells apart."""
    days = _days_of(scene, planting, _PRISON_DAYS)
    names = [str(name) for name in choose(scene.rng, shares=_PRISON_PRODUCTS, size=_PRISON_REPORTS)]
    planted = _reports(
        scene, planting, _spread(scene, days, _PRISON_REPORTS), names=names, setting="prison"
    )
    planted = planted.assign(reporter_role="prison", sex="male")
    event = _event(planting, kind="reaction_report", days=days, size=_PRISON_REPORTS)
    return _with(scene.cases, "reaction_reports", planted), (event,)


def novel_substance(scene: Scene, planting: Planting) -> Planted:
    """G: one report of an opioid that nobody has reported before, confirmed by a laboratory."""
    days = _days_of(scene, planting, 1)
    planted = _reports(
        scene,
        planting,
        _spread(scene, days, 1),
        names=[planting.substance_id],
        setting="hospital",
    )
    planted = planted.assign(identification_basis="confirmed", reporter_role="emergency_department")
    event = _event(planting, kind="reaction_report", days=days, size=1)
    return _with(scene.cases, "reaction_reports", planted), (event,)


_TWIN_HARMS, _TWIN_DAYS = 6, 5


def reported_twice(scene: Scene, planting: Planting) -> Planted:
    """I: six harms in one city, each reported by the hospital and by the ambulance service.

    The size is the harms, half the rows: one signal is right, and twice the count is not.
    """
    days = _days_of(scene, planting, _TWIN_DAYS)
    harms = _reports(
        scene,
        planting,
        _spread(scene, days, _TWIN_HARMS),
        names=[planting.substance_id] * _TWIN_HARMS,
        setting="community",
    )
    everyone = np.ones(_TWIN_HARMS, dtype=bool)
    planted = copies.with_twins(harms, twice=everyone, country=scene.country, rng=scene.rng)
    # However the two disagree, both lie in the city and the days that the truth states.
    planted = planted.assign(
        area_code=planting.area_code,
        day=np.minimum(planted["day"].to_numpy().astype("datetime64[D]"), np.datetime64(days[1])),
    )
    event = _event(planting, kind="reaction_report", days=days, size=_TWIN_HARMS)
    return _with(scene.cases, "reaction_reports", planted), (event,)


SCENARIOS: Mapping[str, Scenario] = {
    "A": Scenario(cluster_with_deaths, _CLUSTER_DAYS),
    "B": Scenario(burst, _BURST_DAYS),
    "C": Scenario(drought, _DROUGHT_DAYS),
    "D": Scenario(backlog, _BACKLOG_DAYS + _BACKLOG_WAITED_DAYS),
    "F": Scenario(prison_cluster, _PRISON_DAYS),
    "G": Scenario(novel_substance, 1),
    "I": Scenario(reported_twice, _TWIN_DAYS),
}

# The first plantings fall into or touch the last fortnight, the others lie earlier.
PLAN: tuple[Planting, ...] = (
    Planting("A1", "A", "protonitazene", "E12000005", 13),
    Planting("B1", "B", "opioids", "E08000032", 3),
    Planting("D1", "D", ALL_SUBSTANCES, "E10000008", 9),
    Planting("F1", "F", "synthetic_cannabinoids", "E06000047", 2),
    Planting("G1", "G", "n_desethyl_isotonitazene", "N09000003", 4),
    Planting("I1", "I", "bromazolam", "W06000015", 8),
    Planting("B2", "B", "opioids", "S12000049", 60 * 7 + 2),
    Planting("C1", "C", "heroin", "K02000001", 104 * 7),
    Planting("D2", "D", ALL_SUBSTANCES, "E10000017", 90 * 7 + 2),
    Planting("F2", "F", "synthetic_cannabinoids", "E10000028", 130 * 7 + 1),
    Planting("G2", "G", "isotonitazene", "E08000003", 150 * 7 + 3),
    Planting("I2", "I", "etizolam", "E08000035", 45 * 7 + 1),
)


def plant(scene: Scene, planting: Planting) -> Planted:
    """Plant one event; where the simulated weeks are too few for it, nothing is planted."""
    scenario = SCENARIOS[planting.scenario]
    simulated = (scene.timeline.last_day - scene.timeline.first_day).days + 1
    if simulated - planting.days_before_end < scenario.needs_days:
        return scene.cases, ()
    return scenario.plant(scene, planting)
