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
    assert second.count("(unchanged)") == 5


def test_other_arguments_replace_the_files_only_when_forced(tmp_path: Path) -> None:
    call(str(tmp_path), "--weeks", "4")

    with pytest.raises(InputError, match="--force"):
        call(str(tmp_path), "--weeks", "5")
    code, _ = call(str(tmp_path), "--weeks", "5", "--force")

    assert code == 0


def test_help_has_an_example() -> None:
    _, output = call("--help")

    assert "dews simulate" in output
