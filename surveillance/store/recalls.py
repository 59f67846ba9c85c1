"""Recalls: a batch whose records no later question may use.

A recall is a dated decision, never a deletion. Questions as of a moment before it still see the
batch; the newest decision known at a moment holds, so that a batch can be taken up again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from surveillance.store.schema import BatchRow, RecallRow
from surveillance.store.writing import insert_ignoring_known


@dataclass(frozen=True)
class Recall:
    """One decision about a batch.

    Attributes:
        at: questions as of this moment and later know of it.
        actor: who decided.
        in_force: the batch is recalled; false: it is taken up again.
        leaves_gap: what it held is missing until it is sent again.
    """

    batch_id: str
    feed: str
    at: datetime
    actor: str
    reason: str
    in_force: bool
    leaves_gap: bool


_DECIDED = tuple(name for name in Recall.__dataclass_fields__ if name != "feed")


def decide(connection: Connection, recall: Recall) -> bool:
    """Write a decision; false where the batch stands like that already, and nothing changes."""
    if _outcome(standing(connection, recall.batch_id)) == _outcome(recall):
        return False
    last = select(func.max(RecallRow.number)).where(RecallRow.batch_id == recall.batch_id)
    values = {name: getattr(recall, name) for name in _DECIDED}
    values["number"] = (connection.scalar(last) or 0) + 1
    return insert_ignoring_known(connection, RecallRow, [values]) == 1


def _outcome(recall: Recall | None) -> tuple[bool, bool]:
    if recall is None or not recall.in_force:
        return False, False
    return True, recall.leaves_gap


def standing(connection: Connection, batch_id: str) -> Recall | None:
    """Give the newest decision about a batch, or None where there has been none."""
    found = [one for one in load_recalls(connection) if one.batch_id == batch_id]
    return found[-1] if found else None


def load_recalls(
    connection: Connection,
    *,
    as_of: datetime | None = None,
    feeds: Collection[str] | None = None,
) -> list[Recall]:
    """List every decision, oldest first: those known at a moment, about the batches of feeds."""
    columns = [RecallRow.__table__.c[name] for name in _DECIDED]
    query = select(*columns, BatchRow.feed).join(BatchRow, BatchRow.batch_id == RecallRow.batch_id)
    if as_of is not None:
        query = query.where(RecallRow.at <= as_of)
    if feeds is not None:
        query = query.where(BatchRow.feed.in_(list(feeds)))
    ordered = query.order_by(RecallRow.at, RecallRow.batch_id, RecallRow.number)
    return [Recall(**row) for row in connection.execute(ordered).mappings()]


def recalls_in_force(
    connection: Connection, *, as_of: datetime | None, feeds: Collection[str] | None = None
) -> dict[str, Recall]:
    """Give the batches recalled as of a moment (None: by all decisions), with what holds."""
    newest = {one.batch_id: one for one in load_recalls(connection, as_of=as_of, feeds=feeds)}
    return {batch_id: one for batch_id, one in newest.items() if one.in_force}


def count_recalls(connection: Connection, *, as_of: datetime, feeds: Collection[str]) -> int:
    """Count the decisions about batches of some feeds that a question may know.

    With the number of versions that hold it names the state of knowledge: decisions are only
    ever added, and under the same decisions so are versions.
    """
    counted = (
        select(func.count())
        .select_from(RecallRow)
        .join(BatchRow, BatchRow.batch_id == RecallRow.batch_id)
        .where(RecallRow.at <= as_of, BatchRow.feed.in_(list(feeds)))
    )
    return int(connection.scalar(counted) or 0)
