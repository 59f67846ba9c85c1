"""Misspellings: mended where one name is meant, left alone where another may be."""

import pytest

from surveillance.register import Register, SubstanceRegister
from surveillance.register.reading.parts import read_parts
from surveillance.register.reading.spelling import Speller

PARTS = read_parts(
    [
        ("modifier", "", "methyl|dimethyl|ethyl|diethyl|fluoro", ""),
        ("stem", "cathinones", "pentylone", ""),
        ("ending", "benzodiazepines", "azepam|azolam", ""),
    ]
)


@pytest.fixture
def substances(register: Register) -> SubstanceRegister:
    return register.substances


def speller(*names: str, plain: tuple[str, ...] = ()) -> Speller:
    return Speller(
        {name: frozenset({name}) for name in names},
        preferred={name: name for name in names},
        codes=frozenset(),
        spellings=dict.fromkeys(names, 9),
        familiar=frozenset(names),
        classes=frozenset(),
        parts=PARTS,
        plain=plain,
    )


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("fent", ("fentanyl",)),  # too short to say
        ("dimethylpentylone", ("diethylpentylone",)),  # another part
        ("dimethylpentilone", ("diethylpentylone",)),  # another part, misspelled
        ("clonazolam", ("clonazepam",)),  # another ending
        ("u47800", ("u47700",)),  # another number
        ("xylazine", ("medetomidine",)),
        ("metonitazene", ("etonitazene", "petonitazene")),  # two lie as near
        ("f" * 5_000, ("fentanyl",)),
        ("fent\u00e4nyl", ("fentanyl",)),
    ],
)
def test_what_may_be_another_substance_is_left_alone(word: str, names: tuple[str, ...]) -> None:
    assert speller(*names).mend(word) is None


def test_a_word_as_near_to_plain_english_is_left_alone() -> None:
    assert speller("cocaine").mend("cocain") is not None
    assert speller("cocaine", plain=("cocoin",)).mend("cocain") is None


@pytest.mark.parametrize(
    ("word", "meant", "distance"),
    [
        ("fentnayl", "fentanyl", 1),
        ("fetanyl", "fentanyl", 1),
        ("diazapem", "diazepam", 2),
        ("c0caine", "cocaine", 1),
        ("acetaminophne", "acetaminophen", 1),
        ("omrphine", "morphine", 1),
    ],
)
def test_a_slip_is_mended(word: str, meant: str, distance: int) -> None:
    names = ("fentanyl", "diazepam", "cocaine", "acetaminophen", "morphine")

    mended = speller(*names).mend(word)

    assert mended is not None
    assert (mended.word, mended.distance) == (meant, distance)


@pytest.mark.parametrize(
    ("text", "expected", "how"),
    [
        ("Effects ofFentanyl", "fentanyl", "run together"),
        ("andLorazepam", "lorazepam", "run together"),
        ("buprenorphineand", "buprenorphine", "run together"),
        ("ofcyclobenzaprine", "cyclobenzaprine", "run together"),
        ("phenazepamtablet", "phenazepam", "run together"),
        ("bromazolamhydrochloride", "bromazolam", "run together"),
        ("heroine toxicity", "heroin", "street name"),
        ("ACETYL FENTNAYL", "acetylfentanyl", "misspelling"),
        ("PARAFLUROFENTANYL", "para_fluorofentanyl", "misspelling"),
        ("ofdiazpam", "diazepam", "misspelling"),
        ("fenta\nnyl", "fentanyl", "name"),
        ("clonaze pam", "clonazepam", "name"),
    ],
)
def test_words_are_read_however_they_were_typed(
    substances: SubstanceRegister, text: str, expected: str, how: str
) -> None:
    (found,) = substances.read(text)

    assert (found.substance_id, found.how) == (expected, how)


def test_the_rest_of_a_cut_metabolite_is_not_its_parent(substances: SubstanceRegister) -> None:
    read = {one.substance_id for one in substances.read("orfentanyl")}

    assert "fentanyl" not in read


@pytest.mark.parametrize(
    "text",
    [
        "heroic", "morphing", "coding", "chronic", "methane explosion", "renal", "valerian tea",
        "the bacon", "in dole", "moaning in the morning", "parent", "details", "anasthetic",
    ],
)  # fmt: skip
def test_english_is_never_mended_into_a_drug(substances: SubstanceRegister, text: str) -> None:
    assert not [one for one in substances.read(text) if one.how in ("misspelling", "run together")]


def test_a_code_is_never_mended_for_every_letter_of_it_tells(
    substances: SubstanceRegister,
) -> None:
    assert not [one for one in substances.read("AB-PYNACA") if one.how == "misspelling"]


def test_trust_falls_with_every_wrong_letter(substances: SubstanceRegister) -> None:
    once, twice = (substances.read(word)[0] for word in ("diphenhydramin", "diphrenhydramyne"))

    assert 1 > once.confidence > twice.confidence
