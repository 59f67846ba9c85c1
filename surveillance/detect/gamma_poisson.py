"""Exact predictive test for sparse counts, over windows of several lengths.

The rate of a series is gamma distributed after its baseline; the sum of the window that
ends with the judged period is then negative binomial, and its tail is exact. Short windows
see outbursts, long ones see slow growth. docs/detectors/gamma_poisson.md says what is
assumed and how often it alarms where nothing happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from surveillance.counts import (
    log_upper_tail,
    running_sums,
    smallest_count_beyond,
    trailing_sums,
)
from surveillance.domain import (
    COMPLETE,
    NOT_SUPPLIED,
    STATE_REASONS,
    Flags,
    Floats,
    Outcomes,
    Panel,
    Texts,
)
from surveillance.errors import InputError

Indices = npt.NDArray[np.intp]
SHORT_BASELINE = "too little history: too few baseline periods were supplied"
NO_WINDOW = "no window that ends here was supplied whole"
NO_EXPOSURE = "no population is known for this period"
_LOG_TINY = float(np.log(np.finfo(np.float64).tiny))


@dataclass(frozen=True)
class Settings:
    """What is summed and what it is compared with.

    Attributes:
        alpha: probability of an alarm in control, paid once for all windows together.
        windows: periods that are summed, one test each.
        baseline_periods: periods that teach the rate.
        guard_periods: latest periods, the judged one among them, that teach nothing, so that
            a growing event does not feed its own baseline; at least the longest window.
        min_baseline_periods: baseline periods that must have been supplied.
        prior_shape: cases that the prior is worth.
        prior_rate: periods that the prior is worth.
        classic: accepted as everywhere; the method has no R original and ignores it.
    """

    alpha: float = 0.01
    windows: tuple[int, ...] = (1, 2, 4, 8, 13)
    baseline_periods: int = 52
    guard_periods: int = 26
    min_baseline_periods: int = 26
    prior_shape: float = 0.5
    prior_rate: float = 0.1
    classic: bool = False

    def __post_init__(self) -> None:
        """Refuse values that mean nothing, by name."""
        for name in ("alpha", "prior_shape", "prior_rate"):
            _require(_is_number(getattr(self, name)), name, "a number above 0")
        _require(self.alpha < 1, "alpha", "below 1")
        for name in ("baseline_periods", "min_baseline_periods", "guard_periods"):
            _require(_is_length(getattr(self, name)), name, "a whole number >= 1")
        _require(
            len(self.windows) > 0 and all(map(_is_length, self.windows)),
            "windows",
            "whole numbers >= 1",
        )
        _require(
            self.guard_periods >= max(self.windows), "guard_periods", "at least the longest window"
        )


@dataclass(frozen=True)
class _Baseline:
    """What the rate is thought to be, each of shape (units, judged)."""

    size: Floats  # cases behind it, the prior's among them
    periods: Floats  # periods behind it, in exposures of the judged period
    supplied: Floats  # baseline periods that were supplied


@dataclass(frozen=True)
class _Window:
    """One window of every series, each of shape (units, judged)."""

    width: int
    observed: Floats
    expected: Floats
    log_p: Floats


def judge(panel: Panel, judged: Indices, params: Mapping[str, Any], /) -> Outcomes:
    """Judge periods by the windows that end with them, against a year before.

    The outcome is that of the most surprising window; its p-value is the window's times the
    number of windows (Bonferroni), so it is conservative. The score is minus its decimal
    logarithm, which goes on where the p-value has no digits left.

    Args:
        panel: counts; windows are summed at their lowest, baselines at their highest. An
            exposure enters as offset for every series that has one.
        judged: indices of the periods to judge, shape (judged,).
        params: see ``Settings``.

    Raises:
        InputError: a parameter is unknown or impossible.
    """
    settings = _read_settings(params)
    known = (panel.state == COMPLETE) & ~np.isnan(panel.low) & ~np.isnan(panel.high)
    exposure, has_exposure = _exposures(panel, known, judged)
    baseline = _baseline(panel, known & (exposure > 0), exposure, judged, settings)
    windows = [
        _window(np.where(known, panel.low, np.nan), exposure, judged, width, baseline)
        for width in settings.windows
    ]
    best = _most_surprising(windows)
    reason = _reasons(panel, judged, settings, baseline)
    _explain(reason, ~has_exposure, NO_EXPOSURE)
    _explain(reason, np.isnan(best.log_p), NO_WINDOW)
    return _outcomes(panel, judged, settings, best, baseline, reason)


def _exposures(panel: Panel, known: Flags, judged: Indices) -> tuple[Floats, Flags]:
    """Give exposures, 1 throughout for series without any, and where the judged one is known."""
    given = np.ones(known.shape) if panel.exposure is None else panel.exposure
    none: Flags = np.asarray(~np.any(given > 0, axis=1))
    exposure = np.where(none[:, None], 1.0, given)
    return exposure, np.asarray(exposure[:, judged] > 0)


def _baseline(
    panel: Panel, taught: Flags, exposure: Floats, judged: Indices, settings: Settings
) -> _Baseline:
    last = np.maximum(judged + 1 - settings.guard_periods, 0)
    first = np.maximum(last - settings.baseline_periods, 0)

    def over(values: Floats) -> Floats:
        sums = running_sums(np.where(taught, values, 0.0))
        return sums[:, last] - sums[:, first]

    with np.errstate(divide="ignore", invalid="ignore"):
        periods = over(exposure) / exposure[:, judged]
    return _Baseline(
        size=settings.prior_shape + over(panel.high),
        periods=settings.prior_rate + periods,
        supplied=over(np.ones(taught.shape)),
    )


def _window(
    low: Floats, exposure: Floats, judged: Indices, width: int, baseline: _Baseline
) -> _Window:
    if width > low.shape[1]:
        blank = np.full(baseline.size.shape, np.nan)
        return _Window(width, blank, blank, blank)
    observed = trailing_sums(low, width=width)[:, judged]
    with np.errstate(divide="ignore", invalid="ignore"):
        periods = trailing_sums(exposure, width=width)[:, judged] / exposure[:, judged]
        expected = baseline.size * periods / baseline.periods
    return _Window(
        width, observed, expected, log_upper_tail(observed, mean=expected, size=baseline.size)
    )


def _most_surprising(windows: list[_Window]) -> "_Best":
    log_p = np.stack([window.log_p for window in windows])
    # Of equal windows the shortest: argmin takes the first of the configured order.
    chosen = np.argmin(np.where(np.isnan(log_p), np.inf, log_p), axis=0)[None]

    def pick(arrays: list[Floats]) -> Floats:
        return np.asarray(np.take_along_axis(np.stack(arrays), chosen, axis=0)[0])

    return _Best(
        observed=pick([window.observed for window in windows]),
        expected=pick([window.expected for window in windows]),
        log_p=np.take_along_axis(log_p, chosen, axis=0)[0],
        width=np.array([window.width for window in windows], dtype=np.int64)[chosen[0]],
    )


@dataclass(frozen=True)
class _Best:
    """The most surprising window of every series, each of shape (units, judged)."""

    observed: Floats
    expected: Floats
    log_p: Floats
    width: npt.NDArray[np.int64]


def _reasons(panel: Panel, judged: Indices, settings: Settings, baseline: _Baseline) -> Texts:
    state = np.where(np.isnan(panel.low), NOT_SUPPLIED, panel.state)[:, judged]
    reason = np.full(state.shape, "", dtype=object)
    for kind, why in STATE_REASONS.items():
        _explain(reason, state == kind, why)
    _explain(reason, baseline.supplied < settings.min_baseline_periods, SHORT_BASELINE)
    return reason


def _explain(reason: Texts, blind: Flags, why: str) -> None:
    reason[blind & (reason == "")] = why


def _outcomes(
    panel: Panel,
    judged: Indices,
    settings: Settings,
    best: _Best,
    baseline: _Baseline,
    reason: Texts,
) -> Outcomes:
    assessed = reason == ""
    each = settings.alpha / len(settings.windows)
    log_p = np.minimum(best.log_p + np.log(len(settings.windows)), 0.0)
    lower, upper = (
        smallest_count_beyond(share, mean=best.expected, size=baseline.size) - 1
        for share in (1 - each, each)
    )

    def shown(values: Floats) -> Floats:
        return np.where(assessed, values, np.nan)

    return Outcomes(
        judged=judged,
        observed=np.where(assessed, best.observed, panel.low[:, judged]),
        expected=shown(best.expected),
        lower=shown(lower),
        upper=shown(upper),
        p_value=shown(np.exp(np.maximum(log_p, _LOG_TINY))),
        score=shown(np.abs(log_p) / np.log(10)),
        alarm=assessed & (best.observed > upper),
        reason=reason,
        window=np.where(assessed, best.width, 1),
    )


def _read_settings(params: Mapping[str, Any]) -> Settings:
    known = sorted(field.name for field in fields(Settings))
    unknown = sorted(set(params) - set(known))
    if unknown:
        raise InputError(
            f"gamma_poisson does not know the parameter {', '.join(unknown)}. "
            f"It takes: {', '.join(known)}."
        )
    values = dict(params)
    if "windows" in values:
        _require(isinstance(values["windows"], list | tuple), "windows", "a list of numbers")
        values["windows"] = tuple(values["windows"])
    return Settings(**values)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _require(holds: bool, name: str, wanted: str) -> None:
    if not holds:
        raise InputError(f"gamma_poisson: the parameter {name} must be {wanted}.")
