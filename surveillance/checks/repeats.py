"""Rows whose judgement needs the whole batch: repeats, two records under one key, odd keys.

Each part of a batch is judged by itself. What a row shares with rows of other parts is found
afterwards, from some thirty bytes a row, and the judgement of those few rows is corrected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations import IDENTIFIER_RULE, REPEAT_RULE, SAME_KEY_RULE, ExpectationSuite
from surveillance.checks.identifiers import NHS_NUMBER, keys_like_nhs_numbers
from surveillance.checks.screen import IDENTIFIER_WORDS
from surveillance.checks.validation import Reasons, Validation
from surveillance.domain import digest

# What is known of a row, one bit each.
LACKS_KEY, SAME_KEY, REPEATS, TEN_DIGITS, LIKE_NHS_NUMBER, IDENTIFIES = (1 << n for n in range(6))
_MOST_OTHERS = 255
_IN_SOURCE_REF = f"{NHS_NUMBER} in source_ref"

Bits = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RowMarks:
    """What must be known of each row of a part to judge it within the whole batch.

    Attributes:
        key: hash of the record's key, the moment it was known and whether it is withdrawn,
            shape (rows, 2).
        content: hash of what the record says, shape (rows,).
        row_number: number in the file, shape (rows,).
        bits: what the part's own judgement found, shape (rows,).
        others: rules broken besides those of repeats and equal keys, shape (rows,).
    """

    key: npt.NDArray[np.uint64]
    content: npt.NDArray[np.uint64]
    row_number: Numbers
    bits: Bits
    others: Bits

    def __len__(self) -> int:
        return len(self.bits)

    @property
    def reasons(self) -> Numbers:
        """How many reasons hold each row back, shape (rows,)."""
        own = ((self.bits & SAME_KEY) > 0).astype(np.int64) + ((self.bits & REPEATS) > 0)
        return own + self.others


@dataclass(frozen=True)
class RuleOrder:
    """Places of the three rules in their suite."""

    same_key: int
    repeat: int
    identifier: int

    @classmethod
    def of(cls, suite: ExpectationSuite) -> "RuleOrder":
        """Find the rules in a suite."""
        rules = [rule.description for rule in suite.expectations]
        return cls(*map(rules.index, (SAME_KEY_RULE, REPEAT_RULE, IDENTIFIER_RULE)))


@dataclass(frozen=True)
class Change:
    """A row that is judged otherwise within the batch than within its part.

    Attributes:
        part: number of its part, from 0.
        place: place in that part, from 0.
        row_number: number in the file.
        is_shared: its key stands in other parts too, and the next two say what follows.
        has_same_key: another record of the batch has its key.
        repeats: number of the row that it repeats; None: of none.
        identifies: its key is the number of a person.
    """

    part: int
    place: int
    row_number: int
    is_shared: bool = False
    has_same_key: bool = False
    repeats: int | None = None
    identifies: bool = False

    def revise(self, reasons: Reasons, order: RuleOrder) -> Reasons:
        """Give the reasons that hold the row back, from those that its part found."""
        words = dict(reasons)
        if self.is_shared:
            words.pop(order.same_key, None)
            words.pop(order.repeat, None)
        if self.has_same_key:
            words[order.same_key] = f'breaks "{SAME_KEY_RULE}"'
        if self.repeats is not None:
            words[order.repeat] = f"repeats row {self.repeats}"
        if self.identifies:
            before = words.get(order.identifier)
            words[order.identifier] = (
                f"{IDENTIFIER_WORDS}{_IN_SOURCE_REF}"
                if before is None
                else f"{before}, {_IN_SOURCE_REF}"
            )
        return tuple(sorted(words.items()))


def mark_rows(
    screen: pd.DataFrame,
    validation: Validation,
    *,
    content_hashes: Sequence[str],
    row_numbers: Sequence[int],
    order: RuleOrder,
) -> RowMarks:
    """Note of each row of a part what its judgement within the batch needs."""
    bits = np.zeros(len(screen), dtype=np.uint8)
    others = np.zeros(len(screen), dtype=np.uint8)
    refs = screen["source_ref"].tolist()
    bits[(screen["source_ref"].isna() | screen["known_at"].isna()).to_numpy()] |= LACKS_KEY
    ten_digits, passing = keys_like_nhs_numbers(refs)
    bits[ten_digits] |= TEN_DIGITS
    bits[passing] |= LIKE_NHS_NUMBER
    shared = {order.same_key: SAME_KEY, order.repeat: REPEATS}
    for place, reasons in validation.reasons.items():
        rules = [rule for rule, _ in reasons]
        others[place] = min(sum(rule not in shared for rule in rules), _MOST_OTHERS)
        bits[place] |= sum(shared.get(rule, 0) for rule in rules)
        if order.identifier in rules:
            bits[place] |= IDENTIFIES
    known = screen["known_at"].to_numpy().astype(np.int64).tolist()
    withdrawn = screen["withdrawn"].tolist()
    keys = (digest(repr(key)) for key in zip(refs, known, withdrawn, strict=True))
    return RowMarks(
        key=_halves(keys),
        content=_halves(content_hashes)[:, 0],
        row_number=np.array(row_numbers, dtype=np.int64),
        bits=bits,
        others=others,
    )


def _halves(hashes: Sequence[str] | Iterator[str]) -> npt.NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(hashes)), dtype=">u8").reshape(-1, 2).astype("u8")


def settle(parts: Sequence[RowMarks]) -> tuple[list[RowMarks], list[Change]]:
    """Judge the rows of all parts together.

    Returns:
        The marks as the whole batch has them, part by part, and each row that changed.
    """
    settled = [replace(part, bits=part.bits.copy(), others=part.others.copy()) for part in parts]
    changes = {(one.part, one.place): one for one in _shared_keys(parts)}
    for change in changes.values():
        bits = settled[change.part].bits
        kept = int(bits[change.place]) & ~(SAME_KEY | REPEATS)
        same, repeat = change.has_same_key, change.repeats is not None
        bits[change.place] = kept | SAME_KEY * same | REPEATS * repeat
    for part, place in _persons(parts):
        marks = settled[part]
        if not marks.bits[place] & IDENTIFIES:
            marks.bits[place] |= IDENTIFIES
            marks.others[place] = min(int(marks.others[place]) + 1, _MOST_OTHERS)
        change = changes.get((part, place), Change(part, place, int(marks.row_number[place])))
        changes[part, place] = replace(change, identifies=True)
    return settled, [changes[key] for key in sorted(changes)]


def _shared_keys(parts: Sequence[RowMarks]) -> Iterator[Change]:
    """Judge again the rows whose key stands in more than one part."""
    if len(parts) < len(("one", "other")):
        return
    sizes = [len(part) for part in parts]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    key = np.concatenate([part.key for part in parts])
    number = np.repeat(np.arange(len(parts)), sizes)
    # Stable, so that the rows of one key stay in the order of the file.
    order = np.lexsort((key[:, 1], key[:, 0]))
    ends = np.flatnonzero((key[order[1:]] != key[order[:-1]]).any(axis=1)) + 1
    firsts, lasts = np.concatenate([[0], ends]), np.concatenate([ends, [len(order)]]) - 1
    spanning = np.flatnonzero(number[order[firsts]] != number[order[lasts]])
    for group in spanning.tolist():
        rows = order[firsts[group] : lasts[group] + 1].tolist()
        places = [(int(number[row]), int(row - starts[number[row]])) for row in rows]
        yield from _judge_again(parts, places)


def _judge_again(parts: Sequence[RowMarks], places: Sequence[tuple[int, int]]) -> Iterator[Change]:
    first: dict[int, int] = {}
    repeated: list[int | None] = []
    for part, place in places:
        content, row_number = int(parts[part].content[place]), int(parts[part].row_number[place])
        repeated.append(first.get(content))
        first.setdefault(content, row_number)
    differ = len(first) > 1
    for (part, place), earlier in zip(places, repeated, strict=True):
        lacks_key = bool(parts[part].bits[place] & LACKS_KEY)
        yield Change(
            part=part,
            place=place,
            row_number=int(parts[part].row_number[place]),
            is_shared=True,
            has_same_key=differ and earlier is None and not lacks_key,
            repeats=earlier,
        )


def _persons(parts: Sequence[RowMarks]) -> Iterator[tuple[int, int]]:
    """Find the rows whose keys are numbers of persons.

    One in eleven serial numbers of ten digits passes the check by chance. So the keys are
    judged together: they are NHS numbers if at least half of those with ten digits pass.
    """
    ten_digits = sum(int(((part.bits & TEN_DIGITS) > 0).sum()) for part in parts)
    passing = [np.flatnonzero(part.bits & LIKE_NHS_NUMBER) for part in parts]
    if 2 * sum(map(len, passing)) < ten_digits:
        return
    for number, places in enumerate(passing):
        yield from ((number, place) for place in places.tolist())
