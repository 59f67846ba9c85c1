"""When the next batch of a feed is due, by its cadence; nothing here asks the clock."""

from datetime import datetime, timedelta

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
