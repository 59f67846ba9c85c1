from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest

from surveillance.domain import PlantedEvent
from surveillance.register import Register
from surveillance.simulate import (
    GENERATORS,
    SCENARIOS,
    Choices,
    DrawnCountry,
    World,
    draw_country,
    make_world,
)
from surveillance.simulate.draws import part_generator
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.scenarios import PLAN, Scene, plant

RIGHT = {"A", "B", "C", "F", "G", "I", "L"}
WRONG = {"D", "E", "H", "J", "K"}
DAYS = {"reaction_report": "event_date", "death": "date_of_death", "sighting": "identified_on"}
HARMFUL = ("A", "B", "F", "G", "I", "L")


@pytest.fixture(scope="module")
def events(drawn: DrawnCountry) -> dict[str, PlantedEvent]:
    return {event.event_id: event for event in drawn.events}


@pytest.fixture(scope="module")
def planted(drawn: DrawnCountry) -> Callable[[PlantedEvent], pd.DataFrame]:
    """Rows of the feed of an event's kind that belong to it."""

    def rows_of(event: PlantedEvent) -> pd.DataFrame:
        (feed,) = (
            feed for feed in SCENARIOS[event.scenario].feeds if GENERATORS[feed].kind == event.kind
        )
        rows = drawn.rows[feed]
        return rows[rows["event_id"] == event.event_id]

    return rows_of


def test_there_are_twelve_scenarios_and_the_plan_uses_every_one() -> None:
    assert set(SCENARIOS) == RIGHT | WRONG == set("ABCDEFGHIJKL")
    assert {planting.scenario for planting in PLAN} == set(SCENARIOS)
    assert len({planting.event_id for planting in PLAN}) == len(PLAN)


def test_every_scenario_is_planted_and_most_touch_the_last_fortnight(
    drawn: DrawnCountry, world: World
) -> None:
    fortnight = world.timeline.before_end(13)

    recent = {event.scenario for event in drawn.events if event.last_day >= fortnight}

    assert {event.scenario for event in drawn.events} == set(SCENARIOS)
    assert set(SCENARIOS) - recent == {"C", "J"}


def test_the_truth_says_which_alerts_are_right_and_what_should_come_of_each_event(
    drawn: DrawnCountry,
) -> None:
    responses = {(event.scenario, event.response) for event in drawn.events}

    assert {event.scenario for event in drawn.events if event.alert_is_right} == RIGHT
    assert {event.scenario for event in drawn.events if not event.alert_is_right} == WRONG
    assert responses == {
        *((letter, "signal") for letter in RIGHT - {"L"}),
        *((letter, "none") for letter in WRONG - {"H"}),
        ("H", "silence"),
        ("L", "withdrawal"),
    }
    assert all((event.withdrawn_on is None) == (event.scenario != "L") for event in drawn.events)


def test_planted_cases_lie_in_the_files_on_the_days_and_at_the_size_of_the_truth(
    drawn: DrawnCountry, planted: Callable[[PlantedEvent], pd.DataFrame]
) -> None:
    rows_a_harm = {"I": 2}
    for event in drawn.events:
        if event.scenario not in HARMFUL:
            continue
        rows, key = planted(event), GENERATORS[_feed_of(event)].key
        days = rows[DAYS[event.kind]]
        assert rows[key].nunique() == event.size * rows_a_harm.get(event.scenario, 1)
        assert days.min() == event.first_day.isoformat()
        assert days.max() == event.last_day.isoformat()


def _feed_of(event: PlantedEvent) -> str:
    return next(
        feed for feed in SCENARIOS[event.scenario].feeds if GENERATORS[feed].kind == event.kind
    )


def test_planted_cases_lie_in_the_area_of_the_truth(
    drawn: DrawnCountry, planted: Callable[[PlantedEvent], pd.DataFrame], register: Register
) -> None:
    for event in drawn.events:
        rows = planted(event)
        inside = register.areas.descendants(event.area_code)
        if event.scenario not in ("J", "K"):
            assert set(rows["area_code"]) <= inside, event.event_id
        if event.scenario in HARMFUL:
            assert len(rows)


@pytest.mark.parametrize("letter", sorted(SCENARIOS))
def test_a_scenario_changes_its_own_feeds_and_no_other(
    world: World, calm: DrawnCountry, letter: str
) -> None:
    cases = calm.cases
    events: list[PlantedEvent] = []
    for planting in PLAN:
        if planting.scenario == letter:
            rng = part_generator(1, part=f"event {planting.event_id}")
            cases, planted = plant(Scene(world, cases, rng), planting)
            events.extend(planted)

    changed = {feed for feed in GENERATORS if not cases[feed].equals(calm.cases[feed])}

    beside = {"B": {"sightings"}, "I": {"deaths"}, "J": {"street_events"}, "L": {"sightings"}}
    assert {event.scenario for event in events} == {letter}
    assert changed == set(SCENARIOS[letter].feeds) | beside.get(letter, set())


@pytest.mark.parametrize(
    ("letters", "planted"), [((), set()), (("B",), {"B1"}), (("F", "G"), {"F1", "G1", "G2"})]
)
def test_only_the_chosen_scenarios_are_planted(
    register: Register, letters: tuple[str, ...], planted: set[str]
) -> None:
    chosen = Choices(scenarios=frozenset(letters))
    world = make_world(register, weeks=5, end_week="2026-W40", choices=chosen)

    drawn = draw_country(world, seed=1)

    assert {event.event_id for event in drawn.events} == planted
    marked = {name for rows in drawn.rows.values() for name in set(rows["event_id"])} - {""}
    assert marked == planted


def test_planting_moves_nothing_of_the_background(drawn: DrawnCountry, calm: DrawnCountry) -> None:
    every = drawn.cases["reaction_reports"]
    background = every[every["event_id"] == ""].reset_index(drop=True)

    pd.testing.assert_frame_equal(background, calm.cases["reaction_reports"], check_dtype=False)


def test_the_summer_cluster_lies_in_june_to_august(events: dict[str, PlantedEvent]) -> None:
    deaths, reports = events["A2-deaths"], events["A2-reports"]

    assert (deaths.first_day, deaths.last_day) == (date(2024, 6, 1), date(2024, 8, 31))
    assert (reports.first_day, reports.last_day) == (date(2024, 6, 1), date(2024, 8, 31))
    assert (deaths.size, reports.size) == (18, 25)


def test_the_laboratory_names_the_burst_from_its_second_day_on(
    drawn: DrawnCountry,
    events: dict[str, PlantedEvent],
    planted: Callable[[PlantedEvent], pd.DataFrame],
) -> None:
    event = events["B1"]
    second = (event.first_day + timedelta(days=1)).isoformat()
    rows = planted(event)
    named = rows["substances"].map(lambda one: one[0]["name"])
    samples = drawn.rows["sightings"].query("event_id == 'B1'")

    assert len(rows) == 57
    assert "died" not in set(rows["outcome"])
    assert set(rows.loc[named == "Metonitazene", "identification_basis"]) == {"confirmed"}
    assert rows.loc[named == "Metonitazene", "event_date"].min() >= second
    assert samples["identified_on"].tolist() == [second]
    assert samples[["found", "sold_as"]].to_numpy().tolist() == [["Metonitazene", "Heroin"]]


@pytest.mark.parametrize(
    "word", ["N-desethyl isotonitazene", "isotonitazene", figures.NEW_NAME.lower()]
)
def test_a_novel_opioid_is_named_once(drawn: DrawnCountry, word: str) -> None:
    columns = {
        "deaths": ("detected", "implicated", "certificate_text"),
        "reaction_reports": ("substances",),
        "sightings": ("found", "adulterants", "sold_as"),
        "street_events": ("substances", "origin"),
    }

    named = sum(
        drawn.rows[feed][name]
        .astype(str)
        .str.lower()
        .str.contains(rf"(?<!\w |\w-){word.lower()}")
        .sum()
        for feed, names in columns.items()
        for name in names
    )

    assert named == 1


def test_the_unknown_opioid_keeps_the_name_that_the_register_lacks(
    drawn: DrawnCountry, events: dict[str, PlantedEvent]
) -> None:
    row = drawn.rows["sightings"].query("event_id == 'G2'").iloc[0]

    assert events["G2"].verbatim == row["found"] == figures.NEW_NAME
    assert events["G2"].substance_id == "unknown"
    assert (row["first_seen"], row["identification_basis"]) == ("true", "confirmed")


def test_a_coroners_backlog_moves_registrations_and_no_death(
    drawn: DrawnCountry, calm: DrawnCountry, events: dict[str, PlantedEvent]
) -> None:
    event, deaths = events["D1"], drawn.cases["deaths"]
    moved = deaths[deaths["event_id"] == "D1"]
    before = pd.Timestamp(event.first_day - timedelta(days=182))
    held_up = deaths[deaths["area_code"] == event.area_code]

    waited = held_up["registered_on"].between(before, pd.Timestamp(event.first_day), "left")

    assert len(moved) == event.size > 20
    assert moved["registered_on"].dt.date.between(event.first_day, event.last_day).all()
    assert not waited.any()
    usual = calm.cases["deaths"].loc[moved.index, ["day", "area_code", "detected"]]
    pd.testing.assert_frame_equal(moved[["day", "area_code", "detected"]], usual, check_dtype=False)


def test_the_forces_double_in_one_month_and_positivity_stays(
    drawn: DrawnCountry, events: dict[str, PlantedEvent]
) -> None:
    tests = drawn.cases["arrest_tests"]
    sums = tests.groupby("day").agg(
        forces=("area_code", "nunique"),
        tested=("denominator", "sum"),
        positive=("numerator", "sum"),
    )
    month = pd.Timestamp(events["E1"].first_day)

    before, after = sums[sums.index < month], sums[sums.index >= month]

    assert set(before["forces"]) == {14}
    assert set(after["forces"]) == {30}
    assert events["E1"].size == 16
    assert after["tested"].mean() / before["tested"].mean() > 1.8
    shares = (part["positive"].sum() / part["tested"].sum() for part in (before, after))
    assert abs(next(shares) - next(shares)) < 0.03


def test_a_feed_that_stops_brings_nothing_more_and_the_truth_counts_what_is_lost(
    drawn: DrawnCountry, calm: DrawnCountry, events: dict[str, PlantedEvent]
) -> None:
    stopped = events["H1"].first_day.isoformat()
    last = drawn.rows["street_events"]["received_at"].max()

    lost = calm.rows["street_events"]["received_at"] >= stopped

    assert last < stopped
    assert events["H1"].size == lost.sum() > 5
    assert events["H1"].last_day == date(2026, 10, 4)


def test_several_services_and_the_coroner_tell_of_the_same_people(drawn: DrawnCountry) -> None:
    reports = drawn.cases["reaction_reports"].query("event_id == 'I1'")
    deaths = drawn.cases["deaths"].query("event_id == 'I1'")

    assert reports.groupby("harm_id")["reporter_role"].nunique().tolist() == [2] * 6
    assert set(deaths["harm_id"]) < set(reports["harm_id"])
    assert len(deaths) == figures.TWIN_DEATHS
    died = reports[reports["harm_id"].isin(deaths["harm_id"])]
    assert set(died["outcome"]) == {"died"}
    linked = drawn.records().query("harm_id in @deaths.harm_id")
    assert linked.groupby("harm_id")["feed"].nunique().tolist() == [2] * figures.TWIN_DEATHS


def test_a_news_story_brings_mild_reports_and_wrong_rumours_and_no_death(
    drawn: DrawnCountry,
) -> None:
    reports = drawn.rows["reaction_reports"].query("event_id == 'J1'")
    rumours = drawn.rows["street_events"].query("event_id == 'J1'")

    assert len(reports) == figures.STORY_REPORTS
    assert set(reports["seriousness"]) == {"none"}
    assert set(reports["identification_basis"]) == {"patient_said"}
    assert set(rumours["grade"]) == {"G0"}
    assert set(rumours["is_right"]) == {"false"}
    assert "J1" not in set(drawn.rows["deaths"]["event_id"])


def test_a_supplier_writes_the_older_code_until_one_day_and_the_present_one_from_then(
    drawn: DrawnCountry, events: dict[str, PlantedEvent], register: Register
) -> None:
    changed = events["K1-deaths"].first_day.isoformat()
    old, new = figures.RENAMED_OLD, events["K1-deaths"].area_code
    for feed in ("deaths", "acquisitive_crime"):
        rows = drawn.rows[feed]
        received = {code: rows.loc[rows["area_code"] == code, "received_at"] for code in (old, new)}
        assert received[old].max() < changed <= received[new].min(), feed
    assert register.areas.resolve(old) == new


def test_a_county_that_splits_ends_and_two_authorities_begin(
    drawn: DrawnCountry, calm: DrawnCountry
) -> None:
    crimes, usual = (country.cases["acquisitive_crime"] for country in (drawn, calm))
    old = crimes[crimes["area_code"] == figures.SPLIT_OLD]
    new = crimes[crimes["area_code"].isin(figures.SPLIT_NEW)]

    assert old["day"].max() < pd.Timestamp(figures.CODES_CHANGED) <= new["day"].min()
    assert not old["figure_id"].duplicated().any()
    before = usual[usual["area_code"].isin(figures.SPLIT_NEW) & (usual["day"] < new["day"].min())]
    first = before.sort_values("received_at").drop_duplicates("figure_id")
    assert old["numerator"].sum() == first["numerator"].sum()


def test_a_laboratory_takes_its_result_back_after_the_harm_was_told(
    drawn: DrawnCountry, events: dict[str, PlantedEvent]
) -> None:
    event = events["L1"]
    reports = drawn.rows["reaction_reports"].query("event_id == 'L1'")
    samples = drawn.rows["sightings"].query("event_id == 'L1'")
    assert event.withdrawn_on is not None
    mended_on = event.withdrawn_on.isoformat()

    first = reports[reports["received_at"] < mended_on]
    mended = reports[reports["received_at"] >= mended_on]

    assert len(first) == len(mended) == event.size == figures.MISTAKEN_REPORTS
    assert set(first["report_id"]) == set(mended["report_id"])
    assert not first["withdrawn"].any()
    assert mended["withdrawn"].sum() == figures.MISTAKEN_REPORTS - figures.CORRECTED_REPORTS
    kept = mended.loc[~mended["withdrawn"].astype(bool), "substances"].iloc[0][0]["name"]
    assert kept in draw_words(drawn, figures.CORRECTED_TO)
    versions = samples.groupby("sighting_id")["withdrawn"].agg(list).tolist()
    assert versions == [["false", "true"]] * figures.MISTAKEN_SAMPLES


def draw_words(drawn: DrawnCountry, substance_id: str) -> set[str]:
    """Words that some report uses for a substance."""
    reports = drawn.cases["reaction_reports"]
    named = reports.loc[reports["substance_id"] == substance_id, "substances"]
    return {one[0]["name"] for one in named}
