"""Read, check and set down a part of a batch: all that one process does with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from surveillance.domain import RawBatch, content_hashes, plain_columns
from surveillance.feeds.cutting import Piece
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.limits import Limits
from surveillance.feeds.parsing import BatchReader, PartCounts
from surveillance.register import Register
from surveillance.store.spool import SpoolFile, number_of
from surveillance.store.staging import staged_rows

if TYPE_CHECKING:
    from surveillance.checks import CheckContext, PartTally


@dataclass(frozen=True)
class Assignment:
    """What a process must know to judge parts of a batch.

    Attributes:
        folder: where it sets down what it finds.
    """

    batch: RawBatch
    description: FeedDescription
    limits: Limits
    config_folder: Path
    folder: Path


@dataclass(frozen=True)
class PartResult:
    """What one part of a batch gave, besides its rows."""

    counts: PartCounts
    tally: "PartTally"


class PartJudge:
    """Reads, checks and sets down parts of one batch in this process."""

    def __init__(self, assignment: Assignment, register: Register, *, name: str) -> None:
        """Get ready.

        Args:
            assignment: the batch and where its rows go.
            register: what is known of substances, areas and reactions.
            name: name of the file of rows, not used by any other process.
        """
        batch, description = assignment.batch, assignment.description
        self._batch, self._kind = batch, description.kind
        self._context = check_context(batch, description, register)
        self._reader = BatchReader(batch, description, register=register, limits=assignment.limits)
        self._file = SpoolFile(assignment.folder, name, kind=description.kind)

    def judge(self, number: int, piece: Piece) -> PartResult:
        """Read and check a piece, and set down its rows.

        Args:
            number: which part of the batch it is, from 0.
            piece: rows of the file.

        Raises:
            RejectedBatch: its headings are not those that the description needs.
            SettingsError: an expectation could not be evaluated.
        """
        # Great Expectations takes seconds to import, so that only who checks pays for it.
        from surveillance.checks import check_part

        part = self._reader.read(piece)
        columns = plain_columns(part.rows, self._kind)
        hashes = content_hashes(columns, self._kind)
        checks = check_part(
            part.rows,
            kind=self._kind,
            context=self._context,
            content_hashes=hashes,
            unread=part.rejected,
        )
        rows = staged_rows(
            columns,
            kind=self._kind,
            batch=self._batch,
            content_hashes=hashes,
            numbers=range(number_of(number, 0), number_of(number, len(hashes))),
            places=np.flatnonzero(~checks.is_held).tolist(),
        )
        self._file.add(number, rows, checks.held)
        return PartResult(part.counts, checks.tally)

    def close(self) -> None:
        """Close the file of rows."""
        self._file.close()


def check_context(
    batch: RawBatch, description: FeedDescription, register: Register
) -> "CheckContext":
    """Say what the checks must know of a batch."""
    from surveillance.checks import CheckContext

    return CheckContext(
        feed=batch.feed,
        batch_id=batch.batch_id,
        fetched_at=batch.fetched_at,
        is_history=batch.is_history,
        expected_lag_days=description.expected_lag_days,
        expected_rows=description.expected_rows,
        known_area_codes=frozenset(area.code for area in register.areas.all()),
    )
