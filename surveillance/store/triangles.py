"""Read reporting triangles: events by occurrence and arrival, as of any moment, in one query.

An event counts once, by the newest version known, and leaves when that version is withdrawn. It
arrived when the first version that the question counts was received: a death that toxicology
later ties to a substance arrives for that substance with the toxicology.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, FromClause, Select, Subquery, exists, func, literal, select

from surveillance.domain import (
    COUNTED_ROLES,
    TRIANGLE_DATES,
    ReportingTriangle,
    TriangleQuestion,
    record_columns,
)
from surveillance.errors import InputError
from surveillance.store.schema import KIND_TABLES, SubstanceRow
from surveillance.store.versions import Known, known_versions, newest_versions

RECEIVED = "received"


def reporting_triangle(connection: Connection, question: TriangleQuestion) -> ReportingTriangle:
    """Count the events of a question by the period they happened in and the delay of arrival.

    Args:
        connection: one consistent view of the database.
        question: which events, and between which dates.

    Raises:
        InputError: the record kind has no such date or field.
    """
    _check(question)
    return ReportingTriangle.count(
        _events(connection, question), cadence=question.cadence, as_of=question.as_of
    )


def _check(question: TriangleQuestion) -> None:
    columns = {column.name for column in record_columns(question.kind) if column.dtype != "list"}
    known = [name for name, column in TRIANGLE_DATES.items() if column in columns]
    first, second = question.dates
    if first not in known or second not in [*known, RECEIVED] or first == second:
        raise InputError(
            f"A {question.kind} has no triangle of {first!r} and {second!r}. Its dates are "
            f"{', '.join(known)}, and received as the second one."
        )
    if odd := sorted(set(question.where) - columns):
        raise InputError(f"A {question.kind} has no field {', '.join(odd)}. Nothing was counted.")


def _events(
    connection: Connection, question: TriangleQuestion
) -> Iterator[tuple[date, date | None, int, int]]:
    for day, after, days, low, high in connection.execute(_counts(connection, question)):
        if day is not None:
            arrival = None if after is None else after + timedelta(days=days)
            yield day, arrival, int(low), int(high)


def _counts(connection: Connection, question: TriangleQuestion) -> Select[*tuple[Any, ...]]:
    """Select day, a day and the days from it to the arrival, least and greatest number."""
    known = Known(question.feeds, question.as_of)
    newest = newest_versions(connection, known, kind=question.kind)
    counted, columns = _counting(newest, question)
    start = columns[TRIANGLE_DATES[question.dates[0]]]
    numbers = [func.sum(newest.c[side]) for side in ("count_low", "count_high")]
    if question.dates[1] != RECEIVED:
        end = columns[TRIANGLE_DATES[question.dates[1]]]
        return counted.with_only_columns(start, end, literal(0), *numbers).group_by(start, end)
    first = _first_counted(connection, question)
    # The receipt is told in days after the day that version stated, for a moment's day is
    # written differently in each database.
    receipt = (first.c.occurred_on, first.c.delay_days)
    return (
        counted.join(
            first,
            (first.c.feed == newest.c.feed) & (first.c.source_ref == newest.c.source_ref),
        )
        .with_only_columns(start, *receipt, *numbers)
        .group_by(start, *receipt)
    )


def _first_counted(connection: Connection, question: TriangleQuestion) -> Subquery:
    """Give of each record the version first received among those that the question counts."""
    known = Known(question.feeds, question.as_of)
    versions = known_versions(connection, known, kind=question.kind)
    counted, _ = _counting(versions, question)
    age = func.row_number().over(
        partition_by=[versions.c.feed, versions.c.source_ref],
        order_by=[versions.c.received_at, versions.c.version_id],
    )
    ranked = (
        counted.where(versions.c.withdrawn.is_(False))
        .with_only_columns(
            versions.c.feed,
            versions.c.source_ref,
            versions.c.occurred_on,
            versions.c.delay_days,
            age.label("age"),
        )
        .subquery("ranked_receipts")
    )
    return select(ranked).where(ranked.c.age == 1).subquery("first_counted")


def _counting(
    versions: FromClause, question: TriangleQuestion
) -> tuple[Select[*tuple[Any, ...]], dict[str, Any]]:
    """Select the versions that a question counts; give every column by name beside it."""
    kind_table = KIND_TABLES[question.kind].__table__
    columns = {**dict(kind_table.c.items()), **dict(versions.c.items())}
    query = select(versions)
    if {*question.where, *map(TRIANGLE_DATES.get, question.dates)} - {"", *versions.c.keys()}:
        query = query.join(kind_table, kind_table.c.version_id == versions.c.version_id)
    for name, accepted in question.where.items():
        query = query.where(columns[name].in_(list(accepted)))
    if question.areas is not None:
        query = query.where(versions.c.area_code.in_(sorted(question.areas)))
    if question.substances is not None:
        named = exists().where(
            SubstanceRow.version_id == versions.c.version_id,
            SubstanceRow.substance_id.in_(sorted(question.substances)),
            SubstanceRow.role.in_(COUNTED_ROLES),
        )
        query = query.where(named)
    return query, columns
