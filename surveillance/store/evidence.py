"""Read what runs brought for signals, alarm by alarm."""

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
