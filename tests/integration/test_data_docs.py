"""Data Docs as files on a disk: complete, local, small, and without a value of any row."""

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from surveillance.checks import CheckContext, check, data_docs_index
from surveillance.domain import CheckReport, SubstanceMention, record_columns

NARRATIVE = "Anna Example collapsed by the canal"
NHS_NUMBER = "943 476 5919"
SECRETS = (NARRATIVE, "Anna", NHS_NUMBER, "9434765919", "r-secret", "blue canal pills", "Elsewhere")


def reports() -> pd.DataFrame:
    names = [column.name for column in record_columns("reaction_report")]
    usual = {
        "raw": NARRATIVE,
        "occurred_on": date(2026, 9, 30),
        "received_at": datetime(2026, 10, 5, tzinfo=UTC),
        "area_code": "E06000002",
        "count_low": 1,
        "count_high": 1,
        "withdrawn": False,
        "seriousness": "hospital",
        "substances": [SubstanceMention("unknown", "blue canal pills")],
        "narrative": NARRATIVE,
    }
    changes = [
        {"source_ref": "r-1"},
        {"source_ref": "r-secret", "narrative": f"{NARRATIVE} {NHS_NUMBER}"},
        {"source_ref": "r-secret", "sex": NARRATIVE, "setting": NARRATIVE},
        {"source_ref": "r-secret", "area_code": "Elsewhere", "area_verbatim": "Elsewhere"},
    ]
    rows = [{**usual, **change, "row_number": n} for n, change in enumerate(changes, start=1)]
    return pd.DataFrame(rows, columns=names, dtype=object)


def build(folder: Path, *, batch_id: str) -> CheckReport:
    context = CheckContext(
        feed="reports",
        batch_id=batch_id,
        fetched_at=datetime(2026, 10, 5, 6, tzinfo=UTC),
        known_area_codes=frozenset({"E06000002"}),
    )
    return check(reports(), kind="reaction_report", expectation_context=context, docs_folder=folder)


def pages_of(folder: Path) -> dict[str, str]:
    return {
        page.relative_to(folder).as_posix(): page.read_text(encoding="utf-8")
        for page in folder.rglob("*.html")
    }


def test_no_page_holds_a_narrative_an_identifier_or_any_value_of_a_row(tmp_path: Path) -> None:
    build(tmp_path, batch_id="b1")

    text = "".join(
        file.read_text(encoding="utf-8", errors="ignore")
        for file in tmp_path.rglob("*")
        if file.is_file()
    )
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_second_batch_takes_the_place_of_the_first(tmp_path: Path) -> None:
    build(tmp_path, batch_id="first")
    build(tmp_path, batch_id="second")

    pages = pages_of(tmp_path)
    assert len(pages) == 3
    assert not any("first" in name for name in pages)
    assert [item.name for item in tmp_path.iterdir()] == ["reports"]


def test_the_pages_load_nothing_from_the_network(tmp_path: Path) -> None:
    build(tmp_path, batch_id="b1")

    pages = pages_of(tmp_path)
    assert not [name for name, page in pages.items() if "https://" in page]


def test_the_first_page_gives_verdict_and_findings_and_leads_to_the_others(tmp_path: Path) -> None:
    report = build(tmp_path, batch_id="b1")

    index = data_docs_index(tmp_path, feed="reports")
    text = index.read_text(encoding="utf-8")
    links = [part.split('"')[0] for part in text.split('href="')[1:]]
    assert report.verdict in text
    assert "names one record at a time" in text
    assert len(links) == 2
    assert all((index.parent / link).is_file() for link in links)


def test_the_pages_say_the_reason_for_each_expectation(tmp_path: Path) -> None:
    build(tmp_path, batch_id="b1")

    suite = pages_of(tmp_path)["reports/expectations/reaction_report.html"]
    assert "Ranking of signals rests on it" in suite


def test_the_log_says_where_the_pages_are(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="surveillance.checks"):
        build(tmp_path, batch_id="b1")

    assert str(tmp_path / "reports" / "index.html") in caplog.text


def test_a_folder_that_cannot_be_written_leaves_the_verdict_and_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")

    report = build(blocked, batch_id="b1")

    assert report.verdict == "degraded"
    assert any("Data Docs could not be written" in finding for finding in report.findings)
