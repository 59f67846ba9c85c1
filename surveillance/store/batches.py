"""Raw batches, what the checks said of them, and the rows held back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from surveillance.domain import RawBatch, RejectedRow, Verdict
from surveillance.store.recalls import recalls_in_force
from surveillance.store.schema import BatchRow, QuarantineRow
from surveillance.store.writing import insert_ignoring_known

_NUMBERS_AT_ONCE = 500


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch, in numbers of rows of its source.

    What is neither accepted nor rejected was read and gave no record: rows that are not of
    the feed, and rows that say that nothing was supplied.
    """

    state: str
    verdict: Verdict
    findings: tuple[str, ...]
    rows_present: int
    rows_accepted: int
    rows_rejected: int
    rows_new: int
    checked_at: datetime | None = None


@dataclass(frozen=True)
class FeedState:
    """What a feed has brought so far."""

    feed: str
    batches: int
    last_fetched_at: datetime | None
    last_verdict: str | None
    rows_accepted: int
    rows_rejected: int
    rows_new: int


@dataclass(frozen=True)
class KeptBatch:
    """A batch with what became of it."""

    batch: RawBatch
    state: str
    verdict: str | None
    rows_new: int


def add_batch(connection: Connection, batch: RawBatch) -> bool:
    """Note a landed batch; false where it was known."""
    row = {
        "batch_id": batch.batch_id,
        "feed": batch.feed,
        "address": batch.address,
        "sha256": batch.sha256,
        "size_bytes": batch.size_bytes,
        "fetched_at": batch.fetched_at,
        "is_history": batch.is_history,
        "etag": batch.etag,
        "state": "landed",
        "findings": [],
    }
    return insert_ignoring_known(connection, BatchRow, [row]) == 1


def load_batch(connection: Connection, batch_id: str) -> tuple[RawBatch, str] | None:
    """Give a batch and its state, or None where it is not known."""
    row = connection.execute(select(BatchRow.__table__).filter_by(batch_id=batch_id)).one_or_none()
    return None if row is None else (_batch(row), row.state)


def load_result(connection: Connection, batch_id: str) -> BatchResult:
    """Give what became of a batch that is known."""
    row = connection.execute(select(BatchRow.__table__).filter_by(batch_id=batch_id)).one()
    return BatchResult(
        state=row.state,
        verdict=row.verdict,
        findings=tuple(row.findings),
        rows_present=row.rows_present,
        rows_accepted=row.rows_accepted,
        rows_rejected=row.rows_rejected,
        rows_new=row.rows_new,
        checked_at=row.checked_at,
    )


def known_hashes(connection: Connection, feed: str) -> frozenset[str]:
    """Give the content hashes a feed has brought already."""
    rows = connection.execute(select(BatchRow.sha256).where(BatchRow.feed == feed))
    return frozenset(rows.scalars())


def etags(connection: Connection, feed: str) -> dict[str, str]:
    """Give the newest ETag of each address of a feed."""
    rows = connection.execute(
        select(BatchRow.address, BatchRow.etag)
        .where(BatchRow.feed == feed, BatchRow.etag.is_not(None))
        .order_by(BatchRow.fetched_at)
    )
    return {address: etag for address, etag in rows if etag}


def pending_batches(connection: Connection, feed: str) -> list[str]:
    """List a feed's batches that nothing has been stored of yet, oldest first."""
    rows = connection.execute(
        select(BatchRow.batch_id)
        .where(BatchRow.feed == feed, BatchRow.state == "landed")
        .order_by(BatchRow.fetched_at, BatchRow.batch_id)
    )
    return list(rows.scalars())


def has_batches(connection: Connection, feed: str) -> bool:
    """Say whether a feed has ever brought a batch that could be used or still may be."""
    usable = BatchRow.state.in_(("landed", "kept"))
    return bool(connection.scalar(select(func.count()).where(BatchRow.feed == feed, usable)))


def newest_batches(
    connection: Connection, *, feed: str | None, most: int
) -> list[Row[*tuple[Any, ...]]]:
    """List the newest batches, of one feed or of all, the newest first: every field of each."""
    query = select(BatchRow.__table__).order_by(BatchRow.fetched_at.desc(), BatchRow.batch_id)
    if feed is not None:
        query = query.where(BatchRow.feed == feed)
    return list(connection.execute(query.limit(most)).all())


def list_batches(connection: Connection, *, feed: str | None = None) -> list[KeptBatch]:
    """List the batches of a feed, or of all, by feed and the moment they were fetched."""
    query = select(BatchRow.__table__).order_by(
        BatchRow.feed, BatchRow.fetched_at, BatchRow.batch_id
    )
    if feed is not None:
        query = query.where(BatchRow.feed == feed)
    return [
        KeptBatch(_batch(row), row.state, row.verdict, row.rows_new)
        for row in connection.execute(query)
    ]


def close_batch(
    connection: Connection, batch_id: str, result: BatchResult, *, checked_at: datetime
) -> None:
    """Write what became of a batch."""
    connection.execute(
        update(BatchRow)
        .where(BatchRow.batch_id == batch_id)
        .values(
            state=result.state,
            verdict=result.verdict,
            findings=list(result.findings),
            rows_present=result.rows_present,
            rows_accepted=result.rows_accepted,
            rows_rejected=result.rows_rejected,
            rows_new=result.rows_new,
            checked_at=checked_at,
        )
    )


def reopen_batch(connection: Connection, batch_id: str) -> None:
    """Make a held or rejected batch pending again, after its description was mended."""
    connection.execute(update(BatchRow).where(BatchRow.batch_id == batch_id).values(state="landed"))


def quarantine(
    connection: Connection, batch_id: str, rows: Iterable[RejectedRow], *, at: datetime
) -> int:
    """Keep rows held back; those kept already stay as they are. Give the number added."""
    values = (
        {
            "batch_id": batch_id,
            "row_number": row.row_number,
            "raw": row.raw,
            "reasons": list(row.reasons),
            "state": "held",
            "changed_at": at,
        }
        for row in rows
    )
    return insert_ignoring_known(connection, QuarantineRow, values)


def held_numbers(connection: Connection, batch_id: str) -> set[int]:
    """Give the numbers of a batch's rows that are held back now."""
    rows = connection.execute(
        select(QuarantineRow.row_number).where(
            QuarantineRow.batch_id == batch_id, QuarantineRow.state == "held"
        )
    )
    return set(rows.scalars())


def held_rows(
    connection: Connection, *, batch_id: str | None = None, feed: str | None = None
) -> list[Row[*tuple[Any, ...]]]:
    """List rows in quarantine: feed, batch_id, row_number, state, reasons, raw."""
    query = (
        select(
            BatchRow.feed,
            QuarantineRow.batch_id,
            QuarantineRow.row_number,
            QuarantineRow.state,
            QuarantineRow.reasons,
            QuarantineRow.raw,
        )
        .join(BatchRow, BatchRow.batch_id == QuarantineRow.batch_id)
        .order_by(BatchRow.feed, QuarantineRow.batch_id, QuarantineRow.row_number)
    )
    if batch_id is not None:
        query = query.where(QuarantineRow.batch_id == batch_id)
    if feed is not None:
        query = query.where(BatchRow.feed == feed)
    return list(connection.execute(query).all())


def mark_quarantined(
    connection: Connection, batch_id: str, row_numbers: Sequence[int], *, state: str, at: datetime
) -> None:
    """Set the state of rows in quarantine: readmitted or dropped."""
    for start in range(0, len(row_numbers), _NUMBERS_AT_ONCE):
        chosen = list(row_numbers[start : start + _NUMBERS_AT_ONCE])
        connection.execute(
            update(QuarantineRow)
            .where(QuarantineRow.batch_id == batch_id, QuarantineRow.row_number.in_(chosen))
            .values(state=state, changed_at=at)
        )


def feed_states(connection: Connection) -> dict[str, FeedState]:
    """Say of every feed what it has brought so far."""
    totals = connection.execute(
        select(
            BatchRow.feed,
            func.count().label("batches"),
            func.max(BatchRow.fetched_at).label("last_fetched_at"),
            func.sum(BatchRow.rows_accepted).label("accepted"),
            func.sum(BatchRow.rows_rejected).label("rejected"),
            func.sum(BatchRow.rows_new).label("new"),
        ).group_by(BatchRow.feed)
    ).all()
    verdicts = newest_verdicts(connection)
    return {
        row.feed: FeedState(
            feed=row.feed,
            batches=row.batches,
            last_fetched_at=row.last_fetched_at,
            last_verdict=verdicts.get(row.feed, (None, ()))[0],
            rows_accepted=row.accepted or 0,
            rows_rejected=row.rejected or 0,
            rows_new=row.new or 0,
        )
        for row in totals
    }


def newest_verdicts(
    connection: Connection, *, known_at: datetime | None = None
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Give each feed's newest verdict and its findings, of batches fetched by a moment.

    A batch that was recalled by then says nothing of its feed any more.
    """
    recalled = recalls_in_force(connection, as_of=known_at)
    query = select(BatchRow.feed, BatchRow.verdict, BatchRow.findings).where(
        BatchRow.verdict.is_not(None), BatchRow.batch_id.not_in(list(recalled))
    )
    if known_at is not None:
        # An opening load tells of the past, so its verdict counts for every moment.
        query = query.where((BatchRow.fetched_at <= known_at) | BatchRow.is_history)
    rows = connection.execute(query.order_by(BatchRow.fetched_at, BatchRow.batch_id))
    return {feed: (verdict or "", tuple(findings)) for feed, verdict, findings in rows}


def supplied_until(connection: Connection, feed: str, *, as_of: datetime) -> datetime | None:
    """Give the moment of the newest live batch that a question may know of and use."""
    recalled = recalls_in_force(connection, as_of=as_of, feeds=[feed])
    return connection.scalar(
        select(func.max(BatchRow.fetched_at)).where(
            BatchRow.feed == feed,
            BatchRow.fetched_at <= as_of,
            BatchRow.is_history.is_(False),
            BatchRow.state == "kept",
            BatchRow.batch_id.not_in(list(recalled)),
        )
    )


def _batch(row: Row[*tuple[Any, ...]]) -> RawBatch:
    return RawBatch(
        batch_id=row.batch_id,
        feed=row.feed,
        address=row.address,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        fetched_at=row.fetched_at,
        is_history=row.is_history,
        etag=row.etag,
    )
