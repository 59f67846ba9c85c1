"""The form for people: plain pages that need no script, no account and nothing from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from dews.intake import answers
from dews.intake.bodies import read_body
from dews.intake.form import (
    MOST_NARRATIVE,
    Draft,
    Mistake,
    build_report,
    field_of,
    read_draft,
)
from dews.intake.parts import Intake, address_of, new_nonce
from dews.intake.problems import Problem
from dews.intake.validation import find_faults
from dews.intake.wording import sentences
from surveillance.domain.intake import FORM_SYSTEM, Submission
from surveillance.domain.references import read_reference
from surveillance.jobs import intake as intake_job
from surveillance.jobs.intake_status import Asker, report_status

PAGES = "/report"
COOKIE = "dews-form"
_COOKIE_SECONDS = 4 * 3600
_TEMPLATES = Path(__file__).parent / "templates"
_FORM_TYPE = "application/x-www-form-urlencoded"
_ADMITTED_ORIGINS = ("same-origin", "none", "")
_HONEYPOT = "website"
_NO_REPORT = "There is no report with this reference and secret. Look at both again."


@dataclass(frozen=True)
class _Visit:
    """One visitor's form: the cookie, and whether it must be set."""

    cookie: str
    is_new: bool


@dataclass(frozen=True)
class _Pages:
    """The handlers of the pages."""

    intake: Intake

    async def show_form(self, request: Request) -> Response:
        """Show an empty form."""
        self.intake.admit("request", address_of(request))
        return _form_page(self.intake, request, Draft(), mistakes=[])

    async def send_form(self, request: Request) -> Response:
        """Take a form."""
        draft = await self._draft(request)
        return await run_in_threadpool(_take, self.intake, request, draft)

    async def show_status(self, request: Request) -> Response:
        """Show the page that asks for reference and secret."""
        self.intake.admit("request", address_of(request))
        return _page("status.html", draft=Draft(), mistakes=[])

    async def ask_status(self, request: Request) -> Response:
        """Tell what came of a report."""
        draft = await self._draft(request)
        return await run_in_threadpool(_tell, self.intake, request, draft)

    async def _draft(self, request: Request) -> Draft:
        self.intake.admit("request", address_of(request))
        return read_draft(await read_body(request, media_type=_FORM_TYPE))


async def _to_form(_request: Request) -> Response:
    return RedirectResponse(PAGES, HTTPStatus.SEE_OTHER)


async def _style(_request: Request) -> Response:
    return FileResponse(_TEMPLATES / "intake.css", media_type="text/css")


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT)


def add_pages(app: FastAPI, intake: Intake) -> None:
    """Add the pages for people to an application."""
    pages = _Pages(intake)
    for method, path, handler in (
        ("GET", "/", _to_form),
        ("GET", PAGES, pages.show_form),
        ("POST", PAGES, pages.send_form),
        ("GET", f"{PAGES}/status", pages.show_status),
        ("POST", f"{PAGES}/status", pages.ask_status),
        ("GET", f"{PAGES}/intake.css", _style),
        ("GET", "/favicon.ico", _no_icon),
    ):
        app.add_api_route(path, handler, methods=[method], include_in_schema=False)


def page_for(request: Request, problem: Problem) -> Response:
    """Say a problem as a page to people, and as problem details to systems."""
    if f"{request.url.path}/".startswith(f"{PAGES}/"):
        page = _page("problem.html", problem=problem, status=problem.status)
        page.headers.update(dict(problem.headers))
        return page
    return problem.response()


def _take(intake: Intake, request: Request, draft: Draft) -> Response:
    """Take a form in, or give it back with what has to be mended."""
    standing, nonce = _standing(intake, request, draft)
    if standing != "good":
        return _form_page(intake, request, draft, mistakes=[Mistake("send", _STANDINGS[standing])])
    report, mistakes = build_report(draft, today=intake.today(), register=intake.register)
    mistakes = mistakes or _faults_as_mistakes(intake, report)
    if draft.one(_HONEYPOT):
        mistakes = [*mistakes, Mistake(_HONEYPOT, "Empty the field that must stay empty")]
    if mistakes:
        return _form_page(intake, request, draft, mistakes=mistakes)
    intake.admit("form", address_of(request))
    intake.admit("form, all addresses", "")
    receipt = intake_job.submit(
        intake.settings,
        Submission(FORM_SYSTEM, report, nonce),
        now=intake.clock(),
        secret_of=intake.signer.secret,
    )
    if receipt.outcome == "conflict":
        return _form_page(intake, request, draft, mistakes=[Mistake("send", _SENT_BEFORE)])
    intake.notify()
    secret = intake.signer.secret(receipt.reference)
    return _page("sent.html", reference=receipt.reference, secret=secret)


_STANDINGS = {
    "expired": "This page was open for more than four hours. Check it and send it again",
    "forged": "This page could not be matched to your visit. Allow its cookie, then send it again",
}
_SENT_BEFORE = (
    "A report was sent from this page before. To report something else, check it and send it again"
)


def _standing(intake: Intake, request: Request, draft: Draft) -> tuple[str, str]:
    if request.headers.get("sec-fetch-site", "") not in _ADMITTED_ORIGINS:
        return "forged", ""
    return intake.signer.check(
        draft.one("form_token"), cookie=request.cookies.get(COOKIE, ""), now=intake.clock()
    )


def _faults_as_mistakes(intake: Intake, report: dict[str, Any]) -> list[Mistake]:
    faults = find_faults(report, today=intake.today())
    if faults:
        return [Mistake(field_of(fault.pointer), f"This {fault.detail}") for fault in faults]
    return [
        Mistake(field_of(pointer), f"Take out what looks like a {' and a '.join(kinds)}")
        for pointer, kinds in intake_job.find_report_identifiers(report)
    ]


def _form_page(
    intake: Intake, request: Request, draft: Draft, *, mistakes: Sequence[Mistake]
) -> Response:
    visit = _visit(request)
    token = intake.signer.form_token(cookie=visit.cookie, nonce=new_nonce(), now=intake.clock())
    page = _page(
        "form.html",
        draft=draft,
        mistakes=mistakes,
        form_token=token,
        places=intake.places,
        answers=answers,
        most_narrative=MOST_NARRATIVE,
        honeypot=_HONEYPOT,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if mistakes else HTTPStatus.OK,
    )
    if visit.is_new:
        page.set_cookie(
            COOKIE,
            visit.cookie,
            max_age=_COOKIE_SECONDS,
            path=PAGES,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
    return page


def _visit(request: Request) -> _Visit:
    """Keep a visitor's cookie, so that forms open side by side all stay good."""
    cookie = request.cookies.get(COOKIE)
    return _Visit(cookie, is_new=False) if cookie else _Visit(new_nonce(), is_new=True)


def _tell(intake: Intake, request: Request, draft: Draft) -> Response:
    address = address_of(request)
    intake.refuse_if_full("failed", address)
    reference = read_reference(draft.one("reference"))
    asker = Asker(secret=_tidied(draft.one("secret")))
    found = reference and report_status(intake.settings, reference, asker, now=intake.clock())
    if not found:
        intake.limits.count("failed", address)
        mistakes = [Mistake("reference", _NO_REPORT)]
        return _page("status.html", draft=draft, mistakes=mistakes, status=HTTPStatus.NOT_FOUND)
    return _page("progress.html", report=found, sentences=sentences(found))


def _tidied(secret: str) -> str:
    return "-".join(secret.upper().replace("-", " ").split())


def _page(template: str, *, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    mistakes: Sequence[Mistake] = values.get("mistakes", ())
    wrong: Mapping[str, str] = {mistake.field: mistake.words for mistake in mistakes}
    text = _environment().get_template(template).render(wrong=wrong, **values)
    return HTMLResponse(text, status)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
