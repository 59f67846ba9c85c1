"""Laws of reshaping: whatever a file holds, every row is used, held back or set aside."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from surveillance.domain import RejectedRow
from surveillance.feeds.reshaping import Reshaped, reshape
from surveillance.feeds.shaping import (
    AggregateRule,
    DerivedRule,
    KeepRule,
    Shape,
    UnpivotRule,
)
from surveillance.feeds.table import Table, objects, raw_json

KINDS = st.sampled_from(["burglary", "Robbery", "drugs", "", "new kind"])
PLACES = st.sampled_from(["Leeds 001A", "Bradford 002B", "", "x"])
NUMBERS = st.sampled_from(["0", "3", "-2", "1.5", "", "x", "1e400"])
ROWS = st.lists(st.tuples(KINDS, PLACES, NUMBERS), max_size=25)
KEEP = KeepRule("kind", wanted=("burglary", "rob*"), others=("drugs",))
PLACE = {"place": DerivedRule("where", cut=("drop_last", 5), value_map={}, is_area=True)}
COUNT = AggregateRule(by=("kind", "place"), count="count", sums=(), is_complete=True)
SUM = AggregateRule(by=("kind", "place"), count="", sums=("n",), is_complete=False)


def table_of(rows: list[tuple[str, str, str]]) -> Table:
    names = ("kind", "where", "n")
    columns = {name: objects([row[place] for row in rows]) for place, name in enumerate(names)}
    raw = [raw_json(dict(zip(names, row, strict=True))) for row in rows]
    numbers = list(range(1, len(rows) + 1))
    torn = RejectedRow(len(rows) + 1, "torn", ("the row has 1 fields",))
    return Table(names, columns, objects(numbers), objects(raw), broken=(torn,))


def find_area(text: str) -> str | None:
    return {"Leeds": "E08000035", "Bradford": "E08000032"}.get(text)


def used(shaped: Reshaped) -> int:
    return sum(shaped.behind.get(int(number), 1) for number in shaped.table.row_numbers)


def has_distinct_numbers(shaped: Reshaped) -> bool:
    numbers = [*shaped.table.row_numbers, *(row.row_number for row in shaped.table.broken)]
    return len(set(numbers)) == len(numbers)


def is_whole(shaped: Reshaped, present: int) -> bool:
    told = used(shaped) + len(shaped.table.broken) + shaped.set_aside
    return told == shaped.source_rows == present


@given(ROWS)
def test_every_row_is_counted_held_back_or_set_aside(rows: list[tuple[str, str, str]]) -> None:
    shape = Shape(derived=PLACE, keeps=(KEEP,), aggregate=COUNT)

    shaped = reshape(table_of(rows), shape, find_area=find_area)

    assert is_whole(shaped, len(rows) + 1)
    assert has_distinct_numbers(shaped)
    assert sum(shaped.table.by_column["count"]) == used(shaped)


@given(ROWS)
def test_every_row_is_added_up_held_back_or_set_aside(rows: list[tuple[str, str, str]]) -> None:
    shape = Shape(derived=PLACE, keeps=(KEEP,), aggregate=SUM)

    shaped = reshape(table_of(rows), shape, find_area=find_area)

    assert is_whole(shaped, len(rows) + 1)
    assert has_distinct_numbers(shaped)
    assert all(isinstance(one, float) for one in shaped.table.by_column["n"])


@given(ROWS)
def test_a_wide_table_has_a_row_for_every_cell(rows: list[tuple[str, str, str]]) -> None:
    shape = Shape(unpivot=UnpivotRule(by=("where",), names=("heading",), value="cell"))

    shaped = reshape(table_of(rows), shape, find_area=find_area)

    assert is_whole(shaped, 2 * len(rows) + 1)
    assert has_distinct_numbers(shaped)
    cells: list[Any] = shaped.table.by_column["cell"].tolist()
    assert cells == [cell for kind, _, number in rows for cell in (kind, number)]


@given(ROWS)
def test_nothing_asked_for_changes_nothing(rows: list[tuple[str, str, str]]) -> None:
    table = table_of(rows)

    assert reshape(table, Shape(), find_area=find_area).table is table
