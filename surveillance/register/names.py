"""How names are compared: letters folded, words cut out of a text with their places.

Two spellings are one name when they agree after folding case, accents, Greek letters,
hyphens and spaces: ``U-47700``, ``u 47700`` and ``U47700``. List separators are kept, so
that ``meth/amphetamine`` (either of two) is not ``methamphetamine`` (one).
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

# A comma between two single signs belongs to a chemical name (N,N-DMT; 3,4-MDMA); any other
# comma separates. A full stop inside a number does not end a clause.
_PARTS = re.compile(
    r"(?P<word>[^\W_]+)"
    r"|(?P<locant>(?<=\b\w),(?=\w\b))"
    r"|(?P<stop>;|[\r\n]+|[.!?](?=\s|$))"
    r"|(?P<separator>[,/+&|()\[\]:])"
)
_JOINING_WORDS = frozenset({"and", "or", "with"})
_STOPPING_WORDS = frozenset({"but", "however", "although", "though", "except"})
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


class Word(NamedTuple):
    """One word of a text.

    Attributes:
        text: the word, folded.
        start: place of its first sign in the text as given.
        end: place after its last sign.
        item: number of the list item it stands in, counted over the text.
        clause: number of the clause it stands in.
        gap: what parts it from the word before: nothing (one item), ``/``, or ``,`` for any
            other separator. A slash may mean "either", a comma never does.
    """

    text: str
    start: int
    end: int
    item: int
    clause: int
    gap: str


def word_set(text: str) -> frozenset[str]:
    """Make a set of the words of a text, for lists that are read more than they are changed."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Fold case and accents away and spell Greek letters out.

    Example:
        >>> fold("\u00c9ph\u00e9drine, \u03b1-PVP")
        'ephedrine, alpha-pvp'
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(_spell(sign) for sign in decomposed if not unicodedata.combining(sign))


def _spell(sign: str) -> str:
    name = unicodedata.name(sign, "")
    return name.rsplit(" ", 1)[-1].lower() if name.startswith("GREEK SMALL LETTER") else sign


def squeeze(text: str) -> str:
    """Fold a name and drop everything but letters and digits; ``&`` counts as ``and``.

    Example:
        >>> squeeze("St. Helens"), squeeze("Argyll & Bute")
        ('sthelens', 'argyllandbute')
    """
    return _NOT_ALPHANUMERIC.sub("", fold(text.replace("&", " and ")))


def cut_words(text: str) -> tuple[Word, ...]:
    """Cut a text into words, each with the list item and the clause it stands in."""
    words: list[Word] = []
    item = clause = 0
    gap = ""
    for part in _PARTS.finditer(text):
        if part.lastgroup == "locant":
            continue
        folded = fold(part[0])
        is_stop = part.lastgroup == "stop" or folded in _STOPPING_WORDS
        if is_stop or part.lastgroup == "separator" or folded in _JOINING_WORDS:
            item += 1
            clause += is_stop
            gap = "/" if folded == "/" and gap in ("", "/") else ","
            continue
        words.append(Word(folded, part.start(), part.end(), item, clause, gap if words else ""))
        gap = ""
    return tuple(words)


def name_key(words: Iterable[Word]) -> str:
    """Make the key under which a name is compared: its words joined, its items kept apart.

    Example:
        >>> name_key(cut_words("Meth / Amphetamine")), name_key(cut_words("Meth-amphetamine"))
        ('meth/amphetamine', 'methamphetamine')
    """
    return "".join(word.gap + word.text for word in words)
