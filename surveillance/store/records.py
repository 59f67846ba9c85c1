"""Versioned records: append, and read as of a moment.

A record is known by its feed and the source's key. Each differing content of it is a version,
named by a hash, so that the same row arriving again adds nothing. What a question may know is
decided by ``received_at``; of the versions known, the newest that the source stated holds, and
a version with ``withdrawn`` set takes the record away.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    case,
    false,
    func,
    or_,
    select,
    update,
)

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
    SubstanceRow,
)
from surveillance.store.writing import insert_many

# First and last day.
Period = tuple[date, date]
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
class _Known:
    """A version that is stored: what is needed to tell a repeat from a correction."""

    version_id: str
    content_hash: str
    received_at: datetime
    order: tuple[datetime, datetime]


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

    A row known already adds nothing. A row that takes back an earlier correction is a version
    of its own, for a source without times of receipt could not say so otherwise.

    Args:
        connection: a transaction; all rows are kept or none.
        batch: the batch that brought the rows.
        kind: their record kind.
        rows: accepted rows with the columns of :func:`surveillance.domain.record_columns`.
    """
    known = _known_versions(connection, batch.feed)
    fresh: list[dict[str, Any]] = []
    for row in _plain_rows(rows, kind):
        version = _version(row, batch, kind)
        versions = known.setdefault(version["source_ref"], [])
        if not _is_new(connection, version, versions):
            continue
        versions.append(_known_from(version))
        fresh.append(row | version)
    _insert(connection, kind, fresh)
    return len(fresh)


def _is_new(connection: Connection, version: dict[str, Any], known: Sequence[_Known]) -> bool:
    same = [other for other in known if other.content_hash == version["content_hash"]]
    if not same:
        return True
    first = min(same, key=lambda other: other.received_at)
    if version["received_at"] < first.received_at:
        connection.execute(
            update(RecordRow)
            .where(RecordRow.version_id == first.version_id)
            .values(received_at=version["received_at"], delay_days=version["delay_days"])
        )
        return False
    if version["source_received_at"] is not None:
        return False
    before = [other for other in known if other.received_at <= version["received_at"]]
    holds = max(before, key=lambda other: other.order)
    if holds.content_hash == version["content_hash"]:
        return False
    version["version_id"] = _digest(version["version_id"], version["received_at"].isoformat())
    return all(other.version_id != version["version_id"] for other in known)


def _known_versions(connection: Connection, feed: str) -> dict[str, list[_Known]]:
    rows = connection.execute(
        select(
            RecordRow.source_ref,
            RecordRow.version_id,
            RecordRow.content_hash,
            RecordRow.received_at,
            RecordRow.landed_at,
        ).where(RecordRow.feed == feed)
    )
    known: dict[str, list[_Known]] = {}
    for ref, version_id, content_hash, received_at, landed_at in rows:
        version = _Known(version_id, content_hash, received_at, (received_at, landed_at))
        known.setdefault(ref, []).append(version)
    return known


def _known_from(version: dict[str, Any]) -> _Known:
    received_at = version["received_at"]
    return _Known(
        version["version_id"],
        version["content_hash"],
        received_at,
        (received_at, version["landed_at"]),
    )


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
    newest = newest_of(kind, as_of=as_of, feeds=feeds, within_days=within_days)
    special = KIND_TABLES[kind].__table__.c
    wanted = [newest.c[name] for name in (*_COUNTED, *fields) if name in newest.c]
    of_kind = [special[name] for name in fields if name in special and name not in newest.c]
    query = select(*wanted, *of_kind, SubstanceRow.substance_id, SubstanceRow.role).outerjoin(
        SubstanceRow, SubstanceRow.version_id == newest.c.version_id
    )
    if of_kind:
        query = query.join(KIND_TABLES[kind], special.version_id == newest.c.version_id)
    # One query for both, for ranking the versions is what costs; a record comes once a mention.
    both = frame_of(connection, query.order_by(newest.c.version_id, SubstanceRow.position))
    named = ["substance_id", "role"]
    return Recorded(
        records=both.drop(columns=named).drop_duplicates("version_id", ignore_index=True),
        mentions=both.loc[both["substance_id"].notna(), ["version_id", *named]].reset_index(
            drop=True
        ),
    )


def newest_of(
    kind: str,
    *,
    as_of: datetime,
    feeds: Sequence[str],
    within_days: int | None = None,
    periods: Sequence[Period] | None = None,
) -> Subquery:
    """Give the newest known version of each record of one kind, without those withdrawn.

    Args:
        kind: the record kind.
        as_of: nothing received after this moment is known.
        feeds: the feeds to read.
        within_days: each record as it was known so many days after it occurred.
        periods: first and last days; only records whose date lies in one of them. None: all.
    """
    epoch = datetime.fromisoformat("1900-01-01T00:00:00+00:00")
    newest_first: list[ColumnElement[Any]] = [
        func.coalesce(RecordRow.source_received_at, epoch).desc(),
        RecordRow.received_at.desc(),
        # Only a source without times of receipt is ordered by the files that brought it.
        case((RecordRow.source_received_at.is_(None), RecordRow.landed_at), else_=epoch).desc(),
        RecordRow.content_hash.desc(),
    ]
    age = func.row_number().over(
        partition_by=[RecordRow.feed, RecordRow.source_ref], order_by=newest_first
    )
    known = select(RecordRow, age.label("age")).where(
        RecordRow.kind == kind,
        RecordRow.feed.in_(list(feeds)),
        RecordRow.received_at <= as_of,
    )
    if within_days is not None:
        known = known.where(RecordRow.delay_days <= within_days)
    if periods is not None:
        # By the record, not by the version: a date that was corrected must not hide the correction.
        ever = select(RecordRow.source_ref).where(
            RecordRow.kind == kind, _inside(RecordRow, periods)
        )
        known = known.where(RecordRow.source_ref.in_(ever))
    ranked = known.subquery("ranked")
    held = select(ranked).where(ranked.c.age == 1, ranked.c.withdrawn.is_(False))
    if periods is not None:
        held = held.where(_inside(ranked.c, periods))
    return held.subquery("newest")


def _inside(columns: Any, periods: Sequence[Period]) -> ColumnElement[bool]:
    return or_(false(), *(columns.occurred_on.between(first, last) for first, last in periods))


def frame_of(connection: Connection, query: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    """Read a query's rows into a table with its columns."""
    result = connection.execute(query)
    names = list(result.keys())
    # Plain tuples: pandas looks for names in each row otherwise, and not finding them costs most.
    return pd.DataFrame([tuple(row) for row in result], columns=names)


def newest_receipts(
    connection: Connection, *, as_of: datetime, feeds: Sequence[str]
) -> dict[str, datetime]:
    """Give for each feed the newest receipt that a question may know of."""
    rows = connection.execute(
        select(RecordRow.feed, func.max(RecordRow.received_at))
        .where(RecordRow.feed.in_(list(feeds)), RecordRow.received_at <= as_of)
        .group_by(RecordRow.feed)
    )
    return {row.feed: row[1] for row in rows}


def snapshot(connection: Connection, *, as_of: datetime, feeds: Sequence[str]) -> dict[str, int]:
    """Count each feed's versions known at a moment.

    Versions are only ever added, so the counts name the state of knowledge.
    """
    rows = connection.execute(
        select(RecordRow.feed, func.count())
        .where(RecordRow.feed.in_(list(feeds)), RecordRow.received_at <= as_of)
        .group_by(RecordRow.feed)
        .order_by(RecordRow.feed)
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
