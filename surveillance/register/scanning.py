"""Finds known names in words: longest first, at word boundaries, in one pass of the automaton."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveillance.register.index import Name, NameIndex
from surveillance.register.names import HYPHEN, Words, is_inside_name, name_key

# How far a reading is trusted. The order matters, not the size: it lets a person or a later
# stage take the surer ones first.
CONFIDENCE = {"name": 1.0, "alias": 0.95, "plural": 0.9, "street name": 0.8}
EVERYDAY_ALONE = 0.7
# Joining short words by chance makes names ("we ed"), so a name that is written as one word
# is only put together from several when it is at least this long.
_SHORTEST_JOINED = 6
_SHORTEST_PLURAL = 5
# "a PVP" and "I MDMA" are an article and a person before a name, not the beginning of one.
_NEVER_BEGIN = frozenset({"a", "i"})


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
    """

    identifier: str
    how: str
    first: int
    last: int
    confidence: float
    is_everyday: bool = False
    new_name: str = ""
    marker_of: tuple[str, ...] = ()


def scan(cut: Words, index: NameIndex) -> list[Match]:
    """Find the names among words, phrases of plain English too, in the order of the text."""
    words = cut.words
    joined = "".join(words)
    hits = index.automaton.find_matches_as_indexes(joined, overlapping=True)
    if not hits:
        return []
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    place = 0
    for number, word in enumerate(words):
        begins[place] = number
        place += len(word)
        ends[place] = number
    longest: dict[int, tuple[int, Name, str]] = {}
    for pattern, start, end in hits:
        first = begins.get(start)
        if first is None:
            continue
        last = ends.get(end)
        found = None
        if last is not None:
            found = _name_at(cut, first, last, index.at_pattern[pattern], index)
            how = found.how if found else ""
        elif joined.startswith("s", end) and end + 1 in ends and end - start >= _SHORTEST_PLURAL - 1:
            last = ends[end + 1]
            found = _plural_at(cut, first, last, index.at_pattern[pattern])
            how = "plural"
        if found is not None and last is not None:
            best = longest.get(first)
            if best is None or last > best[0] or (last == best[0] and best[2] == "plural"):
                longest[first] = (last, found, how)
    return _leftmost(longest)


def _leftmost(longest: dict[int, tuple[int, Name, str]]) -> list[Match]:
    matches: list[Match] = []
    free = 0
    for first in sorted(longest):
        if first < free:
            continue
        last, name, how = longest[first]
        free = last + 1
        trust = EVERYDAY_ALONE if name.is_everyday else CONFIDENCE.get(how, 1.0)
        matches.append(Match(name.identifier, how, first, last, trust, name.is_everyday))
    return matches


def _name_at(
    cut: Words, first: int, last: int, name: Name | None, index: NameIndex
) -> Name | None:
    if first == last:
        return name
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


def _plural_at(cut: Words, first: int, last: int, name: Name | None) -> Name | None:
    if name is None or name.is_everyday or not name.identifier:
        return None
    inside = (is_inside_name(cut.words, cut.gaps, place) for place in range(first + 1, last + 1))
    return name if all(inside) else None


def _key_of(cut: Words, first: int, last: int) -> str:
    return name_key(
        Words(cut.text, cut.words[first : last + 1], cut.gaps[first : last + 2], [], [])
    )


def joined_words(cut: Words, first: int, last: int) -> str:
    """Join the letters of some words, as the automaton sees them."""
    return "".join(cut.words[first : last + 1])


def uncovered(cut: Words, matches: Sequence[Match]) -> list[int]:
    """List the words that no match covers."""
    left: list[int] = []
    place = 0
    for match in matches:
        left.extend(range(place, match.first))
        place = match.last + 1
    left.extend(range(place, len(cut.words)))
    return left
