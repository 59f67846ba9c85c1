"""Which periods of a series were supplied whole: still filling, silent, or under another code.

Pure arithmetic. *Not supplied* is never zero.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from surveillance.domain import COMPLETE, FILLING, NOT_SUPPLIED, Flags, Floats, Stream
from surveillance.periods import Cadence, Days, floor_days, last_complete_period, period_end
from surveillance.register import AreaRegister

States = npt.NDArray[np.int8]
# A feed that brings more dates than this share of a period's days brings one a day.
_DAILY_SHARE = 0.5


def period_states(
    starts: Days,
    stream: Stream,
    *,
    as_of: datetime,
    supplied_until: datetime | None,
    missing_days: Collection[date] = (),
) -> States:
    """Say of each period whether it is complete, still filling or not supplied.

    Args:
        starts: first day of each period, shape (periods,).
        stream: how long its records take, and how long a silence is none.
        as_of: the moment of the question.
        supplied_until: when the stream's feeds last brought anything, or None.
        missing_days: days of which records were taken away and not brought again.

    Returns:
        One state a period, shape (periods,).
    """
    states = np.full(len(starts), COMPLETE, dtype=np.int8)
    last = last_complete_period(stream.cadence, as_of=as_of, filling_days=stream.filling_days)
    states[starts > np.datetime64(last, "D")] = FILLING
    if supplied_until is None or as_of - supplied_until > timedelta(days=stream.silence_days):
        # A period that had not settled when the feed fell silent was never supplied whole.
        heard = as_of - timedelta(days=36_500) if supplied_until is None else supplied_until
        settled = last_complete_period(
            stream.cadence, as_of=heard, filling_days=stream.filling_days
        )
        states[starts > np.datetime64(settled, "D")] = NOT_SUPPLIED
    missing = np.array(sorted(missing_days), dtype="datetime64[D]")
    states[np.isin(starts, floor_days(stream.cadence, missing))] = NOT_SUPPLIED
    return states


def count_dates(cells: npt.NDArray[np.intp], days: Days, shape: tuple[int, ...]) -> Floats:
    """Count the distinct days of each cell of a panel.

    Args:
        cells: place of each entry in the flattened panel, shape (entries,).
        days: its day, shape (entries,).
        shape: units and periods of the panel.
    """
    place = (days - days.min()).astype(np.int64)
    span = int(place.max()) + 1
    filled = np.unique(cells * span + place) // span
    counted = np.bincount(filled, minlength=int(np.prod(shape)))
    return counted.astype(np.float64).reshape(shape)


def reports_due(reports: Floats, dates: Floats, starts: Days, cadence: Cadence) -> Floats:
    """Give how many reports make a period whole, judged by the fullest period of a series.

    Args:
        reports: figures reported, shape (units, periods).
        dates: distinct days they are dated, shape (units, periods).
        starts: first day of each period, shape (periods,).
        cadence: the length of a period.

    Returns:
        Reports due, shape (units, periods): as many a date as the fullest date has, for as
        many dates as the fullest period has; for a daily feed, for every day.

    Example:
        >>> months = np.array(["2024-01-01", "2024-02-01"], dtype="datetime64[D]")
        >>> reports_due(np.array([[4.0, 2.0]]), np.array([[1.0, 1.0]]), months, "month")
        array([[4., 4.]])
    """
    ends = [np.datetime64(period_end(cadence, start.item()), "D") for start in starts]
    days = (np.array(ends) - starts).astype("int64").astype("float64")[np.newaxis, :]
    a_date = np.ceil(reports / np.maximum(dates, 1)).max(axis=1, keepdims=True)
    is_daily = (dates / days > _DAILY_SHARE).any(axis=1, keepdims=True)
    dates_due = np.where(is_daily, days, dates.max(axis=1, keepdims=True))
    return np.asarray(dates_due * np.maximum(a_date, 1), dtype=np.float64)


def without_code(
    areas: Sequence[str],
    starts: Days,
    *,
    reporting: Collection[str],
    register: AreaRegister,
) -> Flags:
    """Mark the periods in which an area had no code of its own, shape (units, periods).

    A county that was split is silent after its last day, and so are the authorities that
    followed it before theirs, as long as the county itself reported. Neither is zero.

    Args:
        areas: the area of each unit.
        starts: first day of each period, shape (periods,).
        reporting: areas that records were reported under.
        register: codes, what they became, and when.
    """
    silent = np.zeros((len(areas), len(starts)), dtype=bool)
    ended = [register.get(code) for code in reporting if code in register.by_code]
    last_day = {
        follower: area.valid_to
        for area in ended
        if area.kind == "former_authority" and area.valid_to is not None
        for follower in area.members
    }
    for row, code in enumerate(areas):
        valid_to = register.get(code).valid_to
        if valid_to is not None:
            silent[row] |= starts > np.datetime64(valid_to, "D")
        if code in last_day:
            silent[row] |= starts <= np.datetime64(last_day[code], "D")
    return silent
