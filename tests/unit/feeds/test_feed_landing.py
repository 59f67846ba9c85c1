"""Bytes are kept whole and first, once, or not at all."""

import errno
import gzip
import hashlib
import os
import resource
import stat
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from surveillance.domain import RawBatch
from surveillance.errors import LandingError, RejectedBatch, SettingsError, SourceError
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.landing import batch_id, land, open_raw, raw_path
from surveillance.feeds.parsing import parse
from surveillance.feeds.sources import open_file
from surveillance.register import Register

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
Describe = Callable[[str], FeedDescription]
Land = Callable[..., list[RawBatch]]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def land_here(tmp_path: Path, describe: Describe, description_text: str) -> Land:
    def run(
        *, known: Callable[[str], bool] | Set[str] = frozenset(), location: str | None = None
    ) -> list[RawBatch]:
        return land(
            describe(description_text),
            raw_folder=tmp_path / "raw",
            fetched_at=NOW,
            is_history=False,
            known=known,
            location=location,
            base=tmp_path,
        )

    return run


@contextmanager
def files_at_most(size_bytes: int) -> Iterator[None]:
    """Let the operating system refuse to write a file beyond a size, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def kept_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]


def test_a_disk_that_fills_up_while_landing_leaves_no_half_file(
    tmp_path: Path, inbox: Path, land_here: Land
) -> None:
    (inbox / "big.csv").write_bytes(b"x" * 300_000)

    with files_at_most(100_000), pytest.raises(LandingError) as caught:
        land_here()

    assert kept_files(tmp_path) == []
    assert "in/big.csv: its bytes could not be kept" in str(caught.value)
    assert "Nothing was read from it and no half file was left" in str(caught.value)
    assert "Free space" in str(caught.value)


def test_a_disk_that_fills_up_at_the_last_moment_leaves_no_half_file(
    tmp_path: Path, inbox: Path, land_here: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (inbox / "small.csv").write_bytes(b"id\n1\n")
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(LandingError, match="No space left on device"):
        land_here()

    assert kept_files(tmp_path) == []


def test_after_a_full_disk_the_same_file_lands(inbox: Path, land_here: Land) -> None:
    (inbox / "big.csv").write_bytes(b"x" * 300_000)
    with files_at_most(100_000), pytest.raises(LandingError):
        land_here()

    batches = land_here()

    assert [batch.size_bytes for batch in batches] == [300_000]


def test_a_raw_folder_that_cannot_be_made_is_a_landing_error(
    tmp_path: Path, inbox: Path, land_here: Land
) -> None:
    (inbox / "a.csv").write_bytes(b"id\n1\n")
    (tmp_path / "raw").write_bytes(b"a file stands in the way")

    with pytest.raises(LandingError, match="could not be kept"):
        land_here()


def test_a_missing_file_and_a_missing_folder_are_source_errors(land_here: Land) -> None:
    with pytest.raises(SourceError, match=r"none\.csv does not exist"):
        land_here(location="none.csv")
    with pytest.raises(SourceError, match=r"The folder .* does not exist"):
        land_here(location="nowhere/*.csv")


def test_a_feed_without_a_location_says_how_to_give_one(land_here: Land) -> None:
    with pytest.raises(SettingsError, match="Give one with --location"):
        land_here(location="")


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        ("http://feeds.example.org/deaths.csv", "is not an HTTPS address"),
        ("https://feeds.example.org:port/deaths.csv", "is not a web address"),
        ("https://me:secret@feeds.example.org/deaths.csv", "holds a user name or password"),
    ],
)
def test_an_unsafe_address_is_refused_before_anything_is_sent(
    location: str, complaint: str, land_here: Land
) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        land_here(location=location)

    assert "secret" not in str(caught.value)


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(inbox: Path) -> None:
    path = inbox / "growing.csv"
    path.write_bytes(b"id\n1\n")

    with open_file(path, base=inbox) as source:
        next(source.chunks)
        path.write_bytes(b"id\n1\n2\n")
        with pytest.raises(SourceError, match="changed while it was read"):
            list(source.chunks)


def test_kept_bytes_that_were_altered_are_never_read(
    tmp_path: Path, inbox: Path, land_here: Land
) -> None:
    (inbox / "a.csv").write_bytes(b"id\n1\n")
    (batch,) = land_here()
    path = raw_path(tmp_path / "raw", batch.sha256)
    path.chmod(0o600)
    path.write_bytes(b"id\n9\n")

    with (
        pytest.raises(SourceError, match="no longer match their hash"),
        open_raw(tmp_path / "raw", batch),
    ):
        pass
    with pytest.raises(LandingError, match="no longer match their hash"):
        land_here()

    assert path.read_bytes() == b"id\n9\n"


def test_kept_bytes_that_are_gone_are_a_source_error(
    tmp_path: Path, inbox: Path, land_here: Land
) -> None:
    (inbox / "a.csv").write_bytes(b"id\n1\n")
    (batch,) = land_here()
    raw_path(tmp_path / "raw", batch.sha256).unlink()

    with (
        pytest.raises(SourceError, match="Restore the file from a backup"),
        open_raw(tmp_path / "raw", batch),
    ):
        pass


def test_a_truncated_gzip_is_refused_whole_and_its_bytes_are_kept(
    tmp_path: Path,
    inbox: Path,
    land_here: Land,
    describe: Describe,
    description_text: str,
    register: Register,
) -> None:
    content = gzip.compress(b"id,day\n" + b"1,2026-10-01\n" * 500)[:-9]
    (inbox / "deaths.csv.gz").write_bytes(content)
    (batch,) = land_here()

    with pytest.raises(RejectedBatch) as caught:
        parse(batch, describe(description_text), raw_folder=tmp_path / "raw", register=register)

    message = str(caught.value)
    assert f"test_deaths batch {batch.batch_id} (in/deaths.csv.gz): the gzip file is cut" in message
    assert "No row of it was stored" in message
    assert "The feed's owner is Test desk" in message
    with open_raw(tmp_path / "raw", batch) as file:
        assert file.read() == content


def test_bytes_are_kept_under_their_hash_and_only_their_owner_may_read_them(
    tmp_path: Path, inbox: Path, land_here: Land
) -> None:
    content = b"id\n1\n"
    (inbox / "a.csv").write_bytes(content)

    (batch,) = land_here()

    sha256 = hashlib.sha256(content).hexdigest()
    path = tmp_path / "raw" / sha256[:2] / sha256
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert batch == RawBatch(
        batch_id=batch_id("test_deaths", sha256),
        feed="test_deaths",
        address="in/a.csv",
        sha256=sha256,
        size_bytes=5,
        fetched_at=NOW,
        is_history=False,
    )


def test_landing_again_gives_only_what_is_not_known(inbox: Path, land_here: Land) -> None:
    (inbox / "a.csv").write_bytes(b"id\n1\n")
    known = {batch.sha256 for batch in land_here()}
    (inbox / "b.csv").write_bytes(b"id\n2\n")

    by_hashes = land_here(known=known)
    by_test = land_here(known=lambda sha256: sha256 in known)

    assert [batch.address for batch in by_hashes] == ["in/b.csv"]
    assert by_test == by_hashes


def test_the_same_bytes_under_two_names_are_one_batch(inbox: Path, land_here: Land) -> None:
    for name in ("b.csv", "a.csv"):
        (inbox / name).write_bytes(b"id\n1\n")

    batches = land_here()

    assert [batch.address for batch in batches] == ["in/a.csv"]


@pytest.mark.parametrize("location", ["in", "in/*", "i?/**/*", "in/a.csv"])
def test_a_folder_a_glob_and_a_path_find_what_is_finished(
    location: str, inbox: Path, land_here: Land
) -> None:
    for name in ("a.csv", ".hidden.csv", "b.csv.part", "c.tmp"):
        (inbox / name).write_bytes(name.encode())
    (inbox / "folder").mkdir()

    batches = land_here(location=location)

    assert [batch.address for batch in batches] == ["in/a.csv"]


def test_an_empty_inbox_is_no_error(inbox: Path, land_here: Land) -> None:
    assert land_here() == []
    assert inbox.is_dir()


def test_a_file_outside_the_data_folder_keeps_its_whole_path(
    tmp_path_factory: pytest.TempPathFactory, land_here: Land
) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "a.csv"
    path.write_bytes(b"id\n1\n")

    (batch,) = land_here(location=str(path))

    assert batch.address == str(path)
