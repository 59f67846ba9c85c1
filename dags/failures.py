"""What happens when a task fails: how often it is tried again, and who is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pendulum
from airflow.sdk.exceptions import AirflowFailException

from config.settings import load_settings


def tell_operators(context: Any) -> None:
    """Report a task that failed for good: in its log and, where configured, in Slack."""
    from alerts.jobs import report_failure
    from surveillance.jobs import clock

    task = context["ti"]
    report_failure(
        load_settings(),
        dag_id=task.dag_id,
        task_id=task.task_id,
        run_id=task.run_id,
        now=clock(),
    )


def task_rules(owner: str) -> dict[str, Any]:
    """Give the rules that every task of a DAG follows."""
    return {
        "owner": owner,
        "retries": load_settings().task_retries,
        "retry_delay": pendulum.duration(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": pendulum.duration(minutes=10),
        "execution_timeout": pendulum.duration(minutes=30),
        "on_failure_callback": tell_operators,
    }


@contextmanager
def no_retry_when_refused() -> Iterator[None]:
    """Fail at once where trying again cannot help: the batch or a setting must be mended."""
    from surveillance.errors import RejectedBatch, SettingsError

    try:
        yield
    except (RejectedBatch, SettingsError) as error:
        raise AirflowFailException(str(error)) from error
