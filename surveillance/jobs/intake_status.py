"""Tell a reporter what came of a report, with nothing in it that hints at other people."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from surveillance.domain import SignalState, Stream
from surveillance.domain.intake import INTAKE_FEED, Progress, ReportStatus, Review
from surveillance.jobs.session import database, judges
from surveillance.jobs.weekly import LIVE
from surveillance.periods import period_end, period_starts
from surveillance.register import Register
from surveillance.series import Question, build_panel
from surveillance.store import intake as store
from surveillance.store import intake_signals
from surveillance.store.engine import reading
from surveillance.store.intake import Arrived
from surveillance.store.intake_signals import RaisedSignal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

Units = frozenset[tuple[str, str]]
_WHOLE_BATCH = "the batch that it came in is held back, and a person looks into it"
# Of several signals the one that tells the reporter most counts.
_REVIEWS: tuple[Review, ...] = ("issued", "under_review", "closed")
_OF_STATES: Mapping[SignalState, Review] = {
    "detected": "under_review",
    "validating": "under_review",
    "validated": "under_review",
    "not_validated": "closed",
    "closed": "closed",
    "auto_suppressed": "none",
}


@dataclass(frozen=True)
class Asker:
    """Who asks: a system by its token, or a person by the secret of one report."""

    system: str | None = None
    secret: str | None = None


def report_status(
    settings: "Settings", reference: str, asker: Asker, *, now: datetime
) -> ReportStatus | None:
    """Say what has come of a report by now.

    Args:
        settings: where things lie.
        reference: as it was given.
        asker: who asks.
        now: the moment of the question.

    Returns:
        None where there is no such report, or it is not the asker's.
    """
    tools = judges(settings.config_folder)
    with reading(database(settings.database_url)) as connection:
        arrived = store.find_arrived(connection, reference)
        if arrived is None or not _may_ask(asker, arrived):
            return None
        found = store.find_record(connection, feed=INTAKE_FEED, source_ref=reference, as_of=now)
        progress, reasons = _progress(arrived)
        if progress == "accepted" and found is not None and found[0]["withdrawn"]:
            progress = "withdrawn"
        streams: dict[str, Units] = {}
        review: Review = "none"
        if progress == "accepted" and found is not None:
            streams = _counted(found, tools.streams, register=tools.register, now=now)
            review = _review(connection, found[0], streams, tools.streams)
    return ReportStatus(
        reference=reference,
        received_at=arrived.received_at,
        progress=progress,
        checked_at=arrived.checked_at,
        reasons=reasons,
        streams=tuple(tools.streams[name].title for name in streams),
        review=review,
    )


def _may_ask(asker: Asker, arrived: Arrived) -> bool:
    if asker.system is not None:
        return asker.system == arrived.system
    given = hashlib.sha256((asker.secret or "").encode()).hexdigest()
    return arrived.secret_hash is not None and hmac.compare_digest(given, arrived.secret_hash)


def _progress(arrived: Arrived) -> tuple[Progress, tuple[str, ...]]:
    if arrived.batch_state in (None, "landed"):
        return "received", ()
    if arrived.batch_state != "kept":
        return "held_back", (_WHOLE_BATCH,)
    if arrived.row_state in ("held", "dropped"):
        return "held_back", arrived.row_reasons
    return "accepted", ()


def _counted(
    found: tuple[dict[str, Any], list[dict[str, Any]]],
    streams: Mapping[str, Stream],
    *,
    register: Register,
    now: datetime,
) -> dict[str, Units]:
    """Give the streams that count a report, each with the units that it counts for.

    The report is counted alone, by the code that counts them all.
    """
    record, mentions = found
    counted = {}
    for name, stream in streams.items():
        if record["kind"] not in stream.kinds:
            continue
        panel = build_panel(
            pd.DataFrame([record]),
            pd.DataFrame(mentions, columns=["version_id", "substance_id", "role"]),
            stream=stream,
            register=register,
            question=Question(
                as_of=now, supplied_until=now, history_periods=stream.history_periods
            ),
        )
        if panel is not None:
            units = panel.units[["substance_id", "area_code"]].itertuples(index=False, name=None)
            counted[name] = frozenset(units)
    return counted


def _review(
    connection: "Connection",
    record: Mapping[str, Any],
    counted: Mapping[str, Units],
    streams: Mapping[str, Stream],
) -> Review:
    """Say how far people are with the signals that a report is part of."""
    raised = intake_signals.find_raised(
        connection, realm=LIVE, since=record["occurred_on"], known_at=record["received_at"]
    )
    is_part = _part_of(record["occurred_on"], counted, streams)
    reviews = {_review_of(signal) for signal in raised if any(map(is_part, signal.alarms))}
    return next((review for review in _REVIEWS if review in reviews), "none")


def _review_of(signal: RaisedSignal) -> Review:
    return "issued" if signal.is_issued else _OF_STATES[signal.state]


def _part_of(
    occurred_on: date, counted: Mapping[str, Units], streams: Mapping[str, Stream]
) -> Callable[[Mapping[str, Any]], bool]:
    def is_part(alarm: Mapping[str, Any]) -> bool:
        name = alarm["stream"]
        if (alarm["substance_id"], alarm["area_code"]) not in counted.get(name, frozenset()):
            return False
        cadence = streams[name].cadence
        start = date.fromisoformat(alarm["period_start"])
        if not occurred_on < period_end(cadence, start):
            return False
        periods = len(period_starts(cadence, min(occurred_on, start), start))
        return periods <= int(alarm["window"])

    return is_part
