"""Collect, check and keep: from a source's bytes to versioned records."""

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from surveillance.domain import RawBatch, Tally
from surveillance.errors import InputError, RejectedBatch
from surveillance.feeds.description import FeedDescription, load_description
from surveillance.feeds.landing import land
from surveillance.jobs.judging import JudgedBatch, judge_batch
from surveillance.jobs.session import database, feed_path
from surveillance.store import batches, recalls, records
from surveillance.store.appending import append_spooled
from surveillance.store.batches import BatchResult
from surveillance.store.engine import reading, writing
from surveillance.store.spool import spool_of, spooling

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

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
    with spooling(settings.spool_folder, batch.batch_id) as folder:
        try:
            judged = judge_batch(settings, as_learnt, description, folder=folder)
        except RejectedBatch as error:
            _close(settings, batch, "rejected", str(error), now=now)
            raise
        if judged.conclusion.verdict == "hold":
            message = _held_message(batch, judged)
            _close(settings, batch, "held", message, now=now, rows_present=judged.rows_present)
            raise RejectedBatch(message)
        result, added = _store(settings, as_learnt, description, judged, folder=folder, now=now)
    tally = _tally(result, new=added)
    told = tally.describe(("present", "accepted", "rejected", "new"))
    log.info("%s %s: %s: %s", batch.feed, batch.batch_id, result.verdict, told)
    return tally


def _store(
    settings: "Settings",
    batch: RawBatch,
    description: FeedDescription,
    judged: JudgedBatch,
    *,
    folder: Path,
    now: datetime,
) -> tuple[BatchResult, int]:
    """Take over what was set down, all of it or nothing; give the number of new versions too."""
    from surveillance.checks import merged

    with (
        spool_of(folder) as spool,
        writing(database(settings.database_url), beside=spool.files) as connection,
    ):
        added = append_spooled(connection, batch, description.kind, spool)
        _release(connection, batch, judged, now=now)
        batches.quarantine(connection, batch.batch_id, merged(spool.held()), at=now)
        before = batches.load_result(connection, batch.batch_id)
        result = BatchResult(
            state="kept",
            verdict=judged.conclusion.verdict,
            findings=judged.findings,
            rows_present=judged.rows_present,
            rows_accepted=judged.rows_accepted,
            rows_rejected=judged.rows_rejected,
            rows_new=before.rows_new + added,
        )
        batches.close_batch(connection, batch.batch_id, result, checked_at=now)
    return result, added


def _tally(result: BatchResult, *, new: int) -> Tally:
    return Tally(
        {
            "present": result.rows_present,
            "accepted": result.rows_accepted,
            "rejected": result.rows_rejected,
            "new": new,
        }
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


def _held_message(batch: RawBatch, judged: JudgedBatch) -> str:
    why = "; ".join(judged.conclusion.findings)
    return (
        f"{batch.feed}: batch {batch.batch_id} is on hold: {why}. Nothing of it was stored; its "
        "bytes are kept. Ask the feed's owner, mend the source or the "
        f"description, then run: dews quarantine readmit {batch.batch_id}"
    )


def _release(
    connection: "Connection", batch: RawBatch, judged: JudgedBatch, *, now: datetime
) -> None:
    """Mark rows that were held before and hold no longer."""
    held = batches.held_numbers(connection, batch.batch_id)
    if held:
        freed = sorted(held.difference(judged.conclusion.rejected.tolist()))
        batches.mark_quarantined(connection, batch.batch_id, freed, state="readmitted", at=now)
