"""Reads parts that stand once for several names, and isomers that nobody could tell apart.

``acetyl and furanyl fentanyl`` are two fentanyls, ``dextro/levo methorphan`` are two isomers;
``meta/para-fluorofentanyl`` is one fluorofentanyl whose isomer is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from surveillance.register.names import (
    CLOSED,
    COMMA,
    CROSSED,
    HYPHEN,
    OPENED,
    SLASH,
    Words,
    is_inside_name,
)
from surveillance.register.reading.made import LOCANT, Maker, new_match
from surveillance.register.reading.scanning import CONFIDENCE, Match, joined_words, owners


@dataclass(frozen=True)
class SharedParts:
    """Reads parts that share the end of the name that follows them."""

    maker: Maker

    def extend(self, cut: Words, matches: list[Match]) -> list[Match]:
        """Read parts that share the end of the name after the separator."""
        found = list(matches)
        owner = owners(cut, matches)
        for match in reversed(matches):
            begin = match.first
            while (span := self._parts_before(cut, owner, begin)) is not None:
                shared = self._share(cut, span, match)
                if shared is None:
                    break
                found.append(shared)
                begin = span[0]
        return sorted(found, key=lambda match: match.first)

    def _parts_before(self, cut: Words, owner: list[int], first: int) -> tuple[int, int] | None:
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
        return (
            word in self.maker.parts.positions
            or self.maker.parts.is_part(word)
            or bool(LOCANT.fullmatch(word) and cut.gaps[place + 1] & HYPHEN)
        )

    def _share(self, cut: Words, span: tuple[int, int], match: Match) -> Match | None:
        before = cut.words[span[0] : span[1] + 1]
        whole = joined_words(cut, match.first, match.last)
        for end in self._ends_of(whole):
            known = self.maker.index.by_key.get("".join(before) + end)
            if known is not None and known.identifier:
                return Match(known.identifier, "alias", *span, CONFIDENCE["plural"])
        if not any(self.maker.parts.is_part(word) for word in before):
            return None
        for end in self._ends_of(whole):
            if not any(end.endswith(stem) for stem in self.maker.parts.stems):
                continue
            made = self.maker.parts.read([*before, end], self.maker.index.stems)
            if made is not None:
                group, marker_of = self.maker.family(made)
                new = new_match(cut, *span, group or self.maker.group_of(match.identifier))
                new.new_name = f"{new.new_name} {end}"
                new.marker_of = marker_of
                return new
        return None

    def _ends_of(self, whole: str) -> list[str]:
        """List the ends of a name that parts may share, the longest first."""
        begins = {0, sum(map(len, self.maker.parts.leading(whole)))}
        begins |= {len(word) for word in self.maker.parts.positions if whole.startswith(word)}
        begins |= {whole.rfind(stem) for stem in self.maker.parts.stems if whole.endswith(stem)}
        return [whole[begin:] for begin in sorted(begins) if 0 <= begin < len(whole)]


def drop_open_isomers(cut: Words) -> Words:
    """Leave out isomers that a laboratory could not tell apart: ``meta/para-fluorofentanyl``."""
    if _ISOMERS.keys().isdisjoint(cut.words):
        return cut
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
