"""Finds known names in a text: longest first, at word boundaries, with context and negation.

Words are joined and looked up, so that ``U-47700`` and ``u 47700`` are one name. The time
taken grows with the length of the text, not with the number of names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from surveillance.register.names import Word, cut_words, name_key, word_set
from surveillance.register.negation import find_negated

# How far a reading is trusted. The order matters, not the size: it lets a person or a later
# stage take the surer ones first.
CONFIDENCE = {"name": 1.0, "alias": 0.95, "plural": 0.9, "street name": 0.8}
EVERYDAY_ALONE = 0.7
EVERYDAY_IN_CONTEXT = 0.6
# Joining short words by chance makes names ("we ed"), so a name that is written as one word
# is only put together from several when it is at least this long.
_SHORTEST_JOINED = 6
_SHORTEST_PLURAL = 4

# Words that turn an everyday word into a drug when they stand right before or right after it.
# "powder" or "tablet" would not do: "brown tablet" is no heroin.
_BEFORE = word_set(
    "bag bags bombed bombing bought chased chasing dropped gram grams illicit ingested inhaled "
    "inhaling injected injecting ingesting line lines smoke smoked smokes smoking sniffed "
    "sniffing snorted snorting sold street swallowed taken takes taking took use used uses using "
    "vape vaped vapes vaping wrap wraps"
)
_AFTER = word_set(
    "abuse abused abuser abusing addict addicted addiction dealer dealing dependence dependency "
    "injected injecting intoxicated intoxication misuse overdose overdosed overdosing pipe "
    "poisoning smoked smoker smoking snorted toxicity use used user users using"
)
_BRIDGES = frozenset({"of", "some", "more"})


@dataclass(frozen=True)
class Name:
    """One name of one entry.

    Attributes:
        identifier: id of the entry.
        how: ``name``, ``alias`` or ``street name``.
        is_everyday: it also is plain English and needs a drug context.
        is_one_word: it is written as one word.
    """

    identifier: str
    how: str
    is_everyday: bool
    is_one_word: bool


@dataclass(frozen=True)
class NameIndex:
    """All names by their key, and every beginning of a key, to stop a look-up early."""

    by_key: Mapping[str, Name]
    beginnings: frozenset[str]

    @classmethod
    def build(cls, by_key: Mapping[str, Name]) -> "NameIndex":
        """Index names that are already keyed."""
        beginnings = {key[:size] for key in by_key for size in range(1, len(key) + 1)}
        return cls(by_key=by_key, beginnings=frozenset(beginnings))


@dataclass(frozen=True)
class Match:
    """One name found in a text.

    Attributes:
        first: index of its first word.
        last: index of its last word.
        start: place of its first sign in the text.
        end: place after its last sign.
    """

    name: Name
    how: str
    first: int
    last: int
    start: int
    end: int
    confidence: float
    is_negated: bool = False


def find_names(text: str, names: NameIndex) -> tuple[Match, ...]:
    """Find the names in a text, in its order.

    An everyday word ("speed", "ice") counts only where the text is nothing but names, where
    a word of drug use stands next to it, or where it is an item of a list beside a match.
    """
    words = cut_words(text)
    if not words:
        return ()
    whole = names.by_key.get(name_key(words))
    if whole is not None:
        return (_match(whole, whole.how, words, 0, len(words) - 1),)
    matches = _scan(words, names)
    kept = _keep_in_context(matches, words)
    negated = find_negated([(match.first, match.last) for match in kept], words)
    return tuple(replace(match, is_negated=match.first in negated) for match in kept)


def _match(name: Name, how: str, words: Sequence[Word], first: int, last: int) -> Match:
    confidence = EVERYDAY_ALONE if name.is_everyday else CONFIDENCE[how]
    return Match(name, how, first, last, words[first].start, words[last].end, confidence)


def _scan(words: Sequence[Word], names: NameIndex) -> list[Match]:
    matches: list[Match] = []
    place = 0
    while place < len(words):
        match = _longest_at(words, place, names)
        if match is None:
            place += 1
        else:
            matches.append(match)
            place = match.last + 1
    return matches


def _longest_at(words: Sequence[Word], first: int, names: NameIndex) -> Match | None:
    found: Match | None = None
    joined = ""
    for last in range(first, len(words)):
        if words[last].item != words[first].item:
            break
        joined += words[last].text
        named = _look_up(joined, is_joined=last > first, names=names)
        if named is not None:
            found = _match(named[0], named[1], words, first, last)
        if joined not in names.beginnings:
            break
    return found


def _look_up(joined: str, *, is_joined: bool, names: NameIndex) -> tuple[Name, str] | None:
    name = names.by_key.get(joined)
    how = "" if name is None else name.how
    if name is None and joined.endswith("s") and len(joined) > _SHORTEST_PLURAL:
        name, how = names.by_key.get(joined[:-1]), "plural"
    if name is None:
        return None
    if is_joined and name.is_one_word and len(joined) < _SHORTEST_JOINED:
        return None
    return name, how


def _keep_in_context(matches: Sequence[Match], words: Sequence[Word]) -> list[Match]:
    whole_items = {match.first for match in matches if _is_whole_item(match, words)}
    if len(whole_items) == len(matches) and _covers_all(matches, words):
        return list(matches)
    kept = {match.first: match for match in matches if not match.name.is_everyday}
    ends = {match.last for match in kept.values()}
    # Twice, from either end: an accepted everyday word vouches for its neighbour in a list.
    for ordered in (matches, matches[::-1]):
        for match in ordered:
            if match.first in kept:
                continue
            is_beside = match.last + 1 in kept or match.first - 1 in ends
            if (match.first in whole_items and is_beside) or _has_context(match, words):
                kept[match.first] = replace(match, confidence=EVERYDAY_IN_CONTEXT)
                ends.add(match.last)
    return [kept[first] for first in sorted(kept)]


def _is_whole_item(match: Match, words: Sequence[Word]) -> bool:
    item = words[match.first].item
    starts = match.first == 0 or words[match.first - 1].item != item
    ends = match.last == len(words) - 1 or words[match.last + 1].item != item
    return starts and ends


def _covers_all(matches: Sequence[Match], words: Sequence[Word]) -> bool:
    return sum(match.last - match.first + 1 for match in matches) == len(words)


def _has_context(match: Match, words: Sequence[Word]) -> bool:
    before = match.first - 1
    while before >= 0 and words[before].text in _BRIDGES:
        before -= 1
    clause = words[match.first].clause
    return _says(before, _BEFORE, words, clause) or _says(match.last + 1, _AFTER, words, clause)


def _says(place: int, expected: frozenset[str], words: Sequence[Word], clause: int) -> bool:
    if not 0 <= place < len(words):
        return False
    return words[place].clause == clause and words[place].text in expected
