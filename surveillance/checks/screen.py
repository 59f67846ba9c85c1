"""Turn record rows into plain columns that expectations can judge, without any free text.

Lists become numbers of entries, moments lose their zone, texts become the kinds of
identifier found in them. What a page for analysts is made of can then hold no narrative.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.checks.identifiers import find_in_texts
from surveillance.domain import (
    KIND_COLUMNS,
    UNKNOWN_AREA,
    UNKNOWN_SUBSTANCE,
    Column,
    record_columns,
)

# A feed's days are British days, and British Summer Time is an hour ahead of UTC.
AHEAD_OF_UTC = timedelta(hours=1)
# The usual price of a gram in pounds, to the nearest handy number: heroin and cocaine retail
# at 40 to 100, ounces at 20 to 40, kilograms at about 25 (docs/field.md, price and purity).
USUAL_PRICE_PER_GRAM = {"retail": 40.0, "mid": 30.0, "wholesale": 20.0}
IDENTIFIER_WORDS = "identifier of a person: "
_OF_THE_BATCH = ("row_number", "raw")
_EPOCH = date(1970, 1, 1).toordinal()
_NO_DAY = np.iinfo(np.int64).min
# The library compares days quickly in nanoseconds alone, which reach from 1677 to 2262. A day
# beyond is as wrong at the end of that time as where it stands.
_FARTHEST_DAY = 106_000


def screen_rows(
    rows: pd.DataFrame,
    *,
    kind: str,
    latest_day: datetime,
    known_area_codes: frozenset[str],
    content_hashes: Sequence[str],
) -> pd.DataFrame:
    """Prepare rows for the suite of their kind.

    Args:
        rows: exactly the columns of ``record_columns(kind)``.
        kind: record kind.
        latest_day: days after it are of the future.
        known_area_codes: codes of the register.
        content_hashes: of what each row says.

    Returns:
        As many rows in the same order, numbered from 0; the coded, counted and dated columns
        of the kind and the helper columns that ``expectations`` names.
    """
    columns = record_columns(kind)
    screen = pd.DataFrame(
        {
            column.name: _plain(rows[column.name], column)
            for column in columns
            if column.dtype not in ("text", "list")
        },
        index=pd.RangeIndex(len(rows)),
    )
    screen["source_ref"] = rows["source_ref"].to_numpy(dtype=object)
    _add_times(screen, latest_day=latest_day)
    _add_substances(screen, rows["substances"].tolist())
    area_codes = rows["area_code"].tolist()
    screen["area_is_known"] = [code != UNKNOWN_AREA for code in area_codes]
    screen["area_is_registered"] = [
        code is None or code == UNKNOWN_AREA or code in known_area_codes for code in area_codes
    ]
    screen["age_is_given"] = rows["age_band"].notna().to_numpy()
    screen["identifiers"] = _name_identifiers(rows, columns)
    _add_repeats(screen, rows["row_number"].tolist(), content_hashes)
    if kind in _FURTHER:
        _FURTHER[kind](screen, rows)
    return screen


def _plain(values: pd.Series, column: Column) -> Any:
    """Give the values of a column as the expectations can compare them."""
    if column.dtype in ("int", "float"):
        return pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    if column.dtype == "date":
        return _days(values.tolist())
    if column.dtype == "moment":
        return _moments(values.tolist())
    if column.dtype == "bool":
        return values.fillna(False).to_numpy(dtype=bool)
    return values.to_numpy(dtype=object)


def _days(values: Sequence[date | None]) -> npt.NDArray[np.datetime64]:
    known = {day: _day_number(day) for day in set(values)}
    return _in_reach([known[day] for day in values], "D")


def _day_number(day: date | None) -> int:
    return _NO_DAY if pd.isna(day) else day.toordinal() - _EPOCH


def _moments(values: Sequence[Any]) -> npt.NDArray[np.datetime64]:
    # Of one time zone and with microseconds, which pandas reads from datetimes as they are.
    index = pd.DatetimeIndex(pd.to_datetime(list(values), utc=True)).as_unit("us")
    return _in_reach(index.asi8, "us")


def _in_reach(numbers: Any, unit: str) -> npt.NDArray[np.datetime64]:
    """Make moments of numbers since 1970, those out of the reach of nanoseconds at its end."""
    counted = np.array(numbers, dtype=np.int64)
    farthest = np.timedelta64(_FARTHEST_DAY, "D").astype(f"timedelta64[{unit}]").astype(np.int64)
    bounded = np.where(counted == _NO_DAY, _NO_DAY, np.clip(counted, -farthest, farthest))
    return bounded.astype(f"datetime64[{unit}]").astype("datetime64[ns]")


def _add_times(screen: pd.DataFrame, *, latest_day: datetime) -> None:
    received = screen["received_at"]
    screen["received_day"] = (received + AHEAD_OF_UTC).dt.floor("D")
    # Of two versions in one fetch only the source knows which came first.
    screen["known_at"] = screen["source_received_at"].fillna(received)
    occurred = screen["occurred_on"]
    screen["occurred_by_fetch"] = occurred.where(occurred <= latest_day)


def _add_substances(screen: pd.DataFrame, mentions: Sequence[Any]) -> None:
    """Count the substances; a withdrawal need not repeat them, so it counts as having one."""
    numbers = np.array([len(named) if named is not None else 0 for named in mentions])
    screen["n_substances"] = np.where(screen["withdrawn"], np.maximum(numbers, 1), numbers)
    screen["substances_are_recognised"] = [
        not any(
            mention.substance_id == UNKNOWN_SUBSTANCE and mention.verbatim.strip()
            for mention in named or ()
        )
        for named in mentions
    ]


def _name_identifiers(rows: pd.DataFrame, columns: Sequence[Column]) -> list[str | None]:
    """Say for each row which identifiers stand in which columns, None where there are none.

    The record's key is judged with those of the whole batch, not here.
    """
    found: dict[int, list[str]] = {}
    for column in columns:
        if column.name in (*_OF_THE_BATCH, "source_ref") or column.dtype not in ("text", "code"):
            continue
        for place, kinds in find_in_texts(rows[column.name].tolist()).items():
            found.setdefault(place, []).extend(f"{kind} in {column.name}" for kind in kinds)
    for place, kinds in _find_in_mentions(rows["substances"].tolist()):
        found.setdefault(place, []).extend(f"{kind} in substances" for kind in kinds)
    return [
        IDENTIFIER_WORDS + ", ".join(dict.fromkeys(found[place])) if place in found else None
        for place in range(len(rows))
    ]


def _find_in_mentions(rows: Sequence[Any]) -> Iterator[tuple[int, tuple[str, ...]]]:
    distinct = list({mention.verbatim for named in rows for mention in named or ()})
    found = {distinct[place]: kinds for place, kinds in find_in_texts(distinct).items()}
    if found:
        for place, named in enumerate(rows):
            for mention in named or ():
                if mention.verbatim in found:
                    yield place, found[mention.verbatim]


def _add_repeats(
    screen: pd.DataFrame, row_numbers: Sequence[int], content_hashes: Sequence[str]
) -> None:
    """Mark rows that say exactly what an earlier row of the part said."""
    repeat_of: list[str | None] = [None] * len(screen)
    repeat_number = np.zeros(len(screen), dtype=np.int64)
    key = ["source_ref", "known_at", "withdrawn"]
    places = np.flatnonzero(screen.duplicated(key, keep=False)).tolist()
    known_at = screen["known_at"].tolist()
    first: dict[tuple[Any, str], int] = {}
    for place in places:
        earlier = first.setdefault((known_at[place], content_hashes[place]), place)
        if earlier != place:
            repeat_of[place] = f"repeats row {row_numbers[earlier]}"
            repeat_number[place] = place
    screen["repeat_of"] = repeat_of
    screen["repeat_number"] = repeat_number


def _add_market(screen: pd.DataFrame, _rows: pd.DataFrame) -> None:
    price, mass, level = screen["price_gbp"], screen["deal_mass_g"], screen["market_level"]
    measures = ["price_gbp", "price_foreign", "purity_percent"]
    numbers = screen[measures].notna().sum(axis=1).to_numpy()
    screen["n_measures"] = np.where(screen["withdrawn"], np.maximum(numbers, 1), numbers)
    screen["price_has_level"] = price.isna() | level.notna()
    per_gram = (price / mass).where((price > 0) & (mass > 0))
    screen["price_log10_over_usual"] = np.log10(
        per_gram / level.map(USUAL_PRICE_PER_GRAM).astype(float)
    )


def _add_indicator(screen: pd.DataFrame, _rows: pd.DataFrame) -> None:
    numbers = screen[["numerator", "value"]].notna().sum(axis=1).to_numpy()
    screen["n_figures"] = np.where(screen["withdrawn"], np.maximum(numbers, 1), numbers)
    screen["is_not_cancelled"] = ~(screen["numerator"] < 0)


def _add_event(screen: pd.DataFrame, rows: pd.DataFrame) -> None:
    heads = [column.name for column in KIND_COLUMNS["event"] if column.dtype == "text"]
    numbers = rows[heads].notna().sum(axis=1).to_numpy()
    screen["n_heads"] = np.where(screen["withdrawn"], np.maximum(numbers, 1), numbers)


_FURTHER: Mapping[str, Callable[[pd.DataFrame, pd.DataFrame], None]] = {
    "market_observation": _add_market,
    "indicator": _add_indicator,
    "event": _add_event,
}
