"""Words and gaps: what parts names, and what belongs to one."""

import pytest

from surveillance.register.names import (
    CLAUSE,
    CLOSED,
    CROSSED,
    ITEM,
    OPENED,
    QUERY,
    SLASH,
    cut_words,
    gap_flags,
    items_of,
    name_key,
)

ALPHA, DELTA_SIGN, NINE_BELOW = "\u03b1", "\u2206", "\u2089"


@pytest.mark.parametrize("text", ["", " ", "...", "()", "\n", "\u200b", "\x00"])
def test_a_text_without_letters_has_no_words(text: str) -> None:
    cut = cut_words(text)

    assert (cut.words, cut.starts, cut.ends) == ([], [], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4-ANPP", ["4", "anpp"]),
        ("benzodiazepine(s)", ["benzodiazepines"]),
        ("heroin -ve, THC +ve", ["heroin", "neg", "thc", "pos"]),
        ("non-venous", ["non", "venous"]),
        (f"{ALPHA}-PVP", ["alpha", "pvp"]),
        (f"{DELTA_SIGN}{NINE_BELOW}-THC", ["delta9", "thc"]),
        ("fen\u00adta\u200bnyl", ["fentanyl"]),
        ("\uff28eroin", ["heroin"]),
        ("N\u2011ethyl", ["n", "ethyl"]),
    ],
)
def test_signs_are_folded_to_what_they_mean(text: str, words: list[str]) -> None:
    assert cut_words(text).words == words


@pytest.mark.parametrize(
    "text",
    ["  (Heroin), no 4-ANPP. ", "\u00e9th\u00e9r \ufb01n \u03b1\u03b2-PVP\u2026x", "a\u00ad b"],
)
def test_places_are_those_of_the_text_as_given(text: str) -> None:
    cut = cut_words(text)

    quoted = [text[start:end] for start, end in zip(cut.starts, cut.ends, strict=True)]

    assert [cut_words(piece).words for piece in quoted] == [[word] for word in cut.words]
    assert len(cut.gaps) == len(cut.words) + 1


@pytest.mark.parametrize(
    ("gap", "has", "lacks"),
    [
        (" ", CROSSED, ITEM | CLAUSE),
        ("-", CROSSED, ITEM | CLAUSE),
        (", ", ITEM, CROSSED | CLAUSE),
        ("; ", ITEM | CLAUSE, CROSSED),
        (". ", CLAUSE, CROSSED),
        (".", CROSSED, CLAUSE),
        (" / ", SLASH | ITEM, CROSSED),
        (" (", OPENED | ITEM, CROSSED),
        (")... ; ...", CLOSED | ITEM, CLAUSE),
        ("... ; ", CROSSED, CLAUSE | ITEM),
        (" . . . ; ", CROSSED, CLAUSE),
        (",... ; ...", ITEM, CROSSED | CLAUSE),
        ("\n", CROSSED | CLAUSE, 0),
        (" \u2013 ", CROSSED | ITEM, CLAUSE),
        (" ?", QUERY, CLAUSE),
    ],
)
def test_a_gap_says_what_it_parts(gap: str, has: int, lacks: int) -> None:
    flags = gap_flags(gap)

    assert flags & has == has
    assert flags & lacks == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("3,4-MDMA", "34MDMA", True),
        ("N,N-DMT", "NN DMT", True),
        ("N,N-alpha-DMT", "N N alpha DMT", True),
        ("CP 47,497", "CP-47497", True),
        ("3',4'-methylenedioxy", "3,4-methylenedioxy", True),
        ("meth, amphetamine", "methamphetamine", False),
        ("Meth/Amphetamine", "methamphetamine", False),
        ("heroin, 4-ANPP", "heroin 4-ANPP", False),
    ],
)
def test_a_comma_between_locants_alone_belongs_to_a_name(one: str, other: str, same: bool) -> None:
    assert (name_key(cut_words(one)) == name_key(cut_words(other))) is same


def test_items_leave_joining_words_out() -> None:
    cut = cut_words("heroin, 3,4-MDMA and/or ketamine (white powder)")

    items = [" ".join(cut.words[first : last + 1]) for first, last in items_of(cut)]

    assert items == ["heroin", "3 4 mdma", "ketamine", "white powder"]
