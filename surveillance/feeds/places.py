"""Which area of the register each row lies in."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from surveillance.domain import UNKNOWN_AREA
from surveillance.feeds.rules import AreaRule
from surveillance.feeds.table import Objects, Table
from surveillance.feeds.values import by_distinct, first_filled
from surveillance.register import Register


def find_areas(
    table: Table, rule: AreaRule, *, register: Register, findings: list[str]
) -> tuple[Objects, Objects]:
    """Find the area of each row and keep the source's words for it.

    The first of the columns that the register recognises counts. Where it recognises none,
    the area is *unknown*, with the words of the first column that has any.

    Returns:
        Codes and words, the words None where the source has none; both of shape (rows,).
    """
    find = area_finder(rule, register)
    codes: Objects = np.full(len(table), None, dtype=object)
    words = first_filled(table, rule.columns).to_numpy(dtype=object, copy=True)

    for column in rule.columns:
        texts: pd.Series[str] = table.texts(column)
        found = by_distinct(texts, find)
        fresh = np.array(
            [old is None and new is not None for old, new in zip(codes, found, strict=True)],
            dtype=bool,
        )
        codes[fresh] = found[fresh]
        words[fresh] = texts.to_numpy(dtype=object)[fresh]
    strange = np.array([code is None for code in codes], dtype=bool)
    if strange.any():
        findings.append(f"{strange.sum():,} of {len(table):,} areas not recognised")
    codes[strange] = UNKNOWN_AREA
    words[words == ""] = None
    return codes, words


def area_finder(rule: AreaRule, register: Register) -> Callable[[str], str | None]:
    """Make what gives the code of a place as the source writes it, None where there is none."""
    ignored = {value.casefold() for value in rule.missing}

    def find(text: str) -> str | None:
        if not text or text.casefold() in ignored:
            return None
        code = register.areas.resolve(text, within=rule.within, kinds=rule.kinds)
        if code is None or code == UNKNOWN_AREA:
            return None
        return _lifted(code, rule.level, register=register)

    return find


def _lifted(code: str, level: str, *, register: Register) -> str:
    """Give the ancestor of a kind; the area itself if it is of that kind or has none above."""
    if not level or register.areas.get(code).kind == level:
        return code
    above = register.areas.ancestors(code)
    return next((one for one in above if register.areas.get(one).kind == level), code)
