"""Periods: nothing is removed on half a rule, and nothing sooner than the service can bear."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveillance.domain import KIND_COLUMNS
from surveillance.errors import SettingsError
from surveillance.retention import LEAST_DAYS, read_periods
from surveillance.store.expiry import EXPIRING_WORDS, LASTING_WORDS

GOOD = "".join(f"[{name}]\ndays = {days}\nreason = 'why'\n" for name, days in LEAST_DAYS.items())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "missing \\[audit\\]; missing \\[quarantine\\]"),
        (GOOD + "[dreams]\ndays = 1\nreason = 'x'\n", "unknown \\[dreams\\]"),
        (GOOD.replace("days = 365", "days = 364"), "raw_reports\\] days .* at least 365"),
        (GOOD.replace("days = 365", "days = true"), "raw_reports"),
        (GOOD.replace("'why'", "''", 1), "needs a reason"),
        (GOOD.replace("days = 365", "weeks = 52"), "must hold days and reason"),
        ("[", "cannot be read"),
    ],
)
def test_a_faulty_period_is_named_and_nothing_is_removed(
    tmp_path: Path, text: str, fault: str
) -> None:
    path = tmp_path / "retention.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=f"{fault}.*Nothing was removed"):
        read_periods(path)


def test_the_shipped_periods_are_those_that_the_page_states(config_folder: Path) -> None:
    periods = read_periods(config_folder / "retention.toml")

    assert {name: period.days for name, period in periods.items()} == {
        "raw_reports": 730,
        "quarantine": 30,
        "slack": 30,
        "audit": 2557,
    }
    end = periods["quarantine"].before(datetime(2026, 3, 31, tzinfo=UTC))
    assert end == datetime(2026, 3, 1, tzinfo=UTC)


def test_every_text_of_every_kind_either_expires_or_is_known_to_last() -> None:
    undecided = {
        (kind, column.name)
        for kind, columns in KIND_COLUMNS.items()
        for column in columns
        if column.dtype == "text"
        and column.name not in EXPIRING_WORDS[kind]
        and column.name not in LASTING_WORDS
    }

    assert undecided == set()
