"""Insert many rows at once, and leave those that are known alone, on both databases."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import postgresql, sqlite

from surveillance.store.schema import Base

_ROWS_AT_ONCE = 500


def insert_ignoring_known(
    connection: Connection, table: type[Base], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Insert the rows whose primary or unique key is new; give how many were.

    The count comes from the database, not from the drivers' row counts, which differ.
    """
    added = 0
    key = next(iter(table.__table__.primary_key))
    coming = iter(rows)
    while some := list(islice(coming, _ROWS_AT_ONCE)):
        statement = _insert(connection, table).values(some)
        returned = connection.execute(statement.on_conflict_do_nothing().returning(key))
        added += len(returned.all())
    return added


def insert_many(
    connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert many rows; one that another process has just inserted is left alone."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), list(rows))


def insert_selected(
    connection: Connection, table: type[Base], rows: Select[*tuple[Any, ...]]
) -> None:
    """Insert what a query gives; rows whose key is known are left alone.

    The names of the query's columns are those of the table. SQLite needs its WHERE.
    """
    names = [column.name for column in rows.selected_columns]
    statement = _insert(connection, table).from_select(names, rows)
    connection.execute(statement.on_conflict_do_nothing())


def _insert(connection: Connection, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
