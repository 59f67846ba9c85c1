"""Which substances and reactions each row names, as ids of the register.

Words that the register does not know become *unknown* and are kept: an unknown substance
is the news this service waits for, never an error.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from surveillance.domain import UNKNOWN_SUBSTANCE, SubstanceMention
from surveillance.feeds.rules import (
    ROLES,
    FlagRule,
    ListRule,
    NestedRule,
    ReactionRule,
    SubstanceRules,
    TextRule,
)
from surveillance.feeds.table import Objects, Table, objects, text_of
from surveillance.feeds.values import Faults, mapping
from surveillance.register import Register

UNKNOWN_REACTION = "unknown"
NO_NAME = SubstanceMention(UNKNOWN_SUBSTANCE, "")
Mentions = tuple[SubstanceMention, ...]


@dataclass
class _Gathered:
    """Mentions of each row as the rules find them, and how many names were not recognised."""

    rows: list[list[SubstanceMention]]
    faults: Faults
    findings: list[str] = field(default_factory=list)
    named: int = 0
    unrecognised: int = 0

    def add(self, row: int, mentions: Iterable[SubstanceMention]) -> None:
        for mention in mentions:
            self.named += 1
            self.unrecognised += mention.substance_id == UNKNOWN_SUBSTANCE
            known = self.rows[row]
            if not known or not any(_is_same(mention, other) for other in known):
                known.append(mention)


def _is_same(one: SubstanceMention, other: SubstanceMention) -> bool:
    if (one.substance_id, one.role) != (other.substance_id, other.role):
        return False
    return one.substance_id != UNKNOWN_SUBSTANCE or one.verbatim == other.verbatim


def find_substances(
    table: Table, rules: SubstanceRules, *, register: Register, faults: Faults, findings: list[str]
) -> Objects:
    """List the substances that each row names.

    A row that names none has one mention, *unknown* without words.

    Args:
        table: the source's rows.
        rules: where substances are named.
        register: what is known.
        faults: gets a reason for every row whose names cannot be read.
        findings: gets a sentence on names not recognised and flags not understood.

    Returns:
        Lists of mentions, shape (rows,).
    """
    names = NameReader(register)
    gathered = _Gathered([[] for _ in range(len(table))], faults)
    if rules.constant is not None:
        mention = SubstanceMention(rules.constant, rules.constant, rules.constant_role)
        for mentions in gathered.rows:
            mentions.append(mention)
    if rules.flags is not None:
        _add_flags(table, rules.flags, gathered, texts=rules.texts)
    for listed in rules.lists:
        _add_list(table, listed, gathered, names=names)
    for text in rules.texts:
        _add_texts(table, text, gathered, names=names, flags=rules.flags)
    if rules.nested is not None:
        _add_nested(table, rules.nested, gathered, names=names)
    findings.extend(gathered.findings)
    if gathered.unrecognised:
        findings.append(
            f"{gathered.unrecognised:,} of {gathered.named:,} substance names not recognised"
        )
    return objects([mentions or [NO_NAME] for mentions in gathered.rows])


class NameReader:
    """Reads names of substances, each distinct one once."""

    def __init__(self, register: Register) -> None:
        self._register = register.substances
        self._ids = frozenset(substance.substance_id for substance in self._register.all())
        self._names: dict[tuple[str, str, bool], Mentions] = {}
        self._texts: dict[tuple[str, str], Mentions] = {}

    def name(self, text: str, role: str, *, whole: bool = False) -> Mentions:
        """Read a cell that should be one name: an id, a name, else whatever is in it.

        ``whole``: never what is in it, for a longer name may be another substance's.
        """
        key = (text, role, whole)
        if key not in self._names:
            self._names[key] = self._read_name(text, role, whole=whole) or (
                SubstanceMention(UNKNOWN_SUBSTANCE, text, role),
            )
        return self._names[key]

    def words(self, text: str, role: str) -> Mentions:
        """Find the substances named in free words; none where none is known or all denied."""
        key = (text, role)
        if key not in self._texts:
            self._texts[key] = tuple(
                SubstanceMention(found.substance_id, found.matched_text, role)
                for found in self._register.resolve(text)
                if not found.negated
            )
        return self._texts[key]

    def _read_name(self, text: str, role: str, *, whole: bool) -> Mentions:
        if text in self._ids:
            return (SubstanceMention(text, text, role),)
        found = self._register.resolve_name(text)
        if found is not None:
            return (SubstanceMention(found, text, role),)
        return () if whole else self.words(text, role)


def _add_flags(
    table: Table, rule: FlagRule, gathered: _Gathered, *, texts: tuple[TextRule, ...]
) -> None:
    present = {value.casefold() for value in rule.present}
    understood = present | {value.casefold() for value in rule.absent} | {""}
    worded = {text.column for text in texts}
    for column, substance_id in rule.columns.items():
        values = table.texts(column).str.casefold()
        mention = SubstanceMention(substance_id, column, rule.role)
        for row in np.flatnonzero(values.isin(present)):
            gathered.add(int(row), (mention,))
        strange = int((~values.isin(understood)).sum())
        if strange and column not in worded:
            gathered.findings.append(
                f"{column}: {strange:,} of {len(table):,} values say neither present nor absent; "
                "taken as absent"
            )


def _add_texts(
    table: Table, rule: TextRule, gathered: _Gathered, *, names: NameReader, flags: FlagRule | None
) -> None:
    ticks = (*flags.present, *flags.absent) if flags and rule.column in flags.columns else ()
    ignored = {value.casefold() for value in (*rule.ignore, *ticks)} | {""}

    def read(text: str) -> Mentions:
        if text.casefold() in ignored:
            return ()
        return (
            names.name(text, rule.role) if rule.keeps_unrecognised else names.words(text, rule.role)
        )

    _add_by_distinct(table.texts(rule.column), read, gathered)


def _add_list(table: Table, rule: ListRule, gathered: _Gathered, *, names: NameReader) -> None:
    renamed = mapping(rule.value_map)

    def of_name(name: str) -> Mentions:
        ours = renamed(name)
        if ours is not None:
            return (SubstanceMention(ours, name, rule.role),)
        return names.name(name, rule.role, whole=rule.is_whole)

    def read(text: str) -> Mentions:
        return tuple(
            mention for name in split_cell(text, rule.separator) for mention in of_name(name)
        )

    values = table.cells(rule.column)
    if any(isinstance(value, list) for value in values):
        for row, value in enumerate(values):
            for name in value if isinstance(value, list) else ():
                gathered.add(row, of_name(text_of(name).strip()))
        return
    _add_by_distinct(table.texts(rule.column), read, gathered)


def _add_by_distinct(
    texts: "pd.Series[str]", read: Callable[[str], Mentions], gathered: _Gathered
) -> None:
    places, distinct = pd.factorize(texts)
    mentions = [read(text) for text in distinct]
    for row, place in enumerate(places):
        if mentions[place]:
            gathered.add(row, mentions[place])


def split_cell(text: str, separator: str) -> list[str]:
    """Split a cell into its names, blanks and empty names left out.

    Example:
        >>> split_cell("heroin; etizolam;", ";")
        ['heroin', 'etizolam']
    """
    parts = text.split(separator) if separator else [text]
    return [part.strip() for part in parts if part.strip()]


def _add_nested(table: Table, rule: NestedRule, gathered: _Gathered, *, names: NameReader) -> None:
    wrong = np.zeros(len(table), dtype=bool)
    strange_role = np.zeros(len(table), dtype=bool)
    for row, entries in enumerate(table.cells(rule.column)):
        if entries is None:
            continue
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            wrong[row] = True
            continue
        for entry in entries:
            name = text_of(entry.get(rule.name)).strip()
            role = text_of(entry.get(rule.role_key)).strip() or rule.role
            strange_role[row] |= role not in ROLES
            mentions = names.name(name, role) if name else (SubstanceMention("unknown", "", role),)
            gathered.add(row, mentions)
    gathered.faults.add(wrong, f"substances: {rule.column!r} is not a list of objects")
    gathered.faults.add(strange_role, f"substances: a role is not one of {', '.join(ROLES)}")


def find_reactions(
    table: Table, rule: ReactionRule | None, *, register: Register, findings: list[str]
) -> Objects:
    """List the codes of the reactions that each row names; a term not known is *unknown*.

    Returns:
        Lists of codes, each once a row, shape (rows,).
    """
    if rule is None:
        return objects([[] for _ in range(len(table))])
    codes: dict[str, str] = {}
    rows: list[list[str]] = []
    for value in table.cells(rule.column):
        terms = _terms(value, rule.separator)
        for term in terms:
            if term not in codes:
                codes[term] = register.reactions.resolve_name(term) or UNKNOWN_REACTION
        rows.append(list(dict.fromkeys(codes[term] for term in terms)))
    strange = sum(code == UNKNOWN_REACTION for code in codes.values())
    if strange:
        findings.append(f"{strange:,} of {len(codes):,} reaction terms not recognised")
    return objects(rows)


def _terms(value: Any, separator: str) -> list[str]:
    if isinstance(value, list):
        return [term for one in value if (term := text_of(one).strip())]
    return split_cell(text_of(value), separator)
