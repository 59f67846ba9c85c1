import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.disclosure import FLOOR, band, band_between, change, direction, stream_title
from tests.unit.alert_cases import STREAMS

COUNTS = st.integers(min_value=0, max_value=10_000)


@pytest.mark.parametrize("is_national", [True, False])
@given(first=st.integers(0, FLOOR - 1), second=st.integers(0, FLOOR - 1))
def test_counts_below_the_floor_cannot_be_told_apart(
    is_national: bool, first: int, second: int
) -> None:
    assert band(first, is_national=is_national) == band(second, is_national=is_national)
    assert change(first, 0.5) == change(second, 0.5) or 0 in {first, second}


@given(COUNTS.filter(lambda count: count >= FLOOR))
def test_a_band_below_national_level_holds_the_count_and_four_others(count: int) -> None:
    low, high = (
        int(edge.replace(",", "")) for edge in band(count, is_national=False).split(" to ")
    )

    assert low <= count <= high
    assert high - low == 4
    assert (low + 2) % 5 == 0


@given(low=COUNTS, more=st.integers(0, 40))
def test_an_interval_is_told_no_narrower_than_the_bands_of_its_ends(low: int, more: int) -> None:
    told = band_between(low, low + more, is_national=False)

    if told.startswith("fewer than "):
        assert low + more < int(told.removeprefix("fewer than ").replace(",", ""))
    else:
        first, last = (int(edge.replace(",", "")) for edge in told.split(" to "))
        assert first <= low
        assert last >= low + more


@given(observed=COUNTS, expected=st.floats(0.01, 1000))
def test_no_figure_of_a_change_but_two_and_three_ever_leaves(
    observed: int, expected: float
) -> None:
    digits = {character for character in change(observed, expected) if character.isdigit()}

    assert digits <= {"2", "3"}
    assert observed >= FLOOR or not digits


@pytest.mark.parametrize(
    ("observed", "expected", "told"),
    [
        (14, 10.0, "more than expected"),
        (15, 10.0, "about 2 times what is expected"),
        (25, 10.0, "2 to 3 times what is expected"),
        (30, 10.0, "3 times what is expected, or more"),
        (9, 10.0, "fewer than expected"),
        (10, 10.0, "as many as expected"),
        (10, 0.0, "more than expected"),
        (10, None, "seen there for the first time on record"),
        (10, math.nan, "seen there for the first time on record"),
    ],
)
def test_a_change_is_told_in_broad_bands(observed: int, expected: float | None, told: str) -> None:
    assert change(observed, expected) == told


def test_a_national_interval_is_told_by_its_ends() -> None:
    assert band_between(1_040, 1_052, is_national=True) == "1,040 to 1,052"


def test_a_direction_holds_no_figure() -> None:
    assert not any(character.isdigit() for character in direction(7, 0.3))


def test_a_stream_picked_by_age_loses_its_title_and_others_keep_theirs() -> None:
    assert "25" not in stream_title(STREAMS["young_heroin_crack"])
    assert stream_title(STREAMS["deaths"]) == "Deaths"
