"""How the rules of a suite fared over some rows; the counts of two parts of a batch add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from expectations import ExpectationSuite

ROWS_SHOWN = 10


@dataclass(frozen=True)
class RuleCount:
    """How one rule fared.

    Attributes:
        rows: rows it looked at.
        missing: those of them that had nothing to judge.
        broken: those of them that break it.
        first_rows: the lowest numbers of rows that break it, ``ROWS_SHOWN`` at most.
        observed: what a rule about the whole table looked at: a number of rows, or the
            newest day; None for rules about rows, and where there was nothing.
    """

    rows: int = 0
    missing: int = 0
    broken: int = 0
    first_rows: tuple[int, ...] = ()
    observed: Any = None

    @property
    def judged(self) -> int:
        """Rows that had something to judge."""
        return self.rows - self.missing


def lowest(numbers: Iterable[int]) -> tuple[int, ...]:
    """Give the lowest of some row numbers, as many as are shown, a row of two faults twice.

    Example:
        >>> lowest([7, 3, 3])
        (3, 3, 7)
    """
    return tuple(nsmallest(ROWS_SHOWN, numbers))


def add_up(suite: ExpectationSuite, parts: Sequence[Sequence[RuleCount]]) -> list[RuleCount]:
    """Add up how each rule of a suite fared over the parts of a batch.

    Args:
        suite: gives the order of the rules.
        parts: a count for each rule, part by part.
    """
    rules = zip(suite.expectations, zip(*parts, strict=True), strict=True)
    return [_sum(counts, newest=is_of_newest(rule)) for rule, counts in rules]


def _sum(counts: Sequence[RuleCount], *, newest: bool) -> RuleCount:
    observed = [count.observed for count in counts if count.observed is not None]
    combined = max if newest else sum
    return RuleCount(
        rows=sum(count.rows for count in counts),
        missing=sum(count.missing for count in counts),
        broken=sum(count.broken for count in counts),
        first_rows=lowest(number for count in counts for number in count.first_rows),
        observed=combined(observed) if observed else None,
    )


def about(rule: Any) -> str:
    """Say what a rule about the whole table is about (empty, volume, stale); empty: rows."""
    return str((rule.meta or {}).get("about", ""))


def is_of_newest(rule: Any) -> bool:
    """Say whether a rule about the table looks at the newest day, not at the number of rows."""
    return bool(rule.expectation_type == "expect_column_max_to_be_between")


def is_met(rule: Any, count: RuleCount) -> bool:
    """Judge a rule by its counts, as the library judges rows that it has before it.

    Args:
        rule: the expectation, with its bounds.
        count: how it fared over the whole batch.
    """
    if about(rule):
        return _is_between(count.observed, rule.min_value, rule.max_value)
    mostly: float = rule.mostly
    return not count.judged or (count.judged - count.broken) / count.judged >= mostly


def _is_between(value: Any, low: Any, high: Any) -> bool:
    if value is None:
        return False
    return bool((low is None or value >= low) and (high is None or value <= high))
