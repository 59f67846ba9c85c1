"""How often ``gamma_poisson`` alarms in series in which nothing happens.

It prints the table of docs/detectors/gamma_poisson.md: for each kind of series the share of
weeks with an alarm and the number of new alarms a year (one after at least four weeks without).

Example: python benchmarks/gamma_poisson_false_alarms.py
"""

import argparse
import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import Flags, Panel

Floats = npt.NDArray[np.float64]
WEEKS, JUDGED = 260, 104
MEANS = (0.02, 0.1, 0.5, 2.0, 10.0)
KINDS = ("Poisson", "variance twice the mean", "season, summer twice winter", "growth 20 % a year")


def simulate(kind: str, *, mean: float, series: int, draws: np.random.Generator) -> Floats:
    """Draw weekly counts, shape (series, weeks), in control."""
    week = np.arange(WEEKS)
    means = np.full((series, WEEKS), mean)
    if kind.startswith("season"):
        means = means * (1 + np.sin(2 * np.pi * week / 52) / 3)
    if kind.startswith("growth"):
        means = means * 1.2 ** ((week - WEEKS) / 52)
    if kind.startswith("variance"):
        return draws.negative_binomial(mean, 0.5, means.shape).astype(np.float64)
    return draws.poisson(means).astype(np.float64)


def new_alarms(alarm: Flags) -> Flags:
    """Keep alarms that follow at least four weeks without one."""
    recent = sum(
        np.pad(alarm, ((0, 0), (back, 0)))[:, : alarm.shape[1]].astype(int) for back in range(1, 5)
    )
    return np.asarray(alarm & (recent == 0))


def main() -> None:
    """Print one line for each kind of series and mean."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=2_000)
    options.add_argument("--alpha", type=float, default=0.01)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    draws = np.random.default_rng(chosen.seed)
    judged = np.arange(WEEKS - JUDGED, WEEKS)
    print("| series | mean a week | weeks with an alarm | new alarms a series-year |")
    print("|---|---|---|---|")
    for kind, mean in itertools.product(KINDS, MEANS):
        counts = simulate(kind, mean=mean, series=chosen.series, draws=draws)
        panel = Panel(
            units=pd.DataFrame({"unit": range(chosen.series)}),
            frequency=52,
            starts=None,
            low=counts,
            high=counts,
            state=np.zeros(counts.shape, dtype=np.int8),
        )
        alarm = SERIES_DETECTORS["gamma_poisson"](panel, judged, {"alpha": chosen.alpha}).alarm
        yearly = new_alarms(alarm).sum() / (chosen.series * JUDGED / 52)
        print(f"| {kind} | {mean} | {alarm.mean():.2%} | {yearly:.2f} |")


if __name__ == "__main__":
    main()
