"""Tells which mentions a text denies, puts into the past, or only thinks probable.

A word such as "denies", "history of" or "probable" reaches forward over a list ("denies heroin,
cocaine or speed") until a word that does not belong to it, the end of its bracket or of the
clause. A verdict after a mention ("fentanyl negative") reaches that mention, and the whole list
where the list is plainly one ("heroin and cocaine were not detected").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from surveillance.register.names import (
    CLAUSE,
    CLOSED,
    COMMA,
    ITEM,
    JOINING_WORDS,
    LINE,
    OPENED,
    QUERY,
    STOPPING_WORDS,
    Words,
)
from surveillance.register.reading import telling_words as words
from surveillance.register.reading.verdicts import ANSWERS, TELLING, Verdict, read_verdict

DENIED, PAST, PROBABLE = "denied", "past", "probable"
# What a thing was sold as; it was not there where the text names what it was instead.
_SOLD = "sold as"
_TELLING = words.FORWARD | TELLING


@dataclass
class _Reach:
    """How far a word that was read still reaches.

    Attributes:
        carried: words it reaches over before its first mention.
        depth: brackets that were open where it began.
        is_open: it reaches over any word of the clause, as "history of" does.
        is_undone_by_event: "remote" and "chronic" say nothing of an intoxication.
        has_reached: it has met a mention; from there on it reaches along the list alone.
        has_strayed: an open one went over words that it does not carry.
    """

    carried: frozenset[str]
    depth: int
    is_open: bool = False
    is_undone_by_event: bool = False
    has_reached: bool = False
    has_strayed: bool = False

    def goes_on(self, cut: Words, place: int) -> bool:
        """Tell whether it reaches over a word that is no mention."""
        word = cut.words[place]
        if self.is_open:
            self.has_strayed |= word not in self.carried
            return word not in words.PRESENT
        if not self.has_reached:
            return word in self.carried or word == "t"
        if word in words.USES or word in words.HAPPENED:
            return place + 1 < len(cut.words) and cut.words[place + 1] in ("or", "nor")
        return word in words.FREE_STANDING_LIST


def _brackets(gap: int) -> int:
    return bool(gap & OPENED) - bool(gap & CLOSED)


class _Reading:
    """Reads a text once from left to right and marks its mentions."""

    def __init__(self, cut: Words, last_of: dict[int, int]) -> None:
        self.cut = cut
        self.last_of = last_of
        self.reaches: dict[str, _Reach] = {}
        self.depth = 0
        self.has_verdict = False
        self.has_contrast = not words.CONTRASTS.isdisjoint(cut.words)
        self.marks: dict[int, set[str]] = {first: set() for first in last_of}

    def run(self) -> dict[int, set[str]]:
        end = 0
        while end < len(self.cut.words):
            first, end = end, self._clause_end(end)
            said = self.cut.words[first:end]
            self._cross(first)
            self.has_verdict = not TELLING.isdisjoint(said)
            if self.reaches or not _TELLING.isdisjoint(said) or self._asks(first, end):
                self._read_clause(first, end)
            else:
                self.depth += sum(map(_brackets, self.cut.gaps[first + 1 : end]))
        self._settle_sold()
        return self.marks

    def _clause_end(self, first: int) -> int:
        gaps = self.cut.gaps
        for end in range(first + 1, len(self.cut.words)):
            if gaps[end] & CLAUSE and not self._is_answer(end):
                return end
        return len(self.cut.words)

    def _is_answer(self, place: int) -> bool:
        """Tell whether a clause goes on after a question: "Fentanyl? No." is one."""
        cut = self.cut
        if cut.words[place] not in ANSWERS:
            return False
        return "?" in cut.text[cut.ends[place - 1] : cut.starts[place]]

    def _read_clause(self, first: int, end: int) -> None:
        said = self.cut.words
        # A word and the one after it, for together they may be a pair.
        telling = [n + k for n in range(first, end) if said[n] in words.FORWARD for k in (0, 1)]
        reads_all = self.has_verdict or self._asks(first, end)
        place = first
        while place < end:
            if not self.reaches and not reads_all:
                place = self._jump(place, next((n for n in telling if n >= place), end))
                if place >= end:
                    break
            if place > first:
                self._cross(place)
            if place in self.last_of:
                place = self._meet(place)
            else:
                self._hear(place)
                place += 1

    def _jump(self, place: int, goal: int) -> int:
        """Go on to the next word that tells anything, over words that mark nothing."""
        if goal > place + 1:
            self.depth += sum(map(_brackets, self.cut.gaps[place + 1 : goal]))
        return goal

    def _asks(self, place: int, end: int) -> bool:
        return "?" in self.cut.text and any(gap & QUERY for gap in self.cut.gaps[place:end])

    def _settle_sold(self) -> None:
        """Deny what a thing was only sold as, where the text says what it was."""
        named_else = any(not marks & {_SOLD, DENIED, PAST} for marks in self.marks.values())
        for marks in self.marks.values():
            if _SOLD in marks:
                marks.discard(_SOLD)
                if named_else:
                    marks.add(DENIED)

    def _cross(self, place: int) -> None:
        gap = self.cut.gaps[place]
        if gap & (OPENED | CLOSED):
            self.depth += _brackets(gap)
            self._keep({k for k, reach in self.reaches.items() if reach.depth <= self.depth})
        if gap & CLAUSE and self.reaches:
            # A line that was wrapped right after "denies" goes on in the next.
            is_wrapped = bool(gap & LINE)
            self._keep({k for k, r in self.reaches.items() if is_wrapped and not r.has_reached})
        if self.reaches and self.cut.words[place] in STOPPING_WORDS:
            self._keep(set())

    def _keep(self, kinds: set[str]) -> None:
        if len(kinds) == len(self.reaches):
            return
        self.reaches = {kind: reach for kind, reach in self.reaches.items() if kind in kinds}

    def _hear(self, place: int) -> None:
        word, before = self.cut.words[place], self.cut.words[place - 1] if place else ""
        if DENIED in self.reaches and self._is_undone(place):
            del self.reaches[DENIED]
            if word in words.EXCLUDING:
                self.reaches[PROBABLE] = _Reach(words.CARRIED_PROBABLE, self.depth)
            return
        if self.reaches:
            goes_on = {k for k, reach in self.reaches.items() if reach.goes_on(self.cut, place)}
            self._keep(goes_on)
        if word not in words.SINGLE and before not in words.PAIR_BEGINS:
            return
        pair = (before, word)
        if word in words.DENYING or pair in words.DENYING_PAIRS or pair in words.CANNOT:
            if DENIED not in self.reaches or word == "nor":
                carried = frozenset[str]() if word == "non" else words.CARRIED_DENIAL
                self.reaches[DENIED] = _Reach(carried, self.depth)
        elif word in words.PROBABLE_WORDS or pair == words.RULE_OUT:
            self.reaches.setdefault(PROBABLE, _Reach(words.CARRIED_PROBABLE, self.depth))
        self._hear_past(place, pair)
        self._hear_expected(pair)

    def _is_undone(self, place: int) -> bool:
        if self.reaches[DENIED].has_reached:
            return False
        word = self.cut.words[place]
        following = self.cut.words[place + 1] if place + 1 < len(self.cut.words) else ""
        return word in words.UNDONE or (word, following) in words.OTHER_THAN

    def _hear_past(self, place: int, pair: tuple[str, str]) -> None:
        word = pair[1]
        is_note = word in words.PAST_NOTES and bool(self.cut.gaps[place + 1] & ITEM)
        if pair in words.PAST_HEADINGS or is_note:
            self.reaches[PAST] = _Reach(words.CARRIED_PAST, self.depth, is_open=True)
        elif pair in words.PAST_PAIRS:
            self.reaches[PAST] = _Reach(words.CARRIED_PAST, self.depth)
        elif word in words.PAST_WORDS and PAST not in self.reaches and not self._is_of_today(place):
            self.reaches[PAST] = _Reach(
                words.CARRIED_PAST,
                self.depth,
                is_undone_by_event=word in words.UNDONE_BY_EVENT,
            )

    def _hear_expected(self, pair: tuple[str, str]) -> None:
        is_expected = pair[1] in words.EXPECTED and self.has_contrast
        if pair in words.SOLD_AS or is_expected:
            self.reaches[_SOLD] = _Reach(words.CARRIED_EXPECTED, self.depth)

    def _is_of_today(self, place: int) -> bool:
        """Tell "acute and chronic", "chronic and recent": both, so a present cause."""
        around = self.cut.words[max(place - 2, 0) : place + 3]
        return any(word in ("acute", "recent", "current") for word in around) and any(
            word in ("and", "on") for word in around
        )

    def _meet(self, place: int) -> int:
        last = self.last_of[place]
        verdict = Verdict("", last + 1)
        if self.has_verdict or DENIED in self.reaches:
            verdict = read_verdict(self.cut, last + 1, self.last_of)
        marks = self.marks[place]
        for kind, reach in self.reaches.items():
            if self._is_reached(reach, kind, place, verdict):
                marks.add(kind)
            reach.has_reached = True
        marks |= self._marks_of_its_own(place, last)
        kinds = {"denied": DENIED, "past": PAST, "probable": PROBABLE}
        if verdict.kind in kinds:
            for first in self._spoken_of(place, verdict):
                self.marks[first].add(kinds[verdict.kind])
        if verdict.kind in ("positive", "denied"):
            self.reaches.pop(DENIED, None)
        return max(verdict.after, last + 1)

    def _marks_of_its_own(self, place: int, last: int) -> set[str]:
        marks = {PROBABLE} if self.cut.gaps[place] & QUERY else set()
        before = self.cut.words[max(place - 3, 0) : place]
        if self.cut.words[last] in words.CONDITIONS and "acute" not in before:
            marks.add(PAST)
        return marks

    def _is_reached(self, reach: _Reach, kind: str, place: int, verdict: Verdict) -> bool:
        if kind == DENIED:
            is_new_item = reach.has_reached and self.cut.gaps[place] & COMMA
            found_anew = verdict.kind == "found" and is_new_item
            return verdict.kind != "positive" and not found_anew
        if kind == PAST:
            after = self._word_after_list(place)
            if reach.is_undone_by_event and after in words.HAPPENED:
                return False
            return not reach.has_strayed or after in words.USES
        return True

    def _word_after_list(self, place: int) -> str:
        """Give the word after the list that a mention stands in."""
        after = self.last_of[place] + 1
        while after < len(self.cut.words) and not self.cut.gaps[after] & CLAUSE:
            word = self.cut.words[after]
            if after in self.last_of:
                after = self.last_of[after] + 1
            elif word in JOINING_WORDS or word in ("drug", "substance"):
                after += 1
            else:
                return word
        return ""

    def _spoken_of(self, place: int, verdict: Verdict) -> list[int]:
        """List the mentions that a verdict after the last of them speaks of."""
        spoken = [place]
        firsts = sorted(self.last_of)
        for first in reversed(firsts[: firsts.index(place)]):
            between = self.cut.words[self.last_of[first] + 1 : spoken[-1]]
            gaps = self.cut.gaps[self.last_of[first] + 1 : spoken[-1] + 1]
            if any(word not in ("and", "or", "nor") for word in between):
                break
            if any(gap & (CLAUSE | OPENED | CLOSED) for gap in gaps):
                break
            if not between and len(spoken) == 1 and not verdict.is_plural:
                break
            spoken.append(first)
        return spoken


def find_marks(cut: Words, mentions: Sequence[tuple[int, int]]) -> dict[int, set[str]]:
    """Mark the mentions that a text denies, puts into the past or thinks probable.

    Args:
        cut: the text.
        mentions: index of the first and last word of each mention, in the order of the text.

    Returns:
        Index of a mention's first word -> its marks, of ``DENIED``, ``PAST`` and ``PROBABLE``.
    """
    return _Reading(cut, dict(mentions)).run()


def may_be_marked(cut: Words) -> bool:
    """Tell in one look whether any word of a text could mark a mention."""
    return not _TELLING.isdisjoint(cut.words) or "?" in cut.text
