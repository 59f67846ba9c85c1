"""What the people who run the service are told of feeds and batches."""

import logging
from datetime import UTC, datetime

import pytest

from alerts.jobs import report_batch, report_late
from config.settings import Settings, SlackSettings
from surveillance.domain import BatchNews

DUE = datetime(2026, 10, 5, 7, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return Settings(home=home, database_url=f"sqlite:///{home / 'dews.db'}")


def news(**changes: object) -> BatchNews:
    usual: dict[str, object] = {
        "feed": "deaths",
        "batch_id": "5f2c0a9b3d417e68",
        "verdict": "degraded",
        "findings": ("volume: breaks the batch has 4 to 36 rows, found 3",),
        "abouts": frozenset({"volume"}),
        "is_fresh": True,
    }
    return BatchNews(**{**usual, **changes})  # type: ignore[arg-type]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


def test_a_short_batch_is_told_without_any_number_of_cases(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    report_batch(settings, news())

    (line,) = told(caplog)
    assert "Feed deaths: batch 5f2c0a9b3d417e68" in line
    assert "much shorter or longer than usual" in line
    assert "found 3" not in line


def test_a_batch_on_hold_says_that_nothing_was_stored(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    report_batch(settings, news(verdict="hold", abouts=frozenset()))

    assert "nothing of it was stored" in told(caplog)[0]


@pytest.mark.parametrize(
    "changes", [{"is_fresh": False}, {"verdict": "pass", "abouts": frozenset()}]
)
def test_old_news_and_good_news_are_not_told(
    settings: Settings, caplog: pytest.LogCaptureFixture, changes: dict[str, object]
) -> None:
    report_batch(settings, news(**changes))

    assert told(caplog) == []


def test_a_batch_that_passed_but_changed_its_columns_is_told(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    report_batch(settings, news(verdict="pass", abouts=frozenset({"shape"})))

    assert "its columns are not those of the batch before" in told(caplog)[0]


def test_a_late_feed_is_called_late_and_not_calm(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    report_late(settings, feed="deaths", due=DUE)

    (line,) = told(caplog)
    assert "due by 2026-10-05 07:00 UTC" in line
    assert "not calm" in line


def test_a_silent_slack_hides_no_news(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    slack = SlackSettings(token="xoxb-none", channel="C0", base_url="http://127.0.0.1:9/api/")
    unreachable = Settings(home=settings.home, database_url=settings.database_url, slack=slack)

    report_late(unreachable, feed="deaths", due=DUE)

    assert len(told(caplog)) == 2
    assert "Slack was not told of it" in told(caplog)[1]
