import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dews.inbox_trigger import Inbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def inbox(folder: Path, tmp_path: Path) -> "Inbox":
    from dews.inbox_trigger import Inbox

    return Inbox(folder, raw_folder=tmp_path / "raw")


def keep(content: bytes, *, raw_folder: Path) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    (raw_folder / sha256[:2]).mkdir(parents=True)
    (raw_folder / sha256[:2] / sha256).write_bytes(content)


def test_a_folder_that_does_not_exist_yet_is_an_empty_inbox(tmp_path: Path) -> None:
    from dews.inbox_trigger import Inbox

    inbox = Inbox(tmp_path / "nowhere", raw_folder=tmp_path / "raw")

    assert inbox.look(seconds=0) == []


def test_a_file_still_growing_is_left_alone(inbox: "Inbox", folder: Path) -> None:
    (folder / "a.csv").write_bytes(b"half")
    inbox.look(seconds=0)
    (folder / "a.csv").write_bytes(b"half and half")

    assert inbox.look(seconds=1) == []
    assert inbox.look(seconds=2) == ["a.csv"]


@pytest.mark.parametrize("name", [".hidden", "a.csv.part", "a.csv.tmp"])
def test_a_file_under_an_unfinished_name_is_left_alone(
    inbox: "Inbox", folder: Path, name: str
) -> None:
    (folder / name).write_bytes(b"x")
    inbox.look(seconds=0)

    assert inbox.look(seconds=1) == []


def test_a_file_taken_away_between_two_looks_is_forgotten(inbox: "Inbox", folder: Path) -> None:
    (folder / "a.csv").write_bytes(b"x")
    inbox.look(seconds=0)
    (folder / "a.csv").unlink()

    assert inbox.look(seconds=1) == []


def test_a_file_whose_bytes_are_kept_never_wakes_anyone(
    inbox: "Inbox", folder: Path, tmp_path: Path
) -> None:
    (folder / "a.csv").write_bytes(b"known")
    keep(b"known", raw_folder=tmp_path / "raw")
    inbox.look(seconds=0)

    assert inbox.look(seconds=1) == []


def test_a_file_not_kept_is_named_again_after_waits_that_double(
    inbox: "Inbox", folder: Path
) -> None:
    (folder / "a.csv").write_bytes(b"x")
    inbox.look(seconds=0)

    named_at = [second for second in range(1, 400) if inbox.look(seconds=second)]

    assert named_at == [1, 61, 181]


def test_a_file_that_was_replaced_is_named_at_once(
    inbox: "Inbox", folder: Path, tmp_path: Path
) -> None:
    (folder / "a.csv").write_bytes(b"known")
    keep(b"known", raw_folder=tmp_path / "raw")
    inbox.look(seconds=0)
    inbox.look(seconds=1)
    (folder / "a.csv").write_bytes(b"fresh")
    os.utime(folder / "a.csv", ns=(1, 1))
    inbox.look(seconds=2)

    assert inbox.look(seconds=3) == ["a.csv"]


def test_the_triggerer_can_make_the_trigger_again(tmp_path: Path) -> None:
    from airflow._shared.module_loading import import_string

    from dews.inbox_trigger import InboxTrigger

    trigger = InboxTrigger(folder=str(tmp_path), raw_folder=str(tmp_path / "raw"))

    path, arguments = trigger.serialize()

    assert import_string(path)(**arguments).serialize() == (path, arguments)
