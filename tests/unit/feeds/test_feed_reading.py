"""A file that cannot be read as a whole is refused, and the message says what to do."""

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from surveillance.errors import RejectedBatch
from surveillance.feeds.reading import check_columns, read_table
from surveillance.feeds.rules import SourceRules

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
XLSX = replace(CSV, format="xlsx")
PARQUET = replace(CSV, format="parquet")


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def workbook(rows: list[list[Any]], *, sheet: str = "Data") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b" \r\n ", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(RejectedBatch, match="the file is empty"):
        read_table(content, CSV)


def test_a_truncated_gzip_is_refused() -> None:
    whole = gzip.compress(b"id,day\n" + b"1,2026-10-01\n" * 500)

    with pytest.raises(RejectedBatch, match="cut short"):
        read_table(whole[:-9], CSV)


def test_a_damaged_gzip_is_refused() -> None:
    whole = bytearray(gzip.compress(b"id,day\n" + b"1,2026-10-01\n" * 500))
    whole[-8] ^= 0xFF

    with pytest.raises(RejectedBatch, match="the gzip file is damaged"):
        read_table(bytes(whole), CSV)


def test_a_zip_with_two_members_is_refused_with_their_names() -> None:
    content = zipped({"deaths.csv": "id\n1\n", "notes.csv": "id\n2\n"})

    with pytest.raises(RejectedBatch, match=r"holds: deaths\.csv, notes\.csv"):
        read_table(content, CSV)


def test_a_zip_with_two_members_is_read_when_the_description_names_one() -> None:
    content = zipped({"deaths.csv": "id\n1\n", "notes.txt": "read me"})

    table = read_table(content, replace(CSV, member="*.csv"))

    assert table.texts("id").tolist() == ["1"]


def test_a_damaged_zip_is_refused() -> None:
    content = zipped({"deaths.csv": "id\n1\n"})

    with pytest.raises(RejectedBatch, match="the zip file is damaged"):
        read_table(content[:40], CSV)


def test_a_locked_zip_is_refused() -> None:
    content = bytearray(zipped({"deaths.csv": "id\n1\n"}))
    content[content.index(b"PK\x01\x02") + 8] |= 0x1

    with pytest.raises(RejectedBatch, match="locked with a password"):
        read_table(bytes(content), CSV)


def test_a_wrong_encoding_is_refused_with_the_byte_and_the_line() -> None:
    content = "id,town\n1,Bangor\n2,Conwy\n3,Y Fflôt\n".encode("cp1252")

    with pytest.raises(RejectedBatch, match=r"byte 32 \(line 4\) is not utf-8.*cp1252"):
        read_table(content, CSV)


def test_utf_16_is_recognised_by_its_mark() -> None:
    content = "id\n1\n".encode("utf-16")

    with pytest.raises(RejectedBatch, match=r"Set source\.encoding to 'utf-16'"):
        read_table(content, CSV)

    assert read_table(content, replace(CSV, encoding="utf-16")).columns == ("id",)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_byte_order_mark_does_not_stick_to_the_first_heading(encoding: str) -> None:
    table = read_table(b"\xef\xbb\xbfid,day\n1,2\n", replace(CSV, encoding=encoding))

    assert table.columns == ("id", "day")


@pytest.mark.parametrize(("sign", "words"), [(";", "a semicolon"), ("\t", "a tab")])
def test_a_wrong_delimiter_is_recognised(sign: str, words: str) -> None:
    table = read_table(f"id{sign}day\n1{sign}2026-10-01\n".encode(), CSV)

    with pytest.raises(RejectedBatch, match=f"only one column was found.*{words}"):
        check_columns(table, needed=["id", "day"], used=["id", "day"], source=CSV)


def test_a_renamed_column_is_refused_with_the_nearest_name_and_all_that_were_found() -> None:
    table = read_table(b"id,DateOfDeath,sex\n1,2026-10-01,female\n", CSV)

    with pytest.raises(RejectedBatch) as caught:
        check_columns(table, needed=["id", "Date of death"], used=[], source=CSV)

    message = str(caught.value)
    assert "1 column is missing: 'Date of death' (nearest: 'DateOfDeath')" in message
    assert "Found: 'id', 'DateOfDeath', 'sex'" in message


def test_a_missing_column_without_a_near_name_is_refused() -> None:
    table = read_table(b"id,sex\n1,female\n", CSV)

    with pytest.raises(RejectedBatch, match=r"2 columns are missing: 'quarter', 'zone'\."):
        check_columns(table, needed=["quarter", "zone"], used=[], source=CSV)


def test_a_heading_that_stands_twice_is_refused_only_if_it_is_used() -> None:
    table = read_table(b"id,note,note,id\n1,a,b,2\n", CSV)

    check_columns(table, needed=[], used=["day"], source=CSV)
    with pytest.raises(RejectedBatch, match="'id' stands more than once"):
        check_columns(table, needed=["id"], used=["id"], source=CSV)

    assert table.raw[0] == '{"id": "1", "note": "a", "note (2)": "b", "id (2)": "2"}'


def test_a_quotation_mark_left_open_is_refused() -> None:
    with pytest.raises(RejectedBatch, match="is not valid CSV"):
        read_table(b'id,note\n1,"never closed\n2,x\n', CSV)


def test_a_row_with_too_many_or_too_few_fields_is_held_back_and_the_rest_is_read() -> None:
    table = read_table(b"id,day\n1,a\n2,b,c\n\n3\n4,d\n", CSV)

    assert table.row_numbers.tolist() == [1, 4]
    assert [row.row_number for row in table.broken] == [2, 3]
    assert table.broken[0].reasons == ("the row has 3 fields, the headings are 2",)
    assert table.broken[0].raw == '["2", "b", "c"]'


def test_crlf_line_ends_blank_lines_and_line_breaks_in_quotes_are_read() -> None:
    table = read_table(b'id,note\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n', CSV)

    assert table.texts("id").tolist() == ["1", "2"]
    assert table.texts("note").tolist() == ["two\r\nlines", "x"]


def test_headings_below_a_title_are_found() -> None:
    table = read_table(b"Deaths by day\nid,day\n1,2\n", replace(CSV, header_rows=2))

    assert table.columns == ("id", "day")
    with pytest.raises(RejectedBatch, match="no line 9 with headings"):
        read_table(b"id\n1\n", replace(CSV, header_rows=9))


def test_a_torn_json_line_is_held_back_and_the_rest_is_read() -> None:
    content = b'{"id": 1}\n[2]\n{"id": NaN}\n\n{"id": "4", "drug": null}\n{"id": 5'

    table = read_table(content, JSONL)

    assert table.texts("id").tolist() == ["1", "4"]
    assert table.texts("drug").tolist() == ["", ""]
    assert [(row.row_number, row.reasons[0]) for row in table.broken] == [
        (2, "the line is JSON but no object"),
        (3, "the line is not valid JSON"),
        (5, "the line is not valid JSON at character 9"),
    ]


def test_a_file_that_is_no_json_at_all_is_refused() -> None:
    with pytest.raises(RejectedBatch, match="none of its 2 lines is a JSON object"):
        read_table(b"id,day\n1,2026-10-01\n", JSONL)


def test_a_workbook_with_a_date_cell_is_read() -> None:
    moment = datetime(2026, 10, 1, 14, 5, tzinfo=UTC).replace(tzinfo=None)
    content = workbook([["id", "day", "at", "n"], [7.0, date(2026, 10, 1), moment, 1.5]])

    table = read_table(content, XLSX)

    texts = {name: table.texts(name)[0] for name in table.columns}
    assert texts == {"id": "7", "day": "2026-10-01", "at": "2026-10-01T14:05:00", "n": "1.5"}


def test_a_sheet_that_is_missing_is_refused_with_those_found() -> None:
    content = workbook([["id"], [1]], sheet="Table 1")

    with pytest.raises(RejectedBatch, match=r"no sheet 'Deaths'\. Found: 'Table 1'"):
        read_table(content, replace(XLSX, sheet="Deaths"))


@pytest.mark.parametrize("content", [b"id,day\n1,2\n", zipped({"a.txt": "x"})])
def test_a_file_that_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(RejectedBatch, match="not a readable workbook"):
        read_table(content, XLSX)


def test_parquet_is_read_with_its_types() -> None:
    buffer = io.BytesIO()
    stored = pa.table({"id": [1, 2], "day": [date(2026, 10, 1), None], "drugs": [["a"], []]})
    pq.write_table(stored, buffer)

    table = read_table(buffer.getvalue(), PARQUET)

    assert table.texts("day").tolist() == ["2026-10-01", ""]
    assert table.cells("drugs").tolist() == [["a"], []]
    assert table.raw[0] == '{"id": 1, "day": "2026-10-01", "drugs": ["a"]}'


def test_a_file_that_is_no_parquet_is_refused() -> None:
    with pytest.raises(RejectedBatch, match="not readable Parquet"):
        read_table(b"id,day\n1,2\n", PARQUET)


@pytest.mark.parametrize("wrap", [gzip.compress, lambda content: zipped({"a": content.decode()})])
def test_a_wrapping_is_found_by_content(wrap: Callable[[bytes], bytes]) -> None:
    table = read_table(wrap(b"id\n1\n"), CSV)

    assert table.texts("id").tolist() == ["1"]
