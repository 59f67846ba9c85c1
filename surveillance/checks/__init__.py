"""Judge a batch: which rows are accepted, which are held back and why, and the verdict.

*pass*: the rows can be used. *degraded*: they are used, and every signal made from them says
so. *hold*: nothing of the batch is used until a person has looked. The rules themselves stand
in ``expectations``. Importing this takes about three seconds, for the library behind it does.
"""

import logging
from dataclasses import replace
from pathlib import Path

import pandas as pd

from surveillance.checks.context import CheckContext
from surveillance.checks.data_docs import build_data_docs, data_docs_index
from surveillance.checks.identifiers import find_identifiers, mask_identifiers
from surveillance.checks.screen import screen_rows
from surveillance.checks.validation import validate
from surveillance.checks.verdict import judge
from surveillance.domain import CheckReport, record_columns
from surveillance.errors import SettingsError

__all__ = [
    "CheckContext",
    "build_data_docs",
    "check",
    "data_docs_index",
    "find_identifiers",
    "mask_identifiers",
]

_log = logging.getLogger(__name__)


def check(
    rows: pd.DataFrame,
    *,
    kind: str,
    expectation_context: CheckContext,
    docs_folder: Path | None = None,
) -> CheckReport:
    """Judge the rows of one batch.

    Args:
        rows: exactly the columns of ``record_columns(kind)``, under any index.
        kind: record kind.
        expectation_context: what is known of the batch.
        docs_folder: where to build Data Docs for analysts; None: none are built.

    Returns:
        The report. ``rejected`` includes the rows that parsing held back; all raw text in it
        has its identifiers removed. On *hold* both ``accepted`` and ``rejected`` are empty.

    Raises:
        SettingsError: the rows lack a column, or an expectation could not be evaluated.
    """
    feed = expectation_context.feed
    _require_columns(rows, kind=kind, feed=feed)
    bounds = expectation_context.bounds(len(rows))
    screen = screen_rows(
        rows,
        kind=kind,
        latest_day=bounds.latest_day,
        known_area_codes=expectation_context.known_area_codes,
    )
    validation = validate(screen, kind=kind, bounds=bounds)
    report = judge(rows, screen=screen, broken=validation.broken, context=expectation_context)
    if docs_folder is None:
        return report
    try:
        index = build_data_docs(
            validation, report=report, context=expectation_context, folder=docs_folder
        )
    except OSError as error:
        # Pages for reading; that they are missing says nothing of the rows.
        note = f"Data Docs could not be written to {docs_folder}: {error}; the verdict stands"
        _log.warning("%s: %s", feed, note)
        return replace(report, findings=(*report.findings, note))
    _log.info("Data Docs of %s: %s", feed, index)
    return report


def _require_columns(rows: pd.DataFrame, *, kind: str, feed: str) -> None:
    needed = {column.name for column in record_columns(kind)}
    if odd := needed.symmetric_difference(rows.columns):
        raise SettingsError(
            f"{feed}: the rows given to the checks are not rows of {kind}; missing or unknown:"
            f" {', '.join(sorted(map(str, odd)))}. Nothing was stored; the raw bytes are kept."
            " Mend the feed's description or adapter, then run again."
        )
