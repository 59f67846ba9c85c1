"""All guesses of a sample together: what kind of feed it is, and where its parts stand."""

from collections.abc import Mapping
from dataclasses import dataclass

from surveillance.feeds.drafting.columns import filled, first_saying, headings_of, is_numeric
from surveillance.feeds.drafting.drugs import DrugGuess, find_drugs
from surveillance.feeds.drafting.guessing import (
    AreaGuess,
    DayGuess,
    find_area,
    find_category,
    find_day,
    find_key,
    find_receipt,
    find_unpivot,
    unpivoted,
)
from surveillance.feeds.drafting.sampling import take_sample
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.shaping import UnpivotRule
from surveillance.feeds.table import Table
from surveillance.register import Register

_COUNTS = (
    "numerator", "count", "deaths", "cases", "crimes", "offences", "positive", "freq", "number",
    "n", "figure", "total", "items", "people",
)  # fmt: skip
_OUT_OF = ("denominator", "tests", "tested", "total", "population")
_NEVER_FIGURES = ("lat", "long", "east", "north", "percent", "share", "cumsum", "id", "code")


@dataclass(frozen=True)
class Sketch:
    """All that was guessed of a sample."""

    kind: str
    source: SourceRules
    table: Table
    unpivot: UnpivotRule | None
    day: DayGuess
    receipt: tuple[str, str] | None
    area: AreaGuess
    drugs: DrugGuess
    category: str
    figures: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def is_counted(self) -> bool:
        """Whether single events are counted into figures."""
        return self.kind == "indicator" and not self.figures

    @property
    def place(self) -> str:
        """The column of the area, as the other sections name it."""
        if not self.area.column:
            return "country"
        return "place" if self.is_counted or self.area.drop_last else self.area.column


def sketch(content: bytes, *, kind: str | None, register: Register, hint: str) -> Sketch:
    """Guess what feed a sample is of.

    Args:
        content: the sample's bytes.
        kind: its record kind, or None where it shall be guessed.
        register: what is known of substances and areas.
        hint: a year to fall back on where the file gives none.

    Raises:
        InputError: no feed can be made of the sample; the message says why.
    """
    sample = take_sample(content)
    unpivot = find_unpivot(sample.table)
    table = unpivoted(sample.table, unpivot)
    day = find_day(table, year_hint=hint)
    used = set(day.columns)
    receipt = find_receipt(table, besides=used)
    used |= {receipt[0]} if receipt else set()
    area = find_area(table, register, besides=used)
    used.add(area.column)
    drugs = find_drugs(table, register, besides=used)
    used |= {one.column for one in drugs.lists} | set(drugs.ticks)
    figures = {"numerator": unpivot.value} if unpivot else _find_figures(table, besides=used)
    kind = kind or _kind_of(table, figures)
    figures = figures if kind == "indicator" else {}
    used |= set(figures.values())
    category = find_category(table, besides=used) if kind == "indicator" else ""
    further = [one.name for one in headings_of(table) if not is_numeric(filled(table, one.name))]
    candidates = [*day.columns, area.column, *(one.column for one in drugs.lists), category]
    candidates = [one for one in candidates if one in table.columns] + further
    return Sketch(
        kind=kind,
        source=sample.source,
        table=table,
        unpivot=unpivot,
        day=day,
        receipt=receipt,
        area=area,
        drugs=drugs,
        category=category,
        figures=figures,
        key=find_key(table, candidates),
    )


def _find_figures(table: Table, *, besides: set[str]) -> dict[str, str]:
    """Find the numerator, and the denominator where there is one."""
    headings = [
        one
        for one in headings_of(table)
        if one.name not in besides
        and is_numeric(filled(table, one.name))
        and not one.says(*_NEVER_FIGURES)
    ]
    numerator = first_saying(headings, *_COUNTS)
    if numerator is None:
        numerator = headings[0].name if headings else None
    if numerator is None:
        return {}
    denominator = first_saying(headings, *_OUT_OF, besides=(numerator,))
    return {"numerator": numerator} | ({"denominator": denominator} if denominator else {})


def _kind_of(table: Table, figures: Mapping[str, str]) -> str:
    """Guess the record kind from the headings."""
    headings = headings_of(table)

    def says(*words: str) -> bool:
        return any(one.says(*words) for one in headings)

    if says("price", "purity", "potency"):
        return "market_observation"
    if says("reaction", "symptom", "adverse"):
        return "reaction_report"
    if says("death", "died", "cod") and says("age", "sex", "cause", "toxic", "detected"):
        return "death"
    if says("seiz", "sold"):
        return "sighting"
    if figures or says("crime", "offence", "search"):
        return "indicator"
    return "death" if says("death", "died") else "event"
