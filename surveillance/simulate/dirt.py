"""Faults that real feeds bring: misspellings, unknown areas, gaps, impossible values, repeats.

Only rows without a planted event are made dirty, so that the truth stays exact.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from surveillance.simulate.country import Timeline
from surveillance.simulate.draws import as_column

Fault = Callable[[pd.DataFrame, Timeline, np.random.Generator], pd.DataFrame]
_UNKNOWN_AREAS = ("Nowhereshire", "near the station", "E99999999", "n/k")
_IMPOSSIBLE_PURITY = "140.0"
_LEAST_LETTERS = 4
_NUMBER_DIGITS, _MODULUS = 10, 11


def unissued_number(serial: int) -> str:
    """Build a ten-digit number that passes modulus 11 and that no person has.

    Numbers that begin with 999 are kept for tests and were never given to anyone.

    Args:
        serial: 0 to 999,999; where it has no valid check digit the next that has one is taken.

    Example:
        >>> unissued_number(0)
        '999 000 0018'
    """
    while True:
        digits = f"999{serial % 1_000_000:06d}"
        total = sum((_NUMBER_DIGITS - place) * int(digit) for place, digit in enumerate(digits))
        check = (_MODULUS - total % _MODULUS) % _MODULUS
        if check < _NUMBER_DIGITS:
            return f"{digits[:3]} {digits[3:6]} {digits[6:]}{check}"
        serial += 1


def misspelled(word: str, *, rng: np.random.Generator) -> str:
    """Swap two neighbouring letters within a word; short words stay as they are."""
    if len(word) < _LEAST_LETTERS:
        return word
    place = int(rng.integers(1, len(word) - 2))
    return f"{word[:place]}{word[place + 1]}{word[place]}{word[place + 2 :]}"


def _unknown_area(rows: pd.DataFrame, _: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    return rows.assign(area_code=rng.choice(_UNKNOWN_AREAS, size=len(rows)))


def _no_area(rows: pd.DataFrame, _: Timeline, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(area_code="")


def _in_future(column: str) -> Fault:
    def fault(rows: pd.DataFrame, timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
        ahead = rng.integers(30, 300, size=len(rows)).tolist()
        days = [(timeline.last_day + timedelta(days=days)).isoformat() for days in ahead]
        return rows.assign(**{column: days})

    return fault


def _identifier(column: str) -> Fault:
    def fault(rows: pd.DataFrame, _: Timeline, rng: np.random.Generator) -> pd.DataFrame:
        numbers = [unissued_number(serial) for serial in rng.integers(0, 900_000, len(rows))]
        return rows.assign(**{column: [f"Patient number {number}." for number in numbers]})

    return fault


def _misspelled_cell(column: str) -> Fault:
    def fault(rows: pd.DataFrame, _: Timeline, rng: np.random.Generator) -> pd.DataFrame:
        cells = [str(cell).partition(";") for cell in rows[column]]
        wrong = [f"{misspelled(word, rng=rng)}{mark}{rest}" for word, mark, rest in cells]
        return rows.assign(**{column: wrong})

    return fault


def _misspelled_mention(rows: pd.DataFrame, _: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    wrong = [
        [{**first, "name": misspelled(first["name"], rng=rng)}, *rest]
        for first, *rest in rows["substances"]
    ]
    return rows.assign(substances=as_column(wrong))


def _impossible_purity(rows: pd.DataFrame, _: Timeline, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(purity_percent=_IMPOSSIBLE_PURITY)


def _no_number(column: str) -> Fault:
    def fault(rows: pd.DataFrame, _: Timeline, __: np.random.Generator) -> pd.DataFrame:
        return rows.assign(**{column: "n/a"})

    return fault


def _of_indicators(column: str) -> Mapping[str, Fault]:
    return {
        "unknown area": _unknown_area,
        "date in the future": _in_future("period_start"),
        "words for a number": _no_number(column),
    }


FAULTS: Mapping[str, Mapping[str, Fault]] = {
    "reaction_reports": {
        "misspelled substance": _misspelled_mention,
        "unknown area": _unknown_area,
        "no area": _no_area,
        "date in the future": _in_future("event_date"),
        "identifier in the text": _identifier("narrative"),
    },
    "deaths": {
        "misspelled substance": _misspelled_cell("detected"),
        "unknown area": _unknown_area,
        "no area": _no_area,
        "date in the future": _in_future("date_of_death"),
        "identifier in the text": _identifier("certificate_text"),
    },
    "price_purity": {
        "misspelled substance": _misspelled_cell("substance"),
        "unknown area": _unknown_area,
        "no area": _no_area,
        "date in the future": _in_future("observed_on"),
        "impossible purity": _impossible_purity,
    },
    "sightings": {
        "misspelled substance": _misspelled_cell("found"),
        "unknown area": _unknown_area,
        "no area": _no_area,
        "date in the future": _in_future("identified_on"),
    },
    "street_events": {
        "unknown area": _unknown_area,
        "no area": _no_area,
        "date in the future": _in_future("noticed_on"),
        "identifier in the text": _identifier("origin"),
    },
    **{
        feed: _of_indicators("numerator")
        for feed in (
            "acquisitive_crime",
            "arrest_tests",
            "treatment_presentations",
            "hospital_admissions",
            "blood_borne_viruses",
            "release_deaths",
            "prison_tests",
        )
    },
    "opiate_crack_use": _of_indicators("value"),
}


def soil(
    rows: pd.DataFrame,
    faults: Mapping[str, Fault],
    *,
    share: float,
    timeline: Timeline,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Make some rows dirty and send some exactly twice.

    Args:
        rows: rows of one feed; those with an ``event_id`` stay clean.
        faults: what may go wrong, by name.
        share: probability of each fault, and of an exact repeat, for every row.
        timeline: the simulated weeks.
        rng: the part's random numbers.
    """
    # One fault a row at most, so that the share of each is what it says.
    drawn = np.floor(rng.random(len(rows)) / share).astype(np.int64)
    drawn[(rows["event_id"] != "").to_numpy()] = len(faults) + 1
    parts = [rows[drawn > len(faults)]]
    for number, fault in enumerate(faults.values()):
        parts.append(fault(rows[drawn == number], timeline, rng))
    repeats = rows[drawn == len(faults)]
    soiled: pd.DataFrame = pd.concat([*parts, repeats, repeats])
    return soiled.sort_index(kind="stable").reset_index(drop=True)
