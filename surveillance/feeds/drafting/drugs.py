"""Where a sample names its substances, guessed with the register's help."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from surveillance.domain import UNKNOWN_SUBSTANCE
from surveillance.feeds.drafting.columns import Heading, filled, headings_of, is_numeric, share
from surveillance.feeds.mentions import split_cell
from surveillance.feeds.table import Table
from surveillance.register import Register

_NAMING = (
    "drug", "substance", "toxic", "detected", "implicated", "analyte", "chemical", "product",
    "opiate", "poison",
)  # fmt: skip
_TICKS = {"y", "yes", "true", "x", "1", "p", "present", "positive"}
_NO_TICKS = {"n", "no", "false", "0", "", "absent", "negative"}
_SEPARATORS = ("", ";", "|", ",", "/")
_RECOGNISED, _RECOGNISED_WITH_HINT, _LEAST_TICKED, _NEARLY_ALL = 0.6, 0.15, 2, 0.9


@dataclass(frozen=True)
class NamesGuess:
    """A column of names: its separator and its role."""

    column: str
    separator: str
    role: str


@dataclass(frozen=True)
class DrugGuess:
    """Where substances are named.

    Attributes:
        lists: columns of names.
        ticks: columns that stand for a substance each -> its id.
        present: what the ticks say where the substance was there.
        absent: what they say where it was not.
        nested: column of objects and the key of the name, or None.
    """

    lists: tuple[NamesGuess, ...] = ()
    ticks: dict[str, str] = field(default_factory=dict)
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    nested: tuple[str, str] | None = None

    @property
    def is_found(self) -> bool:
        """Whether anything names a substance."""
        return bool(self.lists or self.ticks or self.nested)


def find_drugs(table: Table, register: Register, *, besides: Collection[str]) -> DrugGuess:
    """Find the columns that name substances: ticks, lists or objects."""
    headings = [one for one in headings_of(table) if one.name not in besides]
    for heading in headings:
        if key := _name_key(table, heading.name):
            return DrugGuess(nested=(heading.name, key))
    ticks = {}
    for heading in headings:
        ticked = register.substances.resolve_name(heading.name)
        values = filled(table, heading.name).str.casefold()
        if ticked and values.isin(_TICKS).any() and _is_ticks(values):
            ticks[heading.name] = ticked
    lists = _find_lists(table, headings, register, besides=ticks)
    if len(ticks) < _LEAST_TICKED:
        return DrugGuess(lists=lists)
    seen = {value for column in ticks for value in table.texts(column)}
    return DrugGuess(
        lists=lists,
        ticks=ticks,
        present=tuple(sorted(one for one in seen if one.casefold() in _TICKS)),
        absent=tuple(sorted(one for one in seen if one and one.casefold() in _NO_TICKS)),
    )


def _is_ticks(values: "pd.Series[str]") -> bool:
    """Say whether nearly all values are ticks; a note on a single row is none the less."""
    return bool(values.isin(_TICKS | _NO_TICKS).mean() >= _NEARLY_ALL)


def _name_key(table: Table, column: str) -> str:
    """Give the key of the name in a column of lists of objects, empty where it is none."""
    for value in table.cells(column):
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            keys = list(value[0])
            return next((key for key in keys if "name" in key.casefold()), keys[0] if keys else "")
    return ""


def _find_lists(
    table: Table, headings: list[Heading], register: Register, *, besides: Collection[str]
) -> tuple[NamesGuess, ...]:
    """Find the columns of names: all whose heading says so, else the one best recognised."""
    found: list[tuple[float, bool, NamesGuess]] = []
    for heading in headings:
        texts = filled(table, heading.name)
        if heading.name in besides or texts.empty or is_numeric(texts):
            continue
        rates = {
            separator: share(texts, partial(_is_named, separator=separator, register=register))
            for separator in _SEPARATORS
        }
        separator = max(_SEPARATORS, key=lambda one: (rates[one], one == ""))
        hinted = heading.says(*_NAMING)
        if rates[separator] >= (_RECOGNISED_WITH_HINT if hinted else _RECOGNISED):
            guess = NamesGuess(heading.name, separator, _role(heading))
            found.append((rates[separator], hinted, guess))
    hinted_ones = tuple(guess for _, hinted, guess in found if hinted)
    best = max(found, key=lambda one: one[0], default=None)
    return hinted_ones or ((best[2],) if best else ())


def _is_named(text: str, *, separator: str, register: Register) -> bool:
    names = split_cell(text, separator)
    return bool(names) and all(
        (register.substances.resolve_name(name) or UNKNOWN_SUBSTANCE) != UNKNOWN_SUBSTANCE
        for name in names
    )


def _role(heading: Heading) -> str:
    if heading.says("implicated", "cause"):
        return "implicated"
    return "sold-as" if heading.says("sold") else "detected"
