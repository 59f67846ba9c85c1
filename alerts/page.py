"""Write one page that shows everything of a realm: operational tier, exact counts.

It is one file that asks for nothing from outside, for named reviewers. What reviewers were
sent stands beside the exact figures, so that both tiers can be compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alerts import charts
from alerts.message import Notice, detector_words, finding, lead_alarm, sections
from alerts.routing import NOTICED_OUTCOMES
from surveillance.domain import Signal, Stream
from surveillance.register import Register
from surveillance.store.deliveries import Delivery, KeptDecision

MOST_ALERTS = 20
_TEMPLATES = Path(__file__).parent / "templates"
_UNITS = {
    "reaction_report": "Reports",
    "death": "Deaths",
    "market_observation": "Observations",
    "indicator": "Cases",
    "sighting": "Sightings",
    "event": "Events",
}
_OUTCOME_WORDS = {
    "notice": "notice to reviewers",
    "update": "update to reviewers",
    "held_back": "held back",
    "below_rank": "below the rank for a notice",
    "repeat": "nothing new",
    "silenced": "silenced",
    "blocked": "blocked by the linter",
}


@dataclass(frozen=True)
class Page:
    """What one page shows.

    Attributes:
        realm: ``live`` or the name of a replay.
        signals: each with the evidence and curve of its newest run.
        decisions: of the realm, the oldest run first.
        coverage: columns stream, detector, reason (empty: judged), outcomes, alarms.
        scorecard: one row a planted event, or None where no truth is known.
    """

    title: str
    made_at: datetime
    realm: str
    signals: Sequence[Signal]
    decisions: Sequence[KeptDecision]
    deliveries: Sequence[Delivery]
    coverage: pd.DataFrame
    scorecard: Sequence[Mapping[str, Any]] | None = None


def write_page(
    path: Path, page: Page, *, register: Register, streams: Mapping[str, Stream]
) -> Path:
    """Write the page to a file and give its path; its folder is made where there is none."""
    signals = {signal.signal_id: signal for signal in page.signals}
    latest = {decision.signal_id: decision for decision in page.decisions}
    noticed = {
        decision.signal_id: decision
        for decision in page.decisions
        if decision.outcome in NOTICED_OUTCOMES
    }
    shown = sorted(noticed.values(), key=lambda decision: decision.as_of, reverse=True)
    names = _Names(register, streams)
    html = (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            alerts=[
                _alert(signals[decision.signal_id], decision, page.deliveries, names)
                for decision in shown[:MOST_ALERTS]
                if decision.signal_id in signals
            ],
            noticed=len(shown),
            most=MOST_ALERTS,
            signals=[_line(signal, latest.get(signal.signal_id), names) for signal in page.signals],
            coverage=_coverage(page.coverage, streams),
            scorecard=page.scorecard,
            sent=sum(delivery.state == "sent" for delivery in page.deliveries),
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    return path


@dataclass(frozen=True)
class _Names:
    register: Register
    streams: Mapping[str, Stream]

    def substance(self, signal: Signal) -> str:
        return self.register.substances.get(signal.substance_id).name

    def area(self, signal: Signal) -> str:
        area = self.register.areas.get(signal.area_code)
        return f"{area.name} ({area.code})"

    def finding(self, alarm: Mapping[str, Any]) -> str:
        found = finding(alarm, register=self.register, streams=self.streams)
        return found[:1].upper() + found[1:]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["sections"] = sections
    return environment


def _alert(
    signal: Signal, decision: KeptDecision, deliveries: Sequence[Delivery], names: _Names
) -> dict[str, Any]:
    sent = [one for one in deliveries if one.decision_id == decision.decision_id]
    found = names.finding(lead_alarm(signal))
    picture = _picture(signal, names)
    return {
        "reference": signal.reference,
        "headline": found,
        "substance": names.substance(signal),
        "area": names.area(signal),
        "signal": signal,
        "decision": decision,
        "outcome": _OUTCOME_WORDS[decision.outcome],
        "svg": Markup(charts.to_svg(picture)) if signal.curve else "",  # noqa: S704 - ours
        "description": charts.describe_curve(signal.curve),
        "table": charts.curve_table(signal.curve[-charts.MOST_PERIODS :]),
        "evidence": [_evidence(alarm, names) for alarm in signal.evidence],
        "findings": _findings(signal),
        "deliveries": sent,
        "notice": Notice.from_json(sent[0].message) if sent and sent[0].message else None,
    }


def _findings(signal: Signal) -> list[str]:
    """List what the checks found in the feeds that the evidence used, each once."""
    found = {
        f"{feed}: {finding}": None
        for alarm in signal.evidence
        for feed, state in alarm["quality"].items()
        for finding in state["findings"]
    }
    return list(found)


def _picture(signal: Signal, names: _Names) -> charts.Picture:
    # The curve is that of the strongest alarm, which stands in front.
    lead = signal.evidence[0]
    stream = names.streams[lead["stream"]]
    unit = (lead["stream"], lead["substance_id"], lead["area_code"])
    return charts.Picture(
        title=names.finding(lead),
        axis=f"{_UNITS[stream.kind]} a {stream.cadence}",
        cadence=stream.cadence,
        curve=signal.curve,
        raised=frozenset(
            alarm["period_start"]
            for alarm in signal.evidence
            if (alarm["stream"], alarm["substance_id"], alarm["area_code"]) == unit
        ),
    )


def _evidence(alarm: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    quality = ", ".join(
        f"{feed}: {state['verdict']}" for feed, state in sorted(alarm["quality"].items())
    )
    return {
        **alarm,
        "stream_title": names.streams[alarm["stream"]].title,
        "unit": (
            f"{names.register.substances.get(alarm['substance_id']).name}, "
            f"{names.register.areas.get(alarm['area_code']).name}"
        ),
        "detector_words": detector_words(alarm["detector"]),
        "quality_words": quality or "not known",
    }


def _line(signal: Signal, decision: KeptDecision | None, names: _Names) -> dict[str, Any]:
    return {
        "signal": signal,
        "substance": names.substance(signal),
        "area": names.area(signal),
        "streams": ", ".join(names.streams[name].title for name in signal.streams),
        "outcome": "not decided yet" if decision is None else _OUTCOME_WORDS[decision.outcome],
        "reason": "" if decision is None else decision.reason,
    }


def _coverage(frame: pd.DataFrame, streams: Mapping[str, Stream]) -> list[dict[str, Any]]:
    rows = []
    for key, group in frame.groupby(["stream", "detector"], sort=True):
        stream, detector = (str(part) for part in key)
        blind = group[group["reason"] != ""].sort_values("outcomes", ascending=False)
        asked, missed = int(group["outcomes"].sum()), int(blind["outcomes"].sum())
        rows.append(
            {
                "stream": streams[stream].title if stream in streams else stream,
                "detector": detector_words(detector),
                "asked": asked,
                "judged": asked - missed,
                "share": missed / asked if asked else 0.0,
                "alarms": int(group["alarms"].sum()),
                "reasons": list(
                    zip(blind["reason"].tolist(), blind["outcomes"].tolist(), strict=True)
                ),
            }
        )
    return rows


def _number(value: float | None, digits: int = 2) -> str:
    if value is None or pd.isna(value):
        return "none"
    if value != 0 and abs(value) < 10**-digits:
        return f"{value:.1e}"
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
