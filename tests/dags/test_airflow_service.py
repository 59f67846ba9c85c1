"""Airflow as processes: what `make run` and `make up` start and stop."""

import shutil
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from dews.airflow_api import Access, AirflowApi
from dews.airflow_installation import airflow_home, free_port, held, is_held, prepare_airflow
from dews.airflow_runs import execute
from dews.airflow_service import end_running
from surveillance import jobs
from surveillance.errors import SettingsError, SurveillanceError
from surveillance.register import Register
from surveillance.simulate import simulate

WEEK = "2026-W40"
FEEDS = ("deaths", "price_purity", "reaction_reports")


@pytest.fixture(scope="module")
def settings(dews_home: Path, register: Register) -> Settings:
    out = dews_home / "country"
    simulate(out, weeks=8, seed=1, end_week=WEEK, register=register)
    shutil.move(out / "inbox", dews_home / "inbox")
    settings = load_settings()
    feeds = tuple(path for path in settings.feeds if path.stem in FEEDS)
    settings = replace(settings, shards=1, feeds=feeds)
    jobs.prepare(settings)
    return settings


def test_a_port_that_is_taken_is_replaced_by_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        found = free_port(port)

    assert found != port


def test_an_airflow_that_does_not_answer_has_no_health() -> None:
    with AirflowApi(Access(url="http://127.0.0.1:9", user="a", password="b")) as api:
        assert api.health() == {}


def test_an_airflow_that_does_not_answer_is_said_so_with_what_to_do() -> None:
    with (
        AirflowApi(Access(url="http://127.0.0.1:9", user="a", password="b")) as api,
        pytest.raises(SurveillanceError, match=r"did not accept the log-in.*make down"),
    ):
        api.dag_ids()


def test_a_second_service_of_one_home_is_refused_before_anything_changes(tmp_path: Path) -> None:
    settings = replace(load_settings(), home=tmp_path)
    airflow_home(settings).mkdir()

    with (
        held(airflow_home(settings) / "owner.lock"),
        pytest.raises(SettingsError, match=r"already running.*make down"),
    ):
        prepare_airflow(settings, runs_by_itself=False, report=print)

    assert [path.name for path in airflow_home(settings).iterdir()] == ["owner.lock"]


def test_stopping_where_nothing_runs_says_so(tmp_path: Path) -> None:
    assert not end_running(replace(load_settings(), home=tmp_path))


def test_airflow_executes_the_real_dags_and_a_refused_batch_is_reported_with_its_log(
    settings: Settings,
) -> None:
    told: list[str] = []
    execute(settings, [WEEK], told.append)
    broken = settings.home / "inbox" / "deaths" / "broken.csv"
    broken.write_text("not,the,columns\n1,2,3\n", encoding="utf-8")

    with pytest.raises(SurveillanceError, match="collect_deaths: the task keep failed") as refusal:
        execute(settings, [WEEK], told.append)

    assert {
        "collect_deaths: keep 1/1 done",
        f"surveillance_weekly {WEEK}: assess 1/1 done",
        "deliver: deliver 1/1 done",
    } <= set(told)
    assert "AirflowFailException: deaths batch" in str(refusal.value)
    home = airflow_home(settings)
    assert not is_held(home / "owner.lock")
    assert not is_held(home / "parts.lock")
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "passwords.json").stat().st_mode) == 0o600
