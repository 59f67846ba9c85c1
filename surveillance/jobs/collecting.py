"""Collect, check and keep: from a source's bytes to versioned records."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from surveillance.domain import CheckReport, RawBatch, RejectedRow, Tally
from surveillance.errors import InputError, RejectedBatch
from surveillance.feeds.description import FeedDescription, load_description
from surveillance.feeds.landing import land
from surveillance.jobs.session import database, feed_path, judges
from surveillance.store import batches, recalls, records
from surveillance.store.batches import BatchResult
from surveillance.store.engine import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings
    from surveillance.feeds.parsing import ParsedBatch

log = logging.getLogger(__name__)


def collect(
    settings: "Settings",
    feed: str,
    *,
    now: datetime,
    location: str | None = None,
    as_history: bool | None = None,
) -> list[str]:
    """Land what a feed has that is new; give all its batches that wait to be kept.

    Args:
        settings: where things lie.
        feed: name of the feed's description.
        now: the moment of this fetch.
        location: path, glob or address in place of the description's own.
        as_history: whether the rows count as known when the source says so; absent, the
            first batches a feed ever brings do, and later ones do not.

    Raises:
        SourceError: the source cannot be reached or kept; trying again is safe.
    """
    description = load_description(feed_path(settings, feed))
    engine = database(settings.database_url)
    with reading(engine) as connection:
        known = batches.known_hashes(connection, feed)
        etags = batches.etags(connection, feed)
        is_first = not batches.has_batches(connection, feed)
    landed = land(
        description,
        raw_folder=settings.raw_folder,
        fetched_at=now,
        is_history=is_first if as_history is None else as_history,
        known=known,
        location=location,
        etags=etags,
        base=settings.home,
    )
    with writing(engine) as connection:
        for batch in landed:
            batches.add_batch(connection, batch)
        pending = batches.pending_batches(connection, feed)
    log.info("%s: %d new, %d waiting to be kept", feed, len(landed), len(pending))
    return pending


def keep(settings: "Settings", batch_id: str, *, now: datetime) -> Tally:
    """Check a batch and store what holds; rows that do not are kept in quarantine.

    Raises:
        InputError: no batch has this id.
        RejectedBatch: the batch cannot be used as it stands; that is recorded, and its bytes
            are kept.
    """
    batch, state = _find(settings, batch_id)
    if state != "landed":
        return _told_already(settings, batch_id)
    tally = _keep(settings, batch, now=now)
    description = load_description(feed_path(settings, batch.feed))
    if not description.has_own_receipt:
        # Without times of receipt, versions are ordered by the files that brought them, so that
        # a file admitted late must be followed again by those that came after it.
        with reading(database(settings.database_url)) as connection:
            later = records.kept_after(connection, batch)
        for other in later:
            _keep(settings, _find(settings, other)[0], now=now)
    return tally


def readmit(settings: "Settings", batch_id: str, *, now: datetime) -> Tally:
    """Read a batch again after its description or the register was mended.

    Rows that now hold are stored, as learnt at this moment unless the batch is an opening
    load, and leave quarantine.

    Raises:
        InputError: no batch has this id, or it stands recalled.
        RejectedBatch: the batch cannot be used as it stands; its bytes are kept.
    """
    batch, _ = _find(settings, batch_id)
    with reading(database(settings.database_url)) as connection:
        recall = recalls.standing(connection, batch_id)
    if recall is not None and recall.in_force:
        raise InputError(
            f"Batch {batch_id} of {batch.feed} was recalled by {recall.actor}: {recall.reason}. "
            f"Nothing was read. To take it up again first: dews recall {batch_id} --undo --why TEXT"
        )
    return _keep(settings, batch, now=now, learnt_at=now)


def _find(settings: "Settings", batch_id: str) -> tuple[RawBatch, str]:
    with reading(database(settings.database_url)) as connection:
        found = batches.load_batch(connection, batch_id)
    if found is None:
        raise InputError(f"No batch has the id {batch_id!r}. dews feeds lists what has arrived.")
    return found


def _told_already(settings: "Settings", batch_id: str) -> Tally:
    with reading(database(settings.database_url)) as connection:
        result = batches.load_result(connection, batch_id)
    if result.state != "kept":
        raise RejectedBatch("; ".join(result.findings))
    return _tally(result, new=0)


def _keep(
    settings: "Settings", batch: RawBatch, *, now: datetime, learnt_at: datetime | None = None
) -> Tally:
    description = load_description(feed_path(settings, batch.feed))
    as_learnt = batch if learnt_at is None else replace(batch, fetched_at=learnt_at)
    try:
        parsed = _parse(settings, as_learnt, description)
    except RejectedBatch as error:
        _close(settings, batch, "rejected", str(error), now=now)
        raise
    report = _check(settings, batch, description, parsed)
    if report.verdict == "hold":
        message = _held_message(batch, report)
        _close(settings, batch, "held", message, now=now, rows_present=parsed.rows_present)
        raise RejectedBatch(message)
    with writing(database(settings.database_url)) as connection:
        added = records.append(connection, as_learnt, description.kind, report.accepted)
        batches.quarantine(connection, batch.batch_id, report.rejected, at=now)
        _release(connection, batch, report.rejected, now=now)
        result = _result(batches.load_result(connection, batch.batch_id), parsed, report, added)
        batches.close_batch(connection, batch.batch_id, result, checked_at=now)
    tally = _tally(result, new=added)
    told = tally.describe(("present", "accepted", "rejected", "new"))
    log.info("%s %s: %s: %s", batch.feed, batch.batch_id, report.verdict, told)
    return tally


def _result(
    before: BatchResult, parsed: "ParsedBatch", report: CheckReport, added: int
) -> BatchResult:
    return BatchResult(
        state="kept",
        verdict=report.verdict,
        findings=(*parsed.findings, *report.findings),
        rows_present=parsed.rows_present,
        rows_accepted=parsed.source_rows(report.accepted["row_number"].tolist()),
        rows_rejected=parsed.source_rows(row.row_number for row in report.rejected),
        rows_new=before.rows_new + added,
    )


def _tally(result: BatchResult, *, new: int) -> Tally:
    return Tally(
        {
            "present": result.rows_present,
            "accepted": result.rows_accepted,
            "rejected": result.rows_rejected,
            "new": new,
        }
    )


def _parse(settings: "Settings", batch: RawBatch, description: FeedDescription) -> "ParsedBatch":
    from surveillance.feeds.parsing import parse

    register = judges(settings.config_folder).register
    return parse(batch, description, raw_folder=settings.raw_folder, register=register)


def _check(
    settings: "Settings", batch: RawBatch, description: FeedDescription, parsed: "ParsedBatch"
) -> CheckReport:
    # Great Expectations takes seconds to import, so that only a job that checks pays for it.
    from surveillance.checks import CheckContext, check

    register = judges(settings.config_folder).register
    context = CheckContext(
        feed=batch.feed,
        batch_id=batch.batch_id,
        fetched_at=batch.fetched_at,
        is_history=batch.is_history,
        expected_lag_days=description.expected_lag_days,
        expected_rows=description.expected_rows,
        known_area_codes=frozenset(area.code for area in register.areas.all()),
        rows_present=parsed.rows_judged,
        already_rejected=parsed.rejected,
    )
    return check(
        parsed.rows,
        kind=description.kind,
        expectation_context=context,
        docs_folder=settings.docs_folder,
    )


def _close(
    settings: "Settings",
    batch: RawBatch,
    state: str,
    message: str,
    *,
    now: datetime,
    rows_present: int = 0,
) -> None:
    result = BatchResult(
        state=state,
        verdict="hold",
        findings=(message,),
        rows_present=rows_present,
        rows_accepted=0,
        rows_rejected=0,
        rows_new=0,
    )
    with writing(database(settings.database_url)) as connection:
        batches.close_batch(connection, batch.batch_id, result, checked_at=now)


def _held_message(batch: RawBatch, report: CheckReport) -> str:
    return (
        f"{batch.feed}: batch {batch.batch_id} is on hold: {'; '.join(report.findings)}. Nothing "
        "of it was stored; its bytes are kept. Ask the feed's owner, mend the source or the "
        f"description, then run: dews quarantine readmit {batch.batch_id}"
    )


def _release(
    connection: "Connection", batch: RawBatch, rejected: tuple[RejectedRow, ...], *, now: datetime
) -> None:
    """Mark rows that were held before and hold no longer."""
    still = {row.row_number for row in rejected}
    held = batches.held_rows(connection, batch_id=batch.batch_id)
    freed = [row.row_number for row in held if row.state == "held" and row.row_number not in still]
    batches.mark_quarantined(connection, batch.batch_id, freed, state="readmitted", at=now)
