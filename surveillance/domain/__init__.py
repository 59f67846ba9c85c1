"""The vocabulary that every stage shares: rows, panels, outcomes, signals.

Bulk data is a DataFrame whose columns are defined here by name, type, unit and
meaning; a single decision is a frozen dataclass. What reads, writes, counts or
judges them lives in the stages, not here.
"""

from surveillance.domain.content import content_hashes, digest, plain_columns
from surveillance.domain.panels import (
    COMPLETE,
    FILLING,
    NOT_SUPPLIED,
    STATE_REASONS,
    DetectorChoice,
    Flags,
    Floats,
    Judgement,
    Outcomes,
    Panel,
    SeriesDetector,
    Stream,
    Texts,
)
from surveillance.domain.rows import (
    ALL_SUBSTANCES,
    COMMON_COLUMNS,
    COUNTED_ROLES,
    KIND_COLUMNS,
    UNKNOWN_AREA,
    UNKNOWN_SUBSTANCE,
    CheckReport,
    Column,
    HeldRow,
    RawBatch,
    RecordKind,
    RejectedRow,
    SubstanceMention,
    Verdict,
    record_columns,
)
from surveillance.domain.signals import (
    Alarm,
    Candidate,
    CurvePoint,
    PlantedEvent,
    Signal,
    SignalState,
)
from surveillance.domain.triangles import (
    TRIANGLE_DATES,
    ReportingTriangle,
    TriangleQuestion,
)
from surveillance.domain.work import (
    BatchNews,
    FeedHealth,
    ShardPlan,
    Tally,
)

__all__ = [
    "ALL_SUBSTANCES",
    "COMMON_COLUMNS",
    "COMPLETE",
    "COUNTED_ROLES",
    "FILLING",
    "KIND_COLUMNS",
    "NOT_SUPPLIED",
    "STATE_REASONS",
    "TRIANGLE_DATES",
    "UNKNOWN_AREA",
    "UNKNOWN_SUBSTANCE",
    "Alarm",
    "BatchNews",
    "Candidate",
    "CheckReport",
    "Column",
    "CurvePoint",
    "DetectorChoice",
    "FeedHealth",
    "Flags",
    "Floats",
    "HeldRow",
    "Judgement",
    "Outcomes",
    "Panel",
    "PlantedEvent",
    "RawBatch",
    "RecordKind",
    "RejectedRow",
    "ReportingTriangle",
    "SeriesDetector",
    "ShardPlan",
    "Signal",
    "SignalState",
    "Stream",
    "SubstanceMention",
    "Tally",
    "Texts",
    "TriangleQuestion",
    "Verdict",
    "content_hashes",
    "digest",
    "plain_columns",
    "record_columns",
]
