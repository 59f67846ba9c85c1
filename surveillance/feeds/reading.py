"""Turns a piece of a file into a table of values as they stood.

One reader a format, kept in ``READERS``. A fault of one row keeps that row back and spares
the rest; faults of the whole file are found by ``cutting``.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson

from surveillance.domain import RejectedRow
from surveillance.errors import RejectedBatch
from surveillance.feeds.cutting import Piece, cut_whole
from surveillance.feeds.decoding import BEGINNING, Overlong
from surveillance.feeds.limits import Limits
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.table import Table, objects, raw_json
from surveillance.feeds.toml_table import nearest
from surveillance.feeds.unpacking import unpacked

_DELIMITERS = {";": "a semicolon", "\t": "a tab", ",": "a comma", "|": "a bar"}
# In JSON the sign NUL is written so, after an even number of backslashes.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
# A whole number this long may not fit into 64 bits, and the fast reader would round it.
_LONG_NUMBER = b"0" * 19
_NUL_MARK = "\\u0000"
_LINES_AT_ONCE = 2_000
_DIGITS = bytes(48 if chr(code).isdigit() else 32 for code in range(128)) + b" " * 128


def read_table(content: bytes, source: SourceRules, limits: Limits | None = None) -> Table:
    """Read a whole file of any format that a description can name.

    Raises:
        RejectedBatch: the file as a whole cannot be read; the message says why, without
            the feed and the batch, which the caller adds.
    """
    limits = limits or Limits()
    with unpacked(io.BufferedReader(io.BytesIO(content)), source, limits) as stream:
        table = read_piece(cut_whole(stream, source, limits), source, limits)
    refuse_unreadable(source, read=len(table), broken=len(table.broken))
    return table


def read_piece(
    piece: Piece, source: SourceRules, limits: Limits, *, wanted: Collection[str] | None = None
) -> Table:
    """Read a piece of a file.

    Args:
        piece: as it was cut.
        source: the format.
        limits: how long and deep a row may be.
        wanted: columns whose values are needed, None: all. The others are named all the same.
    """
    return READERS[source.format](piece, limits, wanted)


def refuse_unreadable(source: SourceRules, *, read: int, broken: int) -> None:
    """Refuse a file of JSON Lines of which no line at all is an object.

    Raises:
        RejectedBatch: there are lines, and none of them could be read.
    """
    if source.format == "jsonl" and not read:
        raise RejectedBatch(f"none of its {broken:,} lines is a JSON object. Check source.format.")


def check_columns(
    columns: Sequence[str],
    *,
    needed: Collection[str],
    used: Collection[str],
    source: SourceRules,
) -> None:
    """Check that the columns a description needs are there, each once.

    Raises:
        RejectedBatch: one is missing or stands twice; says which were found and, of the
            missing, the nearest.
    """
    missing = [name for name in needed if name not in columns]
    if missing:
        raise RejectedBatch(_missing_columns(missing, columns=columns, source=source))
    twice = [name for name, times in Counter(columns).items() if times > 1 and name in used]
    if twice:
        raise RejectedBatch(
            f"the heading {_quoted(twice)} stands more than once, so it is unclear which column "
            "is meant. Ask the feed's owner for headings that differ."
        )


def _missing_columns(missing: Sequence[str], *, columns: Sequence[str], source: SourceRules) -> str:
    if len(columns) == 1 and source.format == "csv":
        for sign, words in _DELIMITERS.items():
            if sign in columns[0] and sign != source.delimiter:
                return (
                    f"only one column was found, and its heading holds {words}: the delimiter is "
                    f"probably {sign!r}, not {source.delimiter!r}. Set source.delimiter."
                )
    parts = []
    for name in missing:
        near = nearest(name, columns)
        parts.append(f"{name!r} (nearest: {near!r})" if near else repr(name))
    word = "column is" if len(missing) == 1 else "columns are"
    return (
        f"{len(missing)} {word} missing: {', '.join(parts)}. Found: {_quoted(columns)}. If "
        "the source renamed them, write the new names into the description."
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _read_lines(piece: Piece, limits: Limits, wanted: Collection[str] | None) -> Table:
    """Read lines of JSON, some at a time, for their objects take much more room than columns."""
    columns: dict[str, list[Any]] = {}
    known: dict[str, None] = {}
    lines: list[str] = []
    numbers: list[int] = []
    broken: list[RejectedRow] = []
    for start in range(0, len(piece.rows), _LINES_AT_ONCE):
        some = piece.rows[start : start + _LINES_AT_ONCE]
        rows, faults = _read_some(some, limits)
        first = piece.first_row + start
        if faults:
            broken += (_broken_line(first + place, some[place], faults[place]) for place in faults)
            some = [line for place, line in enumerate(some) if place not in faults]
        numbers += (
            first + place for place in range(len(rows) + len(faults)) if place not in faults
        )
        known.update(dict.fromkeys(key for keys in dict.fromkeys(map(tuple, rows)) for key in keys))
        for name in known:
            if wanted is None or name in wanted:
                values = columns.setdefault(name, [None] * len(lines))
                values += [row.get(name) for row in rows]
        lines += some
    return Table(
        columns=tuple(known),
        by_column={name: objects(values) for name, values in columns.items()},
        row_numbers=objects(numbers),
        raw=objects([line.strip() for line in lines]),
        broken=tuple(broken),
        may_lack=True,
    )


def _broken_line(number: int, line: str | Overlong, fault: str) -> RejectedRow:
    beginning = line.beginning if isinstance(line, Overlong) else line.strip()
    return RejectedRow(number, raw_json(beginning), (fault,))


def _read_some(
    lines: Sequence[str | Overlong], limits: Limits
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Give the objects of some lines, and by place what is wrong with the others."""
    plain = [line for line in lines if isinstance(line, str)]
    if len(plain) == len(lines) and _are_harmless(plain, limits):
        with suppress(orjson.JSONDecodeError):
            rows = list(map(orjson.loads, plain))
            if set(map(type, rows)) == {dict}:
                return rows, {}
    rows, faults = [], {}
    for place, line in enumerate(lines):
        row, fault = _read_line(line, limits)
        if fault:
            faults[place] = fault
        else:
            rows.append(row)
    return rows, faults


def _are_harmless(lines: Sequence[str], limits: Limits) -> bool:
    """Say whether lines hold nothing that needs a second look, which hardly any does."""
    text = "\n".join(lines)
    if _NUL_MARK in text or _LONG_NUMBER in text.encode("utf-8", "replace").translate(_DIGITS):
        return False
    return all(line.count("[") + line.count("{") <= limits.deepest for line in lines)


def _read_line(line: str | Overlong, limits: Limits) -> tuple[Any, str]:
    if isinstance(line, Overlong):
        return None, _too_long(line.characters, limits)
    row, fault = _json_object(line)
    if not fault and not isinstance(row, dict):
        fault = "the line is JSON but no object"
    if not fault and _is_deeper(row, limits.deepest):
        fault = f"lists and objects lie more than {limits.deepest} deep in each other"
    return row, fault or _nul_fault(line)


def _json_object(line: str) -> tuple[Any, str]:
    """Read a line exactly as it stands, or say what is wrong with it."""
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
        json.dumps(row, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        return None, f"the line is not valid JSON at character {error.pos + 1}"
    except UnicodeEncodeError:
        return None, "the line holds half a sign, which is no text"
    except (ValueError, RecursionError):
        return None, "the line is not valid JSON"
    return row, ""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_deeper(value: Any, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return False
    return not levels or any(_is_deeper(one, levels - 1) for one in inside)


def _nul_fault(raw: str) -> str:
    return "the row holds the sign NUL, which is no text" if _NUL.search(raw) else ""


def _too_long(characters: int, limits: Limits) -> str:
    return f"the row has {characters:,} signs, more than {limits.most_row_characters:,}"


def _read_cells(piece: Piece, limits: Limits, wanted: Collection[str] | None) -> Table:
    return _read_grid(piece, limits, wanted, is_typed=False)


def _read_typed_cells(piece: Piece, limits: Limits, wanted: Collection[str] | None) -> Table:
    return _read_grid(piece, limits, wanted, is_typed=True)


def _read_grid(
    piece: Piece, limits: Limits, wanted: Collection[str] | None, *, is_typed: bool
) -> Table:
    headings = piece.headings
    keys = _distinct(headings)
    rows: list[Sequence[Any]] = []
    raws: list[str] = []
    numbers: list[int] = []
    broken: list[RejectedRow] = []
    for number, line in enumerate(piece.rows, start=piece.first_row):
        fits = len(line) == len(headings)
        raw = raw_json(dict(zip(keys, line, strict=True)) if fits else line)
        problem = f"the row has {len(line)} fields, the headings are {len(headings)}"
        if fault := problem if not fits else _fault_of(raw, limits):
            broken.append(RejectedRow(number, _shortened(raw, limits), (fault,)))
            continue
        rows.append(line)
        raws.append(raw)
        numbers.append(number)
    by_column = zip(*rows, strict=True) if rows else ([] for _ in keys)
    return Table(
        columns=tuple(headings),
        by_column={
            key: objects(list(cells))
            for key, cells in zip(keys, by_column, strict=True)
            if wanted is None or key in wanted
        },
        row_numbers=objects(numbers),
        raw=objects(raws),
        broken=tuple(broken),
        is_typed=is_typed,
    )


def _fault_of(raw: str, limits: Limits) -> str:
    if len(raw) > limits.most_row_characters:
        return _too_long(len(raw), limits)
    return _nul_fault(raw) if _NUL_MARK in raw else ""


def _shortened(raw: str, limits: Limits) -> str:
    return raw if len(raw) <= limits.most_row_characters else raw_json(raw[:BEGINNING])


def _distinct(headings: Sequence[str]) -> list[str]:
    """Number the second and further occurrences of a heading."""
    seen: Counter[str] = Counter()
    names = []
    for heading in headings:
        seen[heading] += 1
        names.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return names


def _read_batch(piece: Piece, limits: Limits, wanted: Collection[str] | None) -> Table:
    """Read some rows of Parquet: columns of Arrow."""
    columns = [column.to_pylist() for column in piece.rows.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return _read_grid(replace(piece, rows=rows), limits, wanted, is_typed=True)


READERS: dict[str, Callable[[Piece, Limits, Collection[str] | None], Table]] = {
    "csv": _read_cells,
    "jsonl": _read_lines,
    "xlsx": _read_typed_cells,
    "parquet": _read_batch,
}
