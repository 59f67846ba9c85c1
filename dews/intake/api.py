"""The endpoint for systems: post a report with a token, ask later what came of it."""

from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dews.intake.bodies import read_body, read_json_object
from dews.intake.described import KEY_LENGTH
from dews.intake.parts import Intake, address_of
from dews.intake.problems import Fault, Problem, not_found
from dews.intake.validation import find_faults, report_schema
from dews.intake.wording import plain_reasons, sentences
from surveillance.domain.intake import Receipt, ReportStatus, Submission
from surveillance.domain.references import read_reference
from surveillance.jobs import intake as intake_job
from surveillance.jobs.intake_access import system_of
from surveillance.jobs.intake_status import Asker, report_status

_HELD = "holds what looks like a {}; take it out, for nothing here may name a person"


def add_api(app: FastAPI, intake: Intake) -> None:
    """Add the endpoints for systems to an application."""

    async def post_report(request: Request) -> Response:
        system = await run_in_threadpool(_authenticated, intake, request)
        intake.admit("post", system)
        key = _idempotency_key(request)
        content = await read_body(request, media_type="application/json")
        return await run_in_threadpool(_take, intake, content, system=system, key=key)

    async def get_report(request: Request) -> Response:
        return await run_in_threadpool(_tell, intake, request)

    async def get_schema(_request: Request) -> Response:
        return JSONResponse(report_schema(), media_type="application/schema+json")

    async def get_health(_request: Request) -> Response:
        return await run_in_threadpool(_health, intake)

    for method, path, handler in (
        ("POST", "/reports", post_report),
        ("GET", "/reports/{reference}", get_report),
        ("GET", "/schema", get_schema),
        ("GET", "/health", get_health),
    ):
        app.add_api_route(path, handler, methods=[method])


def _authenticated(intake: Intake, request: Request) -> str:
    """Give the system that a request's token is of.

    Raises:
        Problem: there is no token, it is not in force, or the address failed too often.
    """
    address = address_of(request)
    intake.admit("request", address)
    intake.refuse_if_full("failed", address)
    token = _bearer(request)
    system = system_of(intake.settings, token, now=intake.clock()) if token else None
    if system is None:
        intake.limits.count("failed", address)
        raise Problem(
            "unauthorised",
            401,
            "No token in force",
            "Nothing was read. Send the header Authorization: Bearer and your system's token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return system


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None or (0 < len(key) <= KEY_LENGTH and all("!" <= sign <= "~" for sign in key)):
        return key
    raise Problem(
        "bad-key",
        400,
        "The Idempotency-Key cannot be used",
        f"Nothing was read. Use 1 to {KEY_LENGTH} visible ASCII characters, such as a UUID.",
    )


def _take(intake: Intake, content: bytes, *, system: str, key: str | None) -> Response:
    report = read_json_object(content)
    check_report(intake, report)
    receipt = intake_job.submit(
        intake.settings, Submission(system, report, key), now=intake.clock()
    )
    if receipt.outcome == "conflict":
        raise Problem(
            "key-reused",
            409,
            "The Idempotency-Key was used for another report",
            f"Nothing was stored. That report is {receipt.reference}. Use a new key.",
        )
    intake.notify()
    return _receipt_answer(intake, report, receipt)


def check_report(intake: Intake, report: dict[str, Any]) -> None:
    """Hold a report against schema, calendar and the screen for identifiers.

    Raises:
        Problem: something is wrong; each fault names its field.
    """
    faults = find_faults(report, today=intake.today())
    if faults:
        raise Problem(
            "invalid-report",
            422,
            "The report does not fit the schema",
            "Nothing was stored. Mend every field listed under errors; GET /schema explains them.",
            faults=faults,
        )
    found = intake_job.find_report_identifiers(report)
    if found:
        raise Problem(
            "identifier",
            422,
            "The report holds an identifier of a person",
            "Nothing was stored. Take out what the fields listed under errors hold.",
            faults=[
                Fault(pointer, _HELD.format(" and a ".join(kinds))) for pointer, kinds in found
            ],
        )


def _receipt_answer(intake: Intake, report: dict[str, Any], receipt: Receipt) -> Response:
    path = f"/reports/{receipt.reference}"
    area = report["area_code"]
    is_known = area == "unknown" or intake.register.areas.resolve(area) is not None
    notes = [] if is_known else ["area_code is not in our register: the area counts as unknown"]
    return JSONResponse(
        {
            "reference": receipt.reference,
            "outcome": receipt.outcome,
            "notes": notes,
            "status": path,
        },
        201 if receipt.outcome == "new" else 200,
        headers={"Location": path},
    )


def _tell(intake: Intake, request: Request) -> Response:
    asker = _asker(intake, request)
    reference = read_reference(str(request.path_params["reference"]))
    status = reference and report_status(intake.settings, reference, asker, now=intake.clock())
    if not status:
        intake.limits.count("failed", address_of(request))
        raise not_found()
    return JSONResponse(status_answer(status))


def _asker(intake: Intake, request: Request) -> Asker:
    """Let ask who has a system's token, or the secret of this one report from the form."""
    secret = _bearer(request)
    if secret.startswith("dews_") or not secret:
        return Asker(system=_authenticated(intake, request))
    address = address_of(request)
    intake.admit("request", address)
    intake.refuse_if_full("failed", address)
    return Asker(secret=secret)


def status_answer(status: ReportStatus) -> dict[str, Any]:
    """Give what came of a report as the answer to a system."""
    checked = status.checked_at
    return {
        "reference": status.reference,
        "received_at": status.received_at.isoformat(),
        "progress": status.progress,
        "checked_at": None if checked is None else checked.isoformat(),
        "reasons": plain_reasons(status),
        "streams": list(status.streams),
        "review": status.review,
        "words": " ".join(sentences(status)),
    }


def _health(intake: Intake) -> Response:
    intake_job.count_waiting(intake.settings)
    return JSONResponse({"status": "ok"})
