"""Lets a real Airflow execute the real DAGs, once each, and waits for them."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.settings import Settings
from dews.airflow_api import DONE, FAILED, UNFINISHED, AirflowApi, TaskState
from dews.airflow_installation import Report, prepare_airflow
from dews.airflow_service import RUN_PARTS, AirflowService, ended_by_signals
from surveillance.errors import SurveillanceError

_LOOK_EVERY_SECONDS = 0.5
_PARSE_SECONDS = 120.0
# It does no work of its own.
_NOT_WORTH_TELLING = {"all_kept"}


@dataclass
class _Run:
    """One run that was asked for, and what was last reported of it."""

    dag_id: str
    conf: Mapping[str, Any] = field(default_factory=dict)
    partition_key: str | None = None
    run_id: str = ""
    told: dict[str, str] = field(default_factory=dict)


def execute(settings: Settings, weeks: Sequence[str], report: Report) -> None:
    """Let Airflow collect every feed, judge some weeks in order, and deliver.

    It starts a real Airflow (SQLite, LocalExecutor), which runs nothing else, and stops it.

    Args:
        settings: where DEWS lives and which feeds it has.
        weeks: ISO weeks to judge, oldest first.
        report: told one line whenever something has come further.

    Raises:
        SurveillanceError: a task failed; the end of its log is given.
    """
    once = replace(settings, task_retries=0)
    installation = prepare_airflow(once, runs_by_itself=False, report=report)
    feeds = [path.stem for path in settings.feeds]
    with (
        ended_by_signals(),
        AirflowService(installation, parts=RUN_PARTS) as service,
        AirflowApi(installation.access) as api,
    ):
        service.wait_until_healthy(report=report)
        watch = _Watch(service, api, report=report)
        watch.wait_for_dags({"surveillance_weekly", "deliver", *map("collect_{}".format, feeds)})
        # Without weeks of their own the collecting runs announce none: they come in order below.
        watch.run([_Run(f"collect_{feed}", conf={"weeks": []}) for feed in feeds])
        for week in weeks:
            watch.run([_Run("surveillance_weekly", partition_key=week)])
        watch.run([_Run("deliver")])


class _Watch:
    """Starts runs and follows them to their end."""

    def __init__(self, service: AirflowService, api: AirflowApi, *, report: Report) -> None:
        self._service = service
        self._api = api
        self._report = report

    def wait_for_dags(self, wanted: set[str]) -> None:
        deadline = time.monotonic() + _PARSE_SECONDS
        while missing := wanted - self._api.dag_ids():
            self._service.check_alive()
            if time.monotonic() > deadline:
                raise SurveillanceError(
                    f"Airflow did not find the DAG {min(missing)}. Nothing was run. See whether "
                    "its file can be imported: python -m dags.collect"
                )
            time.sleep(_LOOK_EVERY_SECONDS)

    def run(self, runs: list[_Run]) -> None:
        """Start some runs together and wait until all have ended well."""
        for run in runs:
            run.run_id = self._api.trigger(
                run.dag_id, conf=run.conf, partition_key=run.partition_key
            )
        going = list(runs)
        while going:
            time.sleep(_LOOK_EVERY_SECONDS)
            self._service.check_alive()
            going = [run for run in going if self._is_going(run)]

    def _is_going(self, run: _Run) -> bool:
        state = self._api.run_state(run.dag_id, run.run_id)
        tasks = self._api.tasks(run.dag_id, run.run_id)
        self._tell(run, tasks)
        if state in UNFINISHED:
            return True
        if state != "success":
            raise SurveillanceError(self._blame(run, tasks))
        return False

    def _tell(self, run: _Run, tasks: list[TaskState]) -> None:
        totals = Counter(task.task_id for task in tasks)
        done = Counter(task.task_id for task in tasks if task.state in DONE)
        worked = {task.task_id for task in tasks if task.state != "skipped"}
        name = f"{run.dag_id} {run.partition_key}" if run.partition_key else run.dag_id
        for task_id in done.keys() - _NOT_WORTH_TELLING:
            what = f"{done[task_id]}/{totals[task_id]} done" if task_id in worked else "not needed"
            if run.told.get(task_id) != what:
                run.told[task_id] = what
                self._report(f"{name}: {task_id} {what}")

    def _blame(self, run: _Run, tasks: list[TaskState]) -> str:
        failed = [task for task in tasks if task.state in FAILED]
        first = min(failed, key=lambda task: FAILED.index(task.state), default=None)
        if first is None:
            return f"{run.dag_id} failed without a failed task. What was stored is safe."
        tail = "\n".join(self._api.log_tail(run.dag_id, run.run_id, first))
        return (
            f"{run.dag_id}: the task {first.task_id} failed. What was stored is safe and every "
            f"task may run twice: mend the cause, then run the same command again. The end of "
            f"its log:\n{tail}"
        )
