"""Signals, streams and rules that the tests of the alerting half start from."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from alerts.routing import Case, RoutingRules
from surveillance.domain import CurvePoint, Signal, Stream
from surveillance.streams import read_streams

AS_OF = datetime(2026, 10, 5, 6, tzinfo=UTC)
LEEDS = "E08000035"
UNITED_KINGDOM = "K02000001"
_SHIPPED = read_streams(Path(__file__).parents[2] / "config" / "streams.toml")
LAST_WEEK = date(2026, 9, 28)

RULES = RoutingRules(
    min_rank_score=4.0,
    notices_per_day=2,
    notices_per_week=5,
    update_p_factor=100.0,
    first_look_working_days=3,
    valid_days=14,
    how_to_report="Tell the duty analyst; quote the reference.",
)


def stream(name: str, kind: str, **changes: Any) -> Stream:
    plain = replace(
        _SHIPPED["reaction_reports"],
        name=name,
        title=name.replace("_", " ").capitalize(),
        kind=kind,
        feeds=(name,),
        independent_of=(),
    )
    return replace(plain, **changes)


STREAMS = {
    "reaction_reports": stream("reaction_reports", "reaction_report"),
    "deaths": stream("deaths", "death"),
    "young_heroin_crack": stream(
        "young_heroin_crack",
        "reaction_report",
        title="Heroin and crack reports of people under 25",
        feeds=("reaction_reports",),
        where={"age_band": ("<16", "16-17", "18-24")},
        independent_of=("reaction_reports",),
    ),
    "heroin_purity": stream("heroin_purity", "market_observation", measure="purity_percent"),
}


def alarm(**changes: Any) -> dict[str, Any]:
    plain = {
        "stream": "reaction_reports",
        "detector": "gamma_poisson",
        "substance_id": "nitazenes",
        "area_code": LEEDS,
        "period_start": LAST_WEEK,
        "window": 4,
        "observed": 5.0,
        "observed_high": 5.0,
        "expected": 0.4,
        "lower": None,
        "upper": 2.0,
        "p_value": 1e-5,
        "q_value": 0.004,
        "score": 11.5,
        "detector_version": "1",
        "params": {},
        "run_id": "run",
        "as_of": AS_OF,
        "week": "2026-W40",
        "snapshot": {},
        "quality": {"reaction_reports": {"verdict": "pass", "findings": []}},
    }
    return plain | changes


def curve(periods: int = 60) -> tuple[CurvePoint, ...]:
    first = LAST_WEEK - timedelta(weeks=periods - 1)
    points = []
    for number in range(periods):
        count = float(number % 2 if number < periods - 4 else 3)
        points.append(
            CurvePoint(first + timedelta(weeks=number), count, count, 0.5, 0.0, 2.0, state=0)
        )
    return tuple(points)


def signal(*alarms: Mapping[str, Any], **changes: Any) -> Signal:
    evidence = alarms or (alarm(),)
    plain = Signal(
        signal_id="s1",
        reference="S00001",
        state="detected",
        substance_id="nitazenes",
        area_code=LEEDS,
        streams=tuple(sorted({one["stream"] for one in evidence})),
        first_raised_week="2026-W40",
        last_raised_week="2026-W40",
        first_raised_as_of=AS_OF,
        first_period=LAST_WEEK,
        last_period=LAST_WEEK,
        rank_score=6.5,
        is_count_signal=True,
        quality="pass",
        evidence=tuple(evidence),
        curve=curve(),
    )
    return replace(plain, **changes)


def case(*alarms: Mapping[str, Any], as_of: datetime = AS_OF, **changes: Any) -> Case:
    run_id = f"run-{as_of:%Y%m%d}"
    return Case(signal(*alarms, **changes), run_id, as_of)
