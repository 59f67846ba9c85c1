"""Signals as far as the reporters' status needs them: alarms, state, and what was issued."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, exists, select

from surveillance.domain import SignalState
from surveillance.store.schema import DecisionRow, EvidenceRow, RunRow, SignalRow

# The longest period is a month: an alarm of a later day may still cover the day asked about.
_LONGEST_PERIOD = timedelta(days=31)


@dataclass(frozen=True)
class RaisedSignal:
    """A signal with its alarms, as they were written.

    ``is_issued``: it was told as an alert to act on, beyond the notice to reviewers (level 0).
    """

    state: SignalState
    is_issued: bool
    alarms: tuple[Mapping[str, Any], ...]


def find_raised(
    connection: Connection, *, realm: str, since: date, known_at: datetime
) -> list[RaisedSignal]:
    """List the signals whose runs knew of a moment and whose alarms may cover a day.

    Args:
        connection: one consistent view of the database.
        realm: ``live``, or the name of a replay.
        since: the day.
        known_at: runs that asked about an earlier moment are left out.
    """
    issued = exists().where(
        DecisionRow.signal_id == SignalRow.signal_id,
        DecisionRow.level > 0,
        DecisionRow.outcome.in_(("notice", "update")),
    )
    rows = connection.execute(
        select(SignalRow.signal_id, SignalRow.state, issued.label("issued"), EvidenceRow.alarms)
        .join(EvidenceRow, EvidenceRow.signal_id == SignalRow.signal_id)
        .join(RunRow, RunRow.run_id == EvidenceRow.run_id)
        .where(
            SignalRow.realm == realm,
            SignalRow.last_period > since - _LONGEST_PERIOD,
            RunRow.as_of >= known_at,
        )
    )
    alarms: dict[str, list[Mapping[str, Any]]] = {}
    told: dict[str, tuple[SignalState, bool]] = {}
    for row in rows:
        told[row.signal_id] = (row.state, bool(row.issued))
        found = cast("list[Mapping[str, Any]]", row.alarms)
        alarms.setdefault(row.signal_id, []).extend(found)
    return [
        RaisedSignal(*told[signal_id], alarms=tuple(found)) for signal_id, found in alarms.items()
    ]
