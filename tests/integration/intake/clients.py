"""What the tests of the intake ask of it, and look up behind it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from config.settings import Settings
from surveillance import jobs
from surveillance.domain.intake import INTAKE_FEED
from surveillance.jobs.intake import count_waiting, land_waiting
from surveillance.jobs.session import database
from surveillance.store.engine import reading
from surveillance.store.schema import BatchRow, IntakeReportRow, RecordRow

# What the other database does not change runs on one of them.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Served:
    """An intake that runs, a system's token, and what lies behind."""

    client: httpx.Client
    settings: Settings
    clock: Clock
    token: str

    def post(self, report: Any, *, key: str | None = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.post("/reports", json=report, headers=headers)

    def ask(self, reference: str, *, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.get(f"/reports/{reference}", headers=headers)

    def keep_all(self) -> list[dict[str, int]]:
        """Land what waits, beside an intake that may be doing so, and collect and keep it."""
        while count_waiting(self.settings)[0]:
            land_waiting(self.settings, now=self.clock())
        pending = jobs.collect(self.settings, INTAKE_FEED, now=self.clock())
        return [
            dict(jobs.keep(self.settings, batch_id, now=self.clock()).counts)
            for batch_id in pending
        ]


def arrived(settings: Settings) -> list[Any]:
    with reading(database(settings.database_url)) as connection:
        return list(connection.execute(select(IntakeReportRow.__table__)).all())


def batches(settings: Settings) -> list[Any]:
    with reading(database(settings.database_url)) as connection:
        return list(connection.execute(select(BatchRow.__table__)).all())


def records(settings: Settings) -> list[Any]:
    with reading(database(settings.database_url)) as connection:
        query = select(RecordRow.__table__).order_by(RecordRow.source_ref, RecordRow.received_at)
        return list(connection.execute(query).all())


def lines(settings: Settings) -> list[str]:
    """Give every line that lies in the raw zone."""
    files = sorted(path for path in settings.raw_folder.rglob("*") if path.is_file())
    return [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def hidden(page: str, name: str) -> str:
    """Give the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def shown(page: str, name: str) -> str:
    """Give the text of an element by its id."""
    found = re.search(rf'id="{name}">([^<]*)<', page)
    assert found is not None
    return found[1]
