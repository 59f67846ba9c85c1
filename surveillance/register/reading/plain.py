"""Reads the words and phrases of plain and clinical English that name no drug."""

from dataclasses import dataclass
from pathlib import Path

from surveillance.errors import SettingsError
from surveillance.register.tables import read_table

_COLUMNS = ("kind", "text")
_WORD, _LOOKALIKE, _PHRASE = "word", "lookalike", "phrase"


@dataclass(frozen=True)
class PlainEnglish:
    """What names no drug, whatever it looks like.

    Attributes:
        words: words of certificates, notes and reports, in lower case; a typing error that is
            as near to one of them as to a drug names no drug.
        lookalikes: rarer English words that look like names of drugs.
        phrases: two words and more, around a word that also is a drug's.
    """

    words: frozenset[str] = frozenset()
    lookalikes: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()


NOTHING_PLAIN = PlainEnglish()


def load_plain(path: Path) -> PlainEnglish:
    """Read the table of plain English.

    Raises:
        SettingsError: the table cannot be read, a kind is none of ``word``, ``lookalike`` and
            ``phrase``, or a text has too many words for its kind, or too few.
    """
    texts: dict[str, dict[str, None]] = {_WORD: {}, _LOOKALIKE: {}, _PHRASE: {}}
    for row in read_table(path, columns=_COLUMNS):
        kind, text = row["kind"], row["text"].lower()
        if kind not in texts:
            raise SettingsError(
                f"{path.name}: the kind {kind!r} of {text!r} is none of {', '.join(texts)}. "
                "Nothing was loaded."
            )
        if (len(text.split()) > 1) != (kind == _PHRASE):
            raise SettingsError(
                f"{path.name}: {text!r} is no {kind}. Nothing was loaded. A phrase has two words "
                "or more, a word one."
            )
        texts[kind][text] = None
    return PlainEnglish(
        words=frozenset(texts[_WORD]),
        lookalikes=frozenset(texts[_LOOKALIKE]),
        phrases=tuple(texts[_PHRASE]),
    )
