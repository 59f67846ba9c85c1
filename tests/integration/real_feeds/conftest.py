"""Reads the real files beside the checkout through their descriptions."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveillance.feeds.description import load_description
from surveillance.feeds.landing import land
from surveillance.feeds.parsing import ParsedBatch, parse
from surveillance.register import Register
from tests.integration.real_feeds.read_files import ReadAll

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def read_all(
    tmp_path_factory: pytest.TempPathFactory,
    shared_folder: Path,
    config_folder: Path,
    register: Register,
) -> ReadAll:
    """Read every file that a location stands for; give each by its file's name."""
    raw_folder = tmp_path_factory.mktemp("raw")

    def land_and_parse(feed: str, location: str) -> dict[str, ParsedBatch]:
        if not list((shared_folder / "data").glob(location)):
            pytest.skip(f"the shared data hold no {location}")
        description = load_description(config_folder / "feeds" / f"{feed}.toml")
        landed = land(
            description,
            raw_folder=raw_folder,
            fetched_at=FETCHED,
            is_history=True,
            known=set(),
            location=location,
            base=shared_folder / "data",
        )
        return {
            Path(batch.address).name: parse(
                batch, description, raw_folder=raw_folder, register=register
            )
            for batch in landed
        }

    return land_and_parse


@pytest.fixture(scope="session")
def read(read_all: ReadAll) -> Callable[[str, str], ParsedBatch]:
    """Read the one file that a location stands for."""

    def read_one(feed: str, location: str) -> ParsedBatch:
        (parsed,) = read_all(feed, location).values()
        return parsed

    return read_one
