"""Write signals as an assessment would, and read what became of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, update

from alerts import jobs
from config.settings import Settings
from surveillance.domain import Signal
from surveillance.periods import week_of
from surveillance.store import deliveries as store
from surveillance.store.engine import reading, writing
from surveillance.store.schema import EvidenceRow, RunRow, SignalRow
from surveillance.store.writing import insert_ignoring_known
from tests.unit.alert_cases import AS_OF, alarm, signal

NOW = datetime(2026, 10, 5, 6, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def raise_signal(
    engine: Engine,
    number: int = 1,
    *,
    realm: str = "live",
    as_of: datetime = AS_OF,
    **changes: Any,
) -> Signal:
    """Write a signal with the evidence of one assessed run, as an assessment would."""
    evidence = changes.pop("evidence", (alarm(),))
    one = signal(
        *evidence,
        signal_id=f"{realm[:4]}-s{number}",
        reference=f"S{number:05d}",
        **changes,
    )
    run_id = f"{realm[:4]}{as_of:%Y%m%d}"
    with writing(engine) as connection:
        insert_ignoring_known(connection, RunRow, [_run(run_id, realm, as_of)])
        row = {name: getattr(one, name) for name in _signal_columns()}
        row |= {"realm": realm, "streams": list(one.streams)}
        insert_ignoring_known(connection, SignalRow, [row])
        connection.execute(
            update(SignalRow)
            .where(SignalRow.signal_id == one.signal_id)
            .values(rank_score=one.rank_score, streams=list(one.streams))
        )
        connection.execute(
            insert(EvidenceRow).values(
                signal_id=one.signal_id,
                run_id=run_id,
                alarms=[_stored(each) for each in evidence],
                curve=[{**vars(point), "start": point.start.isoformat()} for point in one.curve],
                quality={"reaction_reports": {"verdict": "pass", "findings": []}},
            )
        )
    return one


def _signal_columns() -> list[str]:
    return [column.name for column in SignalRow.__table__.c if column.name != "realm"]


def _run(run_id: str, realm: str, as_of: datetime) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "realm": realm,
        "week": week_of(as_of.date() - timedelta(days=7)),
        "as_of": as_of,
        "state": "assessed",
        "shards": 1,
        "snapshot": {},
        "settings_hash": "0",
        "code_version": "0",
        "assessed_at": as_of,
    }


def _stored(each: dict[str, Any]) -> dict[str, Any]:
    of_run = {"run_id", "as_of", "week", "snapshot", "quality"}
    kept = {name: value for name, value in each.items() if name not in of_run}
    return kept | {"period_start": each["period_start"].isoformat()}


def deliveries(engine: Engine, realm: str = "live") -> list[store.Delivery]:
    with reading(engine) as connection:
        return store.load_deliveries(connection, realm=realm)


def decisions(engine: Engine, realm: str = "live") -> list[store.KeptDecision]:
    with reading(engine) as connection:
        return store.load_decisions(connection, realm=realm)


def queue_one(settings: Settings, engine: Engine) -> str:
    raise_signal(engine)
    jobs.route(settings, now=NOW)
    [queued] = deliveries(engine)
    return queued.delivery_id
