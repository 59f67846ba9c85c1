"""A first description is guessed from a sample, loads, and reads that sample."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from surveillance.errors import InputError
from surveillance.feeds.description import FeedDescription, load_description
from surveillance.feeds.drafting.writing import draft
from surveillance.feeds.landing import land
from surveillance.feeds.parsing import ParsedBatch, parse
from surveillance.register import Register

Drafted = tuple[FeedDescription, ParsedBatch]
Draft = Callable[..., Drafted]


@pytest.fixture
def drafted(tmp_path: Path, register: Register) -> Draft:
    """Draft a description of some bytes, load it, and read the bytes by it."""

    def write_and_read(content: bytes | str, *, kind: str | None = None) -> Drafted:
        data = content.encode() if isinstance(content, str) else content
        text = draft(data, name="sample", kind=kind, register=register, hint="2007")
        path = tmp_path / "sample.toml"
        path.write_text(text, encoding="utf-8")
        (tmp_path / "sample").write_bytes(data)
        description = load_description(path)
        (batch,) = land(
            description,
            raw_folder=tmp_path / "raw",
            fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
            is_history=True,
            known=(),
            location=str(tmp_path / "sample"),
        )
        return description, parse(
            batch, description, raw_folder=tmp_path / "raw", register=register
        )

    return write_and_read


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no row"),
        (b"name,number\na,1\nb,2\n", "No column of the sample holds dates.*Found: name, number"),
        (b'a,"b\n1,2\n', "No column|not valid CSV"),
        (b"PK\x03\x04 broken", "The zip is damaged"),
        (b"PAR1 broken", "not readable Parquet"),
        (b"\x81\x8d\x8f binary", "no text, no workbook"),
        (b"date,n\n2024-01-01,\x00\n", "no text, no workbook"),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "cut short"),
    ],
)
def test_a_sample_that_makes_no_feed_is_refused_with_the_reason(
    content: bytes, problem: str, drafted: Draft
) -> None:
    with pytest.raises(InputError, match=problem):
        drafted(content)


def test_a_line_list_of_deaths(drafted: Draft) -> None:
    rows = [
        f"D{n},{day}/02/2024,{day}/03/2024,Middlesbrough,{20 + n},M,heroin; etizolam"
        for n, day in enumerate(range(10, 25))
    ]
    heading = "death_id,date of death,date received,area of residence,age,sex,toxicology"

    description, parsed = drafted("\n".join([heading, *rows]) + "\n")

    assert (description.kind, description.identity_columns) == ("death", ("death_id",))
    assert description.received.column == "date received"
    assert parsed.rejected == ()
    assert set(parsed.rows["area_code"]) == {"E06000002"}
    assert str(parsed.rows["occurred_on"][0]) == "2024-02-10"
    assert {m.substance_id for m in parsed.rows["substances"][0]} == {"heroin", "etizolam"}
    assert set(parsed.rows["sex"]) == {"male"}


def test_a_day_that_may_also_be_a_month_is_marked(register: Register) -> None:
    content = b"id,date,area,n\n1,01/02/2024,Leeds,4\n2,03/04/2024,Bradford,5\n"

    text = draft(content, name="x", kind=None, register=register, hint="2007")

    assert "CHECK: day before month or month before day?" in text


def test_months_that_only_america_writes_are_read_so(drafted: Draft) -> None:
    description, parsed = drafted("id,date,area,n\n1,02/13/2024,Leeds,4\n2,03/04/2024,Leeds,5\n")

    assert description.columns["occurred_on"].date_formats == ("%m/%d/%Y",)
    assert len(parsed.rows) == 2


def test_a_wide_table_of_years_with_semicolons_and_umlauts(drafted: Draft) -> None:
    content = (
        "code;name;2019;2020;2021\nW06000001;Ynys Môn;3;x;4\nE06000002;Middlesbrough;25;34;35\n"
    )

    description, parsed = drafted(content.encode("cp1252"))

    assert (description.source.delimiter, description.source.encoding) == (";", "cp1252")
    assert description.shape.unpivot is not None
    assert description.figures is not None
    assert description.figures.missing == ("", "x")
    assert parsed.rows_present == 6
    assert len(parsed.rows) == 5
    assert set(parsed.rows["area_code"]) == {"W06000001", "E06000002"}


def test_a_workbook_with_years_over_quarters_and_notes(drafted: Draft) -> None:
    book = openpyxl.Workbook()
    quarters = ["January to March", "April to June", "July to September", "October to December"]
    for line in (
        ["Deaths by area"],
        ["Area", 2022, None, None, None, 2023],
        [None, *quarters, quarters[0]],
        ["Leeds", 1, 2, 3, 4, 5],
        ["Bradford", 1, 2, 3, 4, 5],
        ["Source: someone"],
        ["Notes on this"],
    ):
        book.active.append(line)
    buffer = io.BytesIO()
    book.save(buffer)

    description, parsed = drafted(buffer.getvalue())

    assert (description.source.header_rows, description.source.heading_lines) == (3, 2)
    assert description.source.notes_from == "Source"
    assert (parsed.rows_present, parsed.rejected) == (10, ())
    assert set(parsed.rows["occurred_precision"]) == {"quarter"}


def test_single_crimes_are_counted_by_place_and_month(drafted: Draft) -> None:
    rows = [f"{n},2024-03,Middlesbrough 00{n}A,Burglary" for n in range(1, 9)]
    content = "\n".join(["Crime ID,Month,LSOA name,Crime type", *rows, rows[0]]) + "\n"

    description, parsed = drafted(content)

    assert description.shape.aggregate is not None
    assert parsed.rows["numerator"].tolist() == [9]
    assert parsed.rows["area_code"].tolist() == ["E06000002"]


def test_a_parquet_of_financial_quarters_by_force(drafted: Draft) -> None:
    frame = pd.DataFrame(
        {
            "FY": ["2012/13"] * 4,
            "Financial Quarter": [1.0, 2.0, 3.0, 4.0],
            "Force": ["Norfolk", "Suffolk", "Norfolk", "Suffolk"],
            "n": [5.0, 6.0, -1.0, 0.0],
        }
    )
    buffer = io.BytesIO()
    frame.to_parquet(buffer)

    description, parsed = drafted(buffer.getvalue())

    assert description.area.kinds == ("police_area",)
    assert description.columns["occurred_on"].first_month == 4
    assert parsed.rows["numerator"].tolist() == [5, 6, -1, 0]
    assert {str(day) for day in parsed.rows["occurred_on"]} == {
        "2012-04-01",
        "2012-07-01",
        "2012-10-01",
        "2013-01-01",
    }


def test_json_lines_with_objects_of_substances_and_reactions(drafted: Draft) -> None:
    report = {
        "report_id": "R1",
        "received_at": "2026-09-30T14:05:00Z",
        "event_date": "2026-09-27",
        "area_code": "E06000002",
        "substances": [{"name": "heroin", "role": "suspect"}],
        "reactions": ["seizure"],
    }
    content = "\n".join(json.dumps(report | {"report_id": f"R{n}"}) for n in range(4))

    description, parsed = drafted(content)

    assert description.kind == "reaction_report"
    assert description.received.column == "received_at"
    assert parsed.rows["substances"][0][0].substance_id == "heroin"
    assert len(parsed.rows["reactions"][0]) == 1
    assert parsed.rejected == ()


def test_ticks_for_each_drug_in_a_zip(drafted: Draft) -> None:
    content = "No,Date,Heroin,Fentanyl,Sex\n1,2024-01-05,Y,,F\n2,2024-01-06,N,Y,M\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data/deaths.csv", content)
        archive.writestr("readme.md", "read me")

    description, parsed = drafted(buffer.getvalue(), kind="death")

    assert description.source.member == "*.csv"
    assert description.substances.flags is not None
    named = [[m.substance_id for m in mentions] for mentions in parsed.rows["substances"]]
    assert named == [["heroin"], ["fentanyl"]]


def test_months_without_a_year_take_the_hint_and_say_so(drafted: Draft) -> None:
    content = "state,potency,weight,month,price\nWA,77,217,1,5000\nCT,51,248,12,4800\n"

    description, parsed = drafted(content)

    assert description.kind == "market_observation"
    assert (description.constants, description.area.within) == ({"year": "2007"}, "US")
    assert parsed.rows["area_code"].tolist() == ["US-WA", "US-CT"]
    assert parsed.rows["purity_percent"].tolist() == [77, 51]


def test_a_seizure_keeps_its_amount_and_unit(drafted: Draft) -> None:
    content = "COUNTRY,SEIZURE_DATE,DRUG_NAME,AMOUNT,DRUG_UNIT\n"
    content += "Georgia,2011-03-14,Heroin,490.0,Gram\nSpain,2011-04-01,JWH-018,2.5,Kilogram\n"

    description, parsed = drafted(content)

    assert (description.kind, description.area.within) == ("sighting", "")
    assert parsed.rows["area_code"].tolist() == ["GE", "ES"]
    assert parsed.rows["quantity_unit"].tolist() == ["Gram", "Kilogram"]


def test_what_a_worker_noticed_without_a_place_or_drug(drafted: Draft) -> None:
    content = "date,what was noticed\n2024-03-01,People pass out within minutes\n"

    description, parsed = drafted(content)

    assert description.kind == "event"
    assert parsed.rows["further"].tolist() == ["People pass out within minutes"]
    assert parsed.rows["area_code"].tolist() == ["K02000001"]


def test_a_share_has_its_denominator(drafted: Draft) -> None:
    content = (
        "month,police force,positive,tests\n2024-03,Cleveland,56,100\n2024-04,Cleveland,9,20\n"
    )

    description, parsed = drafted(content)

    assert description.figures is not None
    assert dict(description.figures.columns) == {"numerator": "positive", "denominator": "tests"}
    assert description.area.kinds == ("police_area",)
    assert parsed.rows["denominator"].tolist() == [100, 20]
