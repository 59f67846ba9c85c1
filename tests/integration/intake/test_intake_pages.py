"""The form for people, over real HTTP and without a browser."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from surveillance.domain.intake import FORM_SYSTEM
from tests.integration.intake.clients import ON_SQLITE, Served, arrived, hidden, records, shown
from tests.unit.intake.report_cases import NHS_NUMBER

FILLED = {
    "when": "today",
    "place": "Leeds",
    "substance": "blue tablets",
    "effect": "drowsiness",
    "seriousness": "hospital",
}


def opened(served: Served) -> str:
    """Open the form, which sets the cookie, and give the token that it carries."""
    return hidden(served.client.get("/report").text, "form_token")


def send(
    served: Served,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> httpx.Response:
    values = {**FILLED, "form_token": opened(served) if token is None else token, **fields}
    return served.client.post("/report", data=values, headers=headers)


def summary(page: str) -> list[tuple[str, str]]:
    """Give the mistakes at the top of a page: the field that each leads to, and its words."""
    return re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', page)


def test_a_form_is_kept_and_shows_reference_and_secret_once(served: Served) -> None:
    page = send(served).text
    served.keep_all()

    told = served.client.post(
        "/report/status",
        data={
            "reference": shown(page, "reference").lower(),
            "secret": shown(page, "secret").lower().replace("-", " "),
        },
    )

    assert "Checked and accepted." in told.text
    assert "It counts towards: Adverse reaction reports." in told.text
    [record] = records(served.settings)
    assert (record.source_ref, record.area_code) == (shown(page, "reference"), "E08000035")
    assert record.grade == "G0"
    [report] = arrived(served.settings)
    assert report.system == FORM_SYSTEM
    assert shown(page, "secret") not in repr(report)


@ON_SQLITE
def test_mistakes_lead_to_their_fields_and_nothing_filled_in_is_lost(served: Served) -> None:
    answer = send(served, place="Narnia", seriousness="", narrative="It was <b>blue</b>.")

    assert answer.status_code == 422
    assert summary(answer.text) == [
        ("place", "Choose an area or region from the list, or empty this field"),
        ("seriousness", "Say how serious it was"),
    ]
    assert answer.text.count('id="place"') == answer.text.count('id="seriousness"') == 1
    assert 'aria-describedby="place-hint place-wrong"' in answer.text
    assert 'value="Narnia"' in answer.text
    assert 'value="blue tablets"' in answer.text
    assert 'value="drowsiness" checked' in answer.text
    assert "It was &lt;b&gt;blue&lt;/b&gt;." in answer.text
    assert arrived(served.settings) == []


@ON_SQLITE
def test_every_fault_that_a_page_can_tell_leads_to_a_field_that_is_there(served: Served) -> None:
    page = send(served, when="", place="", substance="", effect="", seriousness="").text
    page_of_day = send(served, when="earlier").text

    for text in (page, page_of_day):
        targets = [field for field, _ in summary(text)]
        assert targets
        assert all(text.count(f' id="{target}"') == 1 for target in targets)


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("narrative", f"number {NHS_NUMBER}", "NHS number"),
        ("substance", "ask me@example.org", "e-mail address"),
        ("also_taken", "beer, 07700 900123", "telephone number"),
        ("effect_other", "at SW1A 1AA", "postcode"),
    ],
)
def test_an_identifier_is_refused_at_its_field(
    name: str, text: str, kind: str, served: Served
) -> None:
    fields: dict[str, Any] = {name: text}

    answer = send(served, **fields)

    assert summary(answer.text) == [(name, f"Take out what looks like a {kind}")]
    assert arrived(served.settings) == []


def test_a_form_sent_twice_is_one_report_and_shows_the_same(served: Served) -> None:
    token = opened(served)

    with ThreadPoolExecutor(4) as pool:
        pages = [answer.text for answer in pool.map(lambda _: send(served, token=token), range(6))]

    assert len({(shown(page, "reference"), shown(page, "secret")) for page in pages}) == 1
    assert len(arrived(served.settings)) == 1


@ON_SQLITE
def test_a_page_changed_after_it_was_sent_is_asked_about_and_then_another_report(
    served: Served,
) -> None:
    token = opened(served)
    send(served, token=token)

    changed = send(served, token=token, substance="white powder")
    again = send(served, token=hidden(changed.text, "form_token"), substance="white powder")

    assert "A report was sent from this page before" in changed.text
    assert 'value="white powder"' in changed.text
    assert "Report received" in again.text
    assert len(arrived(served.settings)) == 2


@ON_SQLITE
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_form_sent_from_another_site_is_given_back(
    headers: dict[str, str], served: Served
) -> None:
    answer = send(served, headers=headers)

    assert "could not be matched to your visit" in answer.text
    assert arrived(served.settings) == []


@ON_SQLITE
@pytest.mark.parametrize("token", ["", "1.2.3", "1.é.3"])
def test_a_form_that_was_not_handed_out_is_given_back(token: str, served: Served) -> None:
    answer = send(served, token=token)

    assert answer.status_code == 422
    assert 'value="blue tablets"' in answer.text
    assert arrived(served.settings) == []


@ON_SQLITE
def test_a_form_without_its_cookie_is_given_back(served: Served) -> None:
    token = opened(served)
    served.client.cookies.clear()

    answer = send(served, token=token)
    again = send(served, token=hidden(answer.text, "form_token"))

    assert "Allow its cookie" in answer.text
    assert "Report received" in again.text


@ON_SQLITE
def test_a_form_left_open_for_hours_is_given_back_with_what_was_filled_in(served: Served) -> None:
    token = opened(served)
    served.clock.now += timedelta(hours=5)

    late = send(served, token=token)
    again = send(served, token=hidden(late.text, "form_token"))

    assert "open for more than four hours" in late.text
    assert 'value="Leeds"' in late.text
    assert "Report received" in again.text


@ON_SQLITE
def test_the_cookie_is_for_the_form_alone_and_holds_nothing(served: Served) -> None:
    cookie = served.client.get("/report").headers["set-cookie"]

    assert re.fullmatch(
        r"dews-form=[\w-]{22}; HttpOnly; Max-Age=14400; Path=/report; SameSite=strict", cookie
    )
    assert "set-cookie" not in served.client.get("/report").headers


@ON_SQLITE
def test_who_fills_in_the_trap_is_told_and_not_deceived(served: Served) -> None:
    answer = send(served, website="http://spam.example.org")

    assert summary(answer.text) == [("website", "Empty the field that must stay empty")]
    assert arrived(served.settings) == []


@ON_SQLITE
def test_one_form_too_many_waits_and_says_so_in_words(serve: Callable[..., Served]) -> None:
    served = serve(form="1 per hour")
    send(served)

    answer = send(served, substance="white powder")

    assert answer.status_code == 429
    assert "<h1>Too many requests</h1>" in answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert len(arrived(served.settings)) == 1


@ON_SQLITE
def test_all_forms_together_have_a_limit(serve: Callable[..., Served]) -> None:
    served = serve(**{"form, all addresses": "1 per hour"})

    answers = [send(served), send(served)]

    assert [answer.status_code for answer in answers] == [200, 429]


@ON_SQLITE
def test_a_wrong_secret_is_told_no_more_than_a_wrong_reference(
    serve: Callable[..., Served],
) -> None:
    served = serve(failed="2 per hour")
    reference = shown(send(served).text, "reference")

    def ask(reference: str, secret: str) -> httpx.Response:
        fields = {"reference": reference, "secret": secret}
        return served.client.post("/report/status", data=fields)

    guesses = [ask(reference, "2222"), ask("2222-2222-2222", "2222"), ask(reference, "3333")]

    assert [guess.status_code for guess in guesses] == [404, 404, 429]
    assert summary(guesses[0].text) == summary(guesses[1].text)


@ON_SQLITE
def test_a_page_that_is_not_there_says_so_in_words(served: Served) -> None:
    answer = served.client.get("/report/nowhere")

    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.text
    assert served.client.get("/").headers["location"] == "/report"
