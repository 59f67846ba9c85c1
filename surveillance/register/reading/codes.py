"""Reads codes written with hyphens, such as ``ADB-5Br-INACA``: every part of them tells.

A code that is only begun by a known one ("5Br-JWH-018", "2C-G-NBOMe") is a *new name*.
"""

import re
from dataclasses import dataclass

from surveillance.register.names import COMMA, HYPHEN, Words, is_inside_name
from surveillance.register.reading.made import NEW_NAME_BY_LOOK, Maker, new_match
from surveillance.register.reading.scanning import Match, joined_words, owners

_SHORT_CODE = re.compile(r"[a-z]{1,4}|(?=.*\d)(?=.*[a-z])[a-z\d]+")


@dataclass(frozen=True)
class Codes:
    """Reads runs of words that hyphens join."""

    maker: Maker

    def extend(self, cut: Words, matches: list[Match]) -> list[Match]:
        """Read the codes, in place of the names that they begin or end with."""
        owner = owners(cut, matches)
        found: list[Match] = []
        displaced: set[int] = set()
        for first, last in _hyphened(cut):
            if first == last and (owner[first] >= 0 or cut.words[first] in self.maker.plain):
                continue
            inside = sorted(set(owner[first : last + 1]))
            if len(inside) == 1 and (inside[0] >= 0 or self._is_plain(cut, first, last)):
                continue
            code = self._read(cut, first, last, [matches[n] for n in inside if n >= 0])
            if code is not None:
                found.append(code)
                displaced |= set(inside)
        kept = [match for number, match in enumerate(matches) if number not in displaced]
        return sorted([*found, *kept], key=lambda match: match.first)

    def _is_plain(self, cut: Words, first: int, last: int) -> bool:
        return all(word in self.maker.plain for word in cut.words[first : last + 1])

    def _read(self, cut: Words, first: int, last: int, inside: list[Match]) -> Match | None:
        if any(match.first < first or match.last > last for match in inside):
            return None
        group = self.maker.parts.code_group(joined_words(cut, first, last))
        if group:
            return new_match(cut, first, last, group)
        named = [match for match in inside if match.identifier and not match.is_everyday]
        if not named or len(named) < len(inside):
            return None
        covered = {n for match in inside for n in range(match.first, match.last + 1)}
        left = [n for n in range(first, last + 1) if n not in covered]
        is_code = all(self._is_code(cut, match) for match in named)
        if left and not all(self._clings(cut, place) for place in left):
            return None
        if not left and not (len(named) > 1 and is_code):
            return None
        if left and all(cut.words[place].isdigit() for place in left):
            return None
        group = self.maker.group_of(named[-1].identifier)
        return new_match(cut, first, last, group, trust=NEW_NAME_BY_LOOK)

    def _is_code(self, cut: Words, match: Match) -> bool:
        name = joined_words(cut, match.first, match.last)
        return name in self.maker.index.codes and any(sign.isdigit() for sign in name)

    def _clings(self, cut: Words, place: int) -> bool:
        """Tell the part of a code or of a molecule from a word of plain English."""
        word = cut.words[place]
        if word.isdigit():
            return True
        parts = self.maker.parts
        if word in self.maker.plain or word in parts.positions or parts.is_part(word):
            return False
        return _SHORT_CODE.fullmatch(word) is not None


def _hyphened(cut: Words) -> list[tuple[int, int]]:
    """List runs of words that hyphens or the commas of locants join, single words among them."""
    runs: list[tuple[int, int]] = []
    first = 0
    for place in range(1, len(cut.words) + 1):
        if place < len(cut.words) and _is_joined(cut, place):
            continue
        runs.append((first, place - 1))
        first = place
    return runs


def _is_joined(cut: Words, place: int) -> bool:
    if cut.gaps[place] & HYPHEN:
        return True
    return bool(cut.gaps[place] & COMMA) and is_inside_name(cut.words, cut.gaps, place)
