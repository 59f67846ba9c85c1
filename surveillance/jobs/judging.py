"""Judge a kept batch: read and check it part by part, then say how far it can be trusted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from surveillance.domain import HeldRow, RawBatch
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.limits import Limits
from surveillance.feeds.parsing import BatchCounts, BatchReader
from surveillance.jobs.parts import Assignment, check_context
from surveillance.jobs.session import judges
from surveillance.jobs.workers import judge_parts
from surveillance.store.spool import number_of, spool_of

if TYPE_CHECKING:
    from config.settings import Settings
    from surveillance.checks import Conclusion
    from surveillance.checks.repeats import Change


@dataclass(frozen=True)
class JudgedBatch:
    """What became of a batch before it is stored.

    Attributes:
        conclusion: the verdict and what it rests on.
        findings: what a person should know, of the reading and of the checks.
        rows_present: rows of the source.
        rows_accepted: those with a record that holds.
        rows_rejected: those that are held back.
    """

    conclusion: "Conclusion"
    findings: tuple[str, ...]
    rows_present: int
    rows_accepted: int
    rows_rejected: int


def limits_of(settings: "Settings") -> Limits:
    """Say how much of a file an installation reads at once, and at all."""
    return Limits(
        chunk_rows=settings.chunk_rows,
        most_rows=settings.most_rows,
        most_unpacked_bytes=settings.most_unpacked_mb << 20,
        most_expansion=settings.most_expansion,
    )


def judge_batch(
    settings: "Settings", batch: RawBatch, description: FeedDescription, *, folder: Path
) -> JudgedBatch:
    """Read and check a batch; its rows are set down in a folder, and nothing is stored yet.

    Args:
        settings: where things lie, how much is read at once and by how many processes.
        batch: what landed.
        description: its feed's.
        folder: where rows are set down.

    Raises:
        SourceError: the kept bytes are gone or altered; trying again is safe.
        RejectedBatch: the file as a whole cannot be read; its bytes stay kept.
        SettingsError: the description or an expectation must be mended.
    """
    from surveillance.checks import conclude, publish

    register, limits = judges(settings.config_folder).register, limits_of(settings)
    reader = BatchReader(batch, description, register=register, limits=limits)
    assignment = Assignment(batch, description, limits, settings.config_folder, folder)
    counts, tallies = BatchCounts(batch, description, limits), []
    pieces = reader.pieces(settings.raw_folder)
    for part in judge_parts(assignment, pieces, register, processes=settings.workers):
        counts.add(part.counts)
        tallies.append(part.tally)
    read = counts.conclude()
    context = check_context(batch, description, register)
    conclusion = conclude(
        tallies, kind=description.kind, context=context, rows_present=counts.rows_judged
    )
    notes = publish(conclusion, context=context, docs_folder=settings.docs_folder)
    if conclusion.changes and conclusion.verdict != "hold":
        _hold_late(reader, settings.raw_folder, conclusion, folder=folder)
    return JudgedBatch(
        conclusion=conclusion,
        findings=(*read, *conclusion.findings, *notes),
        rows_present=counts.rows_present,
        rows_accepted=counts.source_rows(conclusion.accepted.tolist()),
        rows_rejected=counts.source_rows(conclusion.rejected.tolist()),
    )


def _hold_late(
    reader: BatchReader, raw_folder: Path, conclusion: "Conclusion", *, folder: Path
) -> None:
    """Hold back the rows that only the whole batch shows to be faulty.

    Their text is read from the file again, for it was not set down with what held.
    """
    from surveillance.checks import masked

    by_part: dict[int, list[Change]] = defaultdict(list)
    for change in conclusion.changes:
        by_part[change.part].append(change)
    with spool_of(folder) as spool, spool.changing():
        for number, piece in enumerate(reader.pieces(raw_folder)):
            if number not in by_part:
                continue
            raws: Sequence[str] = reader.read(piece).rows["raw"].tolist()
            for change in by_part[number]:
                at = number_of(number, change.place)
                known = spool.held_at(at) or masked(
                    HeldRow(change.place, change.row_number, raws[change.place], ())
                )
                reasons = change.revise(known.reasons, conclusion.order)
                spool.hold(at, replace(known, reasons=reasons))
