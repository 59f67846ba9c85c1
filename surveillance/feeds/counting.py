"""Feeds that carry counts per period and area instead of single records.

A hidden count is an interval, never zero; a count that was not supplied gives no record.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveillance.domain import Column, Flags, SubstanceMention
from surveillance.feeds.findings import Findings
from surveillance.feeds.rules import CountRule
from surveillance.feeds.table import Objects, Table, objects
from surveillance.feeds.values import Faults, build_numbers

_COUNT = Column("count", "int", "cases of one row")


@dataclass(frozen=True)
class Count:
    """One column of counts, read: least and greatest, None where not supplied."""

    rule: CountRule
    low: Objects
    high: Objects


def read_counts(
    table: Table, rules: Sequence[CountRule], *, faults: Faults, findings: Findings
) -> list[Count]:
    """Read every column of counts; faults and findings as in ``values.build_column``."""
    return [_read_count(table, rule, faults=faults, findings=findings) for rule in rules]


def _read_count(table: Table, rule: CountRule, *, faults: Faults, findings: Findings) -> Count:
    texts = table.texts(rule.column)
    hidden = texts.isin(list(rule.suppressed)).to_numpy()
    missing = texts.isin(list(rule.missing)).to_numpy() & ~hidden
    # An empty cell that the description does not call missing is a fault, not a zero.
    faults.add((texts == "").to_numpy() & ~missing & ~hidden, f"count: {rule.column!r} is empty")
    plain = texts.where(~(hidden | missing), "")
    numbers = build_numbers(plain, _COUNT, faults=faults, name=f"count {rule.column!r}")
    negative = np.array([number is not None and number < 0 for number in numbers], dtype=bool)
    faults.add(negative, f"count {rule.column!r}: below zero")
    low, high = numbers.copy(), numbers
    for mark, (least, most) in rule.suppressed.items():
        marked = (texts == mark).to_numpy()
        low[marked], high[marked] = least, most
    for marked, words in (
        (missing, "not supplied"),
        (hidden, "hidden by the source, kept as an interval"),
    ):
        findings.count(marked.sum(), f"counts {words}", of=len(table), about=rule.column)
    return Count(rule, low, high)


def expand_counts(records: pd.DataFrame, counts: Sequence[Count], *, spared: Flags) -> pd.DataFrame:
    """Give one record for each row and each count it supplies, in the order of the rows.

    Args:
        records: one record a row of the source, shape (rows, columns).
        counts: the columns of counts.
        spared: rows that are not held back, shape (rows,).
    """
    parts = []
    for count in counts:
        supplied = np.array([low is not None for low in count.low], dtype=bool) & spared
        part = records.loc[supplied].copy()
        mention = SubstanceMention(count.rule.substance, count.rule.column, count.rule.role)
        part["source_ref"] = part["source_ref"] + f":{count.rule.column}"
        part["substances"] = pd.Series(objects([[mention]] * len(part)), part.index, dtype=object)
        part["count_low"] = pd.Series(count.low[supplied], part.index, dtype=object)
        part["count_high"] = pd.Series(count.high[supplied], part.index, dtype=object)
        parts.append(part)
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
