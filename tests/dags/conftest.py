"""A real Airflow of its own for these tests; its settings must stand before its first import."""

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

CHECKOUT = Path(__file__).parents[2]
AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="dews-airflow-"))

if "airflow.configuration" in sys.modules:
    raise RuntimeError("A test imported Airflow at its top; import it inside the test instead.")
os.environ.update(
    {
        "AIRFLOW_HOME": str(AIRFLOW_HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{AIRFLOW_HOME / 'airflow.db'}",
        "AIRFLOW__API_AUTH__JWT_SECRET": "only-for-tests-" * 8,
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one Airflow in one process, whose warnings are not ours."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.airflow)
            item.add_marker(pytest.mark.xdist_group("airflow"))
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="module", autouse=True)
def dews_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give an empty home of DEWS that the DAGs and their tasks use."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEWS_HOME", str(home))
        patch.setenv("DEWS_DATABASE_URL", f"sqlite:///{home / 'dews.db'}")
        patch.setenv("DEWS_TASK_RETRIES", "0")
        patch.setenv("DEWS_SHARDS", "2")
        patch.delenv("SLACK_BOT_TOKEN", raising=False)
        yield home


@pytest.fixture(scope="session", autouse=True)
def _airflow_database() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from airflow.utils.db import initdb

        initdb()


@pytest.fixture(scope="module")
def dag_bag() -> "DagBag":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(str(CHECKOUT / "dags"))
