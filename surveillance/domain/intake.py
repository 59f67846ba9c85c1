"""What the intake answers: what became of a report when it came, and what came of it later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

INTAKE_FEED = "intake_reports"
# The public form is a system of its own, without a token.
FORM_SYSTEM = "form"
FORM_GRADE = "G0"

Welcome = Literal["new", "version", "known", "conflict"]
Progress = Literal["received", "accepted", "held_back", "withdrawn"]
Review = Literal["none", "under_review", "issued", "closed"]


@dataclass(frozen=True)
class Submission:
    """One report as it came in, already valid against the schema of reports.

    Attributes:
        system: who sent it; ``form`` for the public form.
        report: the report, without a reference.
        key: the sender's idempotency key, or None.
    """

    system: str
    report: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of a report when it came in.

    ``outcome`` is *new*; *version*: a correction of a report that we have; *known*: it was here
    before and nothing was stored; *conflict*: its idempotency key was used for another report.
    """

    reference: str
    outcome: Welcome


@dataclass(frozen=True)
class TokenState:
    """A token as it is kept: everything but the token itself."""

    token_id: str
    system: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class ReportStatus:
    """What has come of a report so far, with nothing in it that hints at other people.

    Attributes:
        progress: how far it has come.
        checked_at: when it was checked, None before that.
        reasons: why it is held back, in words without any value of the report.
        streams: titles of the streams that count it.
        review: *under_review*: people look at a signal that it is part of; *issued*: an alert
            was issued about one; *closed*: they looked and nothing more was needed.
    """

    reference: str
    received_at: datetime
    progress: Progress
    checked_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    review: Review = "none"
