"""The real files beside the checkout, against the figures their provenance states."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from surveillance.feeds.description import load_description
from surveillance.feeds.landing import land
from surveillance.feeds.parsing import ParsedBatch, parse
from surveillance.register import Register

pytestmark = pytest.mark.shared

CONNECTICUT = "data/ct_drug_deaths/ct_accidental_drug_deaths_2012_2022.csv.gz"
EARLIER = "data/ct_drug_deaths/ct_accidental_drug_deaths_2012_2018_earlier_release.csv"
DAILY = "data/ons_daily_deaths/ons_dp_opioid.csv"


@pytest.fixture(scope="module")
def read(
    tmp_path_factory: pytest.TempPathFactory,
    shared_folder: Path,
    config_folder: Path,
    register: Register,
) -> Callable[[str, str], ParsedBatch]:
    raw_folder = tmp_path_factory.mktemp("raw")

    def land_and_parse(feed: str, location: str) -> ParsedBatch:
        description = load_description(config_folder / "feeds" / f"{feed}.toml")
        (batch,) = land(
            description,
            raw_folder=raw_folder,
            fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
            is_history=True,
            known=set(),
            location=location,
            base=shared_folder,
        )
        return parse(batch, description, raw_folder=raw_folder, register=register)

    return land_and_parse


def per_year(parsed: ParsedBatch, *, detected: str | None = None) -> list[int]:
    """Count records by year, those alone in which a substance was detected if one is named."""
    years: Counter[int] = Counter()
    for day, mentions in zip(parsed.rows["occurred_on"], parsed.rows["substances"], strict=True):
        found = {one.substance_id for one in mentions if one.role == "detected"}
        years[day.year] += detected is None or detected in found
    return [years[year] for year in sorted(years)]


def test_connecticut_is_read_to_the_last_row(read: Callable[[str, str], ParsedBatch]) -> None:
    parsed = read("connecticut_deaths", CONNECTICUT)

    assert (parsed.rows_present, parsed.rows_accepted, parsed.rejected) == (10_654, 10_654, ())
    assert per_year(parsed) == [355, 490, 558, 729, 917, 1038, 1017, 1200, 1374, 1524, 1452]
    assert per_year(parsed, detected="fentanyl") == [
        *(14, 37, 75, 189, 482, 676, 760, 979, 1159, 1301, 1253)
    ]
    assert per_year(parsed, detected="heroin") == [
        *(174, 257, 325, 417, 494, 474, 391, 387, 262, 166, 125)
    ]
    assert parsed.rows["occurred_precision"].value_counts().to_dict() == {
        "day": 8_887,
        "week": 1_767,
    }
    assert parsed.rows["source_ref"].is_unique


def test_connecticut_deaths_lie_in_its_counties_or_at_least_in_the_state(
    read: Callable[[str, str], ParsedBatch],
) -> None:
    areas = read("connecticut_deaths", CONNECTICUT).rows["area_code"]

    in_counties = areas.str.startswith("US-CT-").sum()

    assert set(areas[~areas.str.startswith("US-CT-")]) == {"US-CT"}
    assert in_counties > 10_400


def test_connecticut_counts_as_known_sixty_days_after_the_death(
    read: Callable[[str, str], ParsedBatch],
) -> None:
    rows = read("connecticut_deaths", CONNECTICUT).rows

    lags = {
        (received.date() - day).days
        for received, day in zip(rows["received_at"], rows["occurred_on"], strict=True)
    }

    assert lags == {60}


def test_the_earlier_release_is_read_by_its_own_description(
    read: Callable[[str, str], ParsedBatch],
) -> None:
    parsed = read("connecticut_deaths_earlier", EARLIER)

    assert (parsed.rows_present, parsed.rows_accepted) == (5_105, 5_103)
    assert [row.reasons for row in parsed.rejected] == [("occurred_on: empty",)] * 2
    assert per_year(parsed) == [355, 490, 558, 727, 917, 1038, 1018]
    assert per_year(parsed, detected="fentanyl")[-3:] == [482, 676, 760]


def test_daily_deaths_of_england_and_wales_are_counts_with_intervals(
    read: Callable[[str, str], ParsedBatch],
) -> None:
    parsed = read("ons_daily_deaths", DAILY)

    rows = parsed.rows
    ids = rows["substances"].map(lambda mentions: mentions[0].substance_id)
    years = rows["occurred_on"].map(lambda day: day.year)
    all_deaths = rows[ids == "all"].groupby(years)["count_low"].sum()
    hidden = rows[rows["count_low"] != rows["count_high"]]
    stated = {1993: 2224, 2000: 3117, 2008: 2866, 2010: 2572, 2013: 3115}
    later = {2014: 3306, 2015: 3747, 2016: 3971, 2017: 4045, 2018: 4586}
    assert (parsed.rows_present, parsed.rows_accepted, parsed.rejected) == (9_496, 9_496, ())
    assert {year: all_deaths[year] for year in stated | later} == stated | later
    assert len(hidden) == 3_052
    assert set(hidden["count_low"]) == {0}
    assert set(hidden["count_high"]) == {2}
    assert rows["occurred_on"].max() == date(2018, 12, 31)
    assert "n: 5 of 9,496 counts not supplied" in parsed.findings
