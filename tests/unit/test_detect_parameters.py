import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.detect import SERIES_DETECTORS
from surveillance.domain import Panel
from surveillance.errors import InputError

COUNTS = np.ones((2, 320))
PANEL = Panel(
    units=pd.DataFrame({"unit": ["a", "b"]}),
    frequency=52,
    starts=None,
    low=COUNTS,
    high=COUNTS,
    state=np.zeros(COUNTS.shape, dtype=np.int8),
)
LAST = np.array([319])


@pytest.mark.parametrize("name", sorted(SERIES_DETECTORS))
def test_an_unknown_parameter_is_refused_by_name_with_those_that_exist(name: str) -> None:
    with pytest.raises(InputError, match=rf"{name} does not know the parameter alpah.*classic"):
        SERIES_DETECTORS[name](PANEL, LAST, {"alpah": 0.1})


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("farrington_flexible", {"b": 0}),
        ("farrington_flexible", {"w": -1}),
        ("farrington_flexible", {"b": 2.5}),
        ("farrington_flexible", {"alpha": 1}),
        ("farrington_flexible", {"alpha": "small"}),
        ("farrington_flexible", {"trend": "yes"}),
        ("farrington_flexible", {"limit54": 5}),
        ("farrington_flexible", {"limit54": [5, 0]}),
        ("farrington_flexible", {"powertrans": "3/4"}),
        ("farrington_flexible", {"threshold_method": "nb"}),
        ("farrington_flexible", {"weights_threshold": 0}),
        ("farrington_flexible", {"min_reference_share": 2}),
        ("farrington_flexible", {"no_periods": 60}),
        ("gamma_poisson", {"alpha": 0}),
        ("gamma_poisson", {"windows": []}),
        ("gamma_poisson", {"windows": 4}),
        ("gamma_poisson", {"windows": [1, 0]}),
        ("gamma_poisson", {"guard_periods": 5}),
        ("gamma_poisson", {"prior_rate": 0}),
        ("gamma_poisson", {"baseline_periods": 0}),
        ("first_seen", {"quiet_periods": 0}),
        ("first_seen", {"quiet_periods": 20, "min_history_periods": 30}),
    ],
)
def test_an_impossible_value_is_refused_and_its_parameter_named(
    name: str, params: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match=rf"{name}.*{next(iter(params)).split('_')[0]}"):
        SERIES_DETECTORS[name](PANEL, LAST, params)


def test_the_offset_without_a_population_is_refused() -> None:
    with pytest.raises(InputError, match="population_offset needs a population"):
        SERIES_DETECTORS["farrington_flexible"](PANEL, LAST, {"population_offset": True})


def test_every_configured_detector_exists_and_takes_its_parameters(config_folder: Path) -> None:
    entries = tomllib.loads((config_folder / "detectors.toml").read_text(encoding="utf-8"))

    assert entries
    for entry in entries.values():
        outcome = SERIES_DETECTORS[entry["method"]](PANEL, LAST, entry["params"])
        assert outcome.alarm.shape == (2, 1)
        assert set(entry) == {"method", "version", "params", "reason"}
        assert len(entry["reason"]) > 40
