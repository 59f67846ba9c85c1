"""The endpoint for systems, over real HTTP and on both databases."""

import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import text

from dews.intake import bodies
from dews.intake.validation import report_schema
from surveillance.jobs.intake_access import grant_token, list_tokens, revoke_token
from surveillance.jobs.session import database
from surveillance.store.engine import writing
from tests.integration.intake.clients import ON_SQLITE, Served, arrived
from tests.unit.intake.report_cases import NHS_NUMBER, a_report, the_example

JSON = {"Content-Type": "application/json"}


def test_without_a_token_in_force_nothing_is_read(served: Served) -> None:
    other = served.token[:-1] + ("A" if served.token[-1] != "A" else "B")
    never = "dews_000000000000_" + "a" * 43

    answers = [
        served.client.post("/reports", json=a_report()),
        served.client.post("/reports", json=a_report(), headers={"Authorization": "Basic eA=="}),
        *(served.post(a_report(), token=token) for token in (other, never, "x", "dews_")),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert arrived(served.settings) == []


def test_a_revoked_token_ends_at_once_and_its_use_is_known(served: Served) -> None:
    token = grant_token(served.settings, "south-ed", now=served.clock())
    assert served.post(a_report(), token=token).status_code == 201

    revoke_token(served.settings, token.split("_")[1], now=served.clock())

    assert served.post(a_report(), token=token).status_code == 401
    [kept] = [one for one in list_tokens(served.settings) if one.system == "south-ed"]
    assert kept.last_used_at == kept.revoked_at == served.clock()


def test_no_token_is_kept_as_it_is(served: Served) -> None:
    secret = served.token.split("_", 2)[2]

    with database(served.settings.database_url).connect() as connection:
        rows = connection.execute(text("SELECT * FROM intake_token")).all()

    assert len(rows) == 1
    assert secret not in repr(rows)


@ON_SQLITE
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        ({**JSON, "Content-Encoding": "gzip"}, 415),
        ({**JSON, "Idempotency-Key": "a b"}, 400),
        ({**JSON, "Idempotency-Key": "a" * 256}, 400),
        ({**JSON, "Idempotency-Key": ""}, 400),
    ],
)
def test_a_request_of_the_wrong_form_is_refused(
    headers: dict[str, str], status: int, served: Served
) -> None:
    answer = served.client.post(
        "/reports",
        content=json.dumps(a_report()),
        headers={"Authorization": f"Bearer {served.token}", **headers},
    )

    assert answer.status_code == status
    assert arrived(served.settings) == []


@ON_SQLITE
def test_a_body_that_says_it_is_too_large_is_refused_unread(served: Served) -> None:
    head = (
        f"POST /reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {10**12}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.client.base_url.port or 0)) as connection:
        connection.sendall(head.encode())
        status = connection.makefile("rb").readline()

    assert status.startswith(b"HTTP/1.1 413")


@ON_SQLITE
def test_a_body_of_unknown_size_is_refused_as_soon_as_it_is_too_large(served: Served) -> None:
    head = (
        f"POST /reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", served.client.base_url.port or 0)) as connection:
        # Five chunks are 80 KiB, and the last one, which ends a body, is never sent.
        connection.sendall(head.encode() + chunk * 5)
        status = connection.makefile("rb").readline()

    assert status.startswith(b"HTTP/1.1 413")


@ON_SQLITE
def test_a_body_that_does_not_come_in_time_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "READ_WITHIN_SECONDS", 0.05)
    head = (
        f"POST /reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", served.client.base_url.port or 0)) as connection:
        connection.sendall(head.encode())
        status = connection.makefile("rb").readline()

    assert status.startswith(b"HTTP/1.1 408")


def test_a_report_that_does_not_fit_is_told_all_its_faults(served: Served) -> None:
    answer = served.post(a_report(seriousness="bad", area_code=None, substances=[{"nam": "x"}]))

    problem = answer.json()
    assert answer.status_code == problem["status"] == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:dews:problem:invalid-report"
    assert [fault["pointer"] for fault in problem["errors"]] == [
        "/area_code",
        "/seriousness",
        "/substances/0",
        "/substances/0/name",
    ]
    assert arrived(served.settings) == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "pointer", "kind"),
    [
        ({"narrative": f"NHS {NHS_NUMBER}"}, "/narrative", "NHS number"),
        ({"narrative": "lives at SW1A 1AA"}, "/narrative", "postcode"),
        ({"narrative": "born 1 May 1980"}, "/narrative", "date of birth"),
        ({"reactions": ["fit", "call 07700 900123"]}, "/reactions/1", "telephone number"),
        ({"substances": [{"name": "x@example.org"}]}, "/substances/0/name", "e-mail address"),
        ({"laboratory": {"method": NHS_NUMBER}}, "/laboratory/method", "NHS number"),
    ],
)
def test_an_identifier_is_refused_at_the_door_and_never_repeated(
    changes: dict[str, object], pointer: str, kind: str, served: Served
) -> None:
    answer = served.post(a_report(**changes))

    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert kind in fault["detail"]
    for held in (NHS_NUMBER, "SW1A", "1980", "07700", "example.org"):
        assert held not in answer.text
    assert arrived(served.settings) == []


@ON_SQLITE
def test_a_pseudonym_is_no_identifier(served: Served) -> None:
    digits = NHS_NUMBER.replace(" ", "")

    answer = served.post(a_report(patient_pseudonym=f"a{digits}a" * 4))

    assert answer.status_code == 201


def test_a_report_gets_a_reference_and_an_address(served: Served) -> None:
    answer = served.post(the_example())

    told = answer.json()
    assert answer.status_code == 201
    assert told["outcome"] == "new"
    assert answer.headers["location"] == told["status"] == f"/reports/{told['reference']}"
    assert served.client.get(told["status"]).status_code == 401
    assert served.ask(told["reference"]).json()["progress"] == "received"


def test_the_same_key_and_report_give_the_same_reference(served: Served) -> None:
    first = served.post(a_report(), key="k1")
    turned_round = dict(reversed(a_report().items()))

    again = served.post(turned_round, key="k1")

    assert (again.status_code, again.json()["outcome"]) == (200, "known")
    assert again.json()["reference"] == first.json()["reference"]
    assert len(arrived(served.settings)) == 1


def test_the_same_key_with_another_report_is_a_conflict(served: Served) -> None:
    first = served.post(a_report(), key="k1")

    answer = served.post(a_report(seriousness="died"), key="k1")

    assert answer.status_code == 409
    assert first.json()["reference"] in answer.json()["detail"]
    assert len(arrived(served.settings)) == 1


def test_a_key_belongs_to_its_system(served: Served) -> None:
    token = grant_token(served.settings, "south-ed", now=served.clock())

    one, other = served.post(a_report(), key="k1"), served.post(a_report(), key="k1", token=token)

    assert (one.status_code, other.status_code) == (201, 201)
    assert one.json()["reference"] != other.json()["reference"]


def test_without_a_key_two_equal_reports_are_two(served: Served) -> None:
    references = {served.post(a_report()).json()["reference"] for _ in range(2)}

    assert len(references) == 2


def test_many_posts_at_once_with_one_key_make_one_report(served: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: served.post(a_report(), key="k1"), range(24)))

    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert len(arrived(served.settings)) == 1


def test_many_posts_at_once_of_one_source_make_one_report(served: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: served.post(a_report(source_ref="ED-1")), range(24)))

    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len(arrived(served.settings)) == 1


def test_a_correction_keeps_its_reference(served: Served) -> None:
    first = served.post(a_report(source_ref="ED-1"))

    same = served.post(a_report(source_ref="ED-1"))
    mended = served.post(a_report(source_ref="ED-1", outcome="recovered"))

    assert [one.json()["outcome"] for one in (first, same, mended)] == ["new", "known", "version"]
    assert len({one.json()["reference"] for one in (first, same, mended)}) == 1
    assert [row.version for row in arrived(served.settings)] == [1, 2]


@ON_SQLITE
def test_an_area_that_we_do_not_know_is_taken_and_said(served: Served) -> None:
    known, strange = served.post(a_report()), served.post(a_report(area_code="E99999999"))

    assert known.json()["notes"] == []
    assert strange.status_code == 201
    assert strange.json()["notes"] == [
        "area_code is not in our register: the area counts as unknown"
    ]


@ON_SQLITE
def test_one_report_too_many_waits(serve: Callable[..., Served]) -> None:
    served = serve(post="2 per hour")

    answers = [served.post(a_report()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    assert len(arrived(served.settings)) == 2


@ON_SQLITE
def test_who_tries_tokens_is_shut_out_for_a_while(serve: Callable[..., Served]) -> None:
    served = serve(failed="3 per hour")

    tried = [served.post(a_report(), token=f"t{number}").status_code for number in range(4)]

    assert tried == [401, 401, 401, 429]
    assert served.post(a_report()).status_code == 429


def test_a_database_that_fails_is_told_and_no_report_is_logged(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with writing(database(served.settings.database_url)) as connection:
        connection.execute(text("ALTER TABLE intake_report RENAME TO elsewhere"))

    answer = served.post(a_report(narrative="a story of its own"))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "The database failed" in caplog.text
    assert "a story of its own" not in caplog.text + answer.text
    with writing(database(served.settings.database_url)) as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO intake_report"))


@ON_SQLITE
def test_an_error_nobody_thought_of_repeats_no_report(
    served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_intake: object, report: dict[str, str]) -> None:
        raise RuntimeError(report["narrative"])

    monkeypatch.setattr("dews.intake.api.check_report", fail)

    answer = served.post(a_report(narrative="a story of its own"))

    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:dews:problem:failed"
    # It is logged once the answer is out.
    while "RuntimeError" not in caplog.text:
        time.sleep(0.01)
    assert "a story of its own" not in caplog.text + answer.text


@ON_SQLITE
def test_every_answer_is_guarded(served: Served) -> None:
    for path in (
        "/schema",
        "/report",
        "/nowhere",
        "/report/nowhere",
        "/reports/x",
        "/openapi.json",
    ):
        headers = served.client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


@ON_SQLITE
def test_the_contract_is_served_as_it_is_written(served: Served) -> None:
    schema = served.client.get("/schema")
    described = served.client.get("/openapi.json").json()

    assert schema.headers["content-type"] == "application/schema+json"
    assert schema.json() == report_schema()
    assert described["paths"]["/reports"]["post"]["security"] == [{"token": []}]
    report = {"$ref": "#/components/schemas/Report", "components": described["components"]}
    assert not list(Draft202012Validator(report).iter_errors(the_example()))
    assert list(Draft202012Validator(report).iter_errors(a_report(event_date="bad")))
    assert served.client.get("/docs").status_code == 404
    assert served.client.get("/health").json() == {"status": "ok"}
    assert served.client.put("/reports").status_code == 405
