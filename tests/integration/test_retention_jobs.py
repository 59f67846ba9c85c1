"""Retention: words, keys and bytes go when their time is over, and no count changes."""

import gzip
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from config.settings import CONFIG_FOLDER, Settings
from surveillance import jobs
from surveillance.errors import InputError, SourceError, StoreError
from surveillance.jobs.knowledge import find_run, load_knowledge, stream_panel
from surveillance.jobs.session import database, judges
from surveillance.jobs.triangles import reporting_triangle
from surveillance.register import Register
from surveillance.simulate import simulate
from surveillance.store import expiry
from surveillance.store.engine import reading, writing
from surveillance.store.schema import (
    BatchRow,
    DeathRow,
    QuarantineRow,
    ReactionReportRow,
    RecordRow,
    RetentionRow,
    SubstanceRow,
)
from tests.integration.alerts.stored_signals import raise_signal

FEEDS = ("deaths", "reaction_reports")
NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
LATER = NOW + timedelta(days=731)
WORDS = "Described by the people present"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    feeds = tuple(CONFIG_FOLDER / "feeds" / f"{name}.toml" for name in FEEDS)
    made = Settings(home=tmp_path / "home", database_url=database_url, feeds=feeds, shards=1)
    jobs.prepare(made)
    yield made
    database(database_url).dispose()


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Path:
    """Simulate a quarter of a year, once for all tests."""
    folder = tmp_path_factory.mktemp("country")
    simulate(folder, weeks=13, seed=1, end_week="2026-W39", register=register)
    return folder


@pytest.fixture
def kept(settings: Settings, country: Path) -> Settings:
    """Keep a quarter of a year of a simulated country, fetched now."""
    for feed in FEEDS:
        shutil.copytree(
            country / "inbox" / feed, settings.home / "inbox" / feed, dirs_exist_ok=True
        )
    keep(settings, now=NOW)
    with writing(database(settings.database_url)) as connection:
        connection.execute(update(ReactionReportRow).values(narrative=WORDS))
        connection.execute(update(RecordRow).values(area_verbatim="as written", person_key="k"))
    return settings


def keep(settings: Settings, *, now: datetime) -> int:
    new = 0
    for feed in FEEDS:
        for batch_id in jobs.collect(settings, feed, now=now):
            new += jobs.keep(settings, batch_id, now=now).counts["new"]
    return new


def raw_files(settings: Settings) -> list[Path]:
    return [path for path in settings.raw_folder.rglob("*") if path.is_file()]


def count(settings: Settings, column: Any) -> int:
    with reading(database(settings.database_url)) as connection:
        return connection.scalar(select(func.count(column)).where(column != "")) or 0


def every_count(settings: Settings) -> list[str]:
    """Ask what the service asks: panels of every stream and triangles, as of several moments."""
    tools, answers = judges(settings.config_folder), []
    for week in ("2026-W30", "2026-W35", "2026-W39"):
        (shard,) = jobs.plan(settings, week=week)
        with reading(database(settings.database_url)) as connection:
            knowledge = load_knowledge(connection, find_run(connection, shard.run_id), tools)
        answers.append(repr(dict(knowledge.run.snapshot)))
        for stream in knowledge.streams.values():
            panel = stream_panel(knowledge, stream, tools, lambda *_: True)
            if panel is not None:
                parts = (panel.low, panel.high, panel.state)
                answers.append(repr((stream.name, [part.tobytes() for part in parts])))
        for feed in FEEDS:
            known = reporting_triangle(
                settings,
                feed,
                as_of=knowledge.run.as_of,
                cadence="week",
                dates=("occurred", "received"),
                unit=("heroin", None),
            )
            answers.append(known.frame().to_csv())
    return answers


def test_a_day_ahead_is_refused_for_it_would_remove_what_is_not_due(settings: Settings) -> None:
    with pytest.raises(InputError, match="lies ahead"):
        jobs.retain(settings, now=NOW, as_of=NOW + timedelta(days=1))


def test_nothing_goes_before_its_time(kept: Settings) -> None:
    done = jobs.retain(kept, now=NOW + timedelta(days=29))

    assert {one.what: one.removed for one in done.removals} == dict.fromkeys(
        (one.what for one in done.removals), 0
    )
    assert done.files == 0
    assert count(kept, ReactionReportRow.narrative) > 0


def test_a_dry_run_counts_what_is_due_and_changes_nothing(kept: Settings) -> None:
    files = raw_files(kept)

    told = jobs.retain(kept, now=LATER, dry_run=True)
    done = jobs.retain(kept, now=LATER)

    assert told.removals == done.removals
    assert told.files == done.files == len(files) + len(FEEDS)


def test_a_dry_run_leaves_words_files_and_log_as_they_were(kept: Settings) -> None:
    files, words = raw_files(kept), count(kept, ReactionReportRow.narrative)

    jobs.retain(kept, now=LATER, dry_run=True)

    assert raw_files(kept) == files
    assert count(kept, ReactionReportRow.narrative) == words
    with reading(database(kept.database_url)) as connection:
        assert expiry.load_retention(connection) == []


def test_rows_held_back_lose_their_text_after_a_month_and_keep_their_reasons(
    kept: Settings,
) -> None:
    held = count(kept, QuarantineRow.raw)

    done = jobs.retain(kept, now=NOW + timedelta(days=31))

    assert held > 0
    assert done.removals[2].removed == held
    with reading(database(kept.database_url)) as connection:
        rows = connection.execute(select(QuarantineRow.raw, QuarantineRow.reasons)).all()
    assert {row.raw for row in rows} == {""}
    assert len(rows) == held
    assert all(row.reasons for row in rows)
    assert count(kept, ReactionReportRow.narrative) > 0


def test_after_two_years_words_keys_and_bytes_are_gone(kept: Settings) -> None:
    done = jobs.retain(kept, now=LATER)

    assert all(one.removed for one in done.removals[:3])
    for column in (
        ReactionReportRow.narrative,
        DeathRow.certificate_text,
        RecordRow.area_verbatim,
        RecordRow.person_key,
    ):
        assert count(kept, column) == 0
    with reading(database(kept.database_url)) as connection:
        verbatim = select(SubstanceRow.substance_id).where(SubstanceRow.verbatim != "")
        assert set(connection.scalars(verbatim)) <= {"unknown"}
    assert raw_files(kept) == []
    assert [path for feed in FEEDS for path in (kept.home / "inbox" / feed).iterdir()] == []


def test_no_count_as_of_any_moment_changes(kept: Settings) -> None:
    before = every_count(kept)

    jobs.retain(kept, now=LATER)

    assert len(before) > 9
    assert every_count(kept) == before


def test_a_second_pass_removes_nothing_and_is_noted_too(kept: Settings) -> None:
    jobs.retain(kept, now=LATER)

    again = jobs.retain(kept, now=LATER + timedelta(days=7))

    assert sum(one.removed for one in again.removals) == again.files == 0
    with reading(database(kept.database_url)) as connection:
        log = expiry.load_retention(connection)
    assert [row.at for row in log] == [LATER] * 4 + [LATER + timedelta(days=7)] * 4
    assert {row.what: row.period_days for row in log}["text of rows held back"] == 30


def test_a_pass_that_dies_between_database_and_files_is_finished_by_the_next(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = len(raw_files(kept))

    def stuck(path: Path, **_: bool) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stuck)
        with pytest.raises(SourceError, match="run dews retention again"):
            jobs.retain(kept, now=LATER)

    assert len(raw_files(kept)) == files
    again = jobs.retain(kept, now=LATER)
    assert sum(one.removed for one in again.removals) == 0
    assert raw_files(kept) == []


def test_a_database_that_fails_in_the_middle_keeps_everything(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> int:
        raise StoreError("The database failed.")

    with monkeypatch.context() as patch:
        patch.setattr(expiry, "expire_quarantine", gone)
        with pytest.raises(StoreError):
            jobs.retain(kept, now=LATER)

    assert count(kept, ReactionReportRow.narrative) > 0
    assert len(raw_files(kept)) == len(FEEDS)


def test_bytes_that_two_feeds_brought_stay_until_both_are_past_their_period(
    kept: Settings,
) -> None:
    with writing(database(kept.database_url)) as connection:
        row = connection.execute(select(BatchRow.__table__).where(BatchRow.feed == "deaths")).one()
        other = {**row._mapping, "batch_id": "another", "feed": "other", "fetched_at": LATER}
        connection.execute(insert(BatchRow).values(**other))

    jobs.retain(kept, now=LATER)
    assert [path.name for path in raw_files(kept)] == [row.sha256]

    jobs.retain(kept, now=LATER + timedelta(days=731))
    assert raw_files(kept) == []


def test_a_batch_that_waits_to_be_stored_keeps_its_bytes(settings: Settings) -> None:
    (settings.home / "inbox" / "deaths" / "d.csv").write_text("waiting\n", encoding="utf-8")
    jobs.collect(settings, "deaths", now=NOW)

    done = jobs.retain(settings, now=LATER)

    assert done.files == 0
    assert len(raw_files(settings)) == 1


def test_what_a_source_still_shows_is_not_kept_or_stored_again(kept: Settings) -> None:
    inbox = kept.home / "inbox" / "deaths"
    content = next(inbox.iterdir()).read_bytes()
    (inbox / "plain.csv").write_bytes(gzip.decompress(content))
    keep(kept, now=LATER)
    versions = count(kept, RecordRow.version_id)
    jobs.retain(kept, now=LATER)
    (inbox / "same.csv.gz").write_bytes(content)
    (inbox / "other.csv").write_bytes(gzip.decompress(content) + b"\n")

    new = keep(kept, now=LATER)

    assert new == 0
    assert count(kept, RecordRow.version_id) == versions
    assert count(kept, RecordRow.person_key) == 0
    assert len(raw_files(kept)) == 2


def test_a_batch_whose_bytes_are_gone_is_not_read_again(kept: Settings) -> None:
    jobs.retain(kept, now=LATER)
    with reading(database(kept.database_url)) as connection:
        batch_id = connection.scalars(select(BatchRow.batch_id)).first() or ""

    with pytest.raises(InputError, match="past their period and were removed on 2028-10-05"):
        jobs.readmit(kept, batch_id, now=LATER)


def test_the_words_are_gone_from_the_database_s_own_files(kept: Settings, tmp_path: Path) -> None:
    if not kept.database_url.startswith("sqlite"):
        pytest.skip("what PostgreSQL's files hold after a vacuum is PostgreSQL's to say")
    files = [tmp_path / "dews.db", tmp_path / "dews.db-wal"]

    def told() -> bool:
        return any(WORDS.encode() in path.read_bytes() for path in files if path.exists())

    before = told()
    jobs.retain(kept, now=LATER)

    assert before
    assert not told()


def test_names_in_the_trail_go_after_seven_years_and_what_happened_stays(
    settings: Settings,
) -> None:
    (settings.home / "inbox" / "deaths" / "d.csv").write_text(
        "death_id,received_at,date_of_death,date_of_death_precision,registered_on,status,"
        "suspected_rank,underlying_cause,certificate_text,area_code,place_type,age_band,sex,"
        "detected,implicated,withdrawn\n"
        "D1,2026-01-10T09:00:00Z,2026-01-08,day,,suspected,1,,,E08000035,home,25-34,male,heroin,,"
        "false\n",
        encoding="utf-8",
    )
    (batch_id,) = jobs.collect(settings, "deaths", now=NOW)
    jobs.keep(settings, batch_id, now=NOW)
    jobs.recall(settings, batch_id, actor="A. Reviewer", reason="a test", now=NOW)

    done = jobs.retain(settings, now=NOW + timedelta(days=2558))

    assert done.removals[3].removed == 1
    decision = jobs.affected_by(settings, batch_id, now=LATER).standing
    assert decision is not None
    assert (decision.actor, decision.reason, decision.in_force) == ("removed", "a test", True)


def test_open_signals_that_reach_back_are_named(settings: Settings) -> None:
    raise_signal(database(settings.database_url))

    done = jobs.retain(settings, now=LATER, dry_run=True)
    early = jobs.retain(settings, now=NOW, dry_run=True)

    assert (done.open_signals, early.open_signals) == (("S00001",), ())


def test_the_log_can_only_be_written_once_for_a_moment(kept: Settings) -> None:
    for _ in range(2):
        jobs.retain(kept, now=LATER)

    with reading(database(kept.database_url)) as connection:
        assert connection.scalar(select(func.count()).select_from(RetentionRow)) == 4
