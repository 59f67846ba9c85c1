"""Rows: what cannot be read is held back with every reason, what is unknown is kept."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from surveillance.domain import SubstanceMention, record_columns
from surveillance.errors import RejectedBatch, SettingsError
from surveillance.feeds.parsing import ParsedBatch

Read = Callable[..., ParsedBatch]
HEAD = "id,received,area,day,drug\n"
GOOD = "1,2026-10-02T09:00:00Z,E06000002,2026-10-01,heroin\n"


def only(parsed: ParsedBatch) -> "pd.Series[Any]":
    assert parsed.rejected == ()
    assert len(parsed.rows) == 1
    return parsed.rows.iloc[0]


def test_a_row_is_held_back_with_every_reason_and_as_it_stood(
    read: Read, description_text: str
) -> None:
    text = description_text + (
        '[columns.suspected_rank]\ncolumn = "rank"\n'
        '[columns.sex]\ncolumn = "sex"\nvalues = ["female", "male"]\n'
    )
    bad = ",yesterday,E06000002,31/02/2026,heroin,first,robot\n"

    parsed = read(HEAD.strip() + ",rank,sex\n" + bad, text=text)

    assert parsed.rows.empty
    (row,) = parsed.rejected
    assert row.row_number == 1
    assert set(row.reasons) == {
        "occurred_on: not a date as %Y-%m-%d",
        "source_received_at: not a date and time",
        "source_ref: 'id' is empty",
        "suspected_rank: not a whole number",
        "sex: the value is not among those of the description",
    }
    assert json.loads(row.raw)["day"] == "31/02/2026"


def test_reasons_never_repeat_a_value(read: Read) -> None:
    parsed = read(HEAD + "1,9434765919,E06000002,Jane Doe,heroin\n")

    reasons = " ".join(parsed.rejected[0].reasons)

    assert "Jane" not in reasons
    assert "9434765919" not in reasons


def test_rows_accepted_and_rows_held_back_are_all_rows_present(read: Read) -> None:
    content = HEAD + GOOD + "2,2026-10-02T09:00:00Z,E06000002,soon,heroin\n" + "3,short\n" + GOOD

    parsed = read(content)

    assert parsed.rows_present == 4
    assert parsed.rows_accepted == len(parsed.rows) == 2
    assert [row.row_number for row in parsed.rejected] == [2, 3]
    assert parsed.rows["row_number"].tolist() == [1, 4]


def test_an_unknown_area_is_kept_with_its_words_and_counted(read: Read) -> None:
    parsed = read(HEAD + GOOD + "2,2026-10-02T09:00:00Z,Atlantis,2026-10-01,heroin\n")

    assert parsed.rejected == ()
    assert parsed.rows["area_code"].tolist() == ["E06000002", "unknown"]
    assert parsed.rows["area_verbatim"].tolist() == ["E06000002", "Atlantis"]
    assert "1 of 2 areas not recognised" in parsed.findings


def test_an_unknown_substance_is_kept_with_its_words_and_counted(read: Read) -> None:
    parsed = read(HEAD + GOOD.replace("heroin", "heroin; zyxwomorph ;"))

    assert only(parsed)["substances"] == [
        SubstanceMention("heroin", "heroin", "detected"),
        SubstanceMention("unknown", "zyxwomorph", "detected"),
    ]
    assert "1 of 2 substance names not recognised" in parsed.findings


def test_a_row_that_names_no_substance_has_an_unknown_one(read: Read) -> None:
    parsed = read(HEAD + GOOD.replace("heroin", ""))

    assert only(parsed)["substances"] == [SubstanceMention("unknown", "")]


def test_a_renamed_column_refuses_the_batch_and_names_feed_batch_owner_and_nearest(
    read: Read,
) -> None:
    with pytest.raises(RejectedBatch) as caught:
        read((HEAD + GOOD).replace("day", "Day "))

    message = str(caught.value)
    assert message.startswith("test_deaths batch ")
    assert "'day' (nearest: 'Day')" in message
    assert "No row of it was stored" in message


def test_a_constant_that_the_file_also_has_refuses_the_batch(
    read: Read, description_text: str
) -> None:
    text = description_text + '[constants]\narea = "E06000002"\n'

    with pytest.raises(RejectedBatch, match="the description gives it as a constant"):
        read(HEAD + GOOD, text=text)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[[substances.list]]", '[substances]\nconstant = "herion"\n[[substances.list]]', "heroin"),
        ("[area]", '[area]\nwithin = "US-CTT"', "US-CT"),
    ],
)
def test_an_id_that_the_register_lacks_is_a_fault_of_the_settings(
    old: str, new: str, complaint: str, read: Read, description_text: str
) -> None:
    with pytest.raises(SettingsError, match=rf"test_deaths: the register has no .*{complaint}"):
        read(HEAD + GOOD, text=description_text.replace(old, new))


def test_headings_without_rows_give_no_records_and_say_so(read: Read) -> None:
    parsed = read(HEAD)

    assert parsed.rows.empty
    assert list(parsed.rows) == [column.name for column in record_columns("death")]
    assert (parsed.rows_present, parsed.rows_accepted) == (0, 0)
    assert parsed.findings == ("the file has headings and no rows",)


def test_a_record_has_exactly_the_columns_of_its_kind_and_plain_values(read: Read) -> None:
    row = only(read(HEAD + GOOD))

    assert list(row.index) == [column.name for column in record_columns("death")]
    assert row["occurred_on"] == date(2026, 10, 1)
    assert type(row["occurred_on"]) is date
    assert row["received_at"] == row["source_received_at"] == datetime(2026, 10, 2, 9, tzinfo=UTC)
    assert type(row["received_at"]) is datetime
    assert (row["count_low"], row["count_high"], row["withdrawn"]) == (1, 1, False)
    assert (row["source_ref"], row["occurred_precision"], row["sex"]) == ("1", "day", None)
    assert json.loads(str(row["raw"]))["drug"] == "heroin"


@pytest.mark.parametrize(
    ("received", "is_history", "expected"),
    [
        ("2026-10-02T10:00:00+01:00", True, datetime(2026, 10, 2, 9, tzinfo=UTC)),
        ("2026-10-02T09:00:00", True, datetime(2026, 10, 2, 9, tzinfo=UTC)),
        ("", True, datetime(2026, 10, 11, tzinfo=UTC)),
        ("2026-10-02T09:00:00Z", False, datetime(2026, 10, 5, 6, tzinfo=UTC)),
        ("2026-10-06T09:00:00Z", False, datetime(2026, 10, 6, 9, tzinfo=UTC)),
        ("", False, datetime(2026, 10, 5, 6, tzinfo=UTC)),
    ],
)
def test_when_we_learnt_of_a_record(
    received: str, is_history: bool, expected: datetime, read: Read, description_text: str
) -> None:
    text = description_text.replace("[received]", "[received]\nassumed_lag_days = 10")
    content = HEAD + f"1,{received},E06000002,2026-10-01,heroin\n"

    row = only(read(content, text=text, is_history=is_history))

    assert row["received_at"] == expected


def test_an_opening_load_without_receipt_or_assumed_lag_holds_the_row_back(read: Read) -> None:
    parsed = read(HEAD + "1,,E06000002,2026-10-01,heroin\n")

    assert parsed.rejected[0].reasons == ("received_at: empty, and the description assumes no lag",)


def test_rows_without_a_key_are_told_apart_by_content_and_order(
    read: Read, description_text: str
) -> None:
    text = description_text.replace('columns = ["id"]', "row = true")
    other = GOOD.replace("heroin", "cocaine")

    refs = read(HEAD + GOOD + other + GOOD, text=text).rows["source_ref"].tolist()

    assert refs[0].endswith("-1")
    assert refs[2] == refs[0].removesuffix("-1") + "-2"
    assert refs[1].endswith("-1")
    assert refs[1] != refs[0]


def test_a_key_of_two_columns_joins_them(read: Read, description_text: str) -> None:
    text = description_text.replace('columns = ["id"]', 'columns = ["id", "area"]')

    row = only(read(HEAD + GOOD, text=text))

    assert row["source_ref"] == "1|E06000002"


@pytest.mark.parametrize(
    ("rule", "value", "day", "precision"),
    [
        ('{ column = "day", date_formats = ["%d/%m/%Y"] }', "1/2/2026", (2026, 2, 1), "day"),
        ('{ column = "day", date_formats = ["%x", "%b %Y"] }', "Feb 2026", (2026, 2, 1), "month"),
        ('{ column = "day", date_formats = ["%d", "%Y-%m"] }', "2026-02", (2026, 2, 1), "month"),
        ('{ column = "day", date_formats = ["%Y"] }', "2026", (2026, 1, 1), "year"),
        ('{ columns = ["extra", "day"] }', "2026-02-03", (2026, 2, 3), "day"),
        ('{ year = "year", month = "day" }', "February", (2026, 2, 1), "month"),
        ('{ year = "year", month = "day" }', "2", (2026, 2, 1), "month"),
        ('{ year = "year", week = "day" }', "40", (2026, 9, 28), "week"),
        ('{ year = "day" }', "2024", (2024, 1, 1), "year"),
    ],
)  # fmt: skip
def test_a_date_knows_how_precise_it_is(
    rule: str,
    value: str,
    day: tuple[int, int, int],
    precision: str,
    read: Read,
    description_text: str,
) -> None:
    text = description_text.replace('"day"', rule) + '[constants]\nyear = 2026\nextra = ""\n'

    row = only(read(HEAD + GOOD.replace("2026-10-01", value), text=text))

    assert (row["occurred_on"], row["occurred_precision"]) == (date(*day), precision)


def test_parts_that_make_no_date_hold_the_row_back(read: Read, description_text: str) -> None:
    text = description_text.replace('"day"', '{ year = "day" }')

    parsed = read(HEAD + GOOD.replace("2026-10-01", "MMXXVI"), text=text)

    assert parsed.rejected[0].reasons == ("occurred_on: year and parts make no date",)


def test_a_precision_that_the_source_states_counts(read: Read, description_text: str) -> None:
    text = description_text + '[columns.occurred_precision]\ncolumn = "precision"\n'
    content = HEAD.strip() + ",precision\n" + GOOD.strip() + ",month\n" + GOOD.strip() + ",\n"

    parsed = read(content, text=text)

    assert parsed.rows["occurred_precision"].tolist() == ["month", "day"]


def test_values_are_mapped_whatever_their_capitals_and_ages_become_bands(
    read: Read, description_text: str
) -> None:
    text = description_text + (
        '[columns.sex]\ncolumn = "sex"\nvalues = { F = "female", M = "male" }\n'
        '[columns.age_band]\ncolumn = "age"\nfrom_years = true\n'
        '[columns.status]\nconstant = "suspected"\n'
        '[columns.setting]\ncolumn = "place"\ndefault = "community"\n'
        '[columns.withdrawn]\ncolumn = "gone"\n'
        '[columns.registered_on]\ncolumn = "later"\noptional = true\n'
    )
    rows = [("f", "15", "", "TRUE"), ("M", "34.5", "prison", "no"), ("", "", "", "")]
    content = HEAD.strip() + ",sex,age,place,gone\n"
    content += "".join(f"{GOOD.strip()},{','.join(row)}\n" for row in rows)

    rows_read = read(content, text=text).rows

    assert rows_read["sex"].tolist() == ["female", "male", None]
    assert rows_read["age_band"].tolist() == ["<16", "25-34", None]
    assert rows_read["setting"].tolist() == ["community", "prison", "community"]
    assert rows_read["status"].tolist() == ["suspected"] * 3
    assert rows_read["withdrawn"].tolist() == [True, False, False]
    assert rows_read["registered_on"].tolist() == [None] * 3


@pytest.mark.parametrize(
    ("target", "value", "reason"),
    [
        ('age_band = { column = "x", from_years = true }', "130", "not an age in years from 0"),
        ('age_band = { column = "x", from_years = true }', "old", "not an age in years from 0"),
        ('withdrawn = "x"', "perhaps", "withdrawn: neither true nor false"),
        ('suspected_rank = "x"', "1.5", "suspected_rank: not a whole number"),
        ('suspected_rank = "x"', "inf", "suspected_rank: not a whole number"),
        ('registered_on = "x"', "01/10/2026", "registered_on: not a date"),
    ],
)
def test_a_value_of_the_wrong_type_holds_the_row_back(
    target: str, value: str, reason: str, read: Read, description_text: str
) -> None:
    text = description_text.replace("[columns]", f"[columns]\n{target}")
    content = HEAD.strip() + ",x\n" + GOOD.strip() + f",{value}\n"

    parsed = read(content, text=text)

    assert len(parsed.rejected) == 1
    assert reason in parsed.rejected[0].reasons[0]


def test_a_value_outside_a_map_that_is_not_strict_is_left_empty_and_counted(
    read: Read, description_text: str
) -> None:
    text = description_text + '[columns.sex]\ncolumn = "sex"\nvalues = ["male"]\nstrict = false\n'

    parsed = read(HEAD.strip() + ",sex\n" + GOOD.strip() + ",robot\n", text=text)

    assert only(parsed)["sex"] is None
    assert (
        "sex: 1 of 1 values are not among those of the description and were left empty"
        in parsed.findings
    )


def test_the_first_area_that_the_register_recognises_counts_and_is_lifted(
    read: Read, description_text: str
) -> None:
    text = description_text.replace(
        'columns = ["area"]',
        'columns = ["died", "area"]\nlevel = "region"\nmissing = ["not stated"]',
    )
    content = HEAD.strip() + ",died\n" + GOOD.strip() + ",Nowhere\n" + GOOD.strip() + ",Wales\n"
    content += GOOD.strip().replace("E06000002", "") + ",Not stated\n"

    rows = read(content, text=text).rows

    assert rows["area_code"].tolist() == ["E12000001", "W92000004", "unknown"]
    assert rows["area_verbatim"].tolist() == ["E06000002", "Wales", "Not stated"]
