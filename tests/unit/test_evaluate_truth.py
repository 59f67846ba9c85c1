from datetime import date
from pathlib import Path

import pytest

from surveillance.errors import InputError
from surveillance.evaluate import read_truth

HEADER = "event_id,scenario,kind,substance_id,area_code,first_day,last_day,size,alert_is_right\n"
ROW = "G1,G,reaction_report,isotonitazene,N09000003,2026-09-30,2026-09-30,1,true\n"


def test_a_missing_file_is_an_error_that_names_it_and_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"truth\.csv.*dews simulate"):
        read_truth(tmp_path / "truth.csv")


@pytest.mark.parametrize("text", ["", "event_id,size\nG1,1\n"])
def test_a_file_without_its_columns_is_an_error_that_names_them(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.csv").write_text(text)

    with pytest.raises(InputError, match=r"lacks the columns .*alert_is_right"):
        read_truth(tmp_path / "truth.csv")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(",1,", ",one,"), ("2026-09-30", "30/09/2026"), ("true", "perhaps"), (",1,true", "")],
)
def test_a_value_that_cannot_be_read_is_an_error_that_names_its_row(
    tmp_path: Path, right: str, wrong: str
) -> None:
    (tmp_path / "truth.csv").write_text(HEADER + ROW + ROW.replace(right, wrong))

    with pytest.raises(InputError, match="data row 2"):
        read_truth(tmp_path / "truth.csv")


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InputError, match="Cannot read"):
        read_truth(tmp_path / "truth.csv")


def test_days_sizes_and_verdicts_are_read_as_such(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(HEADER + ROW)

    (event,) = read_truth(tmp_path / "truth.csv")

    assert (event.first_day, event.size, event.alert_is_right) == (date(2026, 9, 30), 1, True)


def test_a_truth_without_the_later_columns_is_read_as_it_was_meant(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(HEADER + ROW + ROW.replace("true", "false"))

    right, wrong = read_truth(tmp_path / "truth.csv")

    assert (right.response, right.verbatim, right.withdrawn_on) == ("signal", "", None)
    assert wrong.response == "none"


def test_what_should_come_of_an_event_is_read_where_it_stands(tmp_path: Path) -> None:
    head = HEADER.strip() + ",response,verbatim,withdrawn_on\n"
    (tmp_path / "truth.csv").write_text(head + ROW.strip() + ",withdrawal,Nameless,2026-10-09\n")

    (event,) = read_truth(tmp_path / "truth.csv")

    assert (event.response, event.verbatim) == ("withdrawal", "Nameless")
    assert event.withdrawn_on == date(2026, 10, 9)


@pytest.mark.parametrize("later", ["panic,,", "signal,,tomorrow"])
def test_a_later_column_that_cannot_be_read_is_an_error_too(tmp_path: Path, later: str) -> None:
    head = HEADER.strip() + ",response,verbatim,withdrawn_on\n"
    (tmp_path / "truth.csv").write_text(head + ROW.strip() + f",{later}\n")

    with pytest.raises(InputError, match="response as one of signal, none"):
        read_truth(tmp_path / "truth.csv")
