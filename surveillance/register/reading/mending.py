"""Takes words apart that were run together, and mends misspelled ones, each word once.

``Effects ofFentanyl`` holds *of* and *fentanyl*; ``buprenorphineand`` ends in *and*. What a word
was read as is remembered, for texts repeat their words far more than themselves.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from surveillance.register.names import CROSSED, Words, word_set
from surveillance.register.reading.parts import NameParts
from surveillance.register.reading.spelling import Speller

# Words that are often run together with a name, before or after it. "or" and "for" are not among
# them: what is left of "norfentanyl" must not become fentanyl.
_GLUE = word_set(
    "of and with the from by plus using use abuse including effects effect combined acute drug "
    "drugs mixed toxicity toxicities intoxication overdose poisoning probable possible recent "
    "tablet tablets powder patch patches"
)
_SALTS = word_set(
    "hydrochloride hcl hydrobromide hbr sulfate sulphate citrate maleate fumarate tartrate "
    "bitartrate phosphate acetate sodium mesylate mesilate besylate besilate succinate pamoate "
    "hydrate lactate nitrate hydrogen dihydrogen free total conjugated unconjugated base"
)
_JOINERS = word_set("of and with")
_CLINGING = _GLUE | _SALTS
_SHORTEST_INSIDE = 5
_LONGEST_WORD = 60
# "andN,N-dimethylpentylone"
_LETTERED = frozenset(glue + locant for glue in ("of", "and", "with") for locant in "nop")
_LONGEST_CODE = 4
_MAY_BE_PART = re.compile(r"(?:yl|oxy|ino|s|o)$")
_GLUED_NUMBER = re.compile(r"([a-z]+)(\d{1,2}[a-z]*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a word, as it is to be read.

    Attributes:
        text: the piece, or what it must have meant.
        start: place of its first sign in the word.
        end: place after its last sign.
        mistakes: letters that were wrong.
    """

    text: str
    start: int
    end: int
    mistakes: int = 0


class Mender:
    """Reads single words that are neither names nor plain English."""

    def __init__(
        self,
        words: Mapping[str, frozenset[str]],
        *,
        stems: Set[str],
        parts: NameParts,
        plain: Set[str],
        speller: Speller | None,
    ) -> None:
        """Prepare; without a speller, run-together words are still taken apart."""
        self._words = words
        self._stems = stems
        self._parts = parts
        self._plain = plain
        self._speller = speller
        self.pieces = lru_cache(maxsize=200_000)(self._pieces)
        self.is_inert = lru_cache(maxsize=200_000)(self._is_inert)

    def mend(self, cut: Words, unread: list[int]) -> tuple[Words, dict[int, int]] | None:
        """Mend the unread words of a text.

        Returns:
            The words anew, and how many mistakes each mended one had (0: it was only run
            together); None where nothing was to be mended.
        """
        mended = {place: self.pieces(cut.words[place]) for place in unread}
        if not any(mended.values()):
            return None
        anew = Words(cut.text, [], [], [], [])
        mistakes: dict[int, int] = {}
        for place, word in enumerate(cut.words):
            start, gap = cut.starts[place], cut.gaps[place]
            is_whole = cut.ends[place] - start == len(word)
            for piece in mended.get(place) or (Piece(word, 0, len(word)),):
                if mended.get(place):
                    mistakes[len(anew.words)] = piece.mistakes
                anew.words.append(piece.text)
                anew.gaps.append(gap)
                anew.starts.append(start + piece.start if is_whole else start)
                anew.ends.append(start + piece.end if is_whole else cut.ends[place])
                gap = CROSSED
        anew.gaps.append(cut.gaps[-1])
        return anew, mistakes

    def _is_inert(self, word: str) -> bool:
        """Tell a word that neither is a name nor can change one: a rare or mistyped plain word."""
        parts = self._parts
        return not (
            len(word) <= _LONGEST_CODE
            or any(sign.isdigit() for sign in word)
            or word in self._words
            or word in parts.positions
            or parts.leading(word)
            or parts.ending_of(word)
            or _MAY_BE_PART.search(word)
            or self.pieces(word)
            or parts.read([word], self._stems) is not None
        )

    def _pieces(self, word: str) -> tuple[Piece, ...]:
        """Read one word; nothing where it is to stay as it is."""
        if len(word) > _LONGEST_WORD or self._is_known(word):
            return ()
        made = self._parts.read([word], self._stems)
        if made is not None and made.modifiers:
            return ()
        apart = self._take_apart(word)
        if any(piece.text in _CLINGING for piece in apart):
            return apart
        if self._speller is None or made is not None:
            return apart or self._pieces_with_ending(word)
        return self._respell(word, 0, len(word)) or apart or self._respell_inside(word)

    def _pieces_with_ending(self, word: str) -> tuple[Piece, ...]:
        """Mend a word that only its ending makes a new name, where a known one is near."""
        if self._speller is None or not self._parts.ending_of(word):
            return ()
        return self._respell(word, 0, len(word))

    def _is_known(self, word: str) -> bool:
        return (
            word in self._words
            or word in self._plain
            or word in _CLINGING
            or self._parts.is_part(word)
            or (word.endswith("s") and word[:-1] in self._words)
        )

    def _respell(self, word: str, start: int, end: int) -> tuple[Piece, ...]:
        if self._speller is None:
            return ()
        mended = self._speller.mend(word[start:end])
        if mended is None and word[start:end].endswith("s"):
            mended = self._speller.mend(word[start : end - 1])
        return (Piece(mended.word, start, end, mended.distance),) if mended else ()

    def _respell_inside(self, word: str) -> tuple[Piece, ...]:
        """Mend a misspelled name that was run together with a short word (``offentnyl``)."""
        for glue in ("of", "and", "with", "the"):
            if word.startswith(glue):
                inside = self._respell(word, len(glue), len(word))
                if inside:
                    return (Piece(glue, 0, len(glue)), *inside)
            if word.endswith(glue):
                inside = self._respell(word, 0, len(word) - len(glue))
                if inside:
                    return (*inside, Piece(glue, len(word) - len(glue), len(word)))
        return ()

    def _take_apart(self, word: str) -> tuple[Piece, ...]:
        if word in _LETTERED:
            return (Piece(word[:-1], 0, len(word) - 1), Piece(word[-1], len(word) - 1, len(word)))
        numbered = _GLUED_NUMBER.fullmatch(word)
        if numbered and numbered[1] in _GLUE:
            return (
                Piece(numbered[1], 0, numbered.end(1)),
                Piece(numbered[2], numbered.start(2), len(word)),
            )
        cuts = self._cuts(word, 0, {})
        if cuts is None or len(cuts) < 2 or not self._are_worth_it(cuts):  # noqa: PLR2004
            return ()
        if cuts[-1] in self._parts.stems and cuts[-2] not in _CLINGING:
            # "thiophenfentanyl" is one fentanyl, not thiophene and fentanyl.
            return ()
        pieces: list[Piece] = []
        place = 0
        for one in cuts:
            pieces.append(Piece(one, place, place + len(one)))
            place += len(one)
        return tuple(pieces)

    def _are_worth_it(self, cuts: tuple[str, ...]) -> bool:
        """Tell "offentanyl" and "andpara" from a word that only happens to fall apart."""
        if any(self._words.get(one) for one in cuts):
            return True
        return cuts[0] in _JOINERS and cuts[-1] in self._parts.positions

    def _cuts(
        self, word: str, start: int, tried: dict[int, tuple[str, ...] | None]
    ) -> tuple[str, ...] | None:
        """Cut a word from a place on into names and the words that cling to them."""
        if start == len(word):
            return ()
        if start not in tried:
            tried[start] = None
            best: tuple[str, ...] | None = None
            for end in range(len(word), start, -1):
                piece = word[start:end]
                if not self._may_cling(piece):
                    continue
                rest = self._cuts(word, end, tried)
                if rest is not None and (best is None or len(rest) + 1 < len(best)):
                    best = (piece, *rest)
            tried[start] = best
        return tried[start]

    def _may_cling(self, piece: str) -> bool:
        if piece in _CLINGING or piece.isdigit() or piece in self._parts.positions:
            return True
        return len(piece) >= _SHORTEST_INSIDE and piece in self._words
