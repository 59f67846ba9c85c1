"""How a sample's bytes become a table: format, encoding, delimiter, headings, notes."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from surveillance.errors import InputError, RejectedBatch
from surveillance.feeds.reading import read_table
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.table import Table, text_of
from surveillance.feeds.unpacking import GZIP_MAGIC, ZIP_MAGIC, decode, unpack

MOST_ROWS = 3_000
_PARQUET_MAGIC = b"PAR1"
_DELIMITERS = ",;\t|"
_LINES_LOOKED_AT = 60
_DATA_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".xlsx")


@dataclass(frozen=True)
class Sample:
    """The first rows of a file, and how they were read.

    Attributes:
        source: what ``[source]`` should say.
        table: at most ``MOST_ROWS`` rows.
    """

    source: SourceRules
    table: Table


def take_sample(content: bytes) -> Sample:
    """Find out how a file is read, and read its first rows.

    Raises:
        InputError: nothing that a feed can be made of was found; the message says why.
    """
    plain = SourceRules("", "csv", "*", ",", "utf-8", None, 1)
    try:
        source, inner = _unwrapped(content, plain)
        source = _with_format(source, inner)
        return _READERS[source.format](source, inner)
    except RejectedBatch as error:
        raise InputError(
            f"The sample cannot be read: {error} No description was written."
        ) from error


def _unwrapped(content: bytes, source: SourceRules) -> tuple[SourceRules, bytes]:
    """Take gzip and zip off; of a zip that holds several files the largest is meant."""
    if content.startswith(GZIP_MAGIC):
        content = unpack(content, source)
    if not content.startswith(ZIP_MAGIC):
        return source, content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
    except zipfile.BadZipFile as error:
        raise InputError(f"The zip is damaged: {error}. No description was written.") from error
    if any(one.filename == "[Content_Types].xml" for one in entries):
        return replace(source, format="xlsx"), content
    data = [one for one in entries if one.filename.casefold().endswith(_DATA_SUFFIXES)]
    if not data:
        raise InputError("The zip holds no file of data. No description was written.")
    largest = max(data, key=lambda one: one.file_size).filename
    suffix = "*" + largest[largest.rindex(".") :]
    member = suffix if sum(one.filename.endswith(suffix[1:]) for one in entries) == 1 else largest
    source = replace(source, member=member)
    return source, unpack(content, source)


def _with_format(source: SourceRules, content: bytes) -> SourceRules:
    if source.format == "xlsx":
        return source
    if content.startswith(_PARQUET_MAGIC):
        return replace(source, format="parquet")
    source = replace(source, encoding=_encoding_of(content))
    first = decode(content, source.encoding).lstrip().split("\n", 1)[0]
    return replace(source, format="jsonl" if _is_object(first) else "csv")


def _encoding_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in content.decode(encoding):
            return encoding
    raise InputError(
        "The sample is no text, no workbook (XLSX), no Parquet, and no gzip or zip of these. No "
        "description was written."
    )


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _sample_csv(source: SourceRules, content: bytes) -> Sample:
    text = decode(content, source.encoding)
    head = text.split("\n")[:_LINES_LOOKED_AT]
    source = replace(source, delimiter=_delimiter_of(head))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter)
    try:
        lines = [line for line in islice(reader, MOST_ROWS) if line]
    except csv.Error as error:
        raise InputError(
            f"Line {reader.line_num:,} is not valid CSV: {error}. No description was written."
        ) from error
    source = _with_headings(source, lines)
    # Written again, so that a sample cut short ends with a whole row.
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=source.delimiter).writerows(lines)
    table = read_table(buffer.getvalue().encode(source.encoding), source)
    return Sample(source, table)


def _delimiter_of(lines: Sequence[str]) -> str:
    """Choose the delimiter that cuts most lines into the same number of fields."""

    def agreement(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(line) for line in csv.reader(lines, delimiter=delimiter) if line)
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (times if width > 1 else 0, width)

    return max(_DELIMITERS, key=agreement)


def _sample_jsonl(source: SourceRules, content: bytes) -> Sample:
    lines = decode(content, source.encoding).split("\n")
    wanted = "\n".join(islice((line for line in lines if line.strip()), MOST_ROWS))
    return Sample(source, read_table(wanted.encode(source.encoding), source))


def _sample_xlsx(source: SourceRules, content: bytes) -> Sample:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        names = book.sheetnames
        lines = [list(line) for line in book[names[0]].iter_rows(values_only=True)]
        book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(
            f"The workbook cannot be read: {error}. No description was written."
        ) from error
    source = replace(source, sheet=names[0] if len(names) > 1 else None)
    source = _with_headings(source, [one for one in lines if any(c is not None for c in one)])
    return Sample(source, read_table(content, source))


def _sample_parquet(source: SourceRules, content: bytes) -> Sample:
    try:
        stored = pq.read_table(pa.BufferReader(content)).slice(0, MOST_ROWS)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"The file is not readable Parquet: {error}. No description was written."
        ) from error
    buffer = io.BytesIO()
    pq.write_table(stored, buffer)
    return Sample(source, read_table(buffer.getvalue(), source))


_READERS = {
    "csv": _sample_csv,
    "jsonl": _sample_jsonl,
    "xlsx": _sample_xlsx,
    "parquet": _sample_parquet,
}


def _with_headings(source: SourceRules, lines: Sequence[Sequence[Any]]) -> SourceRules:
    """Find the lines of headings, and where notes begin below the table."""
    if not lines:
        raise InputError("The sample holds no row. No description was written.")
    filled = [sum(bool(text_of(cell).strip()) for cell in line) for line in lines]
    # Of the widths that occur, the one that most cells stand in.
    usual = max(Counter(filled).items(), key=lambda item: item[0] * item[1])[0]
    enough = max(1, (usual + 1) // 2)
    heading = next((place for place, count in enumerate(filled) if count >= enough), 0)
    if heading + 1 < len(lines) and _stands_below(lines[heading + 1]):
        heading += 1
    is_double = heading > 0 and filled[heading - 1] > 1 and _stands_below(lines[heading])
    return replace(
        source,
        header_rows=heading + 1,
        heading_lines=2 if is_double else 1,
        notes_from=_notes(lines[heading + 1 :], filled[heading + 1 :], usual),
    )


def _stands_below(line: Sequence[Any]) -> bool:
    """Say whether a line begins empty and goes on with words, as a second line of headings."""
    first, *rest = [text_of(cell).strip() for cell in line]
    words = [text for text in rest if text]
    return not first and bool(words) and not any(text.replace(".", "").isdigit() for text in words)


def _notes(lines: Sequence[Sequence[Any]], filled: Sequence[int], usual: int) -> str:
    """Give what the notes begin with: lines at the end that fill no more than one cell."""
    body = max((place for place, count in enumerate(filled) if count > 1), default=len(filled) - 1)
    if usual <= 1 or body + 1 >= len(lines):
        return ""
    first = next((text for cell in lines[body + 1] if (text := text_of(cell).strip())), "")
    return first.split(":")[0].split(" ")[0]
