import ast
import re
import subprocess
from pathlib import Path

import pytest

from alerts.channels import CHANNELS
from config.settings import CONFIG_FOLDER
from surveillance.detect import SERIES_DETECTORS

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("surveillance", "alerts", "expectations", "config", "dags", "dews")
FIXED_NAMES = (
    "dags",
    "surveillance",
    "alerts",
    "expectations",
    "config",
    "tests",
    "docker-compose.yml",
    "pyproject.toml",
    "README.md",
)
TARGETS = {"setup", "run", "up", "down", "test", "check", "fix", "bench", "docs", "clean"}
LINES_OF_A_FILE, LINES_OF_A_FUNCTION, LINES_OF_A_DAG = 400, 40, 79
# A migration lists every table once and is never changed again.
MIGRATIONS = CHECKOUT / "surveillance" / "store" / "migrations" / "versions"
# Split in two, so that this file does not break its own rule.
MACHINE_WORDS = ("/wo" + "rk/", "/ro" + "ot/", "files.python" + "hosted", "pypi." + "org")
READ_AS_BYTES = {".png", ".gz", ".xlsx", ".parquet", ".zip", ".ico"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked_files() -> list[Path]:
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy is not a git checkout")
    paths = [CHECKOUT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (CHECKOUT / folder).rglob("*.py")]
    return [path for path in found if MIGRATIONS not in path.parents]


def functions(path: Path) -> list[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length(function: Function) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def make_targets() -> set[str]:
    text = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*## ", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", FIXED_NAMES)
def test_the_fixed_names_stand_at_the_top(name: str) -> None:
    assert (CHECKOUT / name).exists()


def test_no_file_is_longer_than_the_limit() -> None:
    too_long = {
        name_of(path): lines
        for path in python_files(*PACKAGES, "tests", "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_OF_A_FILE
    }

    assert too_long == {}


def test_no_function_is_longer_than_the_limit_besides_its_docstring() -> None:
    too_long = {
        f"{name_of(path)} {function.name}": length(function)
        for path in python_files(*PACKAGES)
        for function in functions(path)
        if length(function) > LINES_OF_A_FUNCTION
    }

    assert too_long == {}


def test_dag_files_stay_short() -> None:
    too_long = {
        name_of(path): lines
        for path in python_files("dags")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_OF_A_DAG
    }

    assert too_long == {}


@pytest.mark.parametrize("word", ["utils", "common", "helpers"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    found = [name_of(path) for path in python_files(*PACKAGES) if word in path.parts[-2:]]
    found += [name_of(path) for path in python_files(*PACKAGES) if path.stem == word]

    assert found == []


@pytest.mark.parametrize("detector", SERIES_DETECTORS)
def test_every_detector_has_its_page_and_its_reference_test(detector: str) -> None:
    assert (CHECKOUT / "docs" / "detectors" / f"{detector}.md").is_file()
    assert (CHECKOUT / "tests" / "reference" / f"test_{detector}.py").is_file()


@pytest.mark.parametrize("feed", sorted(p.stem for p in (CONFIG_FOLDER / "feeds").glob("*.toml")))
def test_every_feed_has_its_page(feed: str) -> None:
    assert (CHECKOUT / "docs" / "feeds" / f"{feed}.md").is_file()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_is_described_and_tested(channel: str) -> None:
    page = (CHECKOUT / "docs" / "alerts.md").read_text(encoding="utf-8")
    tests = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py")]

    assert channel in page.lower()
    assert any(f"alerts.channels import {channel}" in text for text in tests) or any(
        f"alerts.channels.{channel}" in text for text in tests
    )


@pytest.mark.parametrize("word", MACHINE_WORDS)
def test_no_file_names_a_machine_or_a_registry(word: str) -> None:
    naming = [
        name_of(path)
        for path in tracked_files()
        if path.suffix not in READ_AS_BYTES and word in path.read_text(encoding="utf-8")
    ]

    assert naming == []


def test_make_has_the_targets_that_people_expect() -> None:
    assert make_targets() >= TARGETS


def test_every_make_command_in_the_docs_exists() -> None:
    pages = [CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")]
    commands = re.compile(r"(?:^|`)(?:\$ )?make ([a-z]+)", flags=re.MULTILINE)

    used = {
        target for page in pages for target in commands.findall(page.read_text(encoding="utf-8"))
    }

    assert used <= make_targets()


def test_ci_runs_the_targets_that_people_run() -> None:
    lines = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("make ")] == ["make check", "make test"]
