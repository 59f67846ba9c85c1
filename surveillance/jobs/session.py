"""What every job opens first: the clock, the database, the registers and the descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from surveillance.assess import AssessRules, read_rules
from surveillance.domain import DetectorChoice, Stream
from surveillance.errors import InputError
from surveillance.register import Register, load_register
from surveillance.store.engine import migrate, open_engine
from surveillance.streams import read_detectors, read_streams

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings


@dataclass(frozen=True)
class Judges:
    """Everything that shapes a judgement, read from the configuration once."""

    register: Register
    streams: Mapping[str, Stream]
    detectors: Mapping[str, DetectorChoice]
    rules: AssessRules


def clock() -> datetime:
    """Tell the moment; the only place of these jobs that asks."""
    return datetime.now(UTC)


def prepare(settings: "Settings") -> None:
    """Make the folders and bring the database's schema to the newest revision."""
    inboxes = (settings.home / "inbox" / path.stem for path in settings.feeds)
    for folder in (settings.raw_folder, *inboxes):
        folder.mkdir(parents=True, exist_ok=True)
    migrate(database(settings.database_url))


@lru_cache(maxsize=8)
def database(url: str) -> "Engine":
    """Open a database once a process."""
    return open_engine(url)


@lru_cache(maxsize=4)
def judges(config_folder: Path) -> Judges:
    """Read the registers, streams, detectors and rules once a process."""
    return Judges(
        register=load_register(config_folder),
        streams=read_streams(config_folder / "streams.toml"),
        detectors=read_detectors(config_folder / "detectors.toml"),
        rules=read_rules(config_folder / "assess.toml"),
    )


def feed_path(settings: "Settings", feed: str) -> Path:
    """Find the description of a feed by its name.

    Raises:
        InputError: no feed of that name is configured.
    """
    for path in settings.feeds:
        if path.stem == feed:
            return path
    names = ", ".join(sorted(path.stem for path in settings.feeds)) or "none"
    raise InputError(
        f"No feed is called {feed!r}. Configured are: {names}. Descriptions lie in config/feeds/."
    )
