"""Wakes a collecting DAG when a file lies in its inbox folder.

It only notices; the job that it wakes finds, keeps and registers the bytes. So an event
that is lost or comes twice does no harm, and a file that is still not kept wakes it again.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

LOOK_EVERY_SECONDS = 1.0
FIRST_WAIT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0
# As in surveillance.feeds: a file under these names is still being written.
UNFINISHED_SUFFIXES = (".part", ".tmp")


class InboxTrigger(BaseEventTrigger):
    """Fires for each file of a folder that is complete and whose bytes are not kept yet.

    Args:
        folder: the inbox folder of one feed; it may not exist yet.
        raw_folder: where kept bytes lie, each file named by its SHA-256.
    """

    def __init__(self, *, folder: str, raw_folder: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        self.raw_folder = raw_folder

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Say how the triggerer makes this trigger again."""
        return (
            "dews.inbox_trigger.InboxTrigger",
            {"folder": self.folder, "raw_folder": self.raw_folder},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every second, for ever; give one event for all files that are due."""
        inbox = Inbox(Path(self.folder), raw_folder=Path(self.raw_folder))
        while True:
            waiting = await asyncio.to_thread(inbox.look, seconds=time.monotonic())
            if waiting:
                yield TriggerEvent({"files": len(waiting)})  # type: ignore[no-untyped-call]
            await asyncio.sleep(LOOK_EVERY_SECONDS)


@dataclass
class _Sighting:
    """A file as last seen: its size in bytes, its time in ns, and when to call again."""

    mark: tuple[int, int]
    sha256: str = ""
    call_at_seconds: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS


class Inbox:
    """The memory of one watched folder."""

    def __init__(self, folder: Path, *, raw_folder: Path) -> None:
        self._folder = folder
        self._raw_folder = raw_folder
        self._seen: dict[str, _Sighting] = {}

    def look(self, *, seconds: float) -> list[str]:
        """Name the files to collect now.

        A file counts from the second look at which it has not changed. While its bytes are
        not kept it is named again, each time after twice the wait.

        Args:
            seconds: a clock that only goes forward.
        """
        before, self._seen = self._seen, {}
        due = []
        for path in self._files():
            try:
                status = path.stat()
                mark = (status.st_size, status.st_mtime_ns)
                sighting = before.get(path.name)
                is_stable = sighting is not None and sighting.mark == mark
                self._seen[path.name] = sighting = (
                    sighting if sighting and is_stable else _Sighting(mark)
                )
                if is_stable and self._is_due(path, sighting, seconds=seconds):
                    due.append(path.name)
            except FileNotFoundError:
                # It was taken away between two steps of this look.
                continue
        return due

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(
            path
            for path in self._folder.iterdir()
            if path.is_file()
            and not path.name.startswith(".")
            and path.suffix not in UNFINISHED_SUFFIXES
        )

    def _is_due(self, path: Path, sighting: _Sighting, *, seconds: float) -> bool:
        if seconds < sighting.call_at_seconds:
            return False
        if not sighting.sha256:
            with path.open("rb") as file:
                sighting.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if (self._raw_folder / sighting.sha256[:2] / sighting.sha256).exists():
            sighting.call_at_seconds = float("inf")
            return False
        sighting.call_at_seconds = seconds + sighting.wait_seconds
        sighting.wait_seconds = min(2 * sighting.wait_seconds, LONGEST_WAIT_SECONDS)
        return True
