"""Adds to the store what a batch brought that is new.

A row known already adds no version; that its batch brought it too is noted. A row that takes
back an earlier correction is a version of its own, for a source without times of receipt could
not say so otherwise. Recalls play no part here: they decide what a question may know.

Nearly all rows are plainly new or plainly known, and the database tells which, without their
history being read. The few records of which it cannot be told so are looked at one by one.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    TableValuedAlias,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
)

from surveillance.domain import KIND_COLUMNS, RawBatch, content_hashes, plain_columns
from surveillance.store.contests import decide
from surveillance.store.passing import ARRIVAL, CONTESTED, MET, passing
from surveillance.store.schema import (
    KIND_TABLES,
    Base,
    Moment,
    ReactionRow,
    RecordRow,
    RepeatRow,
    SubstanceRow,
)
from surveillance.store.spool import Spool
from surveillance.store.staging import OF_THE_BATCH, staged_rows, staged_table, staging
from surveillance.store.writing import insert_selected

# Any number will do that nobody else locks by.
_LOCK_CLASS = 7461


def append(connection: Connection, batch: RawBatch, kind: str, rows: pd.DataFrame) -> int:
    """Add the versions of some rows that are new; give how many were.

    Args:
        connection: a transaction; all rows are kept or none.
        batch: the batch that brought the rows.
        kind: their record kind.
        rows: accepted rows with the columns of :func:`surveillance.domain.record_columns`.
    """
    columns = plain_columns(rows, kind)
    staged = staged_rows(
        columns,
        kind=kind,
        batch=batch,
        content_hashes=content_hashes(columns, kind),
        numbers=range(len(rows)),
        places=range(len(rows)),
    )
    with staging(connection, kind, staged) as table:
        return _append_staged(connection, batch, kind, [table])


def append_spooled(connection: Connection, batch: RawBatch, kind: str, spool: Spool) -> int:
    """Add the versions of a batch that was set down on disk; give how many were new.

    SQLite reads the files themselves, which ``engine.writing`` was told of.

    Args:
        connection: a transaction; all rows are kept or none.
        batch: the batch that brought the rows.
        kind: their record kind.
        spool: what is set down.
    """
    if connection.dialect.name == "sqlite":
        table = staged_table(kind, is_temporary=False)
        files = [table.to_metadata(MetaData(), schema=name) for name in spool.names]
        return _append_staged(connection, batch, kind, files)
    with staging(connection, kind, spool.staged()) as table:
        return _append_staged(connection, batch, kind, [table])


def _append_staged(
    connection: Connection, batch: RawBatch, kind: str, staged: Sequence[Table]
) -> int:
    _wait_for_others(connection, batch.feed)
    with passing(connection):
        _note_arrival(connection, staged)
        if connection.scalar(select(exists().where(RecordRow.feed == batch.feed))):
            _meet(connection, batch.feed)
        if _find_contested(connection, batch):
            decide(connection, batch)
        _settle_known(connection, batch)
        added = connection.scalar(select(func.count()).select_from(ARRIVAL)) or 0
        if added:
            for table in staged:
                _insert_versions(connection, batch, kind, table)
    return added


def _wait_for_others(connection: Connection, feed: str) -> None:
    """Let one process at a time add to a feed; on SQLite one at a time writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_CLASS, func.hashtext(feed))))


def _analyse(connection: Connection, table: Table) -> None:
    """Tell PostgreSQL how large a temporary table is; it guesses wrongly else."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def _note_arrival(connection: Connection, staged: Sequence[Table]) -> None:
    plain = ("seq", "version_id", "content_hash", "source_ref", "received_at", "delay_days")
    parts = [
        select(
            *(table.c[name] for name in plain),
            table.c.source_received_at.is_(None).label("is_silent"),
        )
        for table in staged
    ]
    # In the order of their ids they are added fastest, for the indexes are in it.
    rows = union_all(*parts).order_by("version_id")
    connection.execute(insert(ARRIVAL).from_select([*plain, "is_silent"], rows))
    _analyse(connection, ARRIVAL)


def _meet(connection: Connection, feed: str) -> None:
    """Find for each arriving row the stored versions of its record that say the same."""
    rows = select(
        ARRIVAL.c.seq, RecordRow.version_id, RecordRow.batch_id, RecordRow.received_at
    ).join_from(
        ARRIVAL,
        RecordRow,
        (RecordRow.source_ref == ARRIVAL.c.source_ref)
        & (RecordRow.content_hash == ARRIVAL.c.content_hash),
    )
    names = [column.name for column in MET.columns]
    connection.execute(insert(MET).from_select(names, rows.where(RecordRow.feed == feed)))
    _analyse(connection, MET)


def _find_contested(connection: Connection, batch: RawBatch) -> bool:
    """Note the records of which it cannot be told at once what is new; say if there are any."""
    following = ARRIVAL.alias()
    twice = select(ARRIVAL.c.source_ref).join_from(
        ARRIVAL,
        following,
        (following.c.place == ARRIVAL.c.place + 1)
        & (following.c.version_id == ARRIVAL.c.version_id),
    )
    met = select(ARRIVAL.c.source_ref).join_from(ARRIVAL, MET, MET.c.seq == ARRIVAL.c.seq)
    several = met.group_by(ARRIVAL.c.seq, ARRIVAL.c.source_ref).having(func.count() > 1)
    earlier = met.where(ARRIVAL.c.received_at < MET.c.received_at, MET.c.batch_id != batch.batch_id)
    queries = [twice, several, earlier]
    silent = met.where(ARRIVAL.c.is_silent)
    if connection.scalar(select(silent.exists())):
        queries += [silent.where(ARRIVAL.c.source_ref.in_(refs)) for refs in _with_versions(batch)]
    refs = union_all(*queries).subquery()
    found = select(refs.c.source_ref).distinct().where(refs.c.source_ref.is_not(None))
    connection.execute(insert(CONTESTED).from_select(["source_ref"], found))
    _analyse(connection, CONTESTED)
    return bool(connection.scalar(select(exists().select_from(CONTESTED))))


def _with_versions(batch: RawBatch) -> list[Select[tuple[str]]]:
    """Select the keys that arrive in several versions, and those that have several stored."""
    arriving = select(ARRIVAL.c.source_ref).group_by(ARRIVAL.c.source_ref)
    stored = select(RecordRow.source_ref).where(RecordRow.feed == batch.feed)
    return [
        arriving.having(func.count() > 1),
        stored.group_by(RecordRow.source_ref).having(func.count() > 1),
    ]


def _settle_known(connection: Connection, batch: RawBatch) -> None:
    """Note that the batch brought known versions too, and take their rows away."""
    contested = exists().where(CONTESTED.c.source_ref == ARRIVAL.c.source_ref)
    repeats = (
        select(
            MET.c.version_id,
            literal(batch.batch_id).label("batch_id"),
            ARRIVAL.c.received_at,
            literal(batch.fetched_at, Moment).label("landed_at"),
            ARRIVAL.c.delay_days,
        )
        .join_from(MET, ARRIVAL, MET.c.seq == ARRIVAL.c.seq)
        .where(MET.c.batch_id != batch.batch_id, ~contested)
    )
    insert_selected(connection, RepeatRow, repeats)
    known = ARRIVAL.c.seq.in_(select(MET.c.seq))
    connection.execute(delete(ARRIVAL).where(known, ~contested))


def _insert_versions(connection: Connection, batch: RawBatch, kind: str, staged: Table) -> None:
    own = [c.name for c in RecordRow.__table__.columns if c.name in staged.c]
    of_the_batch: dict[str, ColumnElement[Any]] = {
        "kind": literal(kind),
        "feed": literal(batch.feed),
        "batch_id": literal(batch.batch_id),
        "landed_at": literal(batch.fetched_at, Moment),
    }
    values = {name: _value(staged, name) for name in own}
    values |= {name: of_the_batch[name] for name in OF_THE_BATCH}
    _insert(connection, RecordRow, values, staged)
    special = ["version_id", *(column.name for column in KIND_COLUMNS[kind])]
    _insert(connection, KIND_TABLES[kind], {name: _value(staged, name) for name in special}, staged)
    _insert_lists(connection, staged)


def _value(staged: Table, name: str) -> ColumnElement[Any]:
    # What takes back a correction has an id that was found on arrival.
    return ARRIVAL.c.version_id if name == "version_id" else staged.c[name]


def _insert(
    connection: Connection,
    table: type[Base],
    values: dict[str, ColumnElement[Any]],
    staged: Table,
    *further: FromClause,
) -> None:
    """Insert a row for each version that is new, in the order of the versions' ids."""
    columns = [value.label(name) for name, value in values.items()]
    new = ARRIVAL.join(staged, staged.c.seq == ARRIVAL.c.seq)
    rows = select(*columns).select_from(new, *further).order_by(ARRIVAL.c.place)
    connection.execute(insert(table).from_select(list(values), rows))


def _insert_lists(connection: Connection, staged: Table) -> None:
    mention, position = _elements(connection, staged.c.substances, are_texts=False)
    names = ("substance_id", "verbatim", "role")
    values = {"version_id": ARRIVAL.c.version_id, "position": position}
    values |= {name: _part(connection, mention, place) for place, name in enumerate(names)}
    _insert(connection, SubstanceRow, values, staged, mention)
    reaction, position = _elements(connection, staged.c.reactions, are_texts=True)
    values = {"version_id": ARRIVAL.c.version_id, "position": position}
    values |= {"reaction_code": reaction.c.value}
    _insert(connection, ReactionRow, values, staged, reaction)


def _elements(
    connection: Connection, listed: ColumnElement[Any], *, are_texts: bool
) -> tuple[TableValuedAlias, ColumnElement[Any]]:
    """Unfold a list kept as JSON; give its elements and their places, from 0."""
    if connection.dialect.name == "sqlite":
        element = func.json_each(listed).table_valued("key", "value", joins_implicitly=True)
        return element, element.c.key
    unfold = func.json_array_elements_text if are_texts else func.json_array_elements
    elements = unfold(cast(listed, JSON)).table_valued(
        "value", with_ordinality="place", joins_implicitly=True
    )
    numbered = elements.render_derived()
    return numbered, numbered.c.place - 1


def _part(connection: Connection, element: TableValuedAlias, place: int) -> ColumnElement[Any]:
    """Give one text of an element that is a list itself."""
    if connection.dialect.name == "sqlite":
        return func.json_extract(element.c.value, f"$[{place}]")
    return element.c.value.op("->>")(place)
