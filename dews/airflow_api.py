"""The few calls to a running Airflow's REST API that DEWS makes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from surveillance.errors import SurveillanceError

_TRIES = 5
_SECONDS_BETWEEN_TRIES = 0.5
_LOG_LINES = 15
UNFINISHED = ("queued", "running")
DONE = ("success", "skipped", "removed")
FAILED = ("failed", "upstream_failed")


@dataclass(frozen=True)
class Access:
    """Where a running Airflow answers, and who may log in."""

    url: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class TaskState:
    """One task of one run; ``map_index`` is -1 for a task that is not mapped."""

    task_id: str
    map_index: int
    state: str
    try_number: int


class AirflowApi:
    """A session with one Airflow; log-in happens at the first call that needs it."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = httpx.Client(base_url=access.url, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def health(self) -> dict[str, str]:
        """Give the state of each part of Airflow; nothing while the API does not answer."""
        try:
            answer = self._client.get("/api/v2/monitor/health")
            answer.raise_for_status()
        except httpx.HTTPError:
            return {}
        return {part: str(state["status"]) for part, state in answer.json().items() if state}

    def dag_ids(self) -> set[str]:
        """List the DAGs that can be triggered now."""
        found = self._call("GET", "/api/v2/dags", params={"limit": 100, "paused": False})
        return {dag["dag_id"] for dag in found["dags"]}

    def trigger(
        self, dag_id: str, *, conf: Mapping[str, Any], partition_key: str | None = None
    ) -> str:
        """Start a run of a DAG and give its id."""
        body = {"logical_date": None, "conf": dict(conf), "partition_key": partition_key}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Give the state of a run: queued, running, success or failed."""
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        """List the tasks of a run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return [
            TaskState(
                task_id=task["task_id"],
                map_index=task["map_index"],
                state=task["state"] or "none",
                try_number=task["try_number"],
            )
            for task in self._call("GET", path, params={"limit": 500})["task_instances"]
        ]

    def log_tail(self, dag_id: str, run_id: str, task: TaskState) -> list[str]:
        """Give the last lines of a task's log, with the error at its end."""
        path = (
            f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}"
            f"/logs/{max(task.try_number, 1)}"
        )
        content = self._call("GET", path, params={"map_index": task.map_index})["content"]
        lines: list[str] = []
        for entry in content if isinstance(content, list) else [content]:
            lines += _log_lines(entry)
        return lines[-_LOG_LINES:]

    def _call(self, method: str, path: str, **options: Any) -> Any:
        if "Authorization" not in self._client.headers:
            self._log_in()
        for tries_left in reversed(range(_TRIES)):
            answer = self._try_once(method, path, options)
            # Airflow on SQLite now and then answers 500 while another part holds the lock.
            # Asking again is safe for a GET only; a POST may have been done.
            if isinstance(answer, httpx.Response) and answer.is_success:
                return answer.json()
            if method != "GET" or not tries_left:
                raise SurveillanceError(
                    f"Airflow at {self._access.url} did not do {method} {path}: "
                    f"{_reason(answer)}. What was stored is safe. Run the same command again."
                )
            time.sleep(_SECONDS_BETWEEN_TRIES)
        raise AssertionError

    def _try_once(
        self, method: str, path: str, options: Mapping[str, Any]
    ) -> httpx.Response | httpx.TransportError:
        try:
            return self._client.request(method, path, **options)
        except httpx.TransportError as error:
            return error

    def _log_in(self) -> None:
        login = {"username": self._access.user, "password": self._access.password}
        answer = self._try_once("POST", "/auth/token", {"json": login})
        if not isinstance(answer, httpx.Response) or not answer.is_success:
            raise SurveillanceError(
                f"Airflow at {self._access.url} did not accept the log-in: {_reason(answer)}. "
                "Nothing was started. Stop what listens there (make down), then run again."
            )
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _reason(answer: httpx.Response | httpx.TransportError) -> str:
    if isinstance(answer, httpx.Response):
        return f"{answer.status_code} {answer.text[:300]}"
    return str(answer) or type(answer).__name__


def _log_lines(entry: Any) -> list[str]:
    """Give the lines of one entry, and of an error what our own code said of it.

    The errors below it may quote values of records, so that they stay in the log.
    """
    if not isinstance(entry, Mapping):
        return str(entry).splitlines()
    lines = [line for line in str(entry.get("event", "")).splitlines() if line[:2] != "::"]
    errors = entry.get("error_detail") or []
    return lines + [f"{error['exc_type']}: {error['exc_value']}" for error in errors[:1]]
