"""Kept bytes become record rows of one kind; what cannot be read is held back.

The table as a whole must be readable: else the batch is refused. A single row that is not
is held back with every reason, and the rest goes on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from surveillance.domain import Flags, RawBatch, RejectedRow, record_columns
from surveillance.errors import InputError, RejectedBatch, SettingsError
from surveillance.feeds.counting import expand_counts, read_counts
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.identity import add_constants, source_refs
from surveillance.feeds.landing import open_raw
from surveillance.feeds.mentions import find_reactions, find_substances
from surveillance.feeds.persons import hide_persons
from surveillance.feeds.places import find_areas
from surveillance.feeds.reading import check_columns, read_table
from surveillance.feeds.rules import ColumnRule
from surveillance.feeds.table import Objects, Table, filled
from surveillance.feeds.times import received_moments
from surveillance.feeds.toml_table import did_you_mean
from surveillance.feeds.values import Faults, build_column, build_days
from surveillance.feeds.wanted import needed_columns, used_columns
from surveillance.register import Register

_DEFAULTS = {"withdrawn": False, "count_low": 1, "count_high": 1}


@dataclass(frozen=True)
class ParsedBatch:
    """What one batch held.

    Attributes:
        rows: records, with exactly the columns of ``record_columns(kind)``. A row of a feed
            of counts gives one record for each count it supplies, and none for the others.
        rejected: rows of the file that were held back.
        rows_present: rows of the file, headings and blank lines aside.
        rows_accepted: rows of the file that were read; with the rejected they are all.
        findings: what a person should know of the batch, one sentence each.
    """

    rows: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
    rows_present: int
    rows_accepted: int
    findings: tuple[str, ...]


def parse(
    batch: RawBatch,
    description: FeedDescription,
    *,
    raw_folder: Path,
    register: Register,
    pseudonym_key: bytes | None = None,
) -> ParsedBatch:
    """Read the rows of a kept batch.

    Args:
        batch: what landed.
        description: its feed's.
        raw_folder: where the bytes are kept.
        register: what is known of substances, areas and reactions.
        pseudonym_key: the secret of the hashes of persons; None: their column stays empty.

    Raises:
        SourceError: the kept bytes are gone or altered.
        RejectedBatch: the file as a whole cannot be read; its bytes stay kept.
        SettingsError: the description names a substance or area the register lacks.
    """
    _check_ids(description, register)
    content = open_raw(raw_folder, batch)
    try:
        table = read_table(content, description.source)
        _check_table(table, description)
    except RejectedBatch as error:
        raise RejectedBatch(
            f"{batch.feed} batch {batch.batch_id} ({batch.address}): {error}\nNo row of it was "
            f"stored; its {batch.size_bytes:,} bytes are kept. The feed's owner is "
            f"{description.owner}; the description is config/feeds/{batch.feed}.toml."
        ) from error
    if description.person is None:
        return _parse_table(table, batch, description, register=register)
    table, hidden = hide_persons(table, description.person, key=pseudonym_key)
    parsed = _parse_table(table, batch, description, register=register)
    return replace(parsed, findings=(*parsed.findings, *hidden))


def _check_ids(description: FeedDescription, register: Register) -> None:
    """Check that the register knows every id that the description names."""
    rules = description.substances
    named = {count.substance for count in description.counts}
    named |= set(rules.flags.columns.values()) if rules.flags else set()
    named |= {rules.constant} if rules.constant is not None else set()
    known = {substance.substance_id for substance in register.substances.all()}
    problems = [f"no substance {one!r}{did_you_mean(one, known)}" for one in sorted(named - known)]
    roots = {area.code for area in register.areas.all()}
    within = description.area.within
    try:
        register.areas.resolve("", within=within)
    except InputError:
        problems.append(f"no area {within!r} for area.within{did_you_mean(within, roots)}")
    if problems:
        raise SettingsError(
            f"{description.name}: the register has {'; '.join(problems)}. No row was read. Mend "
            f"config/feeds/{description.name}.toml or the register."
        )


def _check_table(table: Table, description: FeedDescription) -> None:
    used = used_columns(description) - description.constants.keys()
    needed = needed_columns(description, may_lack=table.may_lack) - description.constants.keys()
    check_columns(table, needed=sorted(needed), used=used, source=description.source)
    clash = sorted(set(table.columns) & description.constants.keys())
    if clash:
        raise RejectedBatch(
            f"the file has a column {clash[0]!r}, and the description gives it as a constant. "
            "Take one of the two away."
        )


def _parse_table(
    table: Table, batch: RawBatch, description: FeedDescription, *, register: Register
) -> ParsedBatch:
    table = add_constants(table, description.constants)
    faults, findings = Faults(len(table)), _first_findings(table)
    values = {"row_number": table.row_numbers, "raw": table.raw}
    values |= _times(table, batch, description, faults=faults)
    values["source_ref"] = source_refs(table, description.identity_columns, faults=faults)
    values["area_code"], values["area_verbatim"] = find_areas(
        table, description.area, register=register, findings=findings
    )
    values["substances"] = find_substances(
        table, description.substances, register=register, faults=faults, findings=findings
    )
    values["reactions"] = find_reactions(
        table, description.reactions, register=register, findings=findings
    )
    derived = values["occurred_precision"]
    values |= _mapped_columns(table, description, faults=faults, findings=findings)
    values["occurred_precision"] = filled(values["occurred_precision"], derived)
    counts = read_counts(table, description.counts, faults=faults, findings=findings)
    records, spared = _frame(values, kind=description.kind, rows=len(table)), faults.spared()
    rejected = [*table.broken, *_held_back(table, faults, spared=spared)]
    return ParsedBatch(
        rows=expand_counts(records, counts, spared=spared)
        if counts
        else records.loc[spared].reset_index(drop=True),
        rejected=tuple(sorted(rejected, key=lambda row: row.row_number)),
        rows_present=len(table) + len(table.broken),
        rows_accepted=int(spared.sum()),
        findings=tuple(findings),
    )


def _first_findings(table: Table) -> list[str]:
    return [] if len(table) or table.broken else ["the file has headings and no rows"]


def _times(
    table: Table, batch: RawBatch, description: FeedDescription, *, faults: Faults
) -> dict[str, Objects]:
    targets = {column.name: column for column in record_columns(description.kind)}
    occurred, precisions = build_days(
        table, description.columns["occurred_on"], targets["occurred_on"], faults=faults
    )
    rule = description.received
    from_source = ColumnRule(columns=(rule.column or "",), date_formats=rule.formats)
    stated = build_column(
        table, from_source, targets["source_received_at"], faults=faults, findings=[]
    )
    received = received_moments(
        stated,
        occurred,
        assumed_lag_days=rule.assumed_lag_days,
        fetched_at=batch.fetched_at,
        is_history=batch.is_history,
    )
    if rule.assumed_lag_days is None and batch.is_history:
        silent = (table.texts(rule.column or "") == "").to_numpy()
        faults.add(silent, "received_at: empty, and the description assumes no lag")
    return {
        "occurred_on": occurred,
        "occurred_precision": precisions,
        "source_received_at": stated,
        "received_at": received,
    }


def _mapped_columns(
    table: Table, description: FeedDescription, *, faults: Faults, findings: list[str]
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
