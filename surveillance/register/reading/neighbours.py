"""Finds the words that lie near a misspelled one, without looking at all of them.

Nearly every misspelling keeps its first letter or swaps the first two, so that only words with
such a beginning are measured; a wrong first letter is believed where all else is right. Distances
are counted by ``rapidfuzz``: letters added, left out, changed, or swapped with their neighbour.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST = 5
_MEDIUM, _VERY_LONG = 8, 14
_WRONG_START, _WRONG_VOWELS = 0.5, 0.25
_MOST = 16
_VOWELS = re.compile(r"[aeiouy]+")


class Near(NamedTuple):
    """A word near another.

    Attributes:
        cost: the distance, weighed by how common such a slip is; they sort by it.
        word: the word.
        distance: letters that are wrong.
    """

    cost: float
    word: str
    distance: int


class Neighbours:
    """Words by their beginning and length, to measure only those that may be near."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_beginning: dict[tuple[str, int], list[str]] = {}
        self._by_tail: dict[str, list[str]] = {}
        for word in sorted(set(words)):
            if len(word) >= _SHORTEST:
                self._by_beginning.setdefault((word[0], len(word)), []).append(word)
                self._by_beginning.setdefault((word[:2], len(word)), []).append(word)
                self._by_tail.setdefault(word[1:], []).append(word)
                self._by_tail.setdefault(word, []).append(word)

    def near(self, word: str, limit: int | None = None) -> list[Near]:
        """List the words near a word, the nearest first.

        Args:
            word: at least two letters.
            limit: letters that may be wrong; absent, as many as its length allows.
        """
        widest = _widest(len(word)) if limit is None else limit
        found = process.extract(
            word,
            self._choices(word, widest),
            scorer=OSA.distance,
            score_cutoff=widest,
            limit=_MOST,
            processor=None,
        )
        return sorted({_weigh(word, choice, int(distance)) for choice, distance, _ in found})

    def _choices(self, word: str, limit: int) -> list[str]:
        choices: list[str] = []
        swapped = word[1::-1]
        for length in range(len(word) - limit, len(word) + limit + 1):
            choices += self._by_beginning.get((word[0], length), ())
            if swapped[0] != swapped[1]:
                choices += self._by_beginning.get((swapped, length), ())
        choices += self._by_tail.get(word[1:], ())
        choices += self._by_tail.get(word, ())
        return choices


def _widest(length: int) -> int:
    if length < _MEDIUM:
        return 2
    return 3 if length < _VERY_LONG else 4


def _weigh(word: str, name: str, distance: int) -> Near:
    """Weigh a misspelling: wrong vowels and swapped letters are common, a wrong start is not."""
    begins_alike = word[0] == name[0] or word[:2] == name[1::-1]
    start = 0.0 if begins_alike else _WRONG_START
    if distance > 1 and _VOWELS.sub("", word) == _VOWELS.sub("", name):
        return Near(distance / 2 + _WRONG_VOWELS + start, name, distance)
    if distance == 2 and sorted(word) == sorted(name):  # noqa: PLR2004 - two letters swapped
        return Near(1.5 + start, name, distance)
    return Near(distance + start, name, distance)
