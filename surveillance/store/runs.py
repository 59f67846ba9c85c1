"""Runs of surveillance: what was planned, what was judged, and with what result."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, func, select, update

from surveillance.domain import Floats, Judgement, Outcomes, Panel, ShardPlan
from surveillance.store.schema import OutcomeCountRow, OutcomeRow, RunRow, ShardRow
from surveillance.store.writing import insert_many


@dataclass(frozen=True)
class Run:
    """One pass over one week as of one moment.

    ``snapshot`` counts the versions of each feed that the run knows, ``recalls`` the decisions
    about their batches.
    """

    run_id: str
    realm: str
    week: str
    as_of: datetime
    state: str
    shards: int
    snapshot: Mapping[str, int]
    recalls: int
    settings_hash: str
    code_version: str


def run_name(realm: str, week: str, as_of: datetime) -> str:
    """Name a run by what it asks, so that asking again finds it."""
    text = f"{realm}|{week}|{as_of.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def find_run(connection: Connection, run_id: str) -> Run | None:
    """Give a run, or None where it was never planned."""
    row = connection.execute(select(RunRow.__table__).filter_by(run_id=run_id)).one_or_none()
    if row is None:
        return None
    fields = Run.__dataclass_fields__
    return Run(**{name: value for name, value in row._mapping.items() if name in fields})


def plan_run(connection: Connection, run: Run) -> list[ShardPlan]:
    """Write a run and its shards, in place of an earlier plan of the same run."""
    connection.execute(delete(ShardRow).where(ShardRow.run_id == run.run_id))
    for table in (OutcomeRow, OutcomeCountRow):
        connection.execute(delete(table).where(table.run_id == run.run_id))
    values = {
        "realm": run.realm,
        "week": run.week,
        "as_of": run.as_of,
        "state": "planned",
        "shards": run.shards,
        "snapshot": dict(run.snapshot),
        "recalls": run.recalls,
        "settings_hash": run.settings_hash,
        "code_version": run.code_version,
        "assessed_at": None,
    }
    if find_run(connection, run.run_id) is None:
        insert_many(connection, RunRow, [values | {"run_id": run.run_id}])
    else:
        connection.execute(update(RunRow).where(RunRow.run_id == run.run_id).values(values))
    numbers = range(run.shards)
    insert_many(
        connection,
        ShardRow,
        [{"run_id": run.run_id, "number": n, "state": "planned"} for n in numbers],
    )
    return [ShardPlan(run.run_id, n, run.shards) for n in numbers]


def save_judgements(
    connection: Connection, *, run_id: str, number: int, judgements: Sequence[Judgement]
) -> Counter[str]:
    """Write what a shard found, in place of what it found before; count it.

    An outcome gets a row of its own where something was observed or an alarm was raised. The
    calm ones are only counted, by stream, detector and reason.
    """
    for table in (OutcomeRow, OutcomeCountRow):
        connection.execute(delete(table).where(table.run_id == run_id, table.shard == number))
    stamp = {"run_id": run_id, "shard": number}
    tally: Counter[str] = Counter()
    for judgement in judgements:
        insert_many(connection, OutcomeRow, [row | stamp for row in _notable(judgement)])
        counts = _counts(judgement)
        insert_many(connection, OutcomeCountRow, [row | stamp for row in counts])
        for row in counts:
            tally["not assessed" if row["reason"] else "judged"] += row["outcomes"]
            tally["alarms"] += row["alarms"]
    connection.execute(
        update(ShardRow)
        .where(ShardRow.run_id == run_id, ShardRow.number == number)
        .values(state="judged")
    )
    return tally


def _notable(judgement: Judgement) -> list[dict[str, Any]]:
    panel, outcomes = judgement.panel, judgement.outcomes
    rows = []
    high = _windows_at_their_highest(panel, outcomes)
    seen = outcomes.alarm | (np.nan_to_num(outcomes.observed) > 0) | (np.nan_to_num(high) > 0)
    for unit, period in np.argwhere(seen):
        place = panel.units.iloc[unit]
        starts = panel.starts
        rows.append(
            {
                "stream": judgement.stream,
                "detector": judgement.detector,
                "substance_id": place["substance_id"],
                "area_code": place["area_code"],
                "period_start": None if starts is None else starts[outcomes.judged[period]].item(),
                "window": int(outcomes.window[unit, period]),
                "observed_high": _number(high[unit, period]),
                "alarm": bool(outcomes.alarm[unit, period]),
                "reason": str(outcomes.reason[unit, period]),
                **{
                    name: _number(getattr(outcomes, name)[unit, period])
                    for name in ("observed", "expected", "lower", "upper", "p_value", "score")
                },
            }
        )
    return rows


def _windows_at_their_highest(panel: Panel, outcomes: Outcomes) -> Floats:
    """Sum the greatest possible counts of each judged window, shape (units, judged periods)."""
    summed = np.cumsum(np.nan_to_num(panel.high), axis=1)
    summed = np.concatenate([np.zeros((len(panel), 1)), summed], axis=1)
    ends = outcomes.judged + 1
    starts = np.maximum(0, ends - outcomes.window)
    high = summed[:, ends] - np.take_along_axis(summed, starts, axis=1)
    return np.where(np.isnan(outcomes.observed), np.nan, high)


def _counts(judgement: Judgement) -> list[dict[str, Any]]:
    outcomes = judgement.outcomes
    frame = pd.DataFrame(
        {
            "reason": outcomes.reason.ravel().astype(str),
            "tests": ~np.isnan(outcomes.p_value.ravel()),
            "alarms": outcomes.alarm.ravel(),
        }
    )
    frame["tests"] &= frame["reason"] == ""
    counted = frame.groupby("reason").agg(
        outcomes=("reason", "size"), tests=("tests", "sum"), alarms=("alarms", "sum")
    )
    names = {"stream": judgement.stream, "detector": judgement.detector}
    return [
        names | {"reason": str(reason)} | {name: int(row[name]) for name in counted.columns}
        for reason, row in counted.iterrows()
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def unjudged_shards(connection: Connection, run_id: str) -> list[int]:
    """List the shards of a run that have not been judged."""
    rows = connection.execute(
        select(ShardRow.number)
        .where(ShardRow.run_id == run_id, ShardRow.state != "judged")
        .order_by(ShardRow.number)
    )
    return list(rows.scalars())


def load_outcomes(connection: Connection, run_id: str) -> pd.DataFrame:
    """Read the outcomes of a run that are more than calm."""
    columns = [column for column in OutcomeRow.__table__.c if column.name != "run_id"]
    result = connection.execute(
        select(*columns)
        .where(OutcomeRow.run_id == run_id)
        .order_by(
            OutcomeRow.stream,
            OutcomeRow.detector,
            OutcomeRow.substance_id,
            OutcomeRow.area_code,
        )
    )
    return pd.DataFrame.from_records(result.all(), columns=list(result.keys()))


def coverage(connection: Connection, run_ids: Sequence[str]) -> pd.DataFrame:
    """Count outcomes by stream, detector and reason; an empty reason means judged."""
    result = connection.execute(
        select(
            OutcomeCountRow.stream,
            OutcomeCountRow.detector,
            OutcomeCountRow.reason,
            func.sum(OutcomeCountRow.outcomes).label("outcomes"),
            func.sum(OutcomeCountRow.tests).label("tests"),
            func.sum(OutcomeCountRow.alarms).label("alarms"),
        )
        .where(OutcomeCountRow.run_id.in_(list(run_ids)))
        .group_by(OutcomeCountRow.stream, OutcomeCountRow.detector, OutcomeCountRow.reason)
        .order_by(OutcomeCountRow.stream, OutcomeCountRow.detector, OutcomeCountRow.reason)
    )
    frame = pd.DataFrame.from_records(result.all(), columns=list(result.keys()))
    return frame.astype({"outcomes": "int64", "tests": "int64", "alarms": "int64"})


def close_run(connection: Connection, run_id: str, *, at: datetime) -> None:
    """Mark a run as assessed."""
    connection.execute(
        update(RunRow).where(RunRow.run_id == run_id).values(state="assessed", assessed_at=at)
    )


def list_runs(connection: Connection, *, realm: str) -> list[Run]:
    """List the runs of a realm, oldest question first."""
    ids = connection.execute(
        select(RunRow.run_id).where(RunRow.realm == realm).order_by(RunRow.as_of, RunRow.week)
    ).scalars()
    return [run for run_id in list(ids) if (run := find_run(connection, run_id)) is not None]
