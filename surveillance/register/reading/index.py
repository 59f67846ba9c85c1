"""All names by their key, in one automaton, with the ways of writing that chemistry allows.

The automaton is ``ahocorasick_rs``: it tells in one pass where any name's letters stand in a
text without gaps; what is asked of the gaps is decided afterwards (docs/adr/0010).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ahocorasick_rs import AhoCorasick

from surveillance.register.names import Words, name_key

# Ways to write one and the same part of a name. The first of a row is the long form.
_SAME_PARTS = (
    ("ortho", "o", "2"),
    ("meta", "m", "3"),
    ("para", "p", "4"),
    ("alpha", "a"),
    ("beta", "b"),
    ("gamma", "g"),
    ("delta", "d"),
    ("fluoro", "f"),
    ("chloro", "cl"),
    ("bromo", "br"),
    ("methoxy", "meo"),
    ("hydroxy", "ho", "oh"),
    ("acetoxy", "aco"),
)
_LONG = {short: row for row in _SAME_PARTS for short in row}
_CAPITALS = re.compile(r"[A-Z]{3}|\b[A-Z]{2}\b")
_ABBREVIATED = ("f", "cl", "br", "meo", "ho", "oh", "aco")
# What users call a substance has no positions and parts that could be written otherwise.
_CHEMICAL = ("name", "alias")
_SHORTEST_CODE = 3
_SHORTEST_VARIED = 5
_MOST_VARIANTS = 24


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one entry.

    Attributes:
        identifier: id of the entry; empty for a phrase of plain English that names none.
        how: ``name``, ``alias`` or ``street name``.
        is_everyday: it also is plain English and needs a drug context.
        is_one_word: it is written as one word.
    """

    identifier: str
    how: str
    is_everyday: bool
    is_one_word: bool


@dataclass(frozen=True)
class NameIndex:
    """Names by key, and the automaton over them.

    Attributes:
        by_key: key -> name, see :func:`surveillance.register.names.name_key`.
        patterns: letters and digits of each key, in the automaton's order.
        at_pattern: name of each pattern, None where only a key with a separator has it.
        words: every word of every name, and the name run together -> ids of the entries that
            have it as their whole name; none for a word that only stands in longer names.
        codes: names run together, and words of names, that are written in capitals: every
            letter of them tells.
        spellings: id -> how many names it has; what people have many words for, they write.
        preferred: id -> its preferred name, where that is written as one word.
        stems: preferred names of one word, which parts may change into new ones.
        automaton: finds the patterns.
    """

    by_key: Mapping[str, Name]
    patterns: tuple[str, ...] = field(repr=False)
    at_pattern: tuple[Name | None, ...] = field(repr=False)
    words: Mapping[str, frozenset[str]] = field(repr=False)
    codes: frozenset[str] = field(repr=False)
    spellings: Mapping[str, int] = field(repr=False)
    preferred: Mapping[str, str] = field(repr=False)
    stems: frozenset[str] = field(repr=False)
    automaton: AhoCorasick = field(repr=False)

    @classmethod
    def build(cls, named: Sequence[tuple[Words, Name]]) -> "NameIndex":
        """Index names, each as it is written.

        A way of writing that two entries could share is left out, and never displaces a name
        that is written so.
        """
        by_key = {name_key(cut): name for cut, name in named}
        by_key |= _variants(named, by_key)
        preferred = {
            name.identifier: cut.words[0]
            for cut, name in named
            if name.how == "name" and len(cut.words) == 1
        }
        patterns = tuple(dict.fromkeys(_letters(key) for key in by_key))
        return cls(
            by_key=by_key,
            patterns=patterns,
            at_pattern=tuple(by_key.get(pattern) for pattern in patterns),
            words=_vocabulary(named),
            codes=frozenset(code for cut, _ in named for code in _codes_of(cut)),
            spellings=Counter(name.identifier for _, name in named),
            preferred=preferred,
            stems=frozenset(word for word in preferred.values() if len(word) >= _SHORTEST_VARIED),
            automaton=AhoCorasick(patterns, store_patterns=False),
        )


def _letters(key: str) -> str:
    return key.replace("/", "").replace(",", "")


def _variants(named: Sequence[tuple[Words, Name]], known: Mapping[str, Name]) -> dict[str, Name]:
    found: dict[str, Name] = {}
    shared: set[str] = set()
    for cut, name in named:
        if name.how not in _CHEMICAL:
            continue
        for key in _ways_to_write(cut):
            if key in known:
                continue
            if key in found and found[key].identifier != name.identifier:
                shared.add(key)
            found.setdefault(key, name)
    return {key: name for key, name in found.items() if key not in shared}


def _ways_to_write(cut: Words) -> set[str]:
    parts = list(_split_abbreviations(cut.words))
    if len(parts) == 1 or sum(map(len, parts)) < _SHORTEST_VARIED:
        return set()
    choices = [_choices(parts, place) for place in range(len(parts))]
    ways = {"".join(way) for way, _ in zip(product(*choices), range(_MOST_VARIANTS), strict=False)}
    if parts[0] == "n":
        # N-ethylpentylone is also written ethylpentylone.
        ways.add("".join(parts[2:] if parts[1] == "n" else parts[1:]))
    return {way for way in ways if len(way) >= _SHORTEST_VARIED}


def _split_abbreviations(words: list[str]) -> Iterator[str]:
    """Take ``5f`` apart into ``5`` and ``f``, so that ``5-fluoro`` is the same part."""
    for word in words:
        short = next((s for s in _ABBREVIATED if word[1:] == s and word[0].isdigit()), None)
        yield from (word,) if short is None else (word[0], short)


def _choices(parts: list[str], place: int) -> tuple[str, ...]:
    part = parts[place]
    row = _LONG.get(part)
    is_last = place == len(parts) - 1
    if row is None or is_last or part.isdigit():
        return (part,) if row is None or is_last else _positions(part, parts, place)
    if row[0] in ("ortho", "meta", "para"):
        return _positions(part, parts, place)
    if row[0] in ("fluoro", "chloro", "bromo") and not (place and parts[place - 1].isdigit()):
        # "5-fluoro" is "5F", but "ortho-fluoro" is never "oF".
        return (part,)
    if len(part) == 1 and len(parts[place + 1]) < _SHORTEST_VARIED and part not in ("a", "f"):
        return (part,)
    return row


def _positions(part: str, parts: list[str], place: int) -> tuple[str, ...]:
    """Give the ways to say where on the ring a part sits.

    A methyl group of a fentanyl may sit on either of two rings, which the words "para" and "4"
    tell apart; on the ring that all other families have, they mean the same.
    """
    row = _LONG[part]
    after = parts[place + 1]
    if len(after) < _SHORTEST_VARIED and after not in _ABBREVIATED:
        return (part,)
    is_fentanyl = any("fentan" in one for one in parts)
    if is_fentanyl and after.startswith("methyl"):
        return (part,) if part.isdigit() else row[:2]
    if part.isdigit() and not is_fentanyl:
        return (part, row[0])
    return row


def _codes_of(cut: Words) -> Iterator[str]:
    if not _CAPITALS.search(cut.text):
        return
    yield name_key(cut)
    for word, start, end in zip(cut.words, cut.starts, cut.ends, strict=True):
        if len(word) >= _SHORTEST_CODE and cut.text[start:end].isupper():
            yield word


def _vocabulary(named: Sequence[tuple[Words, Name]]) -> dict[str, frozenset[str]]:
    words: dict[str, set[str]] = {}
    for cut, name in named:
        if not name.identifier or name.how == "street name":
            continue
        for word in cut.words:
            words.setdefault(word, set())
        whole = name_key(cut)
        if whole.isalnum():
            words.setdefault(whole, set()).add(name.identifier)
    return {word: frozenset(owners) for word, owners in words.items()}
