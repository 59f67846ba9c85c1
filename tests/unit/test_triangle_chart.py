"""The picture of a triangle: what cannot be known is not drawn, and old periods tell the delay."""

from datetime import UTC, date, datetime, timedelta

from dews.triangle_chart import MOST_PERIODS, share_known, specification
from surveillance.domain import ReportingTriangle

AS_OF = datetime(2026, 3, 5, 6, tzinfo=UTC)


def triangle(weeks: int, *, late: int = 0) -> ReportingTriangle:
    """Count one event a week that arrives at once, and one that arrives some weeks later."""
    first = date(2026, 3, 2) - timedelta(weeks=weeks)
    days = [first + timedelta(weeks=number) for number in range(weeks)]
    events = [(day, day, 1, 1) for day in days]
    events += [(day, day + timedelta(weeks=late), 1, 1) for day in days]
    return ReportingTriangle.count(events, cadence="week", as_of=AS_OF)


def test_no_event_gives_a_picture_without_a_curve() -> None:
    empty = ReportingTriangle.count([], cadence="week", as_of=AS_OF)

    assert share_known(empty).empty
    assert specification(empty, title="None")["hconcat"]


def test_the_share_is_of_periods_old_enough_to_tell() -> None:
    known = share_known(triangle(10, late=3))

    assert known["share"].tolist() == [0.5, 0.5, 0.5, 1.0]
    assert known["periods"].unique().tolist() == [7]


def test_a_cell_that_lies_ahead_is_not_drawn() -> None:
    known = triangle(4, late=1)

    drawn = next(iter(specification(known, title="x")["datasets"].values()))

    assert len(drawn) == known.low.size - 1


def test_a_long_history_is_cut_and_says_so() -> None:
    told = specification(triangle(MOST_PERIODS + 1), title="x")["title"]["subtitle"]

    assert any(f"The last {MOST_PERIODS} periods" in line for line in told)
