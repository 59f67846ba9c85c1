"""Names that the register lacks: grouped with their like, beside their relatives."""

from datetime import UTC, datetime

import pytest

from surveillance.register import (
    Register,
    Saying,
    SubstanceRegister,
    find_relatives,
    list_new_names,
)
from surveillance.register.new_names import sound_key

DAY = datetime(2026, 9, 1, tzinfo=UTC)
LATER = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def substances(register: Register) -> SubstanceRegister:
    return register.substances


def said(verbatim: str, records: int = 1, *, feed: str = "deaths", on: datetime = DAY) -> Saying:
    return Saying(verbatim, feed, on, records)


def test_words_that_are_known_by_now_are_no_new_name(substances: SubstanceRegister) -> None:
    assert list_new_names([said("heroin"), said("white powder"), said("")], substances) == ()


def test_spellings_of_one_name_stand_together(substances: SubstanceRegister) -> None:
    sayings = [
        said("Nitazepyne", 3, on=LATER),
        said("nitazepyne ", 1, feed="reports"),
        said("nitazepine", 2),
        said("Nitazepyne HCl", 1),
    ]

    (name,) = list_new_names(sayings, substances)

    assert name.name == "Nitazepyne"
    assert set(name.spellings) >= {"Nitazepyne", "nitazepyne", "nitazepine"}
    assert (name.records, name.feeds, name.first_seen) == (7, ("deaths", "reports"), DAY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dimethylquuxylone", "diethylquuxylone"),
        ("zorbaxine-3", "zorbaxine-4"),
        ("zorbaxine", "klentonil"),
    ],
)
def test_names_that_may_be_two_substances_stay_apart(
    substances: SubstanceRegister, one: str, other: str
) -> None:
    assert len(list_new_names([said(one), said(other)], substances)) == 2


def test_a_single_wrong_letter_does_not_make_a_second_name(substances: SubstanceRegister) -> None:
    (name,) = list_new_names(
        [said("zorbaxinol", 5), said("zorbaxinoll"), said("zorbaxinpl")], substances
    )

    assert (name.name, name.records) == ("zorbaxinol", 7)


def test_the_most_frequent_name_comes_first(substances: SubstanceRegister) -> None:
    found = list_new_names([said("zorbaxine", 1), said("klentonil", 4)], substances)

    assert [name.name for name in found] == ["klentonil", "zorbaxine"]


def test_a_name_of_known_make_has_its_group_and_relatives_within_it(
    substances: SubstanceRegister,
) -> None:
    (name,) = list_new_names([said("para-iodo pivaloyl fentanyl")], substances)

    assert name.group == "fentanyls"
    assert len(name.relatives) == 3
    assert all("fentanyls" in substances.ancestors(one.substance_id) for one in name.relatives)


def test_relatives_are_the_nearest_names_with_falling_scores(
    substances: SubstanceRegister,
) -> None:
    near = find_relatives("metonitazepine", substances)

    assert near[0].substance_id in substances.descendants("nitazenes")
    assert [one.score for one in near] == sorted((one.score for one in near), reverse=True)


def test_a_name_like_no_other_has_no_relatives(substances: SubstanceRegister) -> None:
    assert find_relatives("qqqqqqqqwwwwww", substances) == ()


@pytest.mark.parametrize("written", ["Nitazepyne", " NITAZEPINE", "nitaze-pyne", "nitazepyne hcl"])
def test_the_key_hears_what_is_said(written: str) -> None:
    assert sound_key(written) == "nitazepin"


def test_a_field_keeps_what_nobody_knows_and_leaves_description_out(
    substances: SubstanceRegister,
) -> None:
    found = substances.resolve_field("Heroin; probably Zorbaxine (white powder) and U-99999x")

    assert [(one.substance_id, one.name, one.how) for one in found] == [
        ("heroin", "Heroin", "name"),
        ("unknown", "zorbaxine", "unknown name"),
        ("unknown", "u-99999x", "unknown name"),
    ]
