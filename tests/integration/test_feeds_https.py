"""Feeds over HTTP, against a real server on the loopback."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from surveillance.domain import RawBatch
from surveillance.errors import SettingsError, SourceError
from surveillance.feeds.description import load_description
from surveillance.feeds.landing import land, open_raw

ETAG = '"v1"'
CONTENT = b"death_id,date_of_death\nD-1,2026-10-01\n"


class Publisher(BaseHTTPRequestHandler):
    """Serves one file with an ETag, and some ways of failing."""

    asked: list[str | None]

    def do_GET(self) -> None:
        tag = self.headers.get("If-None-Match")
        self.asked.append(tag)
        if self.path == "/moved":
            self._answer(302, headers={"Location": "http://feeds.example.org/deaths.csv"})
        elif self.path == "/torn":
            self._answer(200, CONTENT[:5], headers={"Content-Length": str(len(CONTENT))})
        elif self.path != "/deaths.csv":
            self._answer(503)
        elif tag == ETAG:
            self._answer(304, headers={"ETag": ETAG})
        else:
            self._answer(200, CONTENT, headers={"ETag": ETAG, "Content-Length": str(len(CONTENT))})

    def _answer(
        self, status: int, content: bytes = b"", *, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {"Content-Length": "0"}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def asked() -> list[str | None]:
    return []


@pytest.fixture
def server(asked: list[str | None]) -> Iterator[str]:
    handler = type("OnePublisher", (Publisher,), {"asked": asked})
    publisher = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=publisher.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{publisher.server_port}"
    publisher.shutdown()
    thread.join()
    publisher.server_close()


@pytest.fixture
def fetch(tmp_path: Path, config_folder: Path) -> Callable[..., list[RawBatch]]:
    def run(address: str, etags: dict[str, str] | None = None) -> list[RawBatch]:
        return land(
            load_description(config_folder / "feeds" / "deaths.toml"),
            raw_folder=tmp_path / "raw",
            fetched_at=datetime(2026, 10, 5, 6, tzinfo=UTC),
            is_history=False,
            known=set(),
            location=address,
            etags=etags,
        )

    return run


def test_a_server_that_fails_is_a_source_error_with_its_status(
    server: str, fetch: Callable[..., list[RawBatch]]
) -> None:
    with pytest.raises(SourceError, match="answered 503 Service Unavailable"):
        fetch(f"{server}/other.csv")


def test_a_connection_cut_in_the_middle_keeps_nothing(
    server: str, fetch: Callable[..., list[RawBatch]], tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="could not be fetched"):
        fetch(f"{server}/torn")

    assert [path for path in (tmp_path / "raw").rglob("*") if path.is_file()] == []


def test_a_server_that_is_not_there_is_a_source_error(
    fetch: Callable[..., list[RawBatch]],
) -> None:
    # Port 1 is reserved and nobody listens on it.
    with pytest.raises(SourceError, match="could not be fetched: ConnectError"):
        fetch("http://127.0.0.1:1/deaths.csv")


def test_a_redirect_off_https_is_refused_before_it_is_followed(
    server: str, fetch: Callable[..., list[RawBatch]]
) -> None:
    with pytest.raises(SettingsError, match="is not an HTTPS address"):
        fetch(f"{server}/moved")


def test_an_etag_is_kept_and_asked_with_so_that_nothing_is_fetched_twice(
    server: str,
    asked: list[str | None],
    fetch: Callable[..., list[RawBatch]],
    tmp_path: Path,
) -> None:
    address = f"{server}/deaths.csv"

    (batch,) = fetch(address)
    again = fetch(address, {batch.address: str(batch.etag)})

    assert (batch.address, batch.etag) == (address, ETAG)
    with open_raw(tmp_path / "raw", batch) as file:
        assert file.read() == CONTENT
    assert again == []
    assert asked == [None, ETAG]
