"""Case definitions, panels of series, and what detectors say of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.periods import Cadence, Days

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

# State of one period of a panel.
COMPLETE, FILLING, NOT_SUPPLIED = 0, 1, 2
STATE_REASONS = {
    FILLING: "period still filling: records of it are still expected",
    NOT_SUPPLIED: "not supplied: the feed brought nothing for this period, or it was recalled",
}


@dataclass(frozen=True)
class Panel:
    """Counts of many series over the same periods.

    A suppressed count is an interval, so there are two counts; where all is known they are
    equal. NaN means not supplied, which is never zero.

    Attributes:
        units: one row a series; the column ``unit`` names it, further columns say what it is.
        frequency: periods a year: 52, 12, 4, 1, 365 or 7.
        starts: first day of each period, shape (periods,), or None for an integer index.
        low: least possible count, shape (units, periods).
        high: greatest possible count, shape (units, periods).
        state: COMPLETE, FILLING or NOT_SUPPLIED, shape (units, periods).
        exposure: population or other denominator, shape (units, periods), or None.
        expected: a known in-control mean, shape (units, periods), or None.
    """

    units: pd.DataFrame
    frequency: int
    starts: Days | None
    low: Floats
    high: Floats
    state: npt.NDArray[np.int8]
    exposure: Floats | None = None
    expected: Floats | None = None
    cadence: Cadence | None = None

    def __len__(self) -> int:
        return len(self.units)

    def take(self, rows: npt.NDArray[np.intp]) -> "Panel":
        """Give the panel of some of the series, in the order asked for."""
        return Panel(
            units=self.units.iloc[rows].reset_index(drop=True),
            frequency=self.frequency,
            starts=self.starts,
            low=self.low[rows],
            high=self.high[rows],
            state=self.state[rows],
            exposure=None if self.exposure is None else self.exposure[rows],
            expected=None if self.expected is None else self.expected[rows],
            cadence=self.cadence,
        )


@dataclass(frozen=True)
class Outcomes:
    """What one detector said of every series and judged period.

    Every array has the shape (units, judged periods). Where ``reason`` is not empty the
    series was *not assessed* at that period: ``alarm`` is False there and the numbers NaN.

    Attributes:
        judged: indices into the panel's periods, shape (judged periods,).
        observed: the count that was judged.
        expected: its expected value in control.
        lower: lower bound of the prediction interval, NaN where the method has none.
        upper: upper bound, above which the method alarms.
        p_value: upper tail probability, NaN where the method has none.
        score: the method's own statistic.
        alarm: whether the method alarms.
        reason: why it was not assessed, empty where it was.
        window: periods that were summed before judging, 1 for most methods.
    """

    judged: npt.NDArray[np.intp]
    observed: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    score: Floats
    alarm: Flags
    reason: Texts
    window: npt.NDArray[np.int64]

    @classmethod
    def not_assessed(cls, panel: Panel, judged: npt.NDArray[np.intp], reason: str) -> "Outcomes":
        """Say of every series and judged period that it was not assessed, and why."""
        shape = (len(panel), len(judged))
        blank = np.full(shape, np.nan)
        return cls(
            judged=judged,
            observed=panel.low[:, judged].copy(),
            expected=blank.copy(),
            lower=blank.copy(),
            upper=blank.copy(),
            p_value=blank.copy(),
            score=blank.copy(),
            alarm=np.zeros(shape, dtype=bool),
            reason=np.full(shape, reason, dtype=object),
            window=np.ones(shape, dtype=np.int64),
        )


class SeriesDetector(Protocol):
    """A detector over a panel.

    It judges the periods asked for, each with nothing later than itself, and returns one
    outcome for every series and judged period. Unknown parameters are an error that names
    them. Worst case over suppressed counts: what is judged is taken at its lowest, what it
    is compared with at its highest.
    """

    def __call__(
        self, panel: Panel, judged: npt.NDArray[np.intp], params: Mapping[str, Any], /
    ) -> Outcomes:
        """Judge the periods ``judged`` of every series of the panel."""
        ...


@dataclass(frozen=True)
class Stream:
    """A case definition: which records of one kind are counted, and how they are judged.

    Attributes:
        kind: the record kind.
        where: coded field -> accepted values; every field must match.
        groups: substance groups counted; empty means all substances.
        area_root: the area that every counted place lies in.
        cadence: the length of a period.
        filling_days: days after a period's end in which its records still arrive.
        silence_days: days without any record after which the feed counts as silent.
        as_first_known: each record is read as it was known ``filling_days`` after it occurred,
            so that recent and distant periods are known alike.
        absent_means_zero: true for single records; false where counts are reported, so that
            a missing report is *not supplied*.
        measure: ``count``; ``numerator``, the sum of numerators; ``rate``, that sum with the
            sum of denominators as exposure; ``value``, the source's own estimate with the
            ends of its interval; or the numeric field whose mean is followed.
        history_periods: at most so many periods are read, the newest ones.
        detectors: names of detectors in ``detectors.toml``.
        independent_of: streams that may count the same people; they corroborate nothing.
    """

    name: str
    title: str
    kind: str
    feeds: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]]
    groups: tuple[str, ...]
    area_root: str
    cadence: Cadence
    filling_days: int
    silence_days: int
    as_first_known: bool
    absent_means_zero: bool
    measure: str
    history_periods: int
    detectors: tuple[str, ...]
    independent_of: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class DetectorChoice:
    """A detector as configured: its method, version and parameters.

    ``version`` grows whenever the same input may give another answer.
    """

    name: str
    method: str
    version: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """What one detector said of one stream's panel, or of some of its series."""

    stream: str
    detector: str
    panel: Panel
    outcomes: Outcomes
