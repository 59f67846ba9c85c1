"""Mends misspelled words of names, and leaves alone what may be another substance.

A word is mended only when one name is clearly nearest: no other substance lies as near, every
number in it agrees, and the parts that make another substance of a family ("dimethyl" and
"diethyl", "-azolam" and "-azepam") agree sign for sign. A word that is plain English, or nearer
to one, is never mended, and nothing is ever mended into a code such as AB-PINACA, where every
letter tells.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from surveillance.register.reading.neighbours import Near, Neighbours
from surveillance.register.reading.parts import NameParts

SHORTEST_MENDED = 6
_MEDIUM, _LONG, _VERY_LONG = 8, 10, 14
_FAR = 3
_ALIKE = 4
_SHARED_END, _OWN_BEGINNING = 5, 7
# What people write often they have many names for, and what is written often is misspelled often.
# A name that is this many times better known outdoes an equally near one.
_BEST_KNOWN = 3
_SUFFIXES = ("ine", "one", "ane", "ene", "yne", "ide", "ate", "ol")
_VOWELS = frozenset("aeiouy")
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
        codes: Set[str],
        spellings: Mapping[str, int],
        familiar: Set[str],
        classes: Set[str],
        parts: NameParts,
        plain: Iterable[str],
    ) -> None:
        """Prepare the words.

        Args:
            words: words of names -> ids of the entries they name; empty for words that only
                stand in longer names.
            preferred: id -> preferred name of one word.
            codes: words that are codes, where every letter tells.
            spellings: id -> how many names it has.
            familiar: ids of what is commonly met. Of all others only the slightest slip is
                believed: a name that is near to theirs is about as likely to be new.
            classes: ids of groups.
            parts: the grammar of names.
            plain: words of plain and clinical English.
        """
        self._parts = parts
        self._preferred = preferred
        self._codes = codes
        self._spellings = spellings
        self._familiar = familiar
        self._classes = classes
        self._owners: dict[str, frozenset[str]] = dict(words)
        for part in parts.modifiers:
            self._owners.setdefault(part, frozenset())
        self._names = Neighbours(self._owners)
        self._made = Neighbours(_made_names(parts, self._owners))
        self._plain = Neighbours(plain)

    def mend(self, word: str) -> Mended | None:
        """Give the word that was meant; None where none is, or several are, near enough."""
        if len(word) < SHORTEST_MENDED or not word.isascii():
            return None
        as_letters = self._letters_for_digits(word)
        if as_letters:
            return Mended(as_letters, 1)
        near = self._names.near(word)
        meant = self._meant(word, near)
        if meant is None or any(self._rivals(rival, meant) for rival in near):
            return None
        if any(made.cost <= meant.cost for made in self._made.near(word)):
            return None
        if self._plain.near(word, int(meant.cost)):
            return None
        return Mended(self._plainest(word, meant), meant.distance)

    def _meant(self, word: str, near: list[Near]) -> Near | None:
        """Choose the nearest name that can be meant; of equally near ones, the best known."""
        meant = [found for found in near if self._is_believable(word, found)]
        return min(meant, key=self._standing, default=None)

    def _standing(self, found: Near) -> tuple[float, bool, int]:
        known_by = self._known_by(found.word)
        return found.cost, not self._is_preferred(found.word), -known_by

    def _known_by(self, name: str) -> int:
        return max((self._spellings.get(owner, 0) for owner in self._owners[name]), default=0)

    def _letters_for_digits(self, word: str) -> str:
        """Read ``c0caine``: a digit between letters that looks like one."""
        if not _DIGITS.search(word) or word.isdigit():
            return ""
        read = word.translate(_LOOKS_LIKE_DIGIT)
        return read if self._owners.get(read) else ""

    def _rivals(self, rival: Near, meant: Near) -> bool:
        """Tell whether another name may as well be meant."""
        if rival.cost > meant.cost or rival.word in (meant.word, f"{meant.word}s"):
            return False
        if self._owners[meant.word] & self._owners[rival.word]:
            return False
        known = self._known_by(meant.word) if self._is_preferred(meant.word) else 0
        return known < _BEST_KNOWN * max(self._known_by(rival.word), 1)

    def _is_preferred(self, word: str) -> bool:
        return any(self._preferred.get(owner) == word for owner in self._owners[word])

    def _is_believable(self, word: str, found: Near) -> bool:
        meant = found.word
        if meant in self._codes or self._parts.code_group(meant):
            return False
        if len(meant) < SHORTEST_MENDED or _DIGITS.findall(word) != _DIGITS.findall(meant):
            return False
        begins_alike = word[0] == meant[0] or word[:2] == meant[1::-1]
        if not begins_alike and (found.distance > 1 or not self._is_preferred(meant)):
            return False
        if self._is_brand(meant) and len(meant) < _MEDIUM:
            return False
        owners = self._owners[meant]
        if owners and self._familiar.isdisjoint(owners):
            is_slip = found.distance == 1 and begins_alike and _is_slight(word, meant)
        elif owners and owners <= self._classes:
            # "nitazepine" may be new: it is not the word "nitazene".
            is_slip = found.distance == 1
        else:
            is_slip = found.distance == 1 or found.cost <= self._most_believed(word, meant)
        return is_slip and self._parts_agree(word, meant) and not _is_cousin(word, found)

    def _is_brand(self, word: str) -> bool:
        """Tell a trade name: short ones are too like plain English to be guessed at."""
        if word.endswith(_SUFFIXES):
            return False
        preferred = [self._preferred.get(owner, "") for owner in self._owners[word]]
        return bool(preferred) and not any(name[:_ALIKE] == word[:_ALIKE] for name in preferred)

    def _most_believed(self, word: str, meant: str) -> float:
        length = max(len(word), len(meant))
        if length < _MEDIUM or not (self._is_preferred(meant) or length >= _LONG):
            return 1.0
        if length < _LONG:
            return 1.5
        return 2.0 if length < _VERY_LONG else 3.0

    def _plainest(self, word: str, meant: Near) -> str:
        """Give the preferred name where it is about as near as the alias that is nearest."""
        limit = meant.distance + 1
        for owner in self._owners[meant.word]:
            name = self._preferred.get(owner, "")
            if name and OSA.distance(word, name, score_cutoff=limit) <= limit:
                return name
        return meant.word

    def _parts_agree(self, word: str, meant: str) -> bool:
        ending, meant_ending = self._parts.ending_of(word), self._parts.ending_of(meant)
        if ending and meant_ending:
            own, meant_own = word.removesuffix(ending), meant.removesuffix(meant_ending)
            allowed = 1 if len(meant_own) < _MEDIUM else 2
            if ending != meant_ending or OSA.distance(own, meant_own) > allowed:
                return False
        before, meant_before = self._parts.leading(word), self._parts.leading(meant)
        if before == meant_before or not before:
            return True
        rest = word[sum(map(len, before)) :]
        meant_rest = meant[sum(map(len, meant_before)) :]
        return OSA.distance(rest, meant_rest) >= _FAR


def _is_cousin(word: str, found: Near) -> bool:
    """Tell two names of one class, which share their end: pitavastatin and pravastatin."""
    if found.distance == 1 or found.cost < found.distance:
        return False
    shared = 0
    pairs = zip(reversed(word), reversed(found.word), strict=False)
    for one, other in pairs:
        if one != other:
            break
        shared += 1
    longest = max(len(word), len(found.word))
    return shared >= _SHARED_END and longest - shared <= _OWN_BEGINNING


def _is_slight(word: str, meant: str) -> bool:
    """Tell a slip of the pen from another substance: no consonant and no suffix changed."""
    suffix = next((end for end in _SUFFIXES if word.endswith(end)), "")
    meant_suffix = next((end for end in _SUFFIXES if meant.endswith(end)), "")
    if suffix and meant_suffix and suffix != meant_suffix:
        return False
    if len(word) != len(meant):
        return True
    changed = [pair for pair in zip(word, meant, strict=True) if pair[0] != pair[1]]
    return len(changed) > 1 or all(sign in _VOWELS for sign in changed[0])


def _made_names(parts: NameParts, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """List well-formed names that the register lacks: a misspelling may mean one of them."""
    made = (modifier + stem for modifier in parts.modifiers for stem in parts.stems)
    return frozenset(name for name in made if name not in known)
