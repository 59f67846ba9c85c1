"""A source's pseudonym is hashed under a key before anything keeps it, or not kept at all."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from surveillance.checks import find_identifiers
from surveillance.domain import RejectedRow
from surveillance.errors import SettingsError
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.persons import REMOVED, WITHHELD, hide_persons, person_key
from surveillance.feeds.rules import PersonRule
from surveillance.feeds.table import Table, objects

KEY = b"a secret of at least 32 characters"
RULE = PersonRule(column="person", scheme="clinic")


def table(*persons: str, broken: tuple[RejectedRow, ...] = ()) -> Table:
    return Table(
        columns=("id", "person"),
        by_column={
            "id": objects([str(number) for number in range(len(persons))]),
            "person": objects(list(persons)),
        },
        row_numbers=objects(list(range(1, len(persons) + 1))),
        raw=objects([json.dumps({"id": "1", "person": person}) for person in persons]),
        broken=broken,
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("[person]\nscheme = 'x'\n", "person.column"),
        ("[person]\ncolumn = 'person'\nkey = 'k'\n", "person.key"),
    ],
)
def test_a_faulty_section_is_named(
    describe: Callable[[str], FeedDescription], description_text: str, line: str, fault: str
) -> None:
    with pytest.raises(SettingsError, match=fault):
        describe(description_text + line)


def test_a_pseudonym_cannot_be_stored_as_it_stands(
    describe: Callable[[str], FeedDescription], description_text: str
) -> None:
    with pytest.raises(SettingsError, match=r"person_key.*is made by \[person\]"):
        describe(description_text.replace("[columns]", "[columns]\nperson_key = 'person'"))


def test_a_feed_numbers_people_by_itself_unless_it_says_otherwise(
    describe: Callable[[str], FeedDescription], description_text: str
) -> None:
    alone = describe(description_text + "[person]\ncolumn = 'p'\n").person
    shared = describe(description_text + "[person]\ncolumn = 'p'\nscheme = 'nhs'\n").person

    assert alone == PersonRule("p", "test_deaths")
    assert shared == PersonRule("p", "nhs")


def test_without_a_key_nothing_of_a_pseudonym_is_kept_and_a_finding_says_so() -> None:
    hidden, findings = hide_persons(table("P-1", "", "P-2"), RULE, key=None)

    assert hidden.by_column["person"].tolist() == ["", "", ""]
    assert [json.loads(raw)["person"] for raw in hidden.raw] == [REMOVED, "", REMOVED]
    assert len(findings) == 1
    assert "2 of 3 rows" in findings[0]


def test_rows_without_a_person_need_no_key() -> None:
    hidden, findings = hide_persons(table("", ""), RULE, key=None)

    assert findings == ()
    assert hidden.by_column["person"].tolist() == ["", ""]


def test_a_file_without_the_column_is_left_alone() -> None:
    given = table("P-1")

    hidden, findings = hide_persons(given, PersonRule("other", "clinic"), key=KEY)

    assert (hidden, findings) == (given, ())


def test_the_same_person_has_the_same_key_and_a_row_without_one_has_none() -> None:
    hidden, findings = hide_persons(table("P-1", "P-2", " P-1 ", ""), RULE, key=KEY)

    keys = hidden.by_column["person"].tolist()
    assert findings == ()
    assert (keys[0], keys[3]) == (keys[2], "")
    assert keys[0] != keys[1]
    assert [json.loads(raw)["person"] for raw in hidden.raw] == keys


def test_another_key_or_another_scheme_gives_another_hash() -> None:
    hashes = {
        person_key("P-1", scheme=scheme, key=key)
        for scheme in ("clinic", "prison")
        for key in (KEY, KEY + b"2")
    }

    assert len(hashes) == 4


def test_no_hash_can_be_taken_for_a_number_of_a_person() -> None:
    hashes = [person_key(str(number), scheme="clinic", key=KEY) for number in range(2000)]

    assert not any(find_identifiers(one) for one in hashes)
    assert {len(one) for one in hashes} == {32}
    assert all(one.isalpha() for one in hashes)


def test_a_row_that_is_no_row_is_withheld_since_nobody_knows_where_its_pseudonym_stands() -> None:
    torn = RejectedRow(3, "2;P-9;;;", ("too many fields",))

    hidden, _ = hide_persons(table("P-1", broken=(torn,)), RULE, key=KEY)

    assert hidden.broken == (RejectedRow(3, WITHHELD, ("too many fields",)),)


def test_a_row_kept_in_another_form_is_withheld_too() -> None:
    given = table("P-1")
    odd = Table(given.columns, given.by_column, given.row_numbers, objects(['["1", "P-1"]']))

    hidden, _ = hide_persons(odd, RULE, key=KEY)

    assert np.array_equal(hidden.raw, objects([WITHHELD]))
