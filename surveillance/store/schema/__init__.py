"""Every table of DEWS, typed.

Moments are stored in UTC and come back aware.
"""

from surveillance.store.schema.base import Base, Json, Moment
from surveillance.store.schema.keeping import RetentionRow
from surveillance.store.schema.records import (
    KIND_TABLES,
    BatchRow,
    DeathRow,
    EventRow,
    IndicatorRow,
    MarketObservationRow,
    QuarantineRow,
    ReactionReportRow,
    ReactionRow,
    RecallRow,
    RecordRow,
    RepeatRow,
    SightingRow,
    SubstanceRow,
)
from surveillance.store.schema.signals import (
    DecisionRow,
    DeliveryRow,
    EvidenceRow,
    OutcomeCountRow,
    OutcomeRow,
    RunRow,
    ShardRow,
    SignalEventRow,
    SignalRow,
)

__all__ = [
    "KIND_TABLES",
    "Base",
    "BatchRow",
    "DeathRow",
    "DecisionRow",
    "DeliveryRow",
    "EventRow",
    "EvidenceRow",
    "IndicatorRow",
    "Json",
    "MarketObservationRow",
    "Moment",
    "OutcomeCountRow",
    "OutcomeRow",
    "QuarantineRow",
    "ReactionReportRow",
    "ReactionRow",
    "RecallRow",
    "RecordRow",
    "RepeatRow",
    "RetentionRow",
    "RunRow",
    "ShardRow",
    "SightingRow",
    "SignalEventRow",
    "SignalRow",
    "SubstanceRow",
]
