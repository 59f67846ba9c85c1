"""Extraction by file: read a column of texts, find the substances, write one row a mention."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from surveillance.domain import Tally
from surveillance.errors import InputError
from surveillance.extract import MENTION_COLUMNS, extract
from surveillance.extract.gold import GoldScores, score_folder
from surveillance.jobs.session import judges
from surveillance.register.recognition import NEW_NAME

if TYPE_CHECKING:
    from config.settings import Settings

_ROWS_AT_ONCE = 20_000
_BOOLEANS = ("negated", "historical", "probable")


def extract_file(
    settings: "Settings",
    source: Path,
    *,
    column: str,
    out: Path,
    on_progress: Callable[[int], None] = lambda _rows: None,
) -> Tally:
    """Find the substances that a column of a CSV file names.

    Args:
        settings: where the register lies.
        source: a CSV file in UTF-8, plain or gzipped, with a heading line.
        column: heading of the column of texts.
        out: where the mentions go; it stands whole or not at all.
        on_progress: is told how many rows have been read, now and then.

    Returns:
        Counts: rows, mentions, denied, new_names.

    Raises:
        InputError: the file or column cannot be read, or ``out`` cannot be written.
    """
    substances = judges(settings.config_folder).register.substances
    counts = {"rows": 0, "mentions": 0, "denied": 0, "new_names": 0}
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerow(MENTION_COLUMNS)
            for texts in _texts(source, column):
                found = extract(texts, substances, first_row=counts["rows"] + 1)
                counts["rows"] += len(texts)
                counts["mentions"] += len(found)
                counts["denied"] += int(found["negated"].sum())
                counts["new_names"] += int((found["how"] == NEW_NAME).sum())
                _plain(found).to_csv(lines, header=False, index=False, lineterminator="\n")
                on_progress(counts["rows"])
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(
            f"{out} cannot be written: {error.strerror}. What stood there before is untouched."
        ) from error
    except InputError:
        part.unlink(missing_ok=True)
        raise
    return Tally(counts)


def _plain(found: pd.DataFrame) -> pd.DataFrame:
    spoken = {column: found[column].map({True: "true", False: "false"}) for column in _BOOLEANS}
    return found.assign(**spoken)


def _texts(source: Path, column: str) -> Iterator[list[str]]:
    """Give the texts of a column, so many rows at once that memory stays small."""
    try:
        with pd.read_csv(
            source,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            chunksize=_ROWS_AT_ONCE,
            # An empty text in a file of one column is a row too.
            skip_blank_lines=False,
        ) as chunks:
            for chunk in chunks:
                if column not in chunk.columns:
                    raise InputError(
                        f"{source} has no column {column!r}. It has: "
                        f"{', '.join(map(str, chunk.columns))}. Nothing was written."
                    )
                if not isinstance(chunk.index, pd.RangeIndex):
                    raise InputError(
                        f"{source}: its rows have more fields than its header names. Nothing was "
                        "written; look for a comma inside a field or a missing column name."
                    )
                yield chunk[column].fillna("").tolist()
    except FileNotFoundError as error:
        raise InputError(f"There is no file {source}. Nothing was written.") from error
    except (OSError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise InputError(
            f"{source} cannot be read as a CSV table in UTF-8: {error}. Nothing was written."
        ) from error


def evaluate_extraction(settings: "Settings", folder: Path) -> GoldScores:
    """Score the reading of texts against a folder of annotated ones.

    Raises:
        InputError: the folder lacks a file or a file lacks a column.
    """
    return score_folder(folder, judges(settings.config_folder).register.substances)
