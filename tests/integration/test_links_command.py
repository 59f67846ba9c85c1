"""What an analyst sees and decides of links, on the command line."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.settings import Settings
from dews.cli import app
from surveillance import jobs
from surveillance.errors import InputError
from surveillance.jobs.session import database
from surveillance.periods import week_as_of
from tests.integration.test_linking import DAY, NOW, WEEK, keep, link, linked, told

A, B, C = "reports/a", "reports/b", "reports/c"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path / "home", database_url=f"sqlite:///{tmp_path / 'dews.db'}")
    jobs.prepare(made)
    keep(made, told("a"), told("b", "emergency_department"), told("c", "hostel", age_band="55+"))
    link(made)
    return made


def dews(settings: Settings, *words: str) -> Result:
    done = CliRunner().invoke(app, ["links", *words, "--database", settings.database_url])
    database(settings.database_url).dispose()
    return done


def decide(settings: Settings, verb: str, one: str, other: str) -> Result:
    return dews(settings, verb, one, other, "--why", "run sheet", "--by", "an analyst")


@pytest.mark.parametrize(
    ("one", "told_why"),
    [
        ("a", "names no record"),
        ("reports/nobody", "No record 'nobody' of the feed 'reports' is known"),
        (B, "cannot be joined to itself"),
    ],
)
def test_a_record_that_is_not_there_is_refused(settings: Settings, one: str, told_why: str) -> None:
    done = decide(settings, "join", one, B)

    assert isinstance(done.exception, InputError)
    assert told_why in str(done.exception)


def test_a_verdict_without_a_reason_is_refused(settings: Settings) -> None:
    assert dews(settings, "split", A, B).exit_code == 2
    assert isinstance(dews(settings, "split", A, B, "--why", " ").exception, InputError)


def test_the_records_of_an_event_stand_together_with_its_probability(settings: Settings) -> None:
    done = dews(settings, "list", "--format", "csv")

    rows = list(csv.DictReader(StringIO(done.stdout)))
    assert [row["source_ref"] for row in rows] == ["a", "b"]
    assert {row["event"] for row in rows} == {"1"}
    assert {row["substances"] for row in rows} == {"etizolam"}
    assert all(0.6 <= float(row["probability"]) < 1 for row in rows)


def test_links_are_listed_as_they_were_known_and_by_feed(settings: Settings) -> None:
    early = dews(settings, "list", "--as-of", DAY.isoformat(), "--format", "json")
    other = dews(settings, "list", "--feed", "deaths", "--format", "json")

    assert json.loads(early.stdout) == json.loads(other.stdout) == []


def test_the_table_says_how_many_events_and_records_there_are(settings: Settings) -> None:
    assert "1 events from 2 records." in dews(settings).stdout


def test_a_split_holds_from_now_on_and_the_past_stays(settings: Settings) -> None:
    assert decide(settings, "split", B, A).exit_code == 0

    now = jobs.clock()
    assert linked(settings, now) == []
    assert linked(settings, week_as_of(WEEK)) == [("a", "b")]
    jobs.link(settings, week=WEEK, now=NOW)
    assert linked(settings, week_as_of(WEEK)) == [("a", "b")]


def test_the_newest_verdict_on_a_pair_holds(settings: Settings) -> None:
    decide(settings, "join", A, C)
    joined = linked(settings, jobs.clock())
    decide(settings, "split", C, A)

    assert joined == [("a", "b"), ("a", "c")]
    assert linked(settings, jobs.clock()) == [("a", "b")]


def test_links_are_scored_against_a_truth(settings: Settings, tmp_path: Path) -> None:
    truth = tmp_path / "links.csv"
    truth.write_text("feed,source_ref,harm_id\nreports,a,H1\nreports,b,H1\n", encoding="utf-8")

    done = dews(settings, "evaluate", "--truth", str(truth))

    assert done.exit_code == 0
    assert "1 of 1" in done.stdout


def test_a_truth_that_lacks_a_column_is_refused(settings: Settings, tmp_path: Path) -> None:
    truth = tmp_path / "links.csv"
    truth.write_text("feed,ref\n", encoding="utf-8")

    done = dews(settings, "evaluate", "--truth", str(truth))

    assert isinstance(done.exception, InputError)
    assert "lacks the columns source_ref, harm_id" in str(done.exception)
