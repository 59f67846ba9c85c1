"""Kept bytes become record rows of one kind, piece by piece; what cannot be read is held back.

The file as a whole must be readable: else the batch is refused. A single row that is not is
held back with every reason, and the rest goes on. However a file is cut, it gives the same
records, the same rows held back and the same findings.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from surveillance.domain import RawBatch, RejectedRow
from surveillance.errors import InputError, RejectedBatch, SettingsError
from surveillance.feeds.cutting import Piece, cut, cut_whole
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.findings import Findings
from surveillance.feeds.identity import SeenRows
from surveillance.feeds.landing import open_raw
from surveillance.feeds.limits import Limits
from surveillance.feeds.mentions import NameReader
from surveillance.feeds.naming import published_at, read_name
from surveillance.feeds.places import area_finder
from surveillance.feeds.reading import check_columns, read_piece, refuse_unreadable
from surveillance.feeds.records import ReadingContext, make_records
from surveillance.feeds.reshaping import Reshaped, reshape
from surveillance.feeds.table import Table
from surveillance.feeds.toml_table import did_you_mean
from surveillance.feeds.unpacking import unpacked
from surveillance.feeds.wanted import needed_columns, used_columns
from surveillance.register import Register


@dataclass(frozen=True)
class PartCounts:
    """What a part of a batch held, in numbers.

    Attributes:
        columns: headings met in it.
        rows_read: rows of the file that are rows at all.
        rows_broken: rows of the file that are not.
        source_rows: rows of the source: of the file, headings, notes and blank lines aside,
            or the cells of a wide table.
        set_aside: rows of the source that are not of this feed.
        judged: rows that were read or held back, counted or added up ones as one.
        behind: number of a row -> rows of the source it stands for, where that is not one.
        findings: what a person should know of it.
    """

    columns: tuple[str, ...]
    rows_read: int
    rows_broken: int
    source_rows: int
    set_aside: int
    judged: int
    behind: Mapping[int, int]
    findings: Findings


@dataclass(frozen=True)
class ParsedPart:
    """Some rows of a batch, read.

    Attributes:
        rows: records, with exactly the columns of ``record_columns(kind)``. A row of a feed
            of counts gives one record for each count it supplies, and none for the others.
        rejected: rows that were held back, in their order.
        accepted: numbers of the rows that were read.
        counts: what else is to be known of them.
    """

    rows: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
    accepted: tuple[int, ...]
    counts: PartCounts


class BatchCounts:
    """What a whole batch held, in numbers, added up part by part."""

    def __init__(self, batch: RawBatch, description: FeedDescription, limits: Limits) -> None:
        self._batch, self._description, self._limits = batch, description, limits
        self._columns: dict[str, None] = {}
        self._findings = Findings()
        self._rows_read = self._rows_broken = 0
        self._behind: dict[int, int] = {}
        self.rows_present = 0
        self.rows_set_aside = 0
        self.rows_judged = 0

    def add(self, part: PartCounts) -> None:
        """Add a part of the batch.

        Raises:
            RejectedBatch: the lines of the file have more different keys than a file may.
        """
        self._columns.update(dict.fromkeys(part.columns))
        if len(self._columns) > self._limits.most_columns:
            with refusing(self._batch, self._description):
                raise RejectedBatch(
                    f"its lines have more than {self._limits.most_columns:,} different keys. Ask "
                    "the feed's owner what became of the format."
                )
        self._rows_read += part.rows_read
        self._rows_broken += part.rows_broken
        self._behind |= part.behind
        self._findings.add(part.findings)
        self.rows_present += part.source_rows
        self.rows_set_aside += part.set_aside
        self.rows_judged += part.judged

    def conclude(self) -> tuple[str, ...]:
        """Say what a person should know of the whole batch, one sentence each.

        Raises:
            RejectedBatch: no line of it could be read, or a column stands in none.
        """
        source = self._description.source
        with refusing(self._batch, self._description):
            refuse_unreadable(source, read=self._rows_read, broken=self._rows_broken)
            if source.format == "jsonl":
                _check_columns(tuple(self._columns), self._description, may_lack=True)
        none = () if self.rows_present else ("the file has headings and no rows",)
        return (*none, *self._findings.sentences())

    def source_rows(self, numbers: Iterable[int]) -> int:
        """Count the rows of the source that stand behind rows of these numbers, each once."""
        if not self._behind:
            return len(set(numbers))
        return sum(self._behind.get(number, 1) for number in set(numbers))


@dataclass(frozen=True)
class ParsedBatch:
    """What one batch held, all of it at once.

    Attributes:
        rows: records, as of ``ParsedPart``.
        rejected: rows that were held back.
        rows_present: rows of the source: of the file, headings, notes and blank lines aside,
            or the cells of a wide table.
        rows_accepted: rows of the source that were read; with those rejected and those set
            aside they are all.
        findings: what a person should know of the batch, one sentence each.
        rows_set_aside: rows of the source that are not of this feed.
        rows_judged: rows that were read or held back, counted or added up ones as one.
    """

    rows: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
    rows_present: int
    rows_accepted: int
    findings: tuple[str, ...]
    rows_set_aside: int
    rows_judged: int


class BatchReader:
    """Reads one batch piece by piece.

    Pieces may be read in any process; those of one process share what it remembers of names.
    """

    def __init__(
        self, batch: RawBatch, description: FeedDescription, *, register: Register, limits: Limits
    ) -> None:
        """Get ready to read.

        Args:
            batch: what landed.
            description: its feed's.
            register: what is known of substances, areas and reactions.
            limits: how much is read at once, and at all.

        Raises:
            SettingsError: the description names a substance or area the register lacks.
            RejectedBatch: the file's name does not tell what it should.
        """
        _check_ids(description, register)
        with refusing(batch, description):
            told = _told_by_name(batch, description)
        self._context = ReadingContext(
            batch=batch,
            description=description,
            register=register,
            names=NameReader(register),
            told=told,
        )
        self._limits = limits
        self._find_area = area_finder(description.area, register)
        wide = description.shape.unpivot is not None
        self._wanted = None if wide else used_columns(description)

    def pieces(self, raw_folder: Path) -> Iterator[Piece]:
        """Cut the kept bytes into pieces.

        Raises:
            SourceError: the kept bytes are gone or altered.
            RejectedBatch: the file as a whole cannot be read; its bytes stay kept.
        """
        batch, description = self._context.batch, self._context.description
        source, seen = description.source, SeenRows()
        with (
            open_raw(raw_folder, batch) as file,
            refusing(batch, description),
            unpacked(file, source, self._limits) as stream,
        ):
            if description.needs_whole_file:
                yield cut_whole(stream, source, self._limits)
                return
            for piece in cut(stream, source, self._limits):
                if description.identity_columns:
                    yield piece
                else:
                    # Equal rows of such a feed are numbered through the whole file.
                    yield replace(piece, earlier=seen.earlier(self._shape(piece)[1].table.raw))

    def read(self, piece: Piece) -> ParsedPart:
        """Read the rows of a piece.

        Raises:
            RejectedBatch: the headings are not those that the description needs.
        """
        with refusing(self._context.batch, self._context.description):
            table, shaped = self._shape(piece)
        findings = Findings()
        findings.add(shaped.findings)
        records = make_records(
            shaped.table, self._context, earlier=piece.earlier, findings=findings
        )
        counts = PartCounts(
            columns=table.columns,
            rows_read=len(table),
            rows_broken=len(table.broken),
            source_rows=shaped.source_rows,
            set_aside=shaped.set_aside,
            judged=len(shaped.table) + len(shaped.table.broken),
            behind=shaped.behind,
            findings=findings,
        )
        return ParsedPart(records.rows, records.rejected, records.accepted, counts)

    def _shape(self, piece: Piece) -> tuple[Table, Reshaped]:
        description = self._context.description
        table = read_piece(piece, description.source, self._limits, wanted=self._wanted)
        if not table.may_lack:
            _check_columns(table.columns, description, may_lack=False)
        _check_clash(table.columns, description)
        return table, reshape(table, description.shape, find_area=self._find_area)


def parse(
    batch: RawBatch,
    description: FeedDescription,
    *,
    raw_folder: Path,
    register: Register,
    limits: Limits | None = None,
) -> ParsedBatch:
    """Read all rows of a kept batch at once, for files that are known to be small.

    Args:
        batch: what landed.
        description: its feed's.
        raw_folder: where the bytes are kept.
        register: what is known of substances, areas and reactions.
        limits: how the file is cut and how much is read; None: the usual.

    Raises:
        SourceError: the kept bytes are gone or altered.
        RejectedBatch: the file as a whole cannot be read; its bytes stay kept.
        SettingsError: the description names a substance or area the register lacks.
    """
    limits = limits or Limits()
    reader = BatchReader(batch, description, register=register, limits=limits)
    counts = BatchCounts(batch, description, limits)
    parts = [reader.read(piece) for piece in reader.pieces(raw_folder)]
    for part in parts:
        counts.add(part.counts)
    findings = counts.conclude()
    return ParsedBatch(
        rows=pd.concat([part.rows for part in parts], ignore_index=True),
        rejected=tuple(row for part in parts for row in part.rejected),
        rows_present=counts.rows_present,
        rows_accepted=counts.source_rows(one for part in parts for one in part.accepted),
        findings=findings,
        rows_set_aside=counts.rows_set_aside,
        rows_judged=counts.rows_judged,
    )


@contextmanager
def refusing(batch: RawBatch, description: FeedDescription) -> Iterator[None]:
    """Say of a batch that is refused which it is, what is safe and whom to ask."""
    try:
        yield
    except RejectedBatch as error:
        raise RejectedBatch(
            f"{batch.feed} batch {batch.batch_id} ({batch.address}): {error}\nNo row of it was "
            f"stored; its {batch.size_bytes:,} bytes are kept. The feed's owner is "
            f"{description.owner}; the description is config/feeds/{batch.feed}.toml."
        ) from error


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


def _check_columns(
    columns: tuple[str, ...], description: FeedDescription, *, may_lack: bool
) -> None:
    needed = needed_columns(description, may_lack=may_lack)
    used = used_columns(description)
    check_columns(columns, needed=sorted(needed), used=used, source=description.source)


def _check_clash(columns: tuple[str, ...], description: FeedDescription) -> None:
    clash = sorted(set(columns) & description.added)
    if clash:
        raise RejectedBatch(
            f"the file has a column {clash[0]!r}, and the description gives it as a constant. "
            "Take one of the two away."
        )


def _told_by_name(batch: RawBatch, description: FeedDescription) -> dict[str, str]:
    """Give what the file's name tells."""
    pattern = description.source.name_pattern
    if not pattern:
        return {}
    told = read_name(batch.address, pattern)
    days = description.received.published_days
    if told is None or (days is not None and published_at(told, days=days) is None):
        raise RejectedBatch(
            f"its name does not tell what it should; it should be like {pattern!r}. Give the file "
            "the name under which it was published."
        )
    return told
