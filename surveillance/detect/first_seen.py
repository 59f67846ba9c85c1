"""A substance that an area has not seen before, or not for a long time.

It is a rule, not a test: there is no p-value. docs/detectors/first_seen.md says when it is
blind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from surveillance.counts import running_sums
from surveillance.domain import COMPLETE, NOT_SUPPLIED, STATE_REASONS, Flags, Outcomes, Panel
from surveillance.errors import InputError

Indices = npt.NDArray[np.intp]
LITTLE_HISTORY = "too little history to call it new"


@dataclass(frozen=True)
class Settings:
    """When something counts as new.

    Attributes:
        quiet_periods: periods without any before it is new again.
        min_history_periods: periods of those that must have been supplied.
        classic: accepted as everywhere; the rule has no R original and ignores it.
    """

    quiet_periods: int = 104
    min_history_periods: int = 52
    classic: bool = False

    def __post_init__(self) -> None:
        """Refuse values that mean nothing, by name."""
        lengths = (self.quiet_periods, self.min_history_periods)
        if not all(map(_is_length, lengths)):
            raise InputError(
                "first_seen: quiet_periods and min_history_periods must be whole numbers >= 1."
            )
        if self.min_history_periods > self.quiet_periods:
            raise InputError("first_seen: min_history_periods must not exceed quiet_periods.")


def judge(panel: Panel, judged: Indices, params: Mapping[str, Any], /) -> Outcomes:
    """Alarm where something is counted now and nothing was in the quiet periods before.

    The score is the number of periods since it was last seen, or, where it never was, the
    number of earlier periods supplied.

    Args:
        panel: counts; now at its lowest, before at its highest: where an interval allows
            that it was there already, it is not new.
        judged: indices of the periods to judge, shape (judged,).
        params: see ``Settings``.

    Raises:
        InputError: a parameter is unknown or impossible.
    """
    settings = _read_settings(params)
    outcomes = Outcomes.not_assessed(panel, judged, "")
    seen_before = _last_seen(panel)[:, judged]
    ago = np.where(seen_before >= 0, judged - seen_before, np.inf)
    supplied = running_sums(((panel.state == COMPLETE) & ~np.isnan(panel.high)).astype(np.float64))
    recent = supplied[:, judged] - supplied[:, np.maximum(judged - settings.quiet_periods, 0)]
    quiet = ago > settings.quiet_periods
    state = np.where(np.isnan(panel.low), NOT_SUPPLIED, panel.state)[:, judged]
    for kind, why in STATE_REASONS.items():
        outcomes.reason[state == kind] = why
    too_little = quiet & (recent < settings.min_history_periods)
    outcomes.reason[too_little & (outcomes.reason == "")] = LITTLE_HISTORY
    assessed: Flags = outcomes.reason == ""
    score = np.where(np.isfinite(ago), ago, supplied[:, judged])
    outcomes.score[assessed] = score[assessed]
    outcomes.alarm[:] = assessed & quiet & (outcomes.observed > 0)
    return outcomes


def _last_seen(panel: Panel) -> Indices:
    """Give the last period before each in which something was counted, -1 where none was."""
    places = np.where(panel.high > 0, np.arange(panel.high.shape[1]), -1)
    latest = np.maximum.accumulate(places, axis=1)
    before = np.full(latest.shape, -1, dtype=np.intp)
    before[:, 1:] = latest[:, :-1]
    return before


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _read_settings(params: Mapping[str, Any]) -> Settings:
    known = sorted(field.name for field in fields(Settings))
    unknown = sorted(set(params) - set(known))
    if unknown:
        raise InputError(
            f"first_seen does not know the parameter {', '.join(unknown)}. "
            f"It takes: {', '.join(known)}."
        )
    return Settings(**params)
