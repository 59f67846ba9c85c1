"""Laws of the intake: whatever comes, the answer is a refusal in words or a report kept whole."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote_plus

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dews.intake.bodies import read_json_object
from dews.intake.form import Draft, build_report, field_of, read_draft
from dews.intake.problems import Problem
from dews.intake.validation import find_faults, report_schema
from surveillance.domain.references import ALPHABET, make_reference, read_reference
from surveillance.jobs.intake import find_report_identifiers
from surveillance.register import Register
from tests.unit.intake.report_cases import a_report

TODAY = date(2026, 11, 24)
FIELDS = sorted(report_schema()["properties"])
FORM_FIELDS = (
    "when", "day", "month", "year", "place", "place_unknown", "substance", "substance_unknown",
    "also_taken", "effect", "effect_other", "seriousness", "naloxone_given", "age_band", "sex",
    "setting", "reporter_role", "identification_basis", "narrative", "website",
)  # fmt: skip
# What judges the texts takes seconds to import, on a busy machine more.
laws = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
leaves = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=30)
# What a keyboard makes: letters, marks, numbers, punctuation and blanks.
words = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=40)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


@laws
@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_an_object_or_refused(content: bytes) -> None:
    refused = None
    read: object = None
    try:
        read = read_json_object(content)
    except Problem as problem:
        refused = problem

    assert isinstance(read, dict) if refused is None else refused.status == 400


@laws
@given(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6))
def test_any_object_is_valid_or_told_its_faults_without_its_values(changes: dict[str, Any]) -> None:
    report = a_report() | changes

    faults = find_faults(report, today=TODAY)

    told = json.dumps([fault.detail for fault in faults])
    values = [value for value in changes.values() if isinstance(value, str) and len(value) > 9]
    assert not any(json.dumps(value)[1:-1] in told for value in values)
    if not faults:
        assert json.loads(json.dumps(report)) == report
        find_report_identifiers(report)


@laws
@given(
    values=st.dictionaries(
        st.sampled_from(FORM_FIELDS),
        st.text(max_size=40) | st.sampled_from(["today", "earlier", "Leeds", "yes", "died", "3"]),
    )
)
def test_any_form_becomes_a_valid_report_or_is_told_what_to_mend(
    values: dict[str, str], register: Register
) -> None:
    report, mistakes = build_report(
        Draft({name: [value] for name, value in values.items()}), today=TODAY, register=register
    )

    faults = find_faults(report, today=TODAY)

    assert mistakes or not faults
    assert {field_of(fault.pointer) for fault in faults} <= {*FORM_FIELDS}


@laws
@given(st.dictionaries(words, words, max_size=5))
def test_what_a_browser_sends_is_read_as_it_was_typed(values: dict[str, str]) -> None:
    sent = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in values.items())

    draft = read_draft(sent.encode())

    assert {name: draft.one(name) for name in values} == {
        name: value.strip() for name, value in values.items()
    }


@laws
@given(st.lists(st.integers(0, len(ALPHABET) - 1), min_size=11, max_size=11))
def test_every_reference_is_read_as_it_was_made(places: list[int]) -> None:
    reference = make_reference(places)

    assert read_reference(reference) == reference
    assert read_reference(reference.lower().replace("-", " ")) == reference
