"""Names that the register lacks: grouped with their like, beside their nearest known relatives.

An unknown name is the news that this service waits for. Spellings of one name are put together
("Nitazepyne", "nitazepyne ", "nitazepine"); two names that differ in a part that makes another
substance, or in a number, never are.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from surveillance.register.names import cut_words, word_set
from surveillance.register.reading.parts import NameParts
from surveillance.register.recognition import NEW_NAME, UNKNOWN_NAME
from surveillance.register.substances import SubstanceRegister

_SALTS = word_set(
    "hydrochloride hcl hydrobromide hbr citrate sulfate sulphate maleate fumarate tartrate "
    "phosphate acetate salt base"
)
_SAME_SOUND = (("ph", "f"), ("ae", "e"), ("oe", "e"), ("y", "i"), ("ck", "k"))
_DOUBLED = re.compile(r"([a-z])\1")
_NUMBERS = re.compile(r"\d+")
_SHORTEST_ALIKE = 8
_LEAST_LIKE = 60.0


class Relative(NamedTuple):
    """A known substance with a name like the one asked for; ``score`` is 1 for the same name."""

    substance_id: str
    name: str
    score: float


class Saying(NamedTuple):
    """Words that a feed's records were kept with."""

    verbatim: str
    feed: str
    first_seen: datetime
    records: int


@dataclass(frozen=True)
class NewName:
    """A name that the register lacks, in all its spellings.

    Attributes:
        key: what its spellings have in common, see :func:`sound_key`.
        name: the commonest spelling.
        spellings: all of them, the commonest first.
        group: id of the group that its make shows; empty where it shows none.
        relatives: the nearest known substances.
        first_seen: when the first record that still stands was received.
        records: how many records name it.
        feeds: the feeds that brought it.
    """

    key: str
    name: str
    spellings: tuple[str, ...]
    group: str
    relatives: tuple[Relative, ...]
    first_seen: datetime
    records: int
    feeds: tuple[str, ...]


def sound_key(name: str) -> str:
    """Make the key under which spellings of one unknown name are put together.

    Example:
        >>> sound_key("Nitazepyne "), sound_key("nitazepine"), sound_key("Nitazepyne HCl")
        ('nitazepin', 'nitazepin', 'nitazepin')
        >>> sound_key("dimethylpentylone") == sound_key("diethylpentylone")
        False
    """
    words = cut_words(name).words
    kept = [word for word in words if word not in _SALTS] or words
    key = "".join(kept)
    for written, sound in _SAME_SOUND:
        key = key.replace(written, sound)
    key = _DOUBLED.sub(r"\1", key)
    return key.removesuffix("e") if len(key) >= _SHORTEST_ALIKE else key


def find_relatives(
    name: str, substances: SubstanceRegister, *, limit: int = 3
) -> tuple[Relative, ...]:
    """Find the known substances whose names are most like a name, the nearest first.

    Names of the group that the name's make shows come before all others.

    Example:
        >>> from pathlib import Path
        >>> from surveillance.register import load_register
        >>> substances = load_register(Path("config")).substances
        >>> find_relatives("para-bromo fentanyl", substances, limit=1)
        (Relative(substance_id='para_bromofentanyl', name='Para-bromofentanyl', score=1.0),)
    """
    made = [one for one in substances.resolve_field(name) if one.how == NEW_NAME]
    family = substances.descendants(made[0].substance_id) if made else frozenset[str]()
    spelt = [(key, one.identifier) for key, one in substances.reader.index.by_key.items()]
    pools = [[row for row in spelt if row[1] in family], [row for row in spelt if row[1]]]
    best: dict[str, float] = {}
    for pool in pools:
        found = process.extract(
            _letters(name),
            [key for key, _ in pool],
            scorer=fuzz.ratio,
            score_cutoff=_LEAST_LIKE,
            limit=limit * 8,
        )
        for _, score, place in found:
            best.setdefault(pool[place][1], round(score / 100, 2))
        if len(best) >= limit:
            break
    return tuple(
        Relative(key, substances.get(key).name, score) for key, score in list(best.items())[:limit]
    )


def _letters(name: str) -> str:
    return "".join(cut_words(name).words)


def list_new_names(sayings: Iterable[Saying], substances: SubstanceRegister) -> tuple[NewName, ...]:
    """List the names among some words that the register lacks, the most frequent first.

    Words that the register has learnt to read since they were kept are left out.

    Args:
        sayings: words that records were kept with.
        substances: what is known now.
    """
    fresh = [
        (saying._replace(verbatim=one.matched_text), one)
        for saying in sayings
        for one in substances.resolve_field(saying.verbatim)
        if one.how in (NEW_NAME, UNKNOWN_NAME)
    ]
    groups = {
        sound_key(saying.verbatim): one.substance_id for saying, one in fresh if one.how == NEW_NAME
    }
    return tuple(
        _new_name(key, found, groups.get(key, ""), substances)
        for key, found in group_sayings([saying for saying, _ in fresh], substances.reader.parts)
    )


def _new_name(
    key: str, found: Sequence[Saying], group: str, substances: SubstanceRegister
) -> NewName:
    spellings = spellings_of(found)
    return NewName(
        key=key,
        name=spellings[0],
        spellings=spellings,
        group=group,
        relatives=find_relatives(spellings[0], substances),
        first_seen=min(saying.first_seen for saying in found),
        records=_records(found),
        feeds=tuple(sorted({saying.feed for saying in found})),
    )


def group_sayings(
    sayings: Sequence[Saying], parts: NameParts
) -> list[tuple[str, tuple[Saying, ...]]]:
    """Put the sayings of one name together, whatever its spelling.

    Spellings with one sound are one name. So are two long ones that differ by a single letter,
    unless they differ in a number or in a part that makes another substance.

    Returns:
        Key and sayings of each name, the most frequent name first.
    """
    by_key: dict[str, list[Saying]] = {}
    for saying in sayings:
        by_key.setdefault(sound_key(saying.verbatim), []).append(saying)
    frequent = sorted(by_key, key=lambda key: (-_records(by_key[key]), key))
    written = {key: _letters(found[0].verbatim) for key, found in by_key.items()}
    home: dict[str, str] = {}
    for key in frequent:
        alike = (o for o in home.values() if _is_slip(written[key], written[o], parts))
        home[key] = next(alike, key)
    names: dict[str, list[Saying]] = {}
    for key in frequent:
        names.setdefault(home[key], []).extend(by_key[key])
    return sorted(
        ((key, tuple(found)) for key, found in names.items()),
        key=lambda item: (-_records(item[1]), item[0]),
    )


def _records(sayings: Iterable[Saying]) -> int:
    return sum(saying.records for saying in sayings)


def _is_slip(one: str, other: str, parts: NameParts) -> bool:
    if min(len(one), len(other)) < _SHORTEST_ALIKE or one[0] != other[0]:
        return False
    if OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    return (
        _NUMBERS.findall(one) == _NUMBERS.findall(other)
        and parts.leading(one) == parts.leading(other)
        and not parts.code_group(one)
    )


def spellings_of(sayings: Iterable[Saying]) -> tuple[str, ...]:
    """List the spellings of a name, the commonest first, each as it first stood."""
    counts: dict[str, int] = {}
    for saying in sayings:
        written = " ".join(saying.verbatim.split())
        counts[written] = counts.get(written, 0) + saying.records
    return tuple(sorted(counts, key=lambda written: (-counts[written], written)))
