"""Looks one by one at the records of which it cannot be told at once what is new.

Such are rows that a batch brings twice, rows known through a later receipt, and, for a source
without times of receipt, rows of records with several versions: one that takes back an earlier
correction is a version of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update

from surveillance.domain import RawBatch, digest
from surveillance.store.passing import ARRIVAL, CONTESTED, DECIDED, OF_THE_RECEIPT, STORED
from surveillance.store.schema import RecordRow, RepeatRow
from surveillance.store.writing import insert_many

_WRITTEN_AT_ONCE = 5_000
_STREAMING = {"stream_results": True, "yield_per": _WRITTEN_AT_ONCE}


@dataclass(frozen=True)
class _Version:
    """A version of a record, stored or arriving: what tells a repeat from a correction."""

    version_id: str
    content_hash: str
    batch_id: str
    received_at: datetime
    landed_at: datetime
    delay_days: int

    @property
    def order(self) -> tuple[datetime, datetime]:
        return self.received_at, self.landed_at

    def receipt(self, version_id: str) -> dict[str, Any]:
        """Give the receipt through which a version is known."""
        own = {name: getattr(self, name) for name in OF_THE_RECEIPT}
        return {"version_id": version_id} | own


@dataclass
class _Decisions:
    """What was decided and is not written yet."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    repeats: list[dict[str, Any]] = field(default_factory=list)
    taken_over: list[dict[str, Any]] = field(default_factory=list)

    def write(self, connection: Connection) -> None:
        if self.rows:
            connection.execute(insert(DECIDED), self.rows)
        if self.taken_over:
            connection.execute(_TAKE_OVER, self.taken_over)
        insert_many(connection, RepeatRow, self.repeats)
        self.rows, self.repeats, self.taken_over = [], [], []


_TAKE_OVER = (
    update(RecordRow.__table__)  # type: ignore[arg-type]  # it is a table
    .where(RecordRow.version_id == bindparam("known_as"))
    .values({name: bindparam(f"new_{name}") for name in OF_THE_RECEIPT})
)


def decide(connection: Connection, batch: RawBatch) -> None:
    """Decide of every row of the contested records; only those that are new stay arriving."""
    of_contested = exists().where(CONTESTED.c.source_ref == RecordRow.source_ref)
    columns = [RecordRow.__table__.c[column.name] for column in STORED.columns]
    found = select(*columns).where(RecordRow.feed == batch.feed, of_contested)
    connection.execute(insert(STORED).from_select([c.name for c in STORED.columns], found))
    decisions = _Decisions()
    for arriving, stored in _records(connection):
        _decide_record(arriving, stored, batch=batch, decisions=decisions)
        if len(decisions.rows) >= _WRITTEN_AT_ONCE:
            decisions.write(connection)
    decisions.write(connection)
    own = select(DECIDED.c.version_id).where(DECIDED.c.seq == ARRIVAL.c.seq).scalar_subquery()
    new = exists().where(DECIDED.c.seq == ARRIVAL.c.seq, DECIDED.c.version_id.is_not(None))
    none = exists().where(DECIDED.c.seq == ARRIVAL.c.seq, DECIDED.c.version_id.is_(None))
    connection.execute(update(ARRIVAL).where(new).values(version_id=own))
    connection.execute(delete(ARRIVAL).where(none))


def _records(
    connection: Connection,
) -> Iterator[tuple[Sequence[Row[*tuple[Any, ...]]], list[_Version]]]:
    """Give the rows of each contested record, in the order of the file, and what is stored."""
    of_contested = exists().where(CONTESTED.c.source_ref == ARRIVAL.c.source_ref)
    rows = select(ARRIVAL).where(of_contested).order_by(ARRIVAL.c.source_ref, ARRIVAL.c.seq)
    arriving = connection.execute(rows.execution_options(**_STREAMING))
    versions = select(STORED).order_by(STORED.c.source_ref)
    stored = connection.execute(versions.execution_options(**_STREAMING))
    known = groupby(stored, attrgetter("source_ref"))
    # Both are in one order, and what is stored belongs to records that arrive too.
    ref, of_ref = next(known, (None, iter(())))
    for arriving_ref, group in groupby(arriving, attrgetter("source_ref")):
        of_record: list[_Version] = []
        if arriving_ref == ref:
            of_record = [_Version(*row[1:]) for row in of_ref]
            ref, of_ref = next(known, (None, iter(())))
        yield list(group), of_record


def _decide_record(
    rows: Sequence[Row[*tuple[Any, ...]]],
    known: list[_Version],
    *,
    batch: RawBatch,
    decisions: _Decisions,
) -> None:
    for row in rows:
        version = _Version(
            row.version_id,
            row.content_hash,
            batch.batch_id,
            row.received_at,
            batch.fetched_at,
            row.delay_days,
        )
        version, repeated = _find_repeated(version, known, is_silent=row.is_silent)
        is_new = repeated is None
        decisions.rows.append(
            {"seq": row.seq, "version_id": version.version_id if is_new else None}
        )
        if repeated is None:
            known.append(version)
        elif repeated.batch_id != batch.batch_id:
            _note_repeat(version, repeated, decisions)


def _find_repeated(
    version: _Version, known: Sequence[_Version], *, is_silent: bool
) -> tuple[_Version, _Version | None]:
    """Find the version that a row repeats; None where the row is news.

    What takes back a correction gets an id of its own.
    """
    same = [other for other in known if other.content_hash == version.content_hash]
    if not same:
        return version, None
    first = min(same, key=attrgetter("received_at"))
    if not is_silent or version.received_at < first.received_at:
        return version, first
    before = [other for other in known if other.received_at <= version.received_at]
    holds = max(before, key=attrgetter("order"))
    if holds.content_hash == version.content_hash:
        return version, holds
    own_id = digest(version.version_id, version.received_at.isoformat())
    again = replace(version, version_id=own_id)
    return again, next((other for other in known if other.version_id == own_id), None)


def _note_repeat(version: _Version, repeated: _Version, decisions: _Decisions) -> None:
    """Note the later of two receipts as a repeat; the version is known through the earlier."""
    if version.received_at < repeated.received_at:
        taken = version.receipt(repeated.version_id)
        decisions.taken_over.append(
            {"known_as": repeated.version_id}
            | {f"new_{name}": taken[name] for name in OF_THE_RECEIPT}
        )
        decisions.repeats.append(repeated.receipt(repeated.version_id))
    else:
        decisions.repeats.append(version.receipt(repeated.version_id))
