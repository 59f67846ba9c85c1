"""The jobs: run twice, die anywhere, and nothing is lost or counted twice."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from config.settings import CONFIG_FOLDER, Settings
from surveillance import jobs
from surveillance.errors import InputError, RejectedBatch, StoreError
from surveillance.jobs.session import database
from surveillance.store import batches, records
from surveillance.store.engine import reading
from surveillance.store.schema import RecordRow, RunRow

NOW = datetime(2024, 3, 4, 8, tzinfo=UTC)
DESCRIPTION = """
title = "Deaths of a test"
kind = "death"
owner = "the tests"
cadence = "weekly"
expected_lag_days = 400

[source]
location = "inbox/small/*"
format = "csv"

[identity]
columns = ["id"]

[received]
{received}

[area]
columns = ["area"]
within = "UK"

[columns]
occurred_on = "day"
status = {{ constant = "suspected" }}

[[substances.list]]
column = "substance"
"""
WITH_RECEIPT = 'column = "received"'
WITHOUT_RECEIPT = "assumed_lag_days = 7"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    path = tmp_path / "small.toml"
    path.write_text(DESCRIPTION.format(received=WITH_RECEIPT), encoding="utf-8")
    made = Settings(home=tmp_path / "home", database_url=database_url, feeds=(path,), shards=2)
    jobs.prepare(made)
    yield made
    database(database_url).dispose()


def drop(settings: Settings, name: str, *rows: str) -> None:
    folder = settings.home / "inbox" / "small"
    folder.mkdir(parents=True, exist_ok=True)
    heading = "id,day,received,area,substance"
    (folder / name).write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")


def keep_all(settings: Settings, *, now: datetime = NOW, **options: Any) -> list[dict[str, int]]:
    pending = jobs.collect(settings, "small", now=now, **options)
    return [dict(jobs.keep(settings, batch_id, now=now).counts) for batch_id in pending]


def known(settings: Settings, as_of: datetime) -> list[tuple[str, str]]:
    with reading(database(settings.database_url)) as connection:
        found = records.load(connection, "death", as_of=as_of, feeds=["small"])
    joined = found.records.merge(found.mentions, on="version_id")
    return sorted(zip(joined["source_ref"], joined["substance_id"], strict=True))


def versions(settings: Settings) -> int:
    with reading(database(settings.database_url)) as connection:
        return int(connection.scalar(select(func.count()).select_from(RecordRow)) or 0)


def test_a_feed_that_nobody_described_is_refused_with_those_that_are(settings: Settings) -> None:
    with pytest.raises(InputError, match="Configured are: small"):
        jobs.collect(settings, "smal", now=NOW)


def test_a_batch_that_nobody_landed_is_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match="No batch has the id"):
        jobs.keep(settings, "feedfeedfeedfeed", now=NOW)


def test_a_file_that_cannot_be_used_is_recorded_and_its_bytes_are_kept(settings: Settings) -> None:
    drop(settings, "broken.csv")
    broken = settings.home / "inbox" / "small" / "broken.csv"
    broken.write_text("id;day\n1;2024-01-01\n", encoding="utf-8")
    (batch_id,) = jobs.collect(settings, "small", now=NOW)

    with pytest.raises(RejectedBatch):
        jobs.keep(settings, batch_id, now=NOW)

    with reading(database(settings.database_url)) as connection:
        result = batches.load_result(connection, batch_id)
    assert result.state == "rejected"
    assert result.findings
    assert any(path.is_file() for path in settings.raw_folder.rglob("*"))
    with pytest.raises(RejectedBatch):
        jobs.keep(settings, batch_id, now=NOW)


def test_a_database_that_fails_in_the_middle_keeps_nothing_and_the_next_try_everything(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "a.csv", "1,2024-01-08,2024-01-09,E08000035,heroin")
    (batch_id,) = jobs.collect(settings, "small", now=NOW)

    def gone(*_: Any, **__: Any) -> None:
        raise StoreError("The database failed: connection lost.")

    with monkeypatch.context() as broken:
        broken.setattr(batches, "close_batch", gone)
        with pytest.raises(StoreError):
            jobs.keep(settings, batch_id, now=NOW)
    after_failure = versions(settings)
    jobs.keep(settings, batch_id, now=NOW)

    assert after_failure == 0
    assert known(settings, NOW) == [("1", "heroin")]


def test_keeping_twice_stores_once(settings: Settings) -> None:
    drop(settings, "a.csv", "1,2024-01-08,2024-01-09,E08000035,heroin")
    (batch_id,) = jobs.collect(settings, "small", now=NOW)

    first = jobs.keep(settings, batch_id, now=NOW).counts
    again = jobs.keep(settings, batch_id, now=NOW).counts

    assert (first["new"], again["new"]) == (1, 0)
    assert jobs.collect(settings, "small", now=NOW) == []


def test_exactly_the_rows_of_a_new_file_appear(settings: Settings) -> None:
    drop(settings, "a.csv", "1,2024-01-08,2024-01-09,E08000035,heroin")
    keep_all(settings)
    drop(
        settings,
        "b.csv",
        "1,2024-01-08,2024-01-09,E08000035,heroin",
        "2,2024-02-05,2024-02-06,E08000035,fentanyl",
    )

    (counts,) = keep_all(settings, now=NOW + timedelta(days=1))

    assert counts == {"present": 2, "accepted": 2, "rejected": 0, "new": 1}


def test_rows_of_a_later_file_were_learnt_when_it_was_fetched(settings: Settings) -> None:
    drop(settings, "a.csv", "1,2024-01-08,2024-01-09,E08000035,heroin")
    keep_all(settings)
    drop(settings, "b.csv", "2,2024-01-10,2024-01-11,E08000035,cocaine")
    keep_all(settings, now=NOW + timedelta(days=1))

    assert known(settings, NOW) == [("1", "heroin")]
    assert len(known(settings, NOW + timedelta(days=1))) == 2


def test_a_refused_first_file_does_not_make_the_history_news(settings: Settings) -> None:
    drop(settings, "a.csv")
    with pytest.raises(RejectedBatch):
        keep_all(settings)
    drop(settings, "b.csv", "1,2024-01-08,2024-01-09,E08000035,heroin")

    keep_all(settings, now=NOW + timedelta(days=1))

    assert known(settings, datetime(2024, 1, 10, tzinfo=UTC)) == [("1", "heroin")]


def test_an_unknown_area_and_substance_are_kept_verbatim_and_counted(settings: Settings) -> None:
    drop(
        settings,
        "a.csv",
        "1,2024-01-08,2024-01-09,Atlantis,blorbine",
        "2,2024-01-08,2024-01-09,E08000035,heroin",
    )
    keep_all(settings)

    with reading(database(settings.database_url)) as connection:
        places = connection.execute(select(RecordRow.area_code, RecordRow.area_verbatim)).all()
        findings = batches.newest_verdicts(connection)["small"][1]
    assert ("unknown", "Atlantis") in [tuple(place) for place in places]
    assert known(settings, NOW)[0] == ("1", "unknown")
    assert any("not recognised" in finding for finding in findings)


def test_rows_held_back_are_admitted_once_the_description_is_mended(settings: Settings) -> None:
    rows = [f"{n},2024-01-08,2024-01-09,E08000035,heroin" for n in range(20)]
    drop(settings, "a.csv", *rows, "x,08.01.2024,2024-01-09,E08000035,fentanyl")
    (counts,) = keep_all(settings)
    with reading(database(settings.database_url)) as connection:
        (held,) = batches.held_rows(connection)
    mended = (
        settings.feeds[0]
        .read_text(encoding="utf-8")
        .replace(
            'occurred_on = "day"',
            'occurred_on = { column = "day", date_formats = ["%Y-%m-%d", "%d.%m.%Y"] }',
        )
    )
    settings.feeds[0].write_text(mended, encoding="utf-8")

    readmitted = jobs.readmit(settings, held.batch_id, now=NOW).counts

    assert counts["rejected"] == 1
    assert readmitted["new"] == 1
    with reading(database(settings.database_url)) as connection:
        assert [row.state for row in batches.held_rows(connection)] == ["readmitted"]


def test_a_file_admitted_late_does_not_outlive_the_one_that_came_after_it(
    settings: Settings,
) -> None:
    path = settings.feeds[0]
    path.write_text(DESCRIPTION.format(received=WITHOUT_RECEIPT), encoding="utf-8")
    days = [NOW + timedelta(days=n) for n in range(3)]
    landed: list[str] = []
    for number, substance in enumerate(("heroin", "fentanyl", "heroin")):
        drop(settings, f"{number}.csv", f"1,2024-01-08,2024-01-0{number},E08000035,{substance}")
        pending = jobs.collect(settings, "small", now=days[number])
        landed += [batch for batch in pending if batch not in landed]

    for batch_id, day in ((landed[0], 0), (landed[2], 2), (landed[1], 1)):
        jobs.keep(settings, batch_id, now=days[day])

    assert known(settings, days[0]) == [("1", "heroin")]
    assert known(settings, days[1]) == [("1", "fentanyl")]
    assert known(settings, days[2]) == [("1", "heroin")]


def a_year_of(substance: str, *, extra: int) -> Sequence[str]:
    monday = date(2023, 1, 2)
    rows = []
    for week in range(60):
        day = monday + timedelta(weeks=week)
        if week % 6 == 0:
            rows.append(f"w{week},{day},{day},E08000035,{substance}")
    last = monday + timedelta(weeks=59)
    rows.append("still-alive,2024-03-04,2024-03-05,E08000003,cocaine")
    rows += [f"x{n},{last},{last},E08000035,{substance}" for n in range(extra)]
    return rows


def judge(settings: Settings, week: str) -> dict[str, int]:
    shards = jobs.plan(settings, week=week, feeds=["small"])
    for shard in shards:
        jobs.detect(settings, run_id=shard.run_id, number=shard.number)
    return dict(jobs.assess(settings, run_id=shards[0].run_id).counts) if shards else {}


@pytest.fixture
def with_stream(settings: Settings, tmp_path: Path) -> Settings:
    from dataclasses import replace

    folder = tmp_path / "config"
    folder.mkdir()
    for path in CONFIG_FOLDER.iterdir():
        if path.suffix in {".toml", ".csv"}:
            (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "streams.toml").read_text(encoding="utf-8")
    (folder / "streams.toml").write_text(
        text.replace('feeds = ["deaths"]', 'feeds = ["small"]'), encoding="utf-8"
    )
    return replace(settings, config_folder=folder)


def test_a_week_is_judged_once_and_again_only_when_something_was_learnt(
    with_stream: Settings,
) -> None:
    drop(with_stream, "a.csv", *a_year_of("heroin", extra=9))
    keep_all(with_stream)
    week = "2024-W10"

    first = judge(with_stream, week)
    again = judge(with_stream, week)

    assert first["signals_new"] >= 1
    assert again == {}


def test_a_shard_that_was_not_judged_keeps_the_week_unassessed(with_stream: Settings) -> None:
    drop(with_stream, "a.csv", *a_year_of("heroin", extra=9))
    keep_all(with_stream)
    shards = jobs.plan(with_stream, week="2024-W10", feeds=["small"])
    jobs.detect(with_stream, run_id=shards[0].run_id, number=0)

    with pytest.raises(InputError, match=r"shards \[1\] are not judged yet"):
        jobs.assess(with_stream, run_id=shards[0].run_id)

    with reading(database(with_stream.database_url)) as connection:
        assert connection.scalars(select(RunRow.state)).all() == ["planned"]


def test_the_due_week_is_pending_until_it_is_assessed(with_stream: Settings) -> None:
    drop(with_stream, "a.csv", *a_year_of("heroin", extra=9))
    keep_all(with_stream, now=datetime(2024, 3, 11, 5, tzinfo=UTC))
    monday = datetime(2024, 3, 11, 8, tzinfo=UTC)

    before = jobs.pending_weeks(with_stream, now=monday)
    judge(with_stream, "2024-W10")

    assert before == ["2024-W10"]
    assert jobs.pending_weeks(with_stream, now=monday) == []
