"""How names are compared: letters folded, a text cut into words, what parts the words noted.

Two spellings are one name when they agree after folding case, accents, Greek letters,
hyphens and spaces: ``U-47700``, ``u 47700`` and ``U47700``. List separators are kept, so
that ``meth/amphetamine`` (either of two) is not ``methamphetamine`` (one).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

# What parts two words, as flags of one number; see :func:`gap_flags`.
CROSSED = 1  # a name may go on after it
ITEM = 2  # a new item of a list begins
CLAUSE = 4  # a new clause begins
SLASH = 8  # a single slash: often "either of two"
COMMA = 16  # a single comma: inside "3,4-MDMA", between items elsewhere
OPENED = 32  # a bracket opens
CLOSED = 64  # a bracket closes
SPACED = 128  # there is a space in it
HYPHEN = 256  # a hyphen or an apostrophe alone: the words are one
LINE = 512  # a line ends
QUERY = 1024  # a question mark stands right before the word

JOINING_WORDS = frozenset({"and", "or", "with", "plus", "nor", "versus", "vs"})
STOPPING_WORDS = frozenset({"but", "however", "although", "though", "except", "whereas", "besides"})

_CUT = re.compile(r"([^a-z0-9]+)").split
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_ELLIPSIS = re.compile(r"\.\s?\.|\u2026")
_SENTENCE_END = re.compile(r"[.!?]['\")\]]?\s")
_BRACKETS = str.maketrans(dict.fromkeys("()[]{}<>"))
_SIGNED = re.compile(r"(?<!\w)[+-]ve\b")
_DASHES = re.compile(r"\s-+\s|--+|[\u2013\u2014]")
# A locant says where a part of a molecule sits: 3,4- or N,N- or alpha,beta-.
_LOCANT = re.compile(r"\d{1,2}[a-z]?|[a-z]|alpha|beta|ortho|meta|para")
_BEGINS_WITH_LOCANT = re.compile(r"\d|(?:[a-z]|alpha|beta|ortho|meta|para)$")
_MOST_GAPS = 10_000
_SPECIAL_SIGNS = {"\u2206": "delta", "\u0251": "alpha", "\u00b5": "mu", "\u1d6c": "b"}


def word_set(text: str) -> frozenset[str]:
    """Make a set of the words of a text, for lists that are read more than they are changed."""
    return frozenset(text.split())


def pair_set(text: str) -> frozenset[tuple[str, str]]:
    """Make a set of pairs of words, parted by commas.

    Example:
        >>> sorted(pair_set("free of, ruled out"))
        [('free', 'of'), ('ruled', 'out')]
    """
    pairs = (pair.split() for pair in text.split(","))
    return frozenset((first, second) for first, second in pairs)


def fold(text: str) -> str:
    """Fold case and accents away and spell Greek letters out.

    Example:
        >>> fold("\u00c9ph\u00e9drine, \u03b1-PVP")
        'ephedrine, alpha-pvp'
    """
    if text.isascii():
        return text.lower()
    return "".join(_fold_sign(sign) for sign in text)


@lru_cache(maxsize=4096)
def _fold_sign(sign: str) -> str:
    if sign in _SPECIAL_SIGNS:
        return _SPECIAL_SIGNS[sign]
    decomposed = unicodedata.normalize("NFKD", sign.casefold())
    return "".join(_spell(part) for part in decomposed if not _is_unseen(part))


def _is_unseen(sign: str) -> bool:
    """Tell accents, soft hyphens and signs of no width: they part nothing."""
    return bool(unicodedata.combining(sign)) or unicodedata.category(sign) == "Cf"


def _spell(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if name.startswith("GREEK SMALL LETTER"):
        return name.rsplit(" ", 1)[-1].lower()
    return "-" if unicodedata.category(sign) == "Pd" and sign not in "\u2013\u2014" else sign


def squeeze(text: str) -> str:
    """Fold a name and drop everything but letters and digits; ``&`` counts as ``and``.

    Example:
        >>> squeeze("St. Helens"), squeeze("Argyll & Bute")
        ('sthelens', 'argyllandbute')
    """
    return _NOT_ALPHANUMERIC.sub("", fold(text.replace("&", " and ")))


@dataclass(slots=True)
class Words:
    """A text as words.

    Attributes:
        text: the text as given.
        words: the words, folded, shape (words,).
        gaps: flags of what stands before each word, and after the last, shape (words + 1,).
        starts: place of each word's first sign in the text as given.
        ends: place after each word's last sign.
    """

    text: str
    words: list[str]
    gaps: list[int]
    starts: list[int]
    ends: list[int]


def cut_words(text: str) -> Words:
    """Cut a text into words and note what parts them.

    Example:
        >>> cut_words("Acetyl-fentanyl, 4-ANPP").words
        ['acetyl', 'fentanyl', '4', 'anpp']
    """
    folded = text.lower() if text.isascii() else fold(text)
    if "(s)" in folded or "ve" in folded:
        # "benzodiazepine(s)", "heroin -ve": read as words, and no sign moves.
        folded = folded.replace("(s)", "s  ")
        folded = _SIGNED.sub(lambda found: "pos" if found[0][0] == "+" else "neg", folded)
    parts = _CUT(folded)
    places = list(accumulate(map(len, parts), initial=0))
    words = parts[::2]
    gaps = [0, *map(_FLAGS.__getitem__, parts[1::2]), 0]
    starts, ends = places[:-1:2], places[1::2]
    if not words[-1]:
        gaps.pop()
        del words[-1], starts[-1], ends[-1]
    if words and not words[0]:
        del gaps[0], words[0], starts[0], ends[0]
    if not text.isascii():
        starts, ends = _places_as_given(text, starts, ends)
    return Words(text, words, gaps, starts, ends)


def _places_as_given(text: str, starts: list[int], ends: list[int]) -> tuple[list[int], list[int]]:
    """Move places of the folded text, where signs became none or several, to the text's own."""
    origin = [place for place, sign in enumerate(text) for _ in _fold_sign(sign)]
    return [origin[start] for start in starts], [origin[end - 1] + 1 for end in ends]


def gap_flags(gap: str) -> int:
    """Say what the signs between two words part.

    Example:
        >>> gap_flags("-") == CROSSED | HYPHEN, gap_flags(", ") == ITEM | COMMA | SPACED
        (True, True)
    """
    flags = SPACED if any(sign.isspace() for sign in gap) else 0
    flags |= OPENED if any(sign in "([{" for sign in gap) else 0
    flags |= CLOSED if any(sign in ")]}" for sign in gap) else 0
    flags |= LINE if "\n" in gap or "\r" in gap else 0
    flags |= HYPHEN if gap in ("-", "'", "\u2019", "\u2032", "-'", "'-") else 0
    flags |= QUERY if gap.endswith("?") else 0
    bare = gap.translate(_BRACKETS).strip(" \t\r\n'\u2019\u2032\"")
    if _ELLIPSIS.search(bare):
        # A cell that was too short: the list, or the name, goes on after the dots.
        return flags | (CROSSED if bare.strip(".;\u2026 \t") == "" else ITEM) | _item_by(flags)
    if ";" in bare or _SENTENCE_END.search(gap):
        return flags | CLAUSE | ITEM
    if bare == "/":
        return flags | SLASH | ITEM
    if bare == ",":
        return flags | COMMA | ITEM
    if any(sign in ",/+&|:=\x00" for sign in bare):
        return flags | ITEM
    if flags & LINE:
        return flags | CROSSED | ITEM | CLAUSE
    if _DASHES.search(gap):
        return flags | CROSSED | ITEM
    return flags | _item_by(flags) | (0 if flags & (OPENED | CLOSED) else CROSSED)


class _Flags(dict[str, int]):
    """Flags of the gaps seen so far: most texts part their words by the same few."""

    def __missing__(self, gap: str) -> int:
        if len(self) > _MOST_GAPS:
            self.clear()
        self[gap] = gap_flags(gap)
        return self[gap]


_FLAGS = _Flags()


def _item_by(flags: int) -> int:
    return ITEM if flags & (OPENED | CLOSED) else 0


def is_inside_name(words: list[str], gaps: list[int], place: int) -> bool:
    """Tell whether a name may go on across what stands before a word.

    A comma belongs to a name between two locants alone: ``3,4-MDMA``, ``N,N-DMT``.
    """
    gap = gaps[place]
    if gap & CROSSED:
        return True
    if not gap & COMMA or gap & (OPENED | CLOSED):
        return False
    before, after = words[place - 1], words[place]
    return _LOCANT.fullmatch(before) is not None and _BEGINS_WITH_LOCANT.match(after) is not None


def items_of(cut: Words) -> list[tuple[int, int]]:
    """Give the first and last word of each item of a list; joining words belong to none.

    Example:
        >>> items_of(cut_words("white powder, heroin and U-47700"))
        [(0, 1), (2, 2), (4, 5)]
    """
    items: list[tuple[int, int]] = []
    first = 0
    for place, word in enumerate([*cut.words, "and"]):
        is_joining = word in JOINING_WORDS
        is_new = is_joining or (
            cut.gaps[place] & ITEM and not is_inside_name(cut.words, cut.gaps, place)
        )
        if is_new and place > first:
            items.append((first, place - 1))
        if is_new:
            first = place + is_joining
    return items


def name_key(cut: Words) -> str:
    """Make the key under which a name is compared: its words joined, its items kept apart.

    Example:
        >>> name_key(cut_words("Meth / Amphetamine")), name_key(cut_words("Meth-amphetamine"))
        ('meth/amphetamine', 'methamphetamine')
    """
    parts = cut.words[:1]
    for place in range(1, len(cut.words)):
        if not is_inside_name(cut.words, cut.gaps, place):
            parts.append("/" if cut.gaps[place] & SLASH else ",")
        parts.append(cut.words[place])
    return "".join(parts)
