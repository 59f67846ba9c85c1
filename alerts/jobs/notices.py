"""Decide, send, show: each may run twice and may die anywhere.

Decision and deliveries are written in one transaction, and what is to be sent is sent only
from there. A replay decides as it would have decided then, and tells nobody.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from alerts import lint, outbox
from alerts.channels import CHANNELS
from alerts.message import Edition, Notice, plain_text, write_notice
from alerts.routing import (
    NOTICED_OUTCOMES,
    SIGNAL_LEVEL,
    Case,
    Decision,
    PastNotice,
    RoutingRules,
    decide,
    read_rules,
    smallest_p,
)
from config.settings import Settings
from surveillance.domain import Stream, Tally
from surveillance.errors import DeliveryError, DeliveryRefused, SettingsError
from surveillance.register import Register, load_register
from surveillance.store import deliveries as store
from surveillance.store.engine import open_engine, reading, writing
from surveillance.store.runs import coverage, list_runs
from surveillance.store.signals import load_evidence, load_signals, signals_without_decision
from surveillance.streams import read_streams

LIVE = "live"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Names:
    """What words and decisions rest on, read from the configuration once."""

    register: Register
    streams: Mapping[str, Stream]
    rules: RoutingRules


@dataclass(frozen=True)
class _Worded:
    """A decision and, where it is a notice, its text."""

    decision: Decision
    notice: Notice | None = None


def route(settings: Settings, *, now: datetime, realm: str = LIVE) -> Tally:
    """Decide about every signal that is not decided yet, and queue what is to be sent.

    Args:
        settings: the installation.
        now: the moment of the decision, which a notice states.
        realm: ``live``; decisions of any other realm are kept, and nothing is queued.

    Returns:
        ``decided``, ``notices`` (updates among them), ``held_back``, ``blocked``, ``queued``.

    Raises:
        SettingsError: routes, streams or channels are wrong; nothing was decided.
        StoreError: the database failed; nothing of this call was kept.
    """
    names = _names(settings.config_folder)
    recipients = _recipients(settings) if realm == LIVE else {}
    with _database(settings) as engine, writing(engine) as connection:
        cases = [Case(*found) for found in signals_without_decision(connection, realm=realm)]
        noticed = _noticed(connection, realm, cases)
        decisions = decide(cases, rules=names.rules, noticed=noticed, register=names.register)
        worded = _word(decisions, noticed, names=names, now=now)
        queued = _keep(connection, worded, recipients=recipients, now=now)
    return _count(worded, queued)


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@lru_cache(maxsize=4)
def _names(config_folder: Path) -> _Names:
    return _Names(
        register=load_register(config_folder),
        streams=read_streams(config_folder / "streams.toml"),
        rules=read_rules(config_folder / "routes.toml"),
    )


def _recipients(settings: Settings) -> dict[str, str]:
    unknown = sorted(set(settings.channels) - set(CHANNELS))
    if unknown:
        raise SettingsError(
            f"DEWS_CHANNELS names no such channel: {', '.join(unknown)}. There are "
            f"{', '.join(CHANNELS)}. Nothing was decided; mend the setting and run again."
        )
    return {name: CHANNELS[name].recipient(settings) for name in settings.channels}


def _noticed(connection: Connection, realm: str, cases: Sequence[Case]) -> list[PastNotice]:
    past = [
        decision
        for decision in store.load_decisions(connection, realm=realm)
        if decision.outcome in NOTICED_OUTCOMES
    ]
    # What was known at a notice matters only where the same signal asks again.
    asked = {case.signal.signal_id for case in cases}
    until = max((decision.as_of for decision in past), default=None)
    evidence = load_evidence(connection, signal_ids=asked, until=until) if until else {}
    notices = []
    for decision in past:
        alarms = [
            alarm
            for alarm in evidence.get(decision.signal_id, [])
            if alarm["as_of"] <= decision.as_of
        ]
        notices.append(
            PastNotice(
                signal_id=decision.signal_id,
                as_of=decision.as_of,
                streams=frozenset(alarm["stream"] for alarm in alarms),
                smallest_p=smallest_p(alarms),
            )
        )
    return notices


def _word(
    decisions: Sequence[Decision], noticed: Sequence[PastNotice], *, names: _Names, now: datetime
) -> list[_Worded]:
    editions = Counter(notice.signal_id for notice in noticed)
    worded = []
    for decision in decisions:
        if decision.outcome not in NOTICED_OUTCOMES:
            worded.append(_Worded(decision))
            continue
        signal = decision.case.signal
        editions[signal.signal_id] += 1
        notice = write_notice(
            signal,
            register=names.register,
            streams=names.streams,
            rules=names.rules,
            issued=now,
            edition=Edition(editions[signal.signal_id], decision.news),
        )
        worded.append(_guard(decision, notice))
    return worded


def _guard(decision: Decision, notice: Notice) -> _Worded:
    findings = lint.lint(plain_text(notice))
    if not findings:
        return _Worded(decision, notice)
    why = f"the text must not go out: {lint.describe(findings)}"
    _LOG.error("%s was blocked: %s", decision.case.signal.reference, why)
    return _Worded(decision.block(why))


def _keep(
    connection: Connection,
    worded: Sequence[_Worded],
    *,
    recipients: Mapping[str, str],
    now: datetime,
) -> int:
    decisions, deliveries = [], []
    for item in worded:
        case = item.decision.case
        name = outbox.decision_id(case.signal.signal_id, case.run_id)
        decisions.append(
            {
                "decision_id": name,
                "signal_id": case.signal.signal_id,
                "run_id": case.run_id,
                "level": SIGNAL_LEVEL,
                "outcome": item.decision.outcome,
                "reason": item.decision.reason,
                "decided_at": now,
            }
        )
        if item.notice is None:
            continue
        deliveries += [
            {
                "delivery_id": outbox.delivery_id(name, channel=channel, recipient=recipient),
                "decision_id": name,
                "channel": channel,
                "recipient": recipient,
                "message": item.notice.to_json(),
                "next_attempt_at": now,
            }
            for channel, recipient in recipients.items()
        ]
    return store.save_decisions(connection, decisions=decisions, deliveries=deliveries)


def _count(worded: Sequence[_Worded], queued: int) -> Tally:
    outcomes = Counter(item.decision.outcome for item in worded)
    return Tally(
        {
            "decided": len(worded),
            "notices": sum(outcomes[outcome] for outcome in NOTICED_OUTCOMES),
            "held_back": outcomes["held_back"],
            "blocked": outcomes["blocked"],
            "queued": queued,
        }
    )


def deliver(settings: Settings, *, now: datetime) -> Tally:
    """Send everything that is due, one claim at a time.

    A claim is a lease: where this process dies, another takes the delivery up when the lease
    has run out, and looks in the channel before it sends again.

    Returns:
        ``sent``, ``failed`` (tried again later) and ``dead`` (a person must act).

    Raises:
        StoreError: the database failed; what was claimed is taken up again later.
    """
    counts = Counter(sent=0, failed=0, dead=0)
    started = time.monotonic()
    with _database(settings) as engine:
        while True:
            # A lease counts from its own claim, not from the start of a long queue.
            at = now + timedelta(seconds=time.monotonic() - started)
            with writing(engine) as connection:
                delivery = store.claim_next(connection, at=at)
            if delivery is None:
                return Tally(dict(counts))
            counts[_send(engine, delivery, settings=settings, at=at)] += 1


def _send(engine: Engine, delivery: store.Delivery, *, settings: Settings, at: datetime) -> str:
    try:
        receipt = _hand_over(delivery, settings)
    except DeliveryRefused as error:
        return _bury(engine, delivery, str(error))
    except DeliveryError as error:
        return _put_off(engine, delivery, str(error), at=at)
    except Exception as error:  # noqa: BLE001 - one broken message must not stop all others
        _LOG.exception("Delivery %s failed in an unforeseen way.", delivery.delivery_id)
        told = f"Unforeseen: {type(error).__name__}; the log of the task says more."
        return _put_off(engine, delivery, told, at=at)
    with writing(engine) as connection:
        store.mark_sent(connection, delivery.delivery_id, at=at, receipt=receipt)
    return "sent"


def _hand_over(delivery: store.Delivery, settings: Settings) -> str:
    channel = CHANNELS.get(delivery.channel)
    if channel is None:
        raise DeliveryRefused(
            f"There is no channel {delivery.channel!r} any more. The message is kept as dead."
        )
    envelope = outbox.Envelope(
        delivery_id=delivery.delivery_id,
        recipient=delivery.recipient,
        since=delivery.decided_at,
        settings=settings,
    )
    if delivery.attempts > 1 and channel.find is not None:
        receipt = channel.find(envelope)
        if receipt is not None:
            return receipt
    return channel.send(Notice.from_json(delivery.message), envelope)


def _put_off(engine: Engine, delivery: store.Delivery, error: str, *, at: datetime) -> str:
    again = outbox.next_attempt(delivery.attempts, at=at)
    if again is None:
        told = f"Given up after {delivery.attempts} attempts; the last: {error}"
        return _bury(engine, delivery, told)
    _LOG.warning("Delivery %s was put off: %s", delivery.delivery_id, error)
    with writing(engine) as connection:
        store.mark_failed(connection, delivery.delivery_id, error=error, next_attempt_at=again)
    return "failed"


def _bury(engine: Engine, delivery: store.Delivery, error: str) -> str:
    _LOG.error("Delivery %s needs a person: %s", delivery.delivery_id, error)
    with writing(engine) as connection:
        store.mark_dead(connection, delivery.delivery_id, error=error)
    return "dead"


def requeue(settings: Settings, *, now: datetime) -> Tally:
    """Queue every dead delivery again, after a person has mended what stood in its way.

    Returns:
        ``queued``.

    Raises:
        StoreError: the database failed; nothing was changed.
    """
    with _database(settings) as engine, writing(engine) as connection:
        return Tally({"queued": store.requeue_dead(connection, at=now)})


def make_page(
    settings: Settings,
    path: Path,
    *,
    now: datetime,
    realm: str = LIVE,
    scorecard: Sequence[Mapping[str, Any]] | None = None,
) -> Path:
    """Write the page of the operational tier about one realm, and give its path.

    Args:
        settings: the installation.
        path: the HTML file to write.
        now: the moment the page states.
        realm: ``live`` or the name of a replay.
        scorecard: one row a planted event and what became of it, where the truth is known.

    Raises:
        StoreError: the database failed; no page was written.
    """
    # Drawing needs Altair, which a sender does not.
    from alerts.page import Page, write_page

    names = _names(settings.config_folder)
    with _database(settings) as engine, reading(engine) as connection:
        runs = [run for run in list_runs(connection, realm=realm) if run.state == "assessed"]
        page = Page(
            title="Drug early warning: signals and notices",
            made_at=now,
            realm=realm,
            signals=load_signals(connection, realm=realm),
            decisions=store.load_decisions(connection, realm=realm),
            deliveries=store.load_deliveries(connection, realm=realm),
            coverage=coverage(connection, [run.run_id for run in runs]),
            scorecard=scorecard,
        )
    return write_page(path, page, register=names.register, streams=names.streams)
