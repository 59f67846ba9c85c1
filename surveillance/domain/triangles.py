"""Reporting triangles: events by the period they happened in and the delay until they arrived."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain.panels import Flags, Floats
from surveillance.periods import Cadence, Days, floor_days, period_starts

Places = npt.NDArray[np.int64]

# What a person calls a date -> the column that holds it. ``received`` is no column: it is the
# receipt of the first version of a record that was counted.
TRIANGLE_DATES: Mapping[str, str] = {
    "occurred": "occurred_on",
    "presented": "presentation_date",
    "registered": "registered_on",
    "coded": "coded_on",
    "received": "",
}


@dataclass(frozen=True)
class TriangleQuestion:
    """Which events are counted, and between which two dates.

    Attributes:
        kind: the record kind.
        feeds: the feeds to read.
        as_of: the moment whose knowledge is used.
        cadence: the length of a period, and the unit of the delay.
        dates: the date an event belongs to and the date it arrived, by the names of
            ``TRIANGLE_DATES``; ``received`` can only be the second.
        substances: ids of the substances counted, None: every event.
        areas: codes of the areas counted, None: everywhere.
        where: coded field -> accepted values; every field must match.
    """

    kind: str
    feeds: Sequence[str]
    as_of: datetime
    cadence: Cadence
    dates: tuple[str, str] = ("occurred", "received")
    substances: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportingTriangle:
    """Events by period of occurrence and delay of arrival, as known at a moment.

    A source that counts or suppresses gives intervals, so there are two counts. NaN is what lies
    after the moment and cannot be known; it is never zero. The cells of the moment's own period
    are still filling.

    Attributes:
        starts: first day of each period of occurrence, shape (periods,), oldest first; the last
            one is the period of the moment.
        low: least possible number of events, shape (periods, delays); column d holds those that
            arrived d periods after their own.
        high: greatest possible number, shape (periods, delays).
        undated: events whose date of arrival is not known yet, shape (periods,).
        early: events left out because they arrived in a period before their own.
    """

    cadence: Cadence
    as_of: datetime
    starts: Days
    low: Floats
    high: Floats
    undated: Floats
    early: int

    @classmethod
    def count(
        cls,
        events: Iterable[tuple[date, date | None, int, int]],
        *,
        cadence: Cadence,
        as_of: datetime,
    ) -> "ReportingTriangle":
        """Count events into a triangle.

        Args:
            events: day, day of arrival (None: not known yet), least and greatest number.
            cadence: the length of a period.
            as_of: the moment of the question, in whose period the triangle ends.

        Example:
            >>> known = ReportingTriangle.count(
            ...     [(date(2026, 9, 1), date(2026, 9, 9), 1, 1), (date(2026, 9, 8), None, 1, 1)],
            ...     cadence="week",
            ...     as_of=datetime(2026, 9, 10, tzinfo=UTC),
            ... )
            >>> known.low.tolist(), known.undated.tolist()
            ([[0.0, 1.0], [0.0, nan]], [0.0, 1.0])
        """
        today = as_of.astimezone(UTC).date()
        found = [event for event in events if event[0] <= today]
        days, arrivals, least, most = zip(*found, strict=True) if found else ((), (), (), ())
        starts = period_starts(cadence, min(days, default=today), today)
        # A date that lies ahead has not arrived; its place is never used.
        dated = np.array([day is not None and day <= today for day in arrivals], dtype=bool)
        known = [day if there else today for day, there in zip(arrivals, dated, strict=True)]
        own, arrived = (_places(one, starts, cadence) for one in (days, known))
        delay = arrived - own
        cells = dated & (delay >= 0)
        shape = (len(starts), int(delay[cells].max(initial=0)) + 1)
        ahead = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) >= shape[0]
        low, high = (
            np.where(ahead, np.nan, _sums(own * shape[1] + delay, numbers, cells, shape))
            for numbers in (least, most)
        )
        return cls(
            cadence=cadence,
            as_of=as_of,
            starts=starts,
            low=low,
            high=high,
            undated=_sums(own, most, ~dated, (shape[0], 1))[:, 0],
            early=int(np.array(most, dtype=int)[dated & (delay < 0)].sum()),
        )

    def frame(self) -> pd.DataFrame:
        """List the cells that can be known: period, delay, low and high, oldest first.

        Events without a date of arrival stand under a delay of <NA>.
        """
        rows, delays = np.nonzero(~np.isnan(self.low))
        waiting = np.flatnonzero(self.undated)
        cells = pd.DataFrame(
            {
                "period": [day.item() for day in self.starts[np.concatenate([rows, waiting])]],
                "delay": pd.array([*delays.tolist(), *[None] * len(waiting)], dtype="Int64"),
                "low": np.concatenate([self.low[rows, delays], self.undated[waiting]]),
                "high": np.concatenate([self.high[rows, delays], self.undated[waiting]]),
            }
        )
        ordered = cells.sort_values(["period", "delay"], ignore_index=True)
        return ordered.astype({"low": "int64", "high": "int64"})


def _places(days: Sequence[date], starts: Days, cadence: Cadence) -> Places:
    """Give the place of each day's period, -1 where it lies before the first, shape (days,)."""
    floored = floor_days(cadence, np.array(days, dtype="datetime64[D]"))
    return np.searchsorted(starts, floored, side="right").astype(np.int64) - 1


def _sums(flat: Places, numbers: Sequence[int], chosen: Flags, shape: tuple[int, int]) -> Floats:
    weights = np.array(numbers, dtype=np.float64)[chosen]
    return np.bincount(flat[chosen], weights, shape[0] * shape[1]).astype(float).reshape(shape)
