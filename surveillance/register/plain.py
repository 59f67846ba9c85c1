"""Reads the words and phrases of plain and clinical English that name no drug."""

from pathlib import Path

from surveillance.errors import SettingsError


def load_plain(path: Path) -> tuple[str, ...]:
    """Read the lines of a list, without its remarks (``#``) and empty lines.

    Raises:
        SettingsError: the file is missing or is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path.name} of the register cannot be read from {path.parent}: {error}. "
            "Nothing was loaded. Put the file back as UTF-8 text."
        ) from error
    lines = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    return tuple(
        dict.fromkeys(word for line in lines for word in ([line] if " " in line else line.split()))
    )
