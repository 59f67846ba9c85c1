"""Days, ISO weeks, months, quarters and years; what a question may know at a moment.

A period is named by its first day. Nothing here asks the clock.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from surveillance.errors import InputError

Cadence = Literal["day", "week", "month", "quarter", "year"]
Days = npt.NDArray[np.datetime64]

PERIODS_PER_YEAR: dict[Cadence, int] = {
    "day": 365,
    "week": 52,
    "month": 12,
    "quarter": 4,
    "year": 1,
}
# Those that are whole months: how many.
_MONTHS: dict[Cadence, int] = {"month": 1, "quarter": 3, "year": 12}
WEEKLY_RUN_AT = time(6, 0, tzinfo=UTC)
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")
# 1970-01-01 was a Thursday, so the first Monday of the epoch is day 4.
_FIRST_MONDAY = np.datetime64("1970-01-05", "D")


def week_of(day: date) -> str:
    """Name the ISO week a day lies in.

    Example:
        >>> week_of(date(2026, 10, 1))
        '2026-W40'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_start(week: str) -> date:
    """Give the Monday of an ISO week such as ``2026-W40``.

    Raises:
        InputError: the text is not an ISO week, or that year has no such week.

    Example:
        >>> week_start("2026-W40")
        datetime.date(2026, 9, 28)
    """
    match = _WEEK.match(week)
    if match is None:
        raise InputError(f"{week!r} is not an ISO week. Write it as 2026-W40.")
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError as error:
        raise InputError(f"{week!r} is not an ISO week: {error}.") from error


def week_as_of(week: str) -> datetime:
    """Give the moment a week is first judged: 06:00 UTC on the Monday after it.

    Example:
        >>> week_as_of("2026-W40").isoformat()
        '2026-10-05T06:00:00+00:00'
    """
    return datetime.combine(week_start(week) + timedelta(days=7), WEEKLY_RUN_AT)


def last_whole_week(moment: datetime) -> str:
    """Name the last ISO week that had ended at a moment.

    Example:
        >>> last_whole_week(datetime(2026, 10, 5, 6, tzinfo=UTC))
        '2026-W40'
    """
    return week_of(moment.astimezone(UTC).date() - timedelta(days=7))


def weeks_between(first: str, last: str) -> list[str]:
    """List the ISO weeks from the first to the last, both included.

    Raises:
        InputError: a week is malformed, or the last lies before the first.

    Example:
        >>> weeks_between("2020-W52", "2021-W01")
        ['2020-W52', '2020-W53', '2021-W01']
    """
    start, end = week_start(first), week_start(last)
    if end < start:
        raise InputError(f"The week {last} lies before {first}. Give the earlier week first.")
    return [week_of(start + timedelta(weeks=n)) for n in range((end - start).days // 7 + 1)]


def period_starts(cadence: Cadence, first: date, last: date) -> Days:
    """List the first days of the periods that the days ``first`` to ``last`` touch.

    Returns:
        Dates, shape (periods,), oldest first.
    """
    start, end = (np.datetime64(floor_day(cadence, day), "D") for day in (first, last))
    if cadence in _MONTHS:
        first_month, last_month = start.astype("datetime64[M]"), end.astype("datetime64[M]")
        return np.arange(first_month, last_month + 1, _MONTHS[cadence]).astype("datetime64[D]")
    step = 7 if cadence == "week" else 1
    return np.arange(start, end + np.timedelta64(1, "D"), np.timedelta64(step, "D"))


def floor_day(cadence: Cadence, day: date) -> date:
    """Give the first day of the period a day lies in.

    Example:
        >>> floor_day("week", date(2026, 10, 1)), floor_day("month", date(2026, 10, 1))
        (datetime.date(2026, 9, 28), datetime.date(2026, 10, 1))
        >>> floor_day("quarter", date(2026, 9, 30)), floor_day("year", date(2026, 9, 30))
        (datetime.date(2026, 7, 1), datetime.date(2026, 1, 1))
    """
    if cadence == "week":
        return day - timedelta(days=day.weekday())
    if cadence in _MONTHS:
        return day.replace(month=day.month - (day.month - 1) % _MONTHS[cadence], day=1)
    return day


def floor_days(cadence: Cadence, days: Days) -> Days:
    """Give for each day the first day of its period; shape as given."""
    days = days.astype("datetime64[D]")
    if cadence == "week":
        return days - (days - _FIRST_MONDAY) % np.timedelta64(7, "D")
    if cadence in _MONTHS:
        # The epoch began with a year, so that quarters and years begin at whole multiples.
        months = days.astype("datetime64[M]").astype(np.int64)
        whole = months - months % _MONTHS[cadence]
        return whole.astype("datetime64[M]").astype("datetime64[D]")
    return days


def period_end(cadence: Cadence, start: date) -> date:
    """Give the first day after a period."""
    if cadence == "week":
        return start + timedelta(days=7)
    if cadence in _MONTHS:
        years, month = divmod(start.month - 1 + _MONTHS[cadence], 12)
        return date(start.year + years, month + 1, 1)
    return start + timedelta(days=1)


def last_complete_period(cadence: Cadence, *, as_of: datetime, filling_days: int) -> date:
    """Give the first day of the last period that is complete at a moment.

    Args:
        cadence: the length of a period.
        as_of: the moment of the question.
        filling_days: days after a period's end in which its records still arrive.
    """
    settled = (as_of.astimezone(UTC) - timedelta(days=filling_days)).date()
    start = floor_day(cadence, settled)
    return floor_day(cadence, start - timedelta(days=1))
