"""Finds a feed's files, on disk or over HTTPS, and streams their bytes.

Nothing is kept or read here; ``landing`` keeps, ``reading`` reads.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import httpx

from surveillance.errors import SettingsError, SourceError

CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 60.0
# A file still being written carries one of these, or a leading dot, until it is whole.
UNFINISHED = (".part", ".tmp")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class OpenSource:
    """A source whose bytes are flowing."""

    address: str
    chunks: Iterator[bytes]
    etag: str | None


def is_remote(location: str) -> bool:
    """Say whether a location is a web address."""
    return location.startswith(("https://", "http://"))


def find_files(location: str, *, base: Path) -> list[Path]:
    """List the files a path, folder or glob stands for, in order of name.

    A folder or glob with nothing in it gives no files: nothing has arrived.

    Raises:
        SourceError: the path, or the folder of the glob, does not exist.
    """
    path = base / Path(location).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        return _finished(path.iterdir())
    fixed = _fixed_folder(path)
    if fixed == path:
        raise SourceError(
            f"{path} does not exist. Nothing was read. Check the location, or try again when "
            "the source has delivered."
        )
    if not fixed.is_dir():
        raise SourceError(
            f"The folder {fixed} does not exist, so {location!r} can never be found. Nothing was "
            "read. Create the folder or mend the location."
        )
    return _finished(fixed.glob(str(path.relative_to(fixed))))


def _fixed_folder(pattern: Path) -> Path:
    """Give the part of a glob before its first wildcard, all of it where it has none."""
    parts = list(takewhile(lambda part: not set(part) & set("*?["), pattern.parts))
    return Path(*parts)


def _finished(paths: Iterable[Path]) -> list[Path]:
    return sorted(
        path
        for path in paths
        if not path.name.startswith(".") and not path.name.endswith(UNFINISHED) and path.is_file()
    )


@contextmanager
def open_file(path: Path, *, base: Path) -> Iterator[OpenSource]:
    """Open a file; its address is relative to the data folder where it lies inside.

    Raises:
        SourceError: it cannot be read, or it changed while it was read.
    """
    address = str(path.relative_to(base)) if path.is_relative_to(base) else str(path)
    yield OpenSource(address=address, chunks=_file_chunks(path), etag=None)


def _file_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            before = path.stat()
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
            after = path.stat()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}. Nothing of it was kept. Check its "
            "permissions; the next run tries again."
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceError(
            f"{path} changed while it was read. Nothing of it was kept; the next run tries "
            "again. Write a file under another name and rename it when it is whole."
        )


def _check_address(url: httpx.URL, *, written: str) -> None:
    if url.userinfo:
        raise SettingsError(
            f"The location of a feed at {url.host} holds a user name or password. Nothing was "
            "fetched. Take it out: addresses are stored and shown."
        )
    if url.scheme != "https" and url.host not in _LOOPBACK:
        raise SettingsError(
            f"{written} is not an HTTPS address. Nothing was fetched. Use https://."
        )


def _client() -> httpx.Client:
    """Make a client that checks every address it is sent to, redirects among them."""

    def check(request: httpx.Request) -> None:
        _check_address(request.url, written=str(request.url))

    return httpx.Client(
        follow_redirects=True, timeout=TIMEOUT_SECONDS, event_hooks={"request": [check]}
    )


@contextmanager
def open_address(address: str, *, etags: Mapping[str, str]) -> Iterator[OpenSource | None]:
    """Open a web address; None inside means: nothing new since the ETag we hold.

    Raises:
        SettingsError: the address is not HTTPS (loopback aside) or holds a password.
        SourceError: the server cannot be reached or does not answer with the file.
    """
    headers = {"If-None-Match": etags[address]} if address in etags else {}
    try:
        with _client() as client, client.stream("GET", address, headers=headers) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                yield None
                return
            response.raise_for_status()
            chunks = response.iter_bytes(CHUNK_BYTES)
            yield OpenSource(address=address, chunks=chunks, etag=response.headers.get("ETag"))
    except httpx.HTTPStatusError as error:
        status = f"{error.response.status_code} {error.response.reason_phrase}"
        raise SourceError(
            f"{address} answered {status}. Nothing of it was kept. Check the address with the "
            "feed's owner; the next run tries again."
        ) from error
    except httpx.InvalidURL as error:
        raise SettingsError(
            f"{address} is not a web address: {error}. Nothing was fetched. Mend the location."
        ) from error
    except httpx.HTTPError as error:
        raise SourceError(
            f"{address} could not be fetched: {type(error).__name__}: {error}. Nothing of it was "
            "kept; the next run tries again."
        ) from error
