"""Whatever is sent, the intake answers in words, stays up, and never fails."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dews.intake.bodies import MOST_BYTES
from dews.intake.validation import report_schema
from surveillance.jobs.session import database
from surveillance.store.engine import reading
from surveillance.store.schema import ReactionReportRow
from tests.integration.intake.clients import ON_SQLITE, Served, arrived
from tests.unit.intake.report_cases import a_report, the_example

JSON = {"Content-Type": "application/json"}
FIELDS = sorted(report_schema()["properties"])
REFUSALS = {400, 413, 415, 422}
laws = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
visible = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#")
HUGE_FIELD = b'{"narrative": "' + b"a" * (MOST_BYTES + 1) + b'"}'
BODIES = {
    "empty": b"",
    "a BOM": b"\xef\xbb\xbf" + json.dumps(a_report()).encode(),
    "UTF-16": json.dumps(a_report()).encode("utf-16"),
    "not UTF-8": b'{"narrative": "\xff\xfe"}',
    "half a file": json.dumps(a_report()).encode()[:-7],
    "two objects": b"{}{}",
    "deep lists": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000,
    "deep and closed": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "NaN": json.dumps(a_report()).replace('"none"', "NaN").encode(),
    "a huge number": json.dumps(a_report()).replace('"none"', "9" * 40_000).encode(),
    "a huge exponent": json.dumps(a_report()).replace('"none"', "1e999999999").encode(),
    "a field twice": json.dumps(a_report()).encode()[:-1] + b', "seriousness": "died"}',
    "NUL": json.dumps(a_report(narrative="a\0b")).encode(),
    "half a surrogate": json.dumps(a_report()).replace('"none"', '"\\ud83d"').encode(),
    "too large": HUGE_FIELD,
    "thousands of fields": json.dumps({f"f{number}": 1 for number in range(5_000)}).encode(),
    "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
}


def post(served: Served, content: bytes, **headers: str) -> Any:
    given = {"Authorization": f"Bearer {served.token}", **JSON, **headers}
    return served.client.post("/reports", content=content, headers=given)


@ON_SQLITE
@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_in_words(name: str, served: Served) -> None:
    answer = post(served, BODIES[name])

    assert answer.status_code in REFUSALS
    assert answer.json()["detail"]
    assert arrived(served.settings) == []
    assert served.post(a_report()).status_code == 201


@ON_SQLITE
def test_hostile_headers_are_refused_in_words(served: Served) -> None:
    odd: list[dict[str, Any]] = [
        {"Content-Length": "-1"},
        {"Content-Length": "9" * 400},
        {"Content-Type": "application/json" * 200},
        {"Idempotency-Key": "é".encode("latin-1")},
        {"Authorization": "Bearer é".encode("latin-1")},
        {"Authorization": "Bearer " + "a" * 5_000},
        {"Cookie": "dews-form=" + "é" * 50},
    ]

    statuses = []
    for headers in odd:
        request = served.client.build_request("POST", "/reports", content=b"{}", headers=JSON)
        for name, value in ({"Authorization": f"Bearer {served.token}"} | headers).items():
            request.headers.raw.append((name.encode(), _raw(value)))
        statuses.append(served.client.send(request).status_code)

    assert all(400 <= status < 500 for status in statuses)
    assert served.post(a_report()).status_code == 201


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def test_any_text_that_is_taken_is_kept_and_stored_as_it_is(served: Served) -> None:
    texts = ["naïve 😀", "\u202eright to left", "=1+1", "'; DROP TABLE record; --", "{{ 7 * 7 }}"]
    for text in texts:
        assert served.post(a_report(narrative=text)).status_code == 201

    served.keep_all()

    with reading(database(served.settings.database_url)) as connection:
        kept = connection.execute(select(ReactionReportRow.narrative)).scalars().all()
    assert sorted(str(text) for text in kept) == sorted(texts)


@ON_SQLITE
def test_any_object_is_taken_or_refused_and_nothing_else(served: Served) -> None:
    @laws
    @given(
        st.dictionaries(
            st.sampled_from(sorted(report_schema()["properties"])), anything, max_size=4
        )
    )
    def holds(changes: dict[str, Any]) -> None:
        content = json.dumps(the_example() | changes).encode()
        assert post(served, content).status_code in {200, 201} | REFUSALS

    holds()


@ON_SQLITE
def test_any_form_is_taken_or_given_back_and_nothing_else(served: Served) -> None:
    @laws
    @given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
    def holds(content: bytes) -> None:
        for path in ("/report", "/report/status"):
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = served.client.post(path, content=content, headers=form)
            assert answer.status_code in {200, 404} | REFUSALS

    holds()


@ON_SQLITE
def test_any_address_is_answered(served: Served) -> None:
    @laws
    @given(st.text(visible, max_size=40))
    def holds(path: str) -> None:
        for start in ("/", "/reports/", "/report/"):
            assert served.client.get(f"{start}{path}").status_code < 500

    holds()
