"""SQLite and PostgreSQL give the same answer, row for row."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts import jobs as alert_jobs
from config.settings import CONFIG_FOLDER, Settings
from surveillance import jobs
from surveillance.jobs.session import database
from surveillance.periods import weeks_between
from surveillance.register import Register
from surveillance.simulate import simulate
from surveillance.store.engine import reading
from surveillance.store.schema import Base

FEEDS = ("deaths", "price_purity", "reaction_reports")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
WEEKS = weeks_between("2026-W15", "2026-W40")


def settings_at(home: Path, url: str) -> Settings:
    feeds = tuple(CONFIG_FOLDER / "feeds" / f"{name}.toml" for name in FEEDS)
    return Settings(home=home, database_url=url, feeds=feeds, shards=1)


def run_everything(settings: Settings) -> None:
    jobs.prepare(settings)
    for feed in FEEDS:
        for batch_id in jobs.collect(settings, feed, now=NOW):
            jobs.keep(settings, batch_id, now=NOW)
    for week in WEEKS:
        jobs.link(settings, week=week, now=NOW)
        for shard in jobs.plan(settings, week=week):
            jobs.detect(settings, run_id=shard.run_id, number=shard.number)
            jobs.assess(settings, run_id=shard.run_id)
        alert_jobs.route(settings, now=NOW)


def every_row(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    rows = {}
    with reading(database(settings.database_url)) as connection:
        for table in Base.metadata.sorted_tables:
            found = connection.execute(select(table)).all()
            rows[table.name] = sorted(tuple(map(repr, row)) for row in found)
    return rows


@pytest.mark.postgres
def test_half_a_year_of_every_kind_is_the_same_on_both_databases(
    tmp_path: Path, postgres_url: str, register: Register
) -> None:
    home = tmp_path / "home"
    simulate(home, weeks=110, seed=3, end_week=WEEKS[-1], register=register)
    on_sqlite = settings_at(home, f"sqlite:///{tmp_path / 'dews.db'}")
    on_postgres = replace(on_sqlite, database_url=postgres_url)

    run_everything(on_sqlite)
    run_everything(on_postgres)

    ours, theirs = every_row(on_sqlite), every_row(on_postgres)
    assert len(ours["run"]) == len(WEEKS)
    assert ours["signal"]
    assert {name: len(rows) for name, rows in ours.items()} == {
        name: len(rows) for name, rows in theirs.items()
    }
    for name, rows in ours.items():
        assert rows == theirs[name], f"{name} differs"
