"""Which rows the checks accept, which they hold back, and why."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

import expectations
from expectations.record_rules import is_code
from surveillance.checks import CheckContext, check
from surveillance.domain import CheckReport, SubstanceMention, record_columns
from surveillance.errors import SettingsError

FETCHED_AT = datetime(2026, 10, 5, 6, tzinfo=UTC)
HEROIN = SubstanceMention("heroin", "heroin")
NHS_NUMBER = "943 476 5919"

OF_KIND: dict[str, dict[str, Any]] = {
    "death": {
        "status": "registered",
        "registered_on": date(2026, 10, 1),
        "underlying_cause": "X42",
        "certificate_text": "1a heroin toxicity",
        "place_type": "home",
    },
    "reaction_report": {
        "presentation_date": date(2026, 9, 30),
        "seriousness": "hospital",
        "outcome": "recovered",
        "naloxone_given": "no",
        "identification_basis": "patient_said",
        "narrative": "found drowsy",
    },
    "market_observation": {
        "market_level": "retail",
        "deal_mass_g": 1.0,
        "price_gbp": 40.0,
        "purity_percent": 43.0,
        "purity_n": 3,
    },
    "indicator": {
        "indicator": "arrest_tests",
        "unit": "tests",
        "numerator": 56.0,
        "denominator": 100.0,
        "value": 0.56,
        "value_low": 0.46,
        "value_high": 0.66,
    },
    "sighting": {
        "sold_as": "diazepam",
        "identification_basis": "confirmed",
        "method": "lc_ms",
        "sample_type": "product",
        "found_by": "drug_checking",
        "quantity": 2.0,
    },
    "event": {"grade": "G0", "observer_role": "drug_worker", "origin": "orange tablets"},
}


def make_rows(kind: str, n: int, changes: dict[int, dict[str, Any]] | None = None) -> pd.DataFrame:
    usual: dict[str, Any] = {
        "occurred_on": date(2026, 9, 30),
        "occurred_precision": "day",
        "received_at": FETCHED_AT,
        "area_code": "E06000002",
        "area_verbatim": "Middlesbrough",
        "count_low": 1,
        "count_high": 1,
        "withdrawn": False,
        "age_band": "35-44",
        "sex": "male",
        "setting": "community",
        "substances": [HEROIN],
        "reactions": [],
        **OF_KIND[kind],
    }
    names = [column.name for column in record_columns(kind)]
    rows = []
    for place in range(n):
        row = {**usual, "row_number": place + 1, "source_ref": f"r-{place}"}
        row.update((changes or {}).get(place, {}))
        row["raw"] = json.dumps({"line": place + 1, "text": row.get("narrative")})
        rows.append({name: row.get(name) for name in names})
    return pd.DataFrame(rows, columns=names, dtype=object)


def run(kind: str, rows: pd.DataFrame, **facts: Any) -> CheckReport:
    context = CheckContext(
        feed="a_feed",
        batch_id="5f2c",
        fetched_at=FETCHED_AT,
        known_area_codes=frozenset({"E06000002", "E08000032"}),
        **facts,
    )
    return check(rows, kind=kind, expectation_context=context)


def reasons_of(kind: str, change: dict[str, Any]) -> tuple[str, ...]:
    report = run(kind, make_rows(kind, 3, {1: change}))
    assert len(report.accepted) == 3 - len(report.rejected)
    return report.rejected[0].reasons if report.rejected else ()


def test_an_nhs_like_number_in_the_narrative_is_quarantined_and_stands_nowhere_in_the_report() -> (
    None
):
    rows = make_rows("reaction_report", 5, {2: {"narrative": f"NHS {NHS_NUMBER}, agitated"}})

    report = run("reaction_report", rows)

    assert [row.row_number for row in report.rejected] == [3]
    assert report.rejected[0].reasons == ("identifier of a person: NHS number in narrative",)
    assert "[NHS number removed], agitated" in report.rejected[0].raw
    assert NHS_NUMBER not in repr(report) + report.accepted.to_json()


@pytest.mark.parametrize(
    ("kind", "change", "place"),
    [
        ("death", {"certificate_text": "of SW1A 1AA"}, "postcode in certificate_text"),
        ("death", {"area_verbatim": "TS1 2AB"}, "postcode in area_verbatim"),
        ("death", {"source_ref": NHS_NUMBER}, "NHS number in source_ref"),
        ("death", {"setting": "a@example.org"}, "e-mail address in setting"),
        (
            "market_observation",
            {"substances": [SubstanceMention("unknown", "from 07700 900123")]},
            "telephone number in substances",
        ),
    ],
)
def test_identifiers_are_looked_for_in_every_text(
    kind: str, change: dict[str, Any], place: str
) -> None:
    assert f"identifier of a person: {place}" in reasons_of(kind, change)


BREACHES: list[tuple[str, dict[str, Any], str]] = [
    ("death", {"source_ref": None}, "source_ref is given"),
    ("death", {"occurred_on": None}, "occurred_on is given"),
    ("death", {"occurred_on": date(1026, 9, 30)}, "occurred_on is not before 1990"),
    ("death", {"occurred_on": date(2026, 10, 6)}, "not after the day of the fetch"),
    (
        "death",
        {"received_at": datetime(2026, 9, 29, 12, tzinfo=UTC)},
        "received_at is not before occurred_on",
    ),
    (
        "death",
        {"source_received_at": datetime(2027, 1, 1, tzinfo=UTC)},
        "source_received_at is not after the fetch",
    ),
    ("death", {"area_code": "E99999999"}, "area_code is in the register of areas"),
    ("death", {"area_code": None}, "area_code is given"),
    ("death", {"count_low": 3, "count_high": 2}, "count_low is at most count_high"),
    ("death", {"count_low": -1}, "count_low is 0 or more"),
    ("death", {"sex": "M"}, "sex is one of"),
    ("death", {"age_band": "35 to 44"}, "age_band is one of"),
    ("death", {"occurred_precision": "decade"}, "occurred_precision is one of"),
    ("death", {"status": "guessed"}, "status is one of"),
    ("death", {"registered_on": date(2026, 9, 1)}, "registered_on is not before occurred_on"),
    ("death", {"registered_on": date(2027, 1, 1)}, "registered_on is not before 1990 and not"),
    ("death", {"underlying_cause": "poisoning"}, "underlying_cause looks like an ICD-10 code"),
    ("death", {"suspected_rank": 4}, "suspected_rank is 1, 2 or 3"),
    ("reaction_report", {"presentation_date": date(2026, 9, 1)}, "is not before occurred_on"),
    ("reaction_report", {"presentation_date": date(2026, 10, 6)}, "is not after received_at"),
    ("reaction_report", {"seriousness": None}, "seriousness is given"),
    ("reaction_report", {"seriousness": "bad"}, "seriousness is one of"),
    ("reaction_report", {"outcome": "well"}, "outcome is one of"),
    ("reaction_report", {"naloxone_given": "Y"}, "naloxone_given is one of"),
    ("reaction_report", {"identification_basis": "smell"}, "identification_basis is one of"),
    ("reaction_report", {"substances": []}, "at least one substance is named"),
    ("market_observation", {"substances": []}, "a substance is named"),
    ("market_observation", {"purity_percent": 143.0}, "purity_percent is between 0 and 100"),
    ("market_observation", {"purity_n": 0}, "purity_n is 1 or more"),
    ("market_observation", {"deal_mass_g": 0.0}, "deal_mass_g is more than 0"),
    ("market_observation", {"price_gbp": 40_000.0}, "the price per gram lies in the band"),
    ("market_observation", {"price_gbp": 0.4}, "the price per gram lies in the band"),
    ("market_observation", {"market_level": "street"}, "market_level is one of"),
    ("market_observation", {"market_level": None}, "a price has its market_level"),
    ("indicator", {"indicator": None}, "indicator is given"),
    ("indicator", {"numerator": None, "value": None}, "a numerator or a value is given"),
    ("indicator", {"denominator": 0.0}, "denominator is more than 0"),
    ("indicator", {"value_low": 0.6}, "value_low is at most value"),
    ("indicator", {"value_high": 0.5}, "value is at most value_high"),
    ("sighting", {"substances": []}, "a substance is named"),
    ("sighting", {"identification_basis": "hearsay"}, "identification_basis is one of"),
    ("sighting", {"quantity": -1.0}, "quantity is 0 or more"),
    ("event", {"grade": None}, "grade is given"),
    ("event", {"grade": "G9"}, "grade is one of"),
    ("event", {"origin": None}, "at least one head is filled"),
    (
        "market_observation",
        {"price_gbp": None, "purity_percent": None},
        "a price or a purity is given",
    ),
]


@pytest.fixture(scope="module")
def breaches() -> dict[int, tuple[str, ...]]:
    """Reasons of each breach, all of one kind judged in one batch among many good rows."""
    reasons: dict[int, tuple[str, ...]] = {}
    for kind in OF_KIND:
        changes = {n: change for n, (of, change, _) in enumerate(BREACHES) if of == kind}
        report = run(kind, make_rows(kind, 200, changes))
        reasons.update({row.row_number - 1: row.reasons for row in report.rejected})
    return reasons


@pytest.mark.parametrize(
    "number", range(len(BREACHES)), ids=[f"{kind}: {rule}" for kind, _, rule in BREACHES]
)
def test_a_row_that_breaks_a_rule_is_quarantined_with_that_rule(
    number: int, breaches: dict[int, tuple[str, ...]]
) -> None:
    rule = BREACHES[number][2]

    reasons = breaches[number]

    assert any(rule in reason for reason in reasons)


def test_a_row_breaking_three_rules_has_three_reasons() -> None:
    reasons = reasons_of("death", {"sex": "M", "suspected_rank": 9, "area_code": "X"})

    assert len(reasons) == 3


def test_the_same_key_with_other_content_quarantines_both_rows() -> None:
    rows = make_rows("death", 5, {1: {"source_ref": "r-3", "sex": "female"}})

    report = run("death", rows)

    assert [row.row_number for row in report.rejected] == [2, 4]
    assert all("names one record" in row.reasons[0] for row in report.rejected)


def test_serial_numbers_of_ten_digits_are_not_taken_for_nhs_numbers() -> None:
    changes = {n: {"source_ref": str(4_000_000_000 + n)} for n in range(100)}

    report = run("death", make_rows("death", 100, changes))

    assert report.rejected == ()


def test_record_keys_that_are_nhs_numbers_are_held_back_beside_other_identifiers() -> None:
    changes = {
        0: {"source_ref": "9434765919", "certificate_text": "a@example.org"},
        2: {"source_ref": "943 476 5870"},
    }

    report = run("death", make_rows("death", 5, changes))

    assert {row.row_number: row.reasons for row in report.rejected} == {
        1: (
            "identifier of a person: e-mail address in certificate_text, NHS number in source_ref",
        ),
        3: ("identifier of a person: NHS number in source_ref",),
    }
    assert report.accepted["row_number"].tolist() == [2, 4, 5]
    assert '2 of 5 rows break "no text holds an identifier of a person"' in report.findings[0]


def test_two_versions_that_the_source_dates_apart_are_both_accepted() -> None:
    first, second = FETCHED_AT - timedelta(days=2), FETCHED_AT - timedelta(days=1)
    rows = make_rows(
        "death",
        2,
        {
            0: {"source_ref": "r", "status": "suspected", "source_received_at": first},
            1: {"source_ref": "r", "source_received_at": second},
        },
    )

    report = run("death", rows)

    assert (len(report.accepted), report.rejected) == (2, ())


def test_a_withdrawal_beside_its_record_is_no_repeat_and_needs_no_substance() -> None:
    rows = make_rows(
        "reaction_report", 2, {1: {"source_ref": "r-0", "withdrawn": True, "substances": []}}
    )

    report = run("reaction_report", rows)

    assert len(report.accepted) == 2


def test_of_a_row_sent_three_times_the_first_copy_is_kept() -> None:
    rows = make_rows("death", 4, {1: {"source_ref": "r-0"}, 3: {"source_ref": "r-0"}})

    report = run("death", rows)

    assert report.accepted["row_number"].tolist() == [1, 3]
    assert {row.row_number: row.reasons for row in report.rejected} == {
        2: ("repeats row 1",),
        4: ("repeats row 1",),
    }


def test_mere_repeats_never_hold_a_batch() -> None:
    rows = make_rows("death", 40, {place: {"source_ref": "r-0"} for place in range(30)})

    report = run("death", rows)

    assert report.verdict == "pass"
    assert len(report.accepted) == 11


def test_rows_are_matched_by_place_whatever_their_index() -> None:
    rows = make_rows("death", 4, {2: {"sex": "M"}})
    rows.index = pd.Index([7, 7, -1, 0])

    report = run("death", rows)

    assert [row.row_number for row in report.rejected] == [3]
    assert report.accepted["row_number"].tolist() == [1, 2, 4]


@pytest.mark.parametrize("kind", list(OF_KIND))
def test_a_clean_batch_passes_whole(kind: str) -> None:
    rows = make_rows(kind, 3)

    report = run(kind, rows, expected_lag_days=10, expected_rows=(1, 10))

    assert (report.verdict, report.findings, report.rejected) == ("pass", (), ())
    pd.testing.assert_frame_equal(report.accepted, rows)


@pytest.mark.parametrize("kind", list(OF_KIND))
def test_an_empty_batch_is_held_and_says_what_to_do(kind: str) -> None:
    report = run(kind, make_rows(kind, 0))

    assert report.verdict == "hold"
    assert "config/feeds/a_feed.toml" in report.findings[0]
    assert any(finding.startswith("empty:") for finding in report.findings)


def test_an_exception_inside_an_expectation_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken_suite(_: expectations.SuiteBounds) -> expectations.ExpectationSuite:
        broken = is_code("no_such_column", ("yes", "no"))
        return expectations.ExpectationSuite(name="death", expectations=[broken])

    monkeypatch.setitem(expectations.SUITES, "death", broken_suite)

    with pytest.raises(SettingsError, match=r"no_such_column is one of yes, no.*does not exist"):
        run("death", make_rows("death", 2))


def test_rows_without_a_column_of_their_kind_are_refused_by_name() -> None:
    rows = make_rows("death", 2).drop(columns="sex")

    with pytest.raises(SettingsError, match=r"a_feed: .*sex"):
        run("death", rows)


@pytest.mark.parametrize("kind", list(expectations.SUITES))
def test_every_expectation_says_its_rule_its_reason_and_its_severity(kind: str) -> None:
    context = CheckContext(
        feed="a_feed",
        batch_id="5f2c",
        fetched_at=FETCHED_AT,
        known_area_codes=frozenset(),
        expected_lag_days=1,
        expected_rows=(1, 2),
    )

    suite = expectations.SUITES[kind](context.bounds(1, delivered=1))

    rules = [item.description for item in suite.expectations]
    assert len(set(rules)) == len(rules)
    assert all(item.description and item.notes for item in suite.expectations)
    assert {item.severity.value for item in suite.expectations} == {"critical", "warning"}
