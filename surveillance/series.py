"""Turn records into panels: units (substance x area) by periods, hierarchies summed.

It is pure: what a question may know was decided when the records were read. Sparse while
counting, dense only in the panel.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import (
    COMPLETE,
    COUNTED_ROLES,
    NOT_SUPPLIED,
    UNKNOWN_AREA,
    Flags,
    Floats,
    Panel,
    Stream,
)
from surveillance.measures import RATE, VALUE, figures_of, is_summed, needed_fields
from surveillance.periods import (
    PERIODS_PER_YEAR,
    Days,
    floor_days,
    period_starts,
)
from surveillance.register import Register
from surveillance.supply import period_states, reports_due, without_code

Codes = npt.NDArray[np.intp]
Names = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Question:
    """What a panel is to tell.

    Attributes:
        as_of: the moment whose knowledge is used.
        supplied_until: when the stream's feeds last brought anything, or None.
        history_periods: at most so many periods are kept, the newest ones.
        keep_unit: says of a substance and area whether it is wanted; all where None.
        missing_days: days of which records were taken away and not brought again.
    """

    as_of: datetime
    supplied_until: datetime | None
    history_periods: int
    keep_unit: Callable[[str, str], bool] | None = None
    missing_days: frozenset[date] = frozenset()


def shard_of(substance_id: str, area_code: str, shards: int) -> int:
    """Give the shard a unit is judged in; the same on every machine."""
    return zlib.crc32(f"{substance_id}|{area_code}".encode()) % shards


def select_records(records: pd.DataFrame, stream: Stream) -> pd.DataFrame:
    """Keep the records that a stream's case definition counts."""
    chosen = records["feed"].isin(stream.feeds)
    for column, accepted in stream.where.items():
        chosen &= records[column].isin(accepted)
    for column in needed_fields(stream.measure):
        chosen &= records[column].notna()
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
    period with a report missing is not supplied. Denominators are summed over areas and not over
    substances, which may share them; estimates are summed over neither.

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
    inside = chosen[chosen["occurred_on"] >= starts[0].item()]
    cells = _cells(inside, mentions, starts, stream=stream, register=register)
    if question.keep_unit is not None:
        cells = cells.wanted(question.keep_unit)
    if not len(cells.period):
        return None
    silent = without_code(
        list(cells.areas[cells.units()[0] % len(cells.areas)]),
        starts,
        reporting=set(inside["area_code"]),
        register=register.areas,
    )
    return _dense(cells, starts, stream, register, question, silent)


def _periods(chosen: pd.DataFrame, stream: Stream, question: Question) -> Days | None:
    if chosen.empty:
        return None
    today = question.as_of.date()
    last = max(today - timedelta(days=1), chosen["occurred_on"].min())
    starts = period_starts(stream.cadence, chosen["occurred_on"].min(), last)
    return starts[-question.history_periods :]


def _days(days: "pd.Series[date]") -> Days:
    return days.to_numpy(dtype="datetime64[D]")


@dataclass(frozen=True)
class _Cells:
    """One entry a record and unit: parallel arrays, with the units' names beside them."""

    substances: Names
    areas: Names
    substance: Codes
    area: Codes
    period: Codes
    low: Floats
    high: Floats
    base: Floats
    day: Days

    def units(self) -> tuple[Codes, Codes]:
        """Give the distinct units and, for each entry, its place among them."""
        return np.unique(self.substance * len(self.areas) + self.area, return_inverse=True)

    def wanted(self, keep_unit: Callable[[str, str], bool]) -> "_Cells":
        """Keep the entries of the units that are wanted."""
        units, place = self.units()
        kept = np.array(
            [
                keep_unit(
                    self.substances[unit // len(self.areas)], self.areas[unit % len(self.areas)]
                )
                for unit in units
            ],
            dtype=bool,
        )
        chosen = kept[place]
        return replace(
            self,
            substance=self.substance[chosen],
            area=self.area[chosen],
            period=self.period[chosen],
            low=self.low[chosen],
            high=self.high[chosen],
            base=self.base[chosen],
            day=self.day[chosen],
        )


def _cells(
    rows: pd.DataFrame,
    mentions: pd.DataFrame,
    starts: Days,
    *,
    stream: Stream,
    register: Register,
) -> _Cells:
    """Count each record for every substance and every area it belongs to."""
    record, substance, substances = _substance_units(rows, mentions, stream, register)
    place, area, areas = _area_units(rows, stream, register)
    # For each pair of record and substance, one entry for each area of that record.
    order, first, number = _spans(place, len(rows))
    entries = number[record]
    pair = np.repeat(np.arange(len(record)), entries)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(entries) - entries, entries)
    owner = record[pair]
    floored = floor_days(stream.cadence, _days(rows["occurred_on"]))
    figures = figures_of(rows, stream.measure)
    return _Cells(
        substances=substances,
        areas=areas,
        substance=substance[pair],
        area=area[order][first[owner] + step],
        period=np.searchsorted(starts, floored)[owner],
        low=figures.low[owner],
        high=figures.high[owner],
        base=figures.base[owner],
        day=_days(rows["occurred_on"])[owner],
    )


def _spans(owners: Codes, count: int) -> tuple[Codes, Codes, Codes]:
    """Give the order that brings an owner's entries together, and where they start."""
    order = np.argsort(owners, kind="stable")
    number = np.bincount(owners, minlength=count)
    return order, np.cumsum(number) - number, number


def _substance_units(
    rows: pd.DataFrame, mentions: pd.DataFrame, stream: Stream, register: Register
) -> tuple[Codes, Codes, Names]:
    """Give pairs of record and substance unit, each once, and the units' names."""
    record = pd.Index(rows["version_id"]).get_indexer(pd.Index(mentions["version_id"]))
    counted = (record >= 0) & mentions["role"].isin(COUNTED_ROLES).to_numpy()
    own, names = pd.factorize(mentions["substance_id"][counted])
    reported = frozenset() if stream.absent_means_zero else frozenset(names)
    chains = [
        _branch(name, register.substances.ancestors(name), stream.groups, reported)
        for name in names
    ]
    if stream.measure in (RATE, VALUE):
        chains = [chain[:1] for chain in chains]
    entry, unit, units = _unrolled(own, chains)
    pairs = np.unique(record[counted][entry] * max(1, len(units)) + unit)
    return pairs // max(1, len(units)), pairs % max(1, len(units)), units


def _area_units(
    rows: pd.DataFrame, stream: Stream, register: Register
) -> tuple[Codes, Codes, Names]:
    """Give pairs of record and area unit, and the units' names."""
    own, names = pd.factorize(rows["area_code"])
    reported = frozenset() if stream.absent_means_zero else frozenset(names)
    chains = [_place(name, stream.area_root, register, reported) for name in names]
    if stream.measure == VALUE:
        chains = [
            chain[:1] if own in chain else [] for own, chain in zip(names, chains, strict=True)
        ]
    return _unrolled(own, chains)


def _unrolled(own: Codes, chains: Sequence[Sequence[str]]) -> tuple[Codes, Codes, Names]:
    """Replace each entry by the units of its chain: entry, unit and the units' names."""
    units = np.array(sorted({unit for chain in chains for unit in chain}), dtype=object)
    code = {unit: number for number, unit in enumerate(units)}
    flat = np.array([code[unit] for chain in chains for unit in chain], dtype=np.intp)
    lengths = np.array([len(chain) for chain in chains], dtype=np.intp)
    entries = lengths[own] if len(lengths) else np.zeros(0, dtype=np.intp)
    entry = np.repeat(np.arange(len(own)), entries)
    step = np.arange(len(entry)) - np.repeat(np.cumsum(entries) - entries, entries)
    first = np.cumsum(lengths) - lengths
    return entry, flat[first[own[entry]] + step], units


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
    members = register.areas.get(root).members
    if members and root not in chain:
        # A police or action area lies across the tree: its members lead to it.
        part = next((code for code in chain if code in members), None)
        chain = [] if part is None else [*chain[: chain.index(part) + 1], root]
    if root not in chain:
        return []
    inside = chain[: chain.index(root) + 1]
    return [code for code in inside if code == area or code not in reported]


def _dense(
    cells: _Cells,
    starts: Days,
    stream: Stream,
    register: Register,
    question: Question,
    silent: Flags,
) -> Panel:
    keys, unit = cells.units()
    substances = cells.substances[keys // len(cells.areas)]
    areas = cells.areas[keys % len(cells.areas)]
    shape = (len(keys), len(starts))
    flat = unit * shape[1] + cells.period
    reports = _sum(flat, np.ones(len(flat)), shape)
    low, high, base = (_sum(flat, values, shape) for values in (cells.low, cells.high, cells.base))
    exposure = _population(areas, register, shape)
    if stream.measure == RATE:
        exposure = base
    elif not is_summed(stream.measure):
        low, high, exposure = low / _gaps(reports), high / _gaps(reports), reports
    states = period_states(
        starts, stream, as_of=question.as_of, supplied_until=question.supplied_until
    )
    missing = np.array(sorted(question.missing_days), dtype="datetime64[D]")
    states[np.isin(starts, floor_days(stream.cadence, missing))] = NOT_SUPPLIED
    state = np.broadcast_to(states, shape).copy()
    state[silent & (reports == 0)] = NOT_SUPPLIED
    absent = np.zeros(shape, dtype=bool)
    if stream.measure == RATE or not is_summed(stream.measure):
        absent = reports == 0
    if is_summed(stream.measure) and not stream.absent_means_zero:
        dates = _dates(flat, cells.day, shape)
        absent |= reports < reports_due(reports, dates, starts, stream.cadence)
    state[absent & (state == COMPLETE)] = NOT_SUPPLIED
    for values in (low, high):
        values[absent | (state == NOT_SUPPLIED)] = np.nan
    return Panel(
        units=pd.DataFrame(
            {"substance_id": substances, "area_code": areas, "unit": substances + "|" + areas}
        ),
        frequency=PERIODS_PER_YEAR[stream.cadence],
        starts=starts,
        low=low,
        high=high,
        state=state,
        exposure=exposure,
        cadence=stream.cadence,
    )


def _dates(flat: Codes, days: Days, shape: tuple[int, int]) -> Floats:
    """Count the distinct days of each cell."""
    place = (days - days.min()).astype(np.int64)
    span = int(place.max()) + 1
    cells = np.unique(flat * span + place) // span
    return _sum(cells, np.ones(len(cells)), shape)


def _sum(flat: Codes, values: Floats, shape: tuple[int, int]) -> Floats:
    summed = np.bincount(flat, weights=values, minlength=shape[0] * shape[1])
    return summed.astype(np.float64).reshape(shape)


def _gaps(reports: Floats) -> Floats:
    return np.where(reports == 0, np.nan, reports)


def _population(areas: Names, register: Register, shape: tuple[int, int]) -> Floats:
    """Give each unit's population, NaN where the register has none; shape (units, periods)."""
    known = {code: float(register.areas.get(code).population or np.nan) for code in set(areas)}
    column = np.array([known[code] for code in areas], dtype=np.float64)
    return np.broadcast_to(column[:, np.newaxis], shape)
