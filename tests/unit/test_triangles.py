"""Reporting triangles: what happened when, and how late it was known."""

from datetime import UTC, date, datetime

import numpy as np

from surveillance.domain import ReportingTriangle
from surveillance.periods import Cadence

AS_OF = datetime(2026, 3, 5, 6, tzinfo=UTC)
Event = tuple[date, date | None, int, int]


def triangle(*events: Event, cadence: Cadence = "week") -> ReportingTriangle:
    return ReportingTriangle.count(events, cadence=cadence, as_of=AS_OF)


def test_no_event_gives_the_period_of_the_moment_and_nothing_in_it() -> None:
    empty = triangle()

    assert empty.starts.tolist() == [date(2026, 3, 2)]
    assert empty.low.tolist() == [[0.0]]
    assert (empty.undated.tolist(), empty.early, len(empty.frame())) == ([0.0], 0, 1)


def test_what_lies_after_the_moment_is_unknown_and_never_zero() -> None:
    known = triangle((date(2026, 2, 16), date(2026, 3, 3), 1, 1))

    assert known.low.shape == (3, 3)
    assert np.isnan(known.low).tolist() == [
        [False, False, False],
        [False, False, True],
        [False, True, True],
    ]
    assert known.low[0].tolist() == [0.0, 0.0, 1.0]


def test_an_event_whose_arrival_is_not_known_waits_beside_the_triangle() -> None:
    known = triangle((date(2026, 2, 23), None, 1, 1), (date(2026, 2, 23), date(2026, 4, 1), 2, 2))

    assert np.nansum(known.low) == 0
    assert known.undated.tolist() == [3.0, 0.0]


def test_an_event_that_arrived_before_it_happened_is_left_out_and_counted() -> None:
    known = triangle(
        (date(2026, 2, 23), date(2026, 1, 1), 1, 1), (date(2026, 2, 25), date(2026, 2, 23), 1, 1)
    )

    assert known.early == 1
    assert np.nansum(known.low) == 1


def test_an_event_of_a_day_to_come_is_not_known_yet() -> None:
    known = triangle((date(2026, 3, 6), date(2026, 3, 5), 1, 1))

    assert np.nansum(known.low) == 0


def test_a_suppressed_count_stays_an_interval() -> None:
    known = triangle((date(2026, 3, 2), date(2026, 3, 2), 0, 2), (date(2026, 3, 3), None, 0, 2))

    assert (known.low[0, 0], known.high[0, 0]) == (0.0, 2.0)
    assert known.undated.tolist() == [2.0]


def test_months_are_counted_as_months_whatever_their_length() -> None:
    known = triangle(
        (date(2025, 12, 31), date(2026, 3, 1), 1, 1),
        (date(2026, 1, 31), date(2026, 2, 1), 1, 1),
        cadence="month",
    )

    assert known.starts.tolist() == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
    ]  # fmt: skip
    assert known.low[0].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert known.low[1, 1] == 1.0


def test_the_table_lists_every_cell_that_can_be_known_and_what_waits() -> None:
    known = triangle((date(2026, 2, 23), date(2026, 3, 2), 1, 1), (date(2026, 3, 2), None, 1, 1))

    table = known.frame().astype(object).where(known.frame().notna(), None)

    assert table.values.tolist() == [
        [date(2026, 2, 23), 0, 0, 0],
        [date(2026, 2, 23), 1, 1, 1],
        [date(2026, 3, 2), 0, 0, 0],
        [date(2026, 3, 2), None, 1, 1],
    ]
