"""``dews evaluate`` on a database without signals: every event is missed or rightly silent."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from config.settings import load_settings
from dews.commands.evaluate import evaluate
from surveillance import jobs
from surveillance.errors import InputError

app = typer.Typer()
app.command()(evaluate)
TRUTH = (
    "event_id,scenario,kind,substance_id,area_code,first_day,last_day,size,alert_is_right\n"
    "B1,B,reaction_report,opioids,E08000032,2026-09-28,2026-10-01,57,true\n"
    "D1,D,death,all,E10000008,2026-09-21,2026-09-25,37,false\n"
)


@pytest.fixture
def truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEWS_HOME", str(tmp_path))
    monkeypatch.delenv("DEWS_DATABASE_URL", raising=False)
    jobs.prepare(load_settings())
    (tmp_path / "truth.csv").write_text(TRUTH)
    return tmp_path / "truth.csv"


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_truth_that_is_not_there_is_an_error_that_names_it(truth: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.csv"):
        call("--truth", str(truth.parent / "missing.csv"), "--from", "2026-W39", "--to", "2026-W40")


def test_weeks_in_the_wrong_order_are_refused(truth: Path) -> None:
    with pytest.raises(InputError, match="lies before"):
        call("--truth", str(truth), "--from", "2026-W40", "--to", "2026-W39")


def test_without_a_signal_the_words_say_what_was_missed(truth: Path) -> None:
    output = call("--truth", str(truth), "--from", "2026-W39", "--to", "2026-W40")

    assert "0 found, 1 missed, 0 falsely raised, 1 correctly silent" in output


def test_the_verdicts_can_be_read_by_a_machine(truth: Path) -> None:
    arguments = ("--truth", str(truth), "--from", "2026-W39", "--to", "2026-W40", "--format")

    rows = json.loads(call(*arguments, "json"))
    lines = call(*arguments, "csv").splitlines()

    assert [(row["event_id"], row["verdict"]) for row in rows] == [
        ("D1", "correctly silent"),
        ("B1", "missed"),
    ]
    assert lines[0].startswith("event_id,scenario")
    assert len(lines) == 3
