"""No file, however made, fills the memory or the disk: it is refused, or a row is held back."""

import gzip
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from surveillance.errors import RejectedBatch
from surveillance.feeds.cutting import Piece, cut
from surveillance.feeds.limits import Limits
from surveillance.feeds.reading import read_piece, read_table
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.unpacking import unpacked

CSV = SourceRules(
    location="",
    format="csv",
    member="*",
    delimiter=",",
    encoding="utf-8",
    sheet=None,
    header_rows=1,
)
JSONL = replace(CSV, format="jsonl")
SMALL = replace(Limits(), expansion_free_bytes=1_000, most_expansion=20)


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", content)
    return buffer.getvalue()


def pieces_of(content: bytes, source: SourceRules, limits: Limits) -> list[Piece]:
    with unpacked(io.BufferedReader(io.BytesIO(content)), source, limits) as stream:
        return list(cut(stream, source, limits))


def faults_of(*lines: str, limits: Limits = Limits()) -> dict[int, str]:  # noqa: B008 - frozen
    table = read_table("\n".join(lines).encode(), JSONL, limits)
    return {row.row_number: row.reasons[0] for row in table.broken}


@pytest.mark.parametrize("wrap", [gzip.compress, zipped])
def test_a_packed_file_that_grows_too_far_is_refused_while_it_is_read(wrap: Any) -> None:
    bomb = wrap(b"id,day\n" + b"0" * 5_000_000)

    with pytest.raises(RejectedBatch, match="grows to more than 20 times its size"):
        pieces_of(bomb, CSV, SMALL)


@pytest.mark.parametrize("wrap", [bytes, gzip.compress, zipped])
def test_a_file_that_is_too_large_unpacked_is_refused(wrap: Any) -> None:
    content = wrap(b"id,day\n" + b"1,2026-10-01\n" * 1_000)

    with pytest.raises(RejectedBatch, match="holds more than 9,000 bytes, unpacked"):
        pieces_of(content, CSV, replace(Limits(), most_unpacked_bytes=9_000))


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(zipped(b"id,day\n" + b"1,2026-10-01\n" * 1_000))
    size_in_directory = content.index(b"PK\x01\x02") + 24
    content[size_in_directory : size_in_directory + 4] = (50).to_bytes(4, "little")

    with pytest.raises(RejectedBatch, match="the zip file is damaged"):
        pieces_of(bytes(content), CSV, Limits())


def test_a_file_like_any_other_may_be_packed_tightly() -> None:
    content = gzip.compress(b"id,day\n" + b"1,2026-10-01\n" * 10_000)

    table = read_table(content, CSV)

    assert len(table) == 10_000


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (b"id,day\n" + b"1,2026-10-01\n" * 9, CSV),
        (b'{"id": 1}\n' * 9, JSONL),
    ],
)
def test_a_file_with_too_many_rows_is_refused(content: bytes, source: SourceRules) -> None:
    with pytest.raises(RejectedBatch, match=r"more than 8 rows.*DEWS_MOST_ROWS"):
        pieces_of(content, source, replace(Limits(), most_rows=8, chunk_rows=3))


def test_a_file_that_is_needed_whole_may_only_be_so_large() -> None:
    with pytest.raises(RejectedBatch, match="needs the whole file at once"):
        read_table(b"id\n1\n2\n3\n", CSV, replace(Limits(), most_rows_at_once=2))


def test_a_line_of_json_that_is_too_long_is_held_back_with_its_beginning_alone() -> None:
    limits = replace(Limits(), most_row_characters=200)
    long = json.dumps({"id": 2, "text": "x" * 5_000_000})

    table = read_table(f'{{"id": 1}}\n{long}\n{{"id": 3}}\n'.encode(), JSONL, limits)

    assert table.texts("id").tolist() == ["1", "3"]
    (row,) = table.broken
    assert row.row_number == 2
    assert row.reasons == (f"the row has {len(long):,} signs, more than 200",)
    assert len(row.raw) < 200


def test_a_line_of_csv_that_never_ends_refuses_the_file() -> None:
    with pytest.raises(RejectedBatch, match="more than 1,000,000 signs"):
        read_table(b"id,note\n1," + b"x" * 3_000_000, CSV)


def test_a_row_of_csv_that_is_never_closed_refuses_the_file_before_memory_is_full() -> None:
    with pytest.raises(RejectedBatch, match=r"not valid CSV|more than 1,000,000 signs"):
        read_table(b'id,note\n1,"' + b"x\n" * 3_000_000, CSV)


def test_json_that_lies_too_deep_is_held_back() -> None:
    deep = '{"id": 2, "a": ' + "[" * 40 + "]" * 40 + "}"
    deeper = '{"id": 3, "a": ' + "[" * 100_000 + "]" * 100_000 + "}"
    many = '{"id": 4, "a": [' + ", ".join(["[]"] * 40) + "]}"

    faults = faults_of('{"id": 1}', deep, deeper, many)

    assert faults == {
        2: "lists and objects lie more than 32 deep in each other",
        3: "the line is not valid JSON",
    }


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (r'{"id": "a\u0000b"}', "the row holds the sign NUL, which is no text"),
        (r'{"id": "a\ud800b"}', "the line holds half a sign, which is no text"),
        (r'{"id": "a\\u0000b"}', None),
        (r'{"id": "\ud83d\ude00"}', None),
    ],
)
def test_signs_that_no_database_takes_hold_the_row_back(line: str, fault: str | None) -> None:
    assert faults_of('{"id": 1}', line).get(2) == fault


def test_nul_in_a_cell_of_csv_holds_the_row_back() -> None:
    table = read_table(b"id,note\n1,a\x00b\n2,c\n", CSV)

    assert table.texts("id").tolist() == ["2"]
    assert table.broken[0].reasons == ("the row holds the sign NUL, which is no text",)


def test_a_number_longer_than_the_machine_s_own_keeps_every_digit() -> None:
    number = "12345678901234567890123"

    table = read_table(f'{{"id": {number}}}\n{{"id": 7}}\n'.encode(), JSONL)

    assert table.texts("id").tolist() == [number, "7"]


def test_a_table_with_too_many_columns_is_refused() -> None:
    headings = ",".join(f"c{number}" for number in range(3_000)).encode()

    with pytest.raises(RejectedBatch, match="more than 2,000 columns"):
        read_table(headings + b"\n", CSV)


def test_keys_that_nobody_asked_for_take_no_room() -> None:
    lines = [json.dumps({"id": number, f"k{number}": 1}) for number in range(500)]
    (piece,) = pieces_of("\n".join(lines).encode(), JSONL, Limits())

    table = read_piece(piece, JSONL, Limits(), wanted={"id"})

    assert list(table.by_column) == ["id"]
    assert len(table.columns) == 501


def test_a_workbook_with_too_many_cells_is_refused() -> None:
    book = openpyxl.Workbook()
    for _ in range(20):
        book.active.append(list(range(10)))
    buffer = io.BytesIO()
    book.save(buffer)

    with pytest.raises(RejectedBatch, match="more than 100 cells"):
        read_table(
            buffer.getvalue(), replace(CSV, format="xlsx"), replace(Limits(), most_cells=100)
        )


def test_parquet_that_unfolds_too_far_is_refused() -> None:
    buffer = io.BytesIO()
    column = pa.array(["x" * 1_000] * 100_000)
    pq.write_table(pa.table({"a": column}), buffer, use_dictionary=False, compression="zstd")

    with pytest.raises(RejectedBatch, match="grows to more than 20 times"):
        pieces_of(buffer.getvalue(), replace(CSV, format="parquet"), SMALL)


def test_long_rows_make_short_pieces() -> None:
    limits = replace(Limits(), chunk_characters=300)
    line = json.dumps({"id": 1, "text": "x" * 100})

    pieces = pieces_of("\n".join([line] * 9).encode(), JSONL, limits)

    assert [(piece.first_row, len(piece.rows)) for piece in pieces] == [(1, 3), (4, 3), (7, 3)]
