"""No file brings the service down, loses a row, or fills the memory."""

import hashlib
import logging
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from surveillance import jobs
from surveillance.errors import RejectedBatch
from surveillance.feeds.landing import batch_id
from surveillance.jobs.session import database
from surveillance.store.batches import held_rows, load_batch, load_result
from surveillance.store.engine import reading
from tests.integration.hostile.cases import Case
from tests.integration.hostile.corpus import CASES

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
MOST_BYTES_OF_A_BOMB = 400 << 20
DESCRIPTION = """
title = "Deaths of a test"
kind = "death"
owner = "Test desk"
cadence = "weekly"
expected_lag_days = 14

[source]
location = "in/*"
format = "{format}"

[identity]
columns = ["id"]

[received]
column = "received"

[area]
columns = ["area"]

[columns]
occurred_on = "day"
suspected_rank = "rank"
certificate_text = "text"
status = {{ constant = "suspected" }}

{drugs}
"""
LISTED = '[[substances.list]]\ncolumn = "drug"\nseparator = ";"\nrole = "detected"'
NESTED = '[substances.nested]\ncolumn = "drugs"\nname = "name"\nrole = "detected"'


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    feeds = []
    for form in ("csv", "jsonl", "xlsx", "parquet"):
        drugs = NESTED if form == "jsonl" else LISTED
        path = home / f"{form}_deaths.toml"
        path.write_text(DESCRIPTION.format(format=form, drugs=drugs), encoding="utf-8")
        feeds.append(path)
    made = Settings(home=home, database_url=f"sqlite:///{home / 'dews.db'}", feeds=tuple(feeds))
    jobs.prepare(made)
    return made


def land(case: Case, settings: Settings, folder: Path) -> str:
    path = folder / "file"
    path.write_bytes(case.make())
    feed = f"{case.format}_deaths"
    jobs.collect(settings, feed, now=NOW, location=str(path), as_history=True)
    return batch_id(feed, hashlib.sha256(path.read_bytes()).hexdigest())


def test_the_corpus_is_as_large_as_it_should_be_and_every_case_has_a_name_of_its_own() -> None:
    assert len({(case.format, case.name) for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.format}: {case.name}")
def test_every_row_is_stored_or_held_back_or_the_file_is_refused_with_a_reason(
    case: Case, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    landed = land(case, settings, tmp_path)
    refusal = ""
    peak = 0
    if case.is_bomb:
        tracemalloc.start()
    try:
        with caplog.at_level(logging.ERROR):
            jobs.keep(settings, landed, now=NOW)
    except RejectedBatch as error:
        refusal = str(error)
    finally:
        if case.is_bomb:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()

    with reading(database(settings.database_url)) as connection:
        found = load_batch(connection, landed)
        result = load_result(connection, landed)
        held = held_rows(connection, batch_id=landed)
    assert found is not None
    assert (settings.raw_folder / found[0].sha256[:2] / found[0].sha256).exists()
    assert peak < MOST_BYTES_OF_A_BOMB
    if case.refused:
        assert pytest.RaisesExc(RejectedBatch, match=case.refused).matches(RejectedBatch(refusal))
        assert (result.rows_accepted, result.rows_new, held) == (0, 0, [])
        assert len(refusal) < 3000
    else:
        assert (refusal, result.rows_accepted, len(held)) == ("", case.accepted, case.held_back)
        assert result.rows_present == result.rows_accepted + result.rows_rejected
        assert all(row.reasons for row in held)
