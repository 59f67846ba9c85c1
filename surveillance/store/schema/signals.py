"""Runs, outcomes, signals, decisions and deliveries."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from surveillance.store.schema.base import Base, Json


class RunRow(Base):
    """One pass of surveillance over one week as of one moment.

    ``realm`` is ``live``, or names a replay; the realms never see each other's signals.
    State: planned or assessed. ``recalls``: decisions about batches of its feeds that it knows.
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
    recalls: Mapped[int] = mapped_column(server_default=text("0"))
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

    State: queued, sending, sent, failed (will be tried again), dead (a person must act), or
    expired (it was sent, and the channel no longer shows it).
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
