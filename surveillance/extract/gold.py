"""How well substances are found in texts, against texts that people annotated by hand.

A folder of gold holds ``gold.csv`` (texts and the substances implicated), ``misspellings.csv``
(single words as they occur) and ``gold_ct_flags.csv.gz`` (Connecticut's texts with the office's
own flags, which come from toxicology too, so that text against flag has a ceiling). Isomers are
folded: *para-fluorofentanyl* and *fluorofentanyl* are one. Classes ("opiates") are no substances.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from surveillance.errors import InputError
from surveillance.register import Recognition, SubstanceRegister
from surveillance.register.names import squeeze
from surveillance.register.recognition import NEW_NAME

_ISOMER = re.compile(r"^(?:ortho|meta|para)")
MENDED_KINDS = ("misspelling", "run_together")
# Flag of the office -> entries that stand for themselves and all below them. Amphetamine,
# methamphetamine, hydromorphone and morphine are left out: their columns began or changed midway.
_FLAGS = {
    "cocaine": ("cocaine", "crack_cocaine"),
    "heroin": ("heroin", "6_monoacetylmorphine"),
    "ethanol": ("alcohol",),
    "benzodiazepine": ("benzodiazepines",),
    "fentanyl": ("fentanyl",),
    "fentanyl_analogue": ("fentanyls",),
    "xylazine": ("xylazine",),
    "gabapentin": ("gabapentin",),
    "tramadol": ("tramadol",),
    "methadone": ("methadone",),
    "oxycodone": ("oxycodone",),
    "hydrocodone": ("hydrocodone",),
    "oxymorphone": ("oxymorphone",),
}
_NO_ANALOGUE = ("fentanyl", "4_anpp", "norfentanyl")


@dataclass(frozen=True)
class Score:
    """Right, needless and missed names, and texts that are right as a whole.

    Attributes:
        right: names found that the gold has.
        needless: names found that the gold lacks.
        missed: names of the gold that were not found.
        whole: texts whose names are all right.
        texts: how many texts there are.
    """

    right: int
    needless: int
    missed: int
    whole: int
    texts: int

    @property
    def precision(self) -> float:
        """Share of the names found that are right; 1 where none was found."""
        found = self.right + self.needless
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of the gold's names that were found; 1 where it has none."""
        there = self.right + self.missed
        return self.right / there if there else 1.0

    @property
    def whole_share(self) -> float:
        """Share of the texts that are right as a whole."""
        return self.whole / self.texts if self.texts else 1.0


@dataclass(frozen=True)
class Spelling:
    """What became of single words of one kind: read right, or as another known drug."""

    kind: str
    right: int
    wrong: int
    words: int


@dataclass(frozen=True)
class GoldScores:
    """All scores of one folder of gold.

    Attributes:
        strata: stratum of ``gold.csv``, and ``all`` -> its score.
        spellings: kind of ``misspellings.csv`` -> what became of its words.
        flags: ``odd ids`` and ``even ids`` of the flagged texts -> score over all flags.
        errors: each annotated text that is not right, with what was needless and missed.
    """

    strata: Mapping[str, Score]
    spellings: tuple[Spelling, ...]
    flags: Mapping[str, Score]
    errors: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]


def score_folder(folder: Path, substances: SubstanceRegister) -> GoldScores:
    """Score the register's reading against a folder of gold.

    Raises:
        InputError: a file is missing or lacks a column; the message names it.
    """
    gold = _read(folder / "gold.csv", ("text", "substances", "stratum"))
    words = _read(folder / "misspellings.csv", ("token", "canonical", "kind"))
    flagged = _read(folder / "gold_ct_flags.csv.gz", ("id", "text", "flags", "not_tabulated"))
    judged = [
        (str(row.stratum), str(row.text), *_judge(str(row.text), str(row.substances), substances))
        for row in gold.itertuples()
    ]
    errors = [
        (text, tuple(sorted(found - there)), tuple(sorted(there - found)))
        for _, text, there, found in judged
        if there != found
    ]
    strata = {"all": _score((there, found) for _, _, there, found in judged)}
    for stratum in sorted(set(gold["stratum"])):
        pairs = ((there, found) for kind, _, there, found in judged if kind == stratum)
        strata[stratum] = _score(pairs)
    return GoldScores(
        strata=strata,
        spellings=tuple(_score_words(words, substances)),
        flags=_score_flags(flagged, substances),
        errors=tuple(errors),
    )


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read: {error}. A folder of gold holds gold.csv, misspellings.csv "
            "and gold_ct_flags.csv.gz. Nothing was scored."
        ) from error
    lacking = [column for column in columns if column not in rows.columns]
    if lacking:
        raise InputError(f"{path} has no column {lacking[0]!r}. Nothing was scored.")
    return rows


def _label(substance_id: str, substances: SubstanceRegister) -> str:
    return _ISOMER.sub("", squeeze(substances.get(substance_id).name))


def canonical(name: str, substances: SubstanceRegister) -> str:
    """Give the label under which a name is compared, isomers folded."""
    known = substances.resolve_name(name)
    if known is None:
        read = substances.resolve(name)
        if len(read) == 1 and read[0].how != NEW_NAME:
            known = read[0].substance_id
    return _ISOMER.sub("", squeeze(name)) if known is None else _label(known, substances)


def _found(read: Iterable[Recognition], substances: SubstanceRegister) -> set[str]:
    found = set()
    for one in read:
        if not one.is_present:
            continue
        if one.how == NEW_NAME:
            found.add(_ISOMER.sub("", squeeze(one.name)))
        elif not substances.is_group(one.substance_id):
            found.add(_label(one.substance_id, substances))
    return found


def _judge(text: str, gold: str, substances: SubstanceRegister) -> tuple[set[str], set[str]]:
    found = _found(substances.read(text), substances)
    there = set()
    for name in filter(None, gold.split("|")):
        # "a/b" is either of two: one of them is enough, and both are no mistake.
        either = [canonical(one, substances) for one in name.split("/")]
        hit = [one for one in either if one in found]
        found -= set(hit[1:])
        there.add(hit[0] if hit else either[0])
    return there, found


def _score(pairs: Iterable[tuple[set[str], set[str]]]) -> Score:
    right = needless = missed = whole = texts = 0
    for there, found in pairs:
        right += len(there & found)
        needless += len(found - there)
        missed += len(there - found)
        whole += there == found
        texts += 1
    return Score(right, needless, missed, whole, texts)


def _score_words(words: pd.DataFrame, substances: SubstanceRegister) -> Iterator[Spelling]:
    for kind, rows in words.groupby("kind", sort=True):
        right = wrong = 0
        for row in rows.itertuples():
            read = substances.read(str(row.token))
            known = _found((one for one in read if one.how != NEW_NAME), substances)
            there = {canonical(str(row.canonical), substances)} if row.canonical else set()
            right += _found(read, substances) == there
            wrong += bool(known - there)
        yield Spelling(str(kind), right, wrong, len(rows))


def _score_flags(rows: pd.DataFrame, substances: SubstanceRegister) -> dict[str, Score]:
    below = {
        flag: frozenset[str]().union(*(substances.descendants(key) for key in keys))
        for flag, keys in _FLAGS.items()
    }
    below["fentanyl_analogue"] -= set(_NO_ANALOGUE)
    pairs: dict[str, list[tuple[set[str], set[str]]]] = {"odd ids": [], "even ids": []}
    for row in rows.itertuples():
        known = set(_FLAGS) - set(str(row.not_tabulated).split("|"))
        there = set(str(row.flags).split("|")) & known
        ids = {one.substance_id for one in substances.read(str(row.text)) if one.is_present}
        found = {flag for flag in known if ids & below[flag]}
        pairs["odd ids" if _is_odd(str(row.id)) else "even ids"].append((there, found))
    return {half: _score(found) for half, found in pairs.items()}


def _is_odd(identifier: str) -> bool:
    return identifier[-1:] in "13579"
