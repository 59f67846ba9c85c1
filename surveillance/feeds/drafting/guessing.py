"""What the columns of a sample mean, guessed with the register's help."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from surveillance.errors import InputError
from surveillance.feeds.drafting.columns import (
    FINANCIAL_YEAR,
    Heading,
    date_format,
    filled,
    first_saying,
    headings_of,
    is_month,
    is_numeric,
    is_quarter,
    is_year,
    share,
)
from surveillance.feeds.headings import HEADING_JOIN
from surveillance.feeds.reshaping import reshape
from surveillance.feeds.shaping import Shape, UnpivotRule
from surveillance.feeds.table import Table
from surveillance.register import Register

_LEAST_WIDE = 3
_HARM = ("occur", "event", "death", "died", "incident", "seiz", "harm", "dod")
_TIME = ("date", "day", "dt", "time", "period", "month", "week")
_RECEIPT = ("receiv", "notif", "report", "regist", "publish", "enter", "created", "updated")
_PLACE = (
    "area", "region", "country", "state", "county", "authority", "district", "place", "force",
    "police", "lsoa", "local", "residence", "town", "city",
)  # fmt: skip
_LSOA_ENDING = 5
_RECOGNISED, _RECOGNISED_WITH_HINT = 0.6, 0.3


@dataclass(frozen=True)
class DayGuess:
    """Where the day stands: one column with a format, or parts of a date.

    ``constant_year`` is set where the file has months and no year.
    """

    columns: tuple[str, ...]
    form: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    first_month: int = 1
    constant_year: str = ""
    is_ambiguous: bool = False


@dataclass(frozen=True)
class AreaGuess:
    """Where the area stands; no column: nothing in the file names one."""

    column: str = ""
    within: str = "UK"
    kinds: tuple[str, ...] = ()
    drop_last: int = 0


def find_unpivot(table: Table) -> UnpivotRule | None:
    """Find out whether the table is wide: three or more headings that are periods."""
    periods = {name: kinds for name in table.columns if (kinds := _period_parts(name))}
    if len(periods) < _LEAST_WIDE:
        return None
    by = tuple(
        one.name
        for one in headings_of(table)
        if one.name not in periods and not is_numeric(filled(table, one.name))
    )
    others = [name for name in table.columns if name and name not in periods and name not in by]
    if not by or others:
        return None
    names = next(iter(periods.values()))
    return UnpivotRule(by=by, names=names, value="figure")


def _period_parts(heading: str) -> tuple[str, ...]:
    """Name the parts of a heading that is a period; none where it is not."""
    names = []
    for part in heading.split(HEADING_JOIN):
        tests = (("year", is_year), ("quarter", is_quarter), ("month", is_month))
        kind = next((name for name, test in tests if test(part)), "")
        if not kind and date_format(pd.Series([part], dtype=str)):
            kind = "period"
        names.append(kind)
    known = all(names) and len(set(names)) == len(names)
    return tuple(names) if known and names[0] in ("year", "period") else ()


def unpivoted(table: Table, rule: UnpivotRule | None) -> Table:
    """Give the table as rows, whatever it was."""
    return reshape(table, Shape(unpivot=rule), find_area=lambda _text: None).table


def find_day(table: Table, *, year_hint: str) -> DayGuess:
    """Find the day of the harm or observation.

    Args:
        table: the sample.
        year_hint: a year to fall back on where the file gives months alone.

    Raises:
        InputError: no column holds dates, years or months.
    """
    headings = headings_of(table)
    parts = _find_parts(table, headings)
    dated = [(one, form) for one in headings if (form := date_format(filled(table, one.name)))]
    if dated:
        best, form = max(dated, key=lambda item: _dated_score(item[0]))
        months = filled(table, best.name)
        other = {"%d/%m/%Y": "%m/%d/%Y", "%m/%d/%Y": "%d/%m/%Y"}.get(form, "")
        both = other and pd.to_datetime(months, format=other, errors="coerce").notna().all()
        return DayGuess((best.name,), form=form, is_ambiguous=bool(both))
    if not parts:
        raise InputError(
            "No column of the sample holds dates, years or months, so that it cannot be a feed: a "
            f"record needs its day. Found: {', '.join(one.name for one in headings)}. No "
            "description was written."
        )
    years = filled(table, parts["year"]) if "year" in parts else pd.Series([], dtype=str)
    financial = bool(len(years)) and share(years, lambda t: bool(FINANCIAL_YEAR.fullmatch(t))) > 0
    lacks_year = "year" not in parts
    return DayGuess(
        tuple(parts.values()),
        parts={"year": "year", **parts} if lacks_year else parts,
        first_month=4 if financial else 1,
        constant_year=year_hint if lacks_year else "",
    )


def _dated_score(heading: Heading) -> int:
    if heading.says(*_RECEIPT):
        return 0
    return 3 if heading.says(*_HARM) else 2 if heading.says(*_TIME) else 1


def _find_parts(table: Table, headings: Sequence[Heading]) -> dict[str, str]:
    tests = (
        ("year", ("year", "yyyy", "fy"), is_year),
        ("quarter", ("quarter", "qtr"), is_quarter),
        ("month", ("month",), is_month),
    )
    parts: dict[str, str] = {}
    for part, words, test in tests:
        for heading in headings:
            is_named = heading.says(*words) and part not in parts
            if is_named and share(filled(table, heading.name), test) == 1:
                parts[part] = heading.name
    if "quarter" in parts:
        parts.pop("month", None)
    time_named = next((one for one in headings if one.says("time", "period")), None)
    if not parts and time_named and share(filled(table, time_named.name), is_year) == 1:
        parts["year"] = time_named.name
    return parts


def find_receipt(table: Table, *, besides: Collection[str]) -> tuple[str, str] | None:
    """Find the column and the format of the moment when the source learnt of a record."""
    for heading in headings_of(table):
        if heading.name in besides or not heading.says("receiv", "notif", "report"):
            continue
        texts = filled(table, heading.name)
        form = date_format(texts)
        if form and len(texts) == len(table):
            return heading.name, form
    return None


def find_area(table: Table, register: Register, *, besides: Collection[str]) -> AreaGuess:
    """Find the column whose values the register recognises as areas."""
    best, guess = 0.0, AreaGuess()
    for heading in headings_of(table):
        texts = filled(table, heading.name)
        if heading.name in besides or texts.empty or is_numeric(texts):
            continue
        drop_last = _LSOA_ENDING if heading.says("lsoa") and not heading.says("code") else 0
        for root in ("UK", "US", ""):
            found = share(texts, _recognises(register, root, drop_last))
            is_place = heading.says(*_PLACE)
            if found < (_RECOGNISED_WITH_HINT if is_place else _RECOGNISED):
                continue
            score = found + 0.2 * is_place + 0.05 * heading.says("code")
            if score > best:
                best = score
                guess = AreaGuess(heading.name, root, _kinds(heading, texts, register), drop_last)
    return guess


def _recognises(register: Register, root: str, drop_last: int) -> Callable[[str], bool]:
    def recognise(text: str) -> bool:
        cut = text[:-drop_last].strip() if drop_last else text
        return register.areas.resolve(cut, within=root) is not None

    return recognise


def _kinds(heading: Heading, texts: "pd.Series[str]", register: Register) -> tuple[str, ...]:
    """Say which kinds are meant where a force shares its name with a county."""
    kinds = ("police_area",)
    if not heading.says("force", "police"):
        return ()
    found = share(texts, lambda text: register.areas.resolve(text, kinds=kinds) is not None)
    return kinds if found >= _RECOGNISED else ()


def find_key(table: Table, candidates: Sequence[str]) -> tuple[str, ...]:
    """Find the columns that name each row once; none where nothing does."""
    for heading in headings_of(table):
        is_key = heading.says("id", "ref", "key", "identifier") or re.search(
            r"(?:^|[\s_])(?:no|number)$", heading.name.casefold()
        )
        texts = table.texts(heading.name)
        if is_key and (texts != "").all() and texts.is_unique:
            return (heading.name,)
    chosen: list[str] = []
    for name in dict.fromkeys(candidates):
        if (table.texts(name) == "").any():
            continue
        chosen.append(name)
        keys = pd.MultiIndex.from_arrays([table.texts(one) for one in chosen])
        if keys.is_unique:
            return tuple(chosen)
    return ()


def find_category(table: Table, *, besides: Collection[str]) -> str:
    """Find a column that divides the figures, such as an offence; empty where there is none."""
    headings = headings_of(table)
    words = ("type", "category", "class", "group", "offence", "object", "sample", "measure")
    name = first_saying(headings, *words, besides=besides)
    if name is None or is_numeric(filled(table, name)):
        return ""
    return name if 1 < table.texts(name).nunique() <= len(table) // 2 else ""
