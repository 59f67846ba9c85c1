"""Drug-poisoning deaths: who died, of what, and when each clock learnt of it."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import UNKNOWN_SUBSTANCE, Flags, Texts
from surveillance.periods import Days
from surveillance.simulate.country import (
    NORTHERN_IRELAND_PREFIX,
    SCOTLAND_PREFIX,
    Country,
    Timeline,
)
from surveillance.simulate.draws import (
    Cases,
    Moments,
    choose,
    codes_as_written,
    daily_means,
    harm_ids,
    lognormal_days,
    moments_after,
    where_true,
)
from surveillance.simulate.figures import deaths as figures
from surveillance.simulate.files import day_text, moment_text
from surveillance.simulate.world import World

COLUMNS = (
    "death_id",
    "received_at",
    "date_of_death",
    "date_of_death_precision",
    "registered_on",
    "status",
    "suspected_rank",
    "underlying_cause",
    "certificate_text",
    "area_code",
    "place_type",
    "age_band",
    "sex",
    "detected",
    "implicated",
    "withdrawn",
)
_PENDING = "Unascertained, pending investigation"
_NO_SUBSTANCE = "Drug toxicity, substance not stated"


def background(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every drug death of the country before anything is planted.

    Suspicions that toxicology will clear are among them; they are never registered.

    Returns:
        One row a death, with its toxicology and its clocks (see ``with_clocks``).
    """
    country, timeline = world.country, world.timeline
    real = (
        figures.DEATHS_PER_WEEK_ENGLAND_AND_WALES
        + figures.DEATHS_PER_WEEK_SCOTLAND
        + figures.DEATHS_PER_WEEK_NORTHERN_IRELAND
    )
    extra = figures.SUSPECTED_SHARE * figures.CLEARED_SHARE
    means = daily_means(
        timeline,
        per_week=real * (1 + extra),
        weekdays=figures.DEATH_WEEKDAYS,
        season=figures.DEATH_SEASON,
        trend_per_year=figures.DEATH_TREND_PER_YEAR,
    )
    shape = figures.DEATH_WEEK_CV**-2
    weeks = rng.gamma(shape, 1 / shape, size=len(means) // 7)
    day = np.repeat(timeline.days, rng.poisson(means * np.repeat(weeks, 7)))
    area = country.authorities[rng.choice(len(country.authorities), len(day), p=_where(country))]
    deaths = pd.DataFrame({"day": day, "area_code": area, "harm_id": harm_ids("D", len(day))})
    deaths["cleared"] = rng.random(len(day)) < extra / (1 + extra)
    involved = _involved(area, rng)
    return with_clocks(
        with_toxicology(deaths, detected=involved, country=country, rng=rng), rng=rng
    )


def _where(country: Country) -> npt.NDArray[np.float64]:
    """Probability that a death of the country lies in each authority."""
    rates = np.array([figures.DEATH_RATES.get(region, 1.0) for region in country.regions])
    weights = rates * country.population
    first = np.array([code[0] for code in country.authorities])
    scottish, northern = first == SCOTLAND_PREFIX, first == NORTHERN_IRELAND_PREFIX
    share = np.zeros(len(weights))
    for nation, deaths in (
        (scottish, figures.DEATHS_PER_WEEK_SCOTLAND),
        (northern, figures.DEATHS_PER_WEEK_NORTHERN_IRELAND),
        (~scottish & ~northern, figures.DEATHS_PER_WEEK_ENGLAND_AND_WALES),
    ):
        if nation.any():
            share += np.where(nation, weights, 0) / weights[nation].sum() * deaths
    return np.asarray(share / share.sum())


def _involved(area: Texts, rng: np.random.Generator) -> Flags:
    """Which substances each death involves, shape (deaths, substances)."""
    shares = np.array(list(figures.DEATH_SUBSTANCES.values()))
    scottish = np.array([code[0] == SCOTLAND_PREFIX for code in area], dtype=np.int64)
    drawn = rng.random((len(area), len(shares)))
    return np.asarray(drawn < shares.T[scottish], dtype=np.bool_)


def with_toxicology(
    deaths: pd.DataFrame, *, detected: Flags, country: Country, rng: np.random.Generator
) -> pd.DataFrame:
    """Add the person, and what scene, certificate and laboratory say of the substances.

    Args:
        deaths: one row a death, with ``day``, ``area_code``, ``harm_id`` and ``cleared``.
        detected: what the laboratory finds, shape (deaths, substances of figures).
        country: gives the words.
        rng: the part's random numbers.
    """
    n = len(deaths)
    ids = list(figures.DEATH_SUBSTANCES)
    words = [country.preferred(name) for name in ids]
    priority = detected * rng.random(detected.shape)
    main = np.where(detected.any(axis=1), priority.argmax(axis=1), -1)
    implicated = detected & (rng.random(detected.shape) < figures.IMPLICATED_SHARE)
    rows = np.flatnonzero(main >= 0)
    implicated[rows, main[rows]] = True
    opioids = country.register.substances.descendants("opioids")
    by_opioid = (implicated & np.array([name in opioids for name in ids])).any(axis=1)
    return deaths.assign(
        place_type=choose(rng, shares=figures.PLACE_TYPES, size=n),
        age_band=choose(rng, shares=figures.DEATH_AGES, size=n),
        sex=choose(rng, shares=figures.DEATH_SEXES, size=n),
        detected=_listed(detected, words, ";"),
        implicated=_listed(implicated, words, ";"),
        certificate=_certificates(_listed(implicated, words, ", ")),
        cause=_causes(by_opioid, rng),
        scene=_scene_words(main, ids, country, rng),
        rank=choose(rng, shares=figures.SUSPECTED_RANKS, size=n),
        main_id=_main_ids(main, ids),
        event_id="",
    )


def _main_ids(main: npt.NDArray[np.int64], ids: list[str]) -> list[str]:
    return [ids[which] if which >= 0 else UNKNOWN_SUBSTANCE for which in main.tolist()]


def _listed(present: Flags, words: list[str], separator: str) -> Texts:
    """Join the words present in each row; each distinct combination is joined once."""
    codes = present @ (1 << np.arange(len(words), dtype=np.int64))
    patterns, place = np.unique(codes, return_inverse=True)
    texts = [
        separator.join(word for bit, word in enumerate(words) if pattern >> bit & 1)
        for pattern in patterns.tolist()
    ]
    return np.array(texts, dtype=object)[place]


def _certificates(substances: Texts) -> Texts:
    texts = [f"Toxicity of {names.lower()}" if names else _NO_SUBSTANCE for names in substances]
    return np.array(texts, dtype=object)


def _causes(by_opioid: Flags, rng: np.random.Generator) -> Texts:
    intended = rng.random(len(by_opioid)) < figures.SELF_HARM_SHARE
    accident = np.where(by_opioid, "X42", "X44")
    return np.where(intended, np.where(by_opioid, "X62", "X64"), accident).astype(object)


def _scene_words(
    main: npt.NDArray[np.int64], ids: list[str], country: Country, rng: np.random.Generator
) -> Texts:
    choices = {
        "unknown": ["" for _ in ids],
        "group": [country.preferred(country.group_of(name)) for name in ids],
        "substance": [country.preferred(name) for name in ids],
    }
    level = choose(rng, shares=figures.SCENE_NAMES, size=len(main))
    words = [
        choices[how][which] if which >= 0 else ""
        for how, which in zip(level.tolist(), main.tolist(), strict=True)
    ]
    return np.array(words, dtype=object)


def with_clocks(deaths: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Add when each version of the record is received; NaT where it never is.

    The columns are ``suspected_at``, ``cleared_at``, ``registered_on``, ``registered_at`` and
    ``concluded_at``, in that order in time. Outside Scotland registration waits for the inquest.
    """
    n = len(deaths)
    day = deaths["day"].to_numpy().astype("datetime64[D]")
    cleared = deaths["cleared"].to_numpy()
    scottish = deaths["area_code"].str.startswith(SCOTLAND_PREFIX).to_numpy()
    quick = rng.random(n) < figures.INQUEST_QUICK_SHARE
    inquest = np.where(
        quick,
        lognormal_days(rng, lag=figures.INQUEST_QUICK_LAG, size=n),
        lognormal_days(rng, lag=figures.INQUEST_LAG, size=n),
    )
    lag = np.where(
        scottish, lognormal_days(rng, lag=figures.SCOTTISH_REGISTRATION_LAG, size=n), inquest
    )
    coding = np.where(
        scottish,
        lognormal_days(rng, lag=figures.SCOTTISH_CONCLUSION_LAG, size=n),
        lognormal_days(rng, lag=figures.CODING_LAG, size=n),
    )
    suspected_at = moments_after(
        rng, days=day, lag_days=lognormal_days(rng, lag=figures.SUSPECTED_LAG, size=n)
    )
    cleared_at = suspected_at + lognormal_days(rng, lag=figures.CLEARED_LAG, size=n).astype(
        "timedelta64[D]"
    )
    dated = deaths.assign(cleared_at=where_true(cleared, cleared_at))
    dated = registered(dated, registered_on=day + lag, coding_days=coding, rng=rng)
    is_first = suspected_at < dated["registered_at"].to_numpy()
    is_suspected = is_first & (rng.random(n) < figures.SUSPECTED_SHARE)
    return dated.assign(suspected_at=where_true(is_suspected | cleared, suspected_at))


def registered(
    deaths: pd.DataFrame,
    *,
    registered_on: Days,
    coding_days: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Set the days of registration and what follows from them.

    Args:
        deaths: one row a death; those that toxicology clears are never registered.
        registered_on: day of registration, shape (deaths,).
        coding_days: days from registration to the record with toxicology, shape (deaths,).
        rng: the part's random numbers.
    """
    real = ~deaths["cleared"].to_numpy()
    received: Moments = moments_after(
        rng, days=registered_on, lag_days=np.ones(len(deaths), dtype=np.int64)
    )
    # A day at least: two versions of one record never bear the same moment.
    concluded = received + np.maximum(coding_days, 1).astype("timedelta64[D]")
    return deaths.assign(
        registered_on=where_true(real, registered_on.astype("datetime64[s]")),
        registered_at=where_true(real, received),
        concluded_at=where_true(real, concluded),
    )


def rows(cases: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Write every version known at the end as a row of the feed, oldest receipt first."""
    scottish = cases["area_code"].str.startswith(SCOTLAND_PREFIX).to_numpy()
    at_scene = cases.assign(detected=cases["scene"], implicated="", certificate="", cause="")
    pending = at_scene.assign(certificate=_PENDING)
    certified = pd.concat([cases[~scottish].assign(detected=""), pending[scottish]])
    blank = np.full(len(cases), np.datetime64("NaT", "s"))
    unregistered = at_scene.assign(registered_on=blank)
    versions = pd.concat(
        [
            unregistered.assign(status="suspected", at=cases["suspected_at"], withdrawn="false"),
            unregistered.assign(status="suspected", at=cases["cleared_at"], withdrawn="true"),
            certified.assign(status="registered", at=certified["registered_at"], withdrawn="false"),
            cases.assign(status="concluded", at=cases["concluded_at"], withdrawn="false"),
        ]
    )
    limit = np.datetime64(timeline.as_of.replace(tzinfo=None), "s")
    known = versions[versions["at"] <= limit].sort_values("at", kind="stable")
    number, _ = pd.factorize(known.index)
    return pd.DataFrame(
        {
            "death_id": [f"D-{count:06d}" for count in (number + 1).tolist()],
            "received_at": moment_text(known["at"]),
            "date_of_death": day_text(known["day"]),
            "date_of_death_precision": "day",
            "registered_on": day_text(known["registered_on"]),
            "status": known["status"].to_numpy(),
            "suspected_rank": known["rank"].to_numpy(),
            "underlying_cause": known["cause"].to_numpy(),
            "certificate_text": known["certificate"].to_numpy(),
            "area_code": codes_as_written(known, known["at"].to_numpy()),
            **{name: known[name].to_numpy() for name in ("place_type", "age_band", "sex")},
            "detected": known["detected"].to_numpy(),
            "implicated": known["implicated"].to_numpy(),
            "withdrawn": known["withdrawn"].to_numpy(),
            "event_id": known["event_id"].to_numpy(),
            "harm_id": known["harm_id"].to_numpy(),
        }
    )
