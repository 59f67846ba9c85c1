"""How well the screening finds what names a person or a site, on sentences written for it.

The sentences are our own: narratives as emergency departments, prisons and drug services write
them, with numbers from ranges kept for examples (NHS test data, Ofcom's drama numbers), and as
many that only look alike. Each states what a privacy officer would want removed, whatever the
screen can do. The part *held out* was written after the screen had been mended on the other
part.
"""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from surveillance.checks.identifiers import find_identifiers
from surveillance.checks.sites import MASK, SITE, Sites, read_sites

SENTENCES = Path(__file__).parent / "data" / "identifier_screen" / "sentences.csv"
PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"
Score = Counter[tuple[str, str]]


@pytest.fixture(scope="module")
def sites(config_folder: Path) -> Sites:
    return read_sites(config_folder / "sites.csv")


@pytest.fixture(scope="module")
def score(sites: Sites) -> Score:
    """Count right, false and missed findings by kind."""
    counts: Score = Counter()
    for row in read_sentences():
        wanted = {kind for kind in row["kinds"].split("|") if kind}
        found = set(find_identifiers(row["text"]))
        if MASK in sites.mask(row["text"]):
            found.add(SITE)
        counts.update((kind, "right") for kind in wanted & found)
        counts.update((kind, "false") for kind in found - wanted)
        counts.update((kind, "missed") for kind in wanted - found)
    return counts


def read_sentences() -> list[dict[str, str]]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(score: Score, outcome: str) -> int:
    return sum(number for (_, sort), number in score.items() if sort == outcome)


def test_the_set_is_large_and_half_of_it_holds_nothing_to_find() -> None:
    kinds = [row["kinds"] for row in read_sentences()]

    assert len(kinds) >= 200
    assert 0.25 < sum(kind == "" for kind in kinds) / len(kinds) < 0.6


def test_little_is_missed_and_hardly_anything_is_found_that_is_not_there(score: Score) -> None:
    right, false, missed = (total(score, sort) for sort in ("right", "false", "missed"))

    assert right / (right + missed) >= 0.95
    assert right / (right + false) >= 0.97


def test_the_page_says_how_well_the_screening_does(score: Score) -> None:
    rows = re.findall(
        r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    told = {kind: tuple(map(int, numbers)) for kind, *numbers in rows}

    kinds = {kind for kind, _ in score}
    measured = {
        kind: tuple(score[kind, sort] for sort in ("right", "false", "missed")) for kind in kinds
    }
    assert told == measured
