"""Prices of deals and purity of heroin and cocaine, by region."""

import numpy as np
import pandas as pd

from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import Cases, lognormal_days, moments_after
from surveillance.simulate.figures import market as figures
from surveillance.simulate.files import day_text, moment_text, number_text
from surveillance.simulate.world import World

COLUMNS = (
    "obs_id",
    "received_at",
    "observed_on",
    "observed_precision",
    "area_code",
    "substance",
    "market_level",
    "deal_mass_g",
    "price_gbp",
    "purity_percent",
    "purity_n",
    "withdrawn",
)
_LEAST_PURITY, _GREATEST_PURITY = 1.0, 99.0


def background(world: World, _: Cases, rng: np.random.Generator) -> pd.DataFrame:
    """Draw every price and purity of the country before anything is planted.

    Returns:
        One row an observation: day, precision, region, substance, level, mass in grams, price
        in pounds, purity in per cent, samples, and when it was received.
    """
    country, timeline = world.country, world.timeline
    prices = [_prices(country, timeline, rng, name) for name in figures.DEALS]
    purities = [_purities(country, timeline, rng, name) for name in figures.PURITIES]
    return pd.concat([*prices, *purities], ignore_index=True)


def _prices(
    country: Country, timeline: Timeline, rng: np.random.Generator, substance: str
) -> pd.DataFrame:
    deals = figures.DEALS[substance]
    shares = np.array([share for *_, share in deals])
    mondays = timeline.days[::7]
    regions = np.array(country.region_codes, dtype=object)
    drawn = rng.poisson(figures.PRICES_PER_REGION_WEEK, size=(len(regions), len(mondays)))
    region, week = (
        np.repeat(place, drawn.ravel()) for place in np.indices(drawn.shape).reshape(2, -1)
    )
    size = len(region)
    deal = rng.choice(len(deals), size=size, p=shares / shares.sum())
    day = mondays[week] + rng.integers(0, 7, size=size)
    price = np.array([entry[1] for entry in deals])[deal]
    price = price * np.exp(figures.PRICE_SIGMA * rng.standard_normal(size))
    if substance == "cocaine":
        price = (
            np.where(regions[region] == figures.LONDON, figures.LONDON_COCAINE_FACTOR, 1) * price
        )
    received = moments_after(
        rng, days=day, lag_days=lognormal_days(rng, lag=figures.PRICE_LAG, size=size)
    )
    return pd.DataFrame(
        {
            "day": day,
            "precision": "day",
            "area_code": regions[region],
            "substance_id": substance,
            "word": country.preferred(substance),
            "market_level": np.array([entry[2] for entry in deals], dtype=object)[deal],
            "deal_mass_g": np.array([entry[0] for entry in deals])[deal],
            "price_gbp": price,
            "purity_percent": np.nan,
            "purity_n": np.nan,
            "received_at": received,
            "event_id": "",
        }
    )


def _purities(
    country: Country, timeline: Timeline, rng: np.random.Generator, substance: str
) -> pd.DataFrame:
    mean, spread = figures.PURITIES[substance]
    months = np.unique(timeline.days.astype("datetime64[M]"))
    regions = np.array(country.region_codes, dtype=object)
    samples = rng.poisson(figures.PURITY_SAMPLES_PER_MONTH, size=(len(regions), len(months)))
    # A month without a sample is not supplied; it is no row, and never a purity of zero.
    region, month = np.nonzero(samples)
    size = len(region)
    n = samples[region, month]
    purity = mean + spread / np.sqrt(n) * rng.standard_normal(size)
    closed = (months[month] + 1).astype("datetime64[D]")
    received = moments_after(
        rng, days=closed, lag_days=lognormal_days(rng, lag=figures.PURITY_LAG, size=size)
    )
    return pd.DataFrame(
        {
            "day": months[month].astype("datetime64[D]"),
            "precision": "month",
            "area_code": regions[region],
            "substance_id": substance,
            "word": country.preferred(substance),
            "market_level": "retail",
            "deal_mass_g": np.nan,
            "price_gbp": np.nan,
            "purity_percent": purity,
            "purity_n": n.astype(float),
            "received_at": received,
            "event_id": "",
        }
    )


def rows(cases: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Write the observations known at the end as rows of the feed, oldest receipt first."""
    limit = np.datetime64(timeline.as_of.replace(tzinfo=None), "s")
    known = cases[cases["received_at"] <= limit].sort_values("received_at", kind="stable")
    purity = known["purity_percent"].clip(_LEAST_PURITY, _GREATEST_PURITY)
    return pd.DataFrame(
        {
            "obs_id": [f"PP-{number:06d}" for number in range(1, len(known) + 1)],
            "received_at": moment_text(known["received_at"]),
            "observed_on": day_text(known["day"]),
            "observed_precision": known["precision"].to_numpy(),
            "area_code": known["area_code"].to_numpy(),
            "substance": known["word"].to_numpy(),
            "market_level": known["market_level"].to_numpy(),
            "deal_mass_g": number_text(known["deal_mass_g"], "{:g}"),
            "price_gbp": number_text(known["price_gbp"], "{:.2f}"),
            "purity_percent": number_text(purity, "{:.1f}"),
            "purity_n": number_text(known["purity_n"], "{:.0f}"),
            "withdrawn": "false",
            "event_id": known["event_id"].to_numpy(),
        }
    )
