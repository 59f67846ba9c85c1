"""One target column out of source columns, and every fault of every row on the way.

Reasons name the column and the rule. They never repeat the value: it may be a patient's,
and the row itself is kept beside them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from surveillance.domain import Column, Flags
from surveillance.feeds.findings import Findings
from surveillance.feeds.rules import ColumnRule
from surveillance.feeds.table import Objects, Table, objects
from surveillance.feeds.times import ISO_DAY, ISO_MOMENT, read_days, read_moments, read_parts

OLDEST_AGE = 120
_AGE_BANDS = (
    (55, "55+"),
    (45, "45-54"),
    (35, "35-44"),
    (25, "25-34"),
    (18, "18-24"),
    (16, "16-17"),
)
_TRUTHS = {"true": True, "yes": True, "y": True, "1": True}
_FALSEHOODS = {"false": False, "no": False, "n": False, "0": False}


class Faults:
    """Why rows are held back, reason by reason; a row may have several."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._reasons: defaultdict[int, list[str]] = defaultdict(list)

    def add(self, where: Flags, reason: str) -> None:
        """Give every marked row a reason; ``where`` has shape (rows,)."""
        self.add_to(np.flatnonzero(where).tolist(), reason)

    def add_to(self, rows: Iterable[int], reason: str) -> None:
        """Give every listed row a reason, one that is listed twice only once."""
        for row in dict.fromkeys(rows):
            self._reasons[row].append(reason)

    def reasons(self, row: int) -> tuple[str, ...]:
        """List the reasons of one row, in the order they were found."""
        return tuple(self._reasons.get(row, ()))

    def spared(self) -> Flags:
        """Mark the rows without a reason, shape (rows,)."""
        good = np.ones(self.rows, dtype=bool)
        good[list(self._reasons)] = False
        return good


def first_filled(table: Table, columns: Sequence[str]) -> "pd.Series[str]":
    """Give for each row the first of the columns that is not empty."""
    texts = table.texts(columns[0])
    for column in columns[1:]:
        texts = texts.where(texts != "", table.texts(column))
    return texts


def by_distinct(texts: "pd.Series[str]", judge: Callable[[str], object]) -> Objects:
    """Judge each distinct text once; shape (rows,)."""
    places, distinct = pd.factorize(texts)
    return objects([judge(text) for text in distinct])[places]


def build_column(
    table: Table, rule: ColumnRule, target: Column, *, faults: Faults, findings: Findings
) -> Objects:
    """Make one target column as its rule says.

    Args:
        table: the source's rows.
        rule: how the column is made.
        target: the column of the record.
        faults: gets a reason for every row whose value cannot be read.
        findings: gets a sentence on values outside a map that is not strict.

    Returns:
        Values of the target's type, None where there is none, shape (rows,).
    """
    texts = _source_texts(table, rule)
    if rule.is_age:
        return _age_bands(texts, target, faults)
    if target.dtype == "date":
        return build_days(table, rule, target, faults=faults)[0]
    if target.dtype == "moment":
        moments = read_moments(texts, _moment_formats(table, rule.date_formats))
        return _judged(moments, texts, f"{target.name}: not a date and time", faults)
    if target.dtype in ("int", "float"):
        return build_numbers(texts, target, faults=faults, name=target.name)
    if target.dtype == "bool":
        return _truths(texts, target, faults)
    return _coded(texts, rule, target, faults=faults, findings=findings)


def build_days(
    table: Table, rule: ColumnRule, target: Column, *, faults: Faults
) -> tuple[Objects, Objects]:
    """Make a column of days as its rule says.

    Returns:
        The days and how precise each is, None where there is none, both of shape (rows,).
    """
    if rule.parts is not None:
        parts = {part: table.texts(column) for part, column in rule.parts.items()}
        days, precisions = read_parts(parts, first_month=rule.first_month)
        wrong = _absent(days)
        faults.add(wrong, f"{target.name}: year and parts make no date")
        return days, precisions
    texts = _source_texts(table, rule)
    formats = _day_formats(table, rule.date_formats)
    days, precisions = read_days(texts, formats)
    shown = " or ".join(rule.date_formats or (ISO_DAY,))
    if target.required:
        faults.add((texts == "").to_numpy(), f"{target.name}: empty")
    return _judged(days, texts, f"{target.name}: not a date as {shown}", faults), precisions


def _source_texts(table: Table, rule: ColumnRule) -> "pd.Series[str]":
    if rule.constant is not None:
        return pd.Series([rule.constant] * len(table), dtype=str)
    texts = first_filled(table, rule.columns) if rule.columns else table.texts("")
    return texts if rule.default is None else texts.where(texts != "", rule.default)


def _day_formats(table: Table, formats: tuple[str, ...]) -> tuple[str, ...]:
    if table.is_typed:
        return (*formats, ISO_DAY, ISO_MOMENT)
    return formats or (ISO_DAY,)


def _moment_formats(table: Table, formats: tuple[str, ...]) -> tuple[str, ...]:
    return (*formats, ISO_MOMENT) if table.is_typed else formats


def _absent(values: Objects) -> Flags:
    return np.asarray(pd.isna(values))


def _judged(values: Objects, texts: "pd.Series[str]", reason: str, faults: Faults) -> Objects:
    """Fault the rows that have a text and, all the same, no value."""
    faults.add(_absent(values) & (texts != "").to_numpy(), reason)
    return values


def build_numbers(texts: "pd.Series[str]", target: Column, *, faults: Faults, name: str) -> Objects:
    """Read numbers, whole ones where the target is whole; None where there is no text.

    ``name`` is what a reason calls the column.
    """
    values = pd.to_numeric(texts.where(texts != ""), errors="coerce").to_numpy(dtype=float)
    good = np.isfinite(values)
    reason = f"{name}: not a number"
    if target.dtype == "int":
        good &= np.floor(np.where(good, values, 0)) == np.where(good, values, 0)
        reason = f"{name}: not a whole number"
    faults.add(~good & (texts != "").to_numpy(), reason)
    convert = int if target.dtype == "int" else float
    return objects(
        [convert(value) if fine else None for value, fine in zip(values, good, strict=True)]
    )


def _truths(texts: "pd.Series[str]", target: Column, faults: Faults) -> Objects:
    known = _TRUTHS | _FALSEHOODS
    values = by_distinct(texts, lambda text: known.get(text.casefold()))
    return _judged(values, texts, f"{target.name}: neither true nor false", faults)


def _age_bands(texts: "pd.Series[str]", target: Column, faults: Faults) -> Objects:
    bands = by_distinct(texts, age_band)
    reason = f"{target.name}: not an age in years from 0 to {OLDEST_AGE}"
    return _judged(bands, texts, reason, faults)


def age_band(text: str) -> str | None:
    """Give the band of an age in years, None where the text is no such age.

    Example:
        >>> [age_band(text) for text in ("15", "54", "55", "x")]
        ['<16', '45-54', '55+', None]
    """
    try:
        age = float(text)
    except ValueError:
        return None
    if not 0 <= age <= OLDEST_AGE:
        return None
    return next((band for least, band in _AGE_BANDS if age >= least), "<16")


def _coded(
    texts: "pd.Series[str]",
    rule: ColumnRule,
    target: Column,
    *,
    faults: Faults,
    findings: Findings,
) -> Objects:
    if rule.value_map is None or rule.constant is not None:
        return by_distinct(texts, lambda text: text or None)
    values = by_distinct(texts, mapping(rule.value_map))
    outside = _absent(values) & (texts != "").to_numpy()
    if rule.is_strict:
        faults.add(outside, f"{target.name}: the value is not among those of the description")
    else:
        findings.count(
            outside.sum(),
            "values are not among those of the description and were left empty",
            of=len(texts),
            about=target.name,
        )
    return values


def mapping(values: Mapping[str, str]) -> Callable[[str], str | None]:
    """Make a look-up that ignores capitals; the empty text gives None unless it is listed."""
    plain = {given.strip().casefold(): ours for given, ours in values.items()}
    return lambda text: plain.get(text.casefold())
