"""Put the intake together: the endpoint for systems, the form for people, and what guards both."""

import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dews.intake.api import add_api
from dews.intake.described import describe
from dews.intake.lander import GATHER_SECONDS, Lander
from dews.intake.pages import add_pages, page_for
from dews.intake.parts import Intake
from dews.intake.problems import Problem, not_found, unavailable
from surveillance.errors import StoreError
from surveillance.jobs import intake as intake_job

log = logging.getLogger(__name__)
_YEAR_SECONDS = 31_536_000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def create_app(intake: Intake, *, gather_seconds: float = GATHER_SECONDS) -> ASGIApp:
    """Make the application of one intake; while it runs, reports land by themselves.

    Args:
        intake: settings, signer and limits.
        gather_seconds: how long more reports are waited for before they land together.
    """
    lander = Lander(
        lambda: intake_job.land_waiting(intake.settings, now=intake.clock()),
        gather_seconds=gather_seconds,
    )
    told = replace(intake, notify=lander.notify)

    @asynccontextmanager
    async def at_work(_app: FastAPI) -> AsyncIterator[None]:
        lander.start()
        yield
        lander.end()

    app = FastAPI(
        # Their pages load scripts from public servers.
        docs_url=None,
        redoc_url=None,
        lifespan=at_work,
    )
    add_api(app, told)
    add_pages(app, told)
    app.openapi_schema = describe()
    app.add_exception_handler(Problem, _tell_problem)
    app.add_exception_handler(StoreError, _tell_failure)
    app.add_exception_handler(HTTPException, _tell_refusal)
    app.add_exception_handler(Exception, _tell_surprise)
    return _Guard(app)


async def _tell_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return page_for(request, error)


async def _tell_failure(request: Request, error: Exception) -> Response:
    log.error("%s", error)
    return page_for(request, unavailable())


async def _tell_refusal(request: Request, error: Exception) -> Response:
    """Word what the framework refuses: an unknown path, a method that a path has not."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == not_found().status:
        return page_for(request, not_found())
    headers = dict(error.headers or {})
    refused = Problem("refused", error.status_code, "Refused", error.detail, headers=headers)
    return page_for(request, refused)


async def _tell_surprise(request: Request, _error: Exception) -> Response:
    """Answer; the error itself goes on to the guard, which logs where it happened."""
    return page_for(request, Problem("failed", 500, "The intake failed", "Nothing was stored."))


class _Guard:
    """Gives every answer the same headers, and keeps what a report holds out of the logs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        extra = dict(_HEADERS)
        if scope["scheme"] == "https":
            extra["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
                message = {**message, "headers": [*message.get("headers", ()), *given]}
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:  # noqa: BLE001 - the edge: its text could repeat a report
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("a request failed: %s\n%s", type(error).__name__, frames)  # noqa: TRY400
