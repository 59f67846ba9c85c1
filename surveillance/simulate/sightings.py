"""Sightings: what laboratories found in samples from the border, prisons, forces and users."""

import numpy as np
import pandas as pd

from surveillance.domain import Texts
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import (
    Cases,
    choose,
    daily_means,
    harm_ids,
    lognormal_days,
    moments_after,
)
from surveillance.simulate.figures import sightings as figures
from surveillance.simulate.figures.sightings import Finder
from surveillance.simulate.files import day_text, moment_text, number_text
from surveillance.simulate.world import World

COLUMNS = (
    "sighting_id",
    "received_at",
    "identified_on",
    "sampled_on",
    "area_code",
    "found",
    "adulterants",
    "sold_as",
    "identified_by",
    "identification_basis",
    "method",
    "sample_type",
    "found_by",
    "first_seen",
    "quantity",
    "quantity_unit",
    "setting",
    "grade",
    "withdrawn",
)
_AS_DRAWN = ("area_code", "found", "adulterants", "sold_as", *COLUMNS[8:14])
_GRADES = {"presumptive": "G3", "confirmed": "G4"}
_WEEKS_A_YEAR = 365.25 / 7


def background(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every sighting of the country before anything is planted, by the day of its result.

    Returns:
        One row a result in which a drug is found (see ``with_analysis``), named by ``sample``.
    """
    drawn = [
        _samples(world, name, finder=finder, rng=rng) for name, finder in figures.FINDERS.items()
    ]
    samples = pd.concat(drawn, ignore_index=True)
    return samples.assign(sample=harm_ids("S", len(samples)))


def _samples(world: World, name: str, *, finder: Finder, rng: np.random.Generator) -> pd.DataFrame:
    means = daily_means(
        world.timeline,
        per_week=finder.per_year / _WEEKS_A_YEAR,
        weekdays=figures.RESULT_WEEKDAYS,
        season=0.0,
        trend_per_year=0.0,
    )
    day = np.repeat(world.timeline.days, rng.poisson(means))
    size = len(day)
    sold_as = _sold_as(name, size, rng)
    samples = pd.DataFrame(
        {
            "day": day,
            "area_code": _areas(name, world.country, size, rng),
            "sold_as_id": sold_as,
            "substance_id": _found(sold_as, finder, rng),
            "found_by": name,
            "identified_by": finder.laboratory,
            "first_seen": "false",
        }
    )
    return with_analysis(samples, finder=finder, country=world.country, rng=rng)


def with_analysis(
    samples: pd.DataFrame, *, finder: Finder, country: Country, rng: np.random.Generator
) -> pd.DataFrame:
    """Add what the laboratory did, when the sample was taken and when the result is received.

    Args:
        samples: one row a sample, with the ``day`` of its result, ``area_code``,
            ``substance_id``, ``sold_as_id``, ``found_by``, ``identified_by``, ``first_seen``.
        finder: methods, lags and shares.
        country: gives the words.
        rng: the part's random numbers.
    """
    n = len(samples)
    day = samples["day"].to_numpy().astype("datetime64[D]")
    confirmed = rng.random(n) < finder.confirmed
    has_second = rng.random(n) < finder.second
    second = choose(rng, shares=figures.ADULTERANTS, size=n)
    second = np.where(has_second & (second != samples["substance_id"].to_numpy()), second, "")
    weighed = samples["found_by"].isin(("border", "seizure")).to_numpy()
    median, sigma = figures.QUANTITY
    lag = lognormal_days(rng, lag=finder.lag, size=n)
    return samples.assign(
        sampled=day - lag.astype("timedelta64[D]"),
        received_at=moments_after(rng, days=day, lag_days=rng.integers(0, 2, size=n)),
        found=[country.preferred(name) for name in samples["substance_id"].tolist()],
        adulterants=[country.preferred(name) if name else "" for name in second.tolist()],
        sold_as=[country.preferred(name) if name else "" for name in samples["sold_as_id"]],
        identification_basis=np.where(confirmed, "confirmed", "presumptive").astype(object),
        method=choose(rng, shares=finder.methods, size=n),
        sample_type="product",
        quantity=np.where(weighed, median * np.exp(sigma * rng.standard_normal(n)), np.nan),
        withdrawn="false",
        event_id="",
    )


def _sold_as(name: str, size: int, rng: np.random.Generator) -> Texts:
    if name != "drug_checking":
        return np.full(size, "", dtype=object)
    return choose(rng, shares=figures.SOLD_AS, size=size)


def _found(sold_as: Texts, finder: Finder, rng: np.random.Generator) -> Texts:
    """Draw what is found; where the sample was sold as something, often that."""
    if finder.substances:
        return choose(rng, shares=finder.substances, size=len(sold_as))
    wrong = np.array([figures.NOT_AS_SOLD.get(n, figures.NOT_AS_SOLD_OTHERS) for n in sold_as])
    is_other = rng.random(len(sold_as)) < wrong
    found = sold_as.copy()
    for name in figures.SOLD_AS:
        here = is_other & (sold_as == name)
        instead = figures.FOUND_INSTEAD.get(name, figures.FOUND_INSTEAD["all"])
        others = {other: share for other, share in instead.items() if other != name}
        found[here] = choose(rng, shares=others, size=int(here.sum()))
    return found


def _areas(name: str, country: Country, size: int, rng: np.random.Generator) -> Texts:
    """Place samples in regions and nations: a postcode area or a prison says no more."""
    if name == "border":
        return np.full(size, figures.BORDER_AREA, dtype=object)
    rates = figures.CHECKING_RATES if name == "drug_checking" else {}
    weights = country.population * np.array([rates.get(r, 1.0) for r in country.regions])
    return country.regions[rng.choice(len(weights), size=size, p=weights / weights.sum())]


def rows(cases: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Write the sightings known at the end as rows of the feed, oldest receipt first."""
    limit = np.datetime64(timeline.as_of.replace(tzinfo=None), "s")
    known = cases[cases["received_at"] <= limit].sort_values("received_at", kind="stable")
    number, _ = pd.factorize(known["sample"])
    quantity = number_text(known["quantity"], "{:.2f}")
    return pd.DataFrame(
        {
            "sighting_id": [f"S-{count:06d}" for count in (number + 1).tolist()],
            "received_at": moment_text(known["received_at"]),
            "identified_on": day_text(known["day"]),
            "sampled_on": day_text(known["sampled"]),
            **{name: known[name].to_numpy() for name in _AS_DRAWN},
            "quantity": quantity,
            "quantity_unit": ["gram" if text else "" for text in quantity],
            "setting": np.where(known["found_by"] == "prison", "prison", "").astype(object),
            "grade": known["identification_basis"].map(_GRADES).to_numpy(),
            "withdrawn": known["withdrawn"].to_numpy(),
            "event_id": known["event_id"].to_numpy(),
        }
    )
