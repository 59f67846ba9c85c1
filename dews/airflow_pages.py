"""Pages inside Airflow for analysts: the feeds, their batches, rows held back, Data Docs.

They belong to the operational tier. Airflow does not guard the pages of a plugin, so every
one of them asks for Airflow's own log-in.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import GetUserDep, get_user
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config.settings import Settings, load_settings

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_BATCHES = 50
_MOST_ROWS = 500
# No page runs a script or loads anything from elsewhere, whatever a row of a file may hold.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src 'self' data:; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def make_app() -> FastAPI:
    """Make the application that Airflow mounts at ``/dews``."""
    app = FastAPI(
        title="DEWS",
        dependencies=[Depends(get_user)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_api_route("/feeds", _feeds, response_class=HTMLResponse)
    app.add_api_route("/feeds/{feed}", _feed, response_class=HTMLResponse)
    app.add_api_route("/batches/{batch_id}", _batch, response_class=HTMLResponse)
    app.add_api_route("/data-docs/{feed}/{path:path}", _data_docs, response_class=FileResponse)
    return app


def _feeds() -> HTMLResponse:
    from surveillance import jobs

    return _page("feeds.html", feeds=jobs.feed_health(load_settings(), now=jobs.clock()))


def _feed(feed: str) -> HTMLResponse:
    settings = load_settings()
    if feed not in {path.stem for path in settings.feeds}:
        raise HTTPException(404, f"No feed is called {feed!r}.")
    batches = _newest(settings, feed)
    has_docs = (settings.docs_folder / feed / "index.html").is_file()
    return _page("feed.html", feed=feed, batches=batches, has_docs=has_docs)


def _batch(batch_id: str) -> HTMLResponse:
    from surveillance.store.batches import held_rows, load_batch, load_result
    from surveillance.store.engine import reading

    with reading(_engine(load_settings())) as connection:
        found = load_batch(connection, batch_id)
        if found is None:
            raise HTTPException(404, f"No batch has the id {batch_id!r}.")
        result = load_result(connection, batch_id)
        rows = held_rows(connection, batch_id=batch_id)
    return _page(
        "batch.html",
        batch=found[0],
        result=result,
        rows=[
            (row.row_number, row.state, row.reasons, _shown(row.raw)) for row in rows[:_MOST_ROWS]
        ],
        held=len(rows),
        most=_MOST_ROWS,
    )


def _data_docs(feed: str, path: str, _user: GetUserDep) -> FileResponse:
    folder = load_settings().docs_folder.resolve()
    wanted = (folder / feed / (path or "index.html")).resolve()
    if not wanted.is_relative_to(folder / feed) or not wanted.is_file():
        raise HTTPException(404, "Data Docs are built when a batch of the feed is checked.")
    return FileResponse(wanted, headers=_HEADERS)


def _newest(settings: Settings, feed: str) -> list[Any]:
    from surveillance.store.batches import newest_batches
    from surveillance.store.engine import reading

    with reading(_engine(settings)) as connection:
        return newest_batches(connection, feed=feed, most=_MOST_BATCHES)


def _engine(settings: Settings) -> Any:
    from surveillance.jobs.session import database

    return database(settings.database_url)


def _shown(raw: str) -> str:
    """Give a row as it stood, one field a line where it is JSON."""
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False, indent=1)
    except ValueError:
        return raw


def _page(template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(template).render(**values), headers=_HEADERS)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
