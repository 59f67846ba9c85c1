"""Reshapes a file's rows as its description says, and loses none of them.

Rows of the source are the rows of the file, or the cells of a wide table. Each is used, set
aside because it is not of the feed, or held back with its reason.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from surveillance.domain import Flags, RejectedRow
from surveillance.errors import RejectedBatch
from surveillance.feeds.headings import HEADING_JOIN
from surveillance.feeds.shaping import AggregateRule, DerivedRule, KeepRule, Shape, UnpivotRule
from surveillance.feeds.table import Objects, Table, objects, raw_json
from surveillance.feeds.values import by_distinct, mapping

# A file with many odd values must not be multiplied into more figures than memory holds.
MOST_FIGURES = 1_000_000
KEPT, OTHER, STRANGE = "kept", "other", "strange"

FindArea = Callable[[str], str | None]


@dataclass(frozen=True)
class Reshaped:
    """A table ready to be read, and what became of the rows behind it.

    Attributes:
        table: its rows; its ``broken`` holds the rows that could not be used.
        source_rows: rows of the source, used or not.
        set_aside: rows that are not of the feed.
        findings: what a person should know, one sentence each.
        behind: number of a row of the table -> rows of the source it stands for, where
            they were counted or added up; empty: each stands for itself.
    """

    table: Table
    source_rows: int
    set_aside: int = 0
    findings: tuple[str, ...] = ()
    behind: Mapping[int, int] = field(default_factory=dict)


def reshape(table: Table, shape: Shape, *, find_area: FindArea) -> Reshaped:
    """Unpivot, derive, keep and aggregate, in this order, what the description asks for.

    Args:
        table: the rows of one whole file.
        shape: what is asked for.
        find_area: gives the register's code of a place, None where it has none.

    Raises:
        RejectedBatch: the headings do not allow it, or it would make too many figures.
    """
    if shape == Shape():
        return Reshaped(table, len(table) + len(table.broken))
    findings: list[str] = []
    if shape.unpivot is not None:
        table = _unpivot(table, shape.unpivot, findings)
    source_rows = len(table) + len(table.broken)
    for name, rule in shape.derived.items():
        table = _derive(table, name, rule, find_area=find_area)
    before = len(table) + len(table.broken)
    table = _keep(table, shape.keeps, findings)
    set_aside = before - len(table) - len(table.broken)
    behind: dict[int, int] = {}
    if shape.aggregate is not None:
        table, behind = _aggregate(table, shape.aggregate, keeps=shape.keeps, findings=findings)
    return Reshaped(table, source_rows, set_aside, tuple(findings), behind)


def _unpivot(table: Table, rule: UnpivotRule, findings: list[str]) -> Table:
    wide = _wide_columns(table, rule, findings)
    rows, cells = len(table), len(wide)
    columns = {name: np.repeat(table.by_column[name], cells) for name in rule.by}
    parts = [_heading_parts(heading, len(rule.names)) for heading in wide]
    for place, name in enumerate(rule.names):
        columns[name] = objects([part[place] for part in parts] * rows)
    values = [table.by_column[heading] for heading in wide]
    columns[rule.value] = objects([column[row] for row in range(rows) for column in values])
    first = (table.row_numbers.astype(np.int64) - 1) * cells + 1
    numbers = (first[:, np.newaxis] + np.arange(cells)[np.newaxis, :]).ravel()
    return Table(
        columns=tuple(columns),
        by_column=columns,
        row_numbers=objects(numbers.tolist()),
        raw=_raw_of(columns),
        broken=tuple(
            replace(row, row_number=(row.row_number - 1) * cells + 1) for row in table.broken
        ),
        is_typed=table.is_typed,
    )


def _wide_columns(table: Table, rule: UnpivotRule, findings: list[str]) -> list[str]:
    twice = sorted({name for name in table.columns if name and table.columns.count(name) > 1})
    if twice:
        raise RejectedBatch(
            f"the heading {twice[0]!r} stands more than once, so it is unclear which period its "
            "figures belong to. Ask the feed's owner for headings that differ."
        )
    nameless = [name for name in table.by_column if name == "" or name not in table.columns]
    lost = sum(int((table.texts(name) != "").sum()) for name in nameless)
    if lost:
        findings.append(f"{lost:,} cells in columns without a heading were left out")
    wide = [name for name in table.columns if name and name not in rule.by]
    if not wide:
        raise RejectedBatch(
            f"there is no column beside {', '.join(map(repr, rule.by))}, so the table is not wide. "
            "Mend unpivot.by, or ask the feed's owner what became of the columns."
        )
    return wide


def _heading_parts(heading: str, wanted: int) -> list[str]:
    """Give the lines of a heading, as many as wanted; what is too much stays with the last."""
    parts = heading.split(HEADING_JOIN, wanted - 1)
    return [*parts, *[""] * (wanted - len(parts))]


def _raw_of(columns: Mapping[str, Objects]) -> Objects:
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return objects([raw_json(dict(zip(names, row, strict=True))) for row in rows])


def _derive(table: Table, name: str, rule: DerivedRule, *, find_area: FindArea) -> Table:
    if name in table.by_column:
        raise RejectedBatch(
            f"the file has a column {name!r}, and the description derives one of that name. Give "
            "the derived column another name."
        )
    renamed = mapping(rule.value_map)

    def make(text: str) -> str:
        piece = _cut(text, rule.cut)
        words = renamed(piece) or piece
        return (find_area(words) or words or "unknown") if rule.is_area else words

    made = by_distinct(table.texts(rule.column), make)
    return replace(table, columns=(*table.columns, name), by_column={**table.by_column, name: made})


def _cut(text: str, cut: tuple[str, int] | None) -> str:
    if cut is None:
        return text
    way, length = cut
    pieces = {
        "first": text[:length],
        "last": text[-length:],
        "drop_first": text[length:],
        "drop_last": text[:-length],
    }
    return pieces[way].strip()


def _keep(table: Table, rules: Sequence[KeepRule], findings: list[str]) -> Table:
    fates = [by_distinct(table.texts(rule.column), _sorter(rule)) for rule in rules]
    nothing = np.zeros(len(table), dtype=bool)
    aside = np.logical_or.reduce([nothing, *(fate == OTHER for fate in fates)])
    strange = np.logical_or.reduce([nothing, *(fate == STRANGE for fate in fates)]) & ~aside
    if aside.any():
        by = ", ".join(repr(rule.column) for rule in rules)
        findings.append(f"{aside.sum():,} of {len(table):,} rows are not of this feed, by {by}")
    held = []
    for row in np.flatnonzero(strange):
        reasons = tuple(
            f"{rule.column}: the value is neither among those to keep nor among the others"
            for rule, fate in zip(rules, fates, strict=True)
            if fate[row] == STRANGE
        )
        held.append(RejectedRow(int(table.row_numbers[row]), str(table.raw[row]), reasons))
    return _rows_of(table, ~(aside | strange), broken=held)


def _sorter(rule: KeepRule) -> Callable[[str], str]:
    """Make what says of a value whether it is of the feed, another's, or strange."""
    further = STRANGE if rule.others else OTHER
    lists = ((KEPT, rule.wanted), (OTHER, rule.others))
    plain = {one.casefold(): fate for fate, values in lists for one in values if "*" not in one}
    starred = [(_pattern(one), fate) for fate, values in lists for one in values if "*" in one]

    def sort(text: str) -> str:
        folded = text.casefold()
        fitting = (fate for pattern, fate in starred if pattern.fullmatch(folded))
        return plain.get(folded) or next(fitting, further)

    return sort


def _pattern(value: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in value.casefold().split("*"))
    return re.compile(".*".join(parts), re.DOTALL)


def _rows_of(table: Table, wanted: Flags, *, broken: Iterable[RejectedRow] = ()) -> Table:
    return replace(
        table,
        by_column={name: values[wanted] for name, values in table.by_column.items()},
        row_numbers=table.row_numbers[wanted],
        raw=table.raw[wanted],
        broken=(*table.broken, *broken),
    )


def _aggregate(
    table: Table, rule: AggregateRule, *, keeps: Sequence[KeepRule], findings: list[str]
) -> tuple[Table, dict[int, int]]:
    last = max([0, *table.row_numbers, *(row.row_number for row in table.broken)])
    group, keys = _groups(table, rule)
    numbers, table, whole = _numbers(table, rule, group)
    group = group[whole]
    used, first, place, behind = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    rows = [keys[code] for code in used]
    row_numbers = [int(table.row_numbers[row]) for row in first]
    counts = [int(count) for count in behind]
    findings.append(f"{len(table):,} rows make {len(rows):,} figures")
    if rule.is_complete:
        absent = _absent(rows, rule, keeps)
        rows, counts = rows + absent, counts + [0] * len(absent)
        row_numbers += range(last + 1, last + 1 + len(absent))
        findings.append(f"{len(absent):,} figures are 0, for the file lists every event")
    columns = dict(zip(rule.by, map(objects, _turned(rows, len(rule.by))), strict=True))
    for name, column in numbers.items():
        columns[name] = objects(np.bincount(place, weights=column, minlength=len(used)).tolist())
    if rule.count:
        columns[rule.count] = objects(list(counts))
    made = Table(
        columns=tuple(columns),
        by_column=columns,
        row_numbers=objects(row_numbers),
        raw=_raw_of(columns),
        broken=table.broken,
        is_typed=True,
    )
    return made, dict(zip(row_numbers, counts, strict=True))


def _groups(table: Table, rule: AggregateRule) -> tuple[Any, list[tuple[str, ...]]]:
    """Give for each row the place of its figure, and the values that make each figure."""
    texts = [table.texts(name).to_numpy(dtype=object) for name in rule.by]
    codes, keys = pd.factorize(objects(list(zip(*texts, strict=True))))
    return codes, list(keys)


def _numbers(table: Table, rule: AggregateRule, group: Any) -> tuple[dict[str, Any], Table, Flags]:
    """Read the columns to add up; a figure with a part that is no number is held back whole."""
    columns = {
        name: pd.to_numeric(table.texts(name), errors="coerce").to_numpy(dtype=float)
        for name in rule.sums
    }
    faulty = np.zeros(len(table), dtype=bool)
    held: list[RejectedRow] = []
    for name, values in columns.items():
        bad = ~np.isfinite(values)
        faulty |= np.isin(group, group[bad])
        for row in np.flatnonzero(np.isin(group, group[bad])):
            reason = (
                f"{name}: not a number"
                if bad[row]
                else f"{name}: another row of the same figure is not a number"
            )
            held.append(RejectedRow(int(table.row_numbers[row]), str(table.raw[row]), (reason,)))
    whole = ~faulty
    spared = {name: values[whole] for name, values in columns.items()}
    return spared, _rows_of(table, whole, broken=_merged(held)), whole


def _merged(held: Iterable[RejectedRow]) -> list[RejectedRow]:
    by_number: dict[int, RejectedRow] = {}
    for row in held:
        known = by_number.get(row.row_number)
        reasons = row.reasons if known is None else (*known.reasons, *row.reasons)
        by_number[row.row_number] = replace(row, reasons=reasons)
    return list(by_number.values())


def _turned(rows: Sequence[tuple[str, ...]], columns: int) -> list[list[str]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(columns)]


def _absent(
    rows: Sequence[tuple[str, ...]], rule: AggregateRule, keeps: Sequence[KeepRule]
) -> list[tuple[str, ...]]:
    """List the combinations of values that occur, or are asked for, and have no row."""
    if not rows:
        return []
    occurring = [dict.fromkeys(column) for column in _turned(rows, len(rule.by))]
    for keep in keeps:
        if keep.column in rule.by:
            seen = occurring[rule.by.index(keep.column)]
            folded = {value.casefold() for value in seen}
            asked = [one for one in keep.wanted if "*" not in one and one.casefold() not in folded]
            seen.update(dict.fromkeys(asked))
    if prod(len(values) for values in occurring) > MOST_FIGURES:
        raise RejectedBatch(
            f"its values combine to more than {MOST_FIGURES:,} figures. A column of aggregate.by "
            "probably holds something else than a period, place or category. Ask the feed's owner."
        )
    there = set(rows)
    return [key for key in product(*occurring) if key not in there]
