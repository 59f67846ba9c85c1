"""Mends misspelled words of names, and leaves alone what may be another substance.

A word is mended only when one name is clearly nearest: no other substance lies as near, every
number in it agrees, and the parts that make another substance of a family ("dimethyl" and
"diethyl", "-azolam" and "-azepam") agree sign for sign. A word that is plain English, or nearer
to one, is never mended. Distances are counted by ``rapidfuzz``: letters added, left out,
changed, or swapped with their neighbour.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from surveillance.register.parts import NameParts

SHORTEST_MENDED = 6
_SHORTEST_NAME = 6
_LONG, _VERY_LONG = 10, 14
_FAR = 3
_WRONG_START, _WRONG_VOWELS = 0.5, 0.25
_VOWELS = re.compile(r"[aeiouy]+")
_DIGITS = re.compile(r"\d+")
_LOOKS_LIKE_DIGIT = str.maketrans("015", "ols")


@dataclass(frozen=True, slots=True)
class Mended:
    """A misspelled word, and the word of a name that was meant, so many letters away."""

    word: str
    distance: int


class Speller:
    """Finds the one word of a name that a misspelled word must mean."""

    def __init__(
        self,
        words: Mapping[str, frozenset[str]],
        *,
        preferred: Mapping[str, str],
        parts: NameParts,
        plain: Iterable[str],
    ) -> None:
        """Prepare the words.

        Args:
            words: words of names -> ids of the entries they name; empty for words that only
                stand in longer names.
            preferred: id -> preferred name of one word.
            parts: the grammar of names.
            plain: words of plain and clinical English.
        """
        self._parts = parts
        self._preferred = preferred
        self._owners: dict[str, frozenset[str]] = dict(words)
        for part in parts.modifiers:
            self._owners.setdefault(part, frozenset())
        self._rivals = _made_names(parts, self._owners)
        self._by_length = _sorted_by_length((*self._owners, *self._rivals), _SHORTEST_NAME - 1)
        self._plain_by_length = _sorted_by_length(plain, _SHORTEST_NAME - 1)

    def mend(self, word: str) -> Mended | None:
        """Give the word that was meant; None where none is, or several are, near enough."""
        if len(word) < SHORTEST_MENDED or not word.isascii():
            return None
        as_letters = self._letters_for_digits(word)
        if as_letters:
            return Mended(as_letters, 1)
        limit = _widest(len(word))
        near = sorted(
            (_cost(word, name, distance), name, distance)
            for name, distance in self._near(word, self._by_length, limit)
        )
        meant = next((found for found in near if self._is_believable(word, *found)), None)
        if meant is None:
            return None
        cost, name, distance = meant
        if any(rival <= cost and self._is_other(name, other) for rival, other, _ in near):
            return None
        if self._near(word, self._plain_by_length, int(cost)):
            return None
        return Mended(self._plainest(word, name, distance), distance)

    def _letters_for_digits(self, word: str) -> str:
        """Read ``c0caine``: a digit between letters that looks like one."""
        if not _DIGITS.search(word) or word.isdigit():
            return ""
        read = word.translate(_LOOKS_LIKE_DIGIT)
        return read if self._owners.get(read) else ""

    @staticmethod
    def _near(
        word: str, by_length: Mapping[int, list[str]], limit: int
    ) -> list[tuple[str, int]]:
        choices = [
            choice
            for length in range(len(word) - limit, len(word) + limit + 1)
            for choice in by_length.get(length, ())
        ]
        found = process.extract(
            word, choices, scorer=OSA.distance, score_cutoff=limit, limit=12, processor=None
        )
        return [(choice, int(distance)) for choice, distance, _ in found]

    def _is_other(self, meant: str, rival: str) -> bool:
        if meant == rival:
            return False
        ours, theirs = self._owners.get(meant), self._owners.get(rival)
        return not (ours and theirs and ours & theirs)

    def _is_believable(self, word: str, cost: float, meant: str, distance: int) -> bool:
        longer = max(len(word), len(meant))
        if distance > 1 and cost > _most_believed(longer) or len(meant) < _SHORTEST_NAME or meant in self._rivals:
            return False
        if _DIGITS.findall(word) != _DIGITS.findall(meant):
            return False
        begins_alike = word[0] == meant[0] or word[:2] == meant[1::-1]
        return (begins_alike or distance == 1) and self._parts_agree(word, meant)

    def _plainest(self, word: str, meant: str, distance: int) -> str:
        """Give the preferred name where it is about as near as the alias that is nearest."""
        for owner in self._owners.get(meant, ()):
            name = self._preferred.get(owner, "")
            if name and OSA.distance(word, name, score_cutoff=distance + 1) <= distance + 1:
                return name
        return meant

    def _parts_agree(self, word: str, meant: str) -> bool:
        ending, meant_ending = self._parts.ending_of(word), self._parts.ending_of(meant)
        if ending and meant_ending and ending != meant_ending:
            return False
        before, meant_before = self._parts.leading(word), self._parts.leading(meant)
        if before == meant_before or not before:
            return True
        rest = word[sum(map(len, before)) :]
        meant_rest = meant[sum(map(len, meant_before)) :]
        return OSA.distance(rest, meant_rest) >= _FAR


def _widest(length: int) -> int:
    """How many letters may be wrong at most in a word of this length."""
    if length < 8:  # noqa: PLR2004 - the steps are the rule itself
        return 2
    return 3 if length < _VERY_LONG else 4


def _most_believed(length: int) -> float:
    if length < 8:  # noqa: PLR2004 - the steps are the rule itself
        return 1.0
    if length < _LONG:
        return 1.5
    return 2.0 if length < _VERY_LONG else 3.0


def _cost(word: str, name: str, distance: int) -> float:
    """Weigh a misspelling: wrong vowels and swapped letters are common, a wrong start is not."""
    start = 0.0 if word[0] == name[0] else _WRONG_START
    if distance > 1 and _VOWELS.sub("", word) == _VOWELS.sub("", name):
        return distance / 2 + _WRONG_VOWELS + start
    if distance == 2 and sorted(word) == sorted(name):  # noqa: PLR2004 - two letters swapped
        return 1.5 + start
    return distance + start


def _made_names(parts: NameParts, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """List well-formed names that the register lacks: a misspelling may mean one of them."""
    made = (modifier + stem for modifier in parts.modifiers for stem in parts.stems)
    return frozenset(name for name in made if name not in known)


def _sorted_by_length(words: Iterable[str], shortest: int) -> dict[int, list[str]]:
    by_length: dict[int, list[str]] = {}
    for word in sorted(set(words)):
        if len(word) >= shortest:
            by_length.setdefault(len(word), []).append(word)
    return by_length
