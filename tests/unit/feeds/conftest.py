"""A small feed of deaths that the tests bend to their need."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveillance.feeds.description import FeedDescription, load_description
from surveillance.feeds.landing import land
from surveillance.feeds.parsing import ParsedBatch, parse
from surveillance.register import Register

DESCRIPTION = """
title = "Deaths of a test"
kind = "death"
owner = "Test desk"
cadence = "weekly"
expected_lag_days = 14

[source]
location = "in/*"
format = "csv"

[identity]
columns = ["id"]

[received]
column = "received"

[area]
columns = ["area"]

[columns]
occurred_on = "day"

[[substances.list]]
column = "drug"
separator = ";"
role = "detected"
"""


@pytest.fixture
def description_text() -> str:
    return DESCRIPTION


@pytest.fixture
def describe(tmp_path: Path) -> Callable[[str], FeedDescription]:
    def write_and_load(text: str) -> FeedDescription:
        path = tmp_path / "test_deaths.toml"
        path.write_text(text, encoding="utf-8")
        return load_description(path)

    return write_and_load


@pytest.fixture
def read(
    tmp_path: Path, register: Register, describe: Callable[[str], FeedDescription]
) -> Callable[..., ParsedBatch]:
    def land_and_parse(
        content: bytes | str,
        *,
        text: str = DESCRIPTION,
        is_history: bool = True,
        name: str = "file",
    ) -> ParsedBatch:
        folder = tmp_path / "in"
        folder.mkdir()
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        description = describe(text)
        (batch,) = land(
            description,
            raw_folder=tmp_path / "raw",
            fetched_at=datetime(2026, 10, 5, 6, tzinfo=UTC),
            is_history=is_history,
            known=set(),
            base=tmp_path,
        )
        return parse(batch, description, raw_folder=tmp_path / "raw", register=register)

    return land_and_parse
