from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from alerts import jobs, outbox
from alerts.channels import CHANNELS, slack
from alerts.jobs import notices
from config.settings import Settings
from surveillance.errors import StoreError
from surveillance.store import deliveries as store
from surveillance.store.engine import writing
from surveillance.store.schema import DeliveryRow
from surveillance.store.writing import insert_ignoring_known
from tests.integration.alerts.stored_signals import (
    LATER,
    NOW,
    decisions,
    deliveries,
    queue_one,
    raise_signal,
)
from tests.integration.slack_server import FakeSlack, Fault

LONG_WAITS: tuple[Fault, ...] = ("long_rate_limit",) * 9


class Killed(BaseException):
    """Stands for a process that dies: no handler of the service catches it."""


def kill_after_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_and_die(notice: Any, envelope: outbox.Envelope) -> str:
        slack.send(notice, envelope)
        raise Killed

    channel = replace(CHANNELS["slack"], send=send_and_die)
    monkeypatch.setattr(notices, "CHANNELS", {"slack": channel})


def test_a_crash_while_deciding_keeps_neither_decision_nor_delivery(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_signal(engine)
    whole = insert_ignoring_known

    def die_before_the_outbox(connection: Any, table: Any, rows: Any) -> int:
        if table is DeliveryRow:
            raise Killed
        return whole(connection, table, rows)

    with monkeypatch.context() as broken:
        broken.setattr(store, "insert_ignoring_known", die_before_the_outbox)
        with pytest.raises(Killed):
            jobs.route(settings, now=NOW)
    kept = decisions(engine)
    tally = jobs.route(settings, now=NOW)

    assert kept == []
    assert tally.counts["queued"] == 1


def test_a_crash_between_decision_and_delivery_loses_nothing(
    settings: Settings, engine: Engine, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = queue_one(settings, engine)

    def die(_notice: Any, _envelope: outbox.Envelope) -> str:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(notices, "CHANNELS", {"slack": replace(CHANNELS["slack"], send=die)})
        with pytest.raises(Killed):
            jobs.deliver(settings, now=NOW)
    too_early = jobs.deliver(settings, now=NOW + timedelta(minutes=1))
    tally = jobs.deliver(settings, now=LATER)

    assert too_early.counts["sent"] == 0
    assert tally.counts["sent"] == 1
    assert fake.delivery_ids() == [delivery_id]


def test_a_crash_between_acceptance_and_receipt_sends_no_second_message(
    settings: Settings, engine: Engine, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = queue_one(settings, engine)
    with monkeypatch.context() as broken:
        kill_after_sending(broken)
        with pytest.raises(Killed):
            jobs.deliver(settings, now=NOW)
    [left] = deliveries(engine)

    tally = jobs.deliver(settings, now=LATER)

    [sent] = deliveries(engine)
    assert left.state == "sending"
    assert tally.counts["sent"] == 1
    assert sent.state == "sent"
    assert fake.delivery_ids() == [delivery_id]


def test_a_database_gone_after_sending_sends_no_second_message(
    settings: Settings, engine: Engine, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_one(settings, engine)

    def lose_the_database(*_arguments: Any, **_values: Any) -> None:
        raise StoreError("The database failed.")

    with monkeypatch.context() as broken:
        broken.setattr(store, "mark_sent", lose_the_database)
        with pytest.raises(StoreError):
            jobs.deliver(settings, now=NOW)
    jobs.deliver(settings, now=LATER)

    assert [one.state for one in deliveries(engine)] == ["sent"]
    assert len(fake.messages) == 1


def test_after_eight_failures_a_person_must_act(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", *LONG_WAITS)
    moments = [NOW + timedelta(hours=3 * attempt) for attempt in range(8)]
    waits = []

    for at in moments:
        jobs.deliver(settings, now=at)
        waits.append((deliveries(engine)[0].next_attempt_at - at) / timedelta(minutes=1))

    [dead] = deliveries(engine)
    assert [round(wait) for wait in waits[:7]] == [1, 2, 4, 8, 16, 32, 64]
    assert dead.state == "dead"
    assert str(dead.last_error).startswith("Given up after 8 attempts")


def test_one_broken_message_does_not_stop_the_others(
    settings: Settings, engine: Engine, fake: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    raise_signal(engine, 1)
    raise_signal(engine, 2)
    jobs.route(settings, now=NOW)
    broken, whole = deliveries(engine)
    with writing(engine) as connection:
        connection.execute(
            update(DeliveryRow)
            .where(DeliveryRow.delivery_id == broken.delivery_id)
            .values(message={"not": "a notice"})
        )

    tally = jobs.deliver(settings, now=NOW)

    assert (tally.counts["sent"], tally.counts["failed"]) == (1, 1)
    assert fake.delivery_ids() == [whole.delivery_id]
    assert "unforeseen" in caplog.text


def test_a_channel_that_is_gone_makes_a_dead_letter(settings: Settings, engine: Engine) -> None:
    queue_one(settings, engine)
    with writing(engine) as connection:
        connection.execute(update(DeliveryRow).values(channel="fax"))

    tally = jobs.deliver(settings, now=NOW)

    assert tally.counts["dead"] == 1


def test_two_senders_never_claim_the_same_delivery(settings: Settings, engine: Engine) -> None:
    queue_one(settings, engine)

    with writing(engine) as connection:
        first = store.claim_next(connection, at=NOW)
    with writing(engine) as connection:
        second = store.claim_next(connection, at=NOW)

    assert first is not None
    assert second is None


def test_a_second_sender_skips_what_another_is_claiming(settings: Settings, engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    raise_signal(engine, 1)
    raise_signal(engine, 2)
    jobs.route(settings, now=NOW)

    with writing(engine) as one, writing(engine) as other:
        first = store.claim_next(one, at=NOW)
        second = store.claim_next(other, at=NOW)

    assert first is not None
    assert second is not None
    assert first.delivery_id != second.delivery_id


def test_a_sender_that_lost_its_claim_does_not_undo_a_receipt(
    settings: Settings, engine: Engine
) -> None:
    delivery_id = queue_one(settings, engine)
    jobs.deliver(settings, now=NOW)

    with writing(engine) as connection:
        store.mark_failed(connection, delivery_id, error="late", next_attempt_at=LATER)
        store.mark_dead(connection, delivery_id, error="late")

    assert [one.state for one in deliveries(engine)] == ["sent"]


def test_routing_twice_queues_once_and_delivering_twice_sends_once(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    raise_signal(engine)

    routed = [jobs.route(settings, now=NOW).counts["queued"] for _ in range(2)]
    sent = [jobs.deliver(settings, now=at).counts["sent"] for at in (NOW, LATER)]

    assert (routed, sent) == ([1, 0], [1, 0])
    assert len(fake.messages) == 1
