"""Finds known names in words: longest first, at word boundaries, in one pass of the automaton."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, count

from surveillance.register.names import HYPHEN, Words, is_inside_name, name_key, word_set
from surveillance.register.reading.index import Name, NameIndex

# How far a reading is trusted. The order matters, not the size: it lets a person or a later
# stage take the surer ones first.
CONFIDENCE = {"name": 1.0, "alias": 0.95, "plural": 0.9, "street name": 0.8}
EVERYDAY_ALONE = 0.7
# Joining short words by chance makes names ("we ed"), so a name that is written as one word
# is only put together from several when it is at least this long.
_SHORTEST_JOINED = 6
_SHORTEST_PLURAL = 4
# "a PVP" and "the bacon" begin with a word of plain English, not with the beginning of a name.
_NEVER_BEGIN = word_set("a i an the of in on no to or at by for is as and with from he she it")


# Last word, whether it is written exactly so, how it was read, the name.
_Span = tuple[int, bool, str, Name]


@dataclass(slots=True)
class Match:
    """One name found among the words of a text.

    Attributes:
        identifier: id of the entry; empty for a phrase of plain English.
        how: how it was read, see :class:`surveillance.register.recognition.Recognition`.
        first: index of its first word.
        last: index of its last word.
        confidence: our trust in the reading.
        is_everyday: it also is plain English.
        new_name: the name as written, where the register lacks it.
        marker_of: what a new name's stem proves, where the body makes the one of the other.
        beneath: the everyday name that a phrase of plain English begins with.
    """

    identifier: str
    how: str
    first: int
    last: int
    confidence: float
    is_everyday: bool = False
    new_name: str = ""
    marker_of: tuple[str, ...] = ()
    beneath: "Match | None" = None


def scan(cut: Words, index: NameIndex) -> list[Match]:
    """Find the names among words, phrases of plain English too, in the order of the text."""
    joined = "".join(cut.words)
    # Place of each word's beginning, and of the end of all, in the joined text -> its number.
    number = dict(zip(accumulate(map(len, cut.words), initial=0), count()))
    spans: dict[int, _Span] = {}
    hidden: dict[int, _Span] = {}
    for pattern, start, end in index.automaton.find_matches_as_indexes(joined, overlapping=True):
        if start not in number:
            continue
        if end in number:
            span = _exact(cut, number[start], number[end] - 1, index.at_pattern[pattern], index)
        elif end + 1 in number and joined[end] == "s" and end - start >= _SHORTEST_PLURAL:
            span = _plural(cut, number[start], number[end + 1] - 1, index.at_pattern[pattern])
        else:
            continue
        if span is None:
            continue
        first = number[start]
        if first not in spans or span[:2] > spans[first][:2]:
            spans[first] = span
        if span[3].is_everyday:
            hidden[first] = span
    return _leftmost(spans, hidden)


def _exact(cut: Words, first: int, last: int, name: Name | None, index: NameIndex) -> _Span | None:
    if last > first:
        name = _name_across(cut, first, last, name, index)
    return None if name is None else (last, True, name.how, name)


def _plural(cut: Words, first: int, last: int, name: Name | None) -> _Span | None:
    if name is None or name.is_everyday or not name.identifier:
        return None
    inside = (is_inside_name(cut.words, cut.gaps, place) for place in range(first + 1, last + 1))
    return (last, False, "plural", name) if all(inside) else None


def _leftmost(spans: Mapping[int, _Span], hidden: Mapping[int, _Span]) -> list[Match]:
    """Choose the longest name at each place, from the left on."""
    matches: list[Match] = []
    free = 0
    for first in sorted(spans):
        if first < free:
            continue
        last, _, how, name = spans[first]
        match = Match(name.identifier, how, first, last, _trust(how, name), name.is_everyday)
        if not match.identifier and first in hidden:
            last, _, how, name = hidden[first]
            match.beneath = Match(
                name.identifier, how, first, last, EVERYDAY_ALONE, is_everyday=True
            )
        matches.append(match)
        free = match.last + 1
    return matches


def _trust(how: str, name: Name) -> float:
    return EVERYDAY_ALONE if name.is_everyday else CONFIDENCE.get(how, 1.0)


def _name_across(
    cut: Words, first: int, last: int, name: Name | None, index: NameIndex
) -> Name | None:
    words, gaps = cut.words, cut.gaps
    for place in range(first + 1, last + 1):
        if not is_inside_name(words, gaps, place):
            name = index.by_key.get(_key_of(cut, first, last))
            break
    if name is None or (words[first] in _NEVER_BEGIN and not gaps[first + 1] & HYPHEN):
        return None
    if name.is_one_word and sum(map(len, words[first : last + 1])) < _SHORTEST_JOINED:
        return None
    return name


def _key_of(cut: Words, first: int, last: int) -> str:
    return name_key(
        Words(cut.text, cut.words[first : last + 1], cut.gaps[first : last + 2], [], [])
    )


def joined_words(cut: Words, first: int, last: int) -> str:
    """Join the letters of some words, as the automaton sees them."""
    return "".join(cut.words[first : last + 1])


def owners(cut: Words, matches: list[Match]) -> list[int]:
    """Give for each word the number of the match that covers it, -1 where none does."""
    owner = [-1] * len(cut.words)
    for number, match in enumerate(matches):
        owner[match.first : match.last + 1] = [number] * (match.last - match.first + 1)
    return owner
