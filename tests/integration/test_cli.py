"""The command line as a person meets it: exit codes, messages and tables."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.settings import Settings
from dews.cli import app, main
from dews.commands.doctor import examine
from surveillance.errors import SurveillanceError

DEATHS = """death_id,received_at,date_of_death,date_of_death_precision,registered_on,status,\
suspected_rank,underlying_cause,certificate_text,area_code,place_type,age_band,sex,detected,\
implicated,withdrawn
D1,2024-01-10T09:00:00Z,2024-01-08,day,,suspected,1,,,E08000035,home,25-34,male,heroin,,false
D2,2024-01-11T09:00:00Z,2024-01-09,day,,suspected,1,,,E08000035,home,25-34,male,fentanyl,,false
"""
FEED = "config/feeds/deaths.toml"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_folder: Path) -> Path:
    for name in ("DEWS_DATABASE_URL", "SLACK_BOT_TOKEN", "DEWS_CHANNELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEWS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(config_folder.parent)
    (tmp_path / "deaths.csv").write_text(DEATHS, encoding="utf-8")
    return tmp_path


def dews(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["dews", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_a_failure_is_one_message_and_exit_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = fail(monkeypatch, capsys, "run", "--feeds", "nowhere.toml", "--week", "2024-W02")

    assert told.startswith("dews: --feeds nowhere.toml: no feed description there.")
    assert "Traceback" not in told


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "--feeds", FEED, "--week", "2024-W60"), "is not an ISO week"),
        (("run", "--feeds", FEED, "--week", "week two"), "Write it as 2026-W40"),
        (("replay", "--feeds", FEED, "--from", "2024-W09", "--to", "2024-W02"), "lies before"),
        (("run", "--feeds", FEED, "--as-of", "soon"), "write a date as"),
        (("replay", "--from", "2024-W01", "--to", "2024-W02", "--location", "x"), "exactly one"),
        (("quarantine", "show", "feedfeedfeedfeed"), "no row in quarantine"),
    ],
)
def test_a_wrong_word_is_named(words: tuple[str, ...], message: str) -> None:
    dews("migrate")

    result = dews(*words)

    assert isinstance(result.exception, SurveillanceError)
    assert message in str(result.exception)


def test_a_usage_error_ends_with_two() -> None:
    assert dews("run", "--weak", "2024-W02").exit_code == 2


def test_every_command_has_help_with_an_example() -> None:
    without = [
        command.callback.__name__
        for command in app.registered_commands
        if command.callback and "Example: dews" not in (command.callback.__doc__ or "")
    ]

    assert without == []


def test_one_pass_by_hand_stores_judges_and_may_be_repeated(home: Path) -> None:
    words = ("run", "--feeds", FEED, "--location", str(home / "deaths.csv"), "--week", "2024-W06")

    first, again = dews(*words), dews(*words)

    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert "2 new rows" in first.output
    assert "new rows" not in again.output
    assert "nothing to do" in again.output


def test_a_replay_lists_signals_and_what_was_not_assessed(home: Path) -> None:
    result = dews(
        "replay", "--feeds", FEED, "--location", str(home / "deaths.csv"),
        "--from", "2024-W03", "--to", "2024-W05",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert "Signals raised by a count detector" in result.output
    assert "First sightings" in result.output
    assert "not assessed" in result.output


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_register_is_told_in_each_form(form: str) -> None:
    dews("migrate")

    result = dews("signals", "--format", form)

    assert result.exit_code == 0
    if form == "json":
        assert json.loads(result.output) == []


@pytest.mark.usefixtures("home")
def test_feeds_and_quarantine_say_what_has_come() -> None:
    dews("migrate")

    feeds, held = dews("feeds"), dews("quarantine", "list")

    assert "nothing yet" in feeds.output
    assert held.exit_code == 0


@pytest.mark.usefixtures("home")
def test_the_doctor_says_what_is_missing_and_then_that_all_is_well() -> None:
    sick = dews("doctor")
    dews("migrate")
    well = dews("doctor")

    assert sick.exit_code == 1
    assert "run dews migrate" in sick.output
    assert well.exit_code == 0, well.output
    assert "chat:write" in well.output


def test_the_doctor_tells_that_a_feed_s_folder_is_gone(home: Path) -> None:
    dews("migrate")
    (home / "home" / "inbox" / "deaths").rmdir()

    result = dews("doctor")

    assert result.exit_code == 1
    assert "dews migrate makes it" in result.output


def test_the_doctor_tells_that_a_page_cannot_be_reached(home: Path) -> None:
    text = Path(FEED).read_text(encoding="utf-8")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'x.db'}")
    page = home / "page.toml"
    page.write_text(
        text.replace('location = "inbox/deaths/*"', 'location = "http://127.0.0.1:9/deaths.csv"'),
        encoding="utf-8",
    )
    feeds = replace(settings, feeds=(page,))

    findings = list(examine(feeds, now=datetime(2026, 1, 1, tzinfo=UTC)))

    assert findings[-1].state == "missing"
    assert "cannot be reached" in findings[-1].told


@pytest.mark.usefixtures("home")
def test_the_doctor_tells_that_slack_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-a-token")
    monkeypatch.setenv("DEWS_SLACK_CHANNEL", "C0000000000")
    monkeypatch.setenv("DEWS_SLACK_BASE_URL", "http://127.0.0.1:9/api/")
    dews("migrate")

    result = dews("doctor")

    assert result.exit_code == 1
    assert "cannot be reached" in result.output
    assert "xoxb-not-a-token" not in result.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fentanyl, no heroin", "Fentanyl"),
        ("Leeds", "E08000035"),
        ("qqqq", "kept verbatim as unknown"),
    ],
)
def test_resolve_shows_what_is_recognised(text: str, told: str) -> None:
    assert told in dews("resolve", text).output


@pytest.mark.usefixtures("home")
def test_delivering_nothing_is_no_failure() -> None:
    dews("migrate")

    result = dews("deliver", "--retry-dead")

    assert result.exit_code == 0
    assert "0 sent" in result.output
