from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.simulate import DrawnCountry, World
from surveillance.simulate.country import Country
from surveillance.simulate.figures import deaths as figures

WEEKS = 312
SharesWithin = Callable[[pd.Series, dict[str, float]], bool]
ShareWithin = Callable[[float, float, int], bool]


@pytest.fixture(scope="module")
def country(world: World) -> Country:
    return world.country


@pytest.fixture(scope="module")
def background_deaths(calm: DrawnCountry) -> pd.DataFrame:
    return calm.cases["deaths"]


def is_registered_by_inquest(deaths: pd.DataFrame) -> pd.Series:
    return ~deaths["area_code"].str.startswith("S") & ~deaths["cleared"]


def delay_days(deaths: pd.DataFrame, column: str) -> pd.Series:
    return (deaths[column] - deaths["day"]).dt.total_seconds() / 86400


@pytest.mark.parametrize(
    ("prefixes", "per_week"),
    [
        (("E", "W"), figures.DEATHS_PER_WEEK_ENGLAND_AND_WALES),
        (("S",), figures.DEATHS_PER_WEEK_SCOTLAND),
        (("N",), figures.DEATHS_PER_WEEK_NORTHERN_IRELAND),
    ],
)
def test_each_nation_has_the_stated_deaths_a_week(
    calm: DrawnCountry, prefixes: tuple[str, ...], per_week: float
) -> None:
    deaths = calm.cases["deaths"]

    here = deaths["area_code"].str.startswith(prefixes) & ~deaths["cleared"]

    standard_error = np.sqrt((per_week + (figures.DEATH_WEEK_CV * per_week) ** 2) / WEEKS)
    assert here.sum() / WEEKS == pytest.approx(per_week, abs=4 * standard_error)


def test_the_north_east_has_twice_the_death_rate_of_london(
    background_deaths: pd.DataFrame, country: Country
) -> None:
    region = dict(zip(country.authorities, country.regions, strict=True))
    deaths = background_deaths["area_code"].map(region).value_counts()
    people = pd.Series(country.population).groupby(country.regions).sum()

    rates = deaths / people

    assert rates["E12000001"] / rates["E12000007"] == pytest.approx(13.4 / 5.3, rel=0.12)


def test_four_deaths_in_five_are_suspected_within_two_weeks(
    background_deaths: pd.DataFrame,
) -> None:
    real = background_deaths[~background_deaths["cleared"]]

    days = delay_days(real, "suspected_at")

    assert days.notna().mean() == pytest.approx(figures.SUSPECTED_SHARE, abs=0.02)
    assert days.median() == pytest.approx(figures.SUSPECTED_LAG[0] + 0.5, abs=0.5)
    assert (days.dropna() < 14).mean() > 0.985


def test_an_inquest_takes_six_to_seven_months_and_scotland_registers_in_ten_days(
    background_deaths: pd.DataFrame,
) -> None:
    by_inquest = is_registered_by_inquest(background_deaths)
    days = delay_days(background_deaths, "registered_on")

    inquest, scottish = days[by_inquest], days[~by_inquest].dropna()

    assert 6 * 30 <= inquest.median() <= 7 * 30.5
    assert (inquest <= 7).mean() == pytest.approx(0.008, abs=0.004)
    assert scottish.median() == 10


def test_half_of_a_years_registrations_are_of_earlier_years(
    background_deaths: pd.DataFrame,
) -> None:
    deaths = background_deaths[is_registered_by_inquest(background_deaths)]
    year = deaths["registered_on"].dt.year
    settled = year.between(2023, 2025)

    is_earlier = (deaths["day"].dt.year < year)[settled]

    assert is_earlier.mean() == pytest.approx(0.51, abs=0.06)


def test_weekdays_keep_their_weights(background_deaths: pd.DataFrame) -> None:
    per_day = background_deaths["day"].dt.day_of_week.value_counts(normalize=True).sort_index()

    assert (per_day * 7).to_numpy() == pytest.approx(figures.DEATH_WEEKDAYS, abs=0.045)


def test_weeks_scatter_more_widely_than_poisson(background_deaths: pd.DataFrame) -> None:
    first = background_deaths["day"].min()
    week = (background_deaths["day"] - first).dt.days // 7

    counts = week.value_counts()

    assert 1.2 < counts.var() / counts.mean() < 2.0


def test_the_versions_of_a_death_come_in_their_order(calm: DrawnCountry) -> None:
    order = {"suspected": 0, "registered": 1, "concluded": 2}
    rows = calm.rows["deaths"].drop_duplicates(["death_id", "received_at"])

    stage = rows.sort_values("received_at")["status"].map(order)

    assert (stage.groupby(rows["death_id"]).diff().dropna() >= 0).all()
    assert not rows.duplicated(["death_id", "status", "withdrawn"]).any()


def test_a_suspicion_that_is_cleared_is_withdrawn_and_never_registered(
    calm: DrawnCountry,
) -> None:
    rows = calm.rows["deaths"]

    withdrawn = rows[rows["withdrawn"] == "true"]

    assert len(withdrawn) > 500
    later = rows[rows["death_id"].isin(withdrawn["death_id"])]
    assert set(later["status"]) == {"suspected"}


@pytest.mark.parametrize("substance_id", ["heroin", "methadone", "cocaine", "bromazolam"])
def test_deaths_outside_scotland_involve_each_substance_in_its_stated_share(
    background_deaths: pd.DataFrame,
    country: Country,
    share_within: ShareWithin,
    substance_id: str,
) -> None:
    deaths = background_deaths[~background_deaths["area_code"].str.startswith("S")]
    word = country.preferred(substance_id)

    named = deaths["detected"].str.split(";").map(lambda names: word in names)

    stated, _ = figures.DEATH_SUBSTANCES[substance_id]
    assert share_within(named.mean(), stated, len(deaths))


@pytest.mark.parametrize(
    ("column", "stated"),
    [
        ("age_band", figures.DEATH_AGES),
        ("sex", figures.DEATH_SEXES),
        ("place_type", figures.PLACE_TYPES),
        ("rank", figures.SUSPECTED_RANKS),
    ],
)
def test_the_mixes_of_deaths_are_as_stated(
    background_deaths: pd.DataFrame,
    column: str,
    stated: dict[str, float],
    shares_within: SharesWithin,
) -> None:
    assert shares_within(background_deaths[column], dict(stated))


def test_deaths_follow_their_season(background_deaths: pd.DataFrame) -> None:
    day = background_deaths["day"]
    whole_years = day[(day >= "2021-01-01") & (day < "2026-01-01")]
    angle = 2 * np.pi * (whole_years.dt.day_of_year - 1) / 365.25

    amplitude = 2 * np.cos(angle).mean()

    # Weeks scatter more than Poisson, so the bound is widened by their dispersion of about 1.45.
    assert amplitude == pytest.approx(
        figures.DEATH_SEASON, abs=4 * np.sqrt(2 * 1.45 / len(whole_years))
    )


def test_what_is_implicated_was_detected(background_deaths: pd.DataFrame) -> None:
    pairs = zip(background_deaths["implicated"], background_deaths["detected"], strict=True)

    assert all({*some.split(";")} - {""} <= {*every.split(";")} for some, every in pairs)
