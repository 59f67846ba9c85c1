"""What every job opens first: the clock, the database, the registers and the descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from surveillance.assess import AssessRules, read_rules
from surveillance.domain import DetectorChoice, Stream
from surveillance.errors import InputError, SettingsError
from surveillance.register import Register, load_register
from surveillance.store.engine import migrate, open_engine
from surveillance.streams import read_detectors, read_streams

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings


LEAST_KEY_LENGTH = 32


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


def pseudonym_key(settings: "Settings") -> bytes | None:
    """Give the secret under which persons are hashed, or None where none is set.

    Raises:
        SettingsError: it is too short, cannot be read, or lies beside the data it protects.
    """
    path, secret = settings.pseudonym_key_file, settings.pseudonym_key
    if path is not None and not secret:
        if path.is_relative_to(settings.home):
            raise SettingsError(
                f"DEWS_PSEUDONYM_KEY_FILE {path} lies in the folder of the data, where whoever "
                "holds the hashes holds the key. Nothing was read; move it elsewhere."
            )
        try:
            secret = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"DEWS_PSEUDONYM_KEY_FILE {path} cannot be read: {type(error).__name__}. Nothing "
                "was stored; mend the path or its permissions."
            ) from error
    if not secret and path is None:
        return None
    if len(secret) < LEAST_KEY_LENGTH:
        raise SettingsError(
            f"The key for pseudonyms has fewer than {LEAST_KEY_LENGTH} characters and could be "
            "guessed. Nothing was stored; docs/privacy.md says how to make one."
        )
    return secret.encode()


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
