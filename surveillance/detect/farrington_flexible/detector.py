"""The detector: reference periods, regression and threshold of every judged period."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from surveillance.counts import running_sums
from surveillance.detect.farrington_flexible.controls import Controls, read_controls
from surveillance.detect.farrington_flexible.reference import (
    Indices,
    Reference,
    find_reference,
)
from surveillance.detect.farrington_flexible.regression import Prediction, Sample, predict
from surveillance.detect.farrington_flexible.thresholds import Threshold, find_threshold
from surveillance.domain import (
    NOT_SUPPLIED,
    STATE_REASONS,
    Flags,
    Floats,
    Outcomes,
    Panel,
    Texts,
)
from surveillance.errors import InputError

# So many series are fitted at a time, which bounds the memory whatever the panel.
_CHUNK = 1_000
_ARRAYS = tuple(field.name for field in fields(Outcomes) if field.name != "judged")
TOO_SHORT = "too little history: the reference periods begin before the series does"
TOO_FEW = "too little history: too few reference periods were supplied"
NO_CASE = "no case in any reference window: no mean can be estimated"
NO_FIT = "no regression converged"
NO_BOUND = "the regression gives no finite threshold"
NO_EXPOSURE = "no population is known for this period or its reference periods"


def judge(panel: Panel, judged: Indices, params: Mapping[str, Any], /) -> Outcomes:
    """Judge periods by a log-linear regression on the same season of earlier years.

    Args:
        panel: counts; where a count is an interval the judged one is taken at its lowest
            and the reference counts at their highest.
        judged: indices of the periods to judge, shape (judged,).
        params: controls under R's names in lower snake case; see ``Controls``.

    Raises:
        InputError: a control is unknown or impossible, or the offset is asked for and the
            panel has no exposure.

    Source: Noufaily et al. (2013), doi:10.1002/sim.5595; R surveillance 1.20.3,
    ``farringtonFlexible``.
    """
    controls = read_controls(params)
    if controls.population_offset and panel.exposure is None:
        raise InputError(
            "farrington_flexible: population_offset needs a population. Add the column "
            "population to the counts, or set population_offset to false."
        )
    references = [find_reference(panel, int(period), controls=controls) for period in judged]
    parts = [
        _judge_part(panel.take(rows), judged, references, controls)
        for rows in np.array_split(np.arange(len(panel)), max(1, -(-len(panel) // _CHUNK)))
    ]
    return Outcomes(
        judged=judged,
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS},
    )


def _judge_part(
    panel: Panel, judged: Indices, references: list[Reference | None], controls: Controls
) -> Outcomes:
    outcomes = Outcomes.not_assessed(panel, judged, "")
    enough = _enough_cases(panel, judged, controls)
    for column, (period, reference) in enumerate(zip(judged, references, strict=True)):
        reason = _state_reasons(panel, int(period))
        if reference is None:
            outcomes.reason[:, column] = np.where(reason == "", TOO_SHORT, reason)
            continue
        sample = Sample.of(panel, reference, int(period), offset=controls.population_offset)
        prediction = predict(sample, reference, controls=controls)
        count = panel.low[:, period]
        with np.errstate(all="ignore"):
            threshold = find_threshold(count, prediction, controls=controls)
        _explain(reason, _blind_spots(sample, reference, prediction, controls))
        _explain(reason, [(~np.isfinite(threshold.upper), NO_BOUND)])
        _explain(reason, [(~enough[:, column], _too_few_cases(controls))])
        outcomes.reason[:, column] = reason
        _write(outcomes, column, count, threshold)
    return outcomes


def _state_reasons(panel: Panel, period: int) -> Texts:
    state = np.where(np.isnan(panel.low[:, period]), NOT_SUPPLIED, panel.state[:, period])
    reason = np.full(len(panel), "", dtype=object)
    _explain(reason, [(state == kind, why) for kind, why in STATE_REASONS.items()])
    return reason


def _blind_spots(
    sample: Sample, reference: Reference, prediction: Prediction, controls: Controls
) -> list[tuple[Flags, str]]:
    """List why series cannot be judged, the most basic reason first."""
    supplied = sample.present.sum(axis=1)
    wanted = max(controls.min_reference_share * reference.periods.size, 1.0)
    spots = [(supplied < wanted, TOO_FEW)]
    if sample.judged_exposure is not None:
        spots.insert(0, (~(sample.judged_exposure > 0), NO_EXPOSURE))
    if not controls.classic:
        window = reference.block == reference.blocks - 1
        spots.append((sample.count[:, window].sum(axis=1) == 0, NO_CASE))
    return [*spots, (~prediction.usable, NO_FIT)]


def _enough_cases(panel: Panel, judged: Indices, controls: Controls) -> Flags:
    """Say where the last periods hold enough cases, shape (units, judged)."""
    cases, periods = controls.limit54
    known = running_sums(np.nan_to_num(panel.low))
    return np.asarray(known[:, judged + 1] - known[:, np.maximum(judged + 1 - periods, 0)] >= cases)


def _too_few_cases(controls: Controls) -> str:
    cases, periods = controls.limit54
    return f"fewer than {cases} cases in the last {periods} periods (limit54)"


def _explain(reason: Texts, spots: list[tuple[Flags, str]]) -> None:
    """Fill in reasons in place, leaving those that are already given."""
    for blind, why in spots:
        reason[blind & (reason == "")] = why


def _write(outcomes: Outcomes, column: int, count: Floats, threshold: Threshold) -> None:
    assessed = outcomes.reason[:, column] == ""
    for name in ("expected", "lower", "upper", "p_value", "score"):
        getattr(outcomes, name)[assessed, column] = getattr(threshold, name)[assessed]
    outcomes.alarm[:, column] = assessed & (count > threshold.upper) & (count > 0)
