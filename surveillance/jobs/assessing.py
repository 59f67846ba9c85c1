"""Assess a judged run: from alarms to ranked signals with their evidence."""

from typing import TYPE_CHECKING

import numpy as np

from surveillance import assess as assessing
from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import Alarm, Candidate, CurvePoint, Outcomes, Panel, Tally
from surveillance.errors import InputError
from surveillance.jobs.knowledge import (
    Knowledge,
    configured,
    find_run,
    load_knowledge,
    stream_panel,
)
from surveillance.jobs.session import Judges, database, judges
from surveillance.store import batches, raising, runs
from surveillance.store.engine import reading, writing
from surveillance.store.raising import Raised
from surveillance.store.runs import Run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

CURVE = "curve"
_CURVE_PERIODS = 53


def assess(settings: "Settings", *, run_id: str) -> Tally:
    """Turn a run's alarms into signals, once every shard has been judged.

    Raises:
        InputError: the run is not known, or shards are missing; the message names them.
    """
    tools = judges(settings.config_folder)
    with reading(database(settings.database_url)) as connection:
        run = find_run(connection, run_id)
        alarms = _screened(connection, run, tools)
        raised = _families(connection, run, alarms, tools)
    with writing(database(settings.database_url)) as connection:
        fresh = [
            raising.raise_signal(connection, run, one, detectors=tools.detectors) for one in raised
        ]
        runs.close_run(connection, run_id, at=run.as_of)
    again = len(fresh) - sum(fresh)
    return Tally({"alarms": len(alarms), "signals_new": sum(fresh), "signals_again": again})


def _screened(connection: "Connection", run: Run, tools: Judges) -> list[Alarm]:
    missing = runs.unjudged_shards(connection, run.run_id)
    if missing:
        raise InputError(
            f"Run {run.run_id} of {run.week}: shards {missing} are not judged yet. Nothing was "
            "assessed; run detect for them first."
        )
    outcomes = runs.load_outcomes(connection, run.run_id)
    tests = int(runs.coverage(connection, [run.run_id])["tests"].sum())
    return assessing.screen(outcomes, tests=tests, rules=tools.rules)


def _families(
    connection: "Connection", run: Run, alarms: list[Alarm], tools: Judges
) -> list[Raised]:
    found = assessing.families(
        alarms, register=tools.register, streams=tools.streams, rules=tools.rules
    )
    if not found:
        return []
    knowledge = load_knowledge(connection, run, tools)
    still_open = raising.open_signals(connection, realm=run.realm, states=assessing.OPEN_STATES)
    quality = batches.newest_verdicts(connection, known_at=run.as_of)
    raised = []
    for candidate in found:
        signal = assessing.find_open(
            candidate,
            still_open,
            register=tools.register,
            rules=tools.rules,
        )
        feeds = {feed for name in candidate.streams for feed in knowledge.streams[name].feeds}
        raised.append(
            Raised(
                candidate=candidate,
                signal_id=None if signal is None else signal.signal_id,
                curve=_curve(knowledge, candidate, tools),
                quality={feed: quality[feed] for feed in sorted(feeds) if feed in quality},
            )
        )
    return raised


def _curve(knowledge: Knowledge, candidate: Candidate, tools: Judges) -> list[CurvePoint]:
    """Judge the lead's series over the last year, so that a person sees what is unusual."""
    lead = candidate.lead
    stream = knowledge.streams[lead.stream]
    unit = (lead.substance_id, lead.area_code)
    panel = stream_panel(knowledge, stream, tools, lambda *pair: pair == unit)
    if panel is None or panel.starts is None:
        return []
    periods = np.arange(max(0, len(panel.starts) - _CURVE_PERIODS), len(panel.starts))
    choice = configured(tools, CURVE)
    outcomes = SERIES_DETECTORS[choice.method](panel, periods, choice.params)
    return [_point(panel, outcomes, place, int(period)) for place, period in enumerate(periods)]


def _point(panel: Panel, outcomes: Outcomes, place: int, period: int) -> CurvePoint:
    values = {
        name: _known(getattr(outcomes, name)[0, place]) for name in ("expected", "lower", "upper")
    }
    starts = panel.starts
    if starts is None:
        raise InputError("A curve needs dated periods.")
    return CurvePoint(
        start=starts[period].item(),
        low=_known(panel.low[0, period]),
        high=_known(panel.high[0, period]),
        state=int(panel.state[0, period]),
        **values,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
