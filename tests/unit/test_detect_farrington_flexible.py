from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from surveillance.detect.farrington_flexible import detector, judge
from surveillance.detect.farrington_flexible.controls import read_controls
from surveillance.detect.farrington_flexible.reference import find_anniversaries, find_reference
from surveillance.domain import NOT_SUPPLIED, Panel

LAST = np.array([311])


def panel_of(
    counts: npt.NDArray[np.float64],
    *,
    frequency: int = 52,
    starts: npt.NDArray[np.datetime64] | None = None,
    exposure: npt.NDArray[np.float64] | None = None,
) -> Panel:
    return Panel(
        units=pd.DataFrame({"unit": [str(row) for row in range(len(counts))]}),
        frequency=frequency,
        starts=starts,
        low=counts,
        high=counts,
        state=np.where(np.isnan(counts), NOT_SUPPLIED, 0).astype(np.int8),
        exposure=exposure,
    )


def draw(mean: float, *, units: int = 1, seed: int = 3) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).poisson(mean, (units, 312)).astype(np.float64)


def test_a_series_shorter_than_its_reference_is_not_assessed() -> None:
    outcome = judge(panel_of(draw(5)[:, :263]), np.array([262]), {})

    assert outcome.reason[0, 0] == detector.TOO_SHORT


def test_a_reference_mostly_not_supplied_is_not_assessed_but_r_would_judge_it() -> None:
    counts = draw(5)
    counts[0, 40:200] = np.nan

    ours = judge(panel_of(counts), LAST, {"min_reference_share": 0.5})
    classic = judge(panel_of(counts), LAST, {"classic": True})

    assert ours.reason[0, 0] == detector.TOO_FEW
    assert classic.reason[0, 0] == ""


def test_gaps_are_left_out_as_if_those_weeks_did_not_exist() -> None:
    counts = np.tile(draw(5), (2, 1))
    counts[1, 100:110] = np.nan
    params = {"reweight": False, "trend": False, "no_periods": 1, "past_weeks_not_included": 3}

    outcome = judge(panel_of(counts), LAST, params)

    window = [311 - 52 * year + step for year in range(1, 6) for step in range(-3, 4)]
    kept = [week for week in window if not 100 <= week < 110]
    assert outcome.expected[0, 0] == pytest.approx(counts[0, window].mean())
    assert outcome.expected[1, 0] == pytest.approx(counts[1, kept].mean())


def test_an_empty_reference_window_is_blind_here_and_alarms_on_one_case_in_r() -> None:
    counts = np.zeros((1, 312))
    counts[0, -4:] = [2, 1, 1, 2]
    counts[0, 200] = 1

    ours = judge(panel_of(counts), LAST, {})
    classic = judge(
        panel_of(counts), LAST, {"classic": True, "b": 3, "threshold_method": "nbPlugin"}
    )

    assert ours.reason[0, 0] == detector.NO_CASE
    assert classic.alarm[0, 0]
    assert classic.upper[0, 0] == 0


def test_few_recent_cases_are_not_assessed_and_the_rule_is_named() -> None:
    outcome = judge(panel_of(draw(0.3)), LAST, {"limit54": [50, 4]})

    assert outcome.reason[0, 0] == "fewer than 50 cases in the last 4 periods (limit54)"


def test_an_unknown_population_is_said_so() -> None:
    exposure = np.full((2, 312), 1_000.0)
    exposure[1, 311] = np.nan

    outcome = judge(
        panel_of(draw(5, units=2), exposure=exposure), LAST, {"population_offset": True}
    )

    assert outcome.reason[:, 0].tolist() == ["", detector.NO_EXPOSURE]


def test_a_population_that_doubles_doubles_what_is_expected() -> None:
    exposure = np.full((1, 312), 1_000.0)
    exposure[0, 300:] = 2_000.0
    counts = draw(6)

    flat = judge(panel_of(counts), LAST, {"trend": False})
    grown = judge(
        panel_of(counts, exposure=exposure), LAST, {"trend": False, "population_offset": True}
    )

    assert grown.expected[0, 0] == pytest.approx(2 * flat.expected[0, 0], rel=1e-6)


@pytest.mark.parametrize("method", ["delta", "nbPlugin", "muan"])
def test_a_burst_alarms_and_our_score_crosses_one_with_it(method: str) -> None:
    counts = np.tile(draw(5), (2, 1))
    counts[0, 311], counts[1, 311] = 40, 5

    outcome = judge(panel_of(counts), LAST, {"threshold_method": method})

    assert outcome.alarm[:, 0].tolist() == [True, False]
    assert (outcome.score[:, 0] > 1).tolist() == [True, False]
    assert outcome.p_value[0, 0] < 0.01


def test_a_past_outbreak_raises_the_threshold_less_with_reweighting() -> None:
    counts = draw(5)
    counts[0, 255:262] = 60

    plain = judge(panel_of(counts), LAST, {"reweight": False})
    weighted = judge(panel_of(counts), LAST, {"reweight": True})

    assert weighted.upper[0, 0] < plain.upper[0, 0]


def test_series_beyond_one_chunk_are_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = panel_of(draw(5, units=7))
    whole = judge(panel, LAST, {})
    monkeypatch.setattr(detector, "_CHUNK", 3)

    pieces = judge(panel, LAST, {})

    np.testing.assert_allclose(pieces.expected, whole.expected, rtol=1e-12)
    np.testing.assert_array_equal(pieces.upper, whole.upper)


@pytest.mark.parametrize(
    ("frequency", "first", "step", "judged", "wanted"),
    [
        (52, "2012-01-02", 7, "2020-03-02", ["2019-03-04", "2018-03-05"]),
        (365, "2015-01-01", 1, "2020-02-29", ["2019-03-01", "2018-03-01"]),
        (7, "2020-01-01", 1, "2020-02-29", ["2020-02-22", "2020-02-15"]),
    ],
)
def test_reference_dates_are_the_same_date_of_earlier_seasons(
    frequency: int, first: str, step: int, judged: str, wanted: list[str]
) -> None:
    starts = np.arange(np.datetime64(first), np.datetime64(judged) + 1, np.timedelta64(step, "D"))
    panel = panel_of(np.zeros((1, len(starts))), frequency=frequency, starts=starts)

    found = find_anniversaries(panel, len(starts) - 1, years=2)

    assert found is not None
    assert starts[found[1:]].astype(str).tolist() == wanted


def test_months_go_back_by_whole_years() -> None:
    starts = np.arange("2015-01", "2020-04", dtype="datetime64[M]").astype("datetime64[D]")
    panel = panel_of(np.zeros((1, len(starts))), frequency=12, starts=starts)

    found = find_anniversaries(panel, len(starts) - 1, years=2)

    assert found is not None
    assert starts[found].astype(str).tolist() == ["2020-03-01", "2019-03-01", "2018-03-01"]


def test_the_window_is_one_block_and_remainders_go_to_the_first_of_the_others() -> None:
    params: dict[str, Any] = {"b": 1, "w": 3, "no_periods": 10, "past_weeks_not_included": 0}

    reference = find_reference(panel_of(np.zeros((1, 60))), 59, controls=read_controls(params))

    assert reference is not None
    sizes = np.bincount(reference.block)
    # 45 weeks between two windows in nine blocks; the last window lacks the judged week.
    assert sizes.tolist() == [5] * 9 + [7 + 3]


def test_the_judged_week_and_the_weeks_before_it_are_no_reference() -> None:
    controls = read_controls({"past_weeks_not_included": 26})

    reference = find_reference(panel_of(np.zeros((1, 312))), 311, controls=controls)

    assert reference is not None
    assert reference.periods.max() == 311 - 27
