"""How new substances are named: the grammar of parts, families and codes.

A new fentanyl, nitazene, cathinone or benzodiazepine is named after its molecule: parts
("para-fluoro", "N-desethyl") before the name of its family, or a code of a known make
("5F-MDMB-PICA"). A name that is made so but stands nowhere in the register is a *new name*
of its family. It is never taken for a neighbour whose name is near.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from surveillance.errors import SettingsError
from surveillance.register.tables import read_table, split_list

_COLUMNS = ("kind", "group", "parts", "example")
KINDS = ("modifier", "metabolite", "position", "stem", "ending", "pattern")
# "4", "2'", "n" and "1h" place a part; they are no part themselves.
_LOCANT = re.compile(r"\d{1,2}[a-z]?|[abdlmnoprst]")
_SHORTEST_ENDED = 2
_SHORTEST_STEM = 3
_LONGEST_WORD = 60
_MOST_KEPT = 100_000


@dataclass(frozen=True)
class Made:
    """A well-formed name.

    Attributes:
        group: id of the group its family stands for; empty if any known name may follow.
        stem: the last part: a family's name, or the known name that the parts change.
        modifiers: the parts before it, without their places.
        is_metabolite: the parts only say what the body makes of the stem.
    """

    group: str
    stem: str
    modifiers: tuple[str, ...]
    is_metabolite: bool


@dataclass(eq=False)
class NameParts:
    """The parts that names are made of.

    Attributes:
        modifiers: parts that make another substance; True where the body makes it.
        positions: words that say where a part sits.
        stems: name of a family -> id of its group; needs a modifier to be a name.
        endings: end of a word that gives the family away -> id of its group.
        patterns: codes, as expressions over letters and digits -> id of their group.
        lengths: how long a part may be, to look at no other.
    """

    modifiers: Mapping[str, bool]
    positions: frozenset[str]
    stems: Mapping[str, str]
    endings: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    lengths: tuple[int, ...] = field(default=(), repr=False)
    _known_cuts: dict[str, tuple[str, ...] | None] = field(default_factory=dict, repr=False)

    def is_part(self, word: str) -> bool:
        """Tell whether a word is nothing but modifiers and their places.

        Example:
            >>> parts = read_parts([("modifier", "", "methyl|fluoro", "")])
            >>> parts.is_part("3fluoromethyl"), parts.is_part("fluorinated")
            (True, False)
        """
        return self.cut_parts(word) is not None

    def cut_parts(self, word: str) -> tuple[str, ...] | None:
        """Cut a word that is nothing but modifiers into them; None if it is anything else."""
        if word not in self._known_cuts:
            if len(self._known_cuts) > _MOST_KEPT:
                self._known_cuts.clear()
            self._known_cuts[word] = self._cut(word)
        return self._known_cuts[word]

    def _cut(self, word: str) -> tuple[str, ...] | None:
        if len(word) > _LONGEST_WORD:
            return None
        ways: dict[int, tuple[str, ...]] = {0: ()}
        for place in range(len(word)):
            if place not in ways:
                continue
            if word[place].isdigit():
                ways.setdefault(place + 1, ways[place])
            for length in self.lengths:
                part = word[place : place + length]
                if part in self.modifiers and len(part) == length:
                    ways[place + length] = (*ways[place], part)
                elif part in self.positions and len(part) == length:
                    ways.setdefault(place + length, ways[place])
        found = ways.get(len(word))
        return found or None

    def leading(self, word: str) -> tuple[str, ...]:
        """Give the modifiers that a word begins with, whatever follows them.

        Example:
            >>> parts = read_parts([("modifier", "", "methyl|dimethyl|ethyl|diethyl", "")])
            >>> parts.leading("dimethylpentylone"), parts.leading("diethylpentylone")
            (('dimethyl',), ('diethyl',))
        """
        found: list[str] = []
        place = 0
        while place < len(word):
            here = [n for n in self.lengths if word[place : place + n] in self.modifiers]
            if not here:
                break
            found.append(word[place : place + max(here)])
            place += max(here)
        return tuple(found)

    def ending_of(self, word: str) -> str:
        """Give the family ending of a word, or nothing."""
        return max((end for end in self.endings if word.endswith(end)), key=len, default="")

    def read(self, words: Sequence[str], known: Container[str] = frozenset()) -> Made | None:
        """Read words as one made name.

        Args:
            words: the words of the name, folded; the last one holds the stem.
            known: known names of one word, which may be what the parts change.

        Returns:
            What the name is made of; None where it is not well-formed, has no modifier, or
            is a bare stem.
        """
        coded = self.code_group("".join(words))
        if coded:
            return Made(coded, "", (), is_metabolite=False)
        found: list[str] = []
        for word in words[:-1]:
            if _LOCANT.fullmatch(word) or word in self.positions:
                continue
            cut = self.cut_parts(word)
            if cut is None:
                return None
            found += cut
        return self._ended(words[-1], tuple(found), known)

    def _ended(self, last: str, before: tuple[str, ...], known: Container[str]) -> Made | None:
        if len(last) > _LONGEST_WORD:
            return None
        for start in range(len(last) - _SHORTEST_STEM + 1):
            stem = last[start:]
            if stem not in self.stems and stem not in known:
                continue
            own = self.cut_parts(last[:start]) if start else ()
            if own is None or not (own or before):
                continue
            modifiers = (*before, *own)
            is_metabolite = all(self.modifiers[part] for part in modifiers)
            return Made(self.stems.get(stem, ""), stem, modifiers, is_metabolite)
        ending = self.ending_of(last)
        if ending and len(last) >= len(ending) + _SHORTEST_ENDED:
            return Made(self.endings[ending], last, before, is_metabolite=False)
        return None

    def code_group(self, letters: str) -> str:
        """Give the group of a code of a known make, or nothing."""
        for pattern, group in self.patterns:
            if pattern.fullmatch(letters):
                return group
        return ""


NO_PARTS = NameParts({}, frozenset(), {}, {}, ())


def read_parts(rows: Iterable[tuple[str, str, str, str]]) -> NameParts:
    """Make the grammar out of rows of kind, group, parts and example.

    Raises:
        SettingsError: a kind is none of ``KINDS``, or a pattern is no expression.
    """
    by_kind: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for kind, group, parts, _ in rows:
        if kind not in KINDS:
            raise SettingsError(
                f"name_parts.csv: the kind {kind!r} is none of {', '.join(KINDS)}. "
                "Nothing was loaded."
            )
        listed = (parts,) if kind == "pattern" else split_list(parts)
        by_kind[kind] |= dict.fromkeys(listed, group)
    modifiers = dict.fromkeys(by_kind["modifier"], False)
    modifiers |= dict.fromkeys(by_kind["metabolite"], True)
    positions = frozenset(by_kind["position"])
    return NameParts(
        modifiers=modifiers,
        positions=positions,
        stems=by_kind["stem"],
        endings=by_kind["ending"],
        patterns=tuple((_compiled(p), group) for p, group in by_kind["pattern"].items()),
        lengths=tuple(sorted({len(part) for part in (*modifiers, *positions)})),
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise SettingsError(
            f"name_parts.csv: {pattern!r} is no regular expression: {error}. Nothing was loaded."
        ) from error


def load_parts(path: Path, *, groups: Container[str]) -> NameParts:
    """Read the grammar of names.

    Args:
        path: the table.
        groups: ids of the register's groups.

    Raises:
        SettingsError: a kind, group or pattern is wrong; the message names it.
    """
    rows = read_table(path, columns=_COLUMNS)
    for row in rows:
        if row["group"] and row["group"] not in groups:
            raise SettingsError(
                f"{path.name}: the group {row['group']!r} has no line in substances.csv. "
                "Nothing was loaded. Add it there or mend the id."
            )
    return read_parts((row["kind"], row["group"], row["parts"], row["example"]) for row in rows)
