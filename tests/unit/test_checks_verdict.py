"""How far a batch can be trusted as a whole: pass, degraded or hold."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from surveillance.checks import CheckContext, check
from surveillance.domain import CheckReport, RejectedRow, SubstanceMention, record_columns

FETCHED_AT = datetime(2026, 10, 5, 6, tzinfo=UTC)
NHS_NUMBER = "943 476 5919"
NAMES = [column.name for column in record_columns("death")]
USUAL: dict[str, Any] = {
    "raw": "{}",
    "occurred_on": date(2026, 9, 30),
    "received_at": FETCHED_AT,
    "area_code": "E06000002",
    "count_low": 1,
    "count_high": 1,
    "withdrawn": False,
    "substances": [SubstanceMention("heroin", "heroin")],
}


def deaths(n: int, changes: dict[int, dict[str, Any]] | None = None) -> pd.DataFrame:
    rows = [
        {
            **USUAL,
            "row_number": place + 1,
            "source_ref": f"r-{place}",
            **(changes or {}).get(place, {}),
        }
        for place in range(n)
    ]
    return pd.DataFrame(rows, columns=NAMES, dtype=object)


def run(
    rows: pd.DataFrame,
    *,
    already_rejected: tuple[RejectedRow, ...] = (),
    rows_present: int | None = None,
    **facts: Any,
) -> CheckReport:
    context = CheckContext(
        feed="a_feed",
        batch_id="5f2c",
        fetched_at=FETCHED_AT,
        known_area_codes=frozenset({"E06000002"}),
        **facts,
    )
    return check(
        rows,
        kind="death",
        expectation_context=context,
        already_rejected=already_rejected,
        rows_present=rows_present,
    )


def test_more_than_a_quarter_of_unusable_rows_holds_the_batch_and_accepts_nothing() -> None:
    rows = deaths(40, {place: {"sex": "M"} for place in range(11)})

    report = run(rows)

    assert report.verdict == "hold"
    assert (len(report.accepted), report.rejected) == (0, ())
    assert "11 of 40 rows (28%)" in report.findings[0]


def test_rows_that_parsing_held_back_count_towards_the_hold() -> None:
    unread = tuple(RejectedRow(41 + n, "{}", ("no date",)) for n in range(6))
    rows = deaths(18, {place: {"sex": "M"} for place in range(4)})

    report = run(rows, already_rejected=unread)

    assert report.verdict == "hold"


def test_one_bad_row_of_a_file_of_three_does_not_hold_back_the_others() -> None:
    report = run(deaths(3, {0: {"sex": "M"}}))

    assert report.verdict == "degraded"
    assert len(report.accepted) == 2


def test_rows_that_parsing_held_back_are_reported_with_their_identifiers_masked() -> None:
    unread = (RejectedRow(9, f"x;{NHS_NUMBER}", (f"'{NHS_NUMBER}' is no date",)),)

    report = run(deaths(30), already_rejected=unread)

    assert report.verdict == "pass"
    assert report.rejected[0].row_number == 9
    assert NHS_NUMBER not in repr(report)
    assert "1 of 31 rows could not be read (rows 9)" in report.findings


def test_a_row_of_counts_with_two_faulty_records_is_held_back_once() -> None:
    rows = deaths(30, {0: {"area_code": "X"}, 1: {"sex": "M"}})
    rows["row_number"] = rows["row_number"].replace(2, 1)

    report = run(rows, rows_present=15)

    assert len(report.accepted) == 28
    assert [(row.row_number, len(row.reasons)) for row in report.rejected] == [(1, 2)]


def test_a_small_file_whose_every_row_was_unreadable_goes_to_quarantine() -> None:
    unread = (RejectedRow(1, "{}", ("no date",)),)

    report = run(deaths(0), already_rejected=unread)

    assert (report.verdict, len(report.rejected)) == ("degraded", 1)


def test_a_stale_batch_is_degraded_and_a_future_date_does_not_hide_it() -> None:
    rows = deaths(30, {0: {"occurred_on": date(2096, 9, 30)}})

    report = run(rows, expected_lag_days=4)

    assert report.verdict == "degraded"
    assert any(finding.startswith("stale:") for finding in report.findings)


@pytest.mark.parametrize("expected", [(10, 20), (1, 2)])
def test_a_batch_outside_its_volume_is_degraded(expected: tuple[int, int]) -> None:
    report = run(deaths(5), expected_rows=expected)

    assert report.verdict == "degraded"
    assert report.findings[0].startswith("volume:")
    assert len(report.accepted) == 5


def test_a_batch_far_smaller_than_the_one_before_is_degraded() -> None:
    report = run(deaths(9), previous_volume=30)

    assert report.verdict == "degraded"


def test_a_small_batch_before_is_no_yardstick() -> None:
    report = run(deaths(5), previous_volume=29)

    assert report.verdict == "pass"


def test_freshness_and_volume_of_a_history_load_are_not_judged() -> None:
    report = run(
        deaths(5),
        expected_lag_days=1,
        expected_rows=(10, 20),
        is_history=True,
    )

    assert report.verdict == "pass"


@pytest.mark.parametrize(
    "change",
    [
        {"area_code": "unknown"},
        {"substances": [SubstanceMention("unknown", "blue pills")]},
        {"setting": "the moon"},
    ],
)
def test_many_unknowns_degrade_the_batch_and_keep_the_rows(change: dict[str, Any]) -> None:
    report = run(deaths(10, dict.fromkeys(range(4), change)))

    assert (report.verdict, len(report.accepted)) == ("degraded", 10)
    assert report.findings[0].endswith("(rows 1, 2, 3, 4), kept")


def test_rows_that_name_no_substance_at_all_are_no_warning() -> None:
    unnamed = {"substances": [SubstanceMention("unknown", "")]}

    report = run(deaths(10, dict.fromkeys(range(10), unnamed)))

    assert report.verdict == "pass"


def test_a_share_of_bad_rows_above_a_twentieth_degrades_the_batch() -> None:
    few = run(deaths(20, {0: {"sex": "M"}}))
    more = run(deaths(20, {0: {"sex": "M"}, 1: {"sex": "M"}}))

    assert (few.verdict, more.verdict) == ("pass", "degraded")


def test_a_long_list_of_rows_is_cut_short() -> None:
    report = run(deaths(60, {place: {"sex": "M"} for place in range(12)}))

    assert "rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more" in report.findings[0]
