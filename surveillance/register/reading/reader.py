"""Reads texts: known names first, then what is misspelled, run together or newly made.

A text whose every word is a name or plain English is read in one pass. Only the others are
read closely, and each strange word once.
"""

from collections.abc import Callable, Iterable, Sequence, Set

from surveillance.register.names import HYPHEN, Words, cut_words, items_of, name_key, word_set
from surveillance.register.reading.codes import Codes
from surveillance.register.reading.everyday import OPEN_PHRASE, keep_in_context
from surveillance.register.reading.index import Name, NameIndex
from surveillance.register.reading.made import Maker
from surveillance.register.reading.mending import Mender
from surveillance.register.reading.negation import find_marks, may_be_marked
from surveillance.register.reading.parts import NameParts
from surveillance.register.reading.plain import PlainEnglish
from surveillance.register.reading.scanning import Match, scan
from surveillance.register.reading.shared_parts import SharedParts, drop_open_isomers
from surveillance.register.reading.spelling import Speller

_SHORTEST_UNREAD = 3
_SMALL_WORDS = word_set("of in on at to up out over for with and the a into was is were from")
_RUN_TOGETHER = 0.9
# A misspelling is trusted less with every wrong letter.
_MISSPELT = (0.85, 0.85, 0.75, 0.65)

Found = tuple[Match, frozenset[str]]
_UNMARKED: frozenset[str] = frozenset()


class Reader:
    """Reads texts with one register."""

    def __init__(
        self,
        spellings: Iterable[tuple[Words, Name]],
        *,
        parts: NameParts,
        plain: PlainEnglish,
        group_of: Callable[[str], str],
        familiar: Set[str],
        classes: Set[str],
        mends_spelling: bool = True,
    ) -> None:
        """Index the names.

        Args:
            spellings: every name of every entry, as written.
            parts: the grammar of new names.
            plain: words and phrases that name no drug.
            group_of: gives the group that an entry belongs to; a group's own id for a group.
            familiar: ids of what is commonly met, and so commonly misspelled.
            classes: ids of the groups.
            mends_spelling: also read misspelled names.
        """
        self.index = NameIndex.build([*map(_as_phrase, plain.phrases), *spellings])
        self.parts = parts
        self._plain = plain.words | plain.lookalikes
        words = {w: ids for w, ids in self.index.words.items() if ids or w not in self._plain}
        speller = None
        if mends_spelling:
            speller = Speller(
                words,
                preferred=self.index.preferred,
                codes=self.index.codes,
                spellings=self.index.spellings,
                familiar=familiar,
                classes=classes,
                parts=parts,
                plain=plain.words,
            )
        self._mender = Mender(
            words, stems=self.index.stems, parts=parts, plain=self._plain, speller=speller
        )
        maker = Maker(self.index, parts, group_of, self._plain)
        self._readers = (Codes(maker), maker, SharedParts(maker))

    def read(self, text: str) -> tuple[Words, list[Found]]:
        """Find every mention in a text, in its order, with what the text says of it.

        Returns:
            The words, and each match with its marks (see
            :mod:`surveillance.register.reading.negation`).
        """
        cut = cut_words(text)
        if not cut.words:
            return cut, []
        matches = scan(cut, self.index)
        unread, clings = self._unread(cut, matches)
        if clings or not all(self._mender.is_inert(cut.words[place]) for place in unread):
            cut, matches = self._read_closely(cut, matches, unread)
        if not matches:
            return cut, []
        matches = keep_in_context(cut, matches)
        if not matches or not may_be_marked(cut):
            return cut, [(match, _UNMARKED) for match in matches]
        marks = find_marks(cut, [(match.first, match.last) for match in matches])
        return cut, [(match, frozenset(marks[match.first])) for match in matches]

    def known_name(self, text: str) -> str | None:
        """Find the id of a whole text that is one known name, else None."""
        name = self.index.by_key.get(name_key(cut_words(text)))
        return name.identifier if name is not None and name.identifier else None

    def strange_items(self, text: str, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Give the places of what nobody knows among the items of a list of names.

        Args:
            text: the list.
            taken: places of the names found in it; an item that holds one is not strange.

        Returns:
            Start and end of the strange words of each strange item, plain words left out.
        """
        cut = cut_words(text)
        found: list[tuple[int, int]] = []
        for first, last in items_of(cut):
            start, end = cut.starts[first], cut.ends[last]
            if any(begin < end and stop > start for begin, stop in taken):
                continue
            strange = [n for n in range(first, last + 1) if self._is_strange(cut.words[n])]
            if strange:
                first, last = _whole_run(cut, strange[0], strange[-1])
                found.append((cut.starts[first], cut.ends[last]))
        return found

    def _is_strange(self, word: str) -> bool:
        is_short = len(word) < _SHORTEST_UNREAD and not any(sign.isdigit() for sign in word)
        return not (is_short or word in self._plain or word.isdigit())

    def _unread(self, cut: Words, matches: list[Match]) -> tuple[list[int], bool]:
        """List the words that nothing explains; tell whether anything clings to a name."""
        words, gaps, plain = cut.words, cut.gaps, self._plain
        strange = [place for place, word in enumerate(words) if word not in plain]
        covered: set[int] = set()
        clings = False
        for match in matches:
            if match.first == match.last:
                covered.add(match.first)
            else:
                covered.update(range(match.first, match.last + 1))
            if gaps[match.first] & HYPHEN:
                before = words[match.first - 1]
                clings = clings or match.first - 1 in covered or len(before) < _SHORTEST_UNREAD
        unread: list[int] = []
        for place in strange:
            word = words[place]
            if place in covered or len(word) < _SHORTEST_UNREAD:
                continue
            if not word.isdigit():
                unread.append(place)
            elif gaps[place] & HYPHEN and words[place - 1].isalpha():
                clings = True  # "U-48753"
        return unread, clings

    def _read_closely(
        self, cut: Words, matches: list[Match], unread: list[int]
    ) -> tuple[Words, list[Match]]:
        mended = self._mender.mend(cut, unread)
        mistakes: dict[int, int] = {}
        if mended is not None:
            cut, mistakes = mended
        closed = drop_open_isomers(cut)
        if closed is not cut:
            mistakes = _moved(mistakes, cut, closed)
            cut = closed
            mended = mended or (cut, mistakes)
        if mended is not None:
            matches = scan(cut, self.index)
        for reader in self._readers:
            matches = reader.extend(cut, matches)
        for match in matches:
            if mistakes:
                _lower_trust(match, mistakes)
        return cut, matches


def _whole_run(cut: Words, first: int, last: int) -> tuple[int, int]:
    """Widen a place to all that hyphens join to it: "U-99999x", not "99999x"."""
    while first > 0 and cut.gaps[first] & HYPHEN:
        first -= 1
    while last + 1 < len(cut.words) and cut.gaps[last + 1] & HYPHEN:
        last += 1
    return first, last


def _as_phrase(phrase: str) -> tuple[Words, Name]:
    gives_way = phrase.rsplit(" ", 1)[1] in _SMALL_WORDS
    how = OPEN_PHRASE if gives_way else "phrase"
    return cut_words(phrase), Name("", how, is_everyday=False, is_one_word=False)


def _moved(mistakes: dict[int, int], before: Words, after: Words) -> dict[int, int]:
    at_end = {end: place for place, end in enumerate(after.ends)}
    moved = {}
    for place, number in mistakes.items():
        if before.ends[place] in at_end:
            moved[at_end[before.ends[place]]] = number
    return moved


def _lower_trust(match: Match, mistakes: dict[int, int]) -> None:
    inside = [mistakes[p] for p in range(match.first, match.last + 1) if p in mistakes]
    if not inside or match.new_name:
        return
    worst = max(inside)
    match.how = "misspelling" if worst else "run together"
    match.confidence = min(match.confidence, _MISSPELT[worst] if worst else _RUN_TOGETHER)
