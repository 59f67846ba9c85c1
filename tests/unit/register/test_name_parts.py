"""The grammar of new names, and the table that holds it."""

import csv
from pathlib import Path

import pytest

from surveillance.errors import SettingsError
from surveillance.register import Register
from surveillance.register.reading.parts import load_parts, read_parts

HEADER = "kind,group,parts,example\n"
PARTS = read_parts(
    [
        ("modifier", "", "methyl|dimethyl|ethyl|diethyl|fluoro|acetyl", ""),
        ("metabolite", "", "nor|hydroxy", ""),
        ("position", "", "para|alpha", ""),
        ("stem", "fentanyls", "fentanyl", ""),
        ("ending", "nitazenes", "nitazene", ""),
        ("pattern", "synthetic_cannabinoids", r"\d?f?adb[a-z]{0,4}inaca", ""),
    ]
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("part,,fluoro,\n", "the kind 'part' is none of"),
        ("stem,fentanils,fentanyl,\n", "the group 'fentanils' has no line"),
        ("pattern,fentanyls,(,\n", "is no regular expression"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "name_parts.csv"
    path.write_text(HEADER + line, encoding="utf-8")

    with pytest.raises(SettingsError, match=message):
        load_parts(path, groups={"fentanyls"})


@pytest.mark.parametrize(
    "words",
    [
        ["fentanyl"],  # a bare stem
        ["heavy", "fentanyl"],  # plain English before it
        ["fluoro"],  # parts without a stem
        ["nitazene"],  # the bare ending
        ["para", "fentanyl"],  # a place of nothing
        ["x" * 5_000 + "fentanyl"],
    ],
)
def test_what_is_not_well_formed_is_no_made_name(words: list[str]) -> None:
    assert PARTS.read(words) is None


@pytest.mark.parametrize(
    ("words", "group", "modifiers", "is_metabolite"),
    [
        (["fluorofentanyl"], "fentanyls", ("fluoro",), False),
        (["para", "fluoro", "acetyl", "fentanyl"], "fentanyls", ("fluoro", "acetyl"), False),
        (["4", "methylfentanyl"], "fentanyls", ("methyl",), False),
        (["norfentanyl"], "fentanyls", ("nor",), True),
        (["quuxonitazene"], "nitazenes", (), False),
        (["5f", "adb", "xinaca"], "synthetic_cannabinoids", (), False),
    ],
)
def test_a_made_name_tells_its_family(
    words: list[str], group: str, modifiers: tuple[str, ...], is_metabolite: bool
) -> None:
    made = PARTS.read(words)

    assert made is not None
    assert (made.group, made.modifiers, made.is_metabolite) == (group, modifiers, is_metabolite)


def test_the_beginning_of_a_word_tells_its_modifiers_apart() -> None:
    assert PARTS.leading("dimethylpentylone") == ("dimethyl",)
    assert PARTS.leading("diethylpentylone") == ("diethyl",)
    assert PARTS.leading("diazepam") == ()


def test_every_line_of_the_table_has_an_example_that_is_read(
    config_folder: Path, register: Register
) -> None:
    with (config_folder / "name_parts.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    for row in rows:
        (found,) = register.substances.resolve(row["example"])
        within = register.substances.descendants(row["group"] or "all")
        assert found.substance_id in within, row
