"""Turns a file's bytes into a table of values as they stood.

One function a format, kept in ``READERS``. A fault of the whole file is raised; a fault
of one row keeps that row back and spares the rest.
"""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import InvalidFileException

from surveillance.domain import RejectedRow
from surveillance.errors import RejectedBatch
from surveillance.feeds.headings import read_headings, without_notes
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.table import Table, objects, raw_json
from surveillance.feeds.toml_table import nearest
from surveillance.feeds.unpacking import decode, unpack

_DELIMITERS = {";": "a semicolon", "\t": "a tab", ",": "a comma", "|": "a bar"}


def read_table(content: bytes, source: SourceRules) -> Table:
    """Read a file of any format that a description can name.

    Raises:
        RejectedBatch: the file as a whole cannot be read; the message says why, without
            the feed and the batch, which the caller adds.
    """
    return READERS[source.format](unpack(content, source), source)


def check_columns(
    table: Table, *, needed: Collection[str], used: Collection[str], source: SourceRules
) -> None:
    """Check that the columns a description needs are there, each once.

    Raises:
        RejectedBatch: one is missing or stands twice; says which were found and, of the
            missing, the nearest.
    """
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise RejectedBatch(_missing_columns(missing, table=table, source=source))
    twice = [name for name, times in Counter(table.columns).items() if times > 1 and name in used]
    if twice:
        raise RejectedBatch(
            f"the heading {_quoted(twice)} stands more than once, so it is unclear which column "
            "is meant. Ask the feed's owner for headings that differ."
        )


def _missing_columns(missing: Sequence[str], *, table: Table, source: SourceRules) -> str:
    if len(table.columns) == 1 and source.format == "csv":
        for sign, words in _DELIMITERS.items():
            if sign in table.columns[0] and sign != source.delimiter:
                return (
                    f"only one column was found, and its heading holds {words}: the delimiter is "
                    f"probably {sign!r}, not {source.delimiter!r}. Set source.delimiter."
                )
    parts = []
    for name in missing:
        near = nearest(name, table.columns)
        parts.append(f"{name!r} (nearest: {near!r})" if near else repr(name))
    word = "column is" if len(missing) == 1 else "columns are"
    return (
        f"{len(missing)} {word} missing: {', '.join(parts)}. Found: {_quoted(table.columns)}. If "
        "the source renamed them, write the new names into the description."
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _read_csv(content: bytes, source: SourceRules) -> Table:
    text = decode(content, source.encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter, strict=True)
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise RejectedBatch(
            f"line {reader.line_num:,} is not valid CSV: {error}. A quotation mark is probably "
            "left open. Ask the feed's owner for the file again."
        ) from error
    return _from_grid(lines, source)


def _read_xlsx(content: bytes, source: SourceRules) -> Table:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise RejectedBatch(
            f"the file is not a readable workbook (XLSX): {error}. Fetch it again."
        ) from error
    try:
        if source.sheet is not None and source.sheet not in book.sheetnames:
            raise RejectedBatch(
                f"the workbook has no sheet {source.sheet!r}. Found: {_quoted(book.sheetnames)}. "
                "Set source.sheet."
            )
        sheet = book[source.sheet or book.sheetnames[0]]
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    finally:
        book.close()
    filled = [line for line in lines if any(cell is not None for cell in line)]
    width = max((len(line) for line in filled), default=0)
    # Some writers leave empty cells at the end of a row out; they are there all the same.
    even = [line + [None] * (width - len(line)) for line in filled]
    return _from_grid(even, source, is_typed=True)


def _from_grid(lines: list[list[Any]], source: SourceRules, *, is_typed: bool = False) -> Table:
    """Make a table of lines whose headings stand in one of the first."""
    if len(lines) < source.header_rows:
        raise RejectedBatch(f"the file has no line {source.header_rows} with headings.")
    headings = read_headings(lines[source.header_rows - source.heading_lines : source.header_rows])
    if source.notes_from:
        above = lines[: source.header_rows]
        lines = above + without_notes(lines[source.header_rows :], source.notes_from)
    rows: list[list[Any]] = []
    numbers: list[int] = []
    broken: list[RejectedRow] = []
    for number, line in enumerate(lines[source.header_rows :], start=1):
        if len(line) == len(headings):
            rows.append(line)
            numbers.append(number)
        else:
            reason = f"the row has {len(line)} fields, the headings are {len(headings)}"
            broken.append(RejectedRow(number, raw_json(line), (reason,)))
    keys = _distinct(headings)
    by_column = zip(*rows, strict=True) if rows else ([] for _ in keys)
    return Table(
        columns=tuple(headings),
        by_column={key: objects(list(cells)) for key, cells in zip(keys, by_column, strict=True)},
        row_numbers=objects(numbers),
        raw=objects([raw_json(dict(zip(keys, row, strict=True))) for row in rows]),
        broken=tuple(broken),
        is_typed=is_typed,
    )


def _distinct(headings: Sequence[str]) -> list[str]:
    """Number the second and further occurrences of a heading."""
    seen: Counter[str] = Counter()
    names = []
    for heading in headings:
        seen[heading] += 1
        names.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return names


def _read_jsonl(content: bytes, source: SourceRules) -> Table:
    # Only \n ends a line: JSON text may hold the other separators that splitlines() obeys.
    lines = decode(content, source.encoding).split("\n")
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    raw: list[str] = []
    broken: list[RejectedRow] = []
    for number, line in enumerate((line for line in lines if line.strip()), start=1):
        row, problem = _json_object(line)
        if problem:
            broken.append(RejectedRow(number, raw_json(line.strip()), (problem,)))
        else:
            rows.append(row)
            numbers.append(number)
            raw.append(line.strip())
    if not rows:
        raise RejectedBatch(
            f"none of its {len(broken):,} lines is a JSON object. Check source.format."
        )
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    return Table(
        columns=columns,
        by_column={name: objects([row.get(name) for row in rows]) for name in columns},
        row_numbers=objects(numbers),
        raw=objects(raw),
        broken=tuple(broken),
        may_lack=True,
    )


def _json_object(line: str) -> tuple[dict[str, Any], str]:
    """Give the object of a line, or an empty one and what is wrong."""
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return {}, f"the line is not valid JSON at character {error.pos + 1}"
    except (ValueError, RecursionError):
        return {}, "the line is not valid JSON"
    if not isinstance(row, dict):
        return {}, "the line is JSON but no object"
    return row, ""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _read_parquet(content: bytes, _source: SourceRules) -> Table:
    try:
        stored = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise RejectedBatch(
            f"the file is not readable Parquet: {error}. Fetch it again."
        ) from error
    columns = tuple(name.strip() for name in stored.column_names)
    keys = _distinct(columns)
    values = {
        key: objects(column.to_pylist()) for key, column in zip(keys, stored.columns, strict=True)
    }
    rows = zip(*values.values(), strict=True)
    return Table(
        columns=columns,
        by_column=values,
        row_numbers=objects(list(range(1, stored.num_rows + 1))),
        raw=objects([raw_json(dict(zip(keys, row, strict=True))) for row in rows]),
        is_typed=True,
    )


READERS: dict[str, Callable[[bytes, SourceRules], Table]] = {
    "csv": _read_csv,
    "jsonl": _read_jsonl,
    "xlsx": _read_xlsx,
    "parquet": _read_parquet,
}
