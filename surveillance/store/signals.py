"""Read signals with their evidence: what people judge, and what routing decides about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, exists, select

from surveillance.domain import CurvePoint, Signal
from surveillance.errors import InputError
from surveillance.store.schema import DecisionRow, EvidenceRow, RunRow, SignalRow

_ALARMS = (
    EvidenceRow.signal_id,
    EvidenceRow.run_id,
    EvidenceRow.alarms,
    EvidenceRow.quality,
    RunRow.as_of,
    RunRow.week,
    RunRow.snapshot,
)
_EVIDENCE = (*_ALARMS, EvidenceRow.curve)


class Undecided(NamedTuple):
    """A signal with the evidence of one assessed run that nobody has decided about.

    ``as_of`` is the moment that run asked about.
    """

    signal: Signal
    run_id: str
    as_of: datetime


def load_signals(
    connection: Connection, *, realm: str, as_of: datetime | None = None
) -> list[Signal]:
    """List a realm's signals by reference, each with the evidence of its newest run.

    Every item of ``Signal.evidence`` is one alarm as it was written, with ``run_id``,
    ``as_of``, ``week``, ``snapshot`` and ``quality`` (feed -> verdict and findings) of its run.
    With ``as_of``, signals first raised and evidence found after that moment are left out.
    """
    wanted = select(SignalRow.__table__).where(SignalRow.realm == realm)
    evidence = select(*_EVIDENCE).join(RunRow).where(RunRow.realm == realm)
    if as_of is not None:
        wanted = wanted.where(SignalRow.first_raised_as_of <= as_of)
        evidence = evidence.where(RunRow.as_of <= as_of)
    newest = {
        row["signal_id"]: row
        for row in connection.execute(evidence.order_by(RunRow.as_of, RunRow.week)).mappings()
    }
    rows = connection.execute(wanted.order_by(SignalRow.reference)).mappings()
    return [_signal(row, newest.get(row["signal_id"])) for row in rows]


def load_signal(connection: Connection, *, realm: str, reference: str) -> Signal:
    """Give one signal with the evidence of its newest run.

    Raises:
        InputError: the realm has no signal of that reference.
    """
    wanted = select(SignalRow.__table__).filter_by(realm=realm, reference=reference)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise InputError(
            f"No signal {reference!r} in the realm {realm!r}. List them with: dews signals"
        )
    evidence = (
        select(*_EVIDENCE)
        .join(RunRow)
        .where(EvidenceRow.signal_id == row["signal_id"])
        .order_by(RunRow.as_of.desc(), RunRow.week.desc())
        .limit(1)
    )
    return _signal(row, connection.execute(evidence).mappings().one_or_none())


def signals_without_decision(connection: Connection, *, realm: str) -> list[Undecided]:
    """List what assessed runs found and nobody has decided about, the oldest run first."""
    decided = exists().where(
        DecisionRow.signal_id == EvidenceRow.signal_id, DecisionRow.run_id == EvidenceRow.run_id
    )
    evidence = (
        select(*_EVIDENCE)
        .join(RunRow)
        .where(RunRow.realm == realm, RunRow.state == "assessed", ~decided)
        .order_by(RunRow.as_of, RunRow.week, EvidenceRow.signal_id)
    )
    found = connection.execute(evidence).mappings().all()
    signals = _rows_by_id(connection, {row["signal_id"] for row in found})
    return [
        Undecided(_signal(signals[row["signal_id"]], row), row["run_id"], row["as_of"])
        for row in found
    ]


def load_evidence(
    connection: Connection, *, signal_ids: Iterable[str], until: datetime
) -> dict[str, list[Mapping[str, Any]]]:
    """Give the alarms of every run up to a moment, by signal, the oldest run first."""
    rows = connection.execute(
        select(*_ALARMS)
        .join(RunRow)
        .where(EvidenceRow.signal_id.in_(list(signal_ids)), RunRow.as_of <= until)
        .order_by(RunRow.as_of, RunRow.week)
    ).mappings()
    alarms: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        alarms.setdefault(row["signal_id"], []).extend(_alarms(row))
    return alarms


def _rows_by_id(connection: Connection, signal_ids: set[str]) -> dict[str, RowMapping]:
    rows = connection.execute(
        select(SignalRow.__table__).where(SignalRow.signal_id.in_(sorted(signal_ids)))
    ).mappings()
    return {row["signal_id"]: row for row in rows}


def _signal(row: RowMapping, evidence: RowMapping | None) -> Signal:
    values = {name: value for name, value in row.items() if name != "realm"}
    values["streams"] = tuple(row["streams"])
    if evidence is not None:
        values["evidence"] = tuple(_alarms(evidence))
        values["curve"] = _curve(evidence["curve"])
    return Signal(**values)


def _alarms(evidence: RowMapping) -> list[Mapping[str, Any]]:
    of_run = {name: evidence[name] for name in ("run_id", "as_of", "week", "snapshot", "quality")}
    return [
        {**alarm, "period_start": date.fromisoformat(alarm["period_start"]), **of_run}
        for alarm in evidence["alarms"]
    ]


def _curve(points: Sequence[Mapping[str, Any]]) -> tuple[CurvePoint, ...]:
    return tuple(
        CurvePoint(**{**point, "start": date.fromisoformat(point["start"])}) for point in points
    )
