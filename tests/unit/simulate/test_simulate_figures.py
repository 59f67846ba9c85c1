import ast
import re
from pathlib import Path

import pytest

from surveillance.simulate import figures

FOLDER = Path(str(figures.__file__)).parent
MODULES = sorted(path for path in FOLDER.glob("*.py") if path.stem != "__init__")
SOURCES = (
    r"V:\d+", "SG", "ONS-[dgr]", "ONS-off", "HO", "POL", "OCU", "OHID", "NHSD", "NHSD-14", "UAM",
    "HMPPS", "LL", "WED",
)  # fmt: skip
MARK = re.compile(rf"\[(J|{'|'.join(SOURCES)})\]")
PAGE = FOLDER.parents[2] / "docs" / "simulation.md"


def numbers(path: Path) -> list[tuple[str, str]]:
    """Give each number's name with the comment that stands right above it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for node in ast.parse("\n".join(lines)).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        above = node.lineno - 1
        while above and lines[above - 1].startswith("#"):
            above -= 1
        name = ast.unparse(node).partition(" = ")[0].partition(":")[0]
        found.append((name, " ".join(lines[above : node.lineno - 1])))
    return found


# Names of types, which are no numbers.
TYPES = ("Level", "Rates")
NUMBERS = [(path.stem, name, comment) for path in MODULES for name, comment in numbers(path)]


def test_there_are_numbers_in_every_module() -> None:
    assert {module for module, *_ in NUMBERS} == {path.stem for path in MODULES}
    assert len(NUMBERS) > 90


@pytest.mark.parametrize(
    ("module", "name", "comment"),
    [entry for entry in NUMBERS if entry[1] not in TYPES],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_every_number_has_its_source_or_is_marked_as_our_choice(
    module: str, name: str, comment: str
) -> None:
    assert MARK.search(comment), f"{module}.{name} has the comment {comment!r}"


def test_every_source_that_a_number_names_is_listed_on_the_page() -> None:
    listed = PAGE.read_text(encoding="utf-8").partition("## Sources")[2]

    used = {mark for *_, comment in NUMBERS for mark in MARK.findall(comment)} - {"J"}

    assert {mark for mark in used if f"[{mark}]" not in listed} == set()
