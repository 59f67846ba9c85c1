"""Find what depended on a batch: the signals that its records shaped, and what was sent of them.

*Used* means that a record which held through this batch alone was counted in a window that
alarmed. *May have used*: it was counted in the same series before that window, and so in what
was expected; or the stream is no longer configured, and nobody can tell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from surveillance.domain import RawBatch, Stream
from surveillance.jobs.knowledge import fields_of, reading_of
from surveillance.jobs.session import Judges, judges
from surveillance.series import Question, build_panel, select_records
from surveillance.store import deliveries, evidence
from surveillance.store.deliveries import Delivery, KeptDecision
from surveillance.store.evidence import Evidence
from surveillance.store.records import Recorded, load_known
from surveillance.store.versions import Brought, Known

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

Use = Literal["used", "may have used"]


@dataclass(frozen=True)
class Dependent:
    """A signal that depended on a batch, through the evidence of one run.

    Attributes:
        streams: the streams through which it did.
        use: ``used`` or ``may have used``.
        records: most records of the batch that one of its windows, or its past, counted.
        lost: how many of them no other batch has brought.
        is_same_definition: the run was judged under today's settings; where not, the records
            were matched by today's case definitions, not by those of the run.
        decision: what routing decided of it in that run, or None.
        deliveries: the messages of that decision.
    """

    evidence: Evidence
    streams: tuple[str, ...]
    use: Use
    records: int
    lost: int
    is_same_definition: bool
    decision: KeptDecision | None
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True)
class _Match:
    """How one series of a signal used a batch."""

    stream: str
    in_window: int
    in_past: int
    lost: int


def find_dependents(
    connection: "Connection", settings: "Settings", batch: RawBatch, brought: Brought
) -> list[Dependent]:
    """List the signals of every realm that used records of a batch, or may have.

    Args:
        connection: one consistent view of the database.
        settings: where things lie; case definitions are taken as they stand today.
        batch: a batch that was kept.
        brought: its versions.
    """
    if brought.first_received is None:
        return []
    tools = judges(settings.config_folder)
    found = evidence.load_evidence_of_feed(connection, batch.feed, since=brought.first_received)
    matches = {
        (one.realm, one.signal_id, one.run_id): _matches(connection, one, batch, brought, tools)
        for one in found
    }
    sent = _sent(connection, {one.realm for one in found})
    today = settings.settings_hash()
    return [
        _dependent(one, known, sent.get((one.signal_id, one.run_id)), today=today)
        for one in found
        if (known := matches[one.realm, one.signal_id, one.run_id])
    ]


def _dependent(
    one: Evidence,
    matches: Sequence[_Match],
    sent: tuple[KeptDecision, tuple[Delivery, ...]] | None,
    *,
    today: str,
) -> Dependent:
    use: Use = "used" if any(match.in_window for match in matches) else "may have used"
    most = max(matches, key=lambda match: (match.in_window, match.in_past))
    decision, messages = sent if sent is not None else (None, ())
    return Dependent(
        evidence=one,
        streams=tuple(sorted({match.stream for match in matches})),
        use=use,
        records=most.in_window or most.in_past,
        lost=most.lost,
        is_same_definition=one.settings_hash == today,
        decision=decision,
        deliveries=messages,
    )


def _matches(
    connection: "Connection", one: Evidence, batch: RawBatch, brought: Brought, tools: Judges
) -> list[_Match]:
    by_stream: dict[str, list[Mapping[str, Any]]] = {}
    for alarm in one.alarms:
        by_stream.setdefault(alarm["stream"], []).append(alarm)
    matches = []
    for name, alarms in by_stream.items():
        stream = tools.streams.get(name)
        if stream is None:
            matches.append(_Match(name, in_window=0, in_past=0, lost=0))
        elif batch.feed in stream.feeds:
            used = _used(connection, stream, batch, as_of=one.as_of)
            matches += _match(used, stream, alarms, brought, tools=tools, as_of=one.as_of)
    return matches


def _used(
    connection: "Connection", stream: Stream, batch: RawBatch, *, as_of: datetime
) -> Recorded:
    """Read the records that held at a moment and would not have without the batch."""
    kind, within_days = reading_of(stream)
    known = Known([batch.feed], as_of, within_days, touched_by=batch.batch_id)
    held = load_known(connection, kind, known, fields=fields_of([stream]))
    spared = load_known(
        connection, kind, replace(known, without=frozenset({batch.batch_id}))
    ).records["version_id"]
    return Recorded(held.records[~held.records["version_id"].isin(spared)], held.mentions)


def _match(
    used: Recorded,
    stream: Stream,
    alarms: Iterable[Mapping[str, Any]],
    brought: Brought,
    *,
    tools: Judges,
    as_of: datetime,
) -> list[_Match]:
    is_lost = ~used.records["version_id"].isin(list(brought.standing))
    lost = Recorded(used.records[is_lost], used.mentions)
    matches = []
    for alarm in alarms:
        window, past = _counted(used, stream, alarm, tools=tools, as_of=as_of)
        if window or past:
            gone = _counted(lost, stream, alarm, tools=tools, as_of=as_of)
            matches.append(_Match(stream.name, window, past, gone[0] if window else gone[1]))
    return matches


def _counted(
    recorded: Recorded, stream: Stream, alarm: Mapping[str, Any], *, tools: Judges, as_of: datetime
) -> tuple[int, int]:
    """Count records in the window of an alarm and in the periods before it."""
    unit = (alarm["substance_id"], alarm["area_code"])
    marked = select_records(recorded.records, stream).assign(count_low=1, count_high=1)
    panel = build_panel(
        marked,
        recorded.mentions,
        # Every record is one, whatever is measured, and none stands for an absent report.
        stream=replace(stream, measure="count", absent_means_zero=True),
        register=tools.register,
        question=Question(
            as_of=as_of,
            supplied_until=as_of,
            history_periods=stream.history_periods,
            keep_unit=lambda substance, area: (substance, area) == unit,
        ),
    )
    if panel is None or panel.starts is None:
        return 0, 0
    last = np.datetime64(date.fromisoformat(alarm["period_start"]), "D")
    until = int(np.searchsorted(panel.starts, last, side="right"))
    since = max(0, until - int(alarm["window"]))
    return int(panel.low[0, since:until].sum()), int(panel.low[0, :since].sum())


def _sent(
    connection: "Connection", realms: Iterable[str]
) -> dict[tuple[str, str], tuple[KeptDecision, tuple[Delivery, ...]]]:
    """Give by signal and run what was decided and what was sent of it."""
    found = {}
    for realm in realms:
        messages: dict[str, list[Delivery]] = {}
        for delivery in deliveries.load_deliveries(connection, realm=realm):
            messages.setdefault(delivery.decision_id, []).append(delivery)
        for decision in deliveries.load_decisions(connection, realm=realm):
            sent = tuple(messages.get(decision.decision_id, ()))
            found[decision.signal_id, decision.run_id] = (decision, sent)
    return found
