"""Kept bytes become record rows of one kind; what cannot be read is held back.

The table as a whole must be readable: else the batch is refused. A single row that is not
is held back with every reason, and the rest goes on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from surveillance.domain import Flags, RawBatch, RejectedRow, record_columns
from surveillance.errors import InputError, RejectedBatch, SettingsError
from surveillance.feeds.counting import expand_counts, read_counts
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.figures import blank_missing, supplied
from surveillance.feeds.identity import add_constants, source_refs
from surveillance.feeds.landing import open_raw
from surveillance.feeds.mentions import find_reactions, find_substances
from surveillance.feeds.naming import column_of, published_at, read_name
from surveillance.feeds.persons import hide_persons
from surveillance.feeds.places import area_finder, find_areas
from surveillance.feeds.reading import check_columns, read_table
from surveillance.feeds.reshaping import Reshaped, reshape
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
        rejected: rows that were held back.
        rows_present: rows of the source: of the file, headings, notes and blank lines aside,
            or the cells of a wide table.
        rows_accepted: rows of the source that were read; with those rejected and those set
            aside they are all.
        findings: what a person should know of the batch, one sentence each.
        rows_set_aside: rows of the source that are not of this feed.
        rows_judged: rows that were read or held back, counted or added up ones as one.
        behind: number of a row -> rows of the source it stands for, where that is not one.
    """

    rows: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
    rows_present: int
    rows_accepted: int
    findings: tuple[str, ...]
    rows_set_aside: int
    rows_judged: int
    behind: Mapping[int, int]

    def source_rows(self, numbers: Iterable[int]) -> int:
        """Count the rows of the source that stand behind rows of these numbers."""
        return sum(self.behind.get(number, 1) for number in set(numbers))


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
        find_area = area_finder(description.area, register)
        shaped = reshape(table, description.shape, find_area=find_area)
        pieces = _pieces(batch, description)
    except RejectedBatch as error:
        raise RejectedBatch(
            f"{batch.feed} batch {batch.batch_id} ({batch.address}): {error}\nNo row of it was "
            f"stored; its {batch.size_bytes:,} bytes are kept. The feed's owner is "
            f"{description.owner}; the description is config/feeds/{batch.feed}.toml."
        ) from error
    if description.person is None:
        return _parse_table(shaped, batch, description, register=register, pieces=pieces)
    table, hidden = hide_persons(shaped.table, description.person, key=pseudonym_key)
    shaped = replace(shaped, table=table)
    parsed = _parse_table(shaped, batch, description, register=register, pieces=pieces)
    return replace(parsed, findings=(*parsed.findings, *hidden))


def _check_ids(description: FeedDescription, register: Register) -> None:
    """Check that the register knows every id that the description names."""
    rules = description.substances
    named = {count.substance for count in description.counts}
    named |= set(rules.flags.columns.values()) if rules.flags else set()
    named |= {rules.constant} if rules.constant is not None else set()
    named |= {ours for listed in rules.lists for ours in listed.value_map.values()}
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
    used = used_columns(description)
    needed = needed_columns(description, may_lack=table.may_lack)
    check_columns(table, needed=sorted(needed), used=used, source=description.source)
    clash = sorted(set(table.columns) & description.added)
    if clash:
        raise RejectedBatch(
            f"the file has a column {clash[0]!r}, and the description gives it as a constant. "
            "Take one of the two away."
        )


def _pieces(batch: RawBatch, description: FeedDescription) -> dict[str, str]:
    """Give what the file's name tells."""
    pattern = description.source.name_pattern
    if not pattern:
        return {}
    pieces = read_name(batch.address, pattern)
    days = description.received.published_days
    if pieces is None or (days is not None and published_at(pieces, days=days) is None):
        raise RejectedBatch(
            f"its name does not tell what it should; it should be like {pattern!r}. Give the file "
            "the name under which it was published."
        )
    return pieces


def _publication(
    pieces: Mapping[str, str], batch: RawBatch, description: FeedDescription
) -> datetime | None:
    """Give the moment the file was published, where its name tells it."""
    days = description.received.published_days
    moment = None if days is None else published_at(pieces, days=days)
    return moment and min(moment, batch.fetched_at)


def _parse_table(
    shaped: Reshaped,
    batch: RawBatch,
    description: FeedDescription,
    *,
    register: Register,
    pieces: Mapping[str, str],
) -> ParsedBatch:
    named = {column_of(piece): text for piece, text in pieces.items()}
    table = add_constants(shaped.table, {**named, **description.constants})
    faults, findings = Faults(len(table)), [*_first_findings(shaped), *shaped.findings]
    published = _publication(pieces, batch, description)
    values = _times(table, batch, description, faults=faults, published=published)
    values |= _named(table, description, register=register, faults=faults, findings=findings)
    figures = description.figures
    is_supplied = np.ones(len(table), dtype=bool)
    if figures is not None:
        table = blank_missing(table, figures, faults=faults)
        is_supplied = supplied(table, figures, findings=findings)
    derived = values["occurred_precision"]
    values |= _mapped_columns(table, description, faults=faults, findings=findings)
    values["occurred_precision"] = filled(values["occurred_precision"], derived)
    counts = read_counts(table, description.counts, faults=faults, findings=findings)
    records, spared = _frame(values, kind=description.kind, rows=len(table)), faults.spared()
    rejected = [*table.broken, *_held_back(table, faults, spared=spared)]
    accepted = table.row_numbers[spared].tolist()
    return ParsedBatch(
        rows=expand_counts(records, counts, spared=spared)
        if counts
        else records.loc[spared & is_supplied].reset_index(drop=True),
        rejected=tuple(sorted(rejected, key=lambda row: row.row_number)),
        rows_present=shaped.source_rows,
        rows_accepted=sum(shaped.behind.get(number, 1) for number in accepted),
        findings=tuple(findings),
        rows_set_aside=shaped.set_aside,
        rows_judged=len(table) + len(table.broken),
        behind=shaped.behind,
    )


def _named(
    table: Table,
    description: FeedDescription,
    *,
    register: Register,
    faults: Faults,
    findings: list[str],
) -> dict[str, Objects]:
    """Make what names a row: its number, key, area, substances and reactions."""
    codes, words = find_areas(table, description.area, register=register, findings=findings)
    return {
        "row_number": table.row_numbers,
        "raw": table.raw,
        "source_ref": source_refs(table, description.identity_columns, faults=faults),
        "area_code": codes,
        "area_verbatim": words,
        "substances": find_substances(
            table, description.substances, register=register, faults=faults, findings=findings
        ),
        "reactions": find_reactions(
            table, description.reactions, register=register, findings=findings
        ),
    }


def _first_findings(shaped: Reshaped) -> list[str]:
    return [] if shaped.source_rows else ["the file has headings and no rows"]


def _times(
    table: Table,
    batch: RawBatch,
    description: FeedDescription,
    *,
    faults: Faults,
    published: datetime | None,
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
        stated if published is None else np.full(len(table), published, dtype=object),
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
