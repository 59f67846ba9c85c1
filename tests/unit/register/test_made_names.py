"""New names: recognised in their family, never forced onto a neighbour, never cut short."""

import pytest

from surveillance.register import Recognition, Register, SubstanceRegister


@pytest.fixture
def substances(register: Register) -> SubstanceRegister:
    return register.substances


def the_one(substances: SubstanceRegister, text: str) -> Recognition:
    found = substances.read(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("para-iodo pivaloyl fentanyl", "fentanyls"),
        ("meta-cyano cyclohexyl fentanyl", "fentanyls"),
        ("N-piperidinyl ethyleneoxynitazepyne", "nitazenes"),
        ("quuxonitazene", "nitazenes"),
        ("N-cyclopentyl hexylone", "cathinones"),
        ("4F-MDMB-HEPTINACA", "synthetic_cannabinoids"),
        ("ADB-7'Cl-HEXINACA", "synthetic_cannabinoids"),
        ("JWH-999", "synthetic_cannabinoids"),
        ("zyxazepam", "designer_benzodiazepines"),
        ("desmethyl brompivafentanyl", "fentanyls"),
    ],
)
def test_a_well_formed_name_that_nobody_knows_is_a_new_name_of_its_family(
    substances: SubstanceRegister, text: str, group: str
) -> None:
    found = the_one(substances, f"Acute {text} toxicity")

    assert found.how == "new name"
    assert group in (found.substance_id, *substances.ancestors(found.substance_id))
    assert (found.name, found.matched_text) == (text.lower(), text)


@pytest.mark.parametrize(
    "text",
    [
        "xyzoyl fentanyl",
        "5Br-JWH-018",
        "U-47700 analogue",
        "alpha-PVP lactam",
        "oxazepam glucuronide",
        "fentanyl precursor",
    ],
)
def test_nothing_that_makes_another_substance_is_dropped(
    substances: SubstanceRegister, text: str
) -> None:
    found = the_one(substances, text)

    assert found.matched_text == text
    assert found.how == "new name" or found.confidence >= 0.9


@pytest.mark.parametrize("text", ["desproprionyl fentanyl", "DESPROPIONYLFENTNAYL"])
def test_a_misspelled_part_does_not_make_a_fentanyl(
    substances: SubstanceRegister, text: str
) -> None:
    found = the_one(substances, text)

    assert (found.substance_id, found.marker_of[:1] != ()) == ("4_anpp", True)


def test_parts_may_stand_once_for_several_names(substances: SubstanceRegister) -> None:
    found = substances.resolve("acetyl, furanyl and butyryl fentanyl")

    assert [one.substance_id for one in found] == [
        "acetylfentanyl",
        "furanylfentanyl",
        "butyrylfentanyl",
    ]


@pytest.mark.parametrize("text", ["dextro/levo methorphan", "DEXTRO/LEVOMETHORPHAN"])
def test_either_of_two_isomers_is_both(substances: SubstanceRegister, text: str) -> None:
    found = {one.substance_id for one in substances.resolve(text)}

    assert found == {"dextromethorphan", "levomethorphan"}


@pytest.mark.parametrize(
    "text",
    ["Meta/Para Fluorofentanyl", "meta/para-fluorofentanyl", "ortho/meta/para fluorofentanyl"],
)
def test_isomers_that_nobody_could_tell_apart_are_left_open(
    substances: SubstanceRegister, text: str
) -> None:
    found = the_one(substances, text)

    assert found.substance_id == substances.resolve_name("fluorofentanyl")
    assert found.matched_text == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("o-fluorofentanyl", "ortho-fluorofentanyl"),
        ("p-fluorofentanyl", "para fluorofentanyl"),
        ("4-fluorofentanyl", "para-fluorofentanyl"),
        ("5-fluoro-ADB", "5F-ADB"),
        ("a-PVP", "\N{GREEK SMALL LETTER ALPHA}-PVP"),
        ("4-hydroxy-MET", "4-HO-MET"),
        ("ethylpentylone", "N-ethylpentylone"),
    ],
)
def test_one_name_may_be_written_in_several_ways(
    substances: SubstanceRegister, one: str, other: str
) -> None:
    assert substances.resolve_name(one) == substances.resolve_name(other) is not None


@pytest.mark.parametrize(
    "text",
    [
        "2 fentanyl patches",
        "a heavy fentanyl user",
        "cocaine-related death",
        "fentanyl-laced heroin",
        "1-heroin, 2-cocaine",
    ],
)
def test_numbers_and_plain_words_before_a_name_change_nothing(
    substances: SubstanceRegister, text: str
) -> None:
    assert {one.how for one in substances.read(text)} == {"name"}


def test_the_three_and_four_methyl_of_a_fentanyl_are_not_meta_and_para(
    substances: SubstanceRegister,
) -> None:
    assert substances.resolve_name("3-methylfentanyl") != substances.resolve_name(
        "meta-methylfentanyl"
    )
