"""Scenarios of the sources themselves: nobody is harmed, and yet the numbers move."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from surveillance.simulate import deaths, events
from surveillance.simulate.draws import NEVER, choose, lognormal_days
from surveillance.simulate.figures import deaths as death_figures
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.scenarios.scene import (
    Planted,
    Planting,
    Scene,
    added,
    authorities,
    days_of,
    event_of,
    reports_of,
    spread,
)


def backlog(scene: Scene, planting: Planting) -> Planted:
    """D: a coroner who has closed no inquest for half a year closes them all in one week.

    Nobody dies of it: an alert is wrong.
    """
    days = days_of(scene, planting, figures.BACKLOG_DAYS)
    died = scene.cases["deaths"]
    areas = scene.country.register.areas.descendants(planting.area_code)
    waiting_since = np.datetime64(days[0] - timedelta(days=figures.BACKLOG_WAITED_DAYS), "s")
    waits = (
        died["area_code"].isin(areas)
        & (died["registered_on"] >= waiting_since)
        & (died["registered_on"] <= np.datetime64(days[1], "s"))
    )
    held = died[waits]
    within = scene.rng.integers(0, figures.BACKLOG_DAYS, size=len(held))
    coding = lognormal_days(scene.rng, lag=death_figures.CODING_LAG, size=len(held))
    cleared = deaths.registered(
        held, registered_on=np.datetime64(days[0], "D") + within, coding_days=coding, rng=scene.rng
    ).assign(event_id=planting.event_id)
    cases = {**scene.cases, "deaths": pd.concat([died[~waits], cleared]).sort_index()}
    event = event_of(planting, kind="death", days=days, size=len(held), response="none")
    return cases, (event,)


def forces_join(scene: Scene, planting: Planting) -> Planted:
    """E: forces that would have joined one by one all supply arrest tests from one month on.

    The tests double because more forces count, not because more people test positive. The size
    is the forces that join.
    """
    first = scene.timeline.before_end(planting.days_before_end + figures.FORCES_DAYS - 1)
    month = np.datetime64(first, "M")
    start = month.astype("datetime64[D]")
    tests = scene.cases["arrest_tests"]
    joins = (tests["joined"] > tests["joined"].min()).to_numpy()
    had_joined = joins & (tests["day"] < start).to_numpy()
    kept = tests[~had_joined]
    is_new = joins[~had_joined] & (kept["day"] >= start).to_numpy()
    kept = kept.assign(event_id=kept["event_id"].mask(is_new, planting.event_id))
    days = (start.item(), start.item() + timedelta(days=figures.FORCES_DAYS - 1))
    size = int(kept.loc[is_new, "area_code"].nunique())
    event = event_of(planting, kind="indicator", days=days, size=size, response="none")
    return {**scene.cases, "arrest_tests": kept}, (event,)


def feed_stops(scene: Scene, planting: Planting) -> Planted:
    """H: a feed brings nothing from one day on: it is silent, and nothing is calm.

    The size is the records that would have come until the end.
    """
    first = scene.timeline.before_end(planting.days_before_end)
    days = (first, scene.timeline.last_day)
    notices = scene.cases["street_events"]
    received = notices["received_at"].to_numpy()
    lost = received >= np.datetime64(first, "s")
    by_the_end = received <= np.datetime64(scene.timeline.as_of.replace(tzinfo=None), "s")
    notices = notices.assign(received_at=np.where(lost, NEVER, received))
    event = event_of(
        planting, kind="event", days=days, size=int((lost & by_the_end).sum()), response="silence"
    )
    return {**scene.cases, "street_events": notices}, (event,)


def news_story(scene: Scene, planting: Planting) -> Planted:
    """J: a news story makes people report a drug that everybody knows; nobody is worse off."""
    days = days_of(scene, planting, figures.STORY_DAYS)
    size, rng = figures.STORY_REPORTS, scene.rng
    told = reports_of(
        scene,
        planting,
        spread(scene, days, size),
        names=[planting.substance_id] * size,
        setting="community",
    )
    word = scene.country.preferred(planting.substance_id)
    told = told.assign(
        reporter_role=choose(rng, shares=figures.STORY_ROLES, size=size),
        identification_basis="patient_said",
        seriousness="none",
        outcome="recovered",
        naloxone_given="no",
        narrative=f"Asked about {word} after a story in the news. Well on the day.",
    )
    rumours = pd.DataFrame(
        {
            "day": spread(scene, days, figures.STORY_RUMOURS),
            "area_code": authorities(scene, planting.area_code, figures.STORY_RUMOURS),
            "substance_id": planting.substance_id,
            "grade": "G0",
        }
    )
    rumours = events.with_heads(rumours, country=scene.country, rng=rng).assign(
        origin=f"After the story in the news people talk about {word}.",
        is_right="false",
        event_id=planting.event_id,
    )
    cases = added(added(scene.cases, "reaction_reports", told), "street_events", rumours)
    event = event_of(planting, kind="reaction_report", days=days, size=size, response="none")
    return cases, (event,)


def changed_codes(scene: Scene, planting: Planting) -> Planted:
    """K: an area is given another code; a series neither ends nor begins."""
    splits = planting.area_code == figures.SPLIT_OLD
    return (_authority_splits if splits else _supplier_changes)(scene, planting)


def _supplier_changes(scene: Scene, planting: Planting) -> Planted:
    """From one day on two feeds give an authority its present code instead of the older one.

    The size is the deaths of the days after the change, and the figures published since.
    """
    days = days_of(scene, planting, figures.CODES_DAYS)
    limit = pd.Timestamp(scene.timeline.as_of.replace(tzinfo=None))
    died = _older_code(scene.cases["deaths"], planting.area_code, until=days[0])
    crimes = _older_code(scene.cases["acquisitive_crime"], planting.area_code, until=days[0])
    here = died["area_code"] == planting.area_code
    inside = died["day"].between(pd.Timestamp(days[0]), pd.Timestamp(days[1]))
    since = crimes["received_at"].between(pd.Timestamp(days[0]), limit)
    figures_since = crimes[since & (crimes["area_code"] == planting.area_code)]
    part = replace(planting, event_id=f"{planting.event_id}-deaths")
    size = int((here & inside).sum())
    planted = [event_of(part, kind="death", days=days, size=size, response="none")]
    if len(figures_since):
        part = replace(planting, event_id=f"{planting.event_id}-crime")
        periods = (figures_since["day"].min().date(), days[1])
        size = len(figures_since)
        planted.append(event_of(part, kind="indicator", days=periods, size=size, response="none"))
    return {**scene.cases, "deaths": died, "acquisitive_crime": crimes}, tuple(planted)


def _older_code(cases: pd.DataFrame, area_code: str, *, until: date) -> pd.DataFrame:
    here = cases["area_code"] == area_code
    before = pd.Series(np.datetime64(until, "s"), index=cases.index)
    return cases.assign(
        older_code=np.where(here, figures.RENAMED_OLD, ""), older_until=before.where(here)
    )


def _authority_splits(scene: Scene, planting: Planting) -> Planted:
    """Figures of one county stop, and those of the two authorities it became begin.

    It is planted where the timeline holds the day of the change.
    """
    first = date.fromisoformat(figures.CODES_CHANGED)
    days = (first, first + timedelta(days=figures.CODES_DAYS - 1))
    if not scene.timeline.first_day < first < scene.timeline.last_day:
        return scene.cases, ()
    crimes = scene.cases["acquisitive_crime"]
    is_old = crimes["area_code"].isin(figures.SPLIT_NEW) & (crimes["day"] < pd.Timestamp(first))
    together = _joined(crimes[is_old]).assign(event_id=planting.event_id)
    after = crimes["area_code"].isin(figures.SPLIT_NEW) & ~is_old
    rest = crimes.assign(event_id=crimes["event_id"].mask(after, planting.event_id))
    cases = {
        **scene.cases,
        "acquisitive_crime": pd.concat([rest[~is_old], together], ignore_index=True),
    }
    event = event_of(planting, kind="indicator", days=days, size=len(together), response="none")
    return cases, (event,)


def _joined(parts: pd.DataFrame) -> pd.DataFrame:
    """Add up the figures of two authorities that were one."""
    key = ["day", "category"]
    first = parts.sort_values("received_at").drop_duplicates("figure_id")
    sums = first.groupby(key)["numerator"].sum()
    one = first.drop_duplicates(key).set_index(key)
    one = one.assign(numerator=sums, area_code=figures.SPLIT_OLD).reset_index()
    county = one["figure_id"].str.replace(r"/E\d{8}/", f"/{figures.SPLIT_OLD}/", regex=True)
    return one.assign(figure_id=county)
