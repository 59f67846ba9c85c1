"""Every table of DEWS, typed.

Moments are stored in UTC and come back aware. Records are only ever added: a correction is
a new version, a withdrawal a version with ``withdrawn`` set.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any] | list[Any]


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; naive values are refused, for they would hide a time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone was given to the store.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The tables' common base."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - the attribute SQLAlchemy reads
        datetime: Moment,
        date: Date,
        Json: JSON,
    }


class BatchRow(Base):
    """A raw batch and what the checks said of it. State: landed, kept, held or rejected."""

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


class QuarantineRow(Base):
    """A row held back, with every reason. State: held, readmitted or dropped."""

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
    age_band: Mapped[str | None] = mapped_column(String(8))
    sex: Mapped[str | None] = mapped_column(String(16))
    setting: Mapped[str | None] = mapped_column(String(40))


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
    suspected_rank: Mapped[int | None]
    underlying_cause: Mapped[str | None] = mapped_column(String(8))
    certificate_text: Mapped[str | None] = mapped_column(Text)
    place_type: Mapped[str | None] = mapped_column(String(40))


class MarketObservationRow(Base):
    """What only a price or purity has."""

    __tablename__ = "market_observation"

    version_id: Mapped[str] = mapped_column(ForeignKey("record.version_id"), primary_key=True)
    market_level: Mapped[str | None] = mapped_column(String(16))
    deal_mass_g: Mapped[float | None]
    price_gbp: Mapped[float | None]
    purity_percent: Mapped[float | None]
    purity_n: Mapped[int | None]


KIND_TABLES: dict[str, type[Base]] = {
    "reaction_report": ReactionReportRow,
    "death": DeathRow,
    "market_observation": MarketObservationRow,
}


class RunRow(Base):
    """One pass of surveillance over one week as of one moment.

    ``realm`` is ``live``, or names a replay; the realms never see each other's signals.
    State: planned or assessed.
    """

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("realm", "week", "as_of"),)

    run_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    realm: Mapped[str] = mapped_column(String(80))
    week: Mapped[str] = mapped_column(String(8))
    as_of: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    shards: Mapped[int]
    snapshot: Mapped[Json]
    settings_hash: Mapped[str] = mapped_column(String(16))
    code_version: Mapped[str] = mapped_column(String(40))
    assessed_at: Mapped[datetime | None]


class ShardRow(Base):
    """One slice of a run's series. State: planned or judged."""

    __tablename__ = "run_shard"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))


class OutcomeRow(Base):
    """One outcome that is more than calm: something was observed, or it alarmed."""

    __tablename__ = "outcome"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(80), primary_key=True)
    detector: Mapped[str] = mapped_column(String(40), primary_key=True)
    substance_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    shard: Mapped[int]
    period_start: Mapped[date]
    window: Mapped[int]
    observed: Mapped[float | None]
    observed_high: Mapped[float | None]
    expected: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    p_value: Mapped[float | None]
    score: Mapped[float | None]
    alarm: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)


class OutcomeCountRow(Base):
    """How many outcomes of a shard were of one sort; an empty reason means judged.

    ``tests`` are those with a p-value, which false-discovery control must pay for.
    """

    __tablename__ = "outcome_count"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(80), primary_key=True)
    detector: Mapped[str] = mapped_column(String(40), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(200), primary_key=True)
    outcomes: Mapped[int]
    tests: Mapped[int]
    alarms: Mapped[int]


class SignalRow(Base):
    """A family of alarms that people judge."""

    __tablename__ = "signal"
    __table_args__ = (UniqueConstraint("realm", "reference"),)

    signal_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    realm: Mapped[str] = mapped_column(String(80))
    reference: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    substance_id: Mapped[str] = mapped_column(String(80))
    area_code: Mapped[str] = mapped_column(String(32))
    streams: Mapped[Json]
    first_raised_week: Mapped[str] = mapped_column(String(8))
    last_raised_week: Mapped[str] = mapped_column(String(8))
    first_raised_as_of: Mapped[datetime]
    first_period: Mapped[date]
    last_period: Mapped[date]
    rank_score: Mapped[float]
    is_count_signal: Mapped[bool]
    quality: Mapped[str] = mapped_column(String(16))


class EvidenceRow(Base):
    """What one run brought for a signal: its alarms, their detectors and the picture."""

    __tablename__ = "signal_evidence"

    signal_id: Mapped[str] = mapped_column(ForeignKey("signal.signal_id"), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"), primary_key=True)
    alarms: Mapped[Json]
    curve: Mapped[Json]
    quality: Mapped[Json]


class SignalEventRow(Base):
    """One step in a signal's life."""

    __tablename__ = "signal_event"

    signal_id: Mapped[str] = mapped_column(ForeignKey("signal.signal_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)


class DecisionRow(Base):
    """What routing decided of a signal in one run: a notice, or held back and why."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("signal_id", "run_id"),)

    decision_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    signal_id: Mapped[str] = mapped_column(ForeignKey("signal.signal_id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    level: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]


class DeliveryRow(Base):
    """One message to one recipient: written with the decision, sent afterwards.

    State: queued, sending, sent, failed (will be tried again) or dead (a person must act).
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_state", "state", "next_attempt_at"),)

    delivery_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.decision_id"))
    channel: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(Text)
    message: Mapped[Json]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)
