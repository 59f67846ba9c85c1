"""Say what may leave the operational tier; the one place that decides it.

Below national level a count of 1 to 7 is never told, others are rounded to the nearest 5 and
told as a band; a national count is told as it is, but never one below 8, for no exact small
count goes into a notice. Nothing derived from a count (ratio, expected value, p-value) leaves
but a direction and a broad band of the ratio.

Source: docs/field.md, disclosure rules; NHS Digital, disclosure control of HES and ECDS since
September 2018.
"""

import math

from surveillance.domain import Stream
from surveillance.register import Area

FLOOR = 8
_STEP = 5
_NATIONAL_KINDS = ("country_group", "country")
_REVEALING_FIELDS = frozenset({"age_band", "sex", "setting"})
_ABOUT_TWICE, _ABOVE_TWICE, _THREE_TIMES = 1.5, 2.5, 3.0


def is_national(area: Area) -> bool:
    """Tell whether an area is a whole country, whose counts need no rounding."""
    return area.kind in _NATIONAL_KINDS


def band(count: float, *, is_national: bool) -> str:
    """Give a count as it may be told.

    Example:
        >>> band(3, is_national=False), band(11, is_national=False), band(13, is_national=False)
        ('fewer than 8', '8 to 12', '13 to 17')
        >>> band(41, is_national=True), band(4, is_national=True)
        ('41', 'fewer than 8')
    """
    return band_between(count, count, is_national=is_national)


def band_between(low: float, high: float, *, is_national: bool) -> str:
    """Give a count that is only known to lie in an interval as it may be told.

    Example:
        >>> band_between(6, 14, is_national=False), band_between(9, 14, is_national=False)
        ('fewer than 18', '8 to 17')
    """
    if low < FLOOR:
        return f"fewer than {FLOOR if high < FLOOR else _edges(high)[1] + 1}"
    if is_national:
        return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
    return f"{_edges(low)[0]:,} to {_edges(high)[1]:,}"


def behind(events: float, reports: float | None, *, is_national: bool) -> str:
    """Say how many reports stand behind a count of events, as it may be told.

    Nothing where each event has one report. An exact count of reports beside an exact or a small
    count of events would tell how many people were reported twice, so that there are words.

    Example:
        >>> behind(12, 15, is_national=False), behind(12, 12, is_national=False)
        ('from 13 to 17 reports', '')
        >>> behind(12, 15, is_national=True), behind(3, 9, is_national=False)
        ('some told by more than one report', 'some told by more than one report')
    """
    if reports is None or math.isnan(reports) or reports <= events:
        return ""
    if is_national or events < FLOOR:
        return "some told by more than one report"
    return f"from {band(reports, is_national=False)} reports"


def _edges(count: float) -> tuple[int, int]:
    start = FLOOR + int(count - FLOOR) // _STEP * _STEP
    return start, start + _STEP - 1


def direction(observed: float, expected: float | None) -> str:
    """Give only the direction of a change."""
    if expected is None or math.isnan(expected):
        return "seen there for the first time on record"
    if observed > expected:
        return "more than expected"
    return "fewer than expected" if observed < expected else "as many as expected"


def change(observed: float, expected: float | None) -> str:
    """Give a change as it may be told: a broad band of the ratio, or the direction alone.

    The ratio of a small count would tell the count, so that below the floor there is none, at
    national level either.

    Example:
        >>> change(4, 0.5), change(20, 9.0)
        ('more than expected', 'about 2 times what is expected')
    """
    if expected is None or not expected > 0 or observed < FLOOR:
        return direction(observed, expected)
    ratio = observed / expected
    if ratio >= _THREE_TIMES:
        return "3 times what is expected, or more"
    if ratio >= _ABOVE_TWICE:
        return "2 to 3 times what is expected"
    if ratio >= _ABOUT_TWICE:
        return "about 2 times what is expected"
    return direction(observed, expected)


def stream_title(stream: Stream) -> str:
    """Name a stream without the ages, sexes or settings that its cases were picked by."""
    if _REVEALING_FIELDS.isdisjoint(stream.where):
        return stream.title
    return "A narrower group of cases of the same feed"
