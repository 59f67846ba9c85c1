"""Apply the periods: remove what is kept too long, say what went, and change no count.

The database is changed first, in one transaction with its log, and the files go afterwards. Where
a pass dies in between, the next one finds the files that nothing keeps any longer and removes
them; the other way round a batch would stand there whose bytes are gone.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from surveillance.assess import OPEN_STATES
from surveillance.errors import InputError, SourceError
from surveillance.feeds.landing import raw_path
from surveillance.jobs.session import database
from surveillance.retention import Period, read_periods
from surveillance.store import expiry
from surveillance.store.engine import writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removal:
    """How much of one sort of thing was past its period, and went.

    Attributes:
        what: the sort of thing.
        period: how long it is kept, and why.
        before: things from before this moment are past it.
        removed: how many there were.
    """

    what: str
    period: Period
    before: datetime
    removed: int


@dataclass(frozen=True)
class Retained:
    """What one pass did.

    Attributes:
        removals: one for each sort of thing, also where nothing was due.
        files: files removed from the raw folder and the inboxes, with copies left by an
            earlier pass that died.
        open_signals: live signals that still are open and reach back into what went.
    """

    removals: tuple[Removal, ...]
    files: int
    open_signals: tuple[str, ...]


def retain(
    settings: "Settings", *, now: datetime, as_of: datetime | None = None, dry_run: bool = False
) -> Retained:
    """Remove what is past its period.

    Args:
        settings: where things lie; the periods are those of ``retention.toml``.
        now: the moment of the pass, which its log states.
        as_of: the moment the periods end at; absent, now. It cannot lie ahead.
        dry_run: count everything, remove nothing.

    Raises:
        InputError: ``as_of`` lies ahead of now.
        SettingsError: the periods cannot be used; nothing was removed.
        StoreError: the database failed; nothing was removed.
        SourceError: a file could not be removed; what the database says holds, and the next
            pass tries again.
    """
    moment = now if as_of is None else as_of
    if moment > now:
        raise InputError(
            f"--as-of {moment:%Y-%m-%d} lies ahead: what is not past its period yet would go. "
            "Nothing was removed; give a day that has come."
        )
    periods = read_periods(settings.config_folder / "retention.toml")
    engine = database(settings.database_url)
    with (expiry.rehearsing if dry_run else writing)(engine) as connection:
        removals = tuple(_expire(connection, periods, moment=moment, now=now))
        hashes = expiry.expired_hashes(connection)
        open_signals = expiry.open_signals_before(
            connection, before=periods["raw_reports"].before(moment), states=OPEN_STATES
        )
    if not dry_run and any(removal.removed for removal in removals):
        expiry.forget_removed(engine)
    files = list(_expired_files(settings, hashes))
    if not dry_run:
        _remove(files)
    for removal in removals:
        _log.info("%s: %d past %s days", removal.what, removal.removed, removal.period.days)
    return Retained(removals, files=len(files), open_signals=tuple(open_signals))


def _expire(
    connection: "Connection", periods: Mapping[str, Period], *, moment: datetime, now: datetime
) -> list[Removal]:
    """Change the database, and note it."""
    expiry.overwrite_removed(connection)
    steps: tuple[tuple[str, str, Callable[..., int]], ...] = (
        ("words of reports", "raw_reports", expiry.expire_words),
        ("bytes of batches", "raw_reports", partial(expiry.expire_batches, at=now)),
        ("text of rows held back", "quarantine", expiry.expire_quarantine),
        ("names in the trail", "audit", expiry.expire_trail),
    )
    removals = []
    for what, name, expire in steps:
        before = periods[name].before(moment)
        removals.append(Removal(what, periods[name], before, expire(connection, before=before)))
    expiry.note_retention(
        connection,
        [
            {
                "at": now,
                "what": removal.what,
                "before": removal.before,
                "period_days": removal.period.days,
                "removed": removal.removed,
            }
            for removal in removals
        ],
    )
    return removals


def _expired_files(settings: "Settings", hashes: Mapping[str, int]) -> Iterator[Path]:
    """Find the bytes that nothing keeps: in the raw folder, and their copies in the inboxes."""
    if not hashes:
        return
    for sha256 in hashes:
        path = raw_path(settings.raw_folder, sha256)
        if path.is_file():
            yield path
    sizes = set(hashes.values())
    for path in sorted((settings.home / "inbox").rglob("*")):
        # Few files have the size of one that went, so that few are read.
        if path.is_file() and path.stat().st_size in sizes and _hash_of(path) in hashes:
            yield path


def _hash_of(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(paths: list[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise SourceError(
                f"{path} is past its period and cannot be removed: {error.strerror}. The database "
                "no longer uses it. Mend its folder's permissions, then run dews retention again."
            ) from error
