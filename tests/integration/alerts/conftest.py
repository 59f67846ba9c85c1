"""Slack, settings and no waiting for the tests of the alerting half."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.settings import Settings, SlackSettings
from tests.integration.slack_server import CHANNEL, TOKEN, FakeSlack


@pytest.fixture
def fake() -> Iterator[FakeSlack]:
    with FakeSlack() as running:
        yield running


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def settings(
    database_url: str, engine: Engine, fake: FakeSlack, tmp_path: Path, config_folder: Path
) -> Settings:
    assert engine.url.get_backend_name() in database_url
    return Settings(
        home=tmp_path,
        database_url=database_url,
        config_folder=config_folder,
        channels=("slack",),
        slack=SlackSettings(token=TOKEN, channel=CHANNEL, base_url=fake.base_url),
    )
