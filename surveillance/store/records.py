"""Versioned records: append, and read as of a moment.

A record is known by its feed and the source's key. Each differing content of it is a version,
named by a hash, so that the same row arriving again adds no version: it is noted as a repeat of
the one that stands. What a question may know is decided by ``received_at``; of the versions known,
the newest that the source stated holds, and a version with ``withdrawn`` set takes the record away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, select

from surveillance.domain import (
    RawBatch,
)
from surveillance.store.schema import (
    KIND_TABLES,
    BatchRow,
    SubstanceRow,
)
from surveillance.store.versions import Known, known_versions, newest_versions

_COUNTED = (
    "version_id",
    "feed",
    "source_ref",
    "occurred_on",
    "area_code",
    "count_low",
    "count_high",
)


@dataclass(frozen=True)
class Recorded:
    """The records of one kind that a question may know.

    Attributes:
        records: one row a record: its newest known version, without those withdrawn.
        mentions: version_id, substance_id and role of each substance named.
    """

    records: pd.DataFrame
    mentions: pd.DataFrame


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
