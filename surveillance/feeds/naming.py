"""What a file's name tells: its period, its supplier, and when it was published.

A source that restates its whole past with every release dates neither rows nor files. The
period in the file's name then says which release is the newer.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import PurePath
from urllib.parse import urlsplit

from surveillance.feeds.times import month_number, quarter_start
from surveillance.periods import Cadence, period_end

_PERIODS = {
    "year": r"\d{4}",
    "quarter": r"[Qq]?[1-4]|[A-Za-z-]{6,20}",
    "month": r"\d{2}|[A-Za-z]{3,9}",
    "day": r"\d{2}",
}
_PIECE = re.compile(r"\{([a-z_]*)\}|(\*)")


def piece_names(pattern: str) -> tuple[str, ...]:
    """List the pieces that a pattern of file names holds.

    Example:
        >>> piece_names("{year}-{month}-{force}-street.csv*")
        ('year', 'month', 'force')
    """
    return tuple(name for name, star in _PIECE.findall(pattern) if not star)


def column_of(piece: str) -> str:
    """Give the column that a piece of a file's name becomes.

    Example:
        >>> column_of("year")
        'file.year'
    """
    return f"file.{piece}"


def pattern_problem(pattern: str) -> str:
    """Say what is wrong with a pattern of file names; empty where nothing is.

    Example:
        >>> pattern_problem("deaths.csv"), pattern_problem("{year}_{year}")
        ('must hold a piece such as {year}', 'holds a piece twice')
    """
    names = piece_names(pattern)
    if not names or "" in names:
        return "must hold a piece such as {year}"
    if len(set(names)) != len(names):
        return "holds a piece twice"
    return "cannot hold both {month} and {quarter}" if {"month", "quarter"} <= {*names} else ""


def read_name(address: str, pattern: str) -> dict[str, str] | None:
    """Take the pieces out of a file's name.

    Args:
        address: path or web address of the file.
        pattern: its name with ``{year}``, ``{quarter}``, ``{month}``, ``{day}`` and further
            pieces; a star stands for anything.

    Returns:
        Piece -> text, None where the name does not fit the pattern.

    Example:
        >>> read_name("in/2024-03-cleveland-street.csv.gz", "{year}-{month}-{force}-street*")
        {'year': '2024', 'month': '03', 'force': 'cleveland'}
    """
    name = PurePath(urlsplit(address).path or address).name
    escaped = re.sub(r"[^\w{}*]", lambda sign: re.escape(sign[0]), pattern)
    fitting = re.fullmatch(_PIECE.sub(_regex_of, escaped), name)
    return None if fitting is None else fitting.groupdict()


def _regex_of(piece: re.Match[str]) -> str:
    if piece[2]:
        return ".*?"
    return f"(?P<{piece[1]}>{_PERIODS.get(piece[1], '.+?')})"


def published_at(pieces: Mapping[str, str], *, days: int) -> datetime | None:
    """Give midnight UTC some days after the period that a file's name tells.

    None where the pieces make no period.

    Example:
        >>> published_at({"year": "2021", "quarter": "AprJun"}, days=75).isoformat()
        '2021-09-14T00:00:00+00:00'
    """
    cadence: Cadence = "year"
    month = day = 1
    try:
        if "quarter" in pieces:
            cadence, month = "quarter", quarter_start(pieces["quarter"])
        elif "month" in pieces:
            cadence, month = "month", month_number(pieces["month"])
        if "day" in pieces:
            cadence, day = "day", int(pieces["day"])
        start = datetime(int(pieces["year"]), month, day, tzinfo=UTC).date()
    except (ValueError, KeyError):
        return None
    return datetime.combine(period_end(cadence, start), time(tzinfo=UTC)) + timedelta(days=days)
