"""Turn records into panels: units (substance x area) by periods, hierarchies summed.

It is pure: what a question may know was decided when the records were read. Sparse while
counting, dense only in the panel.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import (
    COMPLETE,
    FILLING,
    NOT_SUPPLIED,
    UNKNOWN_AREA,
    Panel,
    Stream,
)
from surveillance.periods import (
    PERIODS_PER_YEAR,
    Cadence,
    Days,
    floor_days,
    last_complete_period,
    period_end,
    period_starts,
)
from surveillance.register import Register

Codes = npt.NDArray[np.intp]
_COUNTED_ROLES = ("suspect", "implicated", "detected", "co-used")


@dataclass(frozen=True)
class Question:
    """What a panel is to tell.

    Attributes:
        as_of: the moment whose knowledge is used.
        supplied_until: when the stream's feeds last brought anything, or None.
        history_periods: at most so many periods are kept, the newest ones.
        keep_unit: says of a substance and area whether it is wanted; all where None.
    """

    as_of: datetime
    supplied_until: datetime | None
    history_periods: int
    keep_unit: Callable[[str, str], bool] | None = None


def shard_of(substance_id: str, area_code: str, shards: int) -> int:
    """Give the shard a unit is judged in; the same on every machine."""
    return zlib.crc32(f"{substance_id}|{area_code}".encode()) % shards


def select_records(records: pd.DataFrame, stream: Stream) -> pd.DataFrame:
    """Keep the records that a stream's case definition counts."""
    chosen = records["feed"].isin(stream.feeds)
    for column, accepted in stream.where.items():
        chosen &= records[column].isin(accepted)
    if stream.measure != "count":
        chosen &= records[stream.measure].notna()
    return records[chosen]


def build_panel(
    records: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    stream: Stream,
    register: Register,
    question: Question,
) -> Panel | None:
    """Count a stream's records into a panel, or give None where there is nothing to count.

    A record that names two substances of one group counts once for the group. A record whose
    area is not known counts for the stream's whole area only. Where counts are reported
    instead of single records, a parent that is itself reported is not summed again, and a
    period with a report missing is not supplied.

    Args:
        records: newest known versions, as :func:`surveillance.store.records.load` gives them.
        mentions: version_id, substance_id and role of each substance named.
        stream: the case definition.
        register: names, groups and areas.
        question: the moment, the supply and the units wanted.

    Returns:
        A panel over the periods from the first record to ``as_of``, or None.
    """
    chosen = select_records(records, stream)
    starts = _periods(chosen, stream, question)
    if starts is None:
        return None
    rows = chosen.assign(
        period=np.searchsorted(
            starts, floor_days(stream.cadence, _days(chosen["occurred_on"])), side="left"
        )
    )
    rows = rows[(rows["occurred_on"] >= starts[0].item())]
    cells = _cells(rows, mentions, stream, register)
    if question.keep_unit is not None:
        cells = _wanted(cells, question.keep_unit)
    if cells.empty:
        return None
    return _dense(cells, starts, stream, register, question)


def _periods(chosen: pd.DataFrame, stream: Stream, question: Question) -> Days | None:
    if chosen.empty:
        return None
    today = question.as_of.date()
    last = max(today - timedelta(days=1), chosen["occurred_on"].min())
    starts = period_starts(stream.cadence, chosen["occurred_on"].min(), last)
    return starts[-question.history_periods :]


def _days(days: "pd.Series[date]") -> Days:
    return days.to_numpy(dtype="datetime64[D]")


def _cells(
    rows: pd.DataFrame, mentions: pd.DataFrame, stream: Stream, register: Register
) -> pd.DataFrame:
    """Give one row a record and unit: substance_id, area_code, period, low, high, weight."""
    substances = _substance_units(rows, mentions, stream, register)
    areas = _area_units(rows, stream, register)
    columns = ["version_id", "period", "count_low", "count_high"]
    measured = stream.measure != "count"
    base = rows[[*columns, *([stream.measure] if measured else [])]]
    cells = base.merge(substances, on="version_id").merge(areas, on="version_id")
    if measured:
        values = cells[stream.measure].astype("float64")
        return cells.assign(low=values, high=values)
    return cells.rename(columns={"count_low": "low", "count_high": "high"})


def _substance_units(
    rows: pd.DataFrame, mentions: pd.DataFrame, stream: Stream, register: Register
) -> pd.DataFrame:
    named = mentions[
        mentions["version_id"].isin(rows["version_id"]) & mentions["role"].isin(_COUNTED_ROLES)
    ]
    reported = frozenset() if stream.absent_means_zero else frozenset(named["substance_id"])
    chains = {
        substance: _branch(
            substance, register.substances.ancestors(substance), stream.groups, reported
        )
        for substance in named["substance_id"].unique()
    }
    units = named.assign(substance_id=named["substance_id"].map(chains)).explode("substance_id")
    return units[["version_id", "substance_id"]].dropna().drop_duplicates()


def _area_units(rows: pd.DataFrame, stream: Stream, register: Register) -> pd.DataFrame:
    reported = frozenset() if stream.absent_means_zero else frozenset(rows["area_code"])
    chains = {
        area: _place(area, stream.area_root, register, reported)
        for area in rows["area_code"].unique()
    }
    units = rows[["version_id"]].assign(area_code=rows["area_code"].map(chains))
    return units.explode("area_code").dropna()


def _branch(
    own: str, ancestors: Sequence[str], groups: Sequence[str], reported: frozenset[str]
) -> list[str]:
    """List the substance units a record counts for, the nearest first."""
    chain = [own, *(parent for parent in ancestors if parent not in reported)]
    if not groups:
        return chain
    inside = [index for index, unit in enumerate(chain) if unit in groups]
    return chain[: inside[-1] + 1] if inside else []


def _place(area: str, root: str, register: Register, reported: frozenset[str]) -> list[str]:
    """List the area units a record counts for, the nearest first; none outside the root."""
    if area == UNKNOWN_AREA:
        return [root]
    chain = [area, *register.areas.ancestors(area)]
    if root not in chain:
        return []
    inside = chain[: chain.index(root) + 1]
    return [code for code in inside if code == area or code not in reported]


def _wanted(cells: pd.DataFrame, keep_unit: Callable[[str, str], bool]) -> pd.DataFrame:
    units = cells[["substance_id", "area_code"]].drop_duplicates()
    pairs = zip(units["substance_id"], units["area_code"], strict=True)
    kept = units[[keep_unit(substance, area) for substance, area in pairs]]
    return cells.merge(kept, on=["substance_id", "area_code"])


def _dense(
    cells: pd.DataFrame, starts: Days, stream: Stream, register: Register, question: Question
) -> Panel:
    keys = cells[["substance_id", "area_code"]].drop_duplicates()
    units = keys.sort_values(["substance_id", "area_code"], ignore_index=True)
    index = pd.MultiIndex.from_frame(units)
    unit = index.get_indexer(pd.MultiIndex.from_frame(cells[["substance_id", "area_code"]]))
    shape = (len(units), len(starts))
    flat = unit * shape[1] + cells["period"].to_numpy()
    reports = _sum(flat, np.ones(len(cells)), shape)
    low, high = (_sum(flat, cells[side].to_numpy("float64"), shape) for side in ("low", "high"))
    state = np.broadcast_to(_period_states(starts, stream, question), shape).copy()
    exposure = _population(units["area_code"], register, shape)
    if stream.measure != "count":
        low, high, exposure = low / _gaps(reports), high / _gaps(reports), reports
        state[reports == 0] = NOT_SUPPLIED
    elif not stream.absent_means_zero:
        state[reports < _reports_due(cells, starts, stream.cadence, unit, shape)] = NOT_SUPPLIED
    for values in (low, high):
        values[state == NOT_SUPPLIED] = np.nan
    names = units["substance_id"] + "|" + units["area_code"]
    return Panel(
        units=units.assign(unit=names),
        frequency=PERIODS_PER_YEAR[stream.cadence],
        starts=starts,
        low=low,
        high=high,
        state=state,
        exposure=exposure,
        cadence=stream.cadence,
    )


def _sum(
    flat: Codes, values: npt.NDArray[np.float64], shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    return np.bincount(flat, weights=values, minlength=shape[0] * shape[1]).reshape(shape)


def _gaps(reports: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(reports == 0, np.nan, reports)


def _period_states(starts: Days, stream: Stream, question: Question) -> npt.NDArray[np.int8]:
    """Say of each period whether it is complete, still filling or not supplied."""
    states = np.full(len(starts), COMPLETE, dtype=np.int8)
    last = last_complete_period(
        stream.cadence, as_of=question.as_of, filling_days=stream.filling_days
    )
    states[starts > np.datetime64(last, "D")] = FILLING
    supplied = question.supplied_until
    if supplied is None or question.as_of - supplied > timedelta(days=stream.silence_days):
        # A period that had not settled when the feed fell silent was never supplied whole.
        heard = question.as_of - timedelta(days=36_500) if supplied is None else supplied
        settled = last_complete_period(
            stream.cadence, as_of=heard, filling_days=stream.filling_days
        )
        states[starts > np.datetime64(settled, "D")] = NOT_SUPPLIED
    return states


def _reports_due(
    cells: pd.DataFrame, starts: Days, cadence: Cadence, unit: Codes, shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Give how many reports make a period whole: one a day and reporting series."""
    ends = [np.datetime64(period_end(cadence, start.item()), "D") for start in starts]
    days = (np.array(ends) - starts).astype("int64").astype("float64")
    per_period = _sum(unit * shape[1] + cells["period"].to_numpy(), np.ones(len(cells)), shape)
    series = np.maximum(1.0, np.ceil((per_period / days).max(axis=1, keepdims=True)))
    daily = per_period.max(axis=1, keepdims=True) > series
    return np.where(daily, days[np.newaxis, :] * series, series)


def _population(
    areas: "pd.Series[str]", register: Register, shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Give each unit's population, NaN where the register has none; shape (units, periods)."""
    known: Mapping[str, float] = {
        code: float(register.areas.get(code).population or np.nan) for code in areas.unique()
    }
    return np.broadcast_to(areas.map(known).to_numpy("float64")[:, np.newaxis], shape)
