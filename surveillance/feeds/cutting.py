"""Cuts a file into pieces of some thousand rows, so that none need hold it whole.

One cutter a format, kept in ``CUTTERS``. A piece is not read yet: it is what ``reading``
makes a table of, perhaps in another process. A fault of the whole file is raised, also when
half of its pieces are out already: nothing of a file counts before its last piece is cut.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import InvalidFileException

from surveillance.errors import RejectedBatch
from surveillance.feeds.decoding import Overlong, csv_lines, decoded, lines_of
from surveillance.feeds.headings import read_headings, without_notes
from surveillance.feeds.limits import Limits
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.unpacking import EMPTY, refuse_growth

_SHARED_TEXTS = "xl/sharedStrings.xml"
_MOST_SHARED_BYTES = 128 << 20


@dataclass(frozen=True)
class Piece:
    """Some rows of a file, one after the other.

    Attributes:
        first_row: number of its first row in the file, from 1.
        rows: lines of text, lists of cells, or columns, as its format has them.
        headings: headings of the file, where it has them apart from its rows.
        earlier: hash of a row -> how often it stood in earlier pieces, for feeds whose rows
            have no key of their own.
    """

    first_row: int
    rows: Any
    headings: tuple[str, ...] = ()
    earlier: Mapping[int, int] = field(default_factory=dict)


def cut(stream: io.BufferedReader, source: SourceRules, limits: Limits) -> Iterator[Piece]:
    """Cut a file of any format that a description can name; gives at least one piece.

    Raises:
        RejectedBatch: the file as a whole cannot be read; the message says why, without
            the feed and the batch, which the caller adds.
    """
    for piece in CUTTERS[source.format](stream, source, limits):
        if piece.first_row - 1 + len(piece.rows) > limits.most_rows:
            raise RejectedBatch(
                f"it has more than {limits.most_rows:,} rows. Reading stopped there. Ask the "
                "feed's owner for smaller files, or raise DEWS_MOST_ROWS."
            )
        yield piece


def cut_whole(stream: io.BufferedReader, source: SourceRules, limits: Limits) -> Piece:
    """Cut a file whose description needs all of its rows at once; gives its one piece.

    Raises:
        RejectedBatch: as ``cut``, or the file is too large to be read at once.
    """
    first, *further = islice(cut(stream, source, limits.at_once()), 2)
    if further:
        raise RejectedBatch(
            f"its description needs the whole file at once, and it has more than "
            f"{len(first.rows):,} rows. Ask the feed's owner for smaller files."
        )
    return first


def _cut_csv(stream: io.BufferedReader, source: SourceRules, limits: Limits) -> Iterator[Piece]:
    lines = csv_lines(
        _not_blank(decoded(stream, source.encoding)), longest=limits.most_row_characters
    )
    taken = 0

    def measured() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += len(line)
            if taken > limits.most_row_characters:
                raise RejectedBatch(_row_too_long(limits))
            yield line

    def records() -> Iterator[tuple[list[str], int]]:
        nonlocal taken
        for record in reader:
            if record:
                yield record, taken
            taken = 0

    reader = csv.reader(measured(), delimiter=source.delimiter, strict=True)
    try:
        yield from _cut_grid(records(), source, limits)
    except csv.Error as error:
        raise RejectedBatch(
            f"line {reader.line_num:,} is not valid CSV: {error}. A quotation mark is probably "
            "left open. Ask the feed's owner for the file again."
        ) from error


def _row_too_long(limits: Limits) -> str:
    return (
        f"a row has more than {limits.most_row_characters:,} signs. A quotation mark is probably "
        "left open, or the delimiter is another. Ask the feed's owner for the file again."
    )


def _not_blank(blocks: Iterable[str]) -> Iterator[str]:
    """Give the blocks; refuse a file that holds nothing but blanks."""
    is_blank = True
    for block in blocks:
        is_blank = is_blank and not block.strip()
        yield block
    if is_blank:
        raise RejectedBatch(EMPTY)


def _cut_grid(
    records: Iterator[tuple[list[Any], int]], source: SourceRules, limits: Limits
) -> Iterator[Piece]:
    """Cut rows of cells whose headings stand in one or several of the first."""
    above = [record for record, _ in islice(records, source.header_rows)]
    if len(above) < source.header_rows:
        raise RejectedBatch(f"the file has no line {source.header_rows} with headings.")
    lines = above[-source.heading_lines :]
    width = max(len(line) for line in lines)
    headings = tuple(read_headings([line + [None] * (width - len(line)) for line in lines]))
    if len(headings) > limits.most_columns:
        raise RejectedBatch(_too_many_columns(limits))
    if source.notes_from:
        records = without_notes(records, source.notes_from)
    yield from _pieces(records, limits, headings=headings)


def _too_many_columns(limits: Limits) -> str:
    return (
        f"it has more than {limits.most_columns:,} columns. Rows and columns are probably "
        "mixed up. Ask the feed's owner for the file again."
    )


def _pieces(
    sized_rows: Iterable[tuple[Any, int]], limits: Limits, *, headings: tuple[str, ...] = ()
) -> Iterator[Piece]:
    """Gather rows, each given with its size in signs, into pieces."""
    first_row, rows, characters = 1, [], 0
    for row, size in sized_rows:
        rows.append(row)
        characters += size
        if len(rows) >= limits.chunk_rows or characters >= limits.chunk_characters:
            yield Piece(first_row, rows, headings)
            first_row, rows, characters = first_row + len(rows), [], 0
    if rows or first_row == 1:
        yield Piece(first_row, rows, headings)


def _cut_jsonl(stream: io.BufferedReader, source: SourceRules, limits: Limits) -> Iterator[Piece]:
    blocks = _not_blank(decoded(stream, source.encoding))
    lines = lines_of(blocks, longest=limits.most_row_characters)
    yield from _pieces(_sized(lines), limits)


def _sized(lines: Iterable[str | Overlong]) -> Iterator[tuple[str | Overlong, int]]:
    for line in lines:
        if isinstance(line, Overlong):
            yield line, len(line.beginning)
        elif line.strip():
            yield line, len(line)


def _cut_xlsx(stream: io.BufferedReader, source: SourceRules, limits: Limits) -> Iterator[Piece]:
    lines = _sheet_lines(stream, source, limits)
    width = max((len(line) for line in lines), default=0)
    # Some writers leave empty cells at the end of a row out; they are there all the same.
    even = ((line + [None] * (width - len(line)), 0) for line in lines)
    yield from _cut_grid(even, source, limits)


def _sheet_lines(stream: io.BufferedReader, source: SourceRules, limits: Limits) -> list[list[Any]]:
    """Read the filled lines of one sheet, all of them, for a workbook has no parts."""
    try:
        _refuse_workbook_bomb(stream, limits)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise RejectedBatch(
            f"the file is not a readable workbook (XLSX): {error}. Fetch it again."
        ) from error
    try:
        if source.sheet is not None and source.sheet not in book.sheetnames:
            found = ", ".join(map(repr, book.sheetnames))
            raise RejectedBatch(
                f"the workbook has no sheet {source.sheet!r}. Found: {found}. Set source.sheet."
            )
        sheet = book[source.sheet or book.sheetnames[0]]
        # What a sheet says of its own size is often wrong, and would cut rows off.
        sheet.reset_dimensions()
        return list(_filled_lines(sheet.iter_rows(values_only=True), limits))
    finally:
        book.close()


def _refuse_workbook_bomb(stream: io.BufferedReader, limits: Limits) -> None:
    packed_bytes = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    refuse_growth(sum(sizes.values()), packed_bytes=packed_bytes, limits=limits)
    if sizes.get(_SHARED_TEXTS, 0) > _MOST_SHARED_BYTES:
        raise RejectedBatch(_workbook_too_large(limits))
    stream.seek(0)


def _filled_lines(lines: Iterable[tuple[Any, ...]], limits: Limits) -> Iterator[list[Any]]:
    """Give the lines that hold anything, without the empty cells at their ends."""
    cells = 0
    for line in lines:
        last = next((place for place in range(len(line), 0, -1) if line[place - 1] is not None), 0)
        if not last:
            continue
        cells += last
        if cells > limits.most_cells:
            raise RejectedBatch(_workbook_too_large(limits))
        yield list(line[:last])


def _workbook_too_large(limits: Limits) -> str:
    return (
        f"the workbook holds more than {limits.most_cells:,} cells, and a workbook can only be "
        "read as a whole. Ask the feed's owner for CSV, or for one sheet alone."
    )


def _cut_parquet(
    stream: io.BufferedReader, _source: SourceRules, limits: Limits
) -> Iterator[Piece]:
    try:
        stored = pq.ParquetFile(stream)
        _refuse_parquet_bomb(stored, stream.seek(0, io.SEEK_END), limits)
        headings = tuple(name.strip() for name in stored.schema_arrow.names)
        first_row = 1
        for rows in stored.iter_batches(batch_size=_batch_rows(stored.metadata, limits)):
            yield Piece(first_row, rows, headings)
            first_row += len(rows)
        if first_row == 1:
            yield Piece(first_row, pa.RecordBatch.from_pylist([], stored.schema_arrow), headings)
    except (pa.ArrowException, OSError) as error:
        raise RejectedBatch(
            f"the file is not readable Parquet: {error}. Fetch it again."
        ) from error


def _refuse_parquet_bomb(stored: Any, packed_bytes: int, limits: Limits) -> None:
    refuse_growth(_stored_bytes(stored.metadata), packed_bytes=packed_bytes, limits=limits)
    if stored.metadata.num_columns > limits.most_columns:
        raise RejectedBatch(_too_many_columns(limits))


def _stored_bytes(metadata: Any) -> int:
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    return sum(int(group.total_byte_size) for group in groups)


def _batch_rows(metadata: Any, limits: Limits) -> int:
    """Give the rows of a piece, fewer where they are long."""
    row_bytes = max(_stored_bytes(metadata) // max(int(metadata.num_rows), 1), 1)
    return max(min(limits.chunk_rows, limits.chunk_characters // row_bytes), 1)


CUTTERS: dict[str, Callable[[io.BufferedReader, SourceRules, Limits], Iterator[Piece]]] = {
    "csv": _cut_csv,
    "jsonl": _cut_jsonl,
    "xlsx": _cut_xlsx,
    "parquet": _cut_parquet,
}
