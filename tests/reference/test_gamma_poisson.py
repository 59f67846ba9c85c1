"""``gamma_poisson`` against SciPy 1.17.1: ``stats.nbinom.sf`` and ``integrate.quad``.

Tolerance 1e-9 relative.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from surveillance.detect.gamma_poisson import judge
from surveillance.domain import Panel

ONE_WINDOW = {
    "windows": [4],
    "baseline_periods": 104,
    "guard_periods": 13,
    "prior_shape": 0.5,
    "prior_rate": 0.1,
    "alpha": 0.001,
}


def _panel(counts: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Panel:
    return Panel(
        units=pd.DataFrame({"unit": [str(row) for row in range(len(counts))]}),
        frequency=52,
        starts=None,
        low=counts,
        high=counts,
        state=np.zeros(counts.shape, dtype=np.int8),
    )


def test_one_window_agrees_with_the_negative_binomial_of_scipy() -> None:
    counts = np.random.default_rng(4).poisson(0.4, (30, 130)).astype(float)

    outcome = judge(_panel(counts), np.array([129]), ONE_WINDOW)

    cases = counts[:, 130 - 13 - 104 : 130 - 13].sum(axis=1)
    window = counts[:, -4:].sum(axis=1)
    chance = 104.1 / 108.1
    np.testing.assert_allclose(outcome.expected[:, 0], (cases + 0.5) * 4 / 104.1, rtol=1e-9)
    np.testing.assert_allclose(
        outcome.p_value[:, 0], stats.nbinom.sf(window - 1, cases + 0.5, chance), rtol=1e-9
    )
    np.testing.assert_array_equal(outcome.upper[:, 0], stats.nbinom.isf(0.001, cases + 0.5, chance))


@pytest.mark.parametrize(("cases", "now"), [(0, 1), (0, 3), (7, 4), (60, 12)])
def test_the_tail_is_the_poisson_tail_averaged_over_the_gamma_posterior(
    cases: int, now: int
) -> None:
    counts = np.zeros((1, 130))
    counts[0, 60], counts[0, 129] = cases, now
    rate = stats.gamma(cases + 0.5, scale=1 / 104.1)

    outcome = judge(_panel(counts), np.array([129]), ONE_WINDOW)

    averaged, _ = integrate.quad(
        lambda x: stats.poisson.sf(now - 1, 4 * x) * rate.pdf(x), 0, rate.isf(1e-14), epsrel=1e-11
    )
    assert outcome.p_value[0, 0] == pytest.approx(averaged, rel=1e-7)


def test_five_windows_pay_for_five_tests() -> None:
    counts = np.zeros((1, 200))
    counts[0, 199] = 2.0

    outcome = judge(_panel(counts), np.array([199]), {})

    single = stats.nbinom.sf(1, 0.5, 52.1 / 53.1)
    assert outcome.p_value[0, 0] == pytest.approx(5 * single, rel=1e-9)
    assert outcome.window[0, 0] == 1
