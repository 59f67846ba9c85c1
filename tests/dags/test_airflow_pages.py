"""The pages inside Airflow: behind its log-in, and harmless whatever a file holds."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.settings import Settings, load_settings
from surveillance import jobs
from surveillance.errors import RejectedBatch

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
REPORT = {
    "report_id": "R1",
    "received_at": "2026-10-01T09:00:00Z",
    "event_date": "2026-09-30",
    "area_code": "E06000002",
    "substances": [{"name": "heroin"}],
    "reactions": ["drowsiness"],
    "seriousness": "hospital",
    "narrative": "found drowsy",
}


@pytest.fixture(scope="module")
def settings(dews_home: Path) -> Settings:
    inbox = dews_home / "inbox" / "reaction_reports"
    inbox.mkdir(parents=True)
    attack = "<script>alert('x')</script>"
    rows = [REPORT, {**REPORT, "report_id": "R2", "event_date": attack}]
    text = "\n".join(json.dumps(row) for row in rows)
    (inbox / "a.jsonl").write_text(text, encoding="utf-8")
    loaded = load_settings()
    jobs.prepare(loaded)
    for batch_id in jobs.collect(loaded, "reaction_reports", now=NOW):
        jobs.keep(loaded, batch_id, now=NOW)
    return loaded


@pytest.fixture
def guarded() -> "TestClient":
    from fastapi.testclient import TestClient

    from dews.airflow_pages import make_app

    return TestClient(make_app())


@pytest.fixture
def client() -> Iterator["TestClient"]:
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    from dews.airflow_pages import make_app

    app = make_app()
    app.dependency_overrides[get_user] = lambda: object()
    with TestClient(app) as opened:
        yield opened


def batch_of(settings: Settings) -> str:
    from surveillance.jobs.session import database
    from surveillance.store.batches import newest_batches
    from surveillance.store.engine import reading

    with reading(database(settings.database_url)) as connection:
        batches = newest_batches(connection, feed="reaction_reports", most=9)
    return next(str(batch.batch_id) for batch in batches if batch.state == "kept")


@pytest.mark.parametrize(
    "path", ["/feeds", "/feeds/deaths", "/batches/x", "/data-docs/deaths/index.html"]
)
def test_no_page_opens_without_a_log_in(guarded: "TestClient", path: str) -> None:
    assert guarded.get(path).status_code == 401


@pytest.mark.usefixtures("settings")
def test_the_feeds_are_listed_with_their_state(client: "TestClient") -> None:
    page = client.get("/feeds")

    assert page.status_code == 200
    assert "Reports of adverse reactions (RIDR style)" in page.text
    assert "nothing yet" in page.text


def test_rows_held_back_are_shown_with_their_reason_and_run_no_script(
    client: "TestClient", settings: Settings
) -> None:
    page = client.get(f"/batches/{batch_of(settings)}")

    assert "occurred_on: not a date" in page.text
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.usefixtures("settings")
def test_the_data_docs_of_a_checked_feed_open(client: "TestClient") -> None:
    assert client.get("/feeds/reaction_reports").text.count("data-docs/reaction_reports") == 1
    assert client.get("/data-docs/reaction_reports/index.html").status_code == 200


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    "path",
    [
        "/feeds/no_such_feed",
        "/batches/no_such_batch",
        "/data-docs/deaths/index.html",
        "/data-docs/reaction_reports/%2e%2e/%2e%2e/dews.db",
        "/data-docs/%2e%2e/dews.db",
    ],
)
def test_what_does_not_exist_or_lies_elsewhere_is_not_found(
    client: "TestClient", path: str
) -> None:
    assert client.get(path).status_code == 404


def test_a_batch_that_was_just_refused_is_news_once(settings: Settings) -> None:
    path = settings.home / "inbox" / "reaction_reports" / "b.jsonl"
    path.write_text("not json\n", encoding="utf-8")
    (batch_id,) = jobs.collect(settings, "reaction_reports", now=NOW)
    with pytest.raises(RejectedBatch):
        jobs.keep(settings, batch_id, now=NOW)

    news = jobs.batch_news(settings, batch_id, now=NOW)
    again = jobs.batch_news(settings, batch_id, now=NOW.replace(hour=7))

    assert (news.verdict, news.is_fresh, again.is_fresh) == ("hold", True, False)
