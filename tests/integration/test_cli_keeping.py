"""Recalls, triangles and periods as a person meets them on the command line."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dews.cli import app
from dews.commands import recall as recalling
from surveillance.errors import InputError, SurveillanceError

HEADING = (
    "death_id,received_at,date_of_death,date_of_death_precision,registered_on,status,"
    "suspected_rank,underlying_cause,certificate_text,area_code,place_type,age_band,sex,"
    "detected,implicated,withdrawn\n"
)
DEATHS = HEADING + (
    "D1,2024-01-10T09:00:00Z,2024-01-08,day,2024-01-30,registered,1,,,E08000035,home,25-34,male,"
    "heroin,,false\n"
    "D2,2024-01-24T09:00:00Z,2024-01-09,day,,suspected,1,,,E08000035,home,25-34,male,fentanyl,,"
    "false\n"
)
FEED = "config/feeds/deaths.toml"
TRIANGLE = ("triangle", "--feed", "deaths", "--as-of", "2024-02-05")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_folder: Path) -> Path:
    for name in ("DEWS_DATABASE_URL", "SLACK_BOT_TOKEN", "DEWS_CHANNELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEWS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(config_folder.parent)
    return tmp_path


@pytest.fixture
def batch(home: Path) -> str:
    """Keep two deaths by hand; give the id of their batch."""
    path = home / "deaths.csv"
    path.write_text(DEATHS, encoding="utf-8")
    done = dews("run", "--feeds", FEED, "--location", str(path), "--week", "2024-W04")
    assert done.exit_code == 0, done.output
    (row,) = rows(dews("recall", "--list", "--feed", "deaths", "--format", "csv"))
    return row["batch"]


def dews(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("recall",), "Which batch"),
        (("recall", "feedfeedfeedfeed", "--why", "x"), "dews recall --list --feed NAME"),
        (("recall", "feedfeedfeedfeed", "--dry-run"), "No batch has the id"),
        (("triangle", "--feed", "nothing"), "No feed is called"),
        (("triangle", "--feed", "deaths", "--dates", "occurred"), "give two of"),
        (("triangle", "--feed", "deaths", "--dates", "occurred,presented"), "has no triangle"),
        (("triangle", "--feed", "deaths", "--area", "Narnia"), "No area 'Narnia'"),
        (("triangle", "--feed", "deaths", "--substance", "qqqq"), "No substance"),
        (("triangle", "--feed", "deaths", "--chart", "x.pdf"), "ends in .svg or .png"),
        (("retention", "--as-of", "2999-01-01"), "lies ahead"),
    ],
)
def test_a_wrong_word_is_named(words: tuple[str, ...], message: str) -> None:
    dews("migrate")

    result = dews(*words)

    assert isinstance(result.exception, SurveillanceError)
    assert message in str(result.exception)


def test_a_recall_without_a_reason_changes_nothing(batch: str) -> None:
    result = dews("recall", batch, "--by", "A. Reviewer")

    assert isinstance(result.exception, InputError)
    assert rows(dews("recall", "--list", "--format", "csv")) == []


def test_who_decides_must_be_known_where_there_is_no_log_in(
    batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise OSError("no user")

    monkeypatch.setattr(recalling.getpass, "getuser", nobody)

    result = dews("recall", batch, "--why", "a test")

    assert isinstance(result.exception, InputError)
    assert "--by" in str(result.exception)


def test_a_dry_run_says_what_it_would_touch_and_changes_nothing(batch: str) -> None:
    result = dews("recall", batch, "--dry-run")

    assert result.exit_code == 0
    assert "2 versions of records" in result.output
    assert "Dry run: nothing was changed." in result.output
    assert rows(dews("recall", "--list", "--format", "csv")) == []


def test_a_recall_and_its_undo_are_listed_with_who_and_why(batch: str) -> None:
    dews("recall", batch, "--why", "another year", "--by", "A. Reviewer")
    again = dews("recall", batch, "--why", "another year", "--by", "A. Reviewer")
    dews("recall", batch, "--why", "nothing is missing", "--by", "B. Lead", "--nothing-missing")
    dews("recall", batch, "--why", "it was right", "--by", "B. Lead", "--undo")

    listed = rows(dews("recall", "--list", "--format", "csv"))

    assert "nothing was changed" in again.output
    assert [(row["by"], row["why"]) for row in listed] == [
        ("A. Reviewer", "another year"),
        ("B. Lead", "nothing is missing"),
        ("B. Lead", "it was right"),
    ]
    assert [row["decision"].split(" (")[0] for row in listed] == [
        "recalled",
        "recalled",
        "taken up again",
    ]


def test_the_list_for_machines_holds_nothing_but_the_list(batch: str) -> None:
    result = dews("recall", batch, "--dry-run", "--format", "json")

    assert json.loads(result.stdout) == []
    assert "Dry run" in result.stderr


def test_a_recalled_batch_leaves_the_triangle_from_then_on(batch: str) -> None:
    before = rows(dews(*TRIANGLE, "--format", "csv"))
    dews("recall", batch, "--why", "a test", "--by", "A. Reviewer")

    now = rows(dews("triangle", "--feed", "deaths", "--format", "csv"))
    then = rows(dews(*TRIANGLE, "--format", "csv"))

    assert [(row["period"], row["delay"]) for row in before if row["low"] == "1"] == [
        ("2024-01-08", "0"),
        ("2024-01-08", "2"),
    ]
    assert then == before
    assert all(row["low"] == "0" for row in now)


@pytest.mark.usefixtures("batch")
def test_a_triangle_is_told_as_a_table_and_for_machines() -> None:
    table = dews(*TRIANGLE, "--dates", "occurred,registered")
    told = json.loads(
        dews(*TRIANGLE, "--substance", "fentanyl", "--area", "Leeds", "--format", "json").stdout
    )

    assert table.exit_code == 0, table.output
    assert "no date" in table.output
    assert sum(cell["low"] for cell in told["cells"]) == 1
    assert told["early"] == 0


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("name", ["delays.svg", "delays.png"])
def test_a_triangle_is_drawn(home: Path, name: str) -> None:
    path = home / name

    result = dews(*TRIANGLE, "--chart", str(path))
    nowhere = dews(*TRIANGLE, "--chart", str(home / "no" / name))

    assert result.exit_code == 0, result.output
    assert path.read_bytes()[:4] in (b"<svg", b"\x89PNG")
    assert isinstance(nowhere.exception, InputError)


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_periods_are_applied_and_told_in_each_form(form: str) -> None:
    due, done = (dews("retention", *more, "--format", form) for more in (["--dry-run"], []))

    assert (due.exit_code, done.exit_code) == (0, 0), done.output
    assert "words of reports" in due.stdout
    assert "messages in Slack" in done.stdout
    if form == "json":
        assert {row["removed"] for row in json.loads(done.stdout)} == {0}


@pytest.mark.usefixtures("batch")
def test_the_doctor_says_whether_there_is_a_key_and_when_periods_were_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = dews("doctor").output
    dews("retention")
    monkeypatch.setenv("DEWS_PSEUDONYM_KEY", "x" * 32)

    after = dews("doctor").output

    assert "feeds with pseudonyms are stored without them" in " ".join(before.split())
    assert "never applied yet" in before
    assert "there is a key" in after
    assert "last applied" in after
