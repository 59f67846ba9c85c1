import numpy as np
import pytest
from scipy import stats

from surveillance.counts import (
    log_upper_tail,
    running_sums,
    smallest_count_beyond,
    trailing_sums,
    upper_tail,
)

DRAWS = np.random.default_rng(7)
MEANS = 10 ** DRAWS.uniform(-5, 4, 500)
SIZES = np.where(DRAWS.random(500) < 0.4, np.inf, 10 ** DRAWS.uniform(-1, 5, 500))


def test_what_is_not_a_number_gives_no_number_instead_of_a_crash() -> None:
    odd = [np.nan, np.inf, 1.0]

    assert np.isnan(upper_tail(2, mean=odd)).tolist() == [True, True, False]
    assert np.isnan(smallest_count_beyond(0.01, mean=odd)).tolist() == [True, True, False]
    assert np.isnan(upper_tail(2, mean=1.0, size=np.nan))
    assert np.isnan(upper_tail(np.nan, mean=1.0))


def test_a_mean_of_zero_makes_the_first_case_one_too_many() -> None:
    assert smallest_count_beyond(0.01, mean=0.0) == 1
    assert upper_tail([0, 1], mean=0.0).tolist() == [1.0, float(np.finfo(float).tiny)]


def test_the_upper_tail_agrees_with_scipy() -> None:
    counts = np.floor(MEANS * np.random.default_rng(8).uniform(0, 2, 500))
    finite = np.where(np.isinf(SIZES), 1.0, SIZES)
    theirs = np.where(
        np.isinf(SIZES),
        stats.poisson.sf(counts - 1, MEANS),
        stats.nbinom.sf(counts - 1, finite, finite / (finite + MEANS)),
    )

    ours = upper_tail(counts, mean=MEANS, size=SIZES)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-300)


@pytest.mark.parametrize("alpha", [1e-9, 0.002, 0.01, 0.5, 0.99])
def test_the_smallest_count_beyond_is_the_first_whose_tail_is_small_enough(alpha: float) -> None:
    first = smallest_count_beyond(alpha, mean=MEANS, size=SIZES)

    assert (upper_tail(first, mean=MEANS, size=SIZES) <= alpha).all()
    assert (upper_tail(first - 1, mean=MEANS, size=SIZES) > alpha).all()


@pytest.mark.parametrize(
    ("count", "mean", "size"), [(3, 2.0, np.inf), (40, 0.5, 2.0), (700, 5.0, np.inf)]
)
def test_the_logarithm_agrees_with_the_tail_where_both_have_digits(
    count: int, mean: float, size: float
) -> None:
    tail = upper_tail(count, mean=mean, size=size)

    assert tail > 1e-300 or count == 700
    if count != 700:
        assert log_upper_tail(count, mean=mean, size=size) == pytest.approx(np.log(tail))


def test_the_logarithm_goes_on_below_the_smallest_number() -> None:
    counts = np.array([1_000, 2_000, 100_000])

    poisson = log_upper_tail(counts, mean=1.0)
    mixed = log_upper_tail(counts, mean=1.0, size=3.0)

    np.testing.assert_allclose(poisson, stats.poisson.logpmf(counts, 1.0), rtol=1e-3)
    assert (np.diff(mixed) < 0).all()
    assert np.isfinite(mixed).all()
    assert upper_tail(2_000, mean=1.0) > 0


def test_a_sum_over_a_gap_is_missing_and_so_is_a_window_not_yet_full() -> None:
    values = np.array([[1.0, np.nan, 3.0, 4.0, 5.0]])

    sums = trailing_sums(values, width=2)

    np.testing.assert_array_equal(sums, [[np.nan, np.nan, np.nan, 7.0, 9.0]])


def test_running_sums_give_any_span_by_one_difference() -> None:
    sums = running_sums(np.array([[1.0, 2.0, 4.0, 8.0]]))

    assert sums[0, 3] - sums[0, 1] == 6.0
