"""Second records of one harm: what another service tells of it, and where the two disagree.

The harm is named by ``harm_id`` in every record of it; ``links.csv`` says which records share one.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from surveillance.domain import Flags, Texts
from surveillance.simulate import reports
from surveillance.simulate.country import Country
from surveillance.simulate.draws import Cases, choose, moments_after
from surveillance.simulate.figures import reports as figures
from surveillance.simulate.world import World

_AGES = tuple(figures.REPORT_AGES)
_SETTINGS = {
    "home": "community",
    "hospital": "hospital",
    "prison": "prison",
    "hostel": "hostel",
    "public_place": "community",
}


def disagreeing(
    copies: pd.DataFrame, *, country: Country, rng: np.random.Generator
) -> pd.DataFrame:
    """Change what a second service sees, words or dates otherwise; the harm stays the same.

    Args:
        copies: one row a harm, with the day, the person, the place and the substance.
        country: gives areas, groups and words.
        rng: the part's random numbers.
    """
    n = len(copies)
    later = rng.random(n) < figures.DAY_LATER
    differs = rng.random(n) < figures.SETTING_DIFFERS
    settings = choose(rng, shares=figures.OTHER_SETTINGS, size=n)
    no_sex = rng.random(n) < figures.SEX_MISSING
    return copies.assign(
        day=copies["day"].to_numpy().astype("datetime64[D]") + later.astype("timedelta64[D]"),
        area_code=_elsewhere(copies["area_code"], country, rng),
        age_band=_ages(copies["age_band"], rng),
        sex=copies["sex"].mask(no_sex, "unknown"),
        setting=np.where(differs, settings, copies["setting"].to_numpy(dtype=object)),
        substance_id=_named(copies["substance_id"], figures.NAMED_AS, country, rng),
    )


def _ages(bands: pd.Series, rng: np.random.Generator) -> Texts:
    drawn = rng.random(len(bands))
    up = {band: _AGES[min(place + 1, len(_AGES) - 1)] for place, band in enumerate(_AGES)}
    near = bands.map(up).where(bands != "", "")
    moved = bands.mask(drawn < figures.AGE_MISSING + figures.AGE_NEXT_BAND, near)
    return moved.mask(drawn < figures.AGE_MISSING, "").to_numpy(dtype=object)


def _elsewhere(areas: pd.Series, country: Country, rng: np.random.Generator) -> Texts:
    """Put some of the harms into an authority that adjoins theirs."""
    moves = rng.random(len(areas)) < figures.AREA_ELSEWHERE
    pick = rng.random(len(areas))
    known = set(country.authorities.tolist())
    found = []
    for area, is_moved, place in zip(areas.tolist(), moves.tolist(), pick.tolist(), strict=True):
        near = [code for code in country.register.areas.neighbours(area) if code in known]
        found.append(near[int(place * len(near))] if is_moved and near else area)
    return np.array(found, dtype=object)


def _named(
    ids: pd.Series, shares: Mapping[str, float], country: Country, rng: np.random.Generator
) -> list[str]:
    how = choose(rng, shares=shares, size=len(ids)).tolist()
    return [country.named(name, how=way) for name, way in zip(ids.tolist(), how, strict=True)]


def with_twins(
    first: pd.DataFrame, *, twice: Flags, country: Country, rng: np.random.Generator
) -> pd.DataFrame:
    """Let an ambulance service report some harms that an emergency department reports too.

    The ambulance names the suspected substance alone.

    Args:
        first: one row a report.
        twice: which of them both report, shape (reports,).
        country: gives areas and words, which the two reporters choose for themselves.
        rng: the part's random numbers.
    """
    by_hospital = first.assign(
        reporter_role=first["reporter_role"].mask(twice, "emergency_department")
    )
    twins = disagreeing(by_hospital[twice], country=country, rng=rng)
    day = twins["day"].to_numpy().astype("datetime64[D]")
    seen = np.maximum(twins["presentation_date"].to_numpy().astype("datetime64[D]"), day)
    twins = twins.assign(
        reporter_role="ambulance",
        record=[f"{harm}/2" for harm in twins["harm_id"]],
        presentation_date=seen,
        substances=reports.suspects(twins["substance_id"], country, rng),
        received_at=moments_after(rng, days=seen, lag_days=rng.integers(0, 2, size=len(twins))),
    )
    twins = twins.assign(narrative=reports.narratives(twins, rng))
    return pd.concat([by_hospital, twins], ignore_index=True)


def background(world: World, cases: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every report of the country before anything is planted.

    Some tell of people who die: so many that their share of all reports is as stated. Some
    harms are reported twice.
    """
    deaths = cases["deaths"]
    died = deaths[~deaths["cleared"].to_numpy(dtype=bool)]
    weeks = len(world.timeline.days) / 7
    asked = (
        figures.DIED_SHARE * world.choices.reports_per_week * weeks / (1 + world.choices.twin_share)
    )
    told = min(asked, figures.MOST_DEATHS_REPORTED * len(died))
    living = reports.background(world, told_of_deaths=told, rng=rng)
    chosen = died[rng.random(len(died)) < told / max(1, len(died))]
    harms = pd.concat([living, of_deaths(chosen, country=world.country, rng=rng)])
    twice = rng.random(len(harms)) < world.choices.twin_share
    return with_twins(harms, twice=twice, country=world.country, rng=rng)


def of_deaths(died: pd.DataFrame, *, country: Country, rng: np.random.Generator) -> pd.DataFrame:
    """Write what an ambulance or a hospital reports of people who die, before anyone knows why.

    Args:
        died: some deaths, with the person and what toxicology finds.
        country: gives areas and words.
        rng: the part's random numbers.
    """
    n = len(died)
    ahead = choose(rng, shares=figures.DAYS_TO_DEATH, size=n).astype(np.int64)
    harms = pd.DataFrame(
        {
            "day": died["day"].to_numpy().astype("datetime64[D]") - ahead.astype("timedelta64[D]"),
            "area_code": _elsewhere(died["area_code"], country, rng),
            "substance_id": _named(died["main_id"], figures.DEATH_NAMES, country, rng),
            "setting": died["place_type"].map(_SETTINGS).fillna("unknown").to_numpy(dtype=object),
            "harm_id": died["harm_id"].to_numpy(),
        }
    )
    told = reports.with_details(
        harms, lag_days=ahead + rng.integers(0, 3, size=n), country=country, rng=rng
    )
    told = told.assign(
        age_band=_ages(died["age_band"], rng),
        sex=died["sex"].to_numpy(),
        reporter_role=choose(rng, shares=figures.DEATH_REPORTERS, size=n),
        seriousness="died",
        outcome="died",
        event_id=died["event_id"].to_numpy(),
    )
    return told.assign(narrative=reports.narratives(told, rng))
