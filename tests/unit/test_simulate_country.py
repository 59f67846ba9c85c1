from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from surveillance import simulate
from surveillance.domain import PlantedEvent
from surveillance.register import Register
from surveillance.simulate import (
    GENERATORS,
    SCENARIOS,
    DrawnCountry,
    World,
    draw_country,
    make_world,
)
from surveillance.simulate.country import Country, Timeline, make_timeline
from surveillance.simulate.figures import deaths as death_figures
from surveillance.simulate.figures import market as market_figures
from surveillance.simulate.figures import reports as report_figures
from surveillance.simulate.scenarios import PLAN

WEEKS = 312


@pytest.fixture(scope="module")
def world(register: Register) -> World:
    return make_world(register, weeks=WEEKS, end_week="2026-W40")


@pytest.fixture(scope="module")
def timeline(world: World) -> Timeline:
    return world.timeline


@pytest.fixture(scope="module")
def country(world: World) -> Country:
    return world.country


@pytest.fixture(scope="module")
def drawn(world: World) -> DrawnCountry:
    return draw_country(world, seed=1)


@pytest.fixture(scope="module")
def background_deaths(drawn: DrawnCountry) -> pd.DataFrame:
    deaths = drawn.cases["deaths"]
    return deaths[deaths["event_id"] == ""]


@pytest.fixture(scope="module")
def planted(drawn: DrawnCountry) -> Callable[[str], pd.DataFrame]:
    """Rows of the feed that belong to one planted event."""
    feeds = {
        event.event_id: feed
        for event in drawn.events
        for feed, generator in GENERATORS.items()
        if generator.kind == event.kind
    }

    def rows_of(event_id: str) -> pd.DataFrame:
        rows = drawn.rows[feeds[event_id]]
        return rows[rows["event_id"] == event_id]

    return rows_of


def is_registered_by_inquest(deaths: pd.DataFrame) -> pd.Series:
    return ~deaths["area_code"].str.startswith("S") & ~deaths["cleared"]


def delay_days(deaths: pd.DataFrame, column: str) -> pd.Series:
    return (deaths[column] - deaths["day"]).dt.total_seconds() / 86400


def test_the_country_has_twelve_regions_and_every_upper_tier_authority(country: Country) -> None:
    assert len(country.region_codes) == 12
    assert len(country.authorities) > 200
    assert country.population.sum() == pytest.approx(67.6e6, rel=0.01)


def test_reports_come_at_the_stated_weekly_mean(drawn: DrawnCountry) -> None:
    reports = drawn.cases["reaction_reports"]

    per_week = (reports["event_id"] == "").sum() / WEEKS

    four_standard_errors = 4 * np.sqrt(report_figures.REPORTS_PER_WEEK * 1.1 / WEEKS)
    assert per_week == pytest.approx(report_figures.REPORTS_PER_WEEK, abs=four_standard_errors)


def test_six_reports_in_ten_name_a_synthetic_cannabinoid(
    drawn: DrawnCountry, register: Register
) -> None:
    reports = drawn.cases["reaction_reports"]
    branch = register.substances.descendants("synthetic_cannabinoids")

    share = reports.loc[reports["event_id"] == "", "substance_id"].isin(branch).mean()

    assert share == pytest.approx(0.60, abs=0.06)


@pytest.mark.parametrize(
    ("prefixes", "per_week"),
    [
        (("E", "W"), death_figures.DEATHS_PER_WEEK_ENGLAND_AND_WALES),
        (("S",), death_figures.DEATHS_PER_WEEK_SCOTLAND),
        (("N",), death_figures.DEATHS_PER_WEEK_NORTHERN_IRELAND),
    ],
)
def test_each_nation_has_the_stated_deaths_a_week(
    drawn: DrawnCountry, prefixes: tuple[str, ...], per_week: float
) -> None:
    deaths = drawn.cases["deaths"]
    is_background = ~deaths["event_id"].str.startswith("A") & ~deaths["cleared"]

    here = deaths["area_code"].str.startswith(prefixes) & is_background

    standard_error = np.sqrt((per_week + (death_figures.DEATH_WEEK_CV * per_week) ** 2) / WEEKS)
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

    assert days.notna().mean() == pytest.approx(death_figures.SUSPECTED_SHARE, abs=0.02)
    assert days.median() == pytest.approx(death_figures.SUSPECTED_LAG[0] + 0.5, abs=0.5)
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

    assert (per_day * 7).to_numpy() == pytest.approx(death_figures.DEATH_WEEKDAYS, abs=0.045)


def test_weeks_scatter_more_widely_than_poisson(background_deaths: pd.DataFrame) -> None:
    first = background_deaths["day"].min()
    week = (background_deaths["day"] - first).dt.days // 7

    counts = week.value_counts()

    assert 1.2 < counts.var() / counts.mean() < 2.0


@pytest.mark.parametrize(
    ("mass_g", "price_gbp"), [(0.1, 10.0), (0.2, 10.0), (0.5, 20.0), (1.0, 40.0)]
)
def test_heroin_deals_have_their_stated_median_price(
    drawn: DrawnCountry, mass_g: float, price_gbp: float
) -> None:
    market = drawn.cases["price_purity"]
    deals = market[
        (market["substance_id"] == "heroin")
        & (market["deal_mass_g"] == mass_g)
        & (market["event_id"] == "")
    ]

    assert deals["price_gbp"].median() == pytest.approx(price_gbp, rel=0.03)


def test_heroin_purity_keeps_its_mean_and_halves_in_the_drought(drawn: DrawnCountry) -> None:
    market = drawn.cases["price_purity"]
    heroin = market[(market["substance_id"] == "heroin") & market["purity_n"].notna()]
    is_drought = heroin["event_id"] == "C1"

    mean = heroin[~is_drought]["purity_percent"].mean()
    cut = heroin[is_drought]["purity_percent"].mean()

    assert mean == pytest.approx(market_figures.PURITIES["heroin"][0], abs=1)
    assert cut / mean == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("feed", list(GENERATORS))
def test_nothing_received_after_the_end_is_in_a_file(drawn: DrawnCountry, feed: str) -> None:
    received = pd.to_datetime(drawn.rows[feed]["received_at"], utc=True)

    assert received.max() <= pd.Timestamp("2026-10-05T06:00:00Z")


def test_the_versions_of_a_death_come_in_their_order(drawn: DrawnCountry) -> None:
    order = {"suspected": 0, "registered": 1, "concluded": 2}
    rows = drawn.rows["deaths"].drop_duplicates(["death_id", "received_at"])

    stage = rows.sort_values("received_at")["status"].map(order)

    assert (stage.groupby(rows["death_id"]).diff().dropna() >= 0).all()
    assert not rows.duplicated(["death_id", "status", "withdrawn"]).any()


def test_a_suspicion_that_is_cleared_is_withdrawn_and_never_registered(
    drawn: DrawnCountry,
) -> None:
    rows = drawn.rows["deaths"]

    withdrawn = rows[rows["withdrawn"] == "true"]

    assert len(withdrawn) > 500
    later = rows[rows["death_id"].isin(withdrawn["death_id"])]
    assert set(later["status"]) == {"suspected"}


def test_some_harms_are_reported_by_hospital_and_ambulance(drawn: DrawnCountry) -> None:
    reports = drawn.cases["reaction_reports"]
    background = reports[reports["event_id"] == ""]

    twins = background[background.duplicated("harm_id", keep=False)]

    assert len(twins) >= 2 * 20
    assert {"emergency_department", "ambulance"} <= set(twins["reporter_role"])


def test_every_scenario_is_planted_and_some_touch_the_last_fortnight(
    drawn: DrawnCountry, timeline: Timeline
) -> None:
    fortnight = timeline.before_end(13)

    recent = {event.scenario for event in drawn.events if event.last_day >= fortnight}

    assert {event.scenario for event in drawn.events} == set(SCENARIOS)
    assert {"A", "B", "D", "F", "G", "I"} <= recent
    assert {event.scenario for event in drawn.events if not event.alert_is_right} == {"D"}


def test_planted_cases_lie_in_the_files_on_the_days_and_at_the_size_of_the_truth(
    drawn: DrawnCountry, planted: Callable[[str], pd.DataFrame]
) -> None:
    keys = {"reaction_report": "report_id", "death": "death_id"}
    dates = {"reaction_report": "event_date", "death": "date_of_death"}
    rows_a_harm = {"I": 2}
    harmful = [event for event in drawn.events if event.scenario not in ("C", "D")]

    for event in harmful:
        rows = planted(event.event_id)
        days = rows[dates[event.kind]]
        assert rows[keys[event.kind]].nunique() == event.size * rows_a_harm.get(event.scenario, 1)
        assert days.min() == event.first_day.isoformat()
        assert days.max() == event.last_day.isoformat()


def test_planted_cases_lie_in_the_area_of_the_truth(
    drawn: DrawnCountry, planted: Callable[[str], pd.DataFrame], register: Register
) -> None:
    for event in drawn.events:
        inside = register.areas.descendants(event.area_code)
        assert set(planted(event.event_id)["area_code"]) <= inside


def test_the_novel_opioid_is_named_in_no_earlier_row(
    drawn: DrawnCountry, planted: Callable[[str], pd.DataFrame]
) -> None:
    everything = drawn.rows["reaction_reports"].astype(str).agg(" ".join, axis=1)
    word = planted("G1")["substances"].iloc[0][0]["name"]

    assert planted("G1")["identification_basis"].tolist() == ["confirmed"]
    assert everything.str.contains(word, regex=False, case=False).sum() == 1
    assert not drawn.rows["deaths"]["detected"].str.contains(word, regex=False, case=False).any()


def test_a_coroners_backlog_moves_registrations_and_no_death(
    world: World, drawn: DrawnCountry, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = next(event for event in drawn.events if event.event_id == "D1")
    monkeypatch.setattr(simulate, "PLAN", ())

    calm = draw_country(world, seed=1).cases["deaths"]

    deaths = drawn.cases["deaths"]
    moved = deaths[deaths["event_id"] == "D1"]
    assert len(moved) == event.size > 20
    assert moved["registered_on"].dt.date.between(event.first_day, event.last_day).all()
    before = pd.Timestamp(event.first_day - timedelta(days=182))
    held_up = deaths[deaths["area_code"] == event.area_code]
    waited = held_up["registered_on"].between(before, pd.Timestamp(event.first_day), "left")
    assert not waited.any()
    assert moved[["day", "area_code", "detected"]].equals(
        calm.loc[moved.index, ["day", "area_code", "detected"]]
    )


def test_planting_moves_nothing_of_the_background(
    world: World, drawn: DrawnCountry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "PLAN", tuple(p for p in PLAN if p.scenario == "G"))

    fewer = draw_country(world, seed=1).cases["reaction_reports"]

    every = drawn.cases["reaction_reports"]
    pd.testing.assert_frame_equal(fewer[fewer["event_id"] == ""], every[every["event_id"] == ""])


def test_an_event_that_does_not_fit_into_few_weeks_is_left_out(world: World) -> None:
    short = replace(world, timeline=make_timeline(weeks=4, end_week="2026-W40"))

    drawn = draw_country(short, seed=1)

    planted: set[PlantedEvent] = set(drawn.events)

    assert {event.event_id for event in planted} == {"B1", "F1", "G1", "I1"}


def test_every_word_that_is_written_reads_back_as_the_substance_it_stands_for(
    country: Country, register: Register
) -> None:
    ids = {
        *report_figures.REPORT_SUBSTANCES,
        *death_figures.DEATH_SUBSTANCES,
        *market_figures.DEALS,
        *report_figures.CO_USED,
    }
    ids |= {planting.substance_id for planting in PLAN}

    for substance_id in ids - {"unknown"}:
        for word in country.words(substance_id):
            assert register.substances.resolve_name(word) == substance_id


def test_every_reaction_term_is_in_the_register(register: Register) -> None:
    terms = {term for profile in report_figures.REACTIONS.values() for term in profile}

    assert {term for term in terms if register.reactions.resolve_name(term) is None} == set()
