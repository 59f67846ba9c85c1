"""Count distributions and windows: the arithmetic that several detectors share.

A count is Poisson or negative binomial. Both are written with a mean and a size; the
variance is ``mean + mean**2 / size``, so an infinite size is Poisson. All functions work
on whole arrays and accept anything that broadcasts.
"""

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
_TINY = float(np.finfo(np.float64).tiny)
# Below this the incomplete beta and gamma functions lose digits before they reach zero.
_SAFE_TAIL = 1e-280
_MOST_TERMS = 100_000


def upper_tail(
    count: npt.ArrayLike, *, mean: npt.ArrayLike, size: npt.ArrayLike = np.inf
) -> Floats:
    """Probability of this count or more, ``P(X >= count)``.

    It is never below 2.2e-308, so that its logarithm is finite; ``log_upper_tail`` gives
    the digits beyond. Where an argument is NaN, or the mean is infinite, it is NaN.

    Args:
        count: counts; a fraction counts as the next whole number.
        mean: means, not negative.
        size: sizes of the negative binomial, positive; infinite means Poisson.

    Example:
        >>> [round(float(p), 4) for p in upper_tail([0, 1, 2], mean=0.1)]
        [1.0, 0.0952, 0.0047]
    """
    tail = _raw_tail(count, mean, size)
    return np.maximum(tail, _TINY, out=tail)


def log_upper_tail(
    count: npt.ArrayLike, *, mean: npt.ArrayLike, size: npt.ArrayLike = np.inf
) -> Floats:
    """Natural logarithm of ``P(X >= count)``, also where the probability itself underflows.

    Example:
        >>> round(float(log_upper_tail(2000, mean=1.0)), 3)
        -13207.524
    """
    counts, means, sizes = _broadcast(count, mean, size)
    tail = _raw_tail(counts, means, sizes)
    deep = (tail < _SAFE_TAIL) & (means > 0)
    with np.errstate(divide="ignore"):
        logged = np.asarray(np.log(tail))
    logged[deep] = _deep_log_tail(counts[deep], means[deep], sizes[deep])
    return logged


def smallest_count_beyond(
    alpha: npt.ArrayLike, *, mean: npt.ArrayLike, size: npt.ArrayLike = np.inf
) -> Floats:
    """Smallest count whose upper tail is at most alpha: the first count that is too many.

    One less is the ``1 - alpha`` quantile. SciPy's own quantile of the negative binomial is
    not used: on non-finite input it can end the whole process (SciPy 1.17.1).

    Args:
        alpha: probabilities strictly between 0 and 1.
        mean: means, not negative.
        size: sizes, positive; infinite means Poisson.

    Returns:
        Whole numbers of at least 1, NaN where an argument is not finite (but for size).

    Example:
        >>> smallest_count_beyond(0.001, mean=[0.02, 0.27, 2.0, 9.0]).tolist()
        [2.0, 4.0, 9.0, 21.0]
    """
    alphas, means, sizes = _broadcast(alpha, mean, size)
    answer = np.full(means.shape, np.nan)
    usable = np.isfinite(alphas) & np.isfinite(means) & ~np.isnan(sizes)
    chosen = alphas[usable], means[usable], sizes[usable]
    answer[usable] = _bisect(*chosen, *_bracket(*chosen))
    return answer


def trailing_sums(values: Floats, *, width: int) -> Floats:
    """Sum over each period and the ``width - 1`` before it.

    Args:
        values: shape (units, periods); NaN makes every sum that holds it NaN.
        width: periods that are summed, at least 1.

    Returns:
        Shape (units, periods); NaN where fewer than ``width`` periods have passed.

    Example:
        >>> trailing_sums(np.array([[1.0, 2.0, 4.0]]), width=2).tolist()
        [[nan, 3.0, 6.0]]
    """
    missing = np.isnan(values)
    known = running_sums(np.where(missing, 0.0, values))
    gaps = running_sums(missing.astype(np.float64))
    sums = np.full(values.shape, np.nan)
    sums[:, width - 1 :] = known[:, width:] - known[:, :-width]
    sums[:, width - 1 :][gaps[:, width:] > gaps[:, :-width]] = np.nan
    return sums


def running_sums(values: Floats) -> Floats:
    """Sum of all periods before each, with one column more for all of them.

    Column ``j`` minus column ``i`` is the sum over the periods ``i`` to ``j - 1``.
    """
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _broadcast(*arguments: npt.ArrayLike) -> tuple[Floats, ...]:
    arrays = [np.asarray(argument, dtype=np.float64) for argument in arguments]
    return tuple(np.array(array) for array in np.broadcast_arrays(*arrays))


def _raw_tail(count: npt.ArrayLike, mean: npt.ArrayLike, size: npt.ArrayLike) -> Floats:
    counts, means, sizes = _broadcast(count, mean, size)
    counts = np.ceil(counts)
    tail = np.ones(counts.shape)
    known = np.isfinite(counts) & np.isfinite(means) & ~np.isnan(sizes)
    tail[~known] = np.nan
    poisson = known & (counts > 0) & np.isinf(sizes)
    mixed = known & (counts > 0) & np.isfinite(sizes)
    tail[poisson] = special.gammainc(counts[poisson], means[poisson])
    share = means[mixed] / (means[mixed] + sizes[mixed])
    tail[mixed] = special.betainc(counts[mixed], sizes[mixed], share)
    return tail


def _deep_log_tail(counts: Floats, means: Floats, sizes: Floats) -> Floats:
    """Add up the tail as its first term times a series of falling ratios."""
    counts = np.ceil(counts)
    poisson = np.isinf(sizes)
    finite_sizes = np.where(poisson, 1.0, sizes)
    share = np.where(poisson, 0.0, means / (means + finite_sizes))
    first = np.where(
        poisson,
        special.xlogy(counts, means) - means - special.gammaln(counts + 1),
        special.gammaln(counts + finite_sizes)
        - special.gammaln(finite_sizes)
        - special.gammaln(counts + 1)
        + special.xlogy(counts, share)
        + finite_sizes * np.log1p(-share),
    )
    total, term = np.ones(counts.shape), np.ones(counts.shape)
    for step in range(_MOST_TERMS):
        place = counts + step
        term = term * np.where(poisson, means, share * (place + finite_sizes)) / (place + 1)
        total += term
        if not np.any(term > total * 1e-17):
            break
    return np.asarray(first + np.log(total))


def _bracket(alphas: Floats, means: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Find counts below and above the answer, starting from a normal approximation."""
    deviation = np.sqrt(means + means**2 / sizes)
    z = -special.ndtri(alphas)
    # Second Cornish-Fisher term: without it the guess misses skewed counts by many steps.
    skew = (1 + 2 * means / sizes) * (z**2 - 1) / 6
    guess = np.maximum(np.floor(means + deviation * z + skew), 0.0)
    step = np.maximum(1.0, np.floor(deviation / 32))
    low, high = np.maximum(guess - step, 0.0), guess + step
    _widen(alphas, means, sizes, edge=high, step=step.copy(), towards=1)
    _widen(alphas, means, sizes, edge=low, step=step, towards=-1)
    return low, high


def _widen(
    alphas: Floats, means: Floats, sizes: Floats, *, edge: Floats, step: Floats, towards: int
) -> None:
    """Move an edge outwards in place until it lies on its side of the answer."""
    open_ = np.arange(edge.size)
    while open_.size:
        tail = _raw_tail(edge[open_], means[open_], sizes[open_])
        wrong = tail > alphas[open_] if towards > 0 else tail <= alphas[open_]
        open_ = open_[wrong]
        edge[open_] = np.maximum(edge[open_] + towards * step[open_], 0.0)
        step[open_] *= 2


def _bisect(alphas: Floats, means: Floats, sizes: Floats, low: Floats, high: Floats) -> Floats:
    open_ = np.flatnonzero(high - low > 1)
    while open_.size:
        middle = np.floor((low[open_] + high[open_]) / 2)
        beyond = _raw_tail(middle, means[open_], sizes[open_]) <= alphas[open_]
        high[open_[beyond]] = middle[beyond]
        low[open_[~beyond]] = middle[~beyond]
        open_ = open_[high[open_] - low[open_] > 1]
    return high
