import re

import numpy as np
import pandas as pd
import pytest

from surveillance.simulate.country import make_timeline
from surveillance.simulate.dirt import FAULTS, misspelled, soil, unissued_number

TIMELINE = make_timeline(weeks=4, end_week="2026-W40")
SHARE = 0.05


def deaths(event_id: str = "") -> pd.DataFrame:
    n = 2000
    return pd.DataFrame(
        {
            "death_id": [f"D-{number}" for number in range(n)],
            "detected": "heroin;cocaine",
            "area_code": "E08000032",
            "date_of_death": "2026-09-29",
            "certificate_text": "Toxicity of heroin",
            "event_id": event_id,
        }
    )


def soiled(rows: pd.DataFrame) -> pd.DataFrame:
    return soil(
        rows,
        FAULTS["deaths"],
        share=SHARE,
        timeline=TIMELINE,
        rng=np.random.default_rng(1),
    )


def passes_modulus_11(number: str) -> bool:
    digits = [int(digit) for digit in number if digit.isdigit()]
    weighted = sum(digit * (10 - place) for place, digit in enumerate(digits[:9]))
    return (11 - weighted % 11) % 11 == digits[9]


@pytest.mark.parametrize("serial", [0, 1, 8, 123_456, 899_999])
def test_an_unissued_number_looks_like_a_health_number_and_belongs_to_nobody(serial: int) -> None:
    number = unissued_number(serial)

    assert re.fullmatch(r"999 \d{3} \d{4}", number)
    assert passes_modulus_11(number)


def test_a_planted_row_is_never_made_dirty() -> None:
    clean = deaths(event_id="A1")

    assert soiled(clean).to_dict() == clean.to_dict()


def test_each_fault_and_the_exact_repeats_come_at_their_share() -> None:
    rows = soiled(deaths())

    counts = {
        "misspelled": (rows["detected"] != "heroin;cocaine").sum(),
        "unknown area": (~rows["area_code"].isin(["", "E08000032"])).sum(),
        "no area": (rows["area_code"] == "").sum(),
        "future": (rows["date_of_death"] > "2026-10-05").sum(),
        "identifier": rows["certificate_text"].str.contains("999").sum(),
        "repeats": rows.duplicated().sum(),
    }
    assert all(60 < count < 140 for count in counts.values()), counts
    assert len(rows) == 2000 + counts["repeats"]


def test_a_row_has_one_fault_at_most_and_keeps_its_place() -> None:
    rows = soiled(deaths())

    faulty = (
        (rows["detected"] != "heroin;cocaine").astype(int)
        + (rows["area_code"] != "E08000032").astype(int)
        + (rows["date_of_death"] != "2026-09-29").astype(int)
        + (rows["certificate_text"] != "Toxicity of heroin").astype(int)
    )
    assert faulty.max() == 1
    places = rows["death_id"].str[2:].astype(int)
    assert places.is_monotonic_increasing


@pytest.mark.parametrize("word", ["", "GHB", "heroin", "N-desethyl isotonitazene"])
def test_a_misspelling_keeps_the_letters_and_leaves_short_words_alone(word: str) -> None:
    wrong = misspelled(word, rng=np.random.default_rng(2))

    assert sorted(wrong) == sorted(word)
    assert wrong[:1] == word[:1]
