"""A source's rows before they mean anything: named columns of values as they stood."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import RejectedRow

Objects = npt.NDArray[np.object_]

_TRUTHS = {None: "", True: "true", False: "false"}


@dataclass(frozen=True)
class Table:
    """The rows of one file.

    Attributes:
        columns: headings of the file, blanks around them taken off.
        by_column: one object array a column, shape (rows,): text, numbers, dates or lists.
        row_numbers: place of each row in its file, the first data row is 1, shape (rows,).
        raw: each row as JSON, shape (rows,).
        broken: rows that are no rows (torn lines, too many fields).
        is_typed: whether cells may be dates and numbers, as in a workbook.
        may_lack: whether a row without a value may leave out its column (JSON).
    """

    columns: tuple[str, ...]
    by_column: dict[str, Objects]
    row_numbers: Objects
    raw: Objects
    broken: tuple[RejectedRow, ...] = ()
    is_typed: bool = False
    may_lack: bool = False
    _texts: "dict[str, pd.Series[str]]" = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __len__(self) -> int:
        return len(self.row_numbers)

    def cells(self, column: str) -> Objects:
        """Give a column as it stood, None throughout where the file lacks it, shape (rows,)."""
        found = self.by_column.get(column)
        return np.full(len(self), None, dtype=object) if found is None else found

    def texts(self, column: str) -> "pd.Series[str]":
        """Give a column as text without blanks around it, empty where there is nothing.

        A column that the file lacks is empty throughout. It is made once and must not be
        changed.
        """
        if column not in self._texts:
            values = self.by_column.get(column)
            plain = [""] * len(self) if values is None else _texts_of(values)
            # Python's own texts: making others of them costs more than reading them.
            self._texts[column] = pd.Series(plain, dtype=object)
        return self._texts[column]


def _texts_of(values: Objects) -> list[str]:
    """Write cells as texts; most columns hold nothing but text, which is quickly done."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return [value.strip() for value in values]
    if kinds <= {str, type(None)}:
        return ["" if value is None else value.strip() for value in values]
    if kinds <= {bool, type(None)}:
        return [_TRUTHS[value] for value in values]
    return [text_of(value).strip() for value in values]


def text_of(value: Any) -> str:
    """Write a cell's value as text: a date as in ISO 8601, a whole number without a point.

    Example:
        >>> [text_of(value) for value in (None, 12.0, True, date(2026, 10, 1))]
        ['', '12', 'true', '2026-10-01']
    """
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        # A workbook keeps a day as midnight.
        is_day = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        if np.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


# One for all rows: json.dumps would make an encoder for each.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=text_of)


def raw_json(row: Any) -> str:
    """Write a row as JSON, the way it stood."""
    return _ENCODER.encode(row)


def filled(values: Objects, others: Objects) -> Objects:
    """Put the others where there is None, shape (rows,)."""
    return objects(
        [other if value is None else value for value, other in zip(values, others, strict=True)]
    )


def objects(values: list[Any]) -> Objects:
    """Make an object array of one dimension, whatever the values are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
