"""What the intake's handlers share: settings, clock, limits, signer and what they do with them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from starlette.requests import Request

from config.settings import Settings
from dews.intake.form import places
from dews.intake.limits import RateLimits, address_key
from dews.intake.problems import too_many
from dews.intake.signing import Signer
from surveillance import jobs
from surveillance.jobs import intake as intake_job
from surveillance.jobs.session import judges
from surveillance.register import Register

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Intake:
    """One intake at work.

    Attributes:
        settings: the installation.
        signer: signs forms and makes secrets.
        limits: how often who may do what.
        notify: told when a report was kept, so that it lands soon.
        clock: tells the moment.
    """

    settings: Settings
    signer: Signer
    limits: RateLimits = field(default_factory=RateLimits)
    notify: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = jobs.clock

    @property
    def register(self) -> Register:
        """The names of substances, areas and reactions."""
        return judges(self.settings.config_folder).register

    def today(self) -> date:
        """Give the day it is in the United Kingdom."""
        return self.clock().astimezone(LONDON).date()

    @cached_property
    def places(self) -> list[str]:
        """The areas that a person may choose, by name."""
        return places(self.register)

    def warm_up(self) -> None:
        """Load what takes seconds, so that nobody's first request waits for it."""
        intake_job.find_report_identifiers({})
        _ = self.places

    def admit(self, what: str, who: str) -> None:
        """Count a request against a rate limit.

        Raises:
            Problem: it is one too many.
        """
        self.refuse_if_full(what, who)
        self.limits.count(what, who)

    def refuse_if_full(self, what: str, who: str) -> None:
        """Count nothing, and refuse where a rate limit is reached.

        Raises:
            Problem: it is.
        """
        seconds = self.limits.seconds_to_wait(what, who)
        if seconds:
            raise too_many(seconds)


def address_of(request: Request) -> str:
    """Give what counts as the address that a request came from."""
    return address_key(request.client.host if request.client else "")


def new_nonce() -> str:
    """Draw a nonce for a form or a cookie."""
    return secrets.token_urlsafe(16)
