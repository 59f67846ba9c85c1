"""Starts and stops the processes of a real Airflow.

Two locks tell who is alive: ``owner.lock`` is held by the command that started Airflow,
``parts.lock`` by every process of it. So a service whose owner was killed is still found,
and no process of another program is ever ended by mistake.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import psutil  # type: ignore[import-untyped]

from config.settings import Settings
from dews.airflow_api import AirflowApi
from dews.airflow_installation import Installation, Report, airflow_home, held, is_held
from surveillance.errors import SurveillanceError

RUN_PARTS = ("api-server", "scheduler", "dag-processor")
# The triggerer watches the inbox.
SERVICE_PARTS = (*RUN_PARTS, "triggerer")
_MODULES = {"scheduler": "dews.preloaded"}
_HEALTH_NAMES = {"dag-processor": "dag_processor", "api-server": "metadatabase"}
_START_SECONDS = 180.0
_STOP_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.25
_LOG_LINES = 20

Handler = Callable[[int, FrameType | None], None] | signal.Handlers


class AirflowService:
    """The processes of one Airflow; use it in a ``with`` statement.

    Each part is the head of a session of its own: Ctrl-C reaches the owner alone, and every
    process that a part starts can be found and ended with it.
    """

    def __init__(self, installation: Installation, *, parts: tuple[str, ...]) -> None:
        self._installation = installation
        self._parts = parts
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._locks = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the parts, each with its own log file.

        Raises:
            SettingsError: an Airflow of this home is already running.
        """
        home = self._installation.home
        self._locks.enter_context(held(home / "owner.lock"))
        alive = self._locks.enter_context(held(home / "parts.lock"))
        (home / "parts").mkdir(exist_ok=True)
        for part in self._parts:
            with (home / "parts" / f"{part}.log").open("wb") as log:
                self._processes[part] = subprocess.Popen(  # noqa: S603 - our own interpreter
                    [sys.executable, "-m", _MODULES.get(part, "airflow"), part],
                    cwd=home,
                    env=self._installation.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(alive,),
                )
        state = {"owner": os.getpid(), "sessions": [p.pid for p in self._processes.values()]}
        _state_file(home).write_text(json.dumps(state), encoding="utf-8")

    def wait_until_healthy(self, *, report: Report) -> None:
        """Wait until every part says that it works.

        Raises:
            SurveillanceError: a part ended or did not come up; its last log lines are given.
        """
        deadline = time.monotonic() + _START_SECONDS
        waiting = set(self._parts)
        with AirflowApi(self._installation.access) as api:
            while waiting:
                self.check_alive()
                health = api.health()
                for part in sorted(waiting):
                    if health.get(_HEALTH_NAMES.get(part, part)) == "healthy":
                        waiting.discard(part)
                        report(f"airflow: {part} is up")
                if waiting and time.monotonic() > deadline:
                    raise SurveillanceError(self._blame(min(waiting), "did not come up"))
                time.sleep(_LOOK_EVERY_SECONDS)

    def check_alive(self) -> None:
        """Make sure that no part has ended by itself.

        Raises:
            SurveillanceError: it names the part and gives its last log lines.
        """
        for part, process in self._processes.items():
            if process.poll() is not None:
                raise SurveillanceError(self._blame(part, f"ended with {process.returncode}"))

    def stop(self) -> None:
        """End every process of this Airflow, and whatever these started."""
        with _signals_ignored():
            _end_sessions({process.pid for process in self._processes.values()})
            for process in self._processes.values():
                process.wait()
            self._processes.clear()
            self._locks.close()

    def _blame(self, part: str, what: str) -> str:
        log = self._installation.home / "parts" / f"{part}.log"
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        lines = "\n".join(tail)
        return f"Airflow's {part} {what}. What was stored is safe. The end of {log}:\n{lines}"


def end_running(settings: Settings) -> bool:
    """Stop the Airflow that another command started in this home.

    Returns:
        Whether one was running.
    """
    home = airflow_home(settings)
    if not is_held(home / "parts.lock"):
        return False
    state = json.loads(_state_file(home).read_text(encoding="utf-8"))
    if is_held(home / "owner.lock"):
        os.kill(state["owner"], signal.SIGTERM)
        _wait_until(lambda: not is_held(home / "owner.lock"), seconds=3 * _STOP_SECONDS)
    if is_held(home / "parts.lock"):
        _end_sessions(set(state["sessions"]))
    return True


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into an orderly exit.

    Ctrl-C too, for a shell that starts a command in the background has it ignored.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handling((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), leave):
        yield


@contextmanager
def _signals_ignored() -> Iterator[None]:
    with _handling((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), signal.SIG_IGN):
        yield


@contextmanager
def _handling(numbers: tuple[signal.Signals, ...], handler: Handler) -> Iterator[None]:
    kept = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in kept.items():
            signal.signal(number, before)


def _end_sessions(sessions: set[int]) -> None:
    """Ask every process of some sessions to end; kill those that do not in time."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in _members(sessions):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if _wait_until(lambda: not _members(sessions), seconds=_STOP_SECONDS):
            return


def _members(sessions: set[int]) -> list[int]:
    """List the living processes of some sessions, tasks in groups of their own included."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) in sessions and process.info["status"] != "zombie":
                found.append(process.pid)
    return found


def _wait_until(is_so: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY_SECONDS)
    return True


def _state_file(home: Path) -> Path:
    return home / "service.json"
