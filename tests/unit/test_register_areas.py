"""Areas: codes of any vintage, names that several areas share, trees and neighbours."""

from pathlib import Path

import pytest

from surveillance.errors import InputError, SettingsError
from surveillance.register import AreaRegister, Register
from surveillance.register.areas import load_areas

HEADER = "code,name,kind,parent,population,population_year,aliases,valid_from,valid_to,members\n"
NEIGHBOURS = "area_code,neighbour_code,area_name,neighbour_name\n"


@pytest.fixture
def areas(register: Register) -> AreaRegister:
    return register.areas


def load(folder: Path, *lines: str, neighbours: str = "") -> AreaRegister:
    (folder / "areas.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    (folder / "neighbours.csv").write_text(NEIGHBOURS + neighbours, encoding="utf-8")
    return load_areas(folder / "areas.csv", neighbours=folder / "neighbours.csv")


def test_an_area_with_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="kind 'shire'"):
        load(tmp_path, "A,Ay,shire,,,,,,,\n")


def test_a_population_with_a_comma_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="line of 'A' cannot be read"):
        load(tmp_path, 'A,Ay,county,,"1,000",2020,,,,\n')


def test_a_member_without_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="member 'B' of 'A' has no line"):
        load(tmp_path, "A,Ay,police_area,,,,,,,B\n")


def test_a_code_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'A' stands twice"):
        load(tmp_path, "A,Ay,county,,,,,,,\n", "A,Bee,county,,,,,,,\n")


@pytest.mark.parametrize("pair", ["A,A,Ay,Ay\n", "A,Z,Ay,Zed\n"])
def test_an_impossible_pair_of_neighbours_is_refused(tmp_path: Path, pair: str) -> None:
    with pytest.raises(SettingsError, match="cannot be neighbours"):
        load(tmp_path, "A,Ay,county,,,,,,,\n", neighbours=pair)


def test_a_pair_written_once_holds_both_ways(tmp_path: Path) -> None:
    areas = load(
        tmp_path, "A,Ay,county,,,,,,,\n", "B,Bee,county,,,,,,,\n", neighbours="A,B,Ay,Bee\n"
    )

    assert (areas.neighbours("A"), areas.neighbours("B")) == (("B",), ("A",))


@pytest.mark.parametrize(
    "text", ["", "  ", "\x00", "Atlantis", "E06999999", "unknown", "Ruritania"]
)
def test_an_area_we_do_not_know_is_none(areas: AreaRegister, text: str) -> None:
    assert areas.resolve(text) is None
    assert areas.resolve(text, within="") is None


def test_an_unknown_code_is_an_error_that_says_where_codes_are(areas: AreaRegister) -> None:
    with pytest.raises(InputError, match=r"config/areas\.csv"):
        areas.get("E06999999")


def test_an_unknown_country_to_look_within_is_an_error(areas: AreaRegister) -> None:
    with pytest.raises(InputError, match="no country or state"):
        areas.resolve("Leeds", within="Atlantis")


@pytest.mark.parametrize(
    ("older", "current"),
    [
        ("E08000019", "E08000039"),
        ("E08000016", "E08000038"),
        ("E10000027", "E06000066"),
        ("E10000023", "E06000065"),
        ("E07000027", "E06000064"),
        ("E07000028", "E06000063"),
        ("S12000015", "S12000047"),
        ("E06000028", "E06000058"),
        ("E07000246", "E06000066"),
        ("E06000048", "E06000057"),
        ("00EC", "E06000002"),  # a code of 2003
        ("16UB", "E06000063"),  # Allerdale's
        ("39UB", "E06000051"),  # Bridgnorth's, until 2009
    ],
)
def test_a_code_of_an_older_vintage_moves_on(areas: AreaRegister, older: str, current: str) -> None:
    assert areas.resolve(older) == current


def test_a_county_that_was_split_counts_towards_its_region_alone(areas: AreaRegister) -> None:
    cumbria = areas.get("E10000006")

    assert areas.resolve("Cumbria") == "E10000006"
    assert (cumbria.kind, cumbria.members) == ("former_authority", ("E06000063", "E06000064"))
    assert areas.ancestors("E10000006") == ("E12000002", "E92000001", "K02000001")


def test_a_district_moves_up_to_its_county(areas: AreaRegister) -> None:
    assert areas.resolve("E07000008") == areas.resolve("Cambridge") == "E10000003"


@pytest.mark.parametrize(
    ("text", "within", "code"),
    [
        ("middlesbrough", "UK", "E06000002"),
        ("Bristol", "UK", "E06000023"),
        ("St Helens", "UK", "E08000013"),
        ("Argyll & Bute", "UK", "S12000035"),
        ("Ynys M\u00f4n", "UK", "W06000001"),
        ("East", "UK", "E12000006"),
        ("UK", "UK", "K02000001"),
        ("GB", "", "K02000001"),
        ("Norfolk", "UK", "E10000020"),
        ("Norfolk Constabulary", "UK", "E23000024"),
        ("West Midlands", "UK", "E12000005"),
        ("Cleveland", "UK", "E23000013"),
        ("Bradford HCAA", "UK", "HCAA-BRADFORD"),
        ("FAIRFIELD", "US-CT", "US-CT-001"),
        ("NEWLONDON", "US-CT", "US-CT-011"),
        ("Fairfield", "UK", None),
        ("Middlesbrough", "US-CT", None),
        ("Ivory Coast", "", "CI"),
        ("DE", "", "DE"),
        ("DE", "US", "US-DE"),
        ("WA", "US", "US-WA"),
        ("Georgia", "", "GE"),
        ("Georgia", "US", "US-GA"),
        ("Korea, Republic of", "", "KR"),
        ("D: Tayside ", "UK", "POLICE-SCOTLAND-D"),
        ("L: Argyll & West Dumbartonshire", "UK", "POLICE-SCOTLAND-L"),
        ("Alnwick", "UK", "E06000057"),
        ("Hambleton", "UK", "E06000065"),
    ],
)
def test_a_name_is_looked_up_within_a_country(
    areas: AreaRegister, text: str, within: str, code: str | None
) -> None:
    assert areas.resolve(text, within=within) == code


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("Cumbria", "police_area", "E23000002"),
        ("London, City of", "police_area", "E23000034"),
        ("West Midlands", "police_area", "E23000014"),
        ("West Midlands", "region", "E12000005"),
        ("Middlesbrough", "police_area", None),
    ],
)
def test_a_shared_name_is_looked_up_among_the_kinds_that_are_meant(
    areas: AreaRegister, text: str, kind: str, code: str | None
) -> None:
    assert areas.resolve(text, kinds=(kind,)) == code


def test_a_name_of_two_areas_of_one_kind_is_none(tmp_path: Path) -> None:
    areas = load(tmp_path, "A,Twin,county,,,,,,,\n", "B,Twin,county,,,,,,,\n")

    assert areas.resolve("twin", within="") is None


def test_the_tree_runs_from_authority_to_kingdom(areas: AreaRegister) -> None:
    assert areas.ancestors("E06000002") == ("E12000001", "E92000001", "K02000001")
    assert areas.ancestors("S12000036") == ("S92000003", "K02000001")
    assert areas.ancestors("US-CT-001") == ("US-CT", "US")
    assert areas.ancestors("unknown") == ()
    assert "E06000002" in areas.descendants("E92000001")
    assert "E12000001" in areas.children("E92000001")
    assert areas.descendants("E06000002") == {"E06000002"}


def test_an_action_area_names_its_members(areas: AreaRegister) -> None:
    assert areas.get("HCAA-MIDDLESBROUGH").members == ("E06000002",)
    assert areas.get("HCAA-BRADFORD").members == ("E08000032",)
