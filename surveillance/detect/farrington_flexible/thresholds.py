"""From a prediction to a threshold, a tail probability and a score.

``delta``: counts raised to a power are taken as normal (Farrington et al. 1996).
``nbPlugin``: the count is negative binomial around the predicted mean. ``muan``: the same
around the upper bound of the mean (Noufaily et al. 2013).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from surveillance.counts import smallest_count_beyond, upper_tail
from surveillance.detect.farrington_flexible.controls import POWERS, Controls
from surveillance.detect.farrington_flexible.regression import Prediction
from surveillance.domain import Floats


@dataclass(frozen=True)
class Threshold:
    """Bounds and tail of every series, each of shape (units,)."""

    expected: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    score: Floats


def find_threshold(count: Floats, prediction: Prediction, *, controls: Controls) -> Threshold:
    """Compare the judged counts, shape (units,), with what was predicted for them."""
    if controls.threshold_method == "delta":
        expected, lower, upper, p_value = _delta(count, prediction, controls)
        centre = expected
    else:
        expected, lower, upper, p_value = _negative_binomial(count, prediction, controls)
        # R takes the centre of the score on the log scale; only ``classic`` copies that.
        centre = prediction.log_mean if controls.classic else expected
    spread = upper - centre
    score = (count - centre) / np.where(controls.classic | (spread > 0), spread, np.nan)
    return Threshold(expected, lower, upper, p_value, score)


def _delta(
    count: Floats, prediction: Prediction, controls: Controls
) -> tuple[Floats, Floats, Floats, Floats]:
    mean, power = prediction.mean, POWERS[controls.powertrans]
    # On the response scale the error of the mean is its log-scale error times the mean.
    inflation = prediction.dispersion + (mean * prediction.log_error) ** 2 / mean
    deviation = power * np.sqrt(mean ** (2 * power - 1) * inflation)
    reach = -special.ndtri(controls.alpha) * deviation
    lower = np.maximum(mean**power - reach, 0.0) ** (1 / power)
    upper = (mean**power + reach) ** (1 / power)
    return mean, lower, upper, special.ndtr((mean**power - count**power) / deviation)


def _negative_binomial(
    count: Floats, prediction: Prediction, controls: Controls
) -> tuple[Floats, Floats, Floats, Floats]:
    reach = -special.ndtri(controls.alpha) if controls.threshold_method == "muan" else 0.0
    mean = np.exp(prediction.log_mean + reach * prediction.log_error)
    excess = prediction.dispersion - 1
    size = np.where(excess > 0, mean / np.where(excess > 0, excess, 1.0), np.inf)
    lower = smallest_count_beyond(1 - controls.alpha, mean=mean, size=size) - 1
    upper = smallest_count_beyond(controls.alpha, mean=mean, size=size) - 1
    return prediction.mean, lower, upper, upper_tail(count, mean=mean, size=size)
