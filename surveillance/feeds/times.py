"""Days and moments out of text; a day knows how precise it is.

Each distinct text is read once, so a million rows cost a few thousand readings.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.feeds.table import Objects, objects

ISO_DAY = "%Y-%m-%d"
ISO_MOMENT = "ISO8601"
_DAY_SIGNS = ("%d", "%j", "%x", "%c", ISO_MOMENT)
_MONTH_SIGNS = ("%m", "%b", "%B")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_FINANCIAL_YEAR = re.compile(r"(\d{4})\s*[-/\u2013]\s*(?:\d{2}|\d{4})")
_QUARTER = re.compile(r"(?:q|qtr|quarter)?\s*([1-4])(?:\.0)?")
_WORD = "(" + "|".join(f"{month}|{month[:3]}" for month in _MONTHS) + ")"
_MONTHS_OF_QUARTER = re.compile(rf"{_WORD}\s*(?:to|-|/|\u2013)?\s*{_WORD}")
_MONTH_NUMBERS = {
    name: number for number, month in enumerate(_MONTHS, start=1) for name in (month, month[:3])
}


def precision_of(date_format: str) -> str:
    """Say how precise a date of a format is.

    Example:
        >>> [precision_of(form) for form in ("%d/%m/%Y", "%b %Y", "%Y")]
        ['day', 'month', 'year']
    """
    if any(sign in date_format for sign in _DAY_SIGNS):
        return "day"
    return "month" if any(sign in date_format for sign in _MONTH_SIGNS) else "year"


def read_days(texts: "pd.Series[str]", formats: Sequence[str]) -> tuple[Objects, Objects]:
    """Read days in any of the formats, tried in turn.

    Returns:
        The days and their precisions, None where there is no text or none of the formats
        fits; both of shape (rows,).
    """
    places, distinct = _distinct(texts)
    days, precisions = _blank(len(distinct)), _blank(len(distinct))
    unread = np.ones(len(distinct), dtype=bool)
    for form in formats:
        parsed = pd.to_datetime(distinct, format=form, errors="coerce")
        fits = unread & _has_a_year(parsed)
        days[fits] = parsed.date[fits]
        precisions[fits] = precision_of(form)
        unread &= ~fits
    return days[places], precisions[places]


def read_moments(texts: "pd.Series[str]", formats: Sequence[str]) -> Objects:
    """Read moments in any of the formats; without an offset they are taken as UTC.

    Returns:
        Moments in UTC, None where there is no text or none of the formats fits, shape
        (rows,).
    """
    places, distinct = _distinct(texts)
    moments = _blank(len(distinct))
    unread = np.ones(len(distinct), dtype=bool)
    for form in formats or (ISO_MOMENT,):
        parsed = pd.to_datetime(distinct, format=form, errors="coerce", utc=True)
        fits = unread & _has_a_year(parsed)
        moments[fits] = parsed[fits].as_unit("us").to_pydatetime()
        unread &= ~fits
    return moments[places]


def read_parts(
    parts: Mapping[str, "pd.Series[str]"], *, first_month: int = 1
) -> tuple[Objects, Objects]:
    """Make days of columns that hold year, quarter, month, week or day.

    Args:
        parts: their texts, by what they hold.
        first_month: the month that the source's year begins with; other than January, the
            year may be written 2012/13, and its quarters are counted from that month.

    Returns:
        The days and their precisions, None where the parts make no day, shape (rows,).
    """
    names = list(parts)
    joined = pd.MultiIndex.from_arrays([parts[name] for name in names])
    places, distinct = pd.factorize(joined)
    made = [_day_of(dict(zip(names, values, strict=True)), first_month) for values in distinct]
    finest = ("day", "week", "month", "quarter")
    precision = next((name for name in finest if name in parts), "year")
    precisions = [None if day is None else precision for day in made]
    return objects(made)[places], objects(precisions)[places]


def _day_of(parts: Mapping[str, str], first_month: int) -> date | None:
    try:
        year = _year_of(parts["year"], first_month)
        if "week" in parts:
            return date.fromisocalendar(year, int(parts["week"]), 1)
        if "quarter" in parts:
            month = quarter_start(parts["quarter"], first_month=first_month)
        else:
            month = month_number(parts["month"]) if "month" in parts else first_month
        return date(year + (month < first_month), month, int(parts.get("day", "1")))
    except ValueError:
        return None


def _year_of(text: str, first_month: int) -> int:
    if first_month > 1 and (both := _FINANCIAL_YEAR.fullmatch(text)):
        return int(both[1])
    return int(text)


def month_number(text: str) -> int:
    """Give the number of a month that is named or numbered.

    Raises:
        ValueError: the text is neither.

    Example:
        >>> [month_number(text) for text in ("4", "Apr", "april")]
        [4, 4, 4]
    """
    named = _MONTH_NUMBERS.get(text.casefold())
    return int(text) if named is None else named


def quarter_start(text: str, *, first_month: int = 1) -> int:
    """Give the month that a quarter begins with.

    Args:
        text: its number (1, Q1, Quarter 1), or its first and last month.
        first_month: the month that the first quarter begins with, for numbers.

    Raises:
        ValueError: the text is neither.

    Example:
        >>> [quarter_start(text) for text in ("Q2", "April to June", "AprJun", "Apr-Jun")]
        [4, 4, 4, 4]
        >>> quarter_start("4", first_month=4)
        1
    """
    folded = text.casefold().strip()
    if numbered := _QUARTER.fullmatch(folded):
        return (first_month - 1 + 3 * (int(numbered[1]) - 1)) % 12 + 1
    named = _MONTHS_OF_QUARTER.fullmatch(folded)
    months = [_MONTH_NUMBERS.get(word, 0) for word in named.groups()] if named else [0, 0]
    if 0 in months or (months[1] - months[0]) % 12 != len(("second", "third")):
        raise ValueError(text)
    return months[0]


def _distinct(texts: "pd.Series[str]") -> tuple[npt.NDArray[np.intp], "pd.Index[str]"]:
    places, distinct = pd.factorize(texts)
    return places, pd.Index(distinct)


def _has_a_year(parsed: pd.DatetimeIndex) -> npt.NDArray[np.bool_]:
    """Mark what was read as a moment of a year that a date can hold; pandas reads others too."""
    return np.asarray((parsed.year >= MINYEAR) & (parsed.year <= MAXYEAR))


def _blank(length: int) -> Objects:
    return np.full(length, None, dtype=object)


def received_moments(
    stated: Objects,
    occurred: Objects,
    *,
    assumed_lag_days: int | None,
    fetched_at: datetime,
    is_history: bool,
) -> Objects:
    """Say when we learnt of each record.

    Rows of an opening load were known when the source says so, else at midnight UTC the
    assumed lag after the harm. Rows of any other batch were learnt when it was fetched, and
    not before the source itself.

    Args:
        stated: moments that the source states, None where it is silent, shape (rows,).
        occurred: days of the harm, None where unreadable, shape (rows,).
        assumed_lag_days: days from the harm to its receipt where the source is silent.
        fetched_at: the moment the batch was fetched.
        is_history: whether the batch is an opening load.

    Returns:
        Moments in UTC, None where an opening load says nothing and no lag is assumed.
    """
    fetched = fetched_at.astimezone(UTC)
    if not is_history:
        return objects([fetched if moment is None else max(moment, fetched) for moment in stated])
    if assumed_lag_days is None:
        return stated
    lag = timedelta(days=assumed_lag_days)
    return objects(
        [
            _midnight(day + lag) if moment is None and day is not None else moment
            for moment, day in zip(stated, occurred, strict=True)
        ]
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
