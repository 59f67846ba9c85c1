"""Links between records of one event: as linkage made them, and as people decided."""

from datetime import date, datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from surveillance.store.schema.base import Base


class LinkRunRow(Base):
    """One pass of linkage over what was known at a moment, and what it saw and left.

    ``versions``, ``verdicts`` and ``links`` count what was known; where they no longer fit, the
    past has changed and the pass is made again.
    """

    __tablename__ = "link_run"

    as_of: Mapped[datetime] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(40))
    versions: Mapped[int]
    verdicts: Mapped[int]
    links: Mapped[int]
    written_at: Mapped[datetime]


class LinkRow(Base):
    """What linkage said of two records at a moment; a probability of 0 takes the link back.

    Rows are only ever added. Of the rows of a pair that a question may know, the newest holds.
    """

    __tablename__ = "record_link"
    __table_args__ = (Index("ix_record_link_linked_at", "linked_at"),)

    pair_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    linked_at: Mapped[datetime] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(String(80))
    source_ref: Mapped[str] = mapped_column(String(200))
    other_feed: Mapped[str] = mapped_column(String(80))
    other_ref: Mapped[str] = mapped_column(String(200))
    probability: Mapped[float]
    decided_by: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(40))
    occurred_on: Mapped[date]
    delay_days: Mapped[int]
    written_at: Mapped[datetime]


class LinkVerdictRow(Base):
    """What a person decided of two records: of one event, or of two. The newest holds."""

    __tablename__ = "link_verdict"

    pair_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    decided_at: Mapped[datetime] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(String(80))
    source_ref: Mapped[str] = mapped_column(String(200))
    other_feed: Mapped[str] = mapped_column(String(80))
    other_ref: Mapped[str] = mapped_column(String(200))
    is_one: Mapped[bool]
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
