"""Days and moments out of text; a day knows how precise it is.

Each distinct text is read once, so a million rows cost a few thousand readings.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

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
        fits = unread & parsed.notna()
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
        fits = unread & parsed.notna()
        moments[fits] = parsed[fits].as_unit("us").to_pydatetime()
        unread &= ~fits
    return moments[places]


def read_parts(parts: Mapping[str, "pd.Series[str]"]) -> tuple[Objects, Objects]:
    """Make days of columns that hold year, month, week or day.

    Returns:
        The days and their precisions, None where the parts make no day, shape (rows,).
    """
    names = list(parts)
    joined = pd.MultiIndex.from_arrays([parts[name] for name in names])
    places, distinct = pd.factorize(joined)
    made = [_day_of(dict(zip(names, values, strict=True))) for values in distinct]
    precision = next((name for name in ("day", "week", "month") if name in parts), "year")
    precisions = [None if day is None else precision for day in made]
    return objects(made)[places], objects(precisions)[places]


def _day_of(parts: Mapping[str, str]) -> date | None:
    try:
        year = int(parts["year"])
        if "week" in parts:
            return date.fromisocalendar(year, int(parts["week"]), 1)
        return date(year, _month_of(parts.get("month", "1")), int(parts.get("day", "1")))
    except ValueError:
        return None


def _month_of(text: str) -> int:
    named = _MONTH_NUMBERS.get(text.casefold())
    return int(text) if named is None else named


def _distinct(texts: "pd.Series[str]") -> tuple[npt.NDArray[np.intp], "pd.Index[str]"]:
    places, distinct = pd.factorize(texts)
    return places, pd.Index(distinct)


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
