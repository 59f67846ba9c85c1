"""When a feed is due and how new it should be, by its cadence; nothing here asks the clock."""

from datetime import date, datetime, timedelta

# A period of the cadence and the time that owners usually take beyond it: a file of last month
# that comes on the fourteenth is on time, one that comes on the twenty-first is late.
DUE_AFTER = {
    "daily": timedelta(days=2),
    "weekly": timedelta(days=7 + 3),
    "monthly": timedelta(days=31 + 14),
    "quarterly": timedelta(days=92 + 45),
    "yearly": timedelta(days=366 + 90),
}


def due_by(cadence: str, last_fetched_at: datetime) -> datetime:
    """Give the moment by which a feed must have brought something new.

    Example:
        >>> due_by("weekly", datetime(2026, 10, 1, 6))
        datetime.datetime(2026, 10, 11, 6, 0)
    """
    return last_fetched_at + DUE_AFTER[cadence]


def newest_needed(cadence: str, expected_lag_days: int, now: datetime) -> date:
    """Give the day that a feed's newest record must be of, or later, not to be out of date.

    A period is dated by its first day, so that the time a batch may take comes on top of the
    age that its newest record may have.

    Example:
        >>> newest_needed("weekly", 14, datetime(2026, 10, 25, 6))
        datetime.date(2026, 10, 1)
    """
    return (now - DUE_AFTER[cadence]).date() - timedelta(days=expected_lag_days)
