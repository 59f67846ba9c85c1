"""How long things are kept: what was removed, and when."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from surveillance.store.schema.base import Base


class RetentionRow(Base):
    """What one pass of the retention removed of one sort of thing; zero where nothing was due."""

    __tablename__ = "retention"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    before: Mapped[datetime]
    period_days: Mapped[int]
    removed: Mapped[int]
