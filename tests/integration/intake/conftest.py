"""A real intake: uvicorn on the loopback, over a real database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from config.settings import Settings
from dews.intake import Listening, create_app
from dews.intake.limits import RATES, RateLimits
from dews.intake.parts import Intake
from dews.intake.serving import configure
from dews.intake.signing import Signer
from surveillance import jobs
from surveillance.jobs.intake_access import grant_token
from surveillance.jobs.session import database
from tests.integration.intake.clients import Clock, Served

KEY = b"a key that only these tests know"
PLENTY = dict.fromkeys(RATES, "100000 per second")


@contextmanager
def running(intake: Intake, listening: Listening) -> Iterator[int]:
    """Run an intake in a thread; gives its port."""
    server = uvicorn.Server(configure(listening, create_app(intake, gather_seconds=0.0)))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, config_folder: Path) -> Iterator[Settings]:
    feed = config_folder / "feeds" / "intake_reports.toml"
    made = Settings(home=tmp_path / "home", database_url=database_url, feeds=(feed,), shards=1)
    jobs.prepare(made)
    yield made
    database(database_url).dispose()


@pytest.fixture
def intake(settings: Settings, clock: Clock) -> Intake:
    return Intake(settings, Signer(KEY), limits=RateLimits(PLENTY), clock=clock)


@pytest.fixture
def serve(intake: Intake, clock: Clock) -> Iterator[Callable[..., Served]]:
    """Start intakes, each with its own limits where some are given."""
    with ExitStack() as stack:

        def start(**rates: str) -> Served:
            own = replace(intake, limits=RateLimits({**PLENTY, **rates}))
            port = stack.enter_context(running(own, Listening(port=0)))
            address = f"http://127.0.0.1:{port}"
            client = stack.enter_context(httpx.Client(base_url=address, timeout=60))
            token = grant_token(intake.settings, "north-ed", now=clock())
            return Served(client=client, settings=intake.settings, clock=clock, token=token)

        yield start


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    return serve()
