import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from scipy.stats import poisson

from dews.cli import app

CHECKOUT = Path(__file__).parents[2]
PAGES = [
    *(CHECKOUT / name for name in ("README.md", "CHANGELOG.md")),
    *sorted((CHECKOUT / "docs").rglob("*.md")),
]
PAGE_NAMES = [str(page.relative_to(CHECKOUT)) for page in PAGES]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", flags=re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", flags=re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"\bdews ([a-z]+)((?: [^\s`|&;]+)*)")
TARGET = re.compile(r"\bmake ([a-z]+)")
PAGE_IN_CODE = re.compile(r"\bdocs/[\w./-]+\.md\b")
CODE_FOLDERS = ("surveillance", "alerts", "expectations", "config", "dags", "dews")
PRIVATE_WORDS = ("DOM" + "AIN", "STA" + "CK.md", "DES" + "IGN")
READ = {".py", ".md", ".toml", ".csv", ".yml"}

pages = pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)


def anchors(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def broken_links(page: Path) -> Iterator[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def code_in(page: Path) -> str:
    return "\n".join(CODE.findall(page.read_text(encoding="utf-8")))


def command_options() -> dict[str, dict[str, set[str]]]:
    top = typer.main.get_command(app)
    return {name: options_of(command) for name, command in members_of(top).items()}


def members_of(command: Any) -> dict[str, Any]:
    return dict(getattr(command, "commands", {"": command}))


def options_of(command: Any) -> dict[str, set[str]]:
    return {
        member: {option for parameter in part.params for option in parameter.opts}
        for member, part in members_of(command).items()
    }


COMMANDS = command_options()


def faults_of_command(name: str, rest: str) -> list[str]:
    if name not in COMMANDS:
        return [f"dews {name}"]
    group = COMMANDS[name]
    words = rest.split()
    if "" not in group and words and words[0] not in group:
        return [f"dews {name} {words[0]}"]
    member = words[0] if words and words[0] in group else ""
    known = group.get(member, set().union(*group.values())) | {"--help"}
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    return [f"dews {name} {member} {option}" for option in sorted(options - known)]


@pages
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


@pages
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    named = COMMAND.findall(code_in(page))

    faults = [fault for name, rest in named for fault in faults_of_command(name, rest)]

    assert faults == []


@pages
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))

    assert set(TARGET.findall(code_in(page))) <= targets


def test_the_page_of_feeds_links_to_the_page_of_every_feed() -> None:
    linked = set(LINK.findall((CHECKOUT / "docs" / "feeds.md").read_text(encoding="utf-8")))
    existing = {f"feeds/{page.name}" for page in (CHECKOUT / "docs" / "feeds").glob("*.md")}
    described = {f"feeds/{path.stem}.md" for path in (CHECKOUT / "config" / "feeds").glob("*.toml")}

    assert existing
    assert existing | described <= linked


def test_every_page_that_the_code_names_exists() -> None:
    missing = {
        f"{path.relative_to(CHECKOUT)}: {page}"
        for folder in CODE_FOLDERS
        for path in (CHECKOUT / folder).rglob("*")
        if path.suffix in READ and path.is_file()
        for page in PAGE_IN_CODE.findall(path.read_text(encoding="utf-8"))
        if not (CHECKOUT / page).exists()
    }

    assert missing == set()


def test_no_file_points_to_notes_that_are_not_in_the_repository() -> None:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("this copy is not a git checkout")
    paths = [CHECKOUT / name for name in done.stdout.split("\0") if name]

    pointing = {
        str(path.relative_to(CHECKOUT)): word
        for path in paths
        if path.suffix in READ and path.is_file()
        for word in PRIVATE_WORDS
        if re.search(rf"\b{re.escape(word)}\b", path.read_text(encoding="utf-8"))
    }

    assert pointing == {}


def test_the_table_of_thresholds_follows_from_the_poisson_distribution() -> None:
    text = (CHECKOUT / "docs" / "field.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d.]+) \| (\d+) \| ([\d.]+) % \| (\d+) \|$", text, re.MULTILINE)

    assert len(rows) == 6
    for mean, first, chance, needed in rows:
        expected = float(mean)
        threshold = int(expected + 2 * expected**0.5) + 1
        assert threshold == int(first)
        assert 100 * poisson.sf(threshold - 1, expected) == pytest.approx(float(chance), abs=0.05)
        assert (
            poisson.sf(int(needed) - 1, expected) < 0.001 <= poisson.sf(int(needed) - 2, expected)
        )
