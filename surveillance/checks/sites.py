"""Find and remove the names of sites: prisons, removal centres, hostels and the like.

A cluster in one prison is told outside as a cluster, never as that prison's. The person who wrote
a narrative cannot be expected to know that, so a name is masked and the row is kept. A list says
which names are sites; many are also towns, and count only beside a word such as *HMP* or *jail*.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pandas as pd
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from surveillance.domain import record_columns
from surveillance.errors import SettingsError
from surveillance.register.tables import read_table, split_list

SITE = "site"
MASK = f"[{SITE} removed]"
ROWS_SHOWN = 10
_COLUMNS = ("name", "kind", "alone", "aliases", "source")
# Words that make a name a site's, whichever side of it they stand on.
_TITLES: Mapping[str, str] = {
    "prison": (
        r"(?:prisoner|inmate|cell ?mate|remanded|young offenders?'? institution|hm prison"
        r"|h\.? ?m\.? ?(?:p|y\.?o\.?i)\.?|y\.?o\.?i\.?|jail|gaol"
        r"|prison(?: healthcare| officer| staff| wing)?)(?: ?(?:/|&|and)? ?y\.?o\.?i\.?)?"
    ),
    "removal centre": r"irc|(?:immigration )?(?:removal|detention) centre",
    "secure hospital": r"(?:high |special )?(?:secure )?hospital|high secure|secure unit",
    "secure training centre": r"stc|secure (?:training centre|school|children's home)|y\.?o\.?i\.?",
    "approved premises": r"approved premises|(?:probation|bail) hostel|ap",
    "hostel": r"hostel|shelter|supported (?:housing|accommodation)|night shelter",
}
_STREET = re.compile(r" (?:road|street|lane|avenue|ward|station|close|drive|way|gardens)\b")
# A prison or approved premises that the list lacks gives itself away by its title.
_TITLED = re.compile(
    r"\bH\.?M\.? ?(?:P|Prison|YOI|P[/ &]+YOI)\b\.?(?: (?:&|and) YOI)? +(?:[Tt]he +)?"
    r"[A-Z][\w'\u2019-]+(?: +[A-Z][\w'\u2019-]+){0,2}"
    r"|\b(?!(?:The|A|An|At|In|From|To|His|Her|Their|Our|Local) )(?:[A-Z][\w'\u2019-]+ +){1,3}"
    r"(?:(?:[Bb]ail|[Pp]robation) [Hh]ostel|[Aa]pproved [Pp]remises)\b"
)
_TITLE_SIGNS = (
    "hmp", "hmyoi", "h.m.p", "hm prison", "hm p", "bail hostel", "probation hostel",
    "approved premises",
)  # fmt: skip
# Each becomes one plain letter, so that places in the plain text are places in the text.
_PLAIN = {"\u2019": "'", "\u2018": "'", "\n": " ", "\r": " ", "\t": " ", "\u00a0": " ", "-": " "}
_BETWEEN = r"[ ,:;('\"]{0,3}(?:(?:in|at|from|called|named) )?(?:the )?"
_REACH = 60


@dataclass(frozen=True)
class _Name:
    """One spelling of a site: its kind, and whether it is a site's wherever it stands."""

    kind: str
    stands_alone: bool


@dataclass(frozen=True)
class Sites:
    """Names of sites, ready to be searched for in many texts at once."""

    names: Sequence[_Name]
    automaton: AhoCorasick
    before: Mapping[str, re.Pattern[str]]
    after: Mapping[str, re.Pattern[str]]

    def mask(self, text: str) -> str:
        """Put ``[site removed]`` in the place of every name of a site."""
        masked, end = [], 0
        for start, stop in self._spans(text):
            masked += [text[end:start], MASK]
            end = stop
        return "".join([*masked, text[end:]])

    def mask_texts(self, texts: Iterable[str | None]) -> dict[int, str]:
        """Mask many texts at once.

        Returns:
            Place of the text -> what is left of it; texts that name no site are absent.
        """
        given = list(texts)
        distinct = [text for text in dict.fromkeys(given) if isinstance(text, str)]
        ends = list(accumulate(len(text) + 1 for text in distinct))
        # One scan over all texts: a call for each costs more than the search itself.
        hits = self.automaton.find_matches_as_indexes(_plain("\0".join(distinct)))
        suspects = {bisect_right(ends, start) for _, start, _ in hits}
        masked = {distinct[place]: self.mask(distinct[place]) for place in suspects}
        return {
            place: left
            for place, text in enumerate(given)
            if text and (left := masked.get(text, text)) != text
        }

    def mask_json(self, raw: str) -> str:
        """Mask a row that is kept as JSON, value by value; other text as it stands."""
        try:
            row = json.loads(raw)
        except ValueError:
            return self.mask(raw)
        masked = self._mask_value(row)
        return raw if masked == row else json.dumps(masked, ensure_ascii=False)

    def _mask_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._mask_value(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._mask_value(part) for part in value]
        return self.mask(value) if isinstance(value, str) else value

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Give where names of sites stand, their titles with them, in order, never overlapping."""
        end = 0
        for start, stop in sorted(self._named(text), key=lambda span: (span[0], -span[1])):
            if start >= end:
                yield start, stop
                end = stop

    def _named(self, text: str) -> Iterator[tuple[int, int]]:
        plain = _plain(text)
        for place, start, stop in self.automaton.find_matches_as_indexes(plain):
            if place >= len(self.names):
                yield from (match.span() for match in _TITLED.finditer(text))
            elif _is_word(plain, start, stop):
                yield from self._with_title(plain, self.names[place], start, stop)

    def _with_title(
        self, plain: str, name: _Name, start: int, stop: int
    ) -> Iterator[tuple[int, int]]:
        before = self.before[name.kind].search(plain, max(0, start - _REACH), start)
        after = self.after[name.kind].match(plain, stop)
        if before or after:
            yield (
                before.start() if before else start,
                after.end() if after else stop,
            )
        elif name.stands_alone and not _STREET.match(plain, stop):
            yield start, stop


def _plain(text: str) -> str:
    """Give a text in small letters with plain blanks and apostrophes, letter for letter."""
    # The one letter that becomes two when it is made small.
    plain = text.replace("\u0130", "I").lower()
    for letter, other in _PLAIN.items():
        plain = plain.replace(letter, other)
    return plain


def _is_word(text: str, start: int, stop: int) -> bool:
    glued = start > 0 and text[start - 1].isalnum() and not text.endswith(("hmp", "yoi"), 0, start)
    return not glued and not text[stop : stop + 1].isalnum()


def read_sites(*paths: Path) -> Sites:
    """Read lists of sites: the shipped one and an installation's own.

    Raises:
        SettingsError: a list cannot be read, or a kind or mark is not known.
    """
    spellings: dict[str, _Name] = {}
    for path in paths:
        for row in read_table(path, columns=_COLUMNS):
            if row["kind"] not in _TITLES or row["alone"] not in ("yes", "no"):
                raise SettingsError(
                    f"{path.name}: {row['name']!r} has the kind {row['kind']!r} and alone "
                    f"{row['alone']!r}. Kinds are {', '.join(_TITLES)}; alone is yes or no. "
                    "Nothing was screened; mend the list."
                )
            for spelling in (row["name"], *split_list(row["aliases"])):
                spellings.setdefault(_plain(spelling), _Name(row["kind"], row["alone"] == "yes"))
    return Sites(
        names=list(spellings.values()),
        automaton=AhoCorasick(
            [*spellings, *_TITLE_SIGNS],
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.DFA,
        ),
        before={
            kind: re.compile(rf"(?<![a-z])(?:{title}){_BETWEEN}$")
            for kind, title in _TITLES.items()
        },
        after={
            kind: re.compile(rf"[ ,:(]{{0,3}}(?:{title})(?![a-z])")
            for kind, title in _TITLES.items()
        },
    )


def mask_rows(
    rows: pd.DataFrame, *, kind: str, sites: Sites
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Mask the names of sites in every text of record rows.

    Args:
        rows: exactly the columns of ``record_columns(kind)``.
        kind: record kind.
        sites: the names.

    Returns:
        The rows, those that named none as they were, and a finding for each column that did.
    """
    rows, findings = rows.copy(deep=False), []
    for column in record_columns(kind):
        if column.dtype != "text" or column.name in ("raw", "source_ref"):
            continue
        masked = sites.mask_texts(rows[column.name])
        if masked:
            values = rows[column.name].to_numpy(dtype=object, copy=True)
            values[list(masked)] = list(masked.values())
            rows[column.name] = pd.Series(values, rows.index, dtype=object)
            findings.append(_finding(rows, column.name, list(masked)))
    places = _mask_mentions(rows, sites)
    if places:
        findings.append(_finding(rows, "substances", places))
    return rows, tuple(findings)


def _mask_mentions(rows: pd.DataFrame, sites: Sites) -> list[int]:
    """Mask the words of the substances; give the places of the rows that were changed."""
    named = list(rows["substances"])
    words = [
        (place, number, mention.verbatim)
        for place, mentions in enumerate(named)
        for number, mention in enumerate(mentions or ())
    ]
    masked = sites.mask_texts(text for _, _, text in words)
    for hit, left in masked.items():
        place, number, _ = words[hit]
        mentions = list(named[place])
        mentions[number] = replace(mentions[number], verbatim=left)
        named[place] = mentions
    if masked:
        rows["substances"] = pd.Series(named, rows.index, dtype=object)
    return sorted({words[hit][0] for hit in masked})


def _finding(rows: pd.DataFrame, column: str, places: Sequence[int]) -> str:
    numbers = sorted(rows["row_number"].iloc[list(places)].tolist())
    more = f" and {len(numbers) - ROWS_SHOWN:,} more" if len(numbers) > ROWS_SHOWN else ""
    shown = ", ".join(map(str, numbers[:ROWS_SHOWN]))
    return (
        f"names of sites were removed from {column} in {len(numbers):,} rows"
        f" (rows {shown}{more}), kept"
    )
