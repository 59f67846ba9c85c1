"""Keeps a source's bytes before anything reads them.

Each file is kept once, under its SHA-256: ``raw_folder/ab/ab12...``. It appears there
whole or not at all, and nothing overwrites it.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from surveillance.domain import RawBatch
from surveillance.errors import LandingError, SettingsError, SourceError
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.naming import published_at, read_name
from surveillance.feeds.sources import (
    OpenSource,
    find_files,
    is_remote,
    open_address,
    open_file,
)

BATCH_ID_LENGTH = 16
_READ_ONLY = 0o400

# Opens one file or page of a source; None inside means that it brought nothing new.
Opener = Callable[[], AbstractContextManager[OpenSource | None]]


def land(
    description: FeedDescription,
    *,
    raw_folder: Path,
    fetched_at: datetime,
    is_history: bool,
    known: Callable[[str], bool] | Collection[str],
    location: str | None = None,
    etags: Mapping[str, str] | None = None,
    base: Path = Path(),
    expired: Collection[str] = (),
) -> list[RawBatch]:
    """Keep the bytes of everything a feed's location holds, and name what is new.

    Args:
        description: the feed.
        raw_folder: where bytes are kept; made if it is missing.
        fetched_at: the moment of this fetch.
        is_history: whether rows count as known when the source says they were.
        known: SHA-256 hashes that this feed brought before, or a test for one.
        location: path, folder, glob or HTTPS address, instead of the description's.
        etags: address -> ETag of its last answer.
        base: folder that a relative location starts from.
        expired: hashes of bytes that must not be kept again, for their period is over.

    Returns:
        One batch for each file or page that is not known, in the order in which they were
        published where their names tell it, else in order of name. Each counts as fetched a
        microsecond after the one before it, so that a later release holds.

    Raises:
        SettingsError: the feed has no location, or one that may not be used.
        SourceError: the source is missing or cannot be read; trying again is safe.
        LandingError: the bytes cannot be kept; nothing was read from them.
    """
    wanted = description.location if location is None else location
    if not wanted:
        raise SettingsError(
            f"{description.name}: the description gives no location. Nothing was read. Give one "
            "with --location."
        )
    is_known = known if callable(known) else known.__contains__
    batches: dict[str, RawBatch] = {}
    for opener in _openers(wanted, base=base, etags=etags or {}):
        with opener() as source:
            if source is None:
                continue
            sha256, size_bytes = _keep(source, raw_folder=raw_folder, expired=expired)
        if is_known(sha256):
            continue
        batch = RawBatch(
            batch_id=batch_id(description.name, sha256),
            feed=description.name,
            address=source.address,
            sha256=sha256,
            size_bytes=size_bytes,
            fetched_at=fetched_at,
            is_history=is_history,
            etag=source.etag,
        )
        batches.setdefault(batch.batch_id, batch)
    return _in_order(list(batches.values()), description)


def _in_order(batches: list[RawBatch], description: FeedDescription) -> list[RawBatch]:
    """Put the batches of one fetch in the order of their publication, and their moments too."""
    pattern, days = description.source.name_pattern, description.received.published_days
    if days is not None:
        first = datetime.min.replace(tzinfo=UTC)

        def published(batch: RawBatch) -> datetime:
            pieces = read_name(batch.address, pattern)
            return (pieces and published_at(pieces, days=days)) or first

        batches = sorted(batches, key=published)
    return [
        replace(batch, fetched_at=batch.fetched_at + timedelta(microseconds=place))
        for place, batch in enumerate(batches)
    ]


def land_content(
    content: bytes, *, feed: str, address: str, raw_folder: Path, fetched_at: datetime
) -> RawBatch:
    """Keep bytes that this service received itself, and name their batch.

    Args:
        content: the bytes.
        feed: the feed that they belong to.
        address: where they came from, for people.
        raw_folder: where bytes are kept; made if it is missing.
        fetched_at: the moment of the landing.

    Raises:
        LandingError: the bytes cannot be kept.
    """
    source = OpenSource(address=address, chunks=iter((content,)), etag=None)
    sha256, size_bytes = _keep(source, raw_folder=raw_folder)
    return RawBatch(
        batch_id=batch_id(feed, sha256),
        feed=feed,
        address=address,
        sha256=sha256,
        size_bytes=size_bytes,
        fetched_at=fetched_at,
        is_history=False,
    )


def batch_id(feed: str, sha256: str) -> str:
    """Name a batch by its feed and content: the same bytes are always the same batch.

    Example:
        >>> batch_id("deaths", "00")
        'f738ddbaf2e89dc3'
    """
    return hashlib.sha256(f"{feed}:{sha256}".encode()).hexdigest()[:BATCH_ID_LENGTH]


def open_raw(raw_folder: Path, batch: RawBatch) -> bytes:
    """Give a batch's bytes as they were fetched.

    Raises:
        SourceError: they are gone, cannot be read, or are no longer what was kept.
    """
    path = raw_path(raw_folder, batch.sha256)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{batch.feed} batch {batch.batch_id}: the kept bytes {path} cannot be read: "
            f"{error.strerror}. No row was read. Restore the file from a backup, then run again."
        ) from error
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        raise SourceError(_damaged(path))
    return content


def raw_path(raw_folder: Path, sha256: str) -> Path:
    """Give the place where bytes of a hash are kept."""
    return raw_folder / sha256[:2] / sha256


def _openers(wanted: str, *, base: Path, etags: Mapping[str, str]) -> Iterator[Opener]:
    if is_remote(wanted):
        yield partial(open_address, wanted, etags=etags)
        return
    for path in find_files(wanted, base=base):
        yield partial(open_file, path, base=base)


def _keep(
    source: OpenSource, *, raw_folder: Path, expired: Collection[str] = ()
) -> tuple[str, int]:
    """Write a source's bytes to their place; gives their hash and size."""
    try:
        raw_folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=raw_folder, prefix=".landing-", suffix=".part")
    except OSError as error:
        raise _not_kept(source.address, raw_folder, error) from error
    part = Path(name)
    try:
        sha256, size_bytes = _write(source.chunks, handle)
        if sha256 not in expired:
            _settle(part, raw_path(raw_folder, sha256))
    except OSError as error:
        raise _not_kept(source.address, raw_folder, error) from error
    finally:
        # After a success the part has its final name, and there is nothing to remove.
        with suppress(OSError):
            part.unlink()
    return sha256, size_bytes


def _write(chunks: Iterator[bytes], handle: int) -> tuple[str, int]:
    digest = hashlib.sha256()
    size_bytes = 0
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size_bytes += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size_bytes


def _settle(part: Path, final: Path) -> None:
    """Give the part its final name, unless the same bytes are already there."""
    if final.exists():
        if _hash_of(final) != final.name:
            raise LandingError(_damaged(final))
        return
    final.parent.mkdir(exist_ok=True)
    part.chmod(_READ_ONLY)
    part.replace(final)
    for folder in (final.parent, final.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hash_of(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_kept(address: str, raw_folder: Path, error: OSError) -> LandingError:
    return LandingError(
        f"{address}: its bytes could not be kept in {raw_folder}: {error.strerror}. Nothing was "
        "read from it and no half file was left; what was kept before is safe. Free space on "
        "that disk or mend its permissions, then run again."
    )


def _damaged(path: Path) -> str:
    return (
        f"The kept bytes {path} no longer match their hash: the file was altered or the disk is "
        "failing. No row was read from it. Move it away and restore it from a backup, or fetch "
        "the source again."
    )
