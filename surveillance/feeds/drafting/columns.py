"""One column of a sample at a time: what its heading says and what its cells look like."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveillance.feeds.table import Table
from surveillance.feeds.times import ISO_MOMENT, month_number, quarter_start, read_moments

# The first that fits counts; a day before a month, as the United Kingdom writes it.
DATE_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%y",
    "%d/%m/%y", "%Y%m%d", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y-%m",
    "%m/%Y", "%b %Y", "%B %Y", "%b-%y", ISO_MOMENT,
)  # fmt: skip
_FITS = 0.95
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_YEAR = re.compile(r"(?:19|20)\d{2}")
FINANCIAL_YEAR = re.compile(r"(?:19|20)\d{2}\s*[-/\u2013]\s*(?:\d{2}|\d{4})")


@dataclass(frozen=True)
class Heading:
    """A column's name, and its words in lower case."""

    name: str
    words: frozenset[str]

    def says(self, *words: str) -> bool:
        """Say whether any word of the heading begins with one of these."""
        return any(own.startswith(words) for own in self.words)


def headings_of(table: Table) -> list[Heading]:
    """List the columns with a heading of their own, in order."""
    return [
        Heading(name, frozenset(word.lower() for word in _WORDS.findall(name)))
        for name in table.columns
        if name and table.columns.count(name) == 1
    ]


def filled(table: Table, column: str) -> "pd.Series[str]":
    """Give the texts of a column that are not empty."""
    texts = table.texts(column)
    return texts[texts != ""]


def share(texts: "pd.Series[str]", is_good: Callable[[str], bool]) -> float:
    """Give the share of the distinct texts that are good, 0 where there is none."""
    distinct = texts.unique()
    return float(np.mean([is_good(text) for text in distinct])) if len(distinct) else 0.0


def date_format(texts: "pd.Series[str]") -> str | None:
    """Find the first format that nearly all texts have; None where none fits."""
    distinct = pd.Series(texts.unique(), dtype=str)
    if distinct.empty or distinct.str.fullmatch(r"\d{1,5}(\.\d+)?").all():
        return None
    for form in DATE_FORMATS:
        if form == ISO_MOMENT:
            read = np.array([one is not None for one in read_moments(distinct, ())])
        else:
            read = pd.to_datetime(distinct, format=form, errors="coerce").notna().to_numpy()
        if read.mean() >= _FITS:
            return form
    return None


def is_year(text: str) -> bool:
    """Say whether a text is a year, perhaps a financial one or a number with a nought."""
    return bool(_YEAR.fullmatch(text.removesuffix(".0")) or FINANCIAL_YEAR.fullmatch(text))


def is_quarter(text: str) -> bool:
    """Say whether a text is a quarter."""
    return _reads(quarter_start, text)


def is_month(text: str) -> bool:
    """Say whether a text is a month by name or number."""
    return _reads(month_number, text) and 1 <= month_number(text) <= len("JFMAMJJASOND")


def _reads(read: Callable[[str], int], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def is_numeric(texts: "pd.Series[str]") -> bool:
    """Say whether nearly all texts are numbers."""
    if texts.empty:
        return False
    return bool(pd.to_numeric(texts, errors="coerce").notna().mean() >= _FITS)


def first_saying(
    headings: Sequence[Heading], *words: str, besides: Collection[str] = ()
) -> str | None:
    """Find the first column whose heading has one of the words, the earlier words first."""
    for word in words:
        for heading in headings:
            if heading.name not in besides and heading.says(word):
                return heading.name
    return None
