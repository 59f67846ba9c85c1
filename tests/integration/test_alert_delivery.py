import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from alerts import jobs, outbox
from alerts.channels import CHANNELS, slack
from config.settings import Settings, SlackSettings
from surveillance.domain import Signal
from surveillance.errors import DeliveryError, DeliveryRefused, SettingsError, StoreError
from surveillance.store import deliveries as store
from surveillance.store.engine import reading, writing
from surveillance.store.schema import (
    DecisionRow,
    DeliveryRow,
    EvidenceRow,
    RunRow,
    SignalRow,
)
from surveillance.store.signals import load_signal, load_signals, signals_without_decision
from surveillance.store.writing import insert_ignoring_known
from tests.integration.slack_server import CHANNEL, TOKEN, FakeSlack, Fault
from tests.unit.alert_cases import AS_OF, alarm, signal

NOW = datetime(2026, 10, 5, 6, 10, tzinfo=UTC)
LONG_WAITS: tuple[Fault, ...] = ("long_rate_limit",) * 9
LATER = NOW + timedelta(minutes=10)


class Killed(BaseException):
    """Stands for a process that dies: no handler of the service catches it."""


@pytest.fixture
def fake() -> Iterator[FakeSlack]:
    with FakeSlack() as running:
        yield running


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def settings(
    database_url: str, engine: Engine, fake: FakeSlack, tmp_path: Path, config_folder: Path
) -> Settings:
    assert engine.url.get_backend_name() in database_url
    return Settings(
        home=tmp_path,
        database_url=database_url,
        config_folder=config_folder,
        channels=("slack",),
        slack=SlackSettings(token=TOKEN, channel=CHANNEL, base_url=fake.base_url),
    )


def raise_signal(
    engine: Engine,
    number: int = 1,
    *,
    realm: str = "live",
    as_of: datetime = AS_OF,
    **changes: Any,
) -> Signal:
    """Write a signal with the evidence of one assessed run, as an assessment would."""
    evidence = changes.pop("evidence", (alarm(),))
    one = signal(
        *evidence,
        signal_id=f"{realm[:4]}-s{number}",
        reference=f"S{number:05d}",
        **changes,
    )
    week = f"{as_of.isocalendar().year}-W{as_of.isocalendar().week - 1:02d}"
    run_id = f"{realm[:4]}{as_of:%Y%m%d}"
    with writing(engine) as connection:
        _insert_new(
            connection,
            RunRow,
            run_id=run_id,
            realm=realm,
            week=week,
            as_of=as_of,
            state="assessed",
            shards=1,
            snapshot={},
            settings_hash="0",
            code_version="0",
            assessed_at=as_of,
        )
        row = {name: getattr(one, name) for name in _signal_columns()}
        _insert_new(connection, SignalRow, **row | {"realm": realm, "streams": list(one.streams)})
        connection.execute(
            update(SignalRow)
            .where(SignalRow.signal_id == one.signal_id)
            .values(rank_score=one.rank_score, streams=list(one.streams))
        )
        connection.execute(
            insert(EvidenceRow).values(
                signal_id=one.signal_id,
                run_id=run_id,
                alarms=[_stored(each) for each in evidence],
                curve=[{**vars(point), "start": point.start.isoformat()} for point in one.curve],
                quality={"reaction_reports": {"verdict": "pass", "findings": []}},
            )
        )
    return one


def _signal_columns() -> list[str]:
    return [column.name for column in SignalRow.__table__.c if column.name != "realm"]


def _insert_new(connection: Any, table: Any, **values: Any) -> None:
    insert_ignoring_known(connection, table, [values])


def _stored(each: dict[str, Any]) -> dict[str, Any]:
    of_run = {"run_id", "as_of", "week", "snapshot", "quality"}
    kept = {name: value for name, value in each.items() if name not in of_run}
    return kept | {"period_start": each["period_start"].isoformat()}


def deliveries(engine: Engine, realm: str = "live") -> list[store.Delivery]:
    with reading(engine) as connection:
        return store.load_deliveries(connection, realm=realm)


def decisions(engine: Engine, realm: str = "live") -> list[store.KeptDecision]:
    with reading(engine) as connection:
        return store.load_decisions(connection, realm=realm)


def queue_one(settings: Settings, engine: Engine) -> str:
    raise_signal(engine)
    jobs.route(settings, now=NOW)
    [queued] = deliveries(engine)
    return queued.delivery_id


def kill_after_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_and_die(notice: Any, envelope: outbox.Envelope) -> str:
        slack.send(notice, envelope)
        raise Killed

    channel = replace(CHANNELS["slack"], send=send_and_die)
    monkeypatch.setattr(jobs, "CHANNELS", {"slack": channel})


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
        broken.setattr(jobs, "CHANNELS", {"slack": replace(CHANNELS["slack"], send=die)})
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


def test_a_replay_decides_the_same_and_tells_nobody(
    settings: Settings, engine: Engine, fake: FakeSlack
) -> None:
    raise_signal(engine, realm="replay of 2026")

    tally = jobs.route(settings, now=NOW, realm="replay of 2026")
    jobs.deliver(settings, now=NOW)

    assert (tally.counts["notices"], tally.counts["queued"]) == (1, 0)
    assert [one.outcome for one in decisions(engine, "replay of 2026")] == ["notice"]
    assert decisions(engine) == []
    assert fake.calls == []


def test_what_is_over_the_budget_is_held_back_and_decided_again(
    settings: Settings, engine: Engine
) -> None:
    for number in (1, 2, 3):
        raise_signal(engine, number, rank_score=10.0 - number)
    first = jobs.route(settings, now=NOW)
    raise_signal(engine, 3, as_of=AS_OF + timedelta(weeks=1))

    second = jobs.route(settings, now=NOW + timedelta(weeks=1))

    assert (first.counts["notices"], first.counts["held_back"]) == (2, 1)
    assert (second.counts["notices"], second.counts["queued"]) == (1, 1)


def test_a_stream_that_joins_makes_an_update_that_supersedes(
    settings: Settings, engine: Engine
) -> None:
    raise_signal(engine)
    jobs.route(settings, now=NOW)
    joined = (alarm(), alarm(stream="deaths"))
    raise_signal(engine, as_of=AS_OF + timedelta(weeks=1), evidence=joined)

    jobs.route(settings, now=NOW + timedelta(weeks=1))

    assert [one.outcome for one in decisions(engine)] == ["notice", "update"]
    assert [one.message["version"] for one in deliveries(engine)] == [1, 2]
    assert deliveries(engine)[1].message["grade"].startswith("G2")


def test_a_second_run_without_news_is_a_repeat(settings: Settings, engine: Engine) -> None:
    raise_signal(engine)
    jobs.route(settings, now=NOW)
    raise_signal(engine, as_of=AS_OF + timedelta(weeks=1))

    tally = jobs.route(settings, now=NOW + timedelta(weeks=1))

    assert tally.counts["queued"] == 0
    assert [one.outcome for one in decisions(engine)] == ["notice", "repeat"]


def test_a_text_that_fails_the_linter_is_blocked_and_stays_visible(
    settings: Settings, engine: Engine, tmp_path: Path, config_folder: Path
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    for path in config_folder.iterdir():
        if path.suffix in {".csv", ".toml"}:
            (folder / path.name).write_bytes(path.read_bytes())
    routes = folder / "routes.toml"
    written = routes.read_text(encoding="utf-8")
    routes.write_text(written.replace("Tell the duty analyst", "Ring 020 7946 0000"), "utf-8")
    raise_signal(engine)

    tally = jobs.route(replace(settings, config_folder=folder), now=NOW)

    [kept] = decisions(engine)
    assert (tally.counts["blocked"], tally.counts["queued"]) == (1, 0)
    assert kept.outcome == "blocked"
    assert "identifier" in kept.reason
    assert "7946" not in kept.reason


def test_an_unknown_channel_is_refused_before_anything_is_decided(
    settings: Settings, engine: Engine
) -> None:
    raise_signal(engine)

    with pytest.raises(SettingsError, match="pigeon"):
        jobs.route(replace(settings, channels=("pigeon",)), now=NOW)

    assert decisions(engine) == []


def test_a_channel_name_in_place_of_its_id_is_refused(settings: Settings) -> None:
    named = replace(settings, slack=replace(settings.slack, channel="#alerts"))

    with pytest.raises(SettingsError, match="ID of a Slack channel"):
        jobs.route(named, now=NOW)


def test_a_run_that_is_not_assessed_yet_is_left_alone(settings: Settings, engine: Engine) -> None:
    raise_signal(engine)
    with writing(engine) as connection:
        connection.execute(update(RunRow).values(state="planned"))

    tally = jobs.route(settings, now=NOW)

    assert tally.counts["decided"] == 0


def test_signals_come_back_with_the_evidence_of_their_newest_run(
    settings: Settings, engine: Engine
) -> None:
    assert settings
    week_later = AS_OF + timedelta(weeks=1)
    raise_signal(engine)
    raise_signal(engine, as_of=week_later, evidence=(alarm(observed=9.0),))

    with reading(engine) as connection:
        [newest] = load_signals(connection, realm="live")
        [then] = load_signals(connection, realm="live", as_of=AS_OF)
        before = load_signals(connection, realm="live", as_of=AS_OF - timedelta(days=1))
        one = load_signal(connection, realm="live", reference="S00001")
        pending = signals_without_decision(connection, realm="live")

    assert newest.evidence[0]["observed"] == 9.0
    assert newest.evidence[0]["quality"]["reaction_reports"]["verdict"] == "pass"
    assert then.evidence[0]["observed"] == 5.0
    assert before == []
    assert one == newest
    assert [item.as_of for item in pending] == [AS_OF, week_later]
    assert newest.curve == signal().curve


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


def test_a_decision_row_says_level_and_moment(settings: Settings, engine: Engine) -> None:
    queue_one(settings, engine)

    [kept] = decisions(engine)

    assert (kept.level, kept.decided_at, kept.as_of) == (0, NOW, AS_OF)
    assert DecisionRow.__tablename__ == "decision"
