"""Recall a bad batch: later questions do without it, earlier ones do not, and nothing is hidden."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from alerts import jobs as alert_jobs
from config.settings import CONFIG_FOLDER, Settings
from surveillance import jobs
from surveillance.errors import InputError
from surveillance.jobs.session import database
from surveillance.periods import week_as_of, week_start
from surveillance.store import batches, records
from surveillance.store.engine import reading
from surveillance.store.schema import OutcomeCountRow, RecallRow

FEED = "reaction_reports"
WEEK = "2026-W20"
MONDAY = week_start(WEEK)
AS_OF = week_as_of(WEEK)
LATER = AS_OF + timedelta(days=2)
WHO, WHY = "A. Reviewer", "file of another year"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    path = CONFIG_FOLDER / "feeds" / f"{FEED}.toml"
    made = Settings(home=tmp_path / "home", database_url=database_url, feeds=(path,), shards=1)
    jobs.prepare(made)
    yield made
    database(database_url).dispose()


def report(key: str, day: date, *, received: datetime | None = None) -> dict[str, Any]:
    at = received or datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return {
        "report_id": key,
        "received_at": at.isoformat(),
        "event_date": day.isoformat(),
        "area_code": "E08000035",
        "age_band": "25-34",
        "substances": [{"name": "heroin", "role": "suspect"}],
        "reactions": ["seizure"],
        "seriousness": "hospital",
    }


def bring(settings: Settings, name: str, *reports: dict[str, Any], now: datetime) -> str:
    folder = settings.home / "inbox" / FEED
    lines = [json.dumps(one) for one in reports]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (batch_id,) = jobs.collect(settings, FEED, now=now)
    jobs.keep(settings, batch_id, now=now)
    return batch_id


def calm_year(settings: Settings) -> str:
    """Bring one report every second week of a year, as the opening load."""
    days = [MONDAY - timedelta(weeks=weeks) for weeks in range(59, 0, -2)]
    reports = [report(f"C{n}", day) for n, day in enumerate(days)]
    return bring(settings, "calm.jsonl", *reports, now=AS_OF - timedelta(days=8))


def burst(settings: Settings, **other: Any) -> str:
    """Bring nine reports of one week, fetched before the week is judged."""
    now = AS_OF - timedelta(hours=4)
    days = [MONDAY + timedelta(days=n % 6) for n in range(9)]
    reports = [report(f"B{n}", day, received=now) | other for n, day in enumerate(days)]
    return bring(settings, "burst.jsonl", *reports, now=now)


def judge(settings: Settings, *, as_of: datetime = AS_OF) -> int:
    """Judge the week; give the number of slices that had to be judged."""
    shards = jobs.plan(settings, week=WEEK, as_of=as_of)
    for shard in shards:
        jobs.detect(settings, run_id=shard.run_id, number=shard.number)
        jobs.assess(settings, run_id=shard.run_id)
    alert_jobs.route(settings, now=as_of)
    return len(shards)


def recall(
    settings: Settings, batch_id: str, *, at: datetime = LATER, leaves_gap: bool = True
) -> bool:
    return jobs.recall(settings, batch_id, actor=WHO, reason=WHY, now=at, leaves_gap=leaves_gap)


def reinstate(settings: Settings, batch_id: str, *, at: datetime) -> bool:
    return jobs.reinstate(settings, batch_id, actor=WHO, reason=WHY, now=at)


def count(settings: Settings, as_of: datetime) -> int:
    with reading(database(settings.database_url)) as connection:
        return len(records.load(connection, "reaction_report", as_of=as_of, feeds=[FEED]).records)


def reasons(settings: Settings) -> set[str]:
    with reading(database(settings.database_url)) as connection:
        return set(connection.scalars(select(OutcomeCountRow.reason)))


def test_a_batch_that_nobody_landed_cannot_be_recalled(settings: Settings) -> None:
    with pytest.raises(InputError, match="No batch has the id"):
        recall(settings, "feedfeedfeedfeed", at=AS_OF)


def test_a_batch_of_which_nothing_was_stored_cannot_be_recalled(settings: Settings) -> None:
    folder = settings.home / "inbox" / FEED
    (folder / "waiting.jsonl").write_text(json.dumps(report("W1", MONDAY)), encoding="utf-8")
    (batch_id,) = jobs.collect(settings, FEED, now=AS_OF)

    with pytest.raises(InputError, match="nothing to recall"):
        recall(settings, batch_id, at=AS_OF)


@pytest.mark.parametrize(("actor", "reason"), [("", "why"), ("who", "  "), ("x" * 81, "why")])
def test_a_recall_without_who_and_why_is_refused(
    settings: Settings, actor: str, reason: str
) -> None:
    batch_id = calm_year(settings)

    with pytest.raises(InputError, match="Nothing was changed"):
        jobs.recall(settings, batch_id, actor=actor, reason=reason, now=AS_OF)

    assert count(settings, LATER) == 30


def test_a_recall_is_seen_from_its_moment_on_and_not_before(settings: Settings) -> None:
    calm_year(settings)
    batch_id = burst(settings)

    changed = recall(settings, batch_id)

    assert changed
    assert count(settings, LATER - timedelta(seconds=1)) == 39
    assert count(settings, LATER) == 30


def test_a_second_recall_changes_nothing_and_an_undo_is_a_decision_of_its_own(
    settings: Settings,
) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    undone = LATER + timedelta(days=1)

    told = [
        reinstate(settings, batch_id, at=LATER),
        recall(settings, batch_id),
        recall(settings, batch_id, at=LATER + timedelta(hours=1)),
        reinstate(settings, batch_id, at=undone),
    ]

    assert told == [False, True, False, True]
    assert count(settings, LATER) == 30
    assert count(settings, undone) == 39
    with reading(database(settings.database_url)) as connection:
        assert connection.scalar(select(func.count()).select_from(RecallRow)) == 2


def test_what_another_batch_brought_too_stays_and_what_it_corrected_comes_back(
    settings: Settings,
) -> None:
    calm_year(settings)
    bad = burst(settings)
    same = report("B0", MONDAY, received=AS_OF - timedelta(hours=4))
    bring(settings, "again.jsonl", same, report("N1", MONDAY), now=AS_OF)

    recall(settings, bad)

    found = jobs.affected_by(settings, bad, now=LATER)
    assert count(settings, LATER) == 30 + 1 + 1
    assert (found.brought.versions, len(found.brought.standing)) == (9, 1)


def test_a_batch_that_stands_recalled_is_not_readmitted(settings: Settings) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    recall(settings, batch_id)

    with pytest.raises(InputError, match=r"dews recall .* --undo"):
        jobs.readmit(settings, batch_id, now=LATER)


def test_a_recall_with_a_gap_makes_its_days_not_supplied_instead_of_calm(
    settings: Settings,
) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    recall(settings, batch_id)

    judge(settings, as_of=LATER)

    assert any("it was recalled" in reason for reason in reasons(settings))


def test_a_recall_of_what_never_happened_leaves_a_calm_week(settings: Settings) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    recall(settings, batch_id, leaves_gap=False)

    judge(settings, as_of=LATER)

    assert not any("it was recalled" in reason for reason in reasons(settings))


def test_a_week_is_judged_again_only_where_the_question_may_know_of_the_recall(
    settings: Settings,
) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    first, before = judge(settings), judge(settings, as_of=LATER)

    recall(settings, batch_id)

    assert (first, before) == (1, 1)
    assert judge(settings) == 0
    assert judge(settings, as_of=LATER) == 1


def test_the_signals_that_used_a_batch_are_listed_with_what_was_decided_and_sent(
    settings: Settings,
) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    judge(settings)

    found = jobs.affected_by(settings, batch_id, now=LATER)

    assert {one.use for one in found.dependents} == {"used"}
    first = found.dependents[0]
    assert (first.evidence.week, first.streams) == (WEEK, (FEED,))
    assert (first.records, first.lost, first.is_same_definition) == (9, 9, True)
    assert {one.decision.outcome for one in found.dependents if one.decision} == {"notice"}
    assert {message.state for one in found.dependents for message in one.deliveries} == {"queued"}


def test_a_batch_that_only_shaped_what_was_expected_may_have_been_used(
    settings: Settings,
) -> None:
    calm = calm_year(settings)
    burst(settings)
    judge(settings)

    found = jobs.affected_by(settings, calm, now=LATER)

    assert {one.use for one in found.dependents} == {"may have used"}


def test_a_signal_judged_under_other_settings_is_marked_so(
    settings: Settings, tmp_path: Path
) -> None:
    calm_year(settings)
    batch_id = burst(settings)
    judge(settings)
    folder = tmp_path / "config"
    folder.mkdir()
    for path in CONFIG_FOLDER.glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    streams = folder / "streams.toml"
    streams.write_text(streams.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")

    found = jobs.affected_by(replace(settings, config_folder=folder), batch_id, now=LATER)

    assert {one.is_same_definition for one in found.dependents} == {False}


def test_a_batch_that_no_signal_used_has_no_dependents(settings: Settings) -> None:
    batch_id = calm_year(settings)
    judge(settings)

    found = jobs.affected_by(settings, batch_id, now=LATER)

    assert list(found.dependents) == []


def test_the_newest_verdict_and_supply_are_of_batches_that_stand(settings: Settings) -> None:
    calm_year(settings)
    batch_id = burst(settings, age_band=None)
    recall(settings, batch_id)

    with reading(database(settings.database_url)) as connection:
        supplied, verdicts = (
            [ask(connection, moment) for moment in (AS_OF, LATER)] for ask in (_supplied, _verdict)
        )

    assert supplied == [AS_OF - timedelta(hours=4), None]
    assert verdicts == ["degraded", "pass"]


def _supplied(connection: Connection, as_of: datetime) -> datetime | None:
    return batches.supplied_until(connection, FEED, as_of=as_of)


def _verdict(connection: Connection, as_of: datetime) -> str:
    return batches.newest_verdicts(connection, known_at=as_of)[FEED][0]
