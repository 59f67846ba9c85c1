"""Log-linear quasi-Poisson regressions of many series at once.

Every series has the same design: a level for each season block and perhaps one slope. The
normal equations are then a diagonal with one border, so a step of the iterative
re-weighted least squares needs only sums by block, and no matrix is ever built or
inverted. Steps, start and stopping rule are those of R's ``glm.fit``: series stop at the
iteration at which R stops, which shows where a block holds no case and its level falls
for ever.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from scipy import special

from surveillance.detect.farrington_flexible.controls import Controls
from surveillance.detect.farrington_flexible.reference import Indices, Reference
from surveillance.domain import COMPLETE, Flags, Floats, Panel

_TOLERANCE, _MOST_STEPS = 1e-8, 25
_START_SHIFT = 0.1
_YEARS_FOR_A_TREND = 3
_NO_REST = 1e-12


@dataclass(frozen=True)
class Sample:
    """Reference counts of some series, and what every fit needs of them once.

    Arrays have the shape (units, n) where nothing else is said.

    Attributes:
        count: counts; 0 where not supplied.
        present: 1 where supplied, else 0.
        exposure: denominators, or None.
        judged_exposure: denominator of the judged period, shape (units,), or None.
        power: counts to the power of two thirds.
        start: means at which the steps begin.
        start_target: start times its linear predictor, moved by the first residual.
        start_deviance: half the deviance at the start.
        saturated: log-likelihood, but for terms that hold no mean, of a perfect fit.
    """

    count: Floats
    present: Floats
    exposure: Floats | None
    judged_exposure: Floats | None
    power: Floats
    start: Floats
    start_target: Floats
    start_deviance: Floats
    saturated: Floats

    @classmethod
    def of(cls, panel: Panel, reference: Reference, judged: int, *, offset: bool) -> "Sample":
        """Take the reference counts of a panel, at their highest where they are intervals."""
        count = panel.high[:, reference.periods]
        present = ~np.isnan(count) & (panel.state[:, reference.periods] == COMPLETE)
        exposure = judged_exposure = None
        if offset and panel.exposure is not None:
            exposure = panel.exposure[:, reference.periods]
            judged_exposure = panel.exposure[:, judged]
            present &= exposure > 0
            exposure = np.where(present, exposure, 1.0)
        count = np.where(present, count, 0.0)
        log_exposure = 0.0 if exposure is None else np.log(exposure)
        log_count = np.log(np.where(count > 0, count, 1.0))
        start = count + _START_SHIFT
        log_start = np.log(start)
        return cls(
            count=count,
            present=present.astype(np.float64),
            exposure=exposure,
            judged_exposure=judged_exposure,
            power=count * np.exp(log_count / -3),
            start=start,
            start_target=start * (log_start - log_exposure) - _START_SHIFT,
            start_deviance=count * (log_count - log_start) + _START_SHIFT,
            saturated=count * (log_count - log_exposure - 1),
        )

    def take(self, rows: Indices) -> "Sample":
        """Give the sample of some of the series."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: array[rows] for name, array in arrays.items() if array is not None}
        return replace(self, **given)


@dataclass(frozen=True)
class Prediction:
    """What the regression says of the judged period, each of shape (units,).

    Attributes:
        mean: predicted count.
        log_mean: its logarithm.
        log_error: standard error of the log mean.
        dispersion: variance over mean, at least 1.
        residual_dispersion: the dispersion that R puts into standard errors.
        slope: trend on the log scale per step, 0 where there is none.
        has_trend: whether the trend was kept.
        downweighted: reference periods that lost weight.
        usable: False where no fit converged or no degree of freedom was left.
    """

    mean: Floats
    log_mean: Floats
    log_error: Floats
    dispersion: Floats
    residual_dispersion: Floats
    slope: Floats
    has_trend: Flags
    downweighted: Floats
    usable: Flags


@dataclass(frozen=True)
class _Blocks:
    """Columns of the design: sums by block are products with them."""

    indicator: Floats
    timed: Floats
    time: Floats
    block: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
    judged_time: float

    @classmethod
    def of(cls, reference: Reference) -> "_Blocks":
        # Centred time keeps the sums of squares from cancelling; the slope does not change.
        centre = float(reference.time.mean())
        time = reference.time - centre
        indicator = np.zeros((time.size, reference.blocks))
        indicator[np.arange(time.size), reference.block] = 1.0
        return cls(indicator, indicator * time[:, None], time, reference.block, -centre)


@dataclass(frozen=True)
class _Information:
    """The normal equations solved by hand, from sums of weights by block and time.

    Attributes:
        inverse: one over each block's weight, 0 where the block is empty.
        centre: weighted mean time of each block.
        inverse_rest: one over the squared times left within blocks, shape (units,).
    """

    inverse: Floats
    centre: Floats
    inverse_rest: Floats

    @classmethod
    def of_sums(cls, total: Floats, first: Floats, second: Floats) -> "_Information":
        inverse = _inverse(total)
        centre = first * inverse
        rest = second - (first * centre).sum(axis=1)
        # What rounding leaves of a time that never varies within a block is not information.
        return cls(inverse, centre, _inverse(np.where(rest > _NO_REST * second, rest, 0.0)))

    @classmethod
    def of_weights(cls, weights: Floats, blocks: _Blocks, *, trend: bool) -> "_Information":
        total = weights @ blocks.indicator
        if not trend:
            return cls.of_sums(total, np.zeros_like(total), np.zeros(len(total)))
        return cls.of_sums(total, weights @ blocks.timed, weights @ blocks.time**2)

    def solve(self, by_block: Floats, by_time: Floats) -> tuple[Floats, Floats]:
        """Turn a gradient by block and along time into steps of levels and slope."""
        slope = (by_time - (self.centre * by_block).sum(axis=1)) * self.inverse_rest
        return by_block * self.inverse - self.centre * slope[:, None], slope

    def leverage(self, blocks: _Blocks) -> Floats:
        """Variance factor of each reference period's linear predictor, shape (units, n)."""
        away = blocks.time - np.take(self.centre, blocks.block, axis=1)
        flat = np.take(self.inverse, blocks.block, axis=1)
        return np.asarray(flat + away**2 * self.inverse_rest[:, None])


@dataclass(frozen=True)
class _Fit:
    """One regression: where it stopped, and the working weights of its last step."""

    level: Floats
    slope: Floats
    mean: Floats
    working: Floats
    converged: Flags


@dataclass(frozen=True)
class _Model:
    """A fitted and perhaps re-weighted regression of some series."""

    fit: _Fit
    information: _Information
    dispersion: Floats
    residual_dispersion: Floats
    freedom: Floats
    downweighted: Floats


def predict(sample: Sample, reference: Reference, *, controls: Controls) -> Prediction:
    """Fit every series and predict its judged period.

    The trend stays where at least three years are used, it is significant, and the
    prediction does not exceed the greatest reference count; else it is fitted again without.
    """
    blocks = _Blocks.of(reference)
    with np.errstate(all="ignore"):
        if not (controls.trend and controls.b >= _YEARS_FOR_A_TREND):
            return _predict_model(sample, blocks, controls, trend=False)
        trended = _predict_model(sample, blocks, controls, trend=True)
        plain = np.flatnonzero(~trended.has_trend)
        refitted = _predict_model(sample.take(plain), blocks, controls, trend=False)
    for field in fields(Prediction):
        getattr(trended, field.name)[plain] = getattr(refitted, field.name)
    return trended


def _predict_model(
    sample: Sample, blocks: _Blocks, controls: Controls, *, trend: bool
) -> Prediction:
    model = _fit_model(sample, blocks, controls, trend=trend)
    slope, information = model.fit.slope, model.information
    log_mean = model.fit.level[:, -1] + slope * blocks.judged_time
    if sample.judged_exposure is not None:
        log_mean = log_mean + np.log(sample.judged_exposure)
    away = blocks.judged_time - information.centre[:, -1]
    factor = information.inverse[:, -1] + away**2 * information.inverse_rest
    scale = model.residual_dispersion if controls.classic else model.dispersion
    mean = np.exp(log_mean)
    statistic = np.abs(slope) / np.sqrt(scale * information.inverse_rest)
    significant = 2 * special.stdtr(model.freedom, -statistic) < controls.p_threshold_trend
    usable = model.fit.converged & (model.freedom > 0) & (information.inverse[:, -1] > 0)
    return Prediction(
        mean=mean,
        log_mean=log_mean,
        log_error=np.sqrt(scale * factor),
        dispersion=model.dispersion,
        residual_dispersion=model.residual_dispersion,
        slope=slope,
        has_trend=trend & usable & significant & (mean <= sample.count.max(axis=1)),
        downweighted=model.downweighted,
        usable=usable,
    )


def _fit_model(sample: Sample, blocks: _Blocks, controls: Controls, *, trend: bool) -> _Model:
    fit = _fit(sample, sample.present, blocks, trend=trend)
    information = _Information.of_weights(fit.working, blocks, trend=trend)
    filled = (sample.present @ blocks.indicator > 0).sum(axis=1)
    freedom = sample.present.sum(axis=1) - filled - trend
    residual = (sample.count - fit.mean) / fit.mean
    raw = (fit.working * residual**2).sum(axis=1) / freedom
    dispersion = np.maximum(raw, 1.0)
    if not controls.reweight:
        return _Model(fit, information, dispersion, raw, freedom, np.zeros(len(raw)))
    leverage = fit.working * information.leverage(blocks)
    # A logarithm and an exponential are several times faster here than a sixth root.
    anscombe = 1.5 * (sample.power * np.exp(np.log(fit.mean) / -6) - np.sqrt(fit.mean))
    score = anscombe / np.sqrt(dispersion[:, None] * (1 - leverage))
    heavy = (score > controls.weights_threshold) & (sample.present > 0)
    omega = sample.present * np.where(heavy, 1 / (score * score), 1.0)
    omega *= (sample.present.sum(axis=1) / omega.sum(axis=1))[:, None]
    again = _fit(sample, omega, blocks, trend=trend)
    residual = (sample.count - again.mean) / again.mean
    # R does not ask whether the second fit converged, so the first decides.
    fit = replace(again, converged=fit.converged)
    return _Model(
        fit=fit,
        information=_Information.of_weights(fit.working, blocks, trend=trend),
        dispersion=np.maximum((fit.working * residual**2).sum(axis=1) / freedom, 1.0),
        residual_dispersion=(omega * residual**2).sum(axis=1) / freedom,
        freedom=freedom,
        downweighted=heavy.sum(axis=1).astype(np.float64),
    )


def _fit(sample: Sample, prior: Floats, blocks: _Blocks, *, trend: bool) -> _Fit:
    """Fit one regression to every series with given prior weights, shape (units, n)."""
    level, slope, before, converged = _Search(sample, prior, blocks, trend).run()

    def mean_of(level: Floats, slope: Floats) -> Floats:
        mean = _mean(level, slope, blocks, trend=trend)
        return mean if sample.exposure is None else mean * sample.exposure

    return _Fit(
        level=level,
        slope=slope,
        mean=mean_of(level, slope),
        working=prior * mean_of(*before),
        converged=converged,
    )


def _mean(level: Floats, slope: Floats, blocks: _Blocks, *, trend: bool) -> Floats:
    if not trend:
        return np.take(np.exp(level), blocks.block, axis=1)
    predictor = slope[:, None] * blocks.time
    predictor += np.take(level, blocks.block, axis=1)
    return np.exp(predictor, out=predictor)


class _Search:
    """The steps of one iterative re-weighted least squares over many series."""

    def __init__(self, sample: Sample, prior: Floats, blocks: _Blocks, trend: bool) -> None:
        self.blocks, self.trend = blocks, trend
        self.weight = prior if sample.exposure is None else prior * sample.exposure
        counted = prior * sample.count
        self.by_block = counted @ blocks.indicator
        self.by_time = counted @ blocks.time
        # Without a slope all that the steps need is the sum of weights in each block.
        self.exposed = self.weight @ blocks.indicator
        self.constant = np.einsum("ij,ij->i", prior, sample.saturated)
        self.deviance = 2 * np.einsum("ij,ij->i", prior, sample.start_deviance)
        target = prior * sample.start_target
        start = _Information.of_weights(prior * sample.start, blocks, trend=trend)
        self.level, self.slope = start.solve(
            target @ blocks.indicator, target @ blocks.time if trend else np.zeros(len(target))
        )

    def run(self) -> tuple[Floats, Floats, tuple[Floats, Floats], Flags]:
        """Give levels, slopes, both of one step before, and whether each series converged."""
        before = self.level.copy(), self.slope.copy()
        converged = np.zeros(len(self.level), dtype=bool)
        live = np.arange(len(self.level))
        for step in range(1, _MOST_STEPS + 1):
            total, first, second = self._sums(live)
            done = self._settle(live, total)
            if step > 1:
                converged[live[done]] = True
                total, first, second = total[~done], first[~done], second[~done]
                live = live[~done]
            if not live.size or step == _MOST_STEPS:
                break
            before[0][live], before[1][live] = self.level[live], self.slope[live]
            by_time = self.by_time[live] - first.sum(axis=1) if self.trend else second
            information = _Information.of_sums(total, first, second)
            level, slope = information.solve(self.by_block[live] - total, by_time)
            self.level[live] += level
            self.slope[live] += slope
        return self.level, self.slope, before, converged

    def _sums(self, live: Indices) -> tuple[Floats, Floats, Floats]:
        level, slope = self.level[live], self.slope[live]
        if not self.trend:
            total = self.exposed[live] * np.exp(level)
            return total, np.zeros_like(total), np.zeros(len(live))
        weight = self.weight if live.size == len(self.weight) else self.weight[live]
        mean = _mean(level, slope, self.blocks, trend=True)
        mean *= weight
        second = mean @ self.blocks.time**2
        return mean @ self.blocks.indicator, mean @ self.blocks.timed, second

    def _settle(self, live: Indices, total: Floats) -> Flags:
        """Take the new deviance and say which series have stopped changing."""
        explained = (self.by_block[live] * self.level[live]).sum(axis=1)
        if self.trend:
            explained += self.by_time[live] * self.slope[live]
        deviance = 2 * (self.constant[live] - explained + total.sum(axis=1))
        change = np.abs(deviance - self.deviance[live]) / (np.abs(deviance) + _START_SHIFT)
        self.deviance[live] = deviance
        return np.asarray(change < _TOLERANCE)


def _inverse(values: Floats) -> Floats:
    return np.where(values > 0, 1 / np.where(values > 0, values, 1.0), 0.0)
