"""``dews detect``: any detector over any count table."""

import gzip
import json
import sys
import zlib
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from surveillance.detect import SERIES_DETECTORS
from surveillance.detect.table import outcome_rows, read_counts
from surveillance.errors import InputError

FREQUENCIES = (52, 12, 7, 365)


def _check_frequency(frequency: int | None) -> int | None:
    if frequency is not None and frequency not in FREQUENCIES:
        raise typer.BadParameter(f"{frequency} is not one of {', '.join(map(str, FREQUENCIES))}.")
    return frequency


def detect(
    counts: Annotated[Path, typer.Argument(metavar="COUNTS.csv", help="series,period,count.")],
    detector: Annotated[str, typer.Option(help=f"One of: {', '.join(SERIES_DETECTORS)}.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; default: print it.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="PERIOD", help="First period to judge.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="PERIOD", help="Last period to judge.")
    ] = None,
    frequency: Annotated[
        int | None,
        typer.Option(
            callback=_check_frequency, help="Periods are whole numbers, so many a season."
        ),
    ] = None,
    params: Annotated[
        str, typer.Option(metavar="JSON", help="Parameters, by R's names in lower snake case.")
    ] = "{}",
) -> None:
    """Judge every series and period of a count table with one detector.

    COUNTS.csv has the columns series, period and count, and may have population and expected.
    A period is an ISO date (the first day of the day, week or month), or with --frequency
    52, 12, 7 or 365 a whole number. An empty count is not supplied, which is not zero.

    OUTCOMES.csv has a row for each series and period asked for, judged or not: where it
    was not assessed the column reason says why.

    Example: dews detect counts.csv --detector farrington_flexible --out outcomes.csv
    --from 2026-01-05 --params '{"b": 3, "alpha": 0.005}'
    """
    judge = SERIES_DETECTORS.get(detector)
    if judge is None:
        raise InputError(
            f"There is no detector {detector!r}. Known are: {', '.join(SERIES_DETECTORS)}. "
            "Nothing was judged."
        )
    table = read_counts(_read_texts(counts), frequency=frequency)
    outcomes = judge(table.panel, table.between(first, last), _read_params(params))
    rows = outcome_rows(table, outcomes)
    if out is None:
        rows.to_csv(sys.stdout, index=False)
    else:
        _write(rows, out)


def _read_params(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"--params is not JSON: {error}. Write it as '{{\"alpha\": 0.01}}'. Nothing was judged."
        ) from error
    if not isinstance(params, dict):
        raise InputError(
            "--params must be a JSON object such as '{\"alpha\": 0.01}'. Nothing was judged."
        )
    return params


def _read_texts(path: Path) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}. Nothing was judged.") from error
    except (
        OSError,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
    ) as error:
        raise InputError(
            f"{path} cannot be read as a CSV table in UTF-8: {error}. Nothing was judged."
        ) from error
    if not isinstance(rows.index, pd.RangeIndex):
        raise InputError(
            f"{path}: its rows have more fields than its header names. Nothing was judged; look "
            "for a comma inside a field or a missing column name."
        )
    return rows.fillna("")


def _write(rows: pd.DataFrame, out: Path) -> None:
    """Write beside the target and move it there, so that a half-written file is never seen."""
    part = out.with_name(f"{out.name}.part")
    try:
        rows.to_csv(part, index=False)
        part.replace(out)
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror}. What stood there before is untouched."
        ) from error
