"""Identifiers of persons in free text: found, masked, and not seen where there are none."""

import json

import pytest

from surveillance.checks import find_identifiers, mask_identifiers
from surveillance.checks.identifiers import (
    find_in_texts,
    keys_like_nhs_numbers,
    mask_row,
)

# Numbers from ranges kept for examples: NHS test data, Ofcom's drama numbers.
IDENTIFIERS = [
    ("seen with 943 476 5919 today", "NHS number"),
    ("9434765919", "NHS number"),
    ("no 943-476-5919.", "NHS number"),
    ("943\u00a0476\u00a05919", "NHS number"),
    ("lives at SW1A 1AA", "postcode"),
    ("sw1a1aa", "postcode"),
    ("flat 3, TS1 2AB.", "postcode"),
    ("write to a.b@example.org", "e-mail address"),
    ("ring 07700 900123", "telephone number"),
    ("ring +44 7700 900123", "telephone number"),
    ("ring (020) 7946 0958", "telephone number"),
    ("ring 0113 496 0000", "telephone number"),
    ("ring +44 (0)20 7946 0958", "telephone number"),
    ("DOB 01/02/1980", "date of birth"),
    ("d.o.b. 1-2-80", "date of birth"),
    ("born on 3rd May 1980", "date of birth"),
    ("date of birth: 1980-02-01", "date of birth"),
    ("01/02/1980 (DOB)", "date of birth"),
    ("DOB01021980", "date of birth"),
]
INNOCENT = [
    "took MDMB-4en-PINACA 5mg, then 2C-B and 25I-NBOMe",
    "JWH-018, UR-144, 5F-ADB",
    "moved to bed B12 2nd floor",
    "N2 4hr later",
    "01-02-2016 12:30 and 03-04-2017",
    "2016-01-02T03:04:05Z",
    "Acute fentanyl intoxication, 4.2 ng/ml",
    "serial 9434765918",
    "area E08000032",
    "0000000000",
    "born in Hartford",
    "",
]


@pytest.mark.parametrize(("text", "kind"), IDENTIFIERS)
def test_an_identifier_is_named_by_its_kind_alone(text: str, kind: str) -> None:
    found = find_identifiers(text)

    assert found == (kind,)


@pytest.mark.parametrize(("text", "kind"), IDENTIFIERS)
def test_nothing_of_an_identifier_is_left_after_masking(text: str, kind: str) -> None:
    masked = mask_identifiers(text)

    assert f"[{kind} removed]" in masked
    assert find_identifiers(masked) == ()


@pytest.mark.parametrize("text", INNOCENT)
def test_drug_names_dates_and_codes_are_no_identifiers(text: str) -> None:
    found = find_identifiers(text)

    assert found == ()
    assert mask_identifiers(text) == text


def test_two_kinds_in_one_text_are_both_named_and_both_masked() -> None:
    text = "943 476 5919, ring 020 7946 0958"

    assert find_identifiers(text) == ("NHS number", "telephone number")
    assert mask_identifiers(text) == "[NHS number removed], ring [telephone number removed]"


def test_many_texts_are_searched_at_once_without_mixing_them_up() -> None:
    texts = ["943 476", "5919", None, "", "at SW1A 1AA", "calm", "at SW1A 1AA"]

    found = find_in_texts(texts)

    assert found == {4: ("postcode",), 6: ("postcode",)}


def test_a_masked_json_row_is_still_json() -> None:
    row = {
        "DOB": "1980-02-01",
        "note": "943\u00a0476\n5919",
        "number": 9434765919,
        "more": ["a@example.org"],
        "n": 3,
        "ok": True,
    }

    masked = json.loads(mask_row(json.dumps(row)))

    assert masked == {
        "DOB": "[date of birth removed]",
        "note": "[NHS number removed]",
        "number": "[NHS number removed]",
        "more": ["[e-mail address removed]"],
        "n": 3,
        "ok": True,
    }


def test_a_raw_row_that_is_no_json_is_masked_as_it_stands() -> None:
    assert mask_row("7;943 476 5919;x") == "7;[NHS number removed];x"


def test_keys_with_ten_digits_are_told_from_those_that_pass_the_check() -> None:
    ten_digits, passing = keys_like_nhs_numbers(
        ["9434765919", None, "r-1", "943 476 5870", "9434765918"]
    )

    assert (ten_digits, passing) == ([0, 3, 4], [0, 3])
