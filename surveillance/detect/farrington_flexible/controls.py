"""The controls of the method, under R's names in lower snake case."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from surveillance.errors import InputError

POWERS = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}
_PAIR = "two whole numbers, cases >= 0 and periods >= 1"
METHODS = ("delta", "nbPlugin", "muan")

# What Noufaily et al. settled on. Under ``classic`` a control left out has R's default.
OURS: dict[str, Any] = {
    "b": 5,
    "w": 3,
    "reweight": True,
    "weights_threshold": 2.58,
    "alpha": 0.01,
    "trend": True,
    "p_threshold_trend": 0.05,
    "limit54": (5, 4),
    "powertrans": "2/3",
    "population_offset": False,
    "no_periods": 10,
    "past_weeks_not_included": 26,
    "threshold_method": "nbPlugin",
    "min_reference_share": 0.5,
}
CLASSIC: dict[str, Any] = OURS | {
    "alpha": 0.05,
    "no_periods": 1,
    "past_weeks_not_included": None,
    "threshold_method": "delta",
    "min_reference_share": 0.0,
}


@dataclass(frozen=True)
class Controls:
    """How the reference periods are chosen, fitted and turned into a threshold.

    Attributes:
        b: years to go back.
        w: half width of the window around each anniversary, in periods.
        reweight: whether past outbreaks lose weight.
        weights_threshold: standardised Anscombe residual above which they do.
        alpha: one-sided probability of an alarm in control.
        trend: whether a linear trend may enter.
        p_threshold_trend: the trend stays only where its p-value is below this.
        limit54: cases and periods; judged only where so many cases fell into the last
            periods, the judged one among them.
        powertrans: power in which ``delta`` takes counts as normal: 2/3, 1/2 or none.
        population_offset: whether the panel's exposure enters as offset.
        no_periods: season blocks a year, the window around the anniversary being one.
        past_weeks_not_included: latest periods that are no reference; None means ``w``.
        threshold_method: delta, nbPlugin or muan.
        min_reference_share: share of the reference periods that must have been supplied.
        classic: R's defaults and R's quirks.
    """

    b: int
    w: int
    reweight: bool
    weights_threshold: float
    alpha: float
    trend: bool
    p_threshold_trend: float
    limit54: tuple[int, int]
    powertrans: str
    population_offset: bool
    no_periods: int
    past_weeks_not_included: int
    threshold_method: str
    min_reference_share: float
    classic: bool

    def __post_init__(self) -> None:
        """Refuse values that mean nothing, by name."""
        for name in ("b", "no_periods"):
            _require(self._whole(name) and getattr(self, name) >= 1, name, "a whole number >= 1")
        for name in ("w", "past_weeks_not_included"):
            _require(self._whole(name) and getattr(self, name) >= 0, name, "a whole number >= 0")
        for name in ("reweight", "trend", "population_offset", "classic"):
            _require(isinstance(getattr(self, name), bool), name, "true or false")
        for name in ("weights_threshold", "alpha", "p_threshold_trend", "min_reference_share"):
            _require(isinstance(getattr(self, name), int | float), name, "a number")
        _require(0 < self.alpha < 1, "alpha", "strictly between 0 and 1")
        _require(self.weights_threshold > 0, "weights_threshold", "above 0")
        _require(0 <= self.min_reference_share <= 1, "min_reference_share", "from 0 to 1")
        _require(self.powertrans in POWERS, "powertrans", f"one of {', '.join(POWERS)}")
        _require(
            self.threshold_method in METHODS, "threshold_method", f"one of {', '.join(METHODS)}"
        )
        cases, periods = self.limit54
        _require(cases >= 0 and periods >= 1, "limit54", _PAIR)

    def _whole(self, name: str) -> bool:
        value = getattr(self, name)
        return isinstance(value, int) and not isinstance(value, bool)


def read_controls(params: Mapping[str, Any]) -> Controls:
    """Fill in the defaults and check every value.

    Raises:
        InputError: a control is unknown or has an impossible value; the message names it.
    """
    known = {field.name for field in fields(Controls)}
    unknown = sorted(set(params) - known)
    if unknown:
        raise InputError(
            f"farrington_flexible does not know the parameter {', '.join(unknown)}. "
            f"It takes: {', '.join(sorted(known))}."
        )
    classic = params.get("classic", False)
    values = {**(CLASSIC if classic else OURS), "classic": False, **params}
    if values["past_weeks_not_included"] is None:
        values["past_weeks_not_included"] = values["w"]
    values["limit54"] = _read_pair(values["limit54"])
    return Controls(**values)


def _read_pair(value: object) -> tuple[int, int]:
    match value:
        case [int(cases), int(periods)]:
            return cases, periods
    raise InputError(f"farrington_flexible: the parameter limit54 must be {_PAIR}.")


def _require(holds: bool, name: str, wanted: str) -> None:
    if not holds:
        raise InputError(f"farrington_flexible: the parameter {name} must be {wanted}.")
