"""Facts that reach a store in some order, and a slow, obvious memory that answers the same.

A fact is a batch with its rows or a decision about a batch. :class:`Memory` keeps every fact in
a list and looks through all of them for every question; what the store answers must be the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from surveillance.domain import RawBatch, SubstanceMention, record_columns
from surveillance.store import batches
from surveillance.store.appending import append
from surveillance.store.recalls import Recall, decide

START = datetime(2024, 1, 1, tzinfo=UTC)
FIRST_DAY = date(2023, 12, 1)


def moment(day: float) -> datetime:
    """Give the moment so many days after the start."""
    return START + timedelta(days=day)


@dataclass(frozen=True)
class Row:
    """One row of a batch.

    ``stated`` is the day on which the source says it learnt of it, None where it is silent;
    ``occurred`` counts days from the first day; ``special`` are fields of the record kind.
    """

    ref: int
    substance: str = "heroin"
    withdrawn: bool = False
    stated: int | None = None
    occurred: int = 0
    area: str = "E06000002"
    special: tuple[tuple[str, Any], ...] = ()

    @property
    def occurred_on(self) -> date:
        return FIRST_DAY + timedelta(days=self.occurred)


@dataclass(frozen=True)
class Brought:
    """A batch fetched on a day, with its rows. The rows of a history are known when stated."""

    number: int
    day: float
    rows: tuple[Row, ...]
    is_history: bool = False

    def received(self, row: Row) -> datetime:
        if not self.is_history:
            return moment(self.day)
        return START if row.stated is None else moment(row.stated)

    def batch(self, feed: str) -> RawBatch:
        name = sha256(f"{feed} {self.number}".encode()).hexdigest()[:16]
        return RawBatch(
            name, feed, "file", name.zfill(64), 1, moment(self.day), is_history=self.is_history
        )


@dataclass(frozen=True)
class Decided:
    """A decision about a batch, taken on a day."""

    number: int
    day: float
    in_force: bool = True
    leaves_gap: bool = True


Fact = Brought | Decided


def rows_of(brought: Brought, kind: str) -> pd.DataFrame:
    """Give the rows of a batch as the checks hand them over."""
    columns = [column.name for column in record_columns(kind)]
    rows = [
        dict.fromkeys(columns)
        | {
            "row_number": number,
            "raw": "{}",
            "source_ref": f"R{row.ref}",
            "occurred_on": row.occurred_on,
            "source_received_at": None if row.stated is None else moment(row.stated),
            "received_at": brought.received(row),
            "area_code": row.area,
            "count_low": 1,
            "count_high": 1,
            "withdrawn": row.withdrawn,
            "substances": [SubstanceMention(row.substance, row.substance, "suspect")],
            "reactions": [],
        }
        | ({"indicator": "acquisitive_crime"} if kind == "indicator" else {})
        | dict(row.special)
        for number, row in enumerate(brought.rows, start=1)
    ]
    return pd.DataFrame(rows, columns=columns)


def store(connection: Connection, fact: Fact, *, feed: str, kind: str = "death") -> int | bool:
    """Write one fact; give how many versions were new, or whether the decision was."""
    if isinstance(fact, Brought):
        batch = fact.batch(feed)
        batches.add_batch(connection, batch)
        return append(connection, batch, kind, rows_of(fact, kind))
    batch_id = Brought(fact.number, 0, ()).batch(feed).batch_id
    recall = Recall(
        batch_id=batch_id,
        feed=feed,
        at=moment(fact.day),
        actor="a person",
        reason="a test",
        in_force=fact.in_force,
        leaves_gap=fact.leaves_gap,
    )
    return decide(connection, recall)


@dataclass
class Memory:
    """Every fact, in the order in which it came."""

    facts: list[Fact] = field(default_factory=list)

    def recalled(self, as_of: datetime, *, with_gap: bool = False) -> set[int]:
        newest = {
            fact.number: fact
            for fact in self.facts
            if isinstance(fact, Decided) and moment(fact.day) <= as_of
        }
        return {
            number
            for number, fact in newest.items()
            if fact.in_force and (fact.leaves_gap or not with_gap)
        }

    def receipts(self, as_of: datetime, within_days: int | None = None) -> list["Receipt"]:
        """List what valid batches had brought by a moment."""
        recalled = self.recalled(as_of)
        return [
            receipt
            for receipt in self._all_receipts(as_of, within_days)
            if receipt.batch not in recalled
        ]

    def _all_receipts(self, as_of: datetime, within_days: int | None) -> list["Receipt"]:
        found = [
            Receipt(fact.number, row, fact.received(row), moment(fact.day))
            for fact in self.facts
            if isinstance(fact, Brought)
            for row in fact.rows
        ]
        return [
            one
            for one in found
            if one.received_at <= as_of and (within_days is None or one.delay_days <= within_days)
        ]

    def state(self, as_of: datetime, within_days: int | None = None) -> dict[str, set[Row]]:
        """Give for each record the rows that may hold; several where they came at one time."""
        by_ref: dict[int, list[Receipt]] = {}
        for receipt in self.receipts(as_of, within_days):
            by_ref.setdefault(receipt.row.ref, []).append(receipt)
        return {f"R{ref}": _newest(found) for ref, found in sorted(by_ref.items())}

    def missing_days(self, as_of: datetime) -> set[date]:
        """Give the days of records that a recall with a gap took and no valid batch has."""
        gaps = self.recalled(as_of, with_gap=True)
        held = {receipt.row.ref for receipt in self.receipts(as_of)}
        return {
            receipt.row.occurred_on
            for receipt in self._all_receipts(as_of, None)
            if receipt.batch in gaps and not receipt.row.withdrawn and receipt.row.ref not in held
        }


@dataclass(frozen=True)
class Receipt:
    """One row as one batch brought it."""

    batch: int
    row: Row
    received_at: datetime
    landed_at: datetime

    @property
    def delay_days(self) -> int:
        return (self.received_at.date() - self.row.occurred_on).days


def _newest(receipts: Sequence[Receipt]) -> set[Row]:
    """Take what the source stated last, where it was received last; else what came last.

    A source that states when it learnt of a row means the same row whenever it sends it again,
    so that the first receipt of it counts.
    """

    def order(receipt: Receipt) -> tuple[Any, ...]:
        if receipt.row.stated is None:
            return receipt.received_at, receipt.landed_at
        first = min(one.received_at for one in receipts if one.row == receipt.row)
        return receipt.row.stated, first

    best = max(order(receipt) for receipt in receipts)
    return {receipt.row for receipt in receipts if order(receipt) == best}
