"""Prepares Airflow's own folder: its secrets, its settings, its database.

Everything lies in the folder ``airflow`` of ``DEWS_HOME``, never in the checkout: Airflow
would take the checkout's ``config`` folder for its own.
"""

import fcntl
import json
import os
import secrets
import socket
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import dags
from config.settings import Settings, child_environment
from dews.airflow_api import Access
from surveillance.errors import SettingsError, SurveillanceError

USER = "admin"
API_PORT = 8080
WORKER_LOG_PORT = 8793
TRIGGERER_LOG_PORT = 8794
_LOG_LINES = 20

Report = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """An Airflow folder that is ready to be started.

    Attributes:
        home: Airflow's own folder.
        environment: variables that its processes are started with.
    """

    home: Path
    access: Access
    environment: dict[str, str] = field(repr=False)


def airflow_home(settings: Settings) -> Path:
    """Give the folder that Airflow keeps its own things in."""
    return settings.home / "airflow"


def prepare_airflow(settings: Settings, *, runs_by_itself: bool, report: Report) -> Installation:
    """Make Airflow's folder, secrets and database, once, and choose free ports.

    Args:
        settings: where DEWS lives; every process gets the same.
        runs_by_itself: whether DAGs start by clock and by asset. Without it only the runs
            that are asked for happen, so that a demonstration does the same every time.
        report: told what takes long.

    Raises:
        SettingsError: an Airflow of this home is already running.
        SurveillanceError: Airflow could not set up its database.
    """
    home = airflow_home(settings)
    home.mkdir(parents=True, exist_ok=True)
    with held(home / "owner.lock"), held(home / "parts.lock"):
        pass
    keys = _load_keys(home / "secrets.json")
    port = free_port(API_PORT)
    if port != API_PORT:
        report(f"Port {API_PORT} is taken: Airflow answers on {port} instead.")
    access = Access(url=f"http://127.0.0.1:{port}", user=USER, password=keys["password"])
    passwords = _write_private(home / "passwords.json", json.dumps({USER: keys["password"]}))
    environment = child_environment(
        {
            **_dews_variables(settings),
            **_airflow_variables(home, access=access, keys=keys),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": str(runs_by_itself),
        }
    )
    installation = Installation(home=home, access=access, environment=environment)
    _migrate(installation, report=report)
    return installation


def free_port(wanted: int) -> int:
    """Give the wanted port of the loopback address, or any free one where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            # A service that has just stopped leaves its port waiting, but free to use.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SettingsError("No port of the loopback address is free. Close a program and try again.")


@contextmanager
def held(lock: Path) -> Iterator[int]:
    """Hold a lock file for as long as the block runs, and give its descriptor.

    Raises:
        SettingsError: another process holds it.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise SettingsError(
            f"An Airflow of {lock.parents[1]} is already running. Nothing was changed. Stop it "
            "with make down, or give this one another folder in DEWS_HOME."
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(lock: Path) -> bool:
    """Tell whether a process holds a lock file."""
    if not lock.exists():
        return False
    try:
        with held(lock):
            return False
    except SettingsError:
        return True


def _dews_variables(settings: Settings) -> dict[str, str]:
    return {
        "DEWS_HOME": str(settings.home),
        "DEWS_DATABASE_URL": settings.database_url,
        "DEWS_CHANNELS": ",".join(settings.channels),
        "DEWS_SHARDS": str(settings.shards),
        "DEWS_TASK_RETRIES": str(settings.task_retries),
        # Tasks reuse compiled modules; without them each start takes seconds longer.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONWARNINGS": "ignore",
        "GX_ANALYTICS_ENABLED": "False",
    }


def _airflow_variables(home: Path, *, access: Access, keys: dict[str, str]) -> dict[str, str]:
    values = {
        "CORE__DAGS_FOLDER": str(Path(str(dags.__file__)).parent),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        # Said in full, so that variables left over from another Airflow change nothing.
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        # The default of 32 keeps 32 processes waiting.
        "CORE__PARALLELISM": "4",
        "CORE__EXECUTION_API_SERVER_URL": f"{access.url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__FERNET_KEY": keys["fernet_key"],
        "API__HOST": "127.0.0.1",
        "API__PORT": access.url.rsplit(":", 1)[1],
        "API__BASE_URL": access.url,
        "API__WORKERS": "1",
        "API__SECRET_KEY": keys["secret_key"],
        "API_AUTH__JWT_SECRET": keys["jwt_secret"],
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        # A task that has ended is sometimes seen only after this many seconds; 5 by default.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
        "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port(WORKER_LOG_PORT)),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port(TRIGGERER_LOG_PORT)),
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }
    return {
        "AIRFLOW_HOME": str(home),
        **{f"AIRFLOW__{name}": value for name, value in values.items()},
    }


def _load_keys(path: Path) -> dict[str, str]:
    """Read the secrets of an installation; the first call makes them up."""
    if path.exists():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    keys = {
        "password": secrets.token_urlsafe(12),
        "secret_key": secrets.token_urlsafe(32),
        "jwt_secret": secrets.token_urlsafe(64),
        "fernet_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    _write_private(path, json.dumps(keys))
    return keys


def _write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner may read."""
    with suppress(FileNotFoundError):
        path.unlink()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return path


def _migrate(installation: Installation, *, report: Report) -> None:
    """Set up Airflow's own database; skipped when this version has done it before."""
    stamp = installation.home / "migrated"
    wanted = version("apache-airflow-core")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    report("airflow: setting up its own database")
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        cwd=installation.home,
        env=installation.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_LOG_LINES:])
        raise SurveillanceError(
            f"Airflow could not set up its database in {installation.home}. DEWS's own records "
            f"are safe. Remove that folder, then run again. It said:\n{tail}"
        )
    stamp.write_text(wanted, encoding="utf-8")
