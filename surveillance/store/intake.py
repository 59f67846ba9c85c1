"""Tokens of reporting systems, and reports from their arrival until they lie in a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, select, update

from surveillance.domain.intake import TokenState
from surveillance.store.schema import (
    KIND_TABLES,
    BatchRow,
    IntakeKeyRow,
    IntakeReportRow,
    IntakeTokenRow,
    QuarantineRow,
    RecordRow,
    SubstanceRow,
)
from surveillance.store.writing import insert_ignoring_known, insert_many

_TOKEN_FIELDS = [field.name for field in fields(TokenState)]
_KIND = "reaction_report"


@dataclass(frozen=True)
class Arrived:
    """The newest version of a report that came in, and its batch where it has landed.

    ``row_state`` is *held*, *dropped* or *readmitted* where the row went to quarantine.
    """

    reference: str
    system: str
    secret_hash: str | None
    received_at: datetime
    batch_state: str | None
    checked_at: datetime | None
    row_state: str | None
    row_reasons: tuple[str, ...]


def add_token(
    connection: Connection, *, token_id: str, system: str, token_hash: str, at: datetime
) -> None:
    """Keep a new token's hash."""
    row = {"token_id": token_id, "system": system, "token_hash": token_hash, "created_at": at}
    insert_many(connection, IntakeTokenRow, [row])


def list_tokens(connection: Connection) -> list[TokenState]:
    """List all tokens, by system and age, the revoked ones among them."""
    rows = connection.execute(
        select(IntakeTokenRow.__table__).order_by(IntakeTokenRow.system, IntakeTokenRow.created_at)
    ).mappings()
    return [_token(row) for row in rows]


def find_token(connection: Connection, token_id: str) -> tuple[TokenState, str] | None:
    """Give a token's state and hash, or None where it was never granted."""
    row = (
        connection.execute(select(IntakeTokenRow.__table__).filter_by(token_id=token_id))
        .mappings()
        .one_or_none()
    )
    return None if row is None else (_token(row), row["token_hash"])


def _token(row: RowMapping) -> TokenState:
    return TokenState(**{name: row[name] for name in _TOKEN_FIELDS})


def revoke_token(connection: Connection, token_id: str, *, at: datetime) -> bool:
    """Revoke a token; false where none of that id is in force."""
    revoked = connection.execute(
        update(IntakeTokenRow)
        .where(IntakeTokenRow.token_id == token_id, IntakeTokenRow.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(IntakeTokenRow.token_id)
    )
    return bool(revoked.all())


def note_use(connection: Connection, token_id: str, *, at: datetime) -> None:
    """Note when a token was last used."""
    connection.execute(
        update(IntakeTokenRow).where(IntakeTokenRow.token_id == token_id).values(last_used_at=at)
    )


def lock_system(connection: Connection, system: str) -> None:
    """Let one transaction of a system wait for another, so that each sees what came before."""
    connection.execute(
        select(IntakeTokenRow.token_id)
        .where(IntakeTokenRow.system == system)
        .order_by(IntakeTokenRow.token_id)
        .with_for_update()
    ).all()


def claim_key(connection: Connection, row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Take an idempotency key, or give the content hash and reference that it stands for.

    Args:
        connection: the transaction that will store the report.
        row: system, key_hash, content_hash, reference and used_at.
    """
    if insert_ignoring_known(connection, IntakeKeyRow, [row]):
        return None
    known = connection.execute(
        select(IntakeKeyRow.content_hash, IntakeKeyRow.reference).filter_by(
            system=row["system"], key_hash=row["key_hash"]
        )
    ).one()
    return known.content_hash, known.reference


class Sourced(NamedTuple):
    """The newest report under a system's own key."""

    reference: str
    version: int
    content_hash: str
    received_at: datetime


def find_source(connection: Connection, system: str, source_ref: str) -> Sourced | None:
    """Give the newest report under a system's own key, or None where there is none."""
    row = connection.execute(
        select(
            IntakeReportRow.reference,
            IntakeReportRow.version,
            IntakeReportRow.content_hash,
            IntakeReportRow.received_at,
        )
        .where(IntakeReportRow.system == system, IntakeReportRow.source_ref == source_ref)
        .order_by(IntakeReportRow.version.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Sourced(*row)


def add_report(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a report until it lands; false where its reference and version are taken."""
    return insert_ignoring_known(connection, IntakeReportRow, [row]) == 1


class Waiting(NamedTuple):
    """A report that has not landed: what names it, and the line that is to land."""

    reference: str
    version: int
    body: str


def waiting_reports(connection: Connection, *, limit: int) -> list[Waiting]:
    """Take reports that have not landed, oldest first; two processes never take the same one."""
    rows = connection.execute(
        select(IntakeReportRow.reference, IntakeReportRow.version, IntakeReportRow.body)
        .where(IntakeReportRow.batch_id.is_(None))
        .order_by(IntakeReportRow.received_at, IntakeReportRow.reference, IntakeReportRow.version)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Waiting(row.reference, row.version, row.body or "") for row in rows.all()]


def count_waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Count the reports that have not landed, and give the arrival of the oldest."""
    row = connection.execute(
        select(func.count(), func.min(IntakeReportRow.received_at)).where(
            IntakeReportRow.batch_id.is_(None)
        )
    ).one()
    return int(row[0]), row[1]


def mark_landed(connection: Connection, reports: Sequence[Waiting], *, batch_id: str) -> None:
    """Note that reports are the lines of a batch, in order; the batch holds them from now on."""
    for row_number, report in enumerate(reports, start=1):
        connection.execute(
            update(IntakeReportRow)
            .where(
                IntakeReportRow.reference == report.reference,
                IntakeReportRow.version == report.version,
            )
            .values(batch_id=batch_id, row_number=row_number, body=None)
        )


def find_arrived(connection: Connection, reference: str) -> Arrived | None:
    """Give the newest version of a report and what became of its row; None: no such report."""
    row = connection.execute(
        select(
            IntakeReportRow.reference,
            IntakeReportRow.system,
            IntakeReportRow.secret_hash,
            IntakeReportRow.received_at,
            BatchRow.state.label("batch_state"),
            BatchRow.checked_at,
            QuarantineRow.state.label("row_state"),
            QuarantineRow.reasons,
        )
        .outerjoin(BatchRow, BatchRow.batch_id == IntakeReportRow.batch_id)
        .outerjoin(
            QuarantineRow,
            (QuarantineRow.batch_id == IntakeReportRow.batch_id)
            & (QuarantineRow.row_number == IntakeReportRow.row_number),
        )
        .where(IntakeReportRow.reference == reference)
        .order_by(IntakeReportRow.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    reasons = tuple(values.pop("reasons") or ())
    return Arrived(**values, row_reasons=reasons)


def find_record(
    connection: Connection, *, feed: str, source_ref: str, as_of: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """Give the newest version of one report known at a moment, with its mentions.

    Returns:
        The version's fields, and version_id, substance_id and role of each substance; None
        where no version is known.
    """
    special = KIND_TABLES[_KIND].__table__
    row = (
        connection.execute(
            select(RecordRow.__table__, *(column for column in special.c if not column.primary_key))
            .join(special, special.c.version_id == RecordRow.version_id)
            .where(
                RecordRow.feed == feed,
                RecordRow.source_ref == source_ref,
                RecordRow.received_at <= as_of,
            )
            # The intake states a time of receipt in every line, so that this is the order.
            .order_by(RecordRow.source_received_at.desc(), RecordRow.content_hash.desc())
            .limit(1)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    mentions = connection.execute(
        select(SubstanceRow.version_id, SubstanceRow.substance_id, SubstanceRow.role)
        .where(SubstanceRow.version_id == row["version_id"])
        .order_by(SubstanceRow.position)
    ).mappings()
    return dict(row), [dict(mention) for mention in mentions]
