"""``farrington_flexible`` against R.

Package: R 4.2.2, surveillance 1.20.3. Call: ``farringtonFlexible(x, control =
c(list(range = range), control))``, control and range of each file in its manifest.csv.
Tolerance: prediction and dispersion 1e-7, standard error 1e-5, p-value, score and the delta
threshold 1e-6, all relative; negative binomial thresholds, trend and alarms exact.
"""

import csv
import importlib.util
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.detect.farrington_flexible import judge
from surveillance.detect.farrington_flexible.controls import read_controls
from surveillance.detect.farrington_flexible.reference import find_reference
from surveillance.detect.farrington_flexible.regression import Sample, predict
from surveillance.domain import Panel

OWN = Path(__file__).parent / "data" / "farrington_flexible"
CHECKOUT = Path(__file__).parents[2]
SHARED = CHECKOUT.parent / "shared" / "golden"
# Doubles hold about sixteen digits: a threshold of 1e15 cannot agree to the last unit.
LARGEST_EXACT = 1e12


@dataclass(frozen=True)
class Golden:
    folder: Path
    file: str
    series: str
    control: str

    def panel(self) -> Panel:
        with (self.folder / "series_meta.csv").open(encoding="utf-8") as lines:
            meta = {row["series"]: row for row in csv.DictReader(lines)}[self.series]
        rows = pd.read_csv(self.folder / "series" / f"{self.series}.csv")
        counts = rows["observed"].to_numpy(dtype=float)[None, :]
        dated = meta["epochAsDate"] == "TRUE"
        return Panel(
            units=pd.DataFrame({"unit": [self.series]}),
            frequency=int(meta["freq"]),
            starts=pd.to_datetime(rows["epoch"]).to_numpy().astype("datetime64[D]")
            if dated
            else None,
            low=counts,
            high=counts,
            state=np.zeros(counts.shape, dtype=np.int8),
            exposure=rows["population"].to_numpy(dtype=float)[None, :],
        )

    def params(self) -> dict[str, Any]:
        control = json.loads(self.control)
        return {_snake(name): value for name, value in control.items()} | {"classic": True}

    def expected(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / self.file)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]+", lambda run: f"_{run[0].lower()}", name)


def _goldens(folder: Path) -> list[Any]:
    if not (folder / "manifest.csv").is_file():
        return []
    with (folder / "manifest.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["algorithm"] == "farringtonFlexible"]
    return [
        pytest.param(
            Golden(folder, row["file"], row["series"], row["control"]), id=Path(row["file"]).stem
        )
        for row in rows
    ]


def _check_outcomes(golden: Golden) -> None:
    r = golden.expected()
    params = golden.params()

    ours = judge(golden.panel(), r["t"].to_numpy() - 1, params)

    comparable = _comparable(golden, r)
    assessed = comparable & r["upperbound"].notna().to_numpy()
    assert ((ours.reason[0] == "") == assessed)[comparable].all()
    assert (ours.alarm[0] == (r["alarm"] == 1))[comparable].all()
    upper = r["upperbound"].to_numpy()[assessed]
    exact = (upper < LARGEST_EXACT) & (params.get("threshold_method", "delta") != "delta")
    np.testing.assert_array_equal(ours.upper[0][assessed][exact], upper[exact])
    np.testing.assert_allclose(ours.upper[0][assessed], upper, rtol=1e-6)
    np.testing.assert_allclose(ours.p_value[0][assessed], r["pvalue"][assessed], rtol=1e-6)
    np.testing.assert_allclose(ours.score[0][assessed], r["score"][assessed], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(ours.expected[0][assessed], r["expected"][assessed], rtol=1e-7)


def _check_regression(golden: Golden) -> None:
    panel, controls, r = golden.panel(), read_controls(golden.params()), golden.expected()
    wanted = r[["t", "pred_fit", "phi", "pred_se", "trend"]].to_numpy(dtype=float)
    for row in np.flatnonzero(_comparable(golden, r))[::8]:
        t, fit, phi, error, trend = wanted[row]

        reference = find_reference(panel, int(t) - 1, controls=controls)
        assert reference is not None
        sample = Sample.of(panel, reference, int(t) - 1, offset=controls.population_offset)
        ours = predict(sample, reference, controls=controls)

        assert ours.usable[0] != np.isnan(fit)
        if ours.usable[0]:
            on_link = controls.threshold_method != "delta"
            our_fit = ours.log_mean[0] if on_link else ours.mean[0]
            our_error = ours.log_error[0] * (1 if on_link else ours.mean[0])
            np.testing.assert_allclose(our_fit, fit, rtol=1e-7, atol=1e-12)
            np.testing.assert_allclose(ours.dispersion[0], phi, rtol=1e-7)
            np.testing.assert_allclose(our_error, error, rtol=1e-5)
            assert ours.has_trend[0] == trend


def _comparable(golden: Golden, r: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if "m2__nouf3delta" in golden.file:
        # Separation: R's own digits are noise where the fitted mean is about 1e-9.
        return ~(r["pred_fit"] < 1e-8).to_numpy()
    return np.ones(len(r), dtype=bool)


@pytest.mark.parametrize("golden", _goldens(OWN))
def test_outcomes_agree_with_r_on_our_simulated_series(golden: Golden) -> None:
    _check_outcomes(golden)


@pytest.mark.parametrize("golden", _goldens(OWN))
def test_regressions_agree_with_r_on_our_simulated_series(golden: Golden) -> None:
    _check_regression(golden)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared reference data is not here")
@pytest.mark.parametrize("golden", _goldens(SHARED))
def test_outcomes_agree_with_r_on_its_shipped_series(golden: Golden) -> None:
    _check_outcomes(golden)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared reference data is not here")
@pytest.mark.parametrize("golden", _goldens(SHARED))
def test_regressions_agree_with_r_on_its_shipped_series(golden: Golden) -> None:
    _check_regression(golden)


def test_the_batch_agrees_with_a_plain_loop_over_statsmodels_glm() -> None:
    """Package: statsmodels 0.15.0, ``GLM(..., Poisson()).fit``; tolerance 1e-5 relative.

    Standard errors and dispersions differ a little more, for R takes its weights from the step
    before the last.
    """
    path = CHECKOUT / "benchmarks" / "farrington_flexible.py"
    spec = importlib.util.spec_from_file_location("benchmark_farrington_flexible", path)
    assert spec is not None
    assert spec.loader is not None
    slow = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up by name.
    sys.modules[spec.name] = slow
    spec.loader.exec_module(slow)
    panel, controls = slow.simulate_panel(12, seed=20), read_controls({})
    reference = find_reference(panel, 360, controls=controls)
    assert reference is not None

    batch = predict(Sample.of(panel, reference, 360, offset=False), reference, controls=controls)
    ones = [slow.predict_slowly(panel.high[row][reference.periods], reference) for row in range(12)]

    assert batch.has_trend.tolist() == [one.has_trend for one in ones]
    assert 0 < batch.has_trend.sum() < 12
    np.testing.assert_allclose(batch.mean, [one.mean for one in ones], rtol=1e-5)
    np.testing.assert_allclose(batch.dispersion, [one.dispersion for one in ones], rtol=1e-3)
    np.testing.assert_allclose(batch.log_error, [one.log_error for one in ones], rtol=1e-3)
