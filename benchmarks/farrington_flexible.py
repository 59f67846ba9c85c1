"""Milliseconds per series-week of ``farrington_flexible``, batch against one by one.

Both judge the same simulated series in the same run. "One by one" is a plain loop over
statsmodels' GLM, written for being obvious; the tests use the same loop as their oracle.

Example: python benchmarks/farrington_flexible.py --series 500
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from surveillance.detect import SERIES_DETECTORS
from surveillance.detect.farrington_flexible.controls import read_controls
from surveillance.detect.farrington_flexible.reference import Reference, find_reference
from surveillance.domain import Panel

Floats = npt.NDArray[np.float64]
WEEKS, JUDGED = 364, 10


@dataclass(frozen=True)
class SlowPrediction:
    """What one series' regression says of the judged week."""

    mean: float
    log_error: float
    dispersion: float
    has_trend: bool

    def upper(self, alpha: float) -> float:
        """Give the negative binomial threshold around the predicted mean."""
        if self.dispersion == 1:
            return float(stats.poisson.isf(alpha, self.mean))
        size = self.mean / (self.dispersion - 1)
        return float(stats.nbinom.isf(alpha, size, 1 / self.dispersion))


def predict_slowly(counts: Floats, reference: Reference) -> SlowPrediction:
    """Fit one series, shape (n,), by a general routine, as our defaults ask for it.

    Source: Noufaily et al. (2013), doi:10.1002/sim.5595.
    """
    levels = np.eye(reference.blocks)[reference.block]
    judged = np.eye(reference.blocks)[-1]
    trended = _fit(counts, np.column_stack([levels, reference.time]), np.append(judged, 0.0))
    prediction, p_value = trended
    if p_value < 0.05 and prediction.mean <= counts.max():
        return prediction
    return _fit(counts, levels, judged)[0]


def _fit(counts: Floats, design: Floats, judged: Floats) -> tuple[SlowPrediction, float]:
    first = sm.GLM(counts, design, family=sm.families.Poisson()).fit(tol=1e-10)
    freedom = len(counts) - design.shape[1]
    dispersion = max(1.0, first.pearson_chi2 / freedom)
    mean = first.fittedvalues
    residual = 1.5 * (counts ** (2 / 3) * mean ** (-1 / 6) - mean**0.5)
    residual /= np.sqrt(dispersion * (1 - first.get_hat_matrix_diag()))
    weight = np.where(residual > 2.58, 1 / np.maximum(residual, 1.0) ** 2, 1.0)
    weight *= len(counts) / weight.sum()
    family = sm.families.Poisson()
    second = sm.GLM(counts, design, family=family, var_weights=weight).fit(tol=1e-10)
    mean = second.fittedvalues
    dispersion = max(1.0, float((weight * (counts - mean) ** 2 / mean).sum() / freedom))
    covariance = dispersion * np.linalg.inv(design.T @ ((weight * mean)[:, None] * design))
    error = float(np.sqrt(judged @ covariance @ judged))
    statistic = second.params[-1] / np.sqrt(covariance[-1, -1])
    has_trend = judged[-1] == 0
    prediction = SlowPrediction(
        float(np.exp(judged @ second.params)), error, dispersion, bool(has_trend)
    )
    return prediction, float(2 * stats.t.sf(abs(statistic), freedom))


def simulate_panel(series: int, *, seed: int) -> Panel:
    """Draw weekly negative binomial counts with seasons and trends, means 1 to 30."""
    draws = np.random.default_rng(seed)
    week = np.arange(WEEKS)
    level = draws.uniform(np.log(1), np.log(30), (series, 1))
    slope = draws.normal(0, 0.0005, (series, 1))
    season = draws.uniform(0, 0.5, (series, 1)) * np.sin(2 * np.pi * week / 52)
    mean = np.exp(level + slope * (week - WEEKS / 2) + season)
    counts = draws.negative_binomial(5, 5 / (5 + mean)).astype(np.float64)
    return Panel(
        units=pd.DataFrame({"unit": [f"series_{number}" for number in range(series)]}),
        frequency=52,
        starts=None,
        low=counts,
        high=counts,
        state=np.zeros(counts.shape, dtype=np.int8),
    )


def main() -> None:
    """Time both and print the ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=1_000)
    options.add_argument("--slow-series", type=int, default=20, help="series of the slow loop")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    panel = simulate_panel(chosen.series, seed=chosen.seed)
    judged = np.arange(WEEKS - JUDGED, WEEKS)
    started = time.perf_counter()
    outcomes = SERIES_DETECTORS["farrington_flexible"](panel, judged, {"limit54": (0, 4)})
    batch = (time.perf_counter() - started) / (chosen.series * JUDGED) * 1_000
    slow_series = min(chosen.slow_series, chosen.series)
    started = time.perf_counter()
    agreed = 0
    for column, period in enumerate(judged):
        reference = find_reference(panel, int(period), controls=read_controls({}))
        if reference is None:
            raise SystemExit("The simulated series are too short for their reference.")
        for unit in range(slow_series):
            slow = predict_slowly(panel.high[unit][reference.periods], reference)
            agreed += slow.upper(0.01) == outcomes.upper[unit, column]
    loop = (time.perf_counter() - started) / (slow_series * JUDGED) * 1_000
    print(f"batch: {batch:.3f} ms per series-week ({chosen.series:,} series, {JUDGED} weeks)")
    print(f"loop over statsmodels' GLM: {loop:.2f} ms per series-week ({slow_series} series)")
    print(f"ratio: {loop / batch:.0f}; thresholds equal: {agreed} of {slow_series * JUDGED}")


if __name__ == "__main__":
    main()
