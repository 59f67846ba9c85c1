"""Turn broken rules into accepted and rejected rows, findings and a verdict."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from surveillance.checks.context import CheckContext
from surveillance.checks.identifiers import mask_identifiers, mask_row
from surveillance.checks.validation import BrokenRule
from surveillance.domain import CheckReport, RejectedRow, Verdict

# Above a quarter the fault is the file's (columns swapped, another date order), and the rows
# that happen to pass are not to be trusted either.
HOLD_SHARE = 0.25
# Fewer bad rows than this are judged one by one: in a daily file of three deaths one typing
# error must not hold back the other two.
HOLD_LEAST_ROWS = 10
# One report without an age is a share of 100 % in a batch of one.
SHARE_LEAST_ROWS = 10
# A twentieth missing is about what a weekly count must lose before a detector is misled.
DEGRADED_SHARE = 0.05
ROWS_SHOWN = 10


def judge(
    rows: pd.DataFrame,
    *,
    screen: pd.DataFrame,
    broken: tuple[BrokenRule, ...],
    context: CheckContext,
) -> CheckReport:
    """Split the rows of a batch and say how far it can be trusted.

    Args:
        rows: the rows that were checked.
        screen: the helper columns of the same rows.
        broken: the rules that the batch breaks.
        context: what is known of the batch.
    """
    reasons = _reasons(screen, broken)
    unusable = _count_unusable(reasons, screen) + len(context.already_rejected)
    delivered = context.delivered(len(rows))
    broken = tuple(rule for rule in broken if not rule.is_share or delivered >= SHARE_LEAST_ROWS)
    share = unusable / delivered if delivered else 0.0
    held = _hold_reasons(broken, unusable=unusable, share=share, delivered=delivered)
    findings = [_describe(rule, rows, delivered=delivered) for rule in broken]
    if context.already_rejected:
        findings.append(
            f"{len(context.already_rejected):,} of {delivered:,} rows could not be read"
            f" ({_list_rows([row.row_number for row in context.already_rejected])})"
        )
    if held:
        return CheckReport(
            verdict="hold",
            findings=(_explain_hold(held, context), *findings),
            accepted=rows.iloc[:0].reset_index(drop=True),
            rejected=(),
        )
    verdict: Verdict = (
        "degraded"
        if share > DEGRADED_SHARE or any(not rule.is_critical for rule in broken)
        else "pass"
    )
    is_kept = ~screen.index.isin(list(reasons))
    return CheckReport(
        verdict=verdict,
        findings=tuple(findings),
        accepted=rows[is_kept].reset_index(drop=True),
        rejected=_merge_and_mask([*context.already_rejected, *_rejected(rows, reasons)]),
    )


def _reasons(screen: pd.DataFrame, broken: tuple[BrokenRule, ...]) -> Mapping[int, list[str]]:
    """Give for each row that is held back the words of every rule it breaks."""
    reasons: dict[int, list[str]] = {}
    for rule in broken:
        if not rule.is_critical:
            continue
        words = screen[rule.detail] if rule.detail else None
        for place in rule.places:
            reason = f'breaks "{rule.rule}"' if words is None else str(words.iloc[place])
            reasons.setdefault(place, []).append(reason)
    return dict(sorted(reasons.items()))


def _count_unusable(reasons: Mapping[int, list[str]], screen: pd.DataFrame) -> int:
    """Count the rows that are lost; of a mere repeat the first copy is kept."""
    is_repeat = screen["repeat_of"].notna().to_numpy()
    return sum(len(why) > 1 or not is_repeat[place] for place, why in reasons.items())


def _hold_reasons(
    broken: tuple[BrokenRule, ...], *, unusable: int, share: float, delivered: int
) -> list[str]:
    held = [f'breaks "{rule.rule}"' for rule in broken if rule.is_critical and rule.about]
    if unusable >= HOLD_LEAST_ROWS and share > HOLD_SHARE:
        held.append(
            f"{unusable:,} of {delivered:,} rows ({share:.0%}) cannot be used,"
            f" more than {HOLD_SHARE:.0%}"
        )
    return held


def _explain_hold(held: list[str], context: CheckContext) -> str:
    return (
        f"held: {'; '.join(held)}. Nothing of batch {context.batch_id} was stored; its raw bytes"
        f" are kept. Ask the feed's owner in config/feeds/{context.feed}.toml for a mended file,"
        f" or mend the description, then run: dews run --feeds config/feeds/{context.feed}.toml"
    )


def _describe(rule: BrokenRule, rows: pd.DataFrame, *, delivered: int) -> str:
    if rule.about:
        return f'{rule.about}: breaks "{rule.rule}", found {rule.observed}'
    numbers = rows["row_number"].iloc[list(rule.places)].tolist()
    return (
        f'{len(numbers):,} of {delivered:,} rows break "{rule.rule}" ({_list_rows(numbers)})'
        f"{'' if rule.is_critical else ', kept'}"
    )


def _list_rows(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in sorted(numbers)[:ROWS_SHOWN])
    more = len(numbers) - ROWS_SHOWN
    return f"rows {shown} and {more:,} more" if more > 0 else f"rows {shown}"


def _rejected(rows: pd.DataFrame, reasons: Mapping[int, list[str]]) -> Iterator[RejectedRow]:
    chosen = rows[["row_number", "raw"]].iloc[list(reasons)]
    for (number, raw), why in zip(
        chosen.itertuples(index=False, name=None), reasons.values(), strict=True
    ):
        yield RejectedRow(row_number=int(number), raw=raw, reasons=tuple(why))


def _merge_and_mask(rejected: Iterable[RejectedRow]) -> tuple[RejectedRow, ...]:
    """Give each row of the file once: a row of counts may hold several faulty records."""
    reasons: dict[tuple[int, str], list[str]] = {}
    for row in rejected:
        reasons.setdefault((row.row_number, row.raw), []).extend(row.reasons)
    return tuple(
        RejectedRow(
            row_number=number,
            raw=mask_row(raw),
            reasons=tuple(dict.fromkeys(mask_identifiers(reason) for reason in why)),
        )
        for (number, raw), why in sorted(reasons.items())
    )
