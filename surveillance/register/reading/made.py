"""Reads parts before a name: nothing that makes another substance is dropped.

``para-fluoro acetyl fentanyl`` is not acetyl fentanyl, and ``desproprionyl fentanyl`` is no
fentanyl. Parts before a known name make either another known name or a *new name*.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from surveillance.register.names import (
    COMMA,
    CROSSED,
    HYPHEN,
    ITEM,
    Words,
    is_inside_name,
    word_set,
)
from surveillance.register.reading.index import NameIndex
from surveillance.register.reading.parts import Made, NameParts
from surveillance.register.reading.scanning import CONFIDENCE, Match, joined_words

NEW_NAME = 0.6
NEW_NAME_BY_LOOK = 0.4
LOCANT = re.compile(r"\d{1,2}|[nopm]")
# How the unknown part of a name looks: "xyzoyl fentanyl" is not fentanyl.
_LOOKS_LIKE_PART = re.compile(r"[a-z]{2,}(?:yl|oxy|oyl|ino|enyl)")
_SHORT_PART = re.compile(r"\d{1,2}(?:f|cl|br|cn|me|meo|oh|ho|aco|cf3)")
_LIKENESS = word_set(
    "analog analogue analogs analogues derivative derivatives isomer isomers precursor "
    "precursors intermediate lactam"
)
_CHANGED_BY_BODY = word_set("glucuronide glucuronides noxide")


@dataclass(frozen=True)
class Maker:
    """What is needed to read made names.

    Attributes:
        index: all names.
        parts: the grammar.
        group_of: id -> id of the group it belongs to; a group's id -> itself.
        plain: words of plain and clinical English.
    """

    index: NameIndex
    parts: NameParts
    group_of: Callable[[str], str]
    plain: frozenset[str]

    def extend(self, cut: Words, matches: list[Match]) -> list[Match]:
        """Read the parts that stand before names, and the made names that hold none."""
        taken = _drop_parts(cut, matches, self.parts)
        taken = [self._with_parts(cut, taken, number) for number in range(len(taken))]
        taken = sorted([*taken, *self._made_alone(cut, taken)], key=lambda match: match.first)
        return taken

    def _made_alone(self, cut: Words, matches: list[Match]) -> list[Match]:
        found: list[Match] = []
        floor = 0
        for number in range(len(matches) + 1):
            end = matches[number].first if number < len(matches) else len(cut.words)
            for place in range(floor, end):
                if cut.words[place] in self.plain:
                    continue
                made = self._alone(cut, place, floor)
                if made is not None:
                    found.append(made)
            floor = matches[number].last + 1 if number < len(matches) else end
        return found

    def _with_parts(self, cut: Words, matches: list[Match], number: int) -> Match:
        match = matches[number]
        floor = matches[number - 1].last + 1 if number else 0
        first = self._first_part(cut, match.first, floor)
        if match.is_everyday or match.new_name or not match.identifier:
            return match
        if first < match.first:
            return self._followed(cut, self._changed(cut, first, match))
        before = match.first - 1
        if (
            before >= floor
            and cut.gaps[match.first] & CROSSED
            and self._looks_like_part(cut, before)
        ):
            group = self.group_of(match.identifier)
            return new_match(cut, before, match.last, group, trust=NEW_NAME_BY_LOOK)
        return self._followed(cut, match)

    def _followed(self, cut: Words, match: Match) -> Match:
        """Read what makes another substance of a name that it follows: "U-47700 analogue"."""
        after = match.last + 1
        if after >= len(cut.words) or not cut.gaps[after] & CROSSED:
            return match
        word = cut.words[after]
        group = self.group_of(match.identifier)
        if word in _CHANGED_BY_BODY:
            new = new_match(cut, match.first, after, group)
            new.marker_of = match.marker_of or (match.identifier,)
            return new
        if word in _LIKENESS and group != match.identifier:
            return new_match(cut, match.first, after, group)
        return match

    def _first_part(self, cut: Words, first: int, floor: int) -> int:
        """Find where the parts before a name begin; the name's own beginning if none do."""
        begin = place = first
        while place > floor and is_inside_name(cut.words, cut.gaps, place):
            word = cut.words[place - 1]
            if self.parts.is_part(word) or _SHORT_PART.fullmatch(word):
                begin = place - 1
            elif not (word in self.parts.positions or self._is_locant(cut, place - 1)):
                break
            elif begin < first or cut.gaps[place] & HYPHEN:
                begin = place - 1
            place -= 1
        return begin

    @staticmethod
    def _is_locant(cut: Words, place: int) -> bool:
        """Tell a locant from a number: it has a hyphen, a comma or a part after it."""
        word = cut.words[place]
        if not LOCANT.fullmatch(word):
            return False
        return bool(cut.gaps[place + 1] & (HYPHEN | COMMA)) or not word.isdigit()

    def _looks_like_part(self, cut: Words, place: int) -> bool:
        word = cut.words[place]
        return word not in self.plain and _LOOKS_LIKE_PART.fullmatch(word) is not None

    def _changed(self, cut: Words, first: int, match: Match) -> Match:
        """Read a known name with parts before it: another known name, or a new one."""
        before = joined_words(cut, first, match.first - 1)
        preferred = self.index.preferred.get(match.identifier, "")
        known = self.index.by_key.get(
            before + joined_words(cut, match.first, match.last)
        ) or self.index.by_key.get(before + preferred)
        if known is not None and known.identifier:
            trust = CONFIDENCE.get(known.how, 1.0)
            return Match(known.identifier, known.how, first, match.last, trust)
        words = cut.words[first : match.first]
        modifiers = [part for word in words for part in self.parts.cut_parts(word) or ()]
        name = joined_words(cut, match.first, match.last)
        is_placed = cut.gaps[match.first] & HYPHEN and (
            self.parts.leading(name) or name in self.index.codes
        )
        is_short = any(_SHORT_PART.fullmatch(word) for word in words)
        if not (modifiers or is_placed or is_short):
            return match
        is_metabolite = bool(modifiers) and all(self.parts.modifiers[one] for one in modifiers)
        new = new_match(cut, first, match.last, self.group_of(match.identifier))
        if is_metabolite:
            new.marker_of = (match.identifier,)
        return new

    def _alone(self, cut: Words, place: int, floor: int) -> Match | None:
        """Read an unread word that ends in a family's name, with the parts before it."""
        if self.parts.is_part(cut.words[place]):
            return None
        first = self._first_part(cut, place, floor)
        made = self.parts.read(cut.words[first : place + 1], self.index.stems)
        if made is None:
            return None
        group, marker_of = self.family(made)
        if not group:
            return None
        new = new_match(cut, first, place, group)
        new.marker_of = marker_of
        return new

    def family(self, made: Made) -> tuple[str, tuple[str, ...]]:
        """Give the group of a made name, and what it proves where the body makes it."""
        owners = sorted(self.index.words.get(made.stem, ()))
        if made.group:
            return made.group, tuple(owners[:1]) if made.is_metabolite else ()
        if not owners:
            return "", ()
        return self.group_of(owners[0]), tuple(owners[:1]) if made.is_metabolite else ()


def new_match(cut: Words, first: int, last: int, group: str, *, trust: float = NEW_NAME) -> Match:
    """Make a match of a name that the register lacks, in the group that its make shows."""
    written = cut.text[cut.starts[first] : cut.ends[last]]
    name = " ".join(written.lower().split())
    return Match(group, "new name", first, last, trust, new_name=name)


def _drop_parts(cut: Words, matches: list[Match], parts: NameParts) -> list[Match]:
    """Drop names that are a part of the name right after them: tetrahydrofuran fentanyl."""
    kept: list[Match] = []
    for number, match in enumerate(matches):
        after = match.last + 1
        follows = number + 1 < len(matches) and matches[number + 1].first == after
        is_part = follows and cut.gaps[after] & CROSSED and not cut.gaps[after] & ITEM
        if not (is_part and parts.is_part(joined_words(cut, match.first, match.last))):
            kept.append(match)
    return kept
