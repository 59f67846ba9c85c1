"""Messages past their period leave Slack; the record of them stays."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from alerts import jobs
from config.settings import Settings
from surveillance.store.engine import reading
from surveillance.store.schema import DeliveryRow
from tests.integration.alerts.stored_signals import NOW, deliveries, queue_one
from tests.integration.slack_server import FakeSlack

A_MONTH_ON = NOW + timedelta(days=31)


def sent(settings: Settings, engine: Engine) -> None:
    queue_one(settings, engine)
    jobs.deliver(settings, now=NOW)


def removed(engine: Engine) -> list[bool]:
    with reading(engine) as connection:
        return [at is not None for at in connection.scalars(select(DeliveryRow.removed_at))]


def test_a_message_that_slack_will_not_give_back_is_tried_again(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    sent(settings, engine)
    fake.refusal = "ratelimited"
    first = jobs.remove_expired(settings, now=A_MONTH_ON)
    fake.refusal = ""

    again = jobs.remove_expired(settings, now=A_MONTH_ON)

    assert (first.counts["failed"], first.counts["removed"]) == (1, 0)
    assert (again.counts["failed"], again.counts["removed"]) == (0, 1)
    assert fake.messages == []


def test_a_message_within_its_period_stands(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    sent(settings, engine)

    tally = jobs.remove_expired(settings, now=NOW + timedelta(days=29))

    assert tally.counts["due"] == 0
    assert len(fake.messages) == 1


def test_a_dry_run_counts_and_deletes_nothing(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    sent(settings, engine)

    tally = jobs.remove_expired(settings, now=A_MONTH_ON, dry_run=True)

    assert (tally.counts["due"], tally.counts["removed"]) == (1, 0)
    assert len(fake.messages) == 1
    assert removed(engine) == [False]


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_message_past_its_period_goes_once_and_its_record_stays(
    settings: Settings, engine: Engine, fake: FakeSlack, is_gone: bool
) -> None:
    sent(settings, engine)
    if is_gone:
        fake.messages.clear()

    first, second = (jobs.remove_expired(settings, now=A_MONTH_ON) for _ in range(2))

    [kept] = deliveries(engine)
    assert (first.counts["removed"], second.counts["due"]) == (1, 0)
    assert fake.messages == []
    assert (kept.state, removed(engine)) == ("sent", [True])
    assert kept.message["headline"]
