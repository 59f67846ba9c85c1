from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from dews.intake import answers
from dews.intake.form import Draft, Mistake, build_report, places, read_draft
from dews.intake.problems import Problem
from dews.intake.validation import find_faults, report_schema
from surveillance.register import Register

TODAY = date(2026, 11, 24)


def filled(**changes: str | list[str]) -> Draft:
    values: dict[str, Any] = {
        "when": "today",
        "place": "Leeds",
        "substance": "blue tablets",
        "effect": ["drowsiness"],
        "seriousness": "hospital",
    } | changes
    return Draft({k: v if isinstance(v, list) else [v] for k, v in values.items()})


def mistakes_of(draft: Draft, register: Register) -> list[tuple[str, str]]:
    _, mistakes = build_report(draft, today=TODAY, register=register)
    return [(mistake.field, mistake.words) for mistake in mistakes]


def test_an_empty_form_names_every_question_in_the_order_of_the_page(register: Register) -> None:
    assert [name for name, _ in mistakes_of(Draft(), register)] == [
        "when",
        "place",
        "substance",
        "effect",
        "seriousness",
    ]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"when": "earlier"}, "day", "Write the day as numbers"),
        ({"when": "", "day": "31", "month": "2", "year": "2026"}, "day", "Write the day"),
        ({"when": "", "day": "1", "month": "2", "year": "26"}, "day", "Write the day"),
        ({"when": "", "day": "٣", "month": "2", "year": "2026"}, "day", "Write the day"),
        ({"when": "", "day": "25", "month": "11", "year": "2026"}, "day", "in the future"),
        ({"when": "", "day": "25", "month": "11", "year": "1900"}, "day", "1990 or later"),
        ({"when": "never"}, "when", "Say when"),
        ({"place": "Narnia"}, "place", "Choose an area or region"),
        ({"place": "United Kingdom"}, "place", "Choose an area or region"),
        ({"place": "West Yorkshire Police"}, "place", "Choose an area or region"),
        ({"substance": "a" * 121}, "substance", "at most 120"),
        ({"also_taken": ",".join("abcdefghijk")}, "also_taken", "at most 10 names"),
        ({"effect": ["made up"]}, "effect", "Say what happened"),
        ({"effect_other": "a" * 121}, "effect_other", "at most 120"),
        ({"seriousness": "very"}, "seriousness", "Say how serious"),
        ({"narrative": "a" * 2_001}, "narrative", "at most 2,000"),
    ],
)
def test_each_mistake_is_told_at_its_field(
    changes: dict[str, Any], field: str, words: str, register: Register
) -> None:
    [(name, told)] = mistakes_of(filled(**changes), register)

    assert name == field
    assert words in told


def test_a_form_becomes_a_report_that_the_schema_takes(register: Register) -> None:
    draft = filled(
        also_taken="alcohol; diazepam,",
        identification_basis="packaging",
        effect=["drowsiness", "death"],
        effect_other="blue lips",
        naloxone_given="unknown",
        age_band="18-24",
        sex="female",
        setting="street",
        reporter_role="hostel",
        narrative=" Found in the morning. ",
    )

    report, mistakes = build_report(draft, today=TODAY, register=register)

    assert mistakes == []
    assert find_faults(report, today=TODAY) == []
    assert report == {
        "event_date": "2026-11-24",
        "area_code": "E08000035",
        "substances": [
            {"name": "blue tablets", "role": "suspect"},
            {"name": "alcohol", "role": "co-used"},
            {"name": "diazepam", "role": "co-used"},
        ],
        "reactions": ["drowsiness", "death", "blue lips"],
        "seriousness": "hospital",
        "naloxone_given": "unknown",
        "identification_basis": "packaging",
        "age_band": "18-24",
        "sex": "female",
        "setting": "street",
        "reporter_role": "hostel",
        "narrative": "Found in the morning.",
    }


def test_five_answers_are_enough_and_unknown_is_one(register: Register) -> None:
    draft = filled(
        when="yesterday", place="", place_unknown="yes", substance="", substance_unknown="yes"
    )

    report, mistakes = build_report(draft, today=TODAY, register=register)

    assert mistakes == []
    assert find_faults(report, today=TODAY) == []
    assert report["event_date"] == "2026-11-23"
    assert report["area_code"] == "unknown"
    assert report["substances"] == [{"name": "unknown", "role": "suspect"}]
    assert report["reporter_role"] == "public"


def test_a_day_that_is_written_counts_without_its_button(register: Register) -> None:
    draft = filled(when="", day="3", month="09", year="2026")

    report, _ = build_report(draft, today=TODAY, register=register)

    assert report["event_date"] == "2026-09-03"


def test_nobody_can_raise_the_grade_through_the_form(register: Register) -> None:
    report, _ = build_report(filled(grade="G4"), today=TODAY, register=register)

    assert "grade" not in report


@pytest.mark.parametrize("content", [b"\xff", "é".encode(), b"a=%ff", b"&".join([b"a=1"] * 61)])
def test_what_no_browser_sends_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_draft(content)

    assert refused.value.status == 400


def test_signs_that_nobody_sees_are_dropped_and_lines_kept() -> None:
    draft = read_draft(urlencode({"narrative": "a\x00b\u202ec\r\nd\te"}).encode())

    assert draft.one("narrative") == "abc\nd\te"


def test_every_choice_is_a_code_of_the_schema(register: Register) -> None:
    fields = report_schema()["properties"]
    offered = {
        "seriousness": answers.SERIOUSNESS,
        "naloxone_given": answers.NALOXONE,
        "identification_basis": answers.BASIS,
        "age_band": answers.AGES,
        "sex": answers.SEXES,
        "setting": answers.SETTINGS,
        "reporter_role": answers.ROLES,
    }

    for name, choices in offered.items():
        assert {choice.code for choice in choices} - {""} <= set(fields[name]["enum"])
    for choice in answers.EFFECTS:
        assert register.reactions.get(choice.code).code == choice.code


def test_every_place_offered_can_be_chosen_and_none_stands_twice(register: Register) -> None:
    offered = places(register)

    wrong = [name for name in offered if mistakes_of(filled(place=name), register)]

    assert wrong == []
    assert len(offered) == len(set(offered)) > 200
    assert {"Leeds", "South West", "Wales"} <= set(offered)
    assert "Connecticut" not in offered


def test_mistakes_are_told_once(register: Register) -> None:
    _, mistakes = build_report(filled(place="Narnia"), today=TODAY, register=register)

    assert mistakes == list(dict.fromkeys(mistakes))
    assert isinstance(mistakes[0], Mistake)
