"""What is known of a batch before its verdict: set down on disk, so that memory holds a part.

Each process that reads parts of a batch writes a file of its own, an SQLite database with the
rows that hold and those that do not. Nothing of it counts before the whole batch is judged;
then the store takes the rows over, and the files go.
"""

import fcntl
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from surveillance.domain import HeldRow
from surveillance.store.staging import StagedRow, staged_table

# A place in a part has room for four thousand million rows.
_PLACE_BITS = 32
_LOCK = "in_use"
_HELD = "seq INTEGER PRIMARY KEY, row_number INTEGER, raw TEXT, reasons TEXT"
_INSERT_HELD = "INSERT OR REPLACE INTO held (seq, row_number, raw, reasons) VALUES (?, ?, ?, ?)"


def number_of(part: int, place: int) -> int:
    """Number a row by its part of the batch and its place there, in the order of the file."""
    return (part << _PLACE_BITS) + place


def name_of(file: int) -> str:
    """Name a file of the spool within a database that reads it."""
    return f"file{file}"


class SpoolFile:
    """The file of one process."""

    def __init__(self, folder: Path, name: str, *, kind: str) -> None:
        self._connection = sqlite3.connect(folder / f"{name}.rows", isolation_level=None)
        # The file is worth nothing once its process is gone, so nothing is spent on its safety.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
            self._connection.execute(f"PRAGMA {pragma}")
        create = CreateTable(staged_table(kind, is_temporary=False))
        self._connection.execute(str(create.compile(dialect=sqlite.dialect())))
        self._connection.execute(f"CREATE TABLE held ({_HELD})")
        self._marks = ", ".join("?" for _ in staged_table(kind).columns)

    def add(self, part: int, rows: Iterable[StagedRow], held: Sequence[HeldRow]) -> None:
        """Set down what a part of the batch gave."""
        # Rows that could not be read have no place among the records; they stand before them.
        early = sum(row.place is None for row in held)
        numbers = [
            number_of(part, count - early if row.place is None else row.place)
            for count, row in enumerate(held)
        ]
        aside = [
            (number, row.row_number, row.raw, json.dumps(row.reasons))
            for number, row in zip(numbers, held, strict=True)
        ]
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO staged VALUES ({self._marks})", rows)
        self._connection.executemany(_INSERT_HELD, aside)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; its rows stay."""
        self._connection.close()


class Spool:
    """All files of one batch, once they are written."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(folder.glob("*.rows"))
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self.names = [name_of(number) for number in range(len(self.files))]
        for name, path in zip(self.names, self.files, strict=True):
            self._connection.execute(f"ATTACH ? AS {name}", (str(path),))

    def staged(self) -> Iterator[StagedRow]:
        """Give the rows that hold, in no order."""
        yield from self._connection.execute(self._of_all("staged"))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make several changes at once, which is much faster."""
        self._connection.execute("BEGIN")
        yield
        self._connection.execute("COMMIT")

    def held_at(self, number: int) -> HeldRow | None:
        """Give a row that is held back by its number, None where there is none."""
        query = f"SELECT row_number, raw, reasons FROM ({self._of_all('held')}) WHERE seq = ?"
        row = self._connection.execute(query, (number,)).fetchone()
        return None if row is None else _held(number, *row)

    def hold(self, number: int, row: HeldRow) -> None:
        """Hold a row back, whether it held or was held back already."""
        for name in self.names:
            for table in ("staged", "held"):
                self._connection.execute(f"DELETE FROM {name}.{table} WHERE seq = ?", (number,))
        query = _INSERT_HELD.replace("INTO held", f"INTO {self.names[0]}.held")
        reasons = json.dumps(row.reasons)
        self._connection.execute(query, (number, row.row_number, row.raw, reasons))

    def held(self) -> Iterator[HeldRow]:
        """Give the rows that are held back, in the order of the file."""
        query = f"SELECT * FROM ({self._of_all('held')}) ORDER BY row_number, seq"
        for number, row_number, raw, reasons in self._connection.execute(query):
            yield _held(number, row_number, raw, reasons)

    def close(self) -> None:
        """Close the files; their rows stay."""
        self._connection.close()

    def _of_all(self, table: str) -> str:
        return " UNION ALL ".join(f"SELECT * FROM {name}.{table}" for name in self.names)


def _held(number: int, row_number: int, raw: str, reasons: str) -> HeldRow:
    place = number & ((1 << _PLACE_BITS) - 1)
    return HeldRow(
        place, row_number, raw, tuple((rule, words) for rule, words in json.loads(reasons))
    )


@contextmanager
def spooling(base: Path, batch_id: str) -> Iterator[Path]:
    """Give an empty folder for the files of a batch; it is gone afterwards.

    Folders that a killed process left behind are removed on the way.
    """
    base.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with (base / _LOCK).open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            _remove_left_behind(base)
            folder = Path(tempfile.mkdtemp(prefix=f"{batch_id}-", dir=base))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            lock = stack.enter_context((folder / _LOCK).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _remove_left_behind(base: Path) -> None:
    for folder in base.iterdir():
        with suppress(OSError), (folder / _LOCK).open("r") as lock:
            # Whoever still works there holds the lock.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def spool_of(folder: Path) -> Iterator[Spool]:
    """Open the files of a folder, and close them."""
    with closing(Spool(folder)) as spool:
        yield spool
