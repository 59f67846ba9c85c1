"""Reads the register's CSV tables and says which line of which file is wrong."""

import csv
from pathlib import Path

from surveillance.errors import SettingsError

Row = dict[str, str]


def read_table(path: Path, *, columns: tuple[str, ...]) -> list[Row]:
    """Read a table whose header must be exactly ``columns``, in that order.

    Fields are stripped of the space around them.

    Raises:
        SettingsError: the file is missing, is not UTF-8, has another header, or has a line
            with too many or too few fields.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path.name} of the register cannot be read from {path.parent}: {error}. "
            "Nothing was loaded. Put the file back as UTF-8 text."
        ) from error
    lines = list(csv.reader(text.splitlines()))
    if not lines or tuple(lines[0]) != columns:
        raise SettingsError(
            f"{path.name} of the register has another header than expected. "
            f"Nothing was loaded. Its first line must be: {','.join(columns)}"
        )
    rows = []
    for number, fields in enumerate(lines[1:], start=2):
        if not fields:
            continue
        if len(fields) != len(columns):
            raise SettingsError(
                f"{path.name} line {number}: {len(fields)} fields where {len(columns)} belong. "
                "Nothing was loaded. Put quotes around a field that holds a comma."
            )
        rows.append(dict(zip(columns, (field.strip() for field in fields), strict=True)))
    return rows


def split_list(field: str) -> tuple[str, ...]:
    """Split a field whose parts stand between upright strokes.

    Example:
        >>> split_list("smack | skag|")
        ('smack', 'skag')
    """
    return tuple(part.strip() for part in field.split("|") if part.strip())
