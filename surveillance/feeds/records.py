"""Rows of a table become records of one kind; a row that cannot be read is held back.

A row is held back with every reason, and the rest goes on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from surveillance.domain import Flags, RawBatch, RejectedRow, record_columns
from surveillance.feeds.counting import expand_counts, read_counts
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.figures import blank_missing, supplied
from surveillance.feeds.findings import Findings
from surveillance.feeds.identity import add_constants, source_refs
from surveillance.feeds.mentions import NameReader, find_reactions, find_substances
from surveillance.feeds.naming import column_of, published_at
from surveillance.feeds.places import find_areas
from surveillance.feeds.rules import ColumnRule
from surveillance.feeds.table import Objects, Table, filled
from surveillance.feeds.times import received_moments
from surveillance.feeds.values import Faults, build_column, build_days
from surveillance.register import Register

_DEFAULTS = {"withdrawn": False, "count_low": 1, "count_high": 1}


@dataclass(frozen=True)
class ReadingContext:
    """What the rows of one batch have in common while they are read.

    Attributes:
        told: what the file's name tells, piece by piece.
        names: reads the names of substances and reactions.
    """

    batch: RawBatch
    description: FeedDescription
    register: Register
    names: NameReader
    told: Mapping[str, str]


@dataclass(frozen=True)
class Records:
    """Records, and the rows that make none.

    Attributes:
        rows: records, with exactly the columns of ``record_columns(kind)``.
        rejected: rows that were held back.
        accepted: numbers of the rows that were read.
    """

    rows: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
    accepted: tuple[int, ...]


def make_records(
    table: Table, context: ReadingContext, *, earlier: Mapping[int, int], findings: Findings
) -> Records:
    """Make the records of a table.

    Args:
        table: rows, reshaped as the description asks.
        context: what they have in common.
        earlier: how often equal rows stood earlier in the file, for rows without a key.
        findings: gets the counts of what a person should know.
    """
    description, names = context.description, context.names
    named = {column_of(piece): text for piece, text in context.told.items()}
    table = add_constants(table, {**named, **description.constants})
    faults = Faults(len(table))
    values = {"row_number": table.row_numbers, "raw": table.raw}
    values |= _times(table, context, faults=faults)
    values["source_ref"] = source_refs(
        table, description.identity_columns, faults=faults, earlier=earlier
    )
    values["area_code"], values["area_verbatim"] = find_areas(
        table, description.area, register=context.register, findings=findings
    )
    values["substances"] = find_substances(
        table, description.substances, names=names, faults=faults, findings=findings
    )
    values["reactions"] = find_reactions(
        table, description.reactions, names=names, findings=findings
    )
    is_supplied = np.ones(len(table), dtype=bool)
    if description.figures is not None:
        table = blank_missing(table, description.figures, faults=faults)
        is_supplied = supplied(table, description.figures, findings=findings)
    derived = values["occurred_precision"]
    values |= _mapped_columns(table, description, faults=faults, findings=findings)
    values["occurred_precision"] = filled(values["occurred_precision"], derived)
    counts = read_counts(table, description.counts, faults=faults, findings=findings)
    records, spared = _frame(values, kind=description.kind, rows=len(table)), faults.spared()
    rejected = [*table.broken, *_held_back(table, faults, spared=spared)]
    return Records(
        rows=expand_counts(records, counts, spared=spared)
        if counts
        else records.loc[spared & is_supplied].reset_index(drop=True),
        rejected=tuple(sorted(rejected, key=lambda row: row.row_number)),
        accepted=tuple(table.row_numbers[spared].tolist()),
    )


def _times(table: Table, context: ReadingContext, *, faults: Faults) -> dict[str, Objects]:
    batch, description = context.batch, context.description
    published = _publication(context.told, batch, description)
    targets = {column.name: column for column in record_columns(description.kind)}
    occurred, precisions = build_days(
        table, description.columns["occurred_on"], targets["occurred_on"], faults=faults
    )
    rule = description.received
    from_source = ColumnRule(columns=(rule.column or "",), date_formats=rule.formats)
    stated = build_column(
        table, from_source, targets["source_received_at"], faults=faults, findings=Findings()
    )
    if published is not None:
        stated = np.full(len(table), published, dtype=object)
    received = received_moments(
        stated,
        occurred,
        assumed_lag_days=rule.assumed_lag_days,
        fetched_at=batch.fetched_at,
        is_history=batch.is_history,
    )
    if rule.assumed_lag_days is None and published is None and batch.is_history:
        silent = (table.texts(rule.column or "") == "").to_numpy()
        faults.add(silent, "received_at: empty, and the description assumes no lag")
    return {
        "occurred_on": occurred,
        "occurred_precision": precisions,
        "source_received_at": stated,
        "received_at": received,
    }


def _publication(
    told: Mapping[str, str], batch: RawBatch, description: FeedDescription
) -> datetime | None:
    """Give the moment the file was published, where its name tells it."""
    days = description.received.published_days
    moment = None if days is None else published_at(told, days=days)
    return moment and min(moment, batch.fetched_at)


def _mapped_columns(
    table: Table, description: FeedDescription, *, faults: Faults, findings: Findings
) -> dict[str, Objects]:
    """Make every column that [columns] names, besides the day itself."""
    made: dict[str, Objects] = {}
    for target in record_columns(description.kind):
        rule = description.columns.get(target.name)
        if rule is not None and target.name != "occurred_on":
            made[target.name] = build_column(table, rule, target, faults=faults, findings=findings)
    return made


def _frame(values: Mapping[str, Objects], *, kind: str, rows: int) -> pd.DataFrame:
    """Make records with exactly the columns of the kind, those not made empty."""
    index = pd.RangeIndex(rows)
    columns = {}
    for column in record_columns(kind):
        made = values.get(column.name, np.full(rows, None, dtype=object))
        if column.name in _DEFAULTS:
            made = filled(made, np.full(rows, _DEFAULTS[column.name], dtype=object))
        columns[column.name] = pd.Series(made, index, dtype=object)
    return pd.DataFrame(columns, index)


def _held_back(table: Table, faults: Faults, *, spared: Flags) -> Iterator[RejectedRow]:
    for row in np.flatnonzero(~spared).tolist():
        yield RejectedRow(int(table.row_numbers[row]), str(table.raw[row]), faults.reasons(row))
