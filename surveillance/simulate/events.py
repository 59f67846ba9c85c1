"""Events: what workers, officers and users notice and pass on, under ten heads, graded.

Some are wrong. Which are is written to ``rumours.csv``, not to the feed.
"""

import numpy as np
import pandas as pd

from surveillance.domain import UNKNOWN_SUBSTANCE, Texts
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import (
    Cases,
    choose,
    daily_means,
    lognormal_days,
    moments_after,
)
from surveillance.simulate.figures import events as figures
from surveillance.simulate.files import day_text, moment_text
from surveillance.simulate.wording import HEADS, OPENINGS, UNFILLED
from surveillance.simulate.world import World

COLUMNS = (
    "event_ref",
    "received_at",
    "noticed_on",
    "area_code",
    "setting",
    "observer_role",
    "grade",
    "substances",
    "origin",
    "exposure",
    "analysis",
    "identification",
    "health_risks",
    "social_risks",
    "health_measures",
    "other_measures",
    "further",
    "withdrawn",
)
_AS_DRAWN = (*COLUMNS[3:-1], "event_id", "is_right")


def background(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every notice of the country before anything is planted.

    Returns:
        One row a notice (see ``with_heads``).
    """
    country = world.country
    means = daily_means(
        world.timeline,
        per_week=figures.EVENTS_PER_WEEK,
        weekdays=figures.EVENT_WEEKDAYS,
        season=0.0,
        trend_per_year=0.0,
    )
    day = np.repeat(world.timeline.days, rng.poisson(means))
    where = country.population / country.population.sum()
    notices = pd.DataFrame(
        {
            "day": day,
            "area_code": country.authorities[rng.choice(len(where), len(day), p=where)],
            "substance_id": choose(rng, shares=figures.EVENT_SUBSTANCES, size=len(day)),
            "grade": choose(rng, shares=figures.GRADES, size=len(day)),
        }
    )
    return with_heads(notices, country=country, rng=rng)


def with_heads(
    notices: pd.DataFrame, *, country: Country, rng: np.random.Generator
) -> pd.DataFrame:
    """Add who noticed it, what they wrote under each head, and whether it is right.

    Args:
        notices: one row a notice, with ``day``, ``area_code``, ``substance_id`` and ``grade``.
        country: gives the words.
        rng: the part's random numbers.
    """
    n = len(notices)
    day = notices["day"].to_numpy().astype("datetime64[D]")
    lag = lognormal_days(rng, lag=figures.EVENT_LAG, size=n)
    wrong = np.array([figures.WRONG_SHARE[grade] for grade in notices["grade"]])
    words = _words(notices["substance_id"], country, rng)
    unknown = (notices["substance_id"] == UNKNOWN_SUBSTANCE).to_numpy()
    heads = {
        head: _written(head, words, share=share, rng=rng)
        for head, share in figures.HEAD_SHARES.items()
    }
    heads["analysis"] = np.where(notices["grade"] == "G0", "", heads["analysis"]).astype(object)
    return notices.assign(
        received_at=moments_after(rng, days=day, lag_days=lag),
        setting=choose(rng, shares=figures.EVENT_SETTINGS, size=n),
        observer_role=choose(rng, shares=figures.OBSERVERS, size=n),
        substances=np.where(unknown, "", words).astype(object),
        origin=_opened(words, rng),
        **heads,
        is_right=np.where(rng.random(n) < wrong, "false", "true").astype(object),
        withdrawn="false",
        event_id="",
    )


def _words(ids: pd.Series, country: Country, rng: np.random.Generator) -> Texts:
    pick = rng.random(len(ids))
    chosen = []
    for substance, place in zip(ids.tolist(), pick.tolist(), strict=True):
        words = country.words(substance)
        chosen.append(words[int(place * len(words))])
    return np.array(chosen, dtype=object)


def _opened(words: Texts, rng: np.random.Generator) -> list[str]:
    pick = rng.integers(0, len(OPENINGS), size=len(words)).tolist()
    return [
        OPENINGS[which].format(word=word) for which, word in zip(pick, words.tolist(), strict=True)
    ]


def _written(head: str, words: Texts, *, share: float, rng: np.random.Generator) -> Texts:
    """Fill a head with one of its sentences, or leave it out."""
    sentences = HEADS[head]
    filled = rng.random(len(words)) < share
    pick = rng.integers(0, len(sentences), size=len(words)).tolist()
    texts = [
        sentences[which].format(word=word) if is_filled else UNFILLED
        for which, word, is_filled in zip(pick, words.tolist(), filled.tolist(), strict=True)
    ]
    return np.array(texts, dtype=object)


def rows(cases: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Write the notices known at the end as rows of the feed, oldest receipt first."""
    limit = np.datetime64(timeline.as_of.replace(tzinfo=None), "s")
    known = cases[cases["received_at"] <= limit].sort_values("received_at", kind="stable")
    return pd.DataFrame(
        {
            "event_ref": [f"N-{number:06d}" for number in range(1, len(known) + 1)],
            "received_at": moment_text(known["received_at"]),
            "noticed_on": day_text(known["day"]),
            **{name: known[name].to_numpy() for name in _AS_DRAWN},
            "withdrawn": known["withdrawn"].to_numpy(),
        }
    )
