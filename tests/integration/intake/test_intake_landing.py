"""From the answer to the store: what was answered is never lost and never stored twice."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.settings import Settings
from dews.intake.parts import Intake
from surveillance.domain.intake import FORM_SYSTEM, Submission
from surveillance.errors import LandingError
from surveillance.jobs import intake as job
from surveillance.jobs.intake_access import grant_token
from tests.integration.intake.clients import Clock, Served, arrived, batches, lines, records
from tests.unit.intake.report_cases import a_report

CHECKOUT = Path(__file__).parents[3]
START = "from dews.cli import main; main()"


def submit(settings: Settings, clock: Clock, count: int = 1, **changes: object) -> list[str]:
    return [
        job.submit(settings, Submission("north-ed", a_report(**changes)), now=clock()).reference
        for _ in range(count)
    ]


def test_nothing_waiting_makes_no_batch(settings: Settings, clock: Clock) -> None:
    tally = job.land_waiting(settings, now=clock())

    assert dict(tally.counts) == {"reports": 0, "batches": 0}
    assert batches(settings) == []


def test_reports_that_wait_land_together_and_are_kept_once(
    settings: Settings, clock: Clock
) -> None:
    references = submit(settings, clock, 5)
    served = Served(httpx.Client(), settings, clock, token="")

    kept = served.keep_all()
    again = served.keep_all()

    assert kept == [{"present": 5, "accepted": 5, "rejected": 0, "new": 5}]
    assert again == []
    assert sorted(row.source_ref for row in records(settings)) == sorted(references)
    [batch] = batches(settings)
    assert (batch.feed, batch.address, batch.is_history) == ("intake_reports", "intake", False)
    assert [row.body for row in arrived(settings)] == [None] * 5
    assert sorted(row.row_number for row in arrived(settings)) == [1, 2, 3, 4, 5]


def test_what_lands_is_what_came_with_what_only_the_intake_knows(
    settings: Settings, clock: Clock
) -> None:
    report = a_report(grade="G1", source_ref="ED-1")
    receipt = job.submit(settings, Submission("north-ed", report), now=clock())

    job.land_waiting(settings, now=clock())

    [line] = lines(settings)
    assert json.loads(line) == report | {
        "report_id": receipt.reference,
        "received_at": "2026-11-24T12:00:00+00:00",
        "source_system": "north-ed",
    }


def test_a_report_of_the_form_is_of_grade_g0_whatever_it_says(
    settings: Settings, clock: Clock
) -> None:
    job.submit(settings, Submission(FORM_SYSTEM, a_report(grade="G4")), now=clock())

    job.land_waiting(settings, now=clock())

    [line] = lines(settings)
    assert json.loads(line)["grade"] == "G0"


def test_many_reports_land_in_several_batches(
    settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "REPORTS_IN_A_BATCH", 2)
    submit(settings, clock, 5)

    tally = job.land_waiting(settings, now=clock())

    assert dict(tally.counts) == {"reports": 5, "batches": 3}
    assert len(lines(settings)) == 5


def test_a_death_between_bytes_and_batch_leaves_the_reports_waiting(
    settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = submit(settings, clock, 2)
    with monkeypatch.context() as broken:
        broken.setattr("surveillance.store.batches.add_batch", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            job.land_waiting(settings, now=clock())
    references += submit(settings, clock)

    assert batches(settings) == []
    kept = Served(httpx.Client(), settings, clock, token="").keep_all()

    assert [one["new"] for one in kept] == [3]
    assert sorted(row.source_ref for row in records(settings)) == sorted(references)


def test_a_full_disk_leaves_the_reports_waiting(settings: Settings, clock: Clock) -> None:
    submit(settings, clock)
    settings.raw_folder.rmdir()
    settings.raw_folder.write_text("no folder")

    with pytest.raises(LandingError, match="could not be kept"):
        job.land_waiting(settings, now=clock())

    assert job.count_waiting(settings) == (1, clock())


def test_landings_at_once_land_no_report_twice(settings: Settings, clock: Clock) -> None:
    references = submit(settings, clock, 20)

    with ThreadPoolExecutor(4) as pool:
        tallies = list(pool.map(lambda _: job.land_waiting(settings, now=clock()), range(4)))

    assert sum(tally.counts["reports"] for tally in tallies) == 20
    assert sorted(json.loads(line)["report_id"] for line in lines(settings)) == sorted(references)


def test_a_correction_is_a_version_of_its_record_and_a_withdrawal_takes_it_away(
    served: Served, clock: Clock
) -> None:
    versions: list[dict[str, Any]] = [{}, {"seriousness": "died"}, {"withdrawn": True}]
    for minute, changes in enumerate(versions):
        clock.now = clock.now.replace(minute=minute)
        assert served.post(a_report(source_ref="ED-1", **changes)).status_code in (200, 201)
        served.keep_all()

    kept = records(served.settings)

    assert len({row.source_ref for row in kept}) == 1
    assert [row.withdrawn for row in kept] == [False, False, True]


def test_a_correction_is_the_newest_though_the_clock_was_set_back(
    served: Served, clock: Clock
) -> None:
    served.post(a_report(source_ref="ED-1"))
    clock.now -= timedelta(hours=1)
    served.post(a_report(source_ref="ED-1", withdrawn=True))
    clock.now += timedelta(hours=2)
    served.keep_all()

    newest = max(records(served.settings), key=lambda row: row.source_received_at)

    assert len(records(served.settings)) == 2
    assert newest.withdrawn


def test_a_running_intake_lands_by_itself_and_what_waited_before_it_started(
    intake: Intake, serve: Callable[..., Served], clock: Clock
) -> None:
    before = submit(intake.settings, clock)
    served = serve()
    after = served.post(a_report()).json()["reference"]

    while job.count_waiting(served.settings)[0]:
        time.sleep(0.01)

    landed = [json.loads(line)["report_id"] for line in lines(served.settings)]
    assert sorted(landed) == sorted([*before, after])


def test_a_process_killed_right_after_its_answer_has_lost_nothing(
    settings: Settings, clock: Clock
) -> None:
    token = grant_token(settings, "north-ed", now=clock())
    environment = {
        **os.environ,
        "DEWS_HOME": str(settings.home),
        "DEWS_DATABASE_URL": settings.database_url,
        "DEWS_INTAKE_KEY": "",
        "PYTHONPATH": str(CHECKOUT),
    }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", START, "intake", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        answer = post_when_ready(process, f"http://127.0.0.1:{port}/reports", token)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    assert answer.status_code == 201
    served = Served(httpx.Client(), settings, Clock(), token)
    served.keep_all()
    assert [row.source_ref for row in records(settings)] == [answer.json()["reference"]]


def post_when_ready(process: "subprocess.Popen[bytes]", url: str, token: str) -> httpx.Response:
    while process.poll() is None:
        try:
            headers = {"Authorization": f"Bearer {token}"}
            return httpx.post(url, json=a_report(), headers=headers, timeout=60)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the intake ended before it answered")
