"""Options that several commands share, and the settings they give."""

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings, load_settings
from surveillance.errors import InputError
from surveillance.periods import WEEKLY_RUN_AT

Database = Annotated[
    str | None,
    typer.Option("--database", help="SQLAlchemy URL; default: the environment, else SQLite."),
]
Feeds = Annotated[
    list[Path] | None,
    typer.Option("--feeds", help="A feed description, or a folder of them; may be repeated."),
]


def settings_for(
    database: str | None = None, feeds: list[Path] | None = None, channels: str | None = None
) -> Settings:
    """Read the settings and let a command's options stand above them.

    Raises:
        InputError: a path of ``--feeds`` is neither a description nor a folder with some.
    """
    settings = load_settings()
    if database:
        settings = replace(settings, database_url=database)
    if feeds:
        settings = replace(settings, feeds=tuple(find_descriptions(feeds)))
    if channels is not None:
        settings = replace(settings, channels=tuple(channels.split(",")))
    return settings


def find_descriptions(paths: list[Path]) -> list[Path]:
    """List the descriptions that some paths name; a folder stands for all within."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not inside or not all(one.is_file() for one in inside):
            raise InputError(
                f"--feeds {path}: no feed description there. Give a .toml file of config/feeds/ or "
                "a folder that holds some."
            )
        found += inside
    return found


def moment_of(text: str | None) -> datetime | None:
    """Read ``--as-of``: an ISO date (06:00 UTC of that day) or an ISO moment.

    Raises:
        InputError: it is neither.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"--as-of {text!r}: write a date as 2026-10-05.") from error
    if moment.time() == time(0, 0) and moment.tzinfo is None:
        return datetime.combine(moment.date(), WEEKLY_RUN_AT)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
