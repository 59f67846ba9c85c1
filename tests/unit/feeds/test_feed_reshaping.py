"""Wide, long, double-headed and single-event files become rows, and no row is lost."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import openpyxl
import pytest

from surveillance.errors import RejectedBatch, SettingsError
from surveillance.feeds import reshaping
from surveillance.feeds.parsing import ParsedBatch

Read = Callable[..., ParsedBatch]

HEAD = """
title = "Figures of a test"
kind = "indicator"
owner = "Test desk"
cadence = "monthly"
expected_lag_days = 100

[received]
assumed_lag_days = 60

[indicator]
name = "crime"
unit = "crimes"
numerator = "n"
"""
WIDE = (
    HEAD
    + """
[source]
location = "in/*"
format = "csv"

[unpivot]
by = ["code"]
names = ["year"]
value = "n"

[identity]
columns = ["code", "year"]

[area]
columns = ["code"]

[columns]
occurred_on = { year = "year" }
"""
)
EVENTS = (
    HEAD
    + """
[source]
location = "in/*"
format = "csv"

[derived.authority]
column = "LSOA"
drop_last = 5
area = true

[[keep]]
column = "type"
values = ["Burglary", "Robbery"]
others = ["Drugs", "Public*"]

[aggregate]
by = ["month", "authority", "type"]
count = "n"
complete = true

[identity]
columns = ["month", "authority", "type"]

[area]
columns = ["authority"]

[columns]
occurred_on = { column = "month", date_formats = ["%Y-%m"] }
category = "type"
"""
)
SUMS = EVENTS.replace('count = "n"\ncomplete = true', 'sums = ["n"]')


def figures(parsed: ParsedBatch) -> dict[str, float]:
    return dict(zip(parsed.rows["source_ref"], parsed.rows["numerator"], strict=True))


def is_whole(parsed: ParsedBatch) -> bool:
    rejected = parsed.source_rows(row.row_number for row in parsed.rejected)
    return parsed.rows_present == parsed.rows_accepted + rejected + parsed.rows_set_aside


def events(*rows: str) -> str:
    return "\n".join(["month,LSOA,type", *rows]) + "\n"


def test_a_cell_that_is_no_number_holds_back_that_cell_alone(read: Read) -> None:
    parsed = read("code,2019,2020\nE06000002,7,x\nE06000001,5,6\n", text=WIDE)

    assert figures(parsed) == {"E06000002|2019": 7, "E06000001|2019": 5, "E06000001|2020": 6}
    assert [row.reasons for row in parsed.rejected] == [("numerator: not a number",)]
    assert '"year": "2020"' in parsed.rejected[0].raw
    assert (parsed.rows_present, is_whole(parsed)) == (4, True)


def test_an_empty_cell_of_a_wide_table_is_not_supplied_and_never_zero(read: Read) -> None:
    parsed = read("code,2019,2020\nE06000002,,0\n", text=WIDE)

    assert figures(parsed) == {"E06000002|2020": 0}
    assert "n: 1 of 2 figures not supplied (numerator)" in parsed.findings
    assert is_whole(parsed)


def test_a_torn_line_of_a_wide_table_is_held_back_beside_the_cells(read: Read) -> None:
    parsed = read("code,2019,2020\nE06000002,7\nE06000001,5,6\n", text=WIDE)

    assert (parsed.rows_present, len(parsed.rejected)) == (3, 1)
    assert len({*parsed.rows["row_number"], parsed.rejected[0].row_number}) == 3


def test_a_wide_table_with_a_year_twice_is_refused(read: Read) -> None:
    with pytest.raises(RejectedBatch, match="'2019' stands more than once"):
        read("code,2019,2019\nE06000002,7,8\n", text=WIDE)


def test_a_table_without_a_wide_column_is_refused(read: Read) -> None:
    with pytest.raises(RejectedBatch, match="so the table is not wide"):
        read("code\nE06000002\n", text=WIDE)


def test_cells_without_a_heading_are_counted_and_left_out(read: Read) -> None:
    parsed = read("code,2019,\nE06000002,7,9\n", text=WIDE)

    assert "1 cells in columns without a heading were left out" in parsed.findings
    assert figures(parsed) == {"E06000002|2019": 7}


def test_single_events_are_counted_by_authority_and_month(read: Read) -> None:
    rows = ["2024-03,Middlesbrough 001A,Burglary"] * 3
    rows += ["2024-03,Middlesbrough 014B,burglary", "2024-03,Hartlepool 002C,Robbery"]
    rows += ["2024-03,Hartlepool 002C,Drugs", "2024-03,Hartlepool 002C,Public order"]

    parsed = read(events(*rows), text=EVENTS)

    assert figures(parsed)["2024-03|E06000002|Burglary"] == 3
    assert (parsed.rows_accepted, parsed.rows_set_aside, parsed.rejected) == (5, 2, ())
    assert "2 of 7 rows are not of this feed, by 'type'" in parsed.findings


def test_a_kind_of_event_without_a_row_is_zero_where_the_file_lists_every_event(
    read: Read,
) -> None:
    rows = ["2024-03,Middlesbrough 001A,Burglary", "2024-03,Hartlepool 002C,Burglary"]

    parsed = read(events(*rows), text=EVENTS)

    assert figures(parsed) == {
        "2024-03|E06000002|Burglary": 1,
        "2024-03|E06000001|Burglary": 1,
        "2024-03|E06000002|Robbery": 0,
        "2024-03|E06000001|Robbery": 0,
    }
    assert (parsed.rows_present, parsed.rows_accepted, is_whole(parsed)) == (2, 2, True)


def test_a_value_that_neither_list_names_is_held_back_and_seen(read: Read) -> None:
    rows = ["2024-03,Middlesbrough 001A,Burglary", "2024-03,Middlesbrough 001A,Arson"]

    parsed = read(events(*rows), text=EVENTS)

    assert [row.reasons for row in parsed.rejected] == [
        ("type: the value is neither among those to keep nor among the others",)
    ]
    assert (parsed.rejected[0].row_number, is_whole(parsed)) == (2, True)


def test_without_others_every_further_value_is_another_feeds(read: Read) -> None:
    text = EVENTS.replace('others = ["Drugs", "Public*"]\n', "")

    parsed = read(events("2024-03,Middlesbrough 001A,Arson"), text=text)

    assert (parsed.rows_set_aside, len(parsed.rejected), len(parsed.rows)) == (1, 0, 0)


def test_a_figure_with_a_fault_is_held_back_with_all_the_rows_behind_it(read: Read) -> None:
    rows = ["March,Middlesbrough 001A,Burglary"] * 3 + ["2024-03,Hartlepool 002C,Robbery"]

    parsed = read(events(*rows), text=EVENTS.replace("complete = true\n", ""))

    (held,) = parsed.rejected
    assert held.reasons == ("occurred_on: not a date as %Y-%m",)
    assert parsed.source_rows([held.row_number]) == 3
    assert (parsed.rows_accepted, is_whole(parsed)) == (1, True)


def test_a_place_that_the_register_lacks_keeps_its_words(read: Read) -> None:
    rows = ["2024-03,Ruritania 001A,Burglary", "2024-03,,Burglary"]

    parsed = read(events(*rows), text=EVENTS.replace("complete = true\n", ""))

    assert parsed.rows["area_code"].tolist() == ["unknown", "unknown"]
    assert parsed.rows["area_verbatim"].tolist() == ["Ruritania", "unknown"]


def test_too_many_combinations_are_refused_before_they_fill_the_memory(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reshaping, "MOST_FIGURES", 3)
    rows = ["2024-03,Middlesbrough 001A,Burglary", "2024-04,Hartlepool 002C,Robbery"]

    with pytest.raises(RejectedBatch, match="combine to more than 3 figures"):
        read(events(*rows), text=EVENTS)


def test_figures_of_one_category_under_two_names_are_added(read: Read) -> None:
    renamed = '[derived.kind]\ncolumn = "type"\nvalues = { Burglary = "Robbery" }\n[[keep]]'
    text = SUMS.replace("[[keep]]", renamed).replace('"authority", "type"]', '"authority", "kind"]')
    text = text.replace('category = "type"', 'category = "kind"')
    content = "month,LSOA,type,n\n2024-03,Hartlepool 002C,Burglary,5\n"
    content += "2024-03,Hartlepool 002C,Robbery,-2\n"

    parsed = read(content, text=text)

    assert figures(parsed) == {"2024-03|E06000001|Robbery": 3}
    assert (parsed.rows_accepted, is_whole(parsed)) == (2, True)


def test_a_sum_with_a_part_that_is_no_number_is_held_back_whole(read: Read) -> None:
    content = "month,LSOA,type,n\n2024-03,Hartlepool 002C,Burglary,5\n"
    content += "2024-03,Hartlepool 002C,Burglary,\n2024-03,Hartlepool 002C,Robbery,2\n"

    parsed = read(content, text=SUMS)

    assert figures(parsed) == {"2024-03|E06000001|Robbery": 2}
    assert [row.reasons for row in parsed.rejected] == [
        ("n: another row of the same figure is not a number",),
        ("n: not a number",),
    ]
    assert is_whole(parsed)


def test_a_derived_column_that_the_file_also_has_refuses_the_batch(read: Read) -> None:
    with pytest.raises(RejectedBatch, match="the file has a column 'authority'"):
        read("month,LSOA,type,authority\n2024-03,a,Burglary,b\n", text=EVENTS)


def test_a_column_that_reshaping_needs_and_the_file_lacks_refuses_the_batch(read: Read) -> None:
    with pytest.raises(RejectedBatch, match=r"1 column is missing: 'LSOA' \(nearest: 'LSOAs'\)"):
        read("month,LSOAs,type\n2024-03,a,Burglary\n", text=EVENTS)


def test_an_id_of_a_value_map_that_the_register_lacks_is_a_fault(read: Read) -> None:
    named = '[[substances.list]]\ncolumn = "type"\nvalues = { Burglary = "herion" }\n'

    with pytest.raises(SettingsError, match=r"no substance 'herion' \(nearest: 'heroin'\)"):
        read(events("2024-03,Hartlepool 002C,Burglary"), text=EVENTS + named)


def test_half_a_name_is_no_substance_where_the_whole_is_asked_for(read: Read) -> None:
    named = '[[substances.list]]\ncolumn = "type"\nwhole = true\n'
    text = (EVENTS + named).replace('values = ["Burglary", "Robbery"]', 'values = ["*"]')
    text = text.replace('others = ["Drugs", "Public*"]\n', "").replace("complete = true\n", "")
    name = "Heroin of an unheard-of make"

    parsed = read(events(f"2024-03,Hartlepool 002C,{name}"), text=text)

    (mention,) = parsed.rows["substances"][0]
    assert (mention.substance_id, mention.verbatim) == ("unknown", name)


def workbook(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


DOUBLE = (
    WIDE.replace('format = "csv"', 'format = "xlsx"\nheader_rows = 3\nheading_lines = 2')
    .replace("heading_lines = 2", 'heading_lines = 2\nnotes_from = "Source"')
    .replace('names = ["year"]', 'names = ["year", "quarter"]')
    .replace('columns = ["code", "year"]', 'columns = ["code", "year", "quarter"]')
    .replace('{ year = "year" }', '{ year = "year", quarter = "quarter" }')
)


def test_a_workbook_with_two_lines_of_headings_and_notes_is_read(read: Read) -> None:
    content = workbook(
        ["Table A: deaths by quarter"],
        ["code", 2022, None, 2023],
        [None, "January to March", "April to June", "Q1"],
        ["E06000002", 5, 6, 7],
        ["Source: a police force"],
        ["Footnotes", "none", "of", "these"],
    )

    parsed = read(content, text=DOUBLE)

    assert parsed.rows["occurred_on"].tolist() == [
        date(2022, 1, 1),
        date(2022, 4, 1),
        date(2023, 1, 1),
    ]
    assert set(parsed.rows["occurred_precision"]) == {"quarter"}
    assert (parsed.rows_present, parsed.rejected) == (3, ())


def test_a_heading_with_a_line_too_few_holds_its_cells_back(read: Read) -> None:
    content = workbook(["Table A"], ["code", 2022, "All"], [None, "Q1", None], ["E06000002", 5, 30])

    parsed = read(content, text=DOUBLE)

    assert len(parsed.rows) == 1
    assert [row.reasons for row in parsed.rejected] == [
        ("occurred_on: year and parts make no date", "source_ref: 'quarter' is empty")
    ]


NAMED = WIDE.replace(
    'format = "csv"', 'format = "csv"\nname_pattern = "{quarter}{year}_*"'
).replace("assumed_lag_days = 60", "published_days = 75")


def test_a_file_whose_name_does_not_tell_its_period_is_refused(read: Read) -> None:
    with pytest.raises(RejectedBatch, match="its name does not tell what it should"):
        read("code,2019\nE06000002,7\n", text=NAMED, name="newest.csv")


def test_the_name_of_a_release_says_when_its_rows_were_known(read: Read) -> None:
    parsed = read("code,2019\nE06000002,7\n", text=NAMED, name="AprJun2021_a.csv")

    assert parsed.rows["received_at"].tolist() == [datetime(2021, 9, 14, tzinfo=UTC)]
    # It says nothing of a single row, so that a row told again is no new version.
    assert parsed.rows["source_received_at"].tolist() == [None]


def test_a_release_is_never_known_before_it_was_fetched_nor_published_after(read: Read) -> None:
    parsed = read("code,2019\nE06000002,7\n", text=NAMED, name="JulSep2026_a.csv", is_history=False)

    assert parsed.rows["received_at"].tolist() == [datetime(2026, 10, 5, 6, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("parts", "headings", "day"),
    [
        ('{ year = "y", quarter = "q", first_month = 4 }', "2012/13,1", date(2012, 4, 1)),
        ('{ year = "y", quarter = "q", first_month = 4 }', "2012/13,4", date(2013, 1, 1)),
        ('{ year = "y", quarter = "q", first_month = 4 }', "2012-13,Jan-Mar", date(2013, 1, 1)),
        ('{ year = "y", quarter = "q" }', "2012,Quarter 3", date(2012, 7, 1)),
        ('{ year = "y", month = "q", first_month = 4 }', "2012/13,February", date(2013, 2, 1)),
        ('{ year = "y", first_month = 4 }', "2012/13,", date(2012, 4, 1)),
        ('{ year = "y", quarter = "q" }', "2012/13,1", None),
        ('{ year = "y", quarter = "q" }', "2012,5", None),
        ('{ year = "y", quarter = "q" }', "2012,January to April", None),
    ],
)
def test_quarters_and_financial_years_are_read(
    parts: str, headings: str, day: date | None, read: Read
) -> None:
    text = HEAD + '[source]\nlocation = "in/*"\nformat = "csv"\n[identity]\nrow = true\n'
    text += f'[area]\ncolumns = ["code"]\n[columns]\noccurred_on = {parts}\n'

    parsed = read(f"code,y,q,n\nE06000002,{headings},3\n", text=text)

    assert parsed.rows["occurred_on"].tolist() == ([] if day is None else [day])


def test_a_police_force_is_found_under_a_name_it_shares_with_a_county(read: Read) -> None:
    area = '[area]\ncolumns = ["code"]'
    forces = WIDE.replace(area, area + '\nkinds = ["police_area"]')

    parsed = read("code,2019\nNorfolk,7\n", text=forces)

    assert parsed.rows["area_code"].tolist() == ["E23000024"]
