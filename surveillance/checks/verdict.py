"""Turn what the parts of a batch gave into a verdict, findings and numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from expectations import SUITES, ExpectationSuite
from surveillance.checks.context import CheckContext
from surveillance.checks.counting import (
    ROWS_SHOWN,
    RuleCount,
    about,
    add_up,
    is_met,
    lowest,
)
from surveillance.checks.parts import PartTally
from surveillance.checks.repeats import (
    IDENTIFIES,
    REPEATS,
    SAME_KEY,
    Change,
    RowMarks,
    RuleOrder,
    settle,
)
from surveillance.domain import Verdict

# Above a quarter the fault is the file's (columns swapped, another date order), and the rows
# that happen to pass are not to be trusted either.
HOLD_SHARE = 0.25
# Fewer bad rows than this are judged one by one: in a daily file of three deaths one typing
# error must not hold back the other two.
HOLD_LEAST_ROWS = 10
# A twentieth missing is about what a weekly count must lose before a detector is misled.
DEGRADED_SHARE = 0.05

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Conclusion:
    """How far a whole batch can be trusted.

    Attributes:
        verdict: pass, degraded or hold.
        findings: what a person should know, one sentence each.
        changes: rows that are judged otherwise than within their part.
        order: places of the rules that changes are about.
        suite: the rules, with the bounds of this batch.
        counts: how each rule fared over the whole batch.
        records_accepted: records that hold; none where the batch is on hold.
        accepted: numbers of the rows with a record that holds, each once.
        rejected: numbers of the rows that are held back, each once.
    """

    verdict: Verdict
    findings: tuple[str, ...]
    changes: tuple[Change, ...]
    order: RuleOrder
    suite: ExpectationSuite
    counts: tuple[RuleCount, ...]
    records_accepted: int
    accepted: Numbers
    rejected: Numbers


def conclude(
    parts: Sequence[PartTally],
    *,
    kind: str,
    context: CheckContext,
    rows_present: int | None = None,
) -> Conclusion:
    """Judge a batch by what the checks found in its parts, as if it had been judged whole.

    Args:
        parts: at least one, in the order of the file.
        kind: record kind.
        context: what is known of the batch.
        rows_present: data rows of the file; None: as many as were judged or held back.
    """
    marks, changes = settle([part.marks for part in parts])
    unread = np.concatenate([part.unread for part in parts])
    records = sum(map(len, marks))
    delivered = max(rows_present or 0, records + len(unread))
    suite = SUITES[kind](context.bounds(records, delivered=delivered))
    order = RuleOrder.of(suite)
    counts = add_up(suite, [part.counts for part in parts])
    _correct(counts, marks, changes, order=order)
    reasons = np.concatenate([part.reasons for part in marks])
    bits = np.concatenate([part.bits for part in marks])
    # Of a mere repeat the first copy is kept, so that nothing is lost.
    lost = (reasons > 1) | ((reasons == 1) & ((bits & REPEATS) == 0))
    unusable = int(lost.sum()) + len(unread)
    numbers = np.concatenate([part.row_number for part in marks])
    findings = _findings(suite, counts, unread, delivered=delivered)
    held = _hold_reasons(suite, counts, unusable=unusable, delivered=delivered)
    conclusion = Conclusion(
        verdict="hold" if held else _verdict(suite, counts, unusable, delivered),
        findings=(*((_explain_hold(held, context),) if held else ()), *findings),
        changes=tuple(changes),
        order=order,
        suite=suite,
        counts=tuple(counts),
        records_accepted=int((reasons == 0).sum()),
        accepted=np.unique(numbers[reasons == 0]),
        rejected=np.unique(np.concatenate([numbers[reasons > 0], unread])),
    )
    nothing = numbers[:0]
    if not held:
        return conclusion
    return replace(conclusion, records_accepted=0, accepted=nothing, rejected=nothing)


def _correct(
    counts: list[RuleCount],
    marks: Sequence[RowMarks],
    changes: Sequence[Change],
    *,
    order: RuleOrder,
) -> None:
    """Put the counts right of the rules that depend on the rows of several parts."""
    if not changes:
        return
    for place, bit in (
        (order.same_key, SAME_KEY),
        (order.repeat, REPEATS),
        (order.identifier, IDENTIFIES),
    ):
        broken = np.concatenate([one.row_number[(one.bits & bit) > 0] for one in marks])
        counts[place] = replace(
            counts[place], broken=len(broken), first_rows=lowest(broken.tolist())
        )


def _findings(
    suite: ExpectationSuite, counts: Sequence[RuleCount], unread: Numbers, *, delivered: int
) -> list[str]:
    rules = zip(suite.expectations, counts, strict=True)
    findings = [
        _describe(rule, count, delivered=delivered)
        for rule, count in rules
        if not is_met(rule, count)
    ]
    if len(unread):
        findings.append(
            f"{len(unread):,} of {delivered:,} rows could not be read"
            f" ({_list_rows(lowest(unread.tolist()), len(unread))})"
        )
    return findings


def _describe(rule: Any, count: RuleCount, *, delivered: int) -> str:
    if about(rule):
        observed = "" if count.observed is None else count.observed
        return f'{about(rule)}: breaks "{rule.description}", found {observed}'
    return (
        f'{count.broken:,} of {delivered:,} rows break "{rule.description}"'
        f" ({_list_rows(count.first_rows, count.broken)})"
        f"{'' if rule.severity == 'critical' else ', kept'}"
    )


def _list_rows(first: Iterable[int], total: int) -> str:
    shown = ", ".join(str(number) for number in first)
    more = total - ROWS_SHOWN
    return f"rows {shown} and {more:,} more" if more > 0 else f"rows {shown}"


def _hold_reasons(
    suite: ExpectationSuite, counts: Sequence[RuleCount], *, unusable: int, delivered: int
) -> list[str]:
    held = [
        f'breaks "{rule.description}"'
        for rule, count in zip(suite.expectations, counts, strict=True)
        if rule.severity == "critical" and about(rule) and not is_met(rule, count)
    ]
    share = unusable / delivered if delivered else 0.0
    if unusable >= HOLD_LEAST_ROWS and share > HOLD_SHARE:
        held.append(
            f"{unusable:,} of {delivered:,} rows ({share:.0%}) cannot be used,"
            f" more than {HOLD_SHARE:.0%}"
        )
    return held


def _verdict(
    suite: ExpectationSuite, counts: Sequence[RuleCount], unusable: int, delivered: int
) -> Verdict:
    warned = any(
        rule.severity != "critical" and not is_met(rule, count)
        for rule, count in zip(suite.expectations, counts, strict=True)
    )
    share = unusable / delivered if delivered else 0.0
    return "degraded" if share > DEGRADED_SHARE or warned else "pass"


def _explain_hold(held: list[str], context: CheckContext) -> str:
    return (
        f"held: {'; '.join(held)}. Nothing of batch {context.batch_id} was stored; its raw bytes"
        f" are kept. Ask the feed's owner in config/feeds/{context.feed}.toml for a mended file,"
        f" or mend the description, then run: dews run --feeds config/feeds/{context.feed}.toml"
    )
