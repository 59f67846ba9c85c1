from datetime import UTC, datetime, timedelta

import pytest

from surveillance.feeds.description import CADENCES
from surveillance.feeds.expected import DUE_AFTER, due_by

FETCHED = datetime(2026, 10, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize("cadence", CADENCES)
def test_every_cadence_has_its_time_and_it_is_longer_than_the_period(cadence: str) -> None:
    days = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}[cadence]

    assert due_by(cadence, FETCHED) - FETCHED > timedelta(days=days)
    assert set(DUE_AFTER) >= set(CADENCES)
