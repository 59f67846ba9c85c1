import logging
import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from alerts import jobs
from alerts.channels import slack
from config.settings import Settings, SlackSettings
from surveillance.errors import DeliveryError, DeliveryRefused
from tests.integration.alerts.stored_signals import (
    LATER,
    NOW,
    deliveries,
    queue_one,
    raise_signal,
)
from tests.integration.slack_server import CHANNEL, FakeSlack


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("invalid_auth", "SLACK_BOT_TOKEN"),
        ("token_revoked", "SLACK_BOT_TOKEN"),
        ("channel_not_found", "DEWS_SLACK_CHANNEL"),
        ("not_in_channel", "invite the app"),
        ("missing_scope", "dews doctor"),
    ],
)
def test_a_refusal_is_dead_at_once_is_kept_and_says_what_to_do(
    code: str, advice: str, settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.refusal = code

    tally = jobs.deliver(settings, now=NOW)

    [dead] = deliveries(engine)
    assert (tally.counts["dead"], tally.counts["sent"]) == (1, 0)
    assert dead.state == "dead"
    assert dead.last_error is not None
    assert code in dead.last_error
    assert advice in dead.last_error
    assert "kept in the outbox" in dead.last_error


def test_without_a_token_the_notice_waits_and_goes_out_after_it_is_given(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    without = replace(settings, slack=replace(settings.slack, token=""))
    queue_one(without, engine)
    refused = jobs.deliver(without, now=NOW)

    again = jobs.requeue(settings, now=NOW)
    tally = jobs.deliver(settings, now=NOW)

    assert refused.counts["dead"] == 1
    assert again.counts["queued"] == 1
    assert tally.counts["sent"] == 1
    assert len(fake.messages) == 1


def test_a_wrong_token_never_shows_in_a_log_or_an_error(
    settings: Settings, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "xoxb-wrong-and-secret-0815"
    wrong = replace(settings, slack=replace(settings.slack, token=secret))
    queue_one(wrong, engine)

    with caplog.at_level(logging.DEBUG):
        jobs.deliver(wrong, now=NOW)

    [dead] = deliveries(engine)
    assert "invalid_auth" in str(dead.last_error)
    assert secret not in caplog.text
    assert secret not in str(dead)
    assert secret not in repr(wrong)


def test_a_short_rate_limit_is_waited_out(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", "rate_limited", "rate_limited")

    tally = jobs.deliver(settings, now=NOW)

    assert tally.counts["sent"] == 1
    assert len(fake.messages) == 1


def test_a_long_rate_limit_is_left_to_the_outbox(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", "long_rate_limit")

    tally = jobs.deliver(settings, now=NOW)

    [failed] = deliveries(engine)
    assert tally.counts["failed"] == 1
    assert failed.state == "failed"
    assert NOW < failed.next_attempt_at <= NOW + timedelta(minutes=2)


def test_a_server_error_is_searched_for_and_tried_again(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", "server_error")

    tally = jobs.deliver(settings, now=NOW)

    assert tally.counts["sent"] == 1
    assert fake.calls == ["chat.postMessage", "conversations.history", "chat.postMessage"]
    assert len(fake.messages) == 1


def test_a_server_error_after_acceptance_sends_no_second_message(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    delivery_id = queue_one(settings, engine)
    fake.fail("chat.postMessage", "error_after_acceptance")

    tally = jobs.deliver(settings, now=NOW)

    assert tally.counts["sent"] == 1
    assert fake.delivery_ids() == [delivery_id]


def test_server_errors_without_end_are_put_off(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", "server_error", "server_error", "server_error")

    tally = jobs.deliver(settings, now=NOW)

    assert tally.counts["failed"] == 1
    assert fake.messages == []


def test_a_connection_lost_after_acceptance_sends_no_second_message(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    delivery_id = queue_one(settings, engine)
    fake.fail("chat.postMessage", "cut_after_acceptance")

    first = jobs.deliver(settings, now=NOW)
    second = jobs.deliver(settings, now=LATER)

    [sent] = deliveries(engine)
    assert (first.counts["failed"], second.counts["sent"]) == (1, 1)
    assert fake.delivery_ids() == [delivery_id]
    assert sent.receipt == f"{CHANNEL}/{fake.messages[0]['ts']}"


def test_a_connection_lost_before_acceptance_is_made_good(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    delivery_id = queue_one(settings, engine)
    fake.fail("chat.postMessage", "cut_before_acceptance")

    jobs.deliver(settings, now=NOW)
    tally = jobs.deliver(settings, now=LATER)

    assert tally.counts["sent"] == 1
    assert fake.delivery_ids() == [delivery_id]


def test_where_slack_is_down_the_notice_stays_queued_and_the_error_is_plain(
    settings: Settings, engine: Engine
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/api/"
        down = replace(settings, slack=replace(settings.slack, base_url=address))
        queue_one(down, engine)

        tally = jobs.deliver(down, now=NOW)

    [failed] = deliveries(engine)
    assert tally.counts["failed"] == 1
    assert "could not be reached" in str(failed.last_error)


def test_a_search_that_fails_sends_nothing(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", "cut_after_acceptance")
    jobs.deliver(settings, now=NOW)
    fake.fail("conversations.history", "server_error", "server_error", "server_error")

    tally = jobs.deliver(settings, now=LATER)

    assert tally.counts["failed"] == 1
    assert len(fake.messages) == 1


def test_without_the_right_to_search_a_repeat_is_sent_rather_than_lost(
    settings: Settings, engine: Engine, fake: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    queue_one(settings, engine)
    fake.scopes = ("chat:write",)
    fake.fail("chat.postMessage", "cut_before_acceptance")
    jobs.deliver(settings, now=NOW)

    tally = jobs.deliver(settings, now=LATER)

    assert tally.counts["sent"] == 1
    assert "may be sent twice" in caplog.text


def test_the_search_pages_back_through_the_channel(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    queue_one(settings, engine)
    fake.fail("chat.postMessage", "cut_after_acceptance")
    jobs.deliver(settings, now=NOW)
    for _ in range(7):
        slack.tell("something else", settings)

    jobs.deliver(settings, now=LATER)

    assert len(fake.messages) == 8
    assert fake.calls.count("conversations.history") == 4


def test_a_notice_reaches_every_channel_and_says_what_it_must(
    settings: Settings, engine: Engine, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_signal(engine)
    both = replace(settings, channels=("console", "slack"))
    jobs.route(both, now=NOW)

    tally = jobs.deliver(both, now=NOW)

    printed = capsys.readouterr().out
    [message] = fake.messages
    assert tally.counts["sent"] == 2
    assert "Review: more reports naming nitazenes in Leeds than expected" in printed
    assert message["text"].startswith("Level 0: signal, unverified")
    assert [block["type"] for block in message["blocks"]][:2] == ["context", "header"]
    for text in (printed, str(message)):
        assert "fewer than 8 reports" in text
        assert "0.4" not in text


def test_a_failed_task_is_told_in_the_log_and_in_slack(
    settings: Settings, fake: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.report_failure(settings, dag_id="collect_deaths", task_id="keep", run_id="r1", now=NOW)

    [message] = fake.messages
    assert "collect" in message["text"]
    assert "collect_deaths: keep failed" in caplog.text


def test_a_silent_slack_does_not_hide_a_failed_task(
    settings: Settings, fake: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    fake.refusal = "invalid_auth"

    jobs.report_failure(settings, dag_id="collect_deaths", task_id="keep", run_id="r1", now=NOW)

    assert "collect_deaths: keep failed" in caplog.text
    assert "Slack was not told" in caplog.text


def test_without_slack_a_failed_task_is_told_in_the_log(
    settings: Settings, fake: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    without = replace(settings, slack=SlackSettings())

    jobs.report_failure(without, dag_id="collect_deaths", task_id="keep", run_id="r1", now=NOW)

    assert "collect_deaths: keep failed" in caplog.text
    assert fake.calls == []


def test_an_answer_that_is_no_json_is_told_by_its_status_alone(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def answer_in_html(*_arguments: Any, **_values: Any) -> dict[str, Any]:
        return {"status": 502, "headers": {}, "body": "<html>secret words</html>"}

    monkeypatch.setattr("slack_sdk.WebClient._perform_urllib_http_request_internal", answer_in_html)

    with pytest.raises(DeliveryError, match="HTTP status 502") as told:
        slack.tell("x", settings)

    assert "secret" not in str(told.value)
    assert not isinstance(told.value, DeliveryRefused)
