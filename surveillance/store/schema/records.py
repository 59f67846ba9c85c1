"""Batches, recalls, rows held back, and the versioned records of every kind.

Records are only ever added: a correction is a new version, a withdrawal a version with
``withdrawn`` set.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveillance.store.schema.base import Base, Json


class BatchRow(Base):
    """A raw batch and what the checks said of it. State: landed, kept, held or rejected.

    ``bytes_removed_at``: its period was over then, and its raw bytes are no longer kept.
    """

    __tablename__ = "raw_batch"
    __table_args__ = (UniqueConstraint("feed", "sha256"), Index("ix_raw_batch_state", "state"))

    batch_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    feed: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    fetched_at: Mapped[datetime]
    is_history: Mapped[bool]
    etag: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str | None] = mapped_column(String(16))
    findings: Mapped[Json] = mapped_column(default=list)
    rows_present: Mapped[int] = mapped_column(default=0)
    rows_accepted: Mapped[int] = mapped_column(default=0)
    rows_rejected: Mapped[int] = mapped_column(default=0)
    rows_new: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]
    bytes_removed_at: Mapped[datetime | None]


class RecallRow(Base):
    """One decision about a batch: recalled, or taken up again. The newest known one holds.

    ``in_force``: the batch is recalled. ``leaves_gap``: what it held is missing until it is sent
    again, so that its days are not supplied.
    """

    __tablename__ = "batch_recall"

    batch_id: Mapped[str] = mapped_column(ForeignKey("raw_batch.batch_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    in_force: Mapped[bool]
    leaves_gap: Mapped[bool]


class QuarantineRow(Base):
    """A row held back, with every reason. State: held, readmitted or dropped.

    ``raw`` is empty once its period is over; the number and the reasons stay.
    """

    __tablename__ = "quarantined_row"

    batch_id: Mapped[str] = mapped_column(ForeignKey("raw_batch.batch_id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    raw: Mapped[str] = mapped_column(Text)
    reasons: Mapped[Json]
    state: Mapped[str] = mapped_column(String(16))
    changed_at: Mapped[datetime]


class RecordRow(Base):
    """One version of one record: what every kind has in common."""

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_kind_received", "kind", "received_at"),
        Index("ix_record_feed_ref", "feed", "source_ref"),
        Index("ix_record_batch", "batch_id"),
    )

    version_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    feed: Mapped[str] = mapped_column(String(80))
    source_ref: Mapped[str] = mapped_column(String(200))
    content_hash: Mapped[str] = mapped_column(String(32))
    batch_id: Mapped[str] = mapped_column(ForeignKey("raw_batch.batch_id"))
    row_number: Mapped[int]
    occurred_on: Mapped[date]
    occurred_precision: Mapped[str | None] = mapped_column(String(8))
    source_received_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    landed_at: Mapped[datetime]
    delay_days: Mapped[int]
    area_code: Mapped[str] = mapped_column(String(32))
    area_verbatim: Mapped[str | None] = mapped_column(Text)
    count_low: Mapped[int]
    count_high: Mapped[int]
    withdrawn: Mapped[bool]
    status: Mapped[str | None] = mapped_column(String(40))
    grade: Mapped[str | None] = mapped_column(String(2))
    person_key: Mapped[str | None] = mapped_column(String(32))
    age_band: Mapped[str | None] = mapped_column(String(8))
    sex: Mapped[str | None] = mapped_column(String(16))
    setting: Mapped[str | None] = mapped_column(String(40))


class RepeatRow(Base):
    """A version that a further batch brought again; it stands where the first is recalled."""

    __tablename__ = "record_repeat"
    __table_args__ = (Index("ix_record_repeat_batch", "batch_id"),)

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("raw_batch.batch_id"), primary_key=True)
    received_at: Mapped[datetime]
    landed_at: Mapped[datetime]
    delay_days: Mapped[int]


class SubstanceRow(Base):
    """One substance that a version of a record names, in the record's order."""

    __tablename__ = "record_substance"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    substance_id: Mapped[str] = mapped_column(String(80))
    verbatim: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))


class ReactionRow(Base):
    """One reaction that a version of a record names, in the record's order."""

    __tablename__ = "record_reaction"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reaction_code: Mapped[str] = mapped_column(String(40))


class ReactionReportRow(Base):
    """What only an adverse reaction report has."""

    __tablename__ = "reaction_report"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    reporter_role: Mapped[str | None] = mapped_column(String(40))
    presentation_date: Mapped[date | None]
    identification_basis: Mapped[str | None] = mapped_column(String(40))
    seriousness: Mapped[str | None] = mapped_column(String(40))
    naloxone_given: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(40))
    narrative: Mapped[str | None] = mapped_column(Text)


class DeathRow(Base):
    """What only a death has."""

    __tablename__ = "death"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    registered_on: Mapped[date | None]
    coded_on: Mapped[date | None]
    suspected_rank: Mapped[int | None]
    underlying_cause: Mapped[str | None] = mapped_column(String(8))
    contributory_causes: Mapped[str | None] = mapped_column(Text)
    intent: Mapped[str | None] = mapped_column(String(40))
    certificate_text: Mapped[str | None] = mapped_column(Text)
    place_type: Mapped[str | None] = mapped_column(String(40))


class MarketObservationRow(Base):
    """What only a price or purity has."""

    __tablename__ = "market_observation"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    market_level: Mapped[str | None] = mapped_column(String(16))
    deal_mass_g: Mapped[float | None]
    price_gbp: Mapped[float | None]
    price_foreign: Mapped[float | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    purity_percent: Mapped[float | None]
    purity_low_percent: Mapped[float | None]
    purity_high_percent: Mapped[float | None]
    purity_n: Mapped[int | None]
    laboratory: Mapped[str | None] = mapped_column(String(80))
    acquired_by: Mapped[str | None] = mapped_column(String(40))


class IndicatorRow(Base):
    """What only an indicator of an area and period has."""

    __tablename__ = "indicator"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(80))
    category: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(String(40))
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float | None]
    value_low: Mapped[float | None]
    value_high: Mapped[float | None]
    supplier: Mapped[str | None] = mapped_column(String(80))


class SightingRow(Base):
    """What only an identification of a substance has."""

    __tablename__ = "sighting"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    sold_as: Mapped[str | None] = mapped_column(Text)
    identified_by: Mapped[str | None] = mapped_column(String(80))
    identification_basis: Mapped[str | None] = mapped_column(String(40))
    method: Mapped[str | None] = mapped_column(String(40))
    sample_type: Mapped[str | None] = mapped_column(String(40))
    found_by: Mapped[str | None] = mapped_column(String(40))
    first_seen: Mapped[bool | None]
    quantity: Mapped[float | None]
    quantity_unit: Mapped[str | None] = mapped_column(String(40))


class EventRow(Base):
    """What only an event that somebody noticed has."""

    __tablename__ = "event"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    observer_role: Mapped[str | None] = mapped_column(String(40))
    origin: Mapped[str | None] = mapped_column(Text)
    exposure: Mapped[str | None] = mapped_column(Text)
    analysis: Mapped[str | None] = mapped_column(Text)
    identification: Mapped[str | None] = mapped_column(Text)
    health_risks: Mapped[str | None] = mapped_column(Text)
    social_risks: Mapped[str | None] = mapped_column(Text)
    health_measures: Mapped[str | None] = mapped_column(Text)
    other_measures: Mapped[str | None] = mapped_column(Text)
    further: Mapped[str | None] = mapped_column(Text)


KIND_TABLES: dict[str, type[Base]] = {
    "reaction_report": ReactionReportRow,
    "death": DeathRow,
    "market_observation": MarketObservationRow,
    "indicator": IndicatorRow,
    "sighting": SightingRow,
    "event": EventRow,
}
