"""Write the country: feed files and the planted truth, the same bytes for the same arguments."""

import dataclasses
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from surveillance.domain import PlantedEvent
from surveillance.errors import InputError

TRUTH_FILE, LINKS_FILE, RUMOURS_FILE = "truth.csv", "links.csv", "rumours.csv"
_MONTH_LETTERS = 7


def day_text(days: pd.Series) -> list[str]:
    """Write days as ISO dates, empty where absent."""
    return _without_missing(days.to_numpy().astype("datetime64[D]"), "")


def moment_text(moments: pd.Series) -> list[str]:
    """Write moments in UTC as ISO 8601, empty where absent."""
    return _without_missing(moments.to_numpy().astype("datetime64[s]"), "Z")


def _without_missing(values: np.ndarray, suffix: str) -> list[str]:
    texts = np.datetime_as_string(values).tolist()
    return ["" if text == "NaT" else f"{text}{suffix}" for text in texts]


def number_text(values: pd.Series, form: str) -> list[str]:
    """Write numbers in a form, empty where absent."""
    return ["" if np.isnan(value) else form.format(value) for value in values.to_numpy()]


def csv_bytes(table: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """Write the columns of a table as gzipped CSV with no time stamp in it."""
    text = table.to_csv(columns=list(columns), index=False, lineterminator="\n")
    return zipped(text)


def json_lines_bytes(table: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """Write the columns of a table as gzipped JSON Lines with no time stamp in it."""
    records = table[list(columns)].to_dict("records")
    lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
    return zipped("".join(f"{line}\n" for line in lines))


def zipped(text: str) -> bytes:
    """Compress text; the name and the time are left out, so that equal text is equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as stream:
        stream.write(text.encode())
    return buffer.getvalue()


def split(rows: pd.DataFrame, *, by: Literal["whole", "month"]) -> dict[str, pd.DataFrame]:
    """Share out the rows of a feed to the files in which they would arrive.

    Args:
        rows: rows of one feed with ``received_at`` as text, oldest first.
        by: one file for all of them, or one for each month in which rows are received.

    Returns:
        What is added to the file's name -> its rows. Where nothing is received there is no file.
    """
    if rows.empty:
        return {}
    if by == "whole":
        return {"": rows}
    months = rows["received_at"].str[:_MONTH_LETTERS]
    return {f"-{month}": part for month, part in rows.groupby(months, sort=True)}


def table_bytes(table: pd.DataFrame) -> bytes:
    """Write a table as plain CSV."""
    return table.to_csv(index=False, lineterminator="\n").encode()


def truth_bytes(events: Sequence[PlantedEvent]) -> bytes:
    """Write the planted events as plain CSV, one row an event."""
    names = [entry.name for entry in dataclasses.fields(PlantedEvent)]
    table = pd.DataFrame([dataclasses.astuple(event) for event in events], columns=names)
    table["alert_is_right"] = table["alert_is_right"].map({True: "true", False: "false"})
    return table_bytes(table)


def links_bytes(records: pd.DataFrame) -> bytes:
    """Write which records are of one harm as plain CSV, the records of a harm together.

    Args:
        records: ``feed``, ``source_ref`` and ``harm_id`` of every row of the feeds that tell of
            persons. A harm with one record alone is left out.
    """
    distinct = records.drop_duplicates(["feed", "source_ref"])
    linked = distinct[distinct.duplicated("harm_id", keep=False)]
    linked = linked.sort_values(["harm_id", "feed", "source_ref"])
    return table_bytes(linked)


def write_files(out_dir: Path, files: Mapping[str, bytes], *, replace: bool) -> tuple[Path, ...]:
    """Write files that are not there yet; equal ones are left as they are.

    Args:
        out_dir: the folder, made where it is missing.
        files: path within the folder -> bytes.
        replace: whether a file with other bytes may be overwritten.

    Returns:
        The files that were written, without those that were already right.

    Raises:
        InputError: a file is there with other bytes, or the folder cannot be written.
    """
    try:
        wanted = {out_dir / name: data for name, data in files.items()}
        missing = {path: data for path, data in wanted.items() if _differs(path, data)}
        others = [path.relative_to(out_dir).as_posix() for path in missing if path.exists()]
        if others and not replace:
            raise InputError(
                f"{out_dir} already holds {', '.join(others)} from other arguments. Nothing was "
                "written. Choose an empty folder, or replace them with --force."
            )
        for path, data in missing.items():
            _write(path, data)
    except OSError as error:
        raise InputError(
            f"Cannot write the simulated files to {out_dir}: {error.strerror}. No file is half "
            "written. Choose another folder or make room, then run the command again."
        ) from error
    return tuple(missing)


def _differs(path: Path, data: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != data


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
