"""Versioned records: append, and read as of a moment.

A record is known by its feed and the source's key. Each differing content of it is a version,
named by a hash, so that the same row arriving again adds no version: it is noted as a repeat of
the one that stands. What a question may know is decided by ``received_at``; of the versions known,
the newest that the source stated holds, and a version with ``withdrawn`` set takes the record away.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, select, update

from surveillance.domain import (
    COMMON_COLUMNS,
    KIND_COLUMNS,
    RawBatch,
    record_columns,
)
from surveillance.store.schema import (
    KIND_TABLES,
    BatchRow,
    ReactionRow,
    RecordRow,
    RepeatRow,
    SubstanceRow,
)
from surveillance.store.versions import Known, known_versions, newest_versions
from surveillance.store.writing import insert_many

_OF_THE_BATCH = {"row_number", "raw", "received_at"}
_LISTS = {"substances", "reactions"}
_TYPES: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool, "text": str}
_OF_THE_VERSION = (
    "version_id",
    "content_hash",
    "kind",
    "feed",
    "batch_id",
    "landed_at",
    "delay_days",
)
_OF_THE_RECEIPT = ("batch_id", "received_at", "landed_at", "delay_days")
_COUNTED = (
    "version_id",
    "feed",
    "source_ref",
    "occurred_on",
    "area_code",
    "count_low",
    "count_high",
)
_COMMON = [c.name for c in COMMON_COLUMNS if c.name not in _LISTS | {"raw"}]


@dataclass(frozen=True)
class _Version:
    """A version that is stored: what is needed to tell a repeat from a correction."""

    version_id: str
    content_hash: str
    batch_id: str
    received_at: datetime
    landed_at: datetime
    delay_days: int

    @property
    def order(self) -> tuple[datetime, datetime]:
        return self.received_at, self.landed_at


@dataclass(frozen=True)
class Recorded:
    """The records of one kind that a question may know.

    Attributes:
        records: one row a record: its newest known version, without those withdrawn.
        mentions: version_id, substance_id and role of each substance named.
    """

    records: pd.DataFrame
    mentions: pd.DataFrame


def append(connection: Connection, batch: RawBatch, kind: str, rows: pd.DataFrame) -> int:
    """Add the versions that are new; give how many were.

    A row known already adds no version; that this batch brought it too is noted. A row that takes
    back an earlier correction is a version of its own, for a source without times of receipt
    could not say so otherwise. Recalls play no part here: they decide what a question may know.

    Args:
        connection: a transaction; all rows are kept or none.
        batch: the batch that brought the rows.
        kind: their record kind.
        rows: accepted rows with the columns of :func:`surveillance.domain.record_columns`.
    """
    known = _stored_versions(connection, batch.feed)
    fresh: list[dict[str, Any]] = []
    repeats: list[dict[str, Any]] = []
    for row in _plain_rows(rows, kind):
        version = _version(row, batch, kind)
        versions = known.setdefault(version["source_ref"], [])
        repeated = _find_repeated(version, versions)
        if repeated is None:
            versions.append(_stored(version))
            fresh.append(row | version)
        elif repeated.batch_id != batch.batch_id:
            earlier = version["received_at"] < repeated.received_at
            repeats.append(
                _take_over(connection, repeated, version)
                if earlier
                else _receipt(repeated.version_id, _stored(version))
            )
    _insert(connection, kind, fresh)
    insert_many(connection, RepeatRow, repeats)
    return len(fresh)


def _find_repeated(version: dict[str, Any], known: Sequence[_Version]) -> _Version | None:
    """Find the version that a row repeats; None where the row is news.

    What takes back a correction gets an id of its own.
    """
    same = [other for other in known if other.content_hash == version["content_hash"]]
    if not same:
        return None
    first = min(same, key=lambda other: other.received_at)
    if version["source_received_at"] is not None or version["received_at"] < first.received_at:
        return first
    before = [other for other in known if other.received_at <= version["received_at"]]
    holds = max(before, key=lambda other: other.order)
    if holds.content_hash == version["content_hash"]:
        return holds
    version["version_id"] = _digest(version["version_id"], version["received_at"].isoformat())
    return next((other for other in known if other.version_id == version["version_id"]), None)


def _take_over(connection: Connection, stored: _Version, version: dict[str, Any]) -> dict[str, Any]:
    """Let a version be known through an earlier receipt; give the former one as a repeat."""
    connection.execute(
        update(RecordRow)
        .where(RecordRow.version_id == stored.version_id)
        .values({name: version[name] for name in _OF_THE_RECEIPT})
    )
    return _receipt(stored.version_id, stored)


def _receipt(version_id: str, version: _Version) -> dict[str, Any]:
    return {"version_id": version_id} | {name: getattr(version, name) for name in _OF_THE_RECEIPT}


def _stored_versions(connection: Connection, feed: str) -> dict[str, list[_Version]]:
    rows = connection.execute(
        select(
            RecordRow.source_ref,
            RecordRow.version_id,
            RecordRow.content_hash,
            *(RecordRow.__table__.c[name] for name in _OF_THE_RECEIPT),
        ).where(RecordRow.feed == feed)
    )
    known: dict[str, list[_Version]] = {}
    for ref, *values in rows:
        known.setdefault(ref, []).append(_Version(*values))
    return known


def _stored(version: dict[str, Any]) -> _Version:
    return _Version(**{name: version[name] for name in _Version.__dataclass_fields__})


def _version(row: dict[str, Any], batch: RawBatch, kind: str) -> dict[str, Any]:
    # What a record lacks is left out, so that a field added to its kind changes no hash.
    content = [(name, row[name]) for name in _stated(kind) if row[name] is not None]
    mentions = [(m.substance_id, m.verbatim, m.role) for m in row["substances"]]
    content_hash = _digest(repr((content, mentions, list(row["reactions"]))))
    return {
        "version_id": _digest(batch.feed, str(row["source_ref"]), content_hash),
        "content_hash": content_hash,
        "kind": kind,
        "feed": batch.feed,
        "batch_id": batch.batch_id,
        "source_ref": str(row["source_ref"]),
        "received_at": row["received_at"],
        "source_received_at": row["source_received_at"],
        "landed_at": batch.fetched_at,
        "delay_days": (row["received_at"].date() - row["occurred_on"]).days,
    }


def _plain_rows(rows: pd.DataFrame, kind: str) -> Iterator[dict[str, Any]]:
    """Give the rows with one type for each column, so that equal content has an equal hash."""
    columns = {}
    for column in record_columns(kind):
        values = rows[column.name].astype(object)
        if column.dtype != "list":
            values = values.where(values.notna(), None)
        if column.dtype in _TYPES:
            convert = _TYPES[column.dtype]
            columns[column.name] = [None if v is None else convert(v) for v in values]
        else:
            columns[column.name] = values.tolist()
    names = list(columns)
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(names, row, strict=True))


@cache
def _stated(kind: str) -> tuple[str, ...]:
    """List the columns that make a record's content, but for the lists."""
    left_out = _OF_THE_BATCH | _LISTS
    return tuple(c.name for c in record_columns(kind) if c.name not in left_out)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def _insert(connection: Connection, kind: str, versions: Sequence[dict[str, Any]]) -> None:
    common = [*_COMMON, *_OF_THE_VERSION]
    special = ["version_id", *(column.name for column in KIND_COLUMNS[kind])]
    insert_many(connection, RecordRow, [_pick(version, common) for version in versions])
    insert_many(connection, KIND_TABLES[kind], [_pick(version, special) for version in versions])
    insert_many(
        connection,
        SubstanceRow,
        [
            {
                "version_id": version["version_id"],
                "position": position,
                "substance_id": mention.substance_id,
                "verbatim": mention.verbatim,
                "role": mention.role,
            }
            for version in versions
            for position, mention in enumerate(version["substances"])
        ],
    )
    insert_many(
        connection,
        ReactionRow,
        [
            {"version_id": version["version_id"], "position": position, "reaction_code": code}
            for version in versions
            for position, code in enumerate(version["reactions"])
        ],
    )


def _pick(version: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: version[name] for name in names}


def load(
    connection: Connection,
    kind: str,
    *,
    as_of: datetime,
    feeds: Sequence[str],
    fields: Sequence[str] = (),
    within_days: int | None = None,
) -> Recorded:
    """Read the records of one kind that a question may know at a moment.

    Args:
        connection: one consistent view of the database.
        kind: the record kind.
        as_of: nothing received after this moment is read.
        feeds: the feeds to read; no feed gives no record.
        fields: fields wanted beside the key, feed, day, area and counts.
        within_days: reads each record as it was known so many days after it occurred, so that
            recent and distant periods are known alike; absent, all that is known.
    """
    return load_known(connection, kind, Known(feeds, as_of, within_days), fields=fields)


def load_known(
    connection: Connection, kind: str, known: Known, *, fields: Sequence[str] = ()
) -> Recorded:
    """Read the records of one kind that are known, with some fields beside the usual ones."""
    newest = newest_versions(connection, known, kind=kind)
    kind_table = KIND_TABLES[kind]
    special = kind_table.__table__.c
    wanted = [newest.c[name] for name in (*_COUNTED, *fields) if name in newest.c]
    of_kind = [special[name] for name in fields if name in special and name not in newest.c]
    query = select(*wanted, *of_kind, SubstanceRow.substance_id, SubstanceRow.role).outerjoin(
        SubstanceRow, SubstanceRow.version_id == newest.c.version_id
    )
    if of_kind:
        query = query.join(kind_table, special.version_id == newest.c.version_id)
    # One query for both, for ranking the versions is what costs; a record comes once a mention.
    both = _frame(connection, query.order_by(newest.c.version_id, SubstanceRow.position))
    named = ["substance_id", "role"]
    return Recorded(
        records=both.drop(columns=named).drop_duplicates("version_id", ignore_index=True),
        mentions=both.loc[both["substance_id"].notna(), ["version_id", *named]].reset_index(
            drop=True
        ),
    )


def _frame(connection: Connection, query: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    result = connection.execute(query)
    names = list(result.keys())
    # Plain tuples: pandas looks for names in each row otherwise, and not finding them costs most.
    return pd.DataFrame([tuple(row) for row in result], columns=names)


def newest_receipts(
    connection: Connection, *, as_of: datetime, feeds: Sequence[str]
) -> dict[str, datetime]:
    """Give for each feed the newest receipt that a question may know of."""
    versions = known_versions(connection, Known(feeds, as_of))
    rows = connection.execute(
        select(versions.c.feed, func.max(versions.c.received_at)).group_by(versions.c.feed)
    )
    return {row.feed: row[1] for row in rows}


def snapshot(connection: Connection, *, as_of: datetime, feeds: Sequence[str]) -> dict[str, int]:
    """Count each feed's versions known at a moment.

    Under the same recalls versions are only ever added, so that the counts and
    :func:`surveillance.store.recalls.count_recalls` name the state of knowledge.
    """
    versions = known_versions(connection, Known(feeds, as_of))
    rows = connection.execute(
        select(versions.c.feed, func.count())
        .select_from(versions)
        .group_by(versions.c.feed)
        .order_by(versions.c.feed)
    )
    return {row.feed: int(row[1]) for row in rows}


def kept_after(connection: Connection, batch: RawBatch) -> list[str]:
    """List the batches of a feed that were fetched later and have been stored."""
    rows = connection.execute(
        select(BatchRow.batch_id)
        .where(
            BatchRow.feed == batch.feed,
            BatchRow.fetched_at > batch.fetched_at,
            BatchRow.state == "kept",
        )
        .order_by(BatchRow.fetched_at, BatchRow.batch_id)
    )
    return list(rows.scalars())
