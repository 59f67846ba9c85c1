"""Alarms, the families they form, and the signals that people judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from surveillance.domain.rows import Verdict

SignalState = Literal[
    "detected", "auto_suppressed", "validating", "not_validated", "validated", "closed"
]


@dataclass(frozen=True)
class Alarm:
    """One detector, one unit, one period: a number, not yet a signal.

    ``observed`` counts events; ``reports`` counts the records behind them, NaN where that is
    not known.
    """

    stream: str
    detector: str
    substance_id: str
    area_code: str
    period_start: date
    window: int
    observed: float
    observed_high: float
    expected: float
    lower: float
    upper: float
    p_value: float
    q_value: float
    score: float
    reports: float = float("nan")


@dataclass(frozen=True)
class CurvePoint:
    """One period of the picture that goes with a signal.

    ``expected``, ``lower`` and ``upper`` are absent where the period was not assessed.
    """

    start: date
    low: float | None
    high: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    state: int


@dataclass(frozen=True)
class Candidate:
    """A family of related alarms of one run, with its strongest in front."""

    lead: Alarm
    alarms: tuple[Alarm, ...]
    rank_score: float
    streams: tuple[str, ...]
    rank_reasons: tuple[str, ...]


@dataclass(frozen=True)
class Signal:
    """What a person judges: unverified until people say otherwise.

    ``first_period`` and ``last_period`` are first days of the periods that alarmed;
    ``first_raised_week`` is the ISO week whose run raised it.
    """

    signal_id: str
    reference: str
    state: SignalState
    substance_id: str
    area_code: str
    streams: tuple[str, ...]
    first_raised_week: str
    last_raised_week: str
    first_raised_as_of: datetime
    first_period: date
    last_period: date
    rank_score: float
    is_count_signal: bool
    quality: Verdict
    evidence: tuple[Mapping[str, Any], ...] = ()
    curve: tuple[CurvePoint, ...] = ()


# What should come of a planted event: a signal; nothing; word that a feed fell silent; or a signal
# that is withdrawn once the source takes its records back.
Response = Literal["signal", "none", "silence", "withdrawal"]


@dataclass(frozen=True)
class PlantedEvent:
    """An event of the simulated country whose truth is known.

    Attributes:
        alert_is_right: whether a signal on it is right.
        response: what should come of it.
        verbatim: what the source calls a substance that the register lacks, else empty.
        withdrawn_on: the day the source takes it back; a signal raised later is wrong.
    """

    event_id: str
    scenario: str
    kind: str
    substance_id: str
    area_code: str
    first_day: date
    last_day: date
    size: int
    alert_is_right: bool
    response: Response = "signal"
    verbatim: str = ""
    withdrawn_on: date | None = None
