"""Police, laboratory and market figures against what their provenance states."""

from collections.abc import Callable
from datetime import date

import pytest

from surveillance.feeds.parsing import ParsedBatch
from tests.integration.real_feeds.read_files import ReadAll, is_whole, substances

pytestmark = pytest.mark.shared

Read = Callable[[str, str], ParsedBatch]
STREET = "police_street_cleveland/street"
SEARCHES = "police_street_cleveland/stop_and_search"
MIDDLESBROUGH = "E06000002"
CLEVELAND = {
    "2012/13": 10_631, "2017/18": 17_377, "2020/21": 9_877, "2022/23": 16_621, "2024/25": 15_729,
}  # fmt: skip
WEST_YORKSHIRE = {
    "2012/13": 49_978, "2017/18": 65_539, "2020/21": 36_277, "2022/23": 49_746, "2024/25": 52_966,
}  # fmt: skip


@pytest.mark.parametrize(
    ("month", "shoplifting", "vehicles"),
    [
        ("2018-10", 263, 114),
        ("2023-01", 141, 135),
        ("2024-01", 189, 155),
        ("2025-01", 122, 166),
        ("2025-11", 213, 117),
    ],
)
def test_street_crime_of_middlesbrough(
    month: str, shoplifting: int, vehicles: int, read: Read
) -> None:
    parsed = read("police_street_crime", f"{STREET}/{month}-cleveland-street.csv.gz")

    rows = parsed.rows[parsed.rows["area_code"] == MIDDLESBROUGH]
    found = dict(zip(rows["category"], rows["numerator"], strict=True))
    assert (found["shoplifting"], found["vehicle_crime"]) == (shoplifting, vehicles)
    assert set(rows["occurred_on"]) == {date.fromisoformat(f"{month}-01")}
    assert len(found) == 7


def test_every_street_level_row_is_counted_or_set_aside(read_all: ReadAll) -> None:
    months = read_all("police_street_crime", f"{STREET}/*.csv.gz")

    crimes = sum(float(parsed.rows["numerator"].sum()) for parsed in months.values())
    assert all(is_whole(parsed) and not parsed.rejected for parsed in months.values())
    assert sum(parsed.rows_accepted for parsed in months.values()) == crimes
    assert {area for parsed in months.values() for area in parsed.rows["area_code"]} >= {
        f"E0600000{number}" for number in (1, 2, 3, 4)
    }
    assert "unknown" not in {area for one in months.values() for area in one.rows["area_code"]}


def test_no_figure_stands_for_a_month_whose_file_is_missing(read_all: ReadAll) -> None:
    months = read_all("police_street_crime", f"{STREET}/*.csv.gz")

    days = {day for parsed in months.values() for day in parsed.rows["occurred_on"]}
    assert not any(date(2019, 3, 1) <= day <= date(2022, 12, 1) for day in days)


def test_searches_for_drugs_without_anything_about_the_person(read_all: ReadAll) -> None:
    months = read_all("police_drug_searches", f"{SEARCHES}/*.csv.gz")

    totals = dict.fromkeys(("controlled_drugs", "psychoactive_substances"), 0.0)
    for parsed in months.values():
        for category, n in zip(parsed.rows["category"], parsed.rows["numerator"], strict=True):
            totals[category] += n
    assert totals["psychoactive_substances"] == 60
    assert totals["controlled_drugs"] == (13_888 if len(months) == 35 else 12_181)
    assert all(is_whole(parsed) and not parsed.rejected for parsed in months.values())
    assert {area for one in months.values() for area in one.rows["area_code"]} == {"E23000013"}
    assert all(one.rows["sex"].isna().all() for one in months.values())


@pytest.mark.parametrize(
    ("force", "stated"), [("E23000013", CLEVELAND), ("E23000010", WEST_YORKSHIRE)]
)
def test_recorded_crime_by_financial_year(force: str, stated: dict[str, int], read: Read) -> None:
    parsed = read("home_office_recorded_crime", "home_office_prc/prc_pfa_long.parquet")

    rows = parsed.rows[parsed.rows["area_code"] == force]
    years = rows["source_ref"].str.split("|").str[0]
    sums = rows["numerator"].astype(float).groupby(years).sum()
    assert {year: sums[year] for year in stated} == stated


def test_recorded_crime_has_43_forces_four_categories_and_negative_corrections(
    read: Read,
) -> None:
    parsed = read("home_office_recorded_crime", "home_office_prc/prc_pfa_long.parquet")

    rows = parsed.rows
    quarters = rows["occurred_on"].nunique()
    assert rows["area_code"].nunique() == 43
    assert len(rows) == 43 * 4 * quarters
    assert rows["occurred_on"].min() == date(2012, 4, 1)
    assert (rows["numerator"].astype(float) < 0).sum() == 1
    assert (parsed.rows_present, parsed.rejected, is_whole(parsed)) == (321_893, (), True)


def test_laboratory_identifications_by_substance_and_year(read: Read) -> None:
    parsed = read("nflis_substances", "nflis/Drug_frequency_annual.csv")

    rows = parsed.rows.assign(name=parsed.rows["source_ref"].str.split("|", n=1).str[1])
    years = rows["occurred_on"].map(lambda day: day.year)
    items = rows["numerator"].astype(float).groupby([rows["name"].str.lower(), years]).sum()
    stated = {
        ("carfentanil", 2016): 1_405, ("carfentanil", 2017): 5_954, ("eutylone", 2019): 5_491,
        ("eutylone", 2020): 12_497, ("isotonitazene", 2021): 352, ("metonitazene", 2020): 143,
        ("protonitazene", 2023): 437, ("xylazine", 2019): 1_656, ("bromazolam", 2023): 4_463,
        ("medetomidine", 2022): 262,
    }  # fmt: skip
    assert {key: items[key] for key in stated} == stated
    totals = rows["numerator"].astype(float).groupby(years).sum()
    assert (totals[2013], totals[2019], totals[2021]) == (1_650_070, 1_803_056, 1_552_338)
    assert (parsed.rows_present, parsed.rejected) == (11_861, ())
    known = dict(zip(rows["name"], substances(parsed), strict=True))
    assert {known[one] for one in ("Carfentanil", "Xylazine")} == {"carfentanil", "xylazine"}


def test_a_share_with_its_denominator_by_month(read: Read) -> None:
    parsed = read("nflis_fentanyl", "nflis/Fentanyl_cooccurrence_month_state.csv")

    rows = parsed.rows
    first = rows[rows["source_ref"] == "US|2013-01|Methamphetamine"].iloc[0]
    assert (first["numerator"], first["denominator"]) == (0, 18_204)
    assert (len(rows), rows["category"].nunique()) == (1_188, 9)
    assert set(rows["area_code"]) == {"US"}


def test_cocaine_of_2007_by_state_and_month(read: Read) -> None:
    parsed = read("stride_cocaine", "stride_cocaine_2007/cocaine.csv")

    rows = parsed.rows
    assert (len(rows), parsed.rejected) == (3_380, ())
    assert rows["purity_percent"].astype(float).mean() == pytest.approx(62, abs=0.1)
    assert rows["price_foreign"].astype(float).median() == 500
    assert rows["deal_mass_g"].astype(float).median() == 11
    assert set(rows["currency"]) == {"USD"}
    assert rows["area_code"].nunique() == 45
    assert all(code.startswith("US-") for code in rows["area_code"])
    assert set(rows["occurred_precision"]) == {"month"}


def test_seizures_of_the_world(read: Read) -> None:
    parsed = read("unodc_seizures", "unodc_ids_seizures/drug-trafficking-unodc.zip")

    rows = parsed.rows
    years = rows["occurred_on"].map(lambda day: day.year).value_counts()
    stated = {
        2011: 28_159, 2012: 29_396, 2013: 27_086, 2014: 123_531, 2015: 55_313, 2016: 47_553,
    }  # fmt: skip
    assert dict(years) == stated
    assert (parsed.rows_present, parsed.rejected) == (311_038, ())
    assert (rows["area_code"] == "K02000001").sum() == 34
    assert (rows["area_code"] == "CO").mean() == pytest.approx(0.63, abs=0.01)
    assert (rows["area_code"] == "unknown").sum() == 0
    words = rows["substances"].map(lambda mentions: mentions[0].verbatim).value_counts()
    assert (words["N-Methylephedrone"], words["JWH-018"], words["MDPV"]) == (2_062, 1_296, 1_010)
    assert (substances(parsed) == "carfentanil").sum() == 45
    assert (substances(parsed) == "crack_cocaine").sum() == words["Crack"]
