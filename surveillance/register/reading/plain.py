"""Reads the words and phrases of plain and clinical English that name no drug."""

from dataclasses import dataclass
from pathlib import Path

from surveillance.errors import SettingsError


@dataclass(frozen=True)
class PlainEnglish:
    """What names no drug, whatever it looks like.

    Attributes:
        words: words of certificates, notes and reports, in lower case.
        lookalikes: rarer words that look like names of drugs.
        phrases: two words and more, around a word that also is a drug's.
    """

    words: frozenset[str] = frozenset()
    lookalikes: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()


NOTHING_PLAIN = PlainEnglish()


def load_plain(folder: Path) -> PlainEnglish:
    """Read ``plain_words.txt``, ``lookalike_words.txt`` and ``plain_phrases.txt``.

    Raises:
        SettingsError: a file is missing or is not UTF-8, or a phrase has one word only.
    """
    phrases = folder / "plain_phrases.txt"
    listed = tuple(dict.fromkeys(" ".join(line.split()) for line in _lines(phrases)))
    for phrase in listed:
        if " " not in phrase:
            raise SettingsError(
                f"{phrases.name}: {phrase!r} is one word. Nothing was loaded. "
                f"Put it into plain_words.txt."
            )
    return PlainEnglish(
        words=_words(folder / "plain_words.txt"),
        lookalikes=_words(folder / "lookalike_words.txt"),
        phrases=listed,
    )


def _words(path: Path) -> frozenset[str]:
    return frozenset(word for line in _lines(path) for word in line.split())


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path.name} of the register cannot be read from {path.parent}: {error}. "
            "Nothing was loaded. Put the file back as UTF-8 text."
        ) from error
    lines = (line.strip().lower() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
