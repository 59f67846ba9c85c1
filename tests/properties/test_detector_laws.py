"""Laws that every detector over series keeps, whatever the series."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import COMPLETE, FILLING, NOT_SUPPLIED, STATE_REASONS, Outcomes, Panel

Counts = npt.NDArray[np.float64]
WEEKS = 320
JUDGED = np.array([300, 310])
# Five windows and a rule on recent cases would hide what a detector does with single counts.
PARAMS: dict[str, dict[str, Any]] = {
    "farrington_flexible": {"limit54": [0, 4]},
    "gamma_poisson": {},
    "first_seen": {},
}
detectors = pytest.mark.parametrize("name", sorted(SERIES_DETECTORS))
fast = settings(max_examples=15, deadline=None)


def panel_of(counts: Counts, *, state: npt.NDArray[np.int8] | None = None) -> Panel:
    if state is None:
        state = np.where(np.isnan(counts), NOT_SUPPLIED, COMPLETE).astype(np.int8)
    return Panel(
        units=pd.DataFrame({"unit": [str(row) for row in range(len(counts))]}),
        frequency=52,
        starts=None,
        low=counts,
        high=counts,
        state=state,
    )


def run(name: str, panel: Panel, judged: npt.NDArray[np.intp] = JUDGED) -> Outcomes:
    return SERIES_DETECTORS[name](panel, judged, PARAMS.get(name, {}))


def differ(one: Outcomes, other: Outcomes) -> list[str]:
    names = ("observed", "expected", "lower", "upper", "p_value", "score")
    close = [
        name
        for name in names
        if not np.allclose(getattr(one, name), getattr(other, name), rtol=1e-9, equal_nan=True)
    ]
    return close + [
        name
        for name in ("alarm", "reason", "window")
        if not np.array_equal(getattr(one, name), getattr(other, name))
    ]


@st.composite
def count_tables(draw: st.DrawFn) -> Counts:
    """Series of any level with gaps, bursts and silence."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units = draw(st.integers(1, 5))
    mean = np.array(draw(st.lists(st.sampled_from([0, 0.02, 0.5, 4, 60]), min_size=units)))[:units]
    counts = random.poisson(np.repeat(mean[:, None], WEEKS, axis=1)).astype(float)
    start = draw(st.integers(0, WEEKS - 1))
    counts[:, start : start + draw(st.integers(0, 20))] += draw(st.integers(0, 30))
    gaps = random.random(counts.shape) < draw(st.sampled_from([0, 0.02, 0.6]))
    counts[gaps] = np.nan
    return counts


@detectors
@given(level=st.integers(0, 500))
@fast
def test_a_flat_series_never_alarms(name: str, level: int) -> None:
    outcome = run(name, panel_of(np.full((1, WEEKS), float(level))))

    assert not outcome.alarm.any()


@detectors
@given(counts=count_tables(), added=st.integers(1, 100))
@fast
def test_what_comes_later_never_changes_a_judgement(name: str, counts: Counts, added: int) -> None:
    later = counts.copy()
    later[:, JUDGED[-1] + 1 :] += added
    cut = counts[:, : JUDGED[-1] + 1]

    before = run(name, panel_of(counts))

    assert differ(before, run(name, panel_of(later))) == []
    assert differ(before, run(name, panel_of(cut))) == []


@detectors
@given(counts=count_tables(), seed=st.integers(0, 1000))
@fast
def test_the_order_of_the_series_does_not_matter(name: str, counts: Counts, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(counts))
    straight = run(name, panel_of(counts))

    mixed = run(name, panel_of(counts[order]))

    expected = {
        field: getattr(straight, field)[order] for field in vars(straight) if field != "judged"
    }
    assert differ(mixed, Outcomes(judged=JUDGED, **expected)) == []


@detectors
@given(counts=count_tables(), seed=st.integers(0, 1000))
@fast
def test_what_is_not_assessed_never_alarms_and_has_no_numbers(
    name: str, counts: Counts, seed: int
) -> None:
    state = np.where(np.isnan(counts), NOT_SUPPLIED, COMPLETE).astype(np.int8)
    state[np.random.default_rng(seed).random(counts.shape) < 0.3] = FILLING

    outcome = run(name, panel_of(counts, state=state), np.arange(200, WEEKS, 17))

    blind = outcome.reason != ""
    assert not outcome.alarm[blind].any()
    for field in ("expected", "lower", "upper", "p_value", "score"):
        assert np.isnan(getattr(outcome, field)[blind]).all()
    assert np.isfinite(outcome.score[~blind]).all() or name == "farrington_flexible"


@detectors
@given(counts=count_tables(), added=st.integers(1, 50))
@fast
def test_more_cases_now_never_raise_the_p_value(name: str, counts: Counts, added: int) -> None:
    more = counts.copy()
    more[:, 310] += added
    less_p, more_p = (run(name, panel_of(table), np.array([310])) for table in (counts, more))

    assessed = (less_p.reason == "") & (more_p.reason == "") & ~np.isnan(less_p.p_value)
    assert (more_p.p_value[assessed] <= less_p.p_value[assessed] * (1 + 1e-9)).all()
    assert (more_p.alarm[assessed] >= less_p.alarm[assessed]).all()


@detectors
@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((3, WEEKS)),
        np.full((3, WEEKS), np.nan),
        np.full((1, WEEKS), 1e9),
        np.eye(1, WEEKS, 310),
    ],
    ids=["all zero", "all missing", "very large", "one case"],
)
@pytest.mark.parametrize("classic", [False, True])
def test_extreme_tables_are_answered_without_a_crash(
    name: str, counts: Counts, classic: bool
) -> None:
    outcome = SERIES_DETECTORS[name](panel_of(counts), JUDGED, {"classic": classic})

    assert outcome.alarm.shape == outcome.reason.shape == (len(counts), 2)


@detectors
@pytest.mark.parametrize("units", [0, 1])
def test_a_single_period_is_too_little_history(name: str, units: int) -> None:
    outcome = run(name, panel_of(np.ones((units, 1))), np.array([0]))

    assert (outcome.reason != "").all()
    assert outcome.alarm.shape == (units, 1)


@detectors
@pytest.mark.parametrize("state", [FILLING, NOT_SUPPLIED])
def test_a_period_without_its_full_count_is_not_assessed(name: str, state: int) -> None:
    states = np.zeros((1, WEEKS), dtype=np.int8)
    states[0, 310] = state

    outcome = run(name, panel_of(np.full((1, WEEKS), 3.0), state=states), np.array([310]))

    assert outcome.reason[0, 0] == STATE_REASONS[state]


@detectors
def test_suppressed_counts_are_judged_low_and_compared_high(name: str) -> None:
    high = np.full((1, WEEKS), 2.0)
    low = np.zeros((1, WEEKS))
    panel = Panel(
        units=pd.DataFrame({"unit": ["x"]}),
        frequency=52,
        starts=None,
        low=low,
        high=high,
        state=np.zeros(low.shape, dtype=np.int8),
    )

    outcome = run(name, panel)

    assert (outcome.observed == 0).all()
    assert not outcome.alarm.any()
    if name != "first_seen":
        assert (outcome.expected >= 1.9).all()
