"""Workbooks and Parquet: errors, formulas, tricks of XML, bombs, torn files."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.integration.hostile.archives import zipped
from tests.integration.hostile.cases import GOOD, HEAD, Case, plain

Cell = str | int | float | date | datetime | None
# A workbook knows no time zones.
_MOMENT = datetime(2026, 9, 30, 13)  # noqa: DTZ001
_SHEET = "xl/worksheets/sheet1.xml"


def book(*changed: list[Cell]) -> bytes:
    """Give a workbook of good rows and changed ones."""
    opened = openpyxl.Workbook()
    sheet = opened.active
    sheet.append(HEAD.split(","))
    for number in range(GOOD):
        sheet.append(cells(f"D{number}"))
    for row in changed:
        sheet.append(row)
    target = io.BytesIO()
    opened.save(target)
    return target.getvalue()


def cells(key: str, *, day: Cell = date(2026, 9, 30), rank: Cell = 1) -> list[Cell]:
    """Give one row of a workbook."""
    return [key, "2026-10-01T09:00:00Z", day, "E06000002", "heroin", rank, "found drowsy"]


def edited(edit: Callable[[str], str]) -> bytes:
    """Give a workbook whose sheet is edited as text."""
    source = zipfile.ZipFile(io.BytesIO(book()))
    members = {name: source.read(name) for name in source.namelist()}
    members[_SHEET] = edit(members[_SHEET].decode()).encode()
    return zipped(members)


def _laughs(sheet: str) -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE worksheet [<!ENTITY l0 "lol">{entities}]>'
    return doctype + sheet.replace("found drowsy", "&l9;").replace(
        "</sheetData>", '<row r="99"><c t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>'
    )


def _outside(sheet: str) -> str:
    doctype = '<!DOCTYPE worksheet [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    row = '<row r="99"><c t="inlineStr"><is><t>&secret;</t></is></c></row></sheetData>'
    return doctype + sheet.replace("</sheetData>", row)


def _huge(sheet: str) -> str:
    row = '<row r="99"><c t="inlineStr"><is><t>' + "0" * (700 << 20) + "</t></is></c></row>"
    return sheet.replace("</sheetData>", row + "</sheetData>")


def _far_corner(sheet: str) -> str:
    start = sheet.index("<dimension")
    end = sheet.index("/>", start) + 2
    return sheet[:start] + '<dimension ref="A1:XFD1048576"/>' + sheet[end:]


def parquet(**changes: list[object]) -> bytes:
    """Give a Parquet file of good rows with some columns changed."""
    columns: dict[str, object] = {
        "id": [f"D{n}" for n in range(GOOD)],
        "received": ["2026-10-01T09:00:00Z"] * GOOD,
        "day": [date(2026, 9, 30)] * GOOD,
        "area": ["E06000002"] * GOOD,
        "drug": ["heroin"] * GOOD,
        "rank": [1] * GOOD,
        "text": ["found drowsy"] * GOOD,
    }
    target = io.BytesIO()
    pq.write_table(pa.table(columns | changes), target)
    return target.getvalue()


BOOKS = (
    Case("a good workbook", "xlsx", book, GOOD),
    Case(
        "a moment as its day",
        "xlsx",
        lambda: book(cells("D99", day=_MOMENT)),
        GOOD + 1,
    ),
    Case("an error as its day", "xlsx", lambda: book(cells("D99", day="#DIV/0!")), GOOD, 1),
    Case("a number as its day", "xlsx", lambda: book(cells("D99", day=46295)), GOOD, 1),
    Case(
        "a formula that was never worked out",
        "xlsx",
        lambda: book(cells("D99", rank="=1/0")),
        GOOD + 1,
    ),
    Case("a formula as its day", "xlsx", lambda: book(cells("D99", day="=TODAY()")), GOOD, 1),
    Case("a text that is a number", "xlsx", lambda: book(cells("D99", rank="1")), GOOD + 1),
    Case("a row of one cell", "xlsx", lambda: book(["D99"]), GOOD, 1),
    Case("it says that it is as large as can be", "xlsx", lambda: edited(_far_corner), GOOD),
    Case(
        "a billion laughs",
        "xlsx",
        lambda: edited(_laughs),
        refused="not a readable workbook",
        is_bomb=True,
    ),
    Case(
        "an entity from outside",
        "xlsx",
        lambda: edited(_outside),
        refused="not a readable workbook",
    ),
    Case("a cell of 700 MB", "xlsx", lambda: edited(_huge), refused="unpack", is_bomb=True),
    Case("a workbook cut short", "xlsx", lambda: book()[:-200], refused="not a readable workbook"),
    Case(
        "a zip that is no workbook",
        "xlsx",
        lambda: zipped({"a.csv": plain()}),
        refused="not a readable workbook",
    ),
    Case(
        "a web page called a workbook",
        "xlsx",
        lambda: b"<html><table><tr><td>1",
        refused="not a readable workbook",
    ),
    Case(
        "an old binary workbook",
        "xlsx",
        lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 900,
        refused="not a readable workbook",
    ),
    Case("good Parquet", "parquet", parquet, GOOD),
    Case("Parquet cut short", "parquet", lambda: parquet()[:-9], refused="not readable Parquet"),
    Case("text called Parquet", "parquet", plain, refused="not readable Parquet"),
    Case(
        "Parquet with a lying footer",
        "parquet",
        lambda: b"PAR1" + b"\xff" * 64 + b"\xff\xff\xff\x7fPAR1",
        refused="not readable Parquet",
    ),
    Case(
        "decimals and lists",
        "parquet",
        lambda: parquet(rank=[Decimal(1)] * GOOD, text=[["a"]] * GOOD),
        GOOD,
    ),
    Case("no column at all", "parquet", lambda: _no_column(), refused="missing"),
)


def _no_column() -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({}), target)
    return target.getvalue()
