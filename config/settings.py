"""Read the environment once, at the edge; everything else takes settings as an argument.

It stays light, for Airflow imports it while parsing DAG files.
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONFIG_FOLDER = Path(__file__).parent
CODE_VERSION = "0.1.0"
_MOST_USUAL_WORKERS = 4
_FILES_THAT_CHANGE_JUDGEMENT = (
    "streams.toml",
    "detectors.toml",
    "substances.csv",
    "areas.csv",
    "routes.toml",
)


@dataclass(frozen=True)
class SlackSettings:
    """How to reach Slack; without a token the Slack channel is off."""

    token: str = field(default="", repr=False)
    channel: str = ""
    base_url: str = "https://slack.com/api/"


@dataclass(frozen=True)
class Settings:
    """Everything an installation decides.

    Attributes:
        home: folder of all that DEWS writes: database, raw batches, inbox, pages.
        database_url: SQLAlchemy URL of the store.
        config_folder: registers, streams, detectors and routes.
        feeds: descriptions of the feeds to collect.
        channels: names of the channels that notices go to.
        shards: slices that a week's series are judged in.
        task_retries: how often Airflow tries a failed task again.
        workers: further processes that read and check a large file; 0: none.
        chunk_rows: rows of a file that are in memory at once, in each process.
        most_rows: rows above which a file is refused.
        most_unpacked_mb: size above which a file is refused, unpacked, in MiB.
        most_expansion: times that a packed file may grow.
    """

    home: Path
    database_url: str = field(repr=False)
    config_folder: Path = CONFIG_FOLDER
    feeds: tuple[Path, ...] = ()
    channels: tuple[str, ...] = ("console",)
    slack: SlackSettings = SlackSettings()
    shards: int = 8
    task_retries: int = 2
    workers: int = 0
    chunk_rows: int = 50_000
    most_rows: int = 10_000_000
    most_unpacked_mb: int = 8_192
    most_expansion: int = 200
    code_version: str = CODE_VERSION

    @property
    def raw_folder(self) -> Path:
        """The folder of raw batches."""
        return self.home / "raw"

    @property
    def spool_folder(self) -> Path:
        """The folder of rows that are checked and not yet stored."""
        return self.home / "spool"

    @property
    def docs_folder(self) -> Path:
        """The folder of Data Docs."""
        return self.home / "data_docs"

    @property
    def pages_folder(self) -> Path:
        """The folder of HTML pages of the operational tier."""
        return self.home / "pages"

    def settings_hash(self) -> str:
        """Give 16 hex digits that change when a file that shapes judgement changes."""
        digest = hashlib.sha256()
        for name in _FILES_THAT_CHANGE_JUDGEMENT:
            digest.update(name.encode())
            digest.update((self.config_folder / name).read_bytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class FeedEntry:
    """What a scheduler needs to know of a feed."""

    name: str
    title: str
    owner: str
    cadence: str
    schedule: str | None
    path: Path


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    ``DEWS_HOME`` (default ``.dews``), ``DEWS_DATABASE_URL`` (default an SQLite file there),
    ``DEWS_CHANNELS`` (comma separated, default ``console`` and, with a token, ``slack``),
    ``DEWS_SHARDS``, ``DEWS_TASK_RETRIES``, ``DEWS_WORKERS`` (default one for each core, four at
    most, none on a single core), ``DEWS_CHUNK_ROWS``, ``DEWS_MOST_ROWS``,
    ``DEWS_MOST_UNPACKED_MB``, ``DEWS_MOST_EXPANSION``, ``SLACK_BOT_TOKEN``,
    ``DEWS_SLACK_CHANNEL`` and ``DEWS_SLACK_BASE_URL``.
    """
    values = os.environ if environment is None else environment
    home = Path(values.get("DEWS_HOME") or ".dews").expanduser().resolve()
    token = values.get("SLACK_BOT_TOKEN", "")
    named = values.get("DEWS_CHANNELS") or ("console,slack" if token else "console")
    return Settings(
        home=home,
        database_url=values.get("DEWS_DATABASE_URL") or f"sqlite:///{home / 'dews.db'}",
        feeds=tuple(entry.path for entry in list_feeds()),
        channels=tuple(part.strip() for part in named.split(",") if part.strip()),
        slack=SlackSettings(
            token=token,
            channel=values.get("DEWS_SLACK_CHANNEL", ""),
            base_url=values.get("DEWS_SLACK_BASE_URL") or SlackSettings.base_url,
        ),
        shards=int(values.get("DEWS_SHARDS") or 8),
        task_retries=int(values.get("DEWS_TASK_RETRIES") or 2),
        workers=int(values.get("DEWS_WORKERS") or _usual_workers()),
        chunk_rows=int(values.get("DEWS_CHUNK_ROWS") or Settings.chunk_rows),
        most_rows=int(values.get("DEWS_MOST_ROWS") or Settings.most_rows),
        most_unpacked_mb=int(values.get("DEWS_MOST_UNPACKED_MB") or Settings.most_unpacked_mb),
        most_expansion=int(values.get("DEWS_MOST_EXPANSION") or Settings.most_expansion),
    )


def _usual_workers() -> int:
    """Give a process for each core, as far as memory may be expected to reach; none for one."""
    cores = len(os.sched_getaffinity(0))
    return 0 if cores == 1 else min(cores, _MOST_USUAL_WORKERS)


def list_feeds(folder: Path = CONFIG_FOLDER / "feeds") -> tuple[FeedEntry, ...]:
    """List the feeds that run by themselves, by name; ``enabled = false`` leaves one out."""
    entries = []
    for path in sorted(folder.glob("*.toml")):
        description: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        if description.get("enabled", True):
            entries.append(
                FeedEntry(
                    name=path.stem,
                    title=str(description.get("title", path.stem)),
                    owner=str(description.get("owner", "")),
                    cadence=str(description.get("cadence", "weekly")),
                    schedule=description.get("schedule"),
                    path=path,
                )
            )
    return tuple(entries)


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Give this process's environment with some values set, for a child process."""
    return {**os.environ, **extra}
