"""Scenarios of harm: clusters, a burst, a prison, one harm that several tell of."""

from dataclasses import replace

import numpy as np
import pandas as pd

from surveillance.periods import Days
from surveillance.simulate import copies, deaths, reports
from surveillance.simulate.draws import choose, lognormal_days, moments_after
from surveillance.simulate.figures import deaths as death_figures
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.scenarios.samples import samples_of
from surveillance.simulate.scenarios.scene import (
    Planted,
    Planting,
    Scene,
    added,
    authorities,
    days_of,
    event_of,
    harms_of,
    reports_of,
    spread,
)


def cluster_with_deaths(scene: Scene, planting: Planting) -> Planted:
    """A: a summer of deaths and of harms survived, over one region."""
    of_deaths = replace(planting, event_id=f"{planting.event_id}-deaths")
    of_reports = replace(planting, event_id=f"{planting.event_id}-reports")
    days = days_of(scene, planting, figures.CLUSTER_DAYS)
    died = _cluster_deaths(scene, of_deaths, spread(scene, days, figures.CLUSTER_DEATHS))
    survived = reports_of(
        scene,
        of_reports,
        spread(scene, days, figures.CLUSTER_REPORTS),
        names=[planting.substance_id] * figures.CLUSTER_REPORTS,
        setting="community",
    )
    cases = added(added(scene.cases, "deaths", died), "reaction_reports", survived)
    return cases, (
        event_of(of_deaths, kind="death", days=days, size=len(died)),
        event_of(of_reports, kind="reaction_report", days=days, size=len(survived)),
    )


def _cluster_deaths(scene: Scene, planting: Planting, days: Days) -> pd.DataFrame:
    """Draw deaths of one cause, all suspected within days, for a cluster is looked for."""
    country, n = scene.country, len(days)
    areas = authorities(scene, planting.area_code, n)
    died = _died(scene, planting, days, areas=areas)
    words = {
        "substance": country.preferred(planting.substance_id),
        "group": country.preferred(country.group_of(planting.substance_id)),
        "heroin": country.preferred("heroin"),
        "unknown": "",
    }
    scene_words = [words[how] for how in choose(scene.rng, shares=figures.CLUSTER_SCENE, size=n)]
    return died.assign(scene=scene_words)


def _died(scene: Scene, planting: Planting, days: Days, *, areas: list[str]) -> pd.DataFrame:
    """Draw deaths that involve the event's substance, each suspected within ten days."""
    rng, n = scene.rng, len(days)
    died = pd.DataFrame(
        {"day": days, "area_code": areas, "cleared": False, "harm_id": harms_of(planting, n)}
    )
    shares = np.array([share for share, _ in death_figures.DEATH_SUBSTANCES.values()])
    involved = rng.random((n, len(shares))) < shares
    involved[:, list(death_figures.DEATH_SUBSTANCES).index(planting.substance_id)] = True
    died = deaths.with_toxicology(died, detected=involved, country=scene.country, rng=rng)
    died = deaths.with_clocks(died, rng=rng).assign(event_id=planting.event_id)
    lag = lognormal_days(rng, lag=death_figures.SUSPECTED_LAG, size=n)
    lag = np.minimum(lag, figures.CLUSTER_LATEST_SUSPICION)
    # A suspicion is older than a registration, also where the inquest was quick.
    latest = died["registered_at"].to_numpy() - np.timedelta64(1, "D")
    return died.assign(suspected_at=np.minimum(moments_after(rng, days=days, lag_days=lag), latest))


def burst(scene: Scene, planting: Planting) -> Planted:
    """B: overdoses survived in one authority and four days; a laboratory says what it was."""
    days = days_of(scene, planting, figures.BURST_DAYS)
    size = planting.size or figures.BURST_REPORTS
    harmed = spread(scene, days, size)
    result_on = np.datetime64(days[0], "D") + figures.BURST_RESULT_DAY - 1
    before = choose(scene.rng, shares=figures.BURST_BEFORE, size=size)
    after = choose(scene.rng, shares=figures.BURST_AFTER, size=size)
    names = np.where(harmed < result_on, before, after)
    names[-1] = figures.BURST_FOUND
    reported = reports_of(
        scene, planting, harmed, names=[str(name) for name in names], setting="community"
    )
    is_found = reported["substance_id"] == figures.BURST_FOUND
    reported = reported.assign(
        identification_basis=reported["identification_basis"].mask(is_found, "confirmed"),
        substances=reports.suspects(reported["substance_id"], scene.country, scene.rng),
    )
    sample = samples_of(
        scene,
        replace(planting, substance_id=figures.BURST_FOUND),
        np.array([result_on]),
    )
    cases = added(scene.cases, "reaction_reports", reported)
    event = event_of(planting, kind="reaction_report", days=days, size=size)
    return added(cases, "sightings", sample.assign(sold_as=scene.country.preferred("heroin"))), (
        event,
    )


def prison_cluster(scene: Scene, planting: Planting) -> Planted:
    """F: collapses on one product in one prison, which only the setting tells apart."""
    days = days_of(scene, planting, figures.PRISON_DAYS)
    size = figures.PRISON_REPORTS
    names = [str(name) for name in choose(scene.rng, shares=figures.PRISON_PRODUCTS, size=size)]
    planted = reports_of(scene, planting, spread(scene, days, size), names=names, setting="prison")
    planted = planted.assign(reporter_role="prison", sex="male")
    event = event_of(planting, kind="reaction_report", days=days, size=size)
    return added(scene.cases, "reaction_reports", planted), (event,)


def told_by_several(scene: Scene, planting: Planting) -> Planted:
    """I: harms in one city, each reported by hospital and ambulance; some of the people die.

    The size is the harms: one signal is right, and counting their records is not.
    """
    days = days_of(scene, planting, figures.TWIN_DAYS)
    harmed = spread(scene, days, figures.TWIN_HARMS)
    harms = reports_of(
        scene,
        planting,
        harmed,
        names=[planting.substance_id] * len(harmed),
        setting="community",
    )
    everyone = np.ones(len(harms), dtype=bool)
    told = copies.with_twins(harms, twice=everyone, country=scene.country, rng=scene.rng)
    # However the two disagree, both lie in the city and the days that the truth states.
    latest = np.datetime64(days[1], "D")
    told = told.assign(
        area_code=planting.area_code,
        day=np.minimum(told["day"].to_numpy().astype("datetime64[D]"), latest),
    )
    areas = [planting.area_code] * figures.TWIN_DEATHS
    died = _died(scene, planting, harmed[: figures.TWIN_DEATHS], areas=areas)
    dies = told["harm_id"].isin(died["harm_id"])
    told = told.assign(
        outcome=told["outcome"].mask(dies, "died"),
        seriousness=told["seriousness"].mask(dies, "died"),
    )
    event = event_of(planting, kind="reaction_report", days=days, size=len(harms))
    return added(added(scene.cases, "reaction_reports", told), "deaths", died), (event,)
