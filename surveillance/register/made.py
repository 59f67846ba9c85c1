"""Reads parts before a name: nothing that makes another substance is dropped.

``para-fluoro acetyl fentanyl`` is not acetyl fentanyl, and ``desproprionyl fentanyl`` is no
fentanyl. Parts before a known name make either another known name or a *new name*. Parts may
stand once for several names: ``acetyl and furanyl fentanyl``, ``dextro/levo methorphan``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from surveillance.register.index import NameIndex
from surveillance.register.names import (
    CLOSED,
    COMMA,
    CROSSED,
    HYPHEN,
    OPENED,
    SLASH,
    Words,
    is_inside_name,
    word_set,
)
from surveillance.register.parts import Made, NameParts
from surveillance.register.scanning import CONFIDENCE, Match, joined_words

NEW_NAME = 0.6
NEW_NAME_BY_LOOK = 0.4
# How the unknown part of a name looks: "xyzoyl fentanyl" is not fentanyl.
_LOOKS_LIKE_PART = re.compile(r"[a-z]{2,}(?:yl|oxy|oyl|ino|enyl)")
_LIKENESS = word_set("analog analogue analogs analogues derivative derivatives isomer isomers")
_LOCANT = re.compile(r"\d{1,2}|[nopm]")


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
        taken = self._coded(cut, matches)
        taken = [self._with_parts(cut, taken, number) for number in range(len(taken))]
        taken = sorted([*taken, *self._made_alone(cut, taken)], key=lambda match: match.first)
        return self._shared_parts(cut, taken)

    def _coded(self, cut: Words, matches: list[Match]) -> list[Match]:
        """Read codes written with hyphens, such as ``ADB-5Br-INACA``."""
        owner = _owners(cut, matches)
        found: list[Match] = []
        displaced: set[int] = set()
        for first, last in _hyphened(cut):
            inside = set(owner[first : last + 1])
            is_read = -1 not in inside and len(inside) == 1
            if is_read or (first == last and cut.words[first] in self.plain):
                continue
            group = self.parts.code_group(joined_words(cut, first, last))
            if group:
                found.append(self._new(cut, first, last, group))
                displaced |= inside
        kept = [match for number, match in enumerate(matches) if number not in displaced]
        return sorted([*found, *kept], key=lambda match: match.first)

    def _made_alone(self, cut: Words, matches: list[Match]) -> list[Match]:
        found: list[Match] = []
        floor = 0
        for number in range(len(matches) + 1):
            end = matches[number].first if number < len(matches) else len(cut.words)
            for place in range(floor, end):
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
            return self._changed(cut, first, match)
        before = match.first - 1
        if before >= floor and cut.gaps[match.first] & CROSSED and self._looks_like_part(cut, before):
            group = self.group_of(match.identifier)
            return self._new(cut, before, match.last, group, trust=NEW_NAME_BY_LOOK)
        after = match.last + 1
        if after < len(cut.words) and cut.words[after] in _LIKENESS and cut.gaps[after] & CROSSED:
            group = self.group_of(match.identifier)
            if group != match.identifier:
                return self._new(cut, match.first, after, group)
        return match

    def _first_part(self, cut: Words, first: int, floor: int) -> int:
        """Find where the parts before a name begin; the name's own beginning if none do."""
        begin = place = first
        while place > floor and is_inside_name(cut.words, cut.gaps, place):
            word = cut.words[place - 1]
            if self.parts.is_part(word):
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
        if not _LOCANT.fullmatch(word):
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
        own = self.parts.leading(joined_words(cut, match.first, match.last))
        if not modifiers and not (own and cut.gaps[match.first] & HYPHEN):
            return match
        is_metabolite = bool(modifiers) and all(self.parts.modifiers[one] for one in modifiers)
        new = self._new(cut, first, match.last, self.group_of(match.identifier))
        if is_metabolite:
            new.marker_of = (match.identifier,)
        return new

    def _alone(self, cut: Words, place: int, floor: int) -> Match | None:
        """Read an unread word that ends in a family's name, with the parts before it."""
        word = cut.words[place]
        if word in self.plain or self.parts.is_part(word):
            return None
        first = self._first_part(cut, place, floor)
        made = self.parts.read(cut.words[first : place + 1], self.index.stems)
        if made is None:
            return None
        group, marker_of = self._family(made)
        if not group:
            return None
        new = self._new(cut, first, place, group)
        new.marker_of = marker_of
        return new

    def _family(self, made: Made) -> tuple[str, tuple[str, ...]]:
        owners = sorted(self.index.words.get(made.stem, ()))
        if made.group:
            return made.group, tuple(owners[:1]) if made.is_metabolite else ()
        if not owners:
            return "", ()
        return self.group_of(owners[0]), tuple(owners[:1]) if made.is_metabolite else ()

    @staticmethod
    def _new(cut: Words, first: int, last: int, group: str, *, trust: float = NEW_NAME) -> Match:
        written = cut.text[cut.starts[first] : cut.ends[last]]
        name = " ".join(written.lower().split())
        return Match(group, "new name", first, last, trust, new_name=name)

    def _shared_parts(self, cut: Words, matches: list[Match]) -> list[Match]:
        """Read parts that share the end of the name after the separator."""
        found = list(matches)
        owner = _owners(cut, matches)
        for match in reversed(matches):
            begin = match.first
            while (span := self._parts_before(cut, owner, begin)) is not None:
                shared = self._share(cut, span, match)
                if shared is None:
                    break
                found.append(shared)
                begin = span[0]
        return sorted(found, key=lambda match: match.first)

    def _parts_before(
        self, cut: Words, owner: list[int], first: int
    ) -> tuple[int, int] | None:
        """Find parts that stand alone right before a separator and a name."""
        last = first - 1
        if last < 0 or cut.gaps[first] & (OPENED | CLOSED):
            return None
        if cut.words[last] in ("and", "or"):
            last -= 1
        elif not cut.gaps[first] & (SLASH | COMMA):
            return None
        begin = last + 1
        while begin > 0 and owner[begin - 1] < 0 and self._stands_for_part(cut, begin - 1):
            begin -= 1
            if not is_inside_name(cut.words, cut.gaps, begin):
                break
        return (begin, last) if begin <= last else None

    def _stands_for_part(self, cut: Words, place: int) -> bool:
        word = cut.words[place]
        return word in self.parts.positions or self.parts.is_part(word) or bool(
            _LOCANT.fullmatch(word) and cut.gaps[place + 1] & HYPHEN
        )

    def _share(self, cut: Words, span: tuple[int, int], match: Match) -> Match | None:
        before = cut.words[span[0] : span[1] + 1]
        whole = joined_words(cut, match.first, match.last)
        for end in self._ends_of(whole):
            known = self.index.by_key.get("".join(before) + end)
            if known is not None and known.identifier:
                return Match(known.identifier, "alias", *span, CONFIDENCE["plural"])
        if not any(self.parts.is_part(word) for word in before):
            return None
        for end in self._ends_of(whole):
            made = self.parts.read([*before, end], self.index.stems)
            if made is not None:
                group, marker_of = self._family(made)
                new = self._new(cut, *span, group or self.group_of(match.identifier))
                new.new_name = f"{new.new_name} {end}"
                new.marker_of = marker_of
                return new
        return None

    def _ends_of(self, whole: str) -> list[str]:
        """List the ends of a name that parts may share, the longest first."""
        begins = {0, sum(map(len, self.parts.leading(whole)))}
        begins |= {len(word) for word in self.parts.positions if whole.startswith(word)}
        begins |= {whole.rfind(stem) for stem in self.parts.stems if whole.endswith(stem)}
        return [whole[begin:] for begin in sorted(begins) if 0 <= begin < len(whole)]


def _owners(cut: Words, matches: list[Match]) -> list[int]:
    """Give for each word the number of the match that covers it, -1 where none does."""
    owner = [-1] * len(cut.words)
    for number, match in enumerate(matches):
        owner[match.first : match.last + 1] = [number] * (match.last - match.first + 1)
    return owner


def drop_open_isomers(cut: Words) -> Words:
    """Leave out isomers that a laboratory could not tell apart: ``meta/para-fluorofentanyl``."""
    drop: dict[int, int] = {}
    place = 0
    while place < len(cut.words) - 2:
        end = _open_isomers(cut, place)
        if end:
            drop |= dict.fromkeys(range(place, end), place)
        place = max(end, place + 1)
    if not drop:
        return cut
    anew = Words(cut.text, [], [], [], [])
    for place, word in enumerate(cut.words):
        if place in drop:
            continue
        begun = drop.get(place - 1)
        anew.words.append(word)
        anew.gaps.append(cut.gaps[place] if begun is None else cut.gaps[begun])
        anew.starts.append(cut.starts[place] if begun is None else cut.starts[begun])
        anew.ends.append(cut.ends[place])
    anew.gaps.append(cut.gaps[-1])
    return anew


_ISOMERS: Mapping[str, str] = {"ortho": "o", "meta": "m", "para": "p", "o": "o", "m": "m", "p": "p"}


def _open_isomers(cut: Words, first: int) -> int:
    """Give the place after isomers that are parted by strokes or "or"; 0 where there are none."""
    place = first
    seen = 0
    while place < len(cut.words) - 1 and cut.words[place] in _ISOMERS:
        seen += 1
        following = place + 1
        if cut.words[following] == "or":
            place = following + 1
        elif cut.gaps[following] & SLASH:
            place = following
        else:
            break
    is_closed = seen > 1 and cut.words[place] in _ISOMERS and cut.gaps[place + 1] & CROSSED
    return place + 1 if is_closed else 0


def _hyphened(cut: Words) -> list[tuple[int, int]]:
    """List runs of words that hyphens join, single words among them."""
    runs: list[tuple[int, int]] = []
    first = 0
    for place in range(1, len(cut.words) + 1):
        if place == len(cut.words) or not cut.gaps[place] & HYPHEN:
            runs.append((first, place - 1))
            first = place
    return runs
