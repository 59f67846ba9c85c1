from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.domain import PlantedEvent
from surveillance.simulate import DrawnCountry
from surveillance.simulate.figures import market as figures

SharesWithin = Callable[[pd.Series, dict[str, float]], bool]


@pytest.fixture(scope="module")
def market(calm: DrawnCountry) -> pd.DataFrame:
    return calm.cases["price_purity"]


def of_heroin(market: pd.DataFrame) -> pd.DataFrame:
    return market[market["substance_id"] == "heroin"]


@pytest.mark.parametrize(
    ("mass_g", "price_gbp"), [(0.1, 10.0), (0.2, 10.0), (0.5, 20.0), (1.0, 45.0)]
)
def test_heroin_deals_have_their_stated_median_price(
    market: pd.DataFrame, mass_g: float, price_gbp: float
) -> None:
    heroin = of_heroin(market)
    deals = heroin[heroin["deal_mass_g"] == mass_g]

    logs = np.log(deals["price_gbp"] / price_gbp)

    standard_error = figures.PRICE_SIGMA / np.sqrt(len(deals))
    assert logs.mean() == pytest.approx(0, abs=4 * standard_error)
    assert logs.std() == pytest.approx(figures.PRICE_SIGMA, rel=0.1)


def test_each_region_and_week_has_one_price_of_each_drug_on_average(market: pd.DataFrame) -> None:
    prices = market["price_gbp"].notna().sum()

    expected = 12 * 312 * len(figures.DEALS) * figures.PRICES_PER_REGION_WEEK
    assert prices == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_deal_sizes_come_in_their_stated_shares(
    market: pd.DataFrame, shares_within: SharesWithin
) -> None:
    deals = of_heroin(market).dropna(subset=["price_gbp"])
    stated = {f"{mass:g}": share for mass, _, _, share in figures.DEALS["heroin"]}

    assert shares_within(deals["deal_mass_g"].map("{:g}".format), stated)


def test_powder_cocaine_costs_more_in_london(market: pd.DataFrame) -> None:
    grams = market[(market["substance_id"] == "cocaine") & (market["deal_mass_g"] == 0.5)]
    is_london = grams["area_code"] == figures.LONDON

    medians = np.log(grams["price_gbp"]).groupby(is_london).mean()

    n = int(is_london.sum())
    assert np.exp(medians[True] - medians[False]) == pytest.approx(
        figures.LONDON_COCAINE_FACTOR, rel=4 * figures.PRICE_SIGMA / np.sqrt(n)
    )


@pytest.mark.parametrize("substance_id", ["heroin", "cocaine"])
def test_purity_keeps_its_mean_and_its_spread_between_samples(
    market: pd.DataFrame, substance_id: str
) -> None:
    samples = market[(market["substance_id"] == substance_id) & market["purity_n"].notna()]
    mean, spread = figures.PURITIES[substance_id]

    apart = (samples["purity_percent"] - mean) * np.sqrt(samples["purity_n"]) / spread

    n = len(samples)
    assert apart.mean() == pytest.approx(0, abs=4 / np.sqrt(n))
    assert apart.std() == pytest.approx(1, abs=4 / np.sqrt(2 * n))
    assert samples["purity_n"].mean() == pytest.approx(figures.PURITY_SAMPLES_PER_MONTH, abs=0.5)


@pytest.fixture(scope="module")
def drought_year(drawn: DrawnCountry) -> PlantedEvent:
    return next(event for event in drawn.events if event.event_id == "C1")


def test_in_the_drought_price_falls_purity_halves_and_the_adjusted_price_rises(
    drawn: DrawnCountry, calm: DrawnCountry, drought_year: PlantedEvent
) -> None:
    # The figures of the Focal Point: 45 to 40 pounds a gram, adjusted from 42.16 to 74.32.
    pounds_before, adjusted_before = 45.0, 42.16
    day = pd.to_datetime(drawn.cases["price_purity"]["day"])
    half_year = pd.Timedelta(days=182)
    lowest = (day >= pd.Timestamp(drought_year.first_day) + half_year) & (
        day <= pd.Timestamp(drought_year.last_day)
    )

    cut, usual = (of_heroin(c.cases["price_purity"][lowest]) for c in (drawn, calm))
    price = (cut["price_gbp"] / usual["price_gbp"]).dropna()
    purity = (cut["purity_percent"] / usual["purity_percent"]).dropna()

    assert price.mean() * pounds_before == pytest.approx(40.0, abs=0.01)
    assert adjusted_before * price.mean() / purity.mean() == pytest.approx(74.32, abs=0.01)
    assert len(price) > 200
    assert len(purity) > 50


def test_a_drought_sets_in_slowly_and_is_over_within_a_quarter(
    drawn: DrawnCountry, calm: DrawnCountry, drought_year: PlantedEvent
) -> None:
    cases, usual = drawn.cases["price_purity"], calm.cases["price_purity"]
    ratio = (cases["purity_percent"] / usual["purity_percent"]).dropna()
    since = (pd.to_datetime(cases["day"]) - pd.Timestamp(drought_year.first_day)).dt.days
    is_heroin = cases["substance_id"] == "heroin"

    early = ratio[is_heroin & since.between(30, 60)]
    before = ratio[is_heroin & (since < 0)]
    after = ratio[is_heroin & (since > 364 + 91)]
    others = ratio[~is_heroin]

    assert early.between(0.75, 0.95).all()
    assert (before == 1).all()
    assert (after == 1).all()
    assert (others == 1).all()
