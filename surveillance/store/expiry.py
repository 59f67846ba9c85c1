"""Remove what is past its period, and nothing that a count needs.

A version keeps its day, area code, coded fields, substances and counts, so that every question
as of any moment is answered as before. What goes are words that people wrote, the key of the
person, and the bytes as they were fetched.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, or_, select, text, update

from surveillance.domain import UNKNOWN_SUBSTANCE
from surveillance.store.engine import writing
from surveillance.store.schema import (
    KIND_TABLES,
    Base,
    BatchRow,
    DecisionRow,
    DeliveryRow,
    QuarantineRow,
    RecallRow,
    RecordRow,
    RetentionRow,
    SignalEventRow,
    SignalRow,
    SubstanceRow,
)
from surveillance.store.writing import insert_ignoring_known

# Words that somebody wrote about a person or event. What stays of each kind is coded, or names
# a thing and no person: an indicator's category, what a substance was sold as.
EXPIRING_WORDS: Mapping[str, tuple[str, ...]] = {
    "reaction_report": ("narrative",),
    "death": ("certificate_text",),
    "market_observation": (),
    "indicator": (),
    "sighting": (),
    "event": (
        "origin",
        "exposure",
        "analysis",
        "identification",
        "health_risks",
        "social_risks",
        "health_measures",
        "other_measures",
        "further",
    ),
}
LASTING_WORDS = frozenset({"category", "sold_as"})
REMOVED_ACTOR = "removed"
_EMPTIED = (
    "record",
    "record_substance",
    "reaction_report",
    "death",
    "event",
    "quarantined_row",
    "delivery",
)
_OF_THE_SERVICE = ("surveillance", REMOVED_ACTOR)


def expire_words(connection: Connection, *, before: datetime) -> int:
    """Blank the words and person keys of versions that landed before a moment; count them.

    The words of a substance that the register lacks stay, or a name seen years ago would count
    as new again; they were screened when they came.
    """
    old = select(RecordRow.version_id).where(RecordRow.landed_at < before)
    changed: set[str] = set()
    for kind, names in EXPIRING_WORDS.items():
        if names:
            table = KIND_TABLES[kind]
            changed |= _blank(connection, table, names, old=old)
    changed |= _blank(connection, RecordRow, ("area_verbatim", "person_key"), old=old)
    known = SubstanceRow.substance_id != UNKNOWN_SUBSTANCE
    changed |= _blank(connection, SubstanceRow, ("verbatim",), old=old, also=known, blank="")
    return len(changed)


def _blank(
    connection: Connection,
    table: type[Any],
    names: Sequence[str],
    *,
    old: Any,
    also: Any = True,
    blank: str | None = None,
) -> set[str]:
    columns = [table.__table__.c[name] for name in names]
    given = or_(*(column.is_not(None) if blank is None else column != blank for column in columns))
    chosen = [table.version_id.in_(old), given]
    if also is not True:
        chosen.append(also)
    found = set(connection.scalars(select(table.version_id).where(*chosen)))
    if found:
        connection.execute(update(table).where(*chosen).values(dict.fromkeys(names, blank)))
    return found


def expire_quarantine(connection: Connection, *, before: datetime) -> int:
    """Blank the text of rows held back whose state is older than a moment; count them."""
    chosen = (QuarantineRow.changed_at < before, QuarantineRow.raw != "")
    return _update(connection, QuarantineRow, chosen, {"raw": ""})


def expire_batches(connection: Connection, *, before: datetime, at: datetime) -> int:
    """Note that the bytes of batches fetched before a moment are kept no longer; count them.

    A batch that waits to be stored keeps its bytes, whatever its age.
    """
    chosen = (
        BatchRow.fetched_at < before,
        BatchRow.state != "landed",
        BatchRow.bytes_removed_at.is_(None),
    )
    return _update(connection, BatchRow, chosen, {"bytes_removed_at": at})


def expired_hashes(connection: Connection) -> dict[str, int]:
    """Give the hashes whose bytes no batch keeps any longer, with their size in bytes."""
    rows = connection.execute(
        select(BatchRow.sha256, func.max(BatchRow.size_bytes))
        .group_by(BatchRow.sha256)
        .having(func.count() == func.count(BatchRow.bytes_removed_at))
    )
    return {sha256: int(size) for sha256, size in rows}


def expire_trail(connection: Connection, *, before: datetime) -> int:
    """Blank who acted and what was sent before a moment; that it happened, and when, stays.

    Decisions themselves stay, or the service would decide about old evidence once more.
    """
    old = select(DecisionRow.decision_id).where(DecisionRow.decided_at < before)
    sent = (
        DeliveryRow.decision_id.in_(old),
        DeliveryRow.recipient != "",
        DeliveryRow.state.in_(("sent", "dead")),
    )
    words: dict[str, Any] = {"message": {}, "recipient": "", "receipt": None, "last_error": None}
    count = _update(connection, DeliveryRow, sent, words)
    for table in (SignalEventRow, RecallRow):
        acted = (table.at < before, table.actor.not_in(_OF_THE_SERVICE))
        count += _update(connection, table, acted, {"actor": REMOVED_ACTOR})
    return count


def _update(
    connection: Connection, table: type[Base], chosen: Iterable[Any], values: Mapping[str, Any]
) -> int:
    conditions = list(chosen)
    count = connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
    if count:
        connection.execute(update(table).where(*conditions).values(dict(values)))
    return int(count)


@contextmanager
def rehearsing(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose changes are counted and then undone, every one of them.

    Raises:
        StoreError: the database failed.
    """
    with writing(engine) as connection:
        yield connection
        connection.rollback()


def note_retention(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what one pass removed; the same pass written again stays as it is."""
    insert_ignoring_known(connection, RetentionRow, rows)


def load_retention(connection: Connection) -> list[Row[*tuple[Any, ...]]]:
    """List what every pass removed: at, what, before, period_days, removed; oldest first."""
    ordered = select(RetentionRow.__table__).order_by(RetentionRow.at, RetentionRow.what)
    return list(connection.execute(ordered).all())


def open_signals_before(
    connection: Connection, *, before: datetime, states: Sequence[str]
) -> list[str]:
    """List the live signals in some states whose first period lies before a moment."""
    rows = connection.execute(
        select(SignalRow.reference)
        .where(
            SignalRow.realm == "live",
            SignalRow.state.in_(list(states)),
            SignalRow.first_period < before.date(),
        )
        .order_by(SignalRow.reference)
    )
    return list(rows.scalars())


def overwrite_removed(connection: Connection) -> None:
    """Let this transaction overwrite what it removes, where the database can."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA secure_delete=ON"))


def forget_removed(engine: Engine) -> None:
    """Let the database files forget what was removed, once its transaction is kept.

    SQLite's log still holds the pages as they were; PostgreSQL keeps dead rows until a vacuum.
    """
    raw = engine.raw_connection()
    try:
        if engine.dialect.name == "sqlite":
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            raw.driver_connection.autocommit = True  # type: ignore[union-attr] # psycopg's own
            raw.cursor().execute(f"VACUUM {', '.join(_EMPTIED)}")
            raw.driver_connection.autocommit = False  # type: ignore[union-attr] # psycopg's own
    finally:
        raw.close()
