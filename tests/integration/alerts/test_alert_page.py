import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alerts import jobs
from alerts.message import Edition, write_notice
from alerts.page import MOST_ALERTS, Page, write_page
from config.settings import Settings
from surveillance.register import Register
from surveillance.store.deliveries import Delivery, KeptDecision
from tests.unit.alert_cases import AS_OF, LEEDS, RULES, STREAMS, alarm, signal

MADE = datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
COVERAGE = pd.DataFrame(
    [
        ("reaction_reports", "gamma_poisson", "", 900, 800, 4),
        ("reaction_reports", "gamma_poisson", "series too short", 100, 0, 0),
        ("deaths", "farrington_flexible", "", 60, 60, 1),
    ],
    columns=["stream", "detector", "reason", "outcomes", "tests", "alarms"],
)


def decision(number: int, outcome: str, reason: str) -> KeptDecision:
    return KeptDecision(
        decision_id=f"d{number}",
        signal_id=f"s{number}",
        run_id="run",
        level=0,
        outcome=outcome,
        reason=reason,
        decided_at=MADE,
        as_of=AS_OF + timedelta(minutes=number),
        week="2026-W40",
    )


def delivery(number: int, message: Mapping[str, Any]) -> Delivery:
    return Delivery(
        delivery_id=f"m{number}",
        decision_id=f"d{number}",
        channel="console",
        recipient="reviewers",
        message=message,
        state="sent",
        attempts=1,
        next_attempt_at=MADE,
        claimed_until=None,
        sent_at=MADE,
        receipt="printed",
        last_error=None,
        decided_at=MADE,
    )


def page(register: Register, *, scorecard: Sequence[Mapping[str, Any]] | None = None) -> Page:
    evidence = (
        alarm(observed=5.0, reports=8.0, expected=0.41, p_value=0.00021, q_value=0.0139),
        alarm(
            stream="deaths",
            detector="farrington_flexible",
            area_code="E12000003",
            observed=9.0,
            observed_high=11.0,
            expected=3.3,
            lower=0.0,
            quality={
                "deaths": {"verdict": "degraded", "findings": ["12 rows held back <late batch>"]}
            },
        ),
    )
    noticed = signal(*evidence, signal_id="s1", reference="S00001")
    held = signal(signal_id="s2", reference="S00002", rank_score=4.4)
    notice = write_notice(
        noticed,
        register=register,
        streams=STREAMS,
        rules=RULES,
        issued=MADE,
        edition=Edition(1, ""),
    )
    return Page(
        title="Signals and notices",
        made_at=MADE,
        realm="live",
        signals=[noticed, held],
        decisions=[
            decision(1, "notice", "rank 6.5, not noticed before"),
            decision(2, "held_back", "over the budget of 2 a day <b>"),
        ],
        deliveries=[delivery(1, notice.to_json())],
        coverage=COVERAGE,
        scorecard=scorecard,
    )


@pytest.fixture
def written(register: Register, tmp_path: Path) -> str:
    scorecard = [{"event": "E1", "verdict": "found", "days_to_raise": 12}]
    path = write_page(
        tmp_path / "pages" / "page.html",
        page(register, scorecard=scorecard),
        register=register,
        streams=STREAMS,
    )
    return path.read_text(encoding="utf-8")


def test_the_page_says_first_that_it_is_operational_tier(written: str) -> None:
    body = written.split("<body>")[1]

    assert body.index("Operational tier.") < body.index("<h1>")


def test_the_page_asks_for_nothing_from_outside(written: str) -> None:
    addresses = re.findall(r"""(?:href|src|url)\s*[=(]\s*["']?([^"')\s>]+)""", written)

    assert [address for address in addresses if not address.startswith(("#", "data:"))] == []
    assert "<script" not in written


def test_the_page_says_how_many_reports_stand_behind_the_events(written: str) -> None:
    cells = re.findall(r'<td class="n">([^<]*)</td>', written)

    assert "5 from 8 reports" in cells
    assert "9 to 11" in cells


def test_free_text_is_escaped(written: str) -> None:
    assert "12 rows held back &lt;late batch&gt;" in written
    assert "over the budget of 2 a day &lt;b&gt;" in written


def test_exact_figures_stand_beside_what_reviewers_were_sent(written: str) -> None:
    evidence, sent = written.split("What reviewers were sent")[:2]

    assert "0.41" in evidence
    assert "2.1e-04" in evidence or "0.0002" in evidence
    assert "9 to 11" in evidence
    assert "fewer than 8 events, some told by more than one report" in sent


def test_a_signal_held_back_is_shown_with_its_reason(written: str) -> None:
    row = written[written.index("All signals</h2>") :]

    assert "S00002" in row
    assert "held back" in row


def test_the_share_not_assessed_is_shown_with_its_reasons(written: str) -> None:
    assert "10.0%" in written
    assert "series too short (100)" in written
    assert "all judged" in written


def test_the_scorecard_is_left_out_where_no_truth_is_known(
    written: str, register: Register, tmp_path: Path
) -> None:
    without = write_page(tmp_path / "w.html", page(register), register=register, streams=STREAMS)

    assert "Planted events" in written
    assert "Planted events" not in without.read_text(encoding="utf-8")


def test_an_empty_page_does_not_read_as_calm(register: Register, tmp_path: Path) -> None:
    empty = replace(
        page(register), signals=[], decisions=[], deliveries=[], coverage=COVERAGE.head(0)
    )

    path = write_page(tmp_path / "empty.html", empty, register=register, streams=STREAMS)

    text = path.read_text(encoding="utf-8")
    assert "Look at what was not assessed" in text
    assert "Nothing was asked of any detector." in text


def test_a_replay_says_that_nobody_was_told(register: Register, tmp_path: Path) -> None:
    replayed = replace(page(register), realm="replay", deliveries=[])

    path = write_page(tmp_path / "replay.html", replayed, register=register, streams=STREAMS)

    assert "tells nobody" in path.read_text(encoding="utf-8")


def test_a_page_of_very_many_notices_draws_the_newest_and_says_so(
    register: Register, tmp_path: Path
) -> None:
    number = MOST_ALERTS + 1
    many = replace(
        page(register),
        signals=[signal(signal_id=f"s{n}", reference=f"S{n:05d}", curve=()) for n in range(number)],
        decisions=[decision(n, "notice", "rank") for n in range(number)],
        deliveries=[],
    )

    path = write_page(tmp_path / "many.html", many, register=register, streams=STREAMS)

    text = path.read_text(encoding="utf-8")
    assert text.count("<article") == MOST_ALERTS
    assert f"The {MOST_ALERTS} newest of {number}" in text


def test_headings_captions_and_landmarks_are_in_order(written: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", written)]

    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert written.count("<table") == written.count("<caption")
    assert all(mark in written for mark in ("<main", "<nav", 'lang="en-GB"', 'class="skip"'))
    identifiers = re.findall(r'\bid="([^"]+)"', re.sub(r"<svg.*?</svg>", "", written, flags=re.S))
    assert len(identifiers) == len(set(identifiers))


def test_the_job_writes_a_page_of_an_empty_store(
    database_url: str, engine: Any, tmp_path: Path, config_folder: Path
) -> None:
    assert engine
    settings = Settings(home=tmp_path, database_url=database_url, config_folder=config_folder)

    path = jobs.make_page(settings, tmp_path / "page.html", now=MADE)

    assert "No signal was raised." in path.read_text(encoding="utf-8")


@pytest.mark.browser
def test_a_real_browser_shows_the_page_without_errors_or_outside_requests(
    written: str, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "shown.html"
    path.write_text(written, encoding="utf-8")
    problems: list[str] = []
    requests: list[str] = []
    tab = browser.new_page(viewport={"width": 1200, "height": 900})
    tab.on("console", lambda message: problems.append(message.text))
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))

    tab.goto(path.as_uri())
    tab.keyboard.press("Tab")
    focused = tab.evaluate("document.activeElement.textContent")
    overflow = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    shown = tab.locator("svg").first.bounding_box()

    assert problems == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert focused == "Skip to the main content"
    assert overflow <= 0
    assert shown["width"] > 300


def test_the_units_named_are_those_of_the_evidence(written: str) -> None:
    assert LEEDS in written
    assert "Yorkshire and The Humber" in written
