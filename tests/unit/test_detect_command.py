import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from dews.commands.detect import detect
from surveillance.domain import STATE_REASONS
from surveillance.errors import InputError

COLUMNS = "series,period,observed,expected,upper,p_value,score,alarm,reason"


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(detect)
    return app


def weekly(path: Path, *, weeks: int = 320, skip: tuple[int, ...] = ()) -> Path:
    days = pd.date_range("2015-01-05", periods=weeks, freq="7D").strftime("%Y-%m-%d")
    lines = [f"a,{day},{week % 3}" for week, day in enumerate(days) if week not in skip]
    path.write_text("\n".join(["series,period,count", *lines]) + "\n", encoding="utf-8")
    return path


def refuse(counts: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        detect(counts, **{"detector": "gamma_poisson", **options})
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read as a CSV table"),
        ("series,period,count\n", "holds no rows"),
        ("series,period,cases\na,2020-01-06,1\n", "lacks the column count; it has series"),
        ("series;period;count\na;2020-01-06;1\n", "separated by commas"),
        ("series,period,count\na,2020-01-06,many\n", "whole number >= 0 in data row 1 ('many')"),
        ("series,period,count\na,2020-01-06,-1\n", "whole number >= 0"),
        ("series,period,count\na,2020-01-06,1.5\n", "whole number >= 0"),
        (
            "series,period,count\na,2020-01-06,1\na,2020-01-06,2\n",
            "more than one row in data row 1",
        ),
        ("series,period,count\na,06/01/2020,1\n", "is no ISO date"),
        ("series,period,count\na,2020-01-06,1\na,3,1\n", "is no ISO date"),
        ("series,period,count\na,0200-01-06,1\na,2020-01-06,1\n", "mistyped period"),
        ("series,period,count\na,1,1\n", "Say with --frequency"),
        ("series,period,count\n,2020-01-06,1\n", "series is empty"),
        ("series,period,count,population\na,2020-01-06,1,0\n", "population is not a number above"),
        ("series,period,count,expected\na,2020-01-06,1,-2\n", "expected is not a number >= 0"),
        ("series,period,count\na,2020-01-06,1,9\n", "more fields than its header"),
        ('series,period,count\na,2020-01-06,"1\n', "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(text, encoding="utf-8")

    assert said in refuse(path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    latin, cut = tmp_path / "latin.csv", tmp_path / "cut.csv.gz"
    latin.write_bytes("series,period,count\nCafé,2020-01-06,1\n".encode("latin-1"))
    cut.write_bytes(gzip.compress(weekly(tmp_path / "x.csv").read_bytes())[:-20])

    assert "There is no file" in refuse(tmp_path / "none.csv")
    assert "cannot be read" in refuse(latin)
    assert "cannot be read" in refuse(cut)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"detector": "gama"}, "no detector 'gama'. Known are: farrington_flexible"),
        ({"params": "{alpha: 1}"}, "--params is not JSON"),
        ({"params": "[1]"}, "--params must be a JSON object"),
        ({"params": '{"alhpa": 1}'}, "does not know the parameter alhpa"),
        ({"first": "2020-13-01"}, "--from '2020-13-01' must be an ISO date"),
        ({"first": "2031-01-01"}, "No period lies from 2031-01-01"),
        ({"first": "2018-01-01", "last": "2017-01-01"}, "No period lies"),
        ({"out": Path("/dev/null/out.csv")}, "cannot be written"),
    ],
)
def test_wrong_arguments_are_refused_by_name(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    assert said in refuse(weekly(tmp_path / "counts.csv"), **options)


@pytest.mark.parametrize(
    "arguments", [["--frequency", "50"], ["--frequency", "x"], ["--frobnicate", "1"], []]
)
def test_a_usage_error_exits_with_2(app: typer.Typer, tmp_path: Path, arguments: list[str]) -> None:
    counts = str(weekly(tmp_path / "counts.csv"))
    chosen = ["--detector", "first_seen", *arguments] if arguments else []

    assert CliRunner().invoke(app, [counts, *chosen]).exit_code == 2


def test_the_help_has_an_example(app: typer.Typer) -> None:
    told = CliRunner().invoke(app, ["--help"])

    assert told.exit_code == 0
    assert "dews detect counts.csv --detector" in told.output


def test_without_a_file_to_write_the_outcomes_are_printed(app: typer.Typer, tmp_path: Path) -> None:
    counts = str(weekly(tmp_path / "counts.csv"))

    told = CliRunner().invoke(app, [counts, "--detector", "gamma_poisson", "--from", "2021-02-15"])

    lines = told.output.splitlines()
    assert told.exit_code == 0
    assert lines[0] == COLUMNS
    assert lines[1].startswith("a,2021-02-15,")


def test_a_gap_in_the_dates_is_not_supplied_and_has_its_row(tmp_path: Path) -> None:
    counts, out = weekly(tmp_path / "counts.csv", skip=(310,)), tmp_path / "outcomes.csv"

    detect(counts, detector="gamma_poisson", out=out, first="2020-12-07", last="2020-12-21")

    rows = pd.read_csv(out, keep_default_na=False)
    assert rows["period"].tolist() == ["2020-12-07", "2020-12-14", "2020-12-21"]
    assert rows["reason"].tolist() == ["", STATE_REASONS[2], ""]
    assert rows["observed"].tolist()[1] == ""
    assert rows["alarm"].tolist() == [0, 0, 0]
    assert not list(tmp_path.glob("*.part"))


def test_rows_come_out_in_the_order_they_went_in(tmp_path: Path) -> None:
    counts, out = tmp_path / "counts.csv", tmp_path / "outcomes.csv"
    counts.write_text(
        "period,series,count\n3,NA,1\n1,NA,0\n3,b,\n2,NA,0\n2,b,1\n1,b,1\n", encoding="utf-8"
    )

    detect(counts, detector="first_seen", out=out, frequency=52)

    rows = pd.read_csv(out, keep_default_na=False, dtype=str)
    assert list(zip(rows["series"], rows["period"], strict=True)) == [
        ("NA", "3"),
        ("NA", "1"),
        ("b", "3"),
        ("NA", "2"),
        ("b", "2"),
        ("b", "1"),
    ]
    assert rows["reason"][2] == STATE_REASONS[2]


@pytest.mark.parametrize(
    ("periods", "frequency", "count"),
    [
        (["2020-01-01", "2020-02-01", "2020-04-01"], None, 4),
        (["2020-01-05", "2020-01-12", "2020-01-26"], None, 4),
        (["2020-01-05", "2020-01-06", "2020-01-09"], None, 5),
        (["2020-01-05", "2020-01-12"], 365, 8),
        (["2020-01-05", "2020-01-12"], 7, 8),
        (["2020-01-05"], None, 1),
        (["4", "7"], 12, 4),
    ],
)
def test_days_weeks_months_and_numbers_are_told_apart(
    tmp_path: Path, periods: list[str], frequency: int | None, count: int
) -> None:
    counts, out = tmp_path / "counts.csv", tmp_path / "outcomes.csv"
    lines = [f"a,{period},1" for period in periods]
    counts.write_text("\n".join(["series,period,count", *lines]), encoding="utf-8")

    detect(counts, detector="first_seen", out=out, frequency=frequency)

    assert len(pd.read_csv(out)) == count


def test_population_reaches_the_detector(tmp_path: Path) -> None:
    counts, out = weekly(tmp_path / "counts.csv"), tmp_path / "outcomes.csv"
    rows = pd.read_csv(counts)
    rows.assign(population=1_000, expected=0.5).to_csv(counts, index=False)

    detect(
        counts,
        detector="farrington_flexible",
        out=out,
        first="2021-02-15",
        params='{"population_offset": true, "limit54": [0, 4]}',
    )

    assert pd.read_csv(out)["expected"].notna().all()
