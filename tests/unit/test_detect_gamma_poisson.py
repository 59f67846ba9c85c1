import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from surveillance.detect.gamma_poisson import NO_EXPOSURE, SHORT_BASELINE, judge
from surveillance.domain import NOT_SUPPLIED, Panel

LAST = np.array([199])


def panel_of(
    counts: npt.NDArray[np.float64], exposure: npt.NDArray[np.float64] | None = None
) -> Panel:
    return Panel(
        units=pd.DataFrame({"unit": [str(row) for row in range(len(counts))]}),
        frequency=52,
        starts=None,
        low=counts,
        high=counts,
        state=np.where(np.isnan(counts), NOT_SUPPLIED, 0).astype(np.int8),
        exposure=exposure,
    )


def test_a_short_baseline_is_not_assessed() -> None:
    outcome = judge(panel_of(np.ones((1, 45))), np.array([44]), {})

    assert outcome.reason[0, 0] == SHORT_BASELINE


def test_a_population_unknown_now_is_said_so_and_none_at_all_is_constant() -> None:
    exposure = np.full((2, 200), np.nan)
    exposure[0, :190] = 1_000.0

    outcome = judge(panel_of(np.ones((2, 200)), exposure), LAST, {})

    assert outcome.reason[:, 0].tolist() == [NO_EXPOSURE, ""]


def test_a_gap_takes_the_long_windows_away_but_not_the_short_ones() -> None:
    counts = np.full((1, 200), 1.0)
    counts[0, 195:] = 4.0
    whole = judge(panel_of(counts.copy()), LAST, {})
    counts[0, 196] = np.nan

    gapped = judge(panel_of(counts), LAST, {})

    assert whole.window[0, 0] == 4
    assert gapped.window[0, 0] == 2
    assert gapped.observed[0, 0] == 8


def test_one_case_after_two_empty_years_is_no_alarm_and_two_in_a_week_are() -> None:
    counts = np.zeros((2, 200))
    counts[:, 199] = [1, 2]

    outcome = judge(panel_of(counts), LAST, {})

    assert outcome.alarm[:, 0].tolist() == [False, True]


def test_slow_growth_is_found_by_a_long_window() -> None:
    counts = np.zeros((1, 200))
    counts[0, [90, 120, 187, 190, 192, 195, 197, 199]] = 1

    outcome = judge(panel_of(counts), LAST, {})

    assert outcome.alarm[0, 0]
    assert outcome.window[0, 0] == 13
    assert outcome.observed[0, 0] == 6


def test_the_guard_keeps_recent_cases_out_of_the_baseline() -> None:
    quiet, growing = np.zeros((1, 200)), np.zeros((1, 200))
    growing[0, 174:186] = 1.0

    plain, guarded = (judge(panel_of(counts), LAST, {}) for counts in (quiet, growing))

    assert guarded.expected[0, 0] * 1 == pytest.approx(plain.expected[0, 0] * guarded.window[0, 0])


def test_upper_is_the_last_count_that_does_not_alarm() -> None:
    counts = np.random.default_rng(5).poisson(2.0, (1, 200)).astype(float)
    upper = judge(panel_of(counts), LAST, {"windows": [1]}).upper[0, 0]

    alarms = []
    for now in (upper, upper + 1):
        counts[0, 199] = now
        alarms.append(bool(judge(panel_of(counts), LAST, {"windows": [1]}).alarm[0, 0]))

    assert alarms == [False, True]


def test_a_growing_population_explains_growing_counts() -> None:
    exposure = np.full((1, 200), 1_000.0)
    exposure[0, 170:] = 3_000.0
    counts = np.where(exposure > 2_000, 6.0, 2.0)

    blind, told = judge(panel_of(counts), LAST, {}), judge(panel_of(counts, exposure), LAST, {})

    assert blind.alarm[0, 0]
    assert not told.alarm[0, 0]


def test_the_score_goes_on_where_the_p_value_has_no_digits() -> None:
    counts = np.ones((2, 200))
    counts[:, 199] = [10_000, 100_000]

    outcome = judge(panel_of(counts), LAST, {})

    assert (outcome.p_value > 0).all()
    assert outcome.score[1, 0] > outcome.score[0, 0] > 300
