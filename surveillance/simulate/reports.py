"""RIDR-style reports of reactions: who reported what, and when it was learnt."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, Texts
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import (
    as_column,
    choose,
    daily_means,
    harm_ids,
    lognormal_days,
    moments_after,
)
from surveillance.simulate.figures import reports as figures
from surveillance.simulate.files import day_text, moment_text
from surveillance.simulate.world import World

COLUMNS = (
    "report_id",
    "received_at",
    "reported_at",
    "event_date",
    "event_date_precision",
    "presentation_date",
    "area_code",
    "setting",
    "reporter_role",
    "age_band",
    "sex",
    "substances",
    "identification_basis",
    "reactions",
    "seriousness",
    "naloxone_given",
    "outcome",
    "narrative",
    "withdrawn",
)
_AS_DRAWN = (*COLUMNS[6:-1], "event_id", "harm_id")
_MINUTES_TO_RECEIPT = np.timedelta64(15, "m")
_NEXT_DAY_SHARE = 0.15
_NALOXONE = {"yes": 0.65, "no": 0.2, "unknown": 0.15}
_NARRATIVES = (
    "Found collapsed; {role} attended. Said to have used {word}.",
    "Unwell after {word}. Observed and discharged.",
    "Two people used together; this one was affected. Product described as {word}.",
    "",
)


def background(world: World, *, told_of_deaths: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every report of somebody who lives, before anything is planted.

    Args:
        world: where, when and how much.
        told_of_deaths: deaths that are reported beside them, over all weeks.
        rng: the part's random numbers.

    Returns:
        One row a harm that is reported (see ``with_details``).
    """
    country = world.country
    harms = world.choices.reports_per_week / (1 + world.choices.twin_share)
    means = daily_means(
        world.timeline,
        per_week=harms - told_of_deaths / (len(world.timeline.days) / 7),
        weekdays=figures.REPORT_WEEKDAYS,
        season=figures.REPORT_SEASON,
        trend_per_year=figures.REPORT_TREND_PER_YEAR,
    )
    day = np.repeat(world.timeline.days, rng.poisson(means))
    where = country.population / country.population.sum()
    drawn = pd.DataFrame(
        {
            "day": day,
            "area_code": country.authorities[rng.choice(len(where), len(day), p=where)],
            "substance_id": choose(rng, shares=figures.REPORT_SUBSTANCES, size=len(day)),
            "setting": choose(rng, shares=figures.REPORT_SETTINGS, size=len(day)),
            "harm_id": harm_ids("R", len(day)),
        }
    )
    lag = lognormal_days(rng, lag=figures.REPORT_LAG, size=len(day))
    return with_details(drawn, lag_days=lag, country=country, rng=rng)


def with_details(
    harms: pd.DataFrame,
    *,
    lag_days: npt.NDArray[np.int64],
    country: Country,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add who reported, who was harmed and what was seen.

    Args:
        harms: one row a harm, with ``day``, ``area_code``, ``substance_id``, ``setting`` and
            ``harm_id``.
        lag_days: days from the harm to the report's arrival, shape (harms,).
        country: gives the words.
        rng: the part's random numbers.
    """
    n = len(harms)
    day = harms["day"].to_numpy().astype("datetime64[D]")
    # The person is seen the same day or the next, and never after the report has come.
    seen = day + np.minimum(lag_days, rng.random(n) < _NEXT_DAY_SHARE)
    opioids = country.register.substances.descendants("opioids")
    by_opioid = harms["substance_id"].isin(opioids).to_numpy()
    naloxone = np.where(by_opioid, choose(rng, shares=_NALOXONE, size=n), "no")
    detailed = harms.assign(
        presentation_date=seen,
        received_at=moments_after(rng, days=day, lag_days=lag_days),
        reporter_role=_reporters(harms["setting"], rng),
        age_band=choose(rng, shares=figures.REPORT_AGES, size=n),
        sex=choose(rng, shares=figures.REPORT_SEXES, size=n),
        substances=mentions(harms["substance_id"], country, rng),
        identification_basis=choose(rng, shares=figures.IDENTIFIED_BY, size=n),
        reactions=_reactions(harms["substance_id"], country, rng),
        seriousness=choose(rng, shares=figures.SERIOUSNESS, size=n),
        naloxone_given=naloxone,
        outcome=choose(rng, shares=figures.OUTCOMES, size=n),
        record=[f"{harm}/1" for harm in harms["harm_id"]],
        withdrawn=False,
        event_id="",
    )
    return detailed.assign(narrative=narratives(detailed, rng))


def with_substance(
    told: pd.DataFrame, substance_id: str, *, country: Country, rng: np.random.Generator
) -> pd.DataFrame:
    """Name another substance in reports; who reported and who was harmed stay as they were."""
    named = told.assign(substance_id=substance_id)
    named = named.assign(substances=suspects(named["substance_id"], country, rng))
    return named.assign(narrative=narratives(named, rng))


def _reporters(settings: pd.Series, rng: np.random.Generator) -> Texts:
    roles = np.full(len(settings), "other", dtype=object)
    for setting, shares in figures.REPORTERS.items():
        here = (settings == setting).to_numpy()
        roles[here] = choose(rng, shares=shares, size=int(here.sum()))
    return roles


def mentions(ids: pd.Series, country: Country, rng: np.random.Generator) -> Texts:
    """List what each report names: the suspect in the reporter's words, perhaps one co-used."""
    pick = rng.random(len(ids))
    second = rng.random(len(ids)) < figures.CO_USE_SHARE
    other = rng.integers(0, len(figures.CO_USED), size=len(ids))
    named_in = []
    for place, substance in enumerate(ids.tolist()):
        words = country.words(substance)
        named = [{"name": words[int(pick[place] * len(words))], "role": "suspect"}]
        co_used = figures.CO_USED[other[place]]
        if second[place] and co_used != substance:
            named.append({"name": country.preferred(co_used), "role": "co-used"})
        named_in.append(named)
    return as_column(named_in)


def suspects(ids: pd.Series, country: Country, rng: np.random.Generator) -> Texts:
    """List the suspected substance of each report alone, in the reporter's words."""
    return as_column([named[:1] for named in mentions(ids, country, rng)])


def _reactions(ids: pd.Series, country: Country, rng: np.random.Generator) -> Texts:
    substances, terms = country.register.substances, country.register.reactions
    chosen = []
    for substance in ids.tolist():
        branch = (substance, *substances.ancestors(substance), ALL_SUBSTANCES)
        profile = figures.REACTIONS[next(name for name in branch if name in figures.REACTIONS)]
        seen = rng.random(len(profile)) < np.array(list(profile.values()))
        chosen.append(
            [
                terms.resolve_name(term) or term
                for term, present in zip(profile, seen, strict=True)
                if present
            ]
        )
    return as_column(chosen)


def narratives(reports: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Write a few neutral words on each report; some have none."""
    pick = rng.integers(0, len(_NARRATIVES), size=len(reports))
    roles = reports["reporter_role"].str.replace("_", " ").tolist()
    return [
        _NARRATIVES[which].format(role=role, word=named[0]["name"])
        for which, role, named in zip(
            pick.tolist(), roles, reports["substances"].tolist(), strict=True
        )
    ]


def rows(cases: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Write the reports known at the end as rows of the feed, oldest receipt first."""
    limit = np.datetime64(timeline.as_of.replace(tzinfo=None), "s")
    known = cases[cases["received_at"] <= limit].sort_values("received_at", kind="stable")
    number, _ = pd.factorize(known["record"])
    return pd.DataFrame(
        {
            "report_id": [f"RR-{count:07d}" for count in (number + 1).tolist()],
            "received_at": moment_text(known["received_at"]),
            "reported_at": moment_text(known["received_at"] - _MINUTES_TO_RECEIPT),
            "event_date": day_text(known["day"]),
            "event_date_precision": "day",
            "presentation_date": day_text(known["presentation_date"]),
            **{name: known[name].to_numpy() for name in _AS_DRAWN},
            "withdrawn": known["withdrawn"].to_numpy(),
        }
    )
