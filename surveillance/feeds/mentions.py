"""Which substances and reactions each row names, as ids of the register.

Words that the register does not know become *unknown* and are kept: an unknown substance
is the news this service waits for, never an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from surveillance.domain import UNKNOWN_SUBSTANCE, SubstanceMention
from surveillance.feeds.findings import Findings
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
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 50_000, 500


@dataclass
class _Gathered:
    """Mentions of each row as the rules find them, and how many names were not recognised."""

    rows: list[list[SubstanceMention]]
    faults: Faults
    findings: Findings
    named: int = 0
    unrecognised: int = 0

    def add(self, row: int, mentions: Sequence[SubstanceMention]) -> None:
        known = self.rows[row]
        self.named += len(mentions)
        for mention in mentions:
            self.unrecognised += mention.substance_id == UNKNOWN_SUBSTANCE
            if not known or not any(_is_same(mention, other) for other in known):
                known.append(mention)


def _is_same(one: SubstanceMention, other: SubstanceMention) -> bool:
    if (one.substance_id, one.role) != (other.substance_id, other.role):
        return False
    return one.substance_id != UNKNOWN_SUBSTANCE or one.verbatim == other.verbatim


def find_substances(
    table: Table, rules: SubstanceRules, *, names: "NameReader", faults: Faults, findings: Findings
) -> Objects:
    """List the substances that each row names.

    A row that names none has one mention, *unknown* without words.

    Args:
        table: the source's rows.
        rules: where substances are named.
        names: reads names; it remembers them, so one serves all parts of a file.
        faults: gets a reason for every row whose names cannot be read.
        findings: gets counts of names not recognised and flags not understood.

    Returns:
        Lists of mentions, shape (rows,).
    """
    gathered = _Gathered([[] for _ in range(len(table))], faults, findings)
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
    findings.count(gathered.unrecognised, "substance names not recognised", of=gathered.named)
    return objects([mentions or [NO_NAME] for mentions in gathered.rows])


class NameReader:
    """Reads names of substances and reactions, each distinct one once.

    It is the one place where feeds ask the register what a text names. What it remembers is
    bounded: a file may hold any number of different texts.
    """

    def __init__(self, register: Register) -> None:
        self._register = register.substances
        self._reactions = register.reactions
        self._ids = frozenset(substance.substance_id for substance in self._register.all())
        self._names: dict[tuple[str, str, bool], Mentions] = {}
        self._texts: dict[tuple[str, str], Mentions] = {}
        self._codes: dict[str, str] = {}

    def name(self, text: str, role: str, *, whole: bool = False) -> Mentions:
        """Read a cell that should be one name: an id, a name, else whatever is in it.

        ``whole``: never what is in it, for a longer name may be another substance's.
        """
        key = (text, role, whole)
        known = self._names.get(key)
        if known is None:
            known = self._read_name(text, role, whole=whole) or (
                SubstanceMention(UNKNOWN_SUBSTANCE, text, role),
            )
            _remember(self._names, key, known, text=text)
        return known

    def words(self, text: str, role: str) -> Mentions:
        """Find the substances named in free words; none where none is known or all denied."""
        key = (text, role)
        known = self._texts.get(key)
        if known is None:
            known = tuple(
                SubstanceMention(found.substance_id, found.matched_text, role)
                for found in self._register.resolve(text)
                if not found.negated
            )
            _remember(self._texts, key, known, text=text)
        return known

    def reaction(self, term: str) -> str:
        """Give the code of a reaction term, *unknown* where the register lacks it."""
        code = self._codes.get(term)
        if code is None:
            code = self._reactions.resolve_name(term) or UNKNOWN_REACTION
            _remember(self._codes, term, code, text=term)
        return code

    def _read_name(self, text: str, role: str, *, whole: bool) -> Mentions:
        if text in self._ids:
            return (SubstanceMention(text, text, role),)
        found = self._register.resolve_name(text)
        if found is not None:
            return (SubstanceMention(found, text, role),)
        return () if whole else self.words(text, role)


def _remember(known: dict[Any, Any], key: Any, value: Any, *, text: str) -> None:
    if len(text) > _LONGEST_REMEMBERED:
        return
    if len(known) >= _MOST_REMEMBERED:
        known.clear()
    known[key] = value


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
        if column not in worded:
            gathered.findings.count(
                strange,
                "values say neither present nor absent; taken as absent",
                of=len(table),
                about=column,
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

    texts, values = table.texts(rule.column), table.cells(rule.column)
    listed = np.fromiter((isinstance(value, list) for value in values), bool, len(values))
    for row in np.flatnonzero(listed).tolist():
        for name in values[row]:
            gathered.add(row, of_name(text_of(name).strip()))
    _add_by_distinct(texts.where(~listed, ""), read, gathered)


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
    wrong: list[int] = []
    strange_role: list[int] = []
    for row, entries in enumerate(table.cells(rule.column)):
        if entries is None:
            continue
        if not isinstance(entries, list) or not set(map(type, entries)) <= {dict}:
            wrong.append(row)
            continue
        for entry in entries:
            name = _plain_text(entry.get(rule.name))
            role = _plain_text(entry.get(rule.role_key)) or rule.role
            if role not in ROLES:
                strange_role.append(row)
            mentions = names.name(name, role) if name else (SubstanceMention("unknown", "", role),)
            gathered.add(row, mentions)
    faults = gathered.faults
    faults.add_to(wrong, f"substances: {rule.column!r} is not a list of objects")
    faults.add_to(strange_role, f"substances: a role is not one of {', '.join(ROLES)}")


def _plain_text(value: Any) -> str:
    # Most are text already; the way about text_of costs as much as the rest of a row.
    return value.strip() if type(value) is str else text_of(value).strip()


def find_reactions(
    table: Table, rule: ReactionRule | None, *, names: NameReader, findings: Findings
) -> Objects:
    """List the codes of the reactions that each row names; a term not known is *unknown*.

    Returns:
        Lists of codes, each once a row, shape (rows,).
    """
    if rule is None:
        return objects([[] for _ in range(len(table))])
    named = strange = 0
    rows: list[list[str]] = []
    for value in table.cells(rule.column):
        codes = [names.reaction(term) for term in _terms(value, rule.separator)]
        named += len(codes)
        strange += codes.count(UNKNOWN_REACTION)
        rows.append(list(dict.fromkeys(codes)))
    findings.count(strange, "reaction terms not recognised", of=named)
    return objects(rows)


def _terms(value: Any, separator: str) -> dict[str, None]:
    """Give the terms of a cell, each once."""
    if isinstance(value, list):
        return dict.fromkeys(term for one in value if (term := _plain_text(one)))
    return dict.fromkeys(split_cell(text_of(value), separator))
