"""Read what runs brought for signals, alarm by alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pandas as pd
from sqlalchemy import Connection, select

from surveillance.store.schema import EvidenceRow, RunRow, SignalRow

_COLUMNS = (
    "stream",
    "detector",
    "substance_id",
    "area_code",
    "period_start",
    "window",
    "observed",
    "expected",
    "upper",
    "p_value",
    "q_value",
)


@dataclass(frozen=True)
class Evidence:
    """What one run brought for one signal.

    ``alarms`` are as they were written; ``period_start`` in them is ISO text. ``snapshot`` and
    ``settings_hash`` are those of the run.
    """

    signal_id: str
    reference: str
    realm: str
    state: str
    substance_id: str
    area_code: str
    run_id: str
    week: str
    as_of: datetime
    snapshot: Mapping[str, int]
    settings_hash: str
    alarms: Sequence[Mapping[str, Any]]


def load_evidence_of_feed(connection: Connection, feed: str, *, since: datetime) -> list[Evidence]:
    """List what runs of any realm brought that knew of a feed, as of a moment or later."""
    rows = connection.execute(
        select(
            SignalRow.signal_id,
            SignalRow.reference,
            SignalRow.realm,
            SignalRow.state,
            SignalRow.substance_id,
            SignalRow.area_code,
            RunRow.run_id,
            RunRow.week,
            RunRow.as_of,
            RunRow.snapshot,
            RunRow.settings_hash,
            EvidenceRow.alarms,
        )
        .join(EvidenceRow, EvidenceRow.signal_id == SignalRow.signal_id)
        .join(RunRow, RunRow.run_id == EvidenceRow.run_id)
        .where(RunRow.as_of >= since)
        .order_by(SignalRow.realm, SignalRow.reference, RunRow.as_of, RunRow.week)
    ).mappings()
    found = [Evidence(**row) for row in rows]
    return [one for one in found if one.snapshot.get(feed)]


def alarm_log(connection: Connection, *, realm: str) -> pd.DataFrame:
    """List every alarm behind a realm's signals, oldest run first.

    Returns:
        One row an alarm: signal_id, reference, week, as_of, stream, detector, substance_id,
        area_code, period_start (ISO text), window (periods), observed, expected, upper,
        p_value and q_value, absent for a detector without a p-value.
    """
    rows = connection.execute(
        select(
            SignalRow.signal_id,
            SignalRow.reference,
            RunRow.week,
            RunRow.as_of,
            EvidenceRow.alarms,
        )
        .join(EvidenceRow, EvidenceRow.signal_id == SignalRow.signal_id)
        .join(RunRow, RunRow.run_id == EvidenceRow.run_id)
        .where(SignalRow.realm == realm)
        .order_by(RunRow.as_of, SignalRow.reference)
    )
    flat = [
        (*row[:4], *(alarm[name] for name in _COLUMNS))
        for row in rows
        for alarm in cast("list[dict[str, Any]]", row.alarms)
    ]
    return pd.DataFrame.from_records(
        flat, columns=["signal_id", "reference", "week", "as_of", *_COLUMNS]
    )
