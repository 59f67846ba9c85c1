"""The tables of the intake: who may report, and what waits to become a batch."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from surveillance.store.schema.base import Base


class IntakeTokenRow(Base):
    """A system's token: its hash, never the token. Times of use are kept to the minute."""

    __tablename__ = "intake_token"
    __table_args__ = (Index("ix_intake_token_system", "system"),)

    token_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    system: Mapped[str] = mapped_column(String(40))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class IntakeKeyRow(Base):
    """An idempotency key, as a hash, and the report that it stands for."""

    __tablename__ = "intake_key"

    system: Mapped[str] = mapped_column(String(40), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(16))
    used_at: Mapped[datetime]


class IntakeReportRow(Base):
    """One version of a report that came in.

    ``body`` holds it until it lands in a raw batch; from then on the batch and the number of its
    line do. ``secret_hash`` is there for reports of the form alone.
    """

    __tablename__ = "intake_report"
    __table_args__ = (
        Index("ix_intake_report_source", "system", "source_ref"),
        Index("ix_intake_report_batch", "batch_id"),
    )

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(40))
    source_ref: Mapped[str | None] = mapped_column(String(80))
    content_hash: Mapped[str] = mapped_column(String(64))
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime]
    body: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("raw_batch.batch_id"))
    row_number: Mapped[int | None]
