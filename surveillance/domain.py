"""The vocabulary that every stage shares: rows, panels, outcomes, signals.

Bulk data is a DataFrame whose columns are defined here by name, type, unit and
meaning; a single decision is a frozen dataclass. What reads, writes, counts or
judges them lives in the stages, not here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.periods import Cadence, Days

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
RecordKind = Literal["reaction_report", "death", "market_observation"]
Verdict = Literal["pass", "degraded", "hold"]
SignalState = Literal[
    "detected", "auto_suppressed", "validating", "not_validated", "validated", "closed"
]

UNKNOWN_SUBSTANCE = "unknown"
UNKNOWN_AREA = "unknown"
ALL_SUBSTANCES = "all"


@dataclass(frozen=True)
class Column:
    """One column of record rows.

    ``dtype`` is one of text, code, int, float, bool, date, moment or list.
    """

    name: str
    dtype: Literal["text", "code", "int", "float", "bool", "date", "moment", "list"]
    meaning: str
    unit: str = ""
    required: bool = False


# What every record row carries, whatever its kind. `row_number` and `raw` belong to the
# batch; the rest is kept in the store.
COMMON_COLUMNS: tuple[Column, ...] = (
    Column("row_number", "int", "place of the row in its file, the first data row is 1"),
    Column("raw", "text", "the row as it stood in the file, as JSON"),
    Column("source_ref", "text", "the source's own key of the record", required=True),
    Column("occurred_on", "date", "the day of the harm or observation", required=True),
    Column("occurred_precision", "code", "day, week, month or year"),
    Column("source_received_at", "moment", "when the source says it learnt of it", unit="UTC"),
    Column("received_at", "moment", "when we learnt of it", unit="UTC", required=True),
    Column("area_code", "code", "area of the register, or unknown", required=True),
    Column("area_verbatim", "text", "the area as the source wrote it"),
    Column("count_low", "int", "least number of cases the record stands for"),
    Column("count_high", "int", "greatest number of cases the record stands for"),
    Column("withdrawn", "bool", "true: the source takes the record back"),
    Column("status", "code", "how settled the record is"),
    Column("age_band", "code", "<16, 16-17, 18-24, 25-34, 35-44, 45-54, 55+", unit="years"),
    Column("sex", "code", "female, male, other, unknown"),
    Column("setting", "code", "where it happened or was seen"),
    Column("substances", "list", "SubstanceMention of each substance named"),
    Column("reactions", "list", "codes of the reaction terms"),
)

KIND_COLUMNS: dict[str, tuple[Column, ...]] = {
    "reaction_report": (
        Column("reporter_role", "code", "who reported"),
        Column("presentation_date", "date", "the day the person was seen"),
        Column("identification_basis", "code", "patient said, packaging, presumptive, confirmed"),
        Column("seriousness", "code", "died, life-threatening, hospital, disability, other, none"),
        Column("naloxone_given", "code", "yes, no, unknown"),
        Column("outcome", "code", "recovered, recovering, continuing, died, unknown"),
        Column("narrative", "text", "screened free text; never leaves the operational tier"),
    ),
    "death": (
        Column("registered_on", "date", "the day the death was registered"),
        Column("suspected_rank", "int", "likelihood of a drug death, 1 the most likely, to 3"),
        Column("underlying_cause", "code", "ICD-10 code of the underlying cause"),
        Column("certificate_text", "text", "screened words of the certificate"),
        Column("place_type", "code", "where the person died"),
    ),
    "market_observation": (
        Column("market_level", "code", "retail, mid or wholesale"),
        Column("deal_mass_g", "float", "mass of the deal", unit="g"),
        Column("price_gbp", "float", "price of the deal", unit="GBP"),
        Column("purity_percent", "float", "mean purity", unit="%"),
        Column("purity_n", "int", "samples behind the purity"),
    ),
}


def record_columns(kind: str) -> tuple[Column, ...]:
    """List the columns of the rows of one record kind, the common ones first."""
    return COMMON_COLUMNS + KIND_COLUMNS[kind]


@dataclass(frozen=True)
class SubstanceMention:
    """One substance that a record names.

    ``substance_id`` is an id of the register, or ``unknown`` with the words kept.
    """

    substance_id: str
    verbatim: str
    role: str = "suspect"


@dataclass(frozen=True)
class RawBatch:
    """Bytes as a source gave them, kept before anything reads them.

    ``is_history`` marks an opening load: its rows were known to the source at the times
    they state. Rows of any other batch were learnt when it was fetched, never earlier.
    """

    batch_id: str
    feed: str
    address: str
    sha256: str
    size_bytes: int
    fetched_at: datetime
    is_history: bool
    etag: str | None = None


@dataclass(frozen=True)
class RejectedRow:
    """One row that was held back, with every reason; nothing of it is lost."""

    row_number: int
    raw: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """What the checks found in one batch."""

    verdict: Verdict
    findings: tuple[str, ...]
    accepted: pd.DataFrame
    rejected: tuple[RejectedRow, ...]


# State of one period of a panel.
COMPLETE, FILLING, NOT_SUPPLIED = 0, 1, 2
STATE_REASONS = {
    FILLING: "period still filling: records of it are still expected",
    NOT_SUPPLIED: "not supplied: the feed brought nothing for this period",
}


@dataclass(frozen=True)
class Panel:
    """Counts of many series over the same periods.

    A suppressed count is an interval, so there are two counts; where all is known they are
    equal. NaN means not supplied, which is never zero.

    Attributes:
        units: one row a series; the column ``unit`` names it, further columns say what it is.
        frequency: periods a year: 52, 12, 365 or 7.
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
        measure: ``count``, or the numeric field whose mean is followed.
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


@dataclass(frozen=True)
class Alarm:
    """One detector, one unit, one period: a number, not yet a signal."""

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


@dataclass(frozen=True)
class PlantedEvent:
    """An event of the simulated country whose truth is known."""

    event_id: str
    scenario: str
    kind: str
    substance_id: str
    area_code: str
    first_day: date
    last_day: date
    size: int
    alert_is_right: bool


@dataclass(frozen=True)
class ShardPlan:
    """One slice of a run's series: shard ``number`` of ``of``."""

    run_id: str
    number: int
    of: int


@dataclass(frozen=True)
class Tally:
    """How many things a job did, for logs and for XCom."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def describe(self, names: Sequence[str]) -> str:
        """Say the counts in words, in the order asked for."""
        return ", ".join(f"{self.counts.get(name, 0):,} {name}" for name in names)
