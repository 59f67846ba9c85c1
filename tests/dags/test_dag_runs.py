"""The real DAGs, run by a real Airflow on an SQLite file with a small simulated country."""

import gzip
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from surveillance.register import Register
from surveillance.simulate import simulate

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.dagrun import DagRun

WEEK = "2026-W40"
FEEDS = ("deaths", "price_purity", "reaction_reports")


def run(dag_bag: "DagBag", dag_id: str, **conf: Any) -> "DagRun":
    found: DagRun = dag_bag.dags[dag_id].test(run_conf=conf)
    return found


def states(dag_run: "DagRun") -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for task in dag_run.get_task_instances():
        found.setdefault(task.task_id, Counter())[str(task.state)] += 1
    return found


def sizes(home: Path) -> dict[str, int]:
    with sqlite3.connect(home / "dews.db") as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in tables
        }


def run_everything(dag_bag: "DagBag") -> dict[str, "DagRun"]:
    order: list[tuple[str, dict[str, Any]]] = [
        *((f"collect_{feed}", {"weeks": []}) for feed in FEEDS),
        ("surveillance_weekly", {"week": WEEK}),
        ("deliver", {}),
    ]
    return {dag_id: run(dag_bag, dag_id, **conf) for dag_id, conf in order}


@pytest.fixture(scope="module")
def country(dews_home: Path, register: Register, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from config.settings import load_settings
    from surveillance import jobs

    out = tmp_path_factory.mktemp("country")
    simulate(out, weeks=30, seed=1, end_week=WEEK, register=register)
    jobs.prepare(load_settings())
    shutil.copytree(out / "inbox", dews_home / "inbox", dirs_exist_ok=True)
    return dews_home


@pytest.fixture(scope="module")
def first_pass(country: Path, dag_bag: "DagBag") -> dict[str, "DagRun"]:
    assert country.is_dir()
    return run_everything(dag_bag)


def test_a_pass_stores_judges_and_delivers(country: Path, first_pass: dict[str, "DagRun"]) -> None:
    found = {dag_id: str(dag_run.state) for dag_id, dag_run in first_pass.items()}

    assert set(found.values()) == {"success"}
    assert states(first_pass["surveillance_weekly"]) == {
        "link": Counter({"success": 1}),
        "plan": Counter({"success": 1}),
        "detect": Counter({"success": 2}),
        "assess": Counter({"success": 1}),
    }
    assert sizes(country)["record"] > 0


def test_a_collecting_run_told_of_no_week_announces_none(
    first_pass: dict[str, "DagRun"],
) -> None:
    assert states(first_pass["collect_deaths"])["announce"] == Counter({"skipped": 1})


@pytest.mark.usefixtures("first_pass")
def test_a_second_pass_over_the_same_files_changes_nothing(
    country: Path, dag_bag: "DagBag"
) -> None:
    before = sizes(country)

    again = run_everything(dag_bag)

    assert {str(dag_run.state) for dag_run in again.values()} == {"success"}
    assert states(again["surveillance_weekly"])["detect"] == Counter({"skipped": 1})
    assert sizes(country) == before


@pytest.mark.usefixtures("first_pass")
def test_one_batch_that_cannot_be_read_fails_alone_and_turns_the_run_red(
    country: Path, dag_bag: "DagBag"
) -> None:
    inbox = country / "inbox" / "price_purity"
    with gzip.open(inbox / "price_purity.csv.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    good = [lines[0], *(line.replace("PP-", "PX-", 1) for line in lines[1:40])]
    (inbox / "more.csv").write_text("\n".join(good) + "\n", encoding="utf-8")
    (inbox / "broken.csv").write_text("not,the,columns\n1,2,3\n", encoding="utf-8")
    before = sizes(country)["record"]

    dag_run = run(dag_bag, "collect_price_purity", week=WEEK)

    assert str(dag_run.state) == "failed"
    assert states(dag_run) == {
        "collect": Counter({"success": 1}),
        "keep": Counter({"success": 1, "failed": 1}),
        "announce": Counter({"success": 1}),
        "all_kept": Counter({"upstream_failed": 1}),
    }
    assert sizes(country)["record"] > before
