"""Take reports in: screen them, keep them at once, and land them where every feed's bytes lie.

A report is kept in one transaction with its idempotency key and its reference, before the
sender is answered. Reports that wait land together, as one batch, so that the checks see as
many rows at once as there are; a crash in between leaves them waiting.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from surveillance.domain import Tally
from surveillance.domain.intake import (
    FORM_GRADE,
    FORM_SYSTEM,
    INTAKE_FEED,
    Receipt,
    Submission,
)
from surveillance.domain.references import ALPHABET, REFERENCE_LENGTH, make_reference
from surveillance.errors import StoreError
from surveillance.feeds.landing import land_content
from surveillance.jobs.session import database
from surveillance.store import batches
from surveillance.store import intake as store
from surveillance.store.engine import reading, writing, writing_durably

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

REPORTS_IN_A_BATCH = 2_000
_AFTER = timedelta(microseconds=1)
# A hash made by the sender looks like digits here and there, and the schema allows nothing else.
_NOT_SCREENED = {"patient_pseudonym"}


def find_report_identifiers(report: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Say which fields of a report hold an identifier of a person.

    Returns:
        JSON pointer of each such field and the kinds found in it, never a value.
    """
    # Importing the checks takes seconds, for the library behind them does.
    from surveillance.checks.identifiers import find_identifiers

    return [
        (pointer, kinds)
        for pointer, text in _texts(report, "")
        if (kinds := find_identifiers(text))
    ]


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name not in _NOT_SCREENED:
                yield from _texts(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _texts(part, f"{pointer}/{place}")


def submit(
    settings: "Settings",
    submission: Submission,
    *,
    now: datetime,
    secret_of: Callable[[str], str] | None = None,
) -> Receipt:
    """Keep a report that is valid and screened; the same one again stores nothing.

    Args:
        settings: where things lie.
        submission: the report and who sent it.
        now: the moment it came in.
        secret_of: makes of a reference the secret by which its sender may ask about it.

    Raises:
        StoreError: the database failed; nothing was kept and the sender must try again.
    """
    content_hash = _hash(_canonical(submission.report))
    with writing_durably(database(settings.database_url)) as connection:
        store.lock_system(connection, submission.system)
        place = _place(connection, submission, now=now)
        reference = place.reference
        if submission.key is not None:
            claim = {
                "system": submission.system,
                "key_hash": _hash(submission.key),
                "content_hash": content_hash,
                "reference": reference,
                "used_at": now,
            }
            known = store.claim_key(connection, claim)
            if known is not None:
                return Receipt(known[1], "known" if known[0] == content_hash else "conflict")
        if place.content_hash_before == content_hash:
            return Receipt(reference, "known")
        row = {
            "reference": reference,
            "version": place.version,
            "system": submission.system,
            "source_ref": submission.report.get("source_ref"),
            "content_hash": content_hash,
            "secret_hash": None if secret_of is None else _hash(secret_of(reference)),
            "received_at": place.received_at,
            "body": _line(submission, place),
        }
        if not store.add_report(connection, row):
            raise StoreError("A reference was drawn twice. Nothing was kept; send it again.")
    return Receipt(reference, "new" if place.version == 1 else "version")


class _Place(NamedTuple):
    """Where a report belongs: its reference, and its version among those of one source."""

    reference: str
    version: int
    received_at: datetime
    content_hash_before: str | None


def _place(connection: "Connection", submission: Submission, *, now: datetime) -> _Place:
    """Give a report its place: the next version of what its source sent before, or a new one."""
    source_ref = submission.report.get("source_ref")
    earlier = source_ref and store.find_source(connection, submission.system, source_ref)
    if earlier:
        # The store takes the newest moment for the newest version, also where two posts
        # overtook each other or the clock was set back.
        later = max(now, earlier.received_at + _AFTER)
        return _Place(earlier.reference, earlier.version + 1, later, earlier.content_hash)
    drawn = [secrets.randbelow(len(ALPHABET)) for _ in range(REFERENCE_LENGTH - 1)]
    return _Place(make_reference(drawn), 1, now, None)


def _line(submission: Submission, place: _Place) -> str:
    """Write the line that lands: the report as it came, with what only the intake knows."""
    known = {
        "report_id": place.reference,
        "received_at": place.received_at.astimezone(UTC).isoformat(),
        "source_system": submission.system,
    }
    grade = {"grade": FORM_GRADE} if submission.system == FORM_SYSTEM else {}
    return _canonical({**submission.report, **known, **grade})


def land_waiting(settings: "Settings", *, now: datetime) -> Tally:
    """Land every report that waits: its bytes in the raw zone, its batch ready to be kept.

    Returns:
        ``reports`` and ``batches``.

    Raises:
        LandingError: the bytes cannot be kept; the reports go on waiting.
        StoreError: the database failed; the reports go on waiting.
    """
    reports = landed = 0
    while count := _land_some(settings, now=now):
        reports, landed = reports + count, landed + 1
    return Tally({"reports": reports, "batches": landed})


def _land_some(settings: "Settings", *, now: datetime) -> int:
    with writing(database(settings.database_url)) as connection:
        waiting = store.waiting_reports(connection, limit=REPORTS_IN_A_BATCH)
        if not waiting:
            return 0
        content = "".join(f"{report.body}\n" for report in waiting).encode()
        batch = land_content(
            content,
            feed=INTAKE_FEED,
            address="intake",
            raw_folder=settings.raw_folder,
            fetched_at=now,
        )
        batches.add_batch(connection, batch)
        store.mark_landed(connection, waiting, batch_id=batch.batch_id)
    return len(waiting)


def count_waiting(settings: "Settings") -> tuple[int, datetime | None]:
    """Count the reports that wait to be landed, and give the arrival of the oldest."""
    with reading(database(settings.database_url)) as connection:
        return store.count_waiting(connection)


def _canonical(report: Mapping[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
