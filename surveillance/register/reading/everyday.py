"""Decides whether an everyday word ("speed", "ice", "spice") means the drug.

It does where the text is nothing but names, where a word of drug use stands next to it, or
where it is an item of a list beside a name that is surely a drug's.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from surveillance.register.names import CLAUSE, ITEM, JOINING_WORDS, Words, pair_set, word_set
from surveillance.register.reading.scanning import Match

EVERYDAY_IN_CONTEXT = 0.6
# A phrase that ends in a small word: "crack in". It gives way where a drug was surely used.
OPEN_PHRASE = "open phrase"
# Words that turn an everyday word into a drug when they stand right before or right after it.
# "powder" or "tablet" would not do: "brown tablet" is no heroin.
_BEFORE = word_set(
    "bag bags bombed bombing bought buying chased chasing consumed consuming deny denied denies "
    "denying dealing dosed dropped gram grams illicit ingested inhaled inhaling injected "
    "injecting ingesting line lines puffed selling smoke smoked smokes smoking sniffed sniffing "
    "snorted snorting sold street supplied supplying swallowed taken takes taking took tripping "
    "use used uses using vape vaped vapes vaping wrap wraps stoned spliff joint tab tabs stone "
    "stones rock rocks hit hits deal deals pipes bump bumps dose doses"
)
_AFTER = word_set(
    "abuse abused abuser abusing addict addicted addiction binge comedown dealer dealers "
    "dealing dependence dependency habit injected injecting intoxicated intoxication misuse "
    "overdose overdosed overdosing pipe poisoning smoked smoker smokers smoking snorted tabs "
    "toxicity trip tripping use used user users using vape vapes withdrawal seized"
)
# "high on", "positive for": two words that do what one of those above does.
_PAIRS_BEFORE = pair_set(
    "high on, hooked on, overdosed on, intoxicated with, influence of, overdose of, addicted to, "
    "positive for, negative for, withdrawing from, sold as, admits to, admitted to, admitting to, "
    "known as, laced with, mixed with, cut with, spiked with, effects of, worth of"
)
_BRIDGES = frozenset({"of", "some", "more"})


def keep_in_context(cut: Words, matches: Sequence[Match]) -> list[Match]:
    """Keep the everyday words that mean a drug, and every other match."""
    if not any(match.is_everyday or not match.identifier for match in matches):
        return list(matches)
    names = [_beneath(cut, match) or match for match in matches]
    names = [match for match in names if match.identifier]
    items = _items(cut)
    whole = {match.first for match in names if _is_whole_item(match, items)}
    if len(whole) == len(names) and _covers_all(cut, names):
        return names
    kept = {match.first: match for match in names if not match.is_everyday}
    ends = {match.last for match in kept.values()}
    # Twice, from either end: an accepted everyday word vouches for its neighbour in a list.
    for ordered in (names, names[::-1]):
        for match in ordered:
            if match.first in kept:
                continue
            is_beside = _next_in_list(cut, match) in kept or _before_in_list(cut, match) in ends
            if (match.first in whole and is_beside) or _has_context(cut, match):
                kept[match.first] = replace(match, confidence=EVERYDAY_IN_CONTEXT)
                ends.add(match.last)
    return [kept[first] for first in sorted(kept)]


def _beneath(cut: Words, match: Match) -> Match | None:
    """Give the name beneath an open phrase ("smoked crack in the car"), where it is meant."""
    if match.how != OPEN_PHRASE or match.beneath is None:
        return None
    return match.beneath if _is_used(cut, match.first) else None


def _items(cut: Words) -> list[int]:
    """Number the items of the lists in a text; a joining word is an item of its own."""
    steps = []
    for place, word in enumerate(cut.words):
        after_joiner = place > 0 and cut.words[place - 1] in JOINING_WORDS
        is_new = cut.gaps[place] & ITEM or word in JOINING_WORDS or after_joiner
        steps.append(1 if is_new else 0)
    return list(accumulate(steps))


def _is_whole_item(match: Match, items: Sequence[int]) -> bool:
    item = items[match.first]
    starts = match.first == 0 or items[match.first - 1] != item
    ends = match.last == len(items) - 1 or items[match.last + 1] != item
    return starts and ends and items[match.last] == item


def _covers_all(cut: Words, matches: Sequence[Match]) -> bool:
    named = sum(match.last - match.first + 1 for match in matches)
    return named + sum(word in JOINING_WORDS for word in cut.words) == len(cut.words)


def _next_in_list(cut: Words, match: Match) -> int:
    place = match.last + 1
    while place < len(cut.words) and cut.words[place] in JOINING_WORDS:
        place += 1
    return place


def _before_in_list(cut: Words, match: Match) -> int:
    place = match.first - 1
    while place >= 0 and cut.words[place] in JOINING_WORDS:
        place -= 1
    return place


def _has_context(cut: Words, match: Match) -> bool:
    if _is_used(cut, match.first):
        return True
    after = match.last + 1
    return after < len(cut.words) and cut.words[after] in _AFTER and not cut.gaps[after] & CLAUSE


def _is_used(cut: Words, first: int) -> bool:
    """Tell whether a word of drug use stands right before."""
    before, words, gaps = first - 1, cut.words, cut.gaps
    if before > 0 and (words[before - 1], words[before]) in _PAIRS_BEFORE:
        return not gaps[first] & CLAUSE
    while before >= 0 and words[before] in _BRIDGES and not gaps[before + 1] & CLAUSE:
        before -= 1
    return before >= 0 and words[before] in _BEFORE and not gaps[before + 1] & CLAUSE
