"""Write what a run raised: signals, their evidence and the first steps of their lives."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from surveillance.domain import Alarm, Candidate, CurvePoint, DetectorChoice, Signal, Verdict
from surveillance.store.runs import Run
from surveillance.store.schema import EvidenceRow, SignalEventRow, SignalRow
from surveillance.store.writing import insert_ignoring_known, insert_many

_ACTOR = "surveillance"


@dataclass(frozen=True)
class Raised:
    """A family that a run raised, with what a person needs to judge it.

    Attributes:
        signal_id: the open signal it belongs to, or None where it is news.
        curve: the lead's series with its expected counts, oldest first.
        quality: verdict and findings of each feed used.
    """

    candidate: Candidate
    signal_id: str | None
    curve: Sequence[CurvePoint]
    quality: Mapping[str, tuple[str, tuple[str, ...]]]


def raise_signal(
    connection: Connection, run: Run, raised: Raised, *, detectors: Mapping[str, DetectorChoice]
) -> bool:
    """Write one family: a new signal, or evidence for one that is open. True where new."""
    candidate = raised.candidate
    signal_id = raised.signal_id or _signal_id(run, candidate.lead)
    periods = [alarm.period_start for alarm in candidate.alarms]
    is_new = insert_ignoring_known(
        connection, SignalRow, [_new_signal(connection, run, raised, signal_id)]
    )
    if not is_new:
        _extend(connection, run, raised, signal_id, max(periods))
    connection.execute(
        delete(EvidenceRow).where(
            EvidenceRow.signal_id == signal_id, EvidenceRow.run_id == run.run_id
        )
    )
    insert_many(
        connection,
        EvidenceRow,
        [
            {
                "signal_id": signal_id,
                "run_id": run.run_id,
                "alarms": [_alarm(alarm, detectors) for alarm in candidate.alarms],
                "curve": [_jsonable(asdict(point)) for point in raised.curve],
                "quality": {
                    feed: {"verdict": verdict, "findings": list(findings)}
                    for feed, (verdict, findings) in raised.quality.items()
                },
            }
        ],
    )
    if is_new:
        _note_birth(connection, run, signal_id, candidate)
    return bool(is_new)


def _new_signal(connection: Connection, run: Run, raised: Raised, signal_id: str) -> dict[str, Any]:
    candidate = raised.candidate
    periods = [alarm.period_start for alarm in candidate.alarms]
    number = connection.scalar(select(func.count()).where(SignalRow.realm == run.realm)) or 0
    return {
        "signal_id": signal_id,
        "realm": run.realm,
        "reference": f"S{number + 1:05d}",
        "state": "detected",
        "substance_id": candidate.lead.substance_id,
        "area_code": candidate.lead.area_code,
        "streams": list(candidate.streams),
        "first_raised_week": run.week,
        "last_raised_week": run.week,
        "first_raised_as_of": run.as_of,
        "first_period": min(periods),
        "last_period": max(periods),
        "rank_score": candidate.rank_score,
        "is_count_signal": any(not math.isnan(alarm.p_value) for alarm in candidate.alarms),
        "quality": worst_quality(raised.quality),
    }


def _extend(
    connection: Connection, run: Run, raised: Raised, signal_id: str, last_period: date
) -> None:
    row = connection.execute(select(SignalRow.__table__).filter_by(signal_id=signal_id)).one()
    candidate = raised.candidate
    counted = any(not math.isnan(alarm.p_value) for alarm in candidate.alarms)
    connection.execute(
        update(SignalRow)
        .where(SignalRow.signal_id == signal_id)
        .values(
            streams=sorted({*row.streams, *candidate.streams}),
            last_raised_week=max(row.last_raised_week, run.week),
            last_period=max(row.last_period, last_period),
            rank_score=max(row.rank_score, candidate.rank_score),
            is_count_signal=row.is_count_signal or counted,
            quality=worst_quality(raised.quality),
        )
    )


def _note_birth(connection: Connection, run: Run, signal_id: str, candidate: Candidate) -> None:
    insert_many(
        connection,
        SignalEventRow,
        [
            {
                "signal_id": signal_id,
                "number": 1,
                "at": run.as_of,
                "from_state": None,
                "to_state": "detected",
                "actor": _ACTOR,
                "reason": "; ".join(candidate.rank_reasons),
            }
        ],
    )


def worst_quality(quality: Mapping[str, tuple[str, tuple[str, ...]]]) -> Verdict:
    """Give the worst verdict among the feeds used."""
    verdicts = {verdict for verdict, _ in quality.values()}
    if "hold" in verdicts:
        return "hold"
    return "degraded" if "degraded" in verdicts else "pass"


def _signal_id(run: Run, lead: Alarm) -> str:
    text = "|".join((run.realm, run.week, lead.substance_id, lead.area_code))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _alarm(alarm: Alarm, detectors: Mapping[str, DetectorChoice]) -> dict[str, Any]:
    choice = detectors[alarm.detector]
    return _jsonable(asdict(alarm)) | {
        "detector_version": choice.version,
        "params": dict(choice.params),
    }


def _jsonable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def open_signals(connection: Connection, *, realm: str, states: Sequence[str]) -> list[Signal]:
    """List a realm's open signals, without their evidence."""
    rows = connection.execute(
        select(SignalRow.__table__)
        .where(SignalRow.realm == realm, SignalRow.state.in_(list(states)))
        .order_by(SignalRow.reference)
    )
    signals = []
    for row in rows:
        values = dict(row._mapping)
        values.pop("realm")
        signals.append(Signal(**values | {"streams": tuple(values["streams"])}))
    return signals
