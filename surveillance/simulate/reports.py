"""RIDR-style reports of reactions: who reported what, and when it was learnt."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, Texts
from surveillance.simulate import figures
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import (
    as_column,
    choose,
    daily_means,
    lognormal_days,
    moments_after,
)
from surveillance.simulate.files import day_text, moment_text

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
_AS_DRAWN = (*COLUMNS[6:-1], "event_id")
_MINUTES_TO_RECEIPT = np.timedelta64(15, "m")
_NEXT_DAY_SHARE = 0.15
_NALOXONE = {"yes": 0.65, "no": 0.2, "unknown": 0.15}
_NARRATIVES = (
    "Found collapsed; {role} attended. Said to have used {word}.",
    "Unwell after {word}. Observed and discharged.",
    "Two people used together; this one was affected. Product described as {word}.",
    "",
)


def background(country: Country, timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every report of the country before anything is planted.

    Returns:
        One row a report (see ``with_details``); some harms are reported twice.
    """
    means = daily_means(
        timeline,
        per_week=figures.REPORTS_PER_WEEK / (1 + figures.TWIN_SHARE),
        weekdays=figures.REPORT_WEEKDAYS,
        season=figures.REPORT_SEASON,
        trend_per_year=figures.REPORT_TREND_PER_YEAR,
    )
    day = np.repeat(timeline.days, rng.poisson(means))
    where = country.population / country.population.sum()
    harms = pd.DataFrame(
        {
            "day": day,
            "area_code": country.authorities[rng.choice(len(where), len(day), p=where)],
            "substance_id": choose(rng, shares=figures.REPORT_SUBSTANCES, size=len(day)),
            "setting": choose(rng, shares=figures.REPORT_SETTINGS, size=len(day)),
        }
    )
    lag = lognormal_days(rng, lag=figures.REPORT_LAG, size=len(day))
    reports = with_details(harms, lag_days=lag, country=country, rng=rng)
    twice = rng.random(len(reports)) < figures.TWIN_SHARE
    return with_twins(reports, twice=twice, country=country, rng=rng)


def with_details(
    harms: pd.DataFrame,
    *,
    lag_days: npt.NDArray[np.int64],
    country: Country,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add who reported, who was harmed and what was seen.

    Args:
        harms: one row a harm, with ``day``, ``area_code``, ``substance_id`` and ``setting``.
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
        substances=_substances(harms["substance_id"], country, rng),
        identification_basis=choose(rng, shares=figures.IDENTIFIED_BY, size=n),
        reactions=_reactions(harms["substance_id"], country, rng),
        seriousness=choose(rng, shares=figures.SERIOUSNESS, size=n),
        naloxone_given=naloxone,
        outcome=choose(rng, shares=figures.OUTCOMES, size=n),
        event_id="",
    )
    detailed["outcome"] = detailed["outcome"].mask(detailed["seriousness"] == "died", "died")
    return detailed.assign(narrative=_narratives(detailed, rng))


def with_twins(
    reports: pd.DataFrame,
    *,
    twice: npt.NDArray[np.bool_],
    country: Country,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Let an ambulance service report some harms that an emergency department reports too.

    Args:
        reports: one row a report.
        twice: which of them both report, shape (reports,).
        country: gives the words, which the two reporters choose for themselves.
        rng: the part's random numbers.
    """
    first = reports.assign(
        reporter_role=reports["reporter_role"].mask(twice, "emergency_department")
    )
    twins = first[twice].assign(reporter_role="ambulance")
    twins = twins.assign(
        substances=_substances(twins["substance_id"], country, rng),
        received_at=moments_after(
            rng,
            days=twins["presentation_date"].to_numpy(),
            lag_days=rng.integers(0, 2, size=len(twins)),
        ),
    )
    return pd.concat([first, twins.assign(narrative=_narratives(twins, rng))], ignore_index=True)


def _reporters(settings: pd.Series, rng: np.random.Generator) -> Texts:
    roles = np.full(len(settings), "other", dtype=object)
    for setting, shares in figures.REPORTERS.items():
        here = (settings == setting).to_numpy()
        roles[here] = choose(rng, shares=shares, size=int(here.sum()))
    return roles


def _substances(ids: pd.Series, country: Country, rng: np.random.Generator) -> Texts:
    """Mentions of each report: the suspect in the reporter's words, perhaps one co-used."""
    pick = rng.random(len(ids))
    second = rng.random(len(ids)) < figures.CO_USE_SHARE
    other = rng.integers(0, len(figures.CO_USED), size=len(ids))
    mentions = []
    for place, substance in enumerate(ids.tolist()):
        words = country.words(substance)
        named = [{"name": words[int(pick[place] * len(words))], "role": "suspect"}]
        co_used = figures.CO_USED[other[place]]
        if second[place] and co_used != substance:
            named.append({"name": country.preferred(co_used), "role": "co-used"})
        mentions.append(named)
    return as_column(mentions)


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


def _narratives(reports: pd.DataFrame, rng: np.random.Generator) -> list[str]:
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
    return pd.DataFrame(
        {
            "report_id": [f"RR-{number:07d}" for number in range(1, len(known) + 1)],
            "received_at": moment_text(known["received_at"]),
            "reported_at": moment_text(known["received_at"] - _MINUTES_TO_RECEIPT),
            "event_date": day_text(known["day"]),
            "event_date_precision": "day",
            "presentation_date": day_text(known["presentation_date"]),
            **{name: known[name].to_numpy() for name in _AS_DRAWN},
            "withdrawn": False,
        }
    )
