"""Which versions of records a question may know, and which of them holds.

A version is known from its receipt on, unless its batch is recalled. Then it is known from the
first receipt by another batch that brought it again, or not at all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    case,
    func,
    select,
    union_all,
)

from surveillance.store.recalls import recalls_in_force
from surveillance.store.schema import RecordRow, RepeatRow

_RECEIPT = ("received_at", "landed_at", "delay_days")


@dataclass(frozen=True)
class Known:
    """What a question may know of records.

    Attributes:
        feeds: the feeds to read; no feed gives no record.
        as_of: nothing received after this moment is known.
        within_days: each record as it was known so many days after it occurred, so that recent
            and distant periods are known alike; None: all that is known.
        touched_by: only the records that this batch brought, in any version; None: all.
        without: batches left out as if they were recalled.
    """

    feeds: Sequence[str]
    as_of: datetime
    within_days: int | None = None
    touched_by: str | None = None
    without: frozenset[str] = frozenset()


def known_versions(connection: Connection, known: Known, *, kind: str | None = None) -> Subquery:
    """Give the versions that a question may know, with the columns of the records' table.

    They are of one kind or, where none is named, of every kind. Receipt, landing and delay are
    those of the batch through which a version is known.
    """
    in_force = recalls_in_force(connection, as_of=known.as_of, feeds=known.feeds)
    recalled = known.without.union(in_force)
    own = _of_the_question(select(*RecordRow.__table__.c), known, receipt=RecordRow)
    if kind is not None:
        own = own.where(RecordRow.kind == kind)
    if not recalled:
        return own.subquery("known")
    spared = own.where(RecordRow.batch_id.not_in(recalled))
    return union_all(spared, _brought_again(known, recalled, kind=kind)).subquery("known")


def _of_the_question(
    query: Select[*tuple[Any, ...]], known: Known, *, receipt: type[RecordRow | RepeatRow]
) -> Select[*tuple[Any, ...]]:
    query = query.where(RecordRow.feed.in_(list(known.feeds)), receipt.received_at <= known.as_of)
    if known.within_days is not None:
        query = query.where(receipt.delay_days <= known.within_days)
    if known.touched_by is not None:
        touched = select(RecordRow.source_ref).where(brought_by([known.touched_by]))
        query = query.where(RecordRow.source_ref.in_(touched))
    return query


def brought_by(batch_ids: Collection[str]) -> ColumnElement[bool]:
    """Select the versions that some batches brought, first or again."""
    again = select(RepeatRow.version_id).where(RepeatRow.batch_id.in_(batch_ids))
    return RecordRow.batch_id.in_(batch_ids) | RecordRow.version_id.in_(again)


def _brought_again(
    known: Known, recalled: Collection[str], *, kind: str | None
) -> Select[*tuple[Any, ...]]:
    """Select the versions of recalled batches that others brought too, by the first of them."""
    receipts = _of_the_question(
        select(
            RepeatRow.version_id,
            *(func.min(RepeatRow.__table__.c[name]).label(name) for name in _RECEIPT),
        )
        .join(RecordRow, RecordRow.version_id == RepeatRow.version_id)
        .where(RecordRow.batch_id.in_(recalled), RepeatRow.batch_id.not_in(recalled))
        .group_by(RepeatRow.version_id),
        known,
        receipt=RepeatRow,
    ).subquery("receipts")
    columns = [
        receipts.c[column.name] if column.name in _RECEIPT else column
        for column in RecordRow.__table__.c
    ]
    again = select(*columns).join(receipts, receipts.c.version_id == RecordRow.version_id)
    return again if kind is None else again.where(RecordRow.kind == kind)


@dataclass(frozen=True)
class Brought:
    """What a batch brought.

    Attributes:
        versions: how many versions it brought, first or again.
        standing: ids of those that other batches hold up.
        first_received: the earliest receipt among them, None where there are none.
    """

    versions: int
    standing: frozenset[str]
    first_received: datetime | None


def load_brought(connection: Connection, batch_id: str, *, feed: str, as_of: datetime) -> Brought:
    """Say what a batch brought, and which of it would be known at a moment without it."""
    by_it = brought_by([batch_id])
    again = select(func.min(RepeatRow.received_at)).where(RepeatRow.batch_id == batch_id)
    counted, first = connection.execute(
        select(func.count(), func.min(RecordRow.received_at)).where(by_it)
    ).one()
    receipts = [one for one in (first, connection.scalar(again)) if one is not None]
    without = frozenset({batch_id})
    known = Known([feed], as_of, touched_by=batch_id, without=without)
    spared = known_versions(connection, known)
    ids = select(RecordRow.version_id).where(by_it)
    standing = connection.execute(
        select(spared.c.version_id).where(spared.c.version_id.in_(ids))
    ).scalars()
    return Brought(int(counted), frozenset(standing), min(receipts, default=None))


def missing_days(connection: Connection, known: Known, *, kind: str) -> dict[str, frozenset[date]]:
    """Give for each feed the days of records that a recall took away and nothing brought again.

    On such a day a count would be too low, and not because it was calm. A recall that leaves no
    gap takes away nothing that happened.
    """
    recalls = recalls_in_force(connection, as_of=known.as_of, feeds=known.feeds)
    gaps = [batch_id for batch_id, recall in recalls.items() if recall.leaves_gap]
    if not gaps:
        return {}
    taken = _of_the_question(
        select(RecordRow.feed, RecordRow.source_ref, RecordRow.occurred_on).where(
            brought_by(gaps), RecordRow.kind == kind, RecordRow.withdrawn.is_(False)
        ),
        known,
        receipt=RecordRow,
    )
    versions = known_versions(connection, known, kind=kind)
    refs = select(RecordRow.source_ref).where(brought_by(gaps))
    held = select(versions.c.feed, versions.c.source_ref).where(versions.c.source_ref.in_(refs))
    still = {tuple(row) for row in connection.execute(held)}
    missing: dict[str, set[date]] = {}
    for feed, ref, day in connection.execute(taken):
        if (feed, ref) not in still:
            missing.setdefault(feed, set()).add(day)
    return {feed: frozenset(days) for feed, days in missing.items()}


def newest_versions(connection: Connection, known: Known, *, kind: str) -> Subquery:
    """Give of each record of a kind the version that holds, without the records withdrawn."""
    versions = known_versions(connection, known, kind=kind)
    age = func.row_number().over(
        partition_by=[versions.c.feed, versions.c.source_ref], order_by=newest_first(versions)
    )
    ranked = select(versions, age.label("age")).subquery("ranked")
    return select(ranked).where(ranked.c.age == 1, ranked.c.withdrawn.is_(False)).subquery("newest")


def newest_first(versions: Subquery) -> list[ColumnElement[Any]]:
    """Order the versions of a record: what the source stated last, else what came last."""
    epoch = datetime.fromisoformat("1900-01-01T00:00:00+00:00")
    stated = versions.c.source_received_at
    return [
        func.coalesce(stated, epoch).desc(),
        versions.c.received_at.desc(),
        # Only a source without times of receipt is ordered by the files that brought it.
        case((stated.is_(None), versions.c.landed_at), else_=epoch).desc(),
        versions.c.content_hash.desc(),
    ]
