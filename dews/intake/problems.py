"""Refusals as problem details (RFC 9457): what is wrong and where, never a value of a report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a report; ``pointer`` is a JSON pointer (RFC 6901)."""

    pointer: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):
    """A refusal of a request.

    Attributes:
        name: the last part of the problem's type; docs/intake.md lists them.
        status: HTTP status.
        title: what sort of problem it is, the same each time.
        detail: what to do about this one.
        faults: what is wrong with the report, in order of the fields.
        headers: headers of the answer.
    """

    name: str
    status: int
    title: str
    detail: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Give the answer that says it."""
        content: dict[str, object] = {
            "type": f"urn:dews:problem:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            content["errors"] = [
                {"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults
            ]
        return Response(
            json.dumps(content), self.status, headers=dict(self.headers), media_type=PROBLEM_JSON
        )


def too_many(seconds: int) -> Problem:
    """Refuse for the while that a rate limit asks for."""
    return Problem(
        "too-many",
        429,
        "Too many requests",
        f"Nothing was stored. Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def unavailable() -> Problem:
    """Refuse because the database failed."""
    return Problem(
        "unavailable",
        503,
        "The intake cannot store reports at the moment",
        "Nothing was stored. Try again in a minute, with the same Idempotency-Key.",
        headers={"Retry-After": "60"},
    )


def not_found() -> Problem:
    """Refuse what is not there, or is not the asker's: the two must look alike."""
    return Problem(
        "not-found", 404, "Not found", "There is nothing here, or it is not yours to ask about."
    )
