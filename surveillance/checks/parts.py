"""Judge a part of a batch: which of its rows hold, and what the whole batch's verdict needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations import SUITES
from surveillance.checks.context import CheckContext
from surveillance.checks.counting import RuleCount
from surveillance.checks.identifiers import mask_identifiers, mask_row
from surveillance.checks.repeats import RowMarks, RuleOrder, mark_rows
from surveillance.checks.screen import screen_rows
from surveillance.checks.validation import validate
from surveillance.domain import Flags, HeldRow, RejectedRow


@dataclass(frozen=True)
class PartTally:
    """What the whole batch's verdict needs of one part.

    Attributes:
        counts: how each rule of the suite fared.
        marks: what is known of each row.
        unread: numbers of the rows that parsing held back.
    """

    counts: tuple[RuleCount, ...]
    marks: RowMarks
    unread: npt.NDArray[np.int64]


@dataclass(frozen=True)
class PartChecks:
    """What the checks found in one part of a batch."""

    is_held: Flags
    held: tuple[HeldRow, ...]
    tally: PartTally


def check_part(
    rows: pd.DataFrame,
    *,
    kind: str,
    context: CheckContext,
    content_hashes: Sequence[str],
    unread: Sequence[RejectedRow] = (),
) -> PartChecks:
    """Judge the rows of a part; what depends on other parts is settled afterwards.

    Args:
        rows: exactly the columns of ``record_columns(kind)``, under any index.
        kind: record kind.
        context: what is known of the batch.
        content_hashes: hash of what each row says.
        unread: rows of the part that parsing held back.

    Raises:
        SettingsError: an expectation could not be evaluated.
    """
    bounds = context.bounds(len(rows), delivered=len(rows) + len(unread))
    row_numbers = rows["row_number"].tolist()
    screen = screen_rows(
        rows,
        kind=kind,
        latest_day=bounds.latest_day,
        known_area_codes=context.known_area_codes,
        content_hashes=content_hashes,
    )
    validation = validate(screen, kind=kind, bounds=bounds, row_numbers=row_numbers)
    marks = mark_rows(
        screen,
        validation,
        content_hashes=content_hashes,
        row_numbers=row_numbers,
        order=RuleOrder.of(SUITES[kind](bounds)),
    )
    raws = rows["raw"].tolist()
    held = [
        masked(HeldRow(place, int(row_numbers[place]), raws[place], reasons))
        for place, reasons in validation.reasons.items()
    ]
    early = [masked(_unread(row)) for row in unread]
    numbers = np.array([row.row_number for row in unread], dtype=np.int64)
    return PartChecks(
        is_held=marks.reasons > 0,
        held=(*early, *held),
        tally=PartTally(validation.counts, marks, numbers),
    )


def _unread(row: RejectedRow) -> HeldRow:
    return HeldRow(None, row.row_number, row.raw, tuple(enumerate(row.reasons)))


def masked(row: HeldRow) -> HeldRow:
    """Give the row with its identifiers removed."""
    reasons = tuple((rule, mask_identifiers(words)) for rule, words in row.reasons)
    return HeldRow(row.place, row.row_number, mask_row(row.raw), reasons)
