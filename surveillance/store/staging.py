"""Rows on their way into the store: one flat row a version, in a table that nobody else sees.

Versions are written in the plain values that both databases take as text: days as ISO 8601,
moments in UTC, lists as JSON. They reach the database through a temporary table called
``staged``, out of which ``appending`` adds what is new.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text

from surveillance.domain import RawBatch, SubstanceMention, digest, record_columns
from surveillance.store.schema import KIND_TABLES, RecordRow

StagedRow = tuple[Any, ...]

# The same for every row of a batch, so they are not written with each.
OF_THE_BATCH = ("kind", "feed", "batch_id", "landed_at")
_DTYPES = ("date", "moment", "bool")


@cache
def staged_table(kind: str, *, is_temporary: bool = True) -> Table:
    """Define the table of the versions of one kind that wait to be added."""
    own = [c for c in RecordRow.__table__.columns if c.name in _of_the_record(kind)]
    special = [c for c in KIND_TABLES[kind].__table__.columns if c.name != "version_id"]
    return Table(
        "staged",
        MetaData(),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        *(Column(column.name, column.type) for column in (*own, *special)),
        Column("substances", Text),
        Column("reactions", Text),
        prefixes=["TEMPORARY"] if is_temporary else [],
    )


def _of_the_record(kind: str) -> frozenset[str]:
    """List the columns of the record's table that a version brings."""
    made = {"version_id", "content_hash", "delay_days"}
    return frozenset(made.union(column.name for column in record_columns(kind)))


def staged_rows(
    columns: Mapping[str, Sequence[Any]],
    *,
    kind: str,
    batch: RawBatch,
    content_hashes: Sequence[str],
    numbers: Sequence[int],
    places: Sequence[int],
) -> Iterator[StagedRow]:
    """Write versions as rows of the staged table.

    Args:
        columns: values of each column, as of :func:`surveillance.domain.plain_columns`.
        kind: record kind.
        batch: the batch that brought them.
        content_hashes: hash of what each says.
        numbers: one for each row, ascending in the order of the file.
        places: the rows that are wanted, by their place in the columns.
    """
    chosen = {name: [values[place] for place in places] for name, values in columns.items()}
    hashes = [content_hashes[place] for place in places]
    refs = [str(ref) for ref in chosen["source_ref"]]
    days = zip(chosen["received_at"], chosen["occurred_on"], strict=True)
    made: dict[str, Sequence[Any]] = {
        "seq": [numbers[place] for place in places],
        "content_hash": hashes,
        "version_id": [digest(batch.feed, *pair) for pair in zip(refs, hashes, strict=True)],
        "delay_days": [(received.date() - occurred).days for received, occurred in days],
        "substances": _written_lists(chosen["substances"], _parts_of),
        "reactions": _written_lists(chosen["reactions"], str),
    }
    dtypes = {column.name: column.dtype for column in record_columns(kind)}
    written = [
        made[name] if name in made else _written(chosen[name], dtypes[name])
        for name in staged_table(kind).columns.keys()  # noqa: SIM118 - a collection of columns
    ]
    return zip(*written, strict=True)


def _written(values: Sequence[Any], dtype: str) -> Sequence[Any]:
    if dtype not in _DTYPES:
        return values
    known = {value: None if value is None else _AS_PLAIN[dtype](value) for value in set(values)}
    return [known[value] for value in values]


def _plain_moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone was given to the store.")
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(" ", "microseconds").removesuffix("+00:00")


_AS_PLAIN: dict[str, Callable[[Any], Any]] = {
    "date": date.isoformat,
    "moment": _plain_moment,
    "bool": int,
}


def _written_lists(rows: Iterable[Sequence[Any]], parts_of: Callable[[Any], Any]) -> list[str]:
    """Write lists as JSON; an entry that comes again is written once."""
    known: dict[Any, str] = {}
    written = []
    for entries in rows:
        texts = []
        for entry in entries:
            parts = parts_of(entry)
            text = known.get(parts)
            if text is None:
                text = known[parts] = json.dumps(parts, ensure_ascii=False)
            texts.append(text)
        written.append(f"[{','.join(texts)}]")
    return written


def _parts_of(mention: SubstanceMention) -> tuple[str, str, str]:
    return mention.substance_id, mention.verbatim, mention.role


@contextmanager
def staging(connection: Connection, kind: str, rows: Iterable[StagedRow]) -> Iterator[Table]:
    """Bring rows into the database's temporary table, and take it away afterwards.

    PostgreSQL takes them by COPY.
    """
    table = staged_table(kind)
    table.create(connection)
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("The database connection is closed.")
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in table.columns)
        driver.executemany(f"INSERT INTO temp.staged VALUES ({marks})", rows)
    else:
        # What is written has no zone, for it is in UTC.
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        with driver.cursor() as cursor, cursor.copy("COPY staged FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.exec_driver_sql("ANALYZE staged")
    yield table
    table.drop(connection)
