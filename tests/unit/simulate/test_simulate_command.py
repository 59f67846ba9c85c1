from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dews.commands.simulate import simulate
from surveillance.errors import InputError

app = typer.Typer()
app.command()(simulate)


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_a_malformed_week_is_refused_with_the_right_form(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Write it as 2026-W40"):
        call(str(tmp_path / "out"), "--weeks", "4", "--end", "autumn")


@pytest.mark.parametrize("option", [("--weeks", "0"), ("--seed", "-1"), ("--weeks", "many")])
def test_a_number_out_of_range_is_a_usage_error(tmp_path: Path, option: tuple[str, str]) -> None:
    code, _ = call(str(tmp_path / "out"), *option)

    assert code == 2


def test_the_command_says_what_it_wrote_and_again_that_nothing_changed(tmp_path: Path) -> None:
    arguments = (str(tmp_path), "--weeks", "4", "--seed", "2")

    code, first = call(*arguments)
    _, second = call(*arguments)

    assert code == 0
    assert "2026-09-07 to 2026-10-04" in first
    assert "truth.csv" in first
    assert "unchanged" not in first
    assert second.count("(unchanged)") == first.count(str(tmp_path)) > 8


def test_other_arguments_replace_the_files_only_when_forced(tmp_path: Path) -> None:
    call(str(tmp_path), "--weeks", "4")

    with pytest.raises(InputError, match="--force"):
        call(str(tmp_path), "--weeks", "5")
    code, _ = call(str(tmp_path), "--weeks", "5", "--force")

    assert code == 0


def test_help_has_an_example() -> None:
    _, output = call("--help")

    assert "dews simulate" in output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scenarios", "A,Z"), "Z is no scenario. The scenarios are: A \\("),
        (("--scenarios", ","), "An empty list"),
        (("--without", "banana"), "BANANA is no scenario"),
        (("--scenarios", "A", "--without", "B"), "not both"),
    ],
)
def test_a_scenario_that_does_not_exist_is_refused_before_anything_is_drawn(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        call(str(tmp_path / "out"), "--weeks", "4", *options)

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "planted"),
    [
        (("--scenarios", "none"), "0 events planted: none."),
        (("--scenarios", "b"), "1 events planted: B1."),
        (("--without", "B,G,I,L"), "1 events planted: F1."),
    ],
)
def test_scenarios_are_chosen_by_their_letters(
    tmp_path: Path, options: tuple[str, ...], planted: str
) -> None:
    _, output = call(str(tmp_path), "--weeks", "4", *options)

    assert planted in output


def test_one_file_a_month_is_written_when_asked_for(tmp_path: Path) -> None:
    _, output = call(str(tmp_path), "--weeks", "9", "--by", "month")

    months = sorted(path.name for path in (tmp_path / "inbox" / "deaths").iterdir())
    assert months[0] == "deaths-2026-08.csv.gz"
    assert "files, of which 0 are unchanged" in output


def test_charts_are_drawn_where_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveillance.simulate.pictures.to_png", lambda _: b"a picture")

    _, output = call(str(tmp_path / "out"), "--weeks", "4", "--charts", str(tmp_path / "charts"))

    assert (tmp_path / "charts" / "deaths.png").read_bytes() == b"a picture"
    assert str(tmp_path / "charts" / "sightings.png") in output
