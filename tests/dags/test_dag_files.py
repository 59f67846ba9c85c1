import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.settings import list_feeds

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).parents[2] / "dags"
HEAVY = ("pandas", "surveillance.jobs", "alerts.jobs", "great_expectations", "scipy")


def test_every_dag_file_can_be_imported(dag_bag: "DagBag") -> None:
    assert dag_bag.import_errors == {}


def test_every_feed_that_runs_by_itself_has_its_collecting_dag(dag_bag: "DagBag") -> None:
    expected = {f"collect_{feed.name}" for feed in list_feeds()}

    found = {dag_id for dag_id in dag_bag.dags if dag_id.startswith("collect_")}

    assert found == expected
    assert expected


def test_every_feed_that_runs_by_itself_is_awaited_with_a_deadline(dag_bag: "DagBag") -> None:
    awaiting = {name: dag for name, dag in dag_bag.dags.items() if name.startswith("await_")}

    assert set(awaiting) == {f"await_{feed.name}" for feed in list_feeds()}
    for name, dag in awaiting.items():
        task: Any = dag.task_dict["batch"]
        deadlines: Any = dag.deadline
        assert [one.callback.kwargs for one in deadlines] == [{"feed": name.removeprefix("await_")}]
        assert all(one.interval < task.patience for one in deadlines)


def test_the_dags_besides_collecting_are_the_ones_documented(dag_bag: "DagBag") -> None:
    found = {dag_id for dag_id in dag_bag.dags if not dag_id.startswith(("collect_", "await_"))}

    assert found == {"surveillance_weekly", "deliver", "surveillance_due", "deliver_due", "retain"}


def test_every_dag_says_what_it_does_and_what_to_do_when_it_fails(dag_bag: "DagBag") -> None:
    without = [
        dag.dag_id for dag in dag_bag.dags.values() if "If it fails" not in (dag.doc_md or "")
    ]

    assert without == []


def test_no_dag_runs_twice_at_a_time_or_makes_up_for_missed_runs(dag_bag: "DagBag") -> None:
    assert {dag.max_active_runs for dag in dag_bag.dags.values()} == {1}
    assert not any(dag.catchup for dag in dag_bag.dags.values())


def test_every_task_has_an_owner_a_time_limit_and_tells_of_its_failure(dag_bag: "DagBag") -> None:
    tasks = [task for dag in dag_bag.dags.values() for task in dag.tasks]

    assert all(task.owner not in ("", "airflow") for task in tasks)
    assert all(task.execution_timeout for task in tasks)
    assert all(task.on_failure_callback for task in tasks)


def test_tasks_are_tried_again_after_growing_waits_unless_a_setting_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dags.failures import task_rules

    monkeypatch.delenv("DEWS_TASK_RETRIES")

    rules = task_rules("anyone")

    assert rules["retries"] == 2
    assert rules["retry_exponential_backoff"]


def test_parsing_the_dags_stays_light() -> None:
    code = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; "
        f"DagBag({str(DAGS)!r}); print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip().endswith("[]")


def test_the_week_that_is_due_on_a_monday_is_the_one_that_has_just_ended(
    dag_bag: "DagBag",
) -> None:
    import pendulum
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.trigger import CronPartitionTimetable

    timetable = coerce_to_core_timetable(dag_bag.dags["surveillance_due"].timetable)
    monday = pendulum.datetime(2026, 10, 5, 6, tz="UTC")

    assert isinstance(timetable, CronPartitionTimetable)
    assert timetable._get_partition_info(monday)[1] == "2026-W40"
