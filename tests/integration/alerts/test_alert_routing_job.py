from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from alerts import jobs
from config.settings import Settings
from surveillance.errors import SettingsError
from surveillance.store.engine import reading, writing
from surveillance.store.schema import DecisionRow, RunRow
from surveillance.store.signals import load_signal, load_signals, signals_without_decision
from tests.integration.alerts.stored_signals import (
    NOW,
    decisions,
    deliveries,
    queue_one,
    raise_signal,
)
from tests.integration.slack_server import FakeSlack
from tests.unit.alert_cases import AS_OF, alarm, signal


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


def test_a_decision_row_says_level_and_moment(settings: Settings, engine: Engine) -> None:
    queue_one(settings, engine)

    [kept] = decisions(engine)

    assert (kept.level, kept.decided_at, kept.as_of) == (0, NOW, AS_OF)
    assert DecisionRow.__tablename__ == "decision"
