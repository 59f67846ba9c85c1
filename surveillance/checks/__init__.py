"""Judge a batch: which rows are accepted, which are held back and why, and the verdict.

*pass*: the rows can be used. *degraded*: they are used, and every signal made from them says
so. *hold*: nothing of the batch is used until a person has looked. The rules themselves stand
in ``expectations``. A batch is judged part by part (``check_part``) and then as a whole
(``conclude``); ``check`` does both for rows that lie in memory. Importing this takes about
three seconds, for the library behind it does.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pandas as pd

from surveillance.checks.context import CheckContext
from surveillance.checks.data_docs import build_data_docs, data_docs_index
from surveillance.checks.identifiers import find_identifiers, mask_identifiers
from surveillance.checks.parts import PartChecks, PartTally, check_part, masked
from surveillance.checks.verdict import Conclusion, conclude
from surveillance.domain import (
    CheckReport,
    HeldRow,
    RejectedRow,
    content_hashes,
    plain_columns,
    record_columns,
)
from surveillance.errors import SettingsError

__all__ = [
    "CheckContext",
    "Conclusion",
    "PartChecks",
    "PartTally",
    "check",
    "check_part",
    "conclude",
    "data_docs_index",
    "find_identifiers",
    "mask_identifiers",
    "masked",
    "merged",
    "publish",
]

_log = logging.getLogger(__name__)


def check(
    rows: pd.DataFrame,
    *,
    kind: str,
    expectation_context: CheckContext,
    already_rejected: Sequence[RejectedRow] = (),
    rows_present: int | None = None,
    docs_folder: Path | None = None,
) -> CheckReport:
    """Judge the rows of one batch, all of them at once.

    Args:
        rows: exactly the columns of ``record_columns(kind)``, under any index.
        kind: record kind.
        expectation_context: what is known of the batch.
        already_rejected: rows that parsing held back.
        rows_present: data rows of the file; None: as many as were given or rejected.
        docs_folder: where to build Data Docs for analysts; None: none are built.

    Returns:
        The report. ``rejected`` includes the rows that parsing held back; all raw text in it
        has its identifiers removed. On *hold* both ``accepted`` and ``rejected`` are empty.

    Raises:
        SettingsError: the rows lack a column, or an expectation could not be evaluated.
    """
    _require_columns(rows, kind=kind, feed=expectation_context.feed)
    hashes = content_hashes(plain_columns(rows, kind), kind)
    part = check_part(
        rows,
        kind=kind,
        context=expectation_context,
        content_hashes=hashes,
        unread=already_rejected,
    )
    conclusion = conclude(
        [part.tally], kind=kind, context=expectation_context, rows_present=rows_present
    )
    findings = conclusion.findings
    if docs_folder is not None:
        findings += publish(conclusion, context=expectation_context, docs_folder=docs_folder)
    is_kept = ~part.is_held
    is_kept[[change.place for change in conclusion.changes]] = False
    if conclusion.verdict == "hold":
        is_kept[:] = False
    return CheckReport(
        verdict=conclusion.verdict,
        findings=findings,
        accepted=rows[is_kept].reset_index(drop=True),
        rejected=() if conclusion.verdict == "hold" else tuple(_all_held(rows, part, conclusion)),
    )


def _all_held(
    rows: pd.DataFrame, part: PartChecks, conclusion: Conclusion
) -> Iterable[RejectedRow]:
    held = {row.place: row for row in part.held if row.place is not None}
    raws = rows["raw"].tolist()
    for change in conclusion.changes:
        known = held.get(change.place) or masked(
            HeldRow(change.place, change.row_number, raws[change.place], ())
        )
        held[change.place] = replace(known, reasons=change.revise(known.reasons, conclusion.order))
    early = [row for row in part.held if row.place is None]
    later = [held[place] for place in sorted(held, key=lambda place: place or 0)]
    return merged(sorted([*early, *later], key=attrgetter("row_number")))


def merged(held: Iterable[HeldRow]) -> Iterable[RejectedRow]:
    """Give each row of the file once: a row of counts may hold several faulty records.

    Args:
        held: rows in the order of the file.
    """
    for number, same in groupby(held, key=attrgetter("row_number")):
        records = list(same)
        words = dict.fromkeys(words for row in records for _, words in row.reasons)
        yield RejectedRow(row_number=number, raw=records[0].raw, reasons=tuple(words))


def publish(conclusion: Conclusion, *, context: CheckContext, docs_folder: Path) -> tuple[str, ...]:
    """Build Data Docs for analysts; give a finding if that fails, for the verdict stands.

    Args:
        conclusion: what the pages show.
        context: what is known of the batch.
        docs_folder: holds one folder for each feed.
    """
    try:
        index = build_data_docs(conclusion, context=context, folder=docs_folder)
    except OSError as error:
        # Pages for reading; that they are missing says nothing of the rows.
        note = f"Data Docs could not be written to {docs_folder}: {error}; the verdict stands"
        _log.warning("%s: %s", context.feed, note)
        return (note,)
    _log.info("Data Docs of %s: %s", context.feed, index)
    return ()


def _require_columns(rows: pd.DataFrame, *, kind: str, feed: str) -> None:
    needed = {column.name for column in record_columns(kind)}
    if odd := needed.symmetric_difference(rows.columns):
        raise SettingsError(
            f"{feed}: the rows given to the checks are not rows of {kind}; missing or unknown:"
            f" {', '.join(sorted(map(str, odd)))}. Nothing was stored; the raw bytes are kept."
            " Mend the feed's description or adapter, then run again."
        )
