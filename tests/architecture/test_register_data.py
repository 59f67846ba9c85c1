"""Guards of the register's tables: what a reviewer of a changed line cannot see at a glance."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from surveillance.register import Register
from surveillance.register.names import cut_words, fold, name_key, squeeze, word_set
from surveillance.register.substances import (
    CLINICAL_CLASSES,
    LEGAL_STATUSES,
    MISSED_BY_NONE,
    TESTS,
)

RELIED_ON_GROUPS = sorted(
    word_set(
        "synthetic_cannabinoids opioids nitazenes fentanyls heroin_group other_opioids "
        "benzodiazepines designer_benzodiazepines prescribed_benzodiazepines cathinones "
        "amphetamines cocaine_group dissociatives psychedelics ghb_group gabapentinoids "
        "performance_drugs other_group"
    )
)
KEYS_OF_REFERENCES = {"neptune", "euda", "unodc", "acmd", "bnf", "us-dea", "who-ico"}
RELIED_ON_SUBSTANCES = sorted(
    word_set(
        "fentanyl carfentanil heroin cocaine crack_cocaine methadone ketamine mdma bromazolam "
        "etizolam xylazine protonitazene metonitazene isotonitazene etonitazene alcohol cannabis "
        "n_desethyl_isotonitazene mdmb_4en_pinaca adb_butinaca pregabalin gabapentin diazepam "
        "alprazolam mephedrone ghb gbl morphine oxycodone buprenorphine codeine tramadol pcp "
        "hydromorphone hydrocodone oxymorphone methamphetamine amphetamine mitragynine unknown"
    )
)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def shared_populations(shared_folder: Path) -> dict[str, int]:
    table = shared_folder / "data/ref_geo_uk/ons_mid2022_population_uk_areas.csv"
    with table.open(encoding="utf-8-sig", newline="") as lines:
        return {row["Code"]: int(row["Population"]) for row in csv.DictReader(lines)}


def test_no_name_stands_twice_in_the_whole_file(config_folder: Path) -> None:
    rows = read_rows(config_folder / "substances.csv")

    columns = ("aliases", "street_names", "everyday_words")
    lists = [[row["name"], *(n for c in columns for n in row[c].split("|"))] for row in rows]
    keys = Counter(name_key(cut_words(name)) for names in lists for name in names if name)

    assert [key for key, times in keys.items() if times > 1] == []


def test_no_name_is_so_short_that_it_hides_in_plain_text(register: Register) -> None:
    short = [
        name
        for entry in register.substances.all()
        for name in (entry.name, *entry.aliases, *entry.street_names)
        if len(squeeze(name)) < 3 and name not in entry.everyday_words
    ]

    assert short == []


def test_there_are_at_least_900_substances_beside_the_groups(register: Register) -> None:
    leaves = [entry for entry in register.substances.all() if not entry.is_group]

    assert len([entry for entry in leaves if entry.substance_id != "unknown"]) >= 900


def test_the_rows_stand_in_an_order_that_a_reviewer_can_follow(register: Register) -> None:
    entries = register.substances.all()
    groups = [entry.substance_id for entry in entries if entry.is_group]
    places = [(groups.index(e.parent), e.substance_id) for e in entries if not e.is_group]

    assert [entry.is_group for entry in entries] == sorted(e.is_group for e in entries)[::-1]
    assert places == sorted(places)
    assert all(
        groups.index(e.parent) < groups.index(e.substance_id) for e in entries[1 : len(groups)]
    )


def test_every_group_says_how_its_members_work(register: Register) -> None:
    groups = [entry for entry in register.substances.all() if entry.is_group]

    assert [g.substance_id for g in groups if g.clinical_class == "unknown"] == ["all"]


def test_no_structure_belongs_to_two_substances(register: Register) -> None:
    entries = [entry for entry in register.substances.all() if entry.inchikey]
    keys = Counter(entry.inchikey for entry in entries)

    assert [key for key, times in keys.items() if times > 1] == []
    assert [entry.substance_id for entry in entries if entry.is_group] == []
    assert len(entries) >= 1_500


def test_a_marker_shows_other_substances_and_never_another_marker(register: Register) -> None:
    substances = register.substances
    markers = [entry for entry in substances.all() if entry.marker_of]

    shown = {key for entry in markers for key in entry.marker_of}

    assert len(markers) >= 200
    assert [entry.substance_id for entry in markers if entry.substance_id in entry.marker_of] == []
    assert [key for key in sorted(shown) if substances.get(key).marker_of] == []


def test_a_date_of_law_stands_beside_a_law_and_never_before_its_act(register: Register) -> None:
    first_day = {
        "class_a": date(1973, 7, 1),
        "class_b": date(1973, 7, 1),
        "class_c": date(1973, 7, 1),
        "psa": date(2016, 5, 26),
    }
    wrong = [
        entry.substance_id
        for entry in register.substances.all()
        if entry.legal_since is not None
        and entry.legal_since < first_day.get(entry.legal_status, date.max)
    ]

    assert wrong == []


def test_every_substance_that_naloxone_answers_is_an_opioid(register: Register) -> None:
    answering = [e for e in register.substances.all() if e.naloxone_responsive in ("yes", "partly")]

    assert {entry.clinical_class for entry in answering} == {"opioid"}


def test_every_code_of_the_table_is_explained(config_folder: Path) -> None:
    page = (config_folder.parent / "docs" / "register.md").read_text(encoding="utf-8")
    codes = (*sorted(KEYS_OF_REFERENCES), *LEGAL_STATUSES, *TESTS, MISSED_BY_NONE)

    assert [code for code in codes if f"`{code}`" not in page] == []


@pytest.mark.parametrize("group", RELIED_ON_GROUPS)
def test_every_group_holds_substances_and_leads_to_all(group: str, register: Register) -> None:
    below = register.substances.descendants(group) - {group}

    assert register.substances.is_group(group)
    assert any(not register.substances.is_group(entry) for entry in below)
    assert register.substances.ancestors(group)[-1] == "all"


@pytest.mark.parametrize("substance", RELIED_ON_SUBSTANCES)
def test_ids_that_other_stages_rely_on_are_kept(substance: str, register: Register) -> None:
    assert register.substances.get(substance).substance_id == substance
    assert not register.substances.is_group(substance)


def test_only_all_has_no_parent_and_only_groups_have_children(register: Register) -> None:
    entries = register.substances.all()
    roots = [entry.substance_id for entry in entries if not entry.parent]
    childless = [
        entry.substance_id
        for entry in entries
        if entry.is_group and len(register.substances.descendants(entry.substance_id)) == 1
    ]

    assert roots == ["all"]
    assert childless == []


def test_unknown_is_a_leaf_right_below_all(register: Register) -> None:
    assert register.substances.ancestors("unknown") == ("all",)
    assert not register.substances.is_group("unknown")


def test_every_id_is_lower_snake_case_and_every_class_is_filled(register: Register) -> None:
    entries = register.substances.all()

    assert [
        e.substance_id for e in entries if not re.fullmatch(r"[a-z0-9_]+", e.substance_id)
    ] == []
    assert {e.clinical_class for e in entries} == set(CLINICAL_CLASSES)
    assert [e.substance_id for e in entries if not e.chemical_class] == []
    assert {key for e in entries for key in e.references} == KEYS_OF_REFERENCES


def test_opioids_are_the_opioid_class_and_never_without_an_answer_on_naloxone(
    register: Register,
) -> None:
    below = [register.substances.get(e) for e in register.substances.descendants("opioids")]

    assert {entry.clinical_class for entry in below} == {"opioid"}
    assert [e.substance_id for e in below if e.naloxone_responsive == "no"] == [
        e.substance_id for e in below if e.chemical_class == "opium alkaloid"
    ]
    assert register.substances.get("xylazine").clinical_class == "depressant"
    assert register.substances.get("xylazine").naloxone_responsive == "no"


def test_the_united_kingdom_is_covered_whole(register: Register) -> None:
    areas = register.areas
    authorities = [area for area in areas.all() if area.kind == "authority"]
    prefixes = Counter(area.code[:3] for area in authorities)

    assert prefixes == {"E06": 63, "E08": 36, "E09": 33, "E10": 21, "W06": 22, "S12": 32, "N09": 11}
    assert Counter(area.kind for area in areas.all())["region"] == 9
    assert {areas.ancestors(area.code)[-1] for area in authorities} == {"K02000001"}
    assert {areas.get(area.parent).kind for area in authorities} == {"region", "nation"}


def test_populations_of_the_authorities_add_up_to_region_nation_and_kingdom(
    register: Register,
) -> None:
    areas = register.areas
    nations = [code for code in areas.children("K02000001") if areas.get(code).kind == "nation"]
    for parent in ("K02000001", *nations, *areas.children("E92000001")):
        population = areas.get(parent).population
        below = [areas.get(code) for code in areas.descendants(parent)]

        summed = sum(area.population or 0 for area in below if area.kind == "authority")

        # Scotland rounds each council area to ten.
        assert population is not None
        assert abs(summed - population) <= 20, parent


@pytest.mark.shared
def test_populations_agree_with_the_shared_table_of_the_ons(
    register: Register, shared_populations: dict[str, int]
) -> None:
    wrong = [
        area.code
        for area in register.areas.all()
        if area.population_year == 2022
        and area.code in shared_populations
        and area.population != shared_populations[area.code]
    ]

    assert wrong == []


def test_every_authority_lies_in_one_police_area_of_about_its_size(register: Register) -> None:
    areas = register.areas
    police = [area for area in areas.all() if area.kind == "police_area"]
    grouped = Counter(member for area in police for member in area.members)
    authorities = {area.code for area in areas.all() if area.kind == "authority"}

    ratios = {
        area.code: (area.population or 0) / sum(areas.get(m).population or 0 for m in area.members)
        for area in police
    }

    assert len(police) == 45
    assert grouped == dict.fromkeys(authorities, 1)
    # The City of London grew from 10,847 residents to 15,111 between the two estimates.
    assert ratios.pop("E23000034") == pytest.approx(1.39, abs=0.01)
    assert all(0.99 < ratio < 1.06 for ratio in ratios.values())


def test_every_scottish_authority_lies_in_one_police_division(register: Register) -> None:
    areas = register.areas
    divisions = [area for area in areas.all() if area.kind == "police_division"]
    grouped = Counter(member for area in divisions for member in area.members)

    councils = {c for c in areas.children("S92000003") if areas.get(c).kind == "authority"}
    assert len(divisions) == 13
    assert grouped == dict.fromkeys(councils, 1)
    assert [
        area.code
        for area in divisions
        if area.population != sum(areas.get(one).population or 0 for one in area.members)
    ] == []


def test_the_states_add_up_to_the_census_of_the_country(register: Register) -> None:
    areas = register.areas
    states = [areas.get(code) for code in areas.children("US")]

    assert len(states) == 51
    assert {state.kind for state in states} == {"state"}
    assert sum(state.population or 0 for state in states) == areas.get("US").population


@pytest.mark.shared
def test_every_code_of_the_shared_look_up_of_2003_and_2009_moves_on(
    register: Register, shared_folder: Path
) -> None:
    table = shared_folder / "data/ons_drug_poisoning/la_lookup.csv"
    with table.open(encoding="cp1252", newline="") as lines:
        rows = list(csv.DictReader(lines))

    resolve = register.areas.resolve
    wrong = [
        row["LAD10CD"]
        for row in rows
        if len({resolve(row[one]) for one in ("LA03_CODE", "LA09_CODE", "LAD10CD")}) != 1
    ]

    assert len(rows) > 300
    assert wrong == []


def test_connecticut_adds_up_to_the_census(register: Register) -> None:
    counties = register.areas.children("US-CT")

    summed = sum(register.areas.get(code).population or 0 for code in counties)

    assert counties == tuple(f"US-CT-{number:03d}" for number in range(1, 16, 2))
    assert summed == register.areas.get("US-CT").population == 3_605_944


def test_no_name_belongs_to_two_areas_of_one_kind(register: Register) -> None:
    areas = register.areas
    kinds = [(name, areas.get(c).kind) for name, codes in areas.by_name.items() for c in codes]

    assert [pair for pair, times in Counter(kinds).items() if times > 1] == []


def test_neighbours_are_mutual_and_never_oneself(register: Register) -> None:
    areas = register.areas
    pairs = {(area.code, other) for area in areas.all() for other in areas.neighbours(area.code)}

    assert pairs == {(other, code) for code, other in pairs}
    assert [pair for pair in pairs if pair[0] == pair[1]] == []


def test_neighbours_are_of_one_level(register: Register) -> None:
    areas = register.areas
    level = {"region": "region", "nation": "region"}
    pairs = [(area, areas.get(o)) for area in areas.all() for o in areas.neighbours(area.code)]

    mixed = [
        (a.code, b.code) for a, b in pairs if level.get(a.kind, a.kind) != level.get(b.kind, b.kind)
    ]

    assert mixed == []


def test_each_pair_of_neighbours_is_written_once_and_with_its_names(
    config_folder: Path, register: Register
) -> None:
    rows = read_rows(config_folder / "neighbours.csv")

    pairs = Counter(frozenset((row["area_code"], row["neighbour_code"])) for row in rows)

    assert [pair for pair, times in pairs.items() if times > 1] == []
    for row in rows:
        assert register.areas.get(row["area_code"]).name == row["area_name"]
        assert register.areas.get(row["neighbour_code"]).name == row["neighbour_name"]


def test_only_islands_have_no_neighbour(register: Register) -> None:
    areas = register.areas
    alone = [
        area.name
        for area in areas.all()
        if area.kind in ("authority", "region", "county") and not areas.neighbours(area.code)
    ]

    assert alone == ["Na h-Eileanan Siar", "Orkney Islands", "Shetland Islands"]


def test_reactions_are_our_own_terms_without_licensed_codes(register: Register) -> None:
    reactions = register.reactions.all()

    assert 55 <= len(reactions) <= 75
    assert 11 <= len({reaction.system for reaction in reactions}) <= 14
    assert {reaction.meddra_code + reaction.snomed_code for reaction in reactions} == {""}
    assert [r.code for r in reactions if r.code != fold(r.code) or " " in r.code] == []
    assert [r.code for r in reactions if not re.fullmatch(r"[A-Z]\d\d(\.\d)?|", r.icd10)] == []
