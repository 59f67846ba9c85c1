import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dews.intake.validation import find_faults, report_schema
from expectations import reaction_report as suite
from expectations.record_rules import AGE_BANDS, PRECISIONS, SETTINGS, SEXES
from surveillance.feeds.description import load_description
from tests.unit.intake.report_cases import a_report, the_example

TODAY = date(2026, 11, 24)
MANUAL = Path(__file__).parents[3] / "docs" / "intake.md"


def told(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.detail) for fault in find_faults(report, today=TODAY)]


def test_the_schema_is_a_schema_and_its_example_fits_it() -> None:
    Draft202012Validator.check_schema(report_schema())

    assert told(the_example()) == []
    assert told(a_report()) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "detail"),
    [
        ({"event_date": None}, "/event_date", "is missing"),
        ({"event_date": "20/11/2026"}, "/event_date", "must be a day, written as 2026-11-20"),
        ({"event_date": "20261120"}, "/event_date", "must be a day, written as 2026-11-20"),
        ({"event_date": "2026-02-30"}, "/event_date", "must be a day, written as 2026-11-20"),
        ({"event_date": "2026-11-25"}, "/event_date", "must not lie in the future"),
        ({"event_date": "1989-12-31"}, "/event_date", "must not lie before 1990"),
        ({"event_date": 5}, "/event_date", "must be text"),
        (
            {"presentation_date": "2026-11-19"},
            "/presentation_date",
            "must not lie before event_date",
        ),
        ({"laboratory": {"sample_date": "2027-01-01"}}, "/laboratory/sample_date", "future"),
        ({"reported_at": "yesterday"}, "/reported_at", "must be a moment with its offset"),
        ({"reported_at": "2026-11-24T25:00:00Z"}, "/reported_at", "must be a moment"),
        ({"area_code": "Leeds"}, "/area_code", "must be a GSS code such as E08000025, or unknown"),
        ({"substances": []}, "/substances", "must have at least 1 entries"),
        ({"substances": [{"name": "x"}] * 21}, "/substances", "must have at most 20 entries"),
        ({"substances": [{"name": " "}]}, "/substances/0/name", "must hold more than blanks"),
        ({"substances": [{"name": ""}]}, "/substances/0/name", "must have at least 1 characters"),
        ({"substances": [{}]}, "/substances/0/name", "is missing"),
        ({"substances": ["heroin"]}, "/substances/0", "must be an object"),
        ({"reactions": "fit"}, "/reactions", "must be a list"),
        ({"withdrawn": "yes"}, "/withdrawn", "must be true or false"),
        ({"naloxone_doses": -1}, "/naloxone_doses", "must be at least 0"),
        ({"naloxone_doses": 51}, "/naloxone_doses", "must be at most 50"),
        ({"naloxone_doses": "two"}, "/naloxone_doses", "must be a whole number"),
        ({"sex": "F"}, "/sex", "must be one of: female, male, other, unknown"),
        ({"grade": "G5"}, "/grade", "must be one of: G0, G1, G3, G4"),
        ({"narrative": "a" * 4_001}, "/narrative", "must have at most 4000 characters"),
        ({"source_ref": "943-476-5919"}, "/source_ref", "must not hold ten digits"),
        ({"source_ref": "a b"}, "/source_ref", "may hold letters, digits"),
        ({"patient_pseudonym": "J. B."}, "/patient_pseudonym", "must be 32 to 128 hexadecimal"),
        ({"follow_up_of": "OOOO"}, "/follow_up_of", "must be a reference"),
    ],
)
def test_each_fault_is_named_with_its_place_and_what_is_wanted(
    changes: dict[str, Any], pointer: str, detail: str
) -> None:
    [(place, words), *_] = told(a_report(**changes))

    assert place == pointer
    assert detail in words


def test_a_field_that_is_not_known_is_told_by_its_place_and_the_nearest_known() -> None:
    [(pointer, detail)] = told(a_report(naratve="Jane Bloggs was here"))

    assert pointer == ""
    assert detail == (
        "has a field that the schema does not know, number 7 in order. Did you mean narrative?"
    )


def test_no_fault_ever_repeats_a_value_or_a_name_that_was_sent() -> None:
    secret = "bloggs-9434765919"
    broken = dict.fromkeys(report_schema()["properties"], secret)
    nested = a_report(substances=[{secret: secret, "name": 1}], laboratory={"method": [secret]})

    faults = [*told(broken), *told(nested), *told({secret: secret})]

    assert len(faults) > len(report_schema()["properties"]) // 2
    assert "bloggs" not in json.dumps(faults)


def test_at_most_fifty_faults_are_told() -> None:
    reports = a_report(substances=[{"name": " ", "role": 1, "form": 1, "route": 1}] * 20)

    assert len(told(reports)) == 50


def test_every_code_of_the_schema_is_one_that_the_feed_and_the_checks_take(
    config_folder: Path,
) -> None:
    fields = report_schema()["properties"]
    rules = load_description(config_folder / "feeds" / "intake_reports.toml").columns
    checked = {
        "age_band": AGE_BANDS,
        "sex": SEXES,
        "setting": SETTINGS,
        "reporter_role": suite.REPORTER_ROLES,
        "identification_basis": suite.IDENTIFICATION_BASES,
        "seriousness": suite.SERIOUSNESS,
        "naloxone_given": suite.NALOXONE,
        "outcome": suite.OUTCOMES,
    }

    for name, codes in checked.items():
        assert set(fields[name]["enum"]) == set(rules[name].value_map or {}), name
        assert set(fields[name]["enum"]) <= set(codes), name
    assert set(fields["event_date_precision"]["enum"]) <= set(PRECISIONS)


def test_the_manual_explains_every_field() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    schema = report_schema()
    names = {*schema["properties"], *schema["$defs"]["substance"]["properties"]}
    for part in ("laboratory", "reaction_details"):
        described = schema["properties"][part]
        names |= set(described.get("items", described)["properties"])

    explained = set(re.findall(r"`(\w+)`", text))

    assert names <= explained
