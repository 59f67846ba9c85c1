"""Which periods a judged period is compared with, and their season blocks.

It follows R's ``surveillance`` 1.20.3 (``algo.farrington.referencetimepoints``, ``blocks``
and ``algo.farrington.data.glm``), whose behaviour is described in docs/detectors.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from surveillance.detect.farrington_flexible.controls import Controls
from surveillance.domain import Floats, Panel
from surveillance.errors import InputError
from surveillance.periods import Days

Indices = npt.NDArray[np.intp]
_WEEKS, _MONTHS, _DAYS_A_YEAR = 52, 12, 365


@dataclass(frozen=True)
class Reference:
    """The reference periods of one judged period, the same for every series.

    Attributes:
        periods: indices into the panel's periods, shape (n,), oldest first.
        block: season block of each, shape (n,), numbered from 0.
        time: time of each in steps of the panel, measured from the judged period, shape (n,).
        blocks: how many blocks there are; the last is the one of the judged period.
    """

    periods: Indices
    block: Indices
    time: Floats
    blocks: int


def find_reference(panel: Panel, judged: int, *, controls: Controls) -> Reference | None:
    """Choose the reference periods; None where they would begin before the panel does.

    Raises:
        InputError: there are more season blocks than periods to fill them.
    """
    anniversaries = find_anniversaries(panel, judged, years=controls.b)
    if anniversaries is None or anniversaries[-1] - controls.w < 0:
        return None
    levels = _season_blocks(anniversaries, len_=panel.low.shape[1], controls=controls)
    levels[max(judged - controls.past_weeks_not_included, 0) :] = -1
    chosen = np.flatnonzero(levels >= 0)
    return Reference(
        periods=chosen,
        block=levels[chosen],
        time=_elapsed(panel, chosen, judged),
        blocks=controls.no_periods,
    )


def find_anniversaries(panel: Panel, judged: int, *, years: int) -> Indices | None:
    """Locate the judged period and the same period of each year before, latest first.

    Weeks: the same date moved to the nearest equal weekday. Without dates, or with a season
    that is not a year, whole multiples of the frequency.
    """
    if panel.starts is None or panel.frequency not in (_WEEKS, _MONTHS, _DAYS_A_YEAR):
        found = judged - panel.frequency * np.arange(years + 1)
        return found if found[-1] >= 0 else None
    today = panel.starts[judged].astype("datetime64[D]")
    dates = np.array([_years_before(today, years=back) for back in range(years + 1)])
    if panel.frequency == _WEEKS:
        off = (dates - today).astype(np.int64) % 7
        dates = dates - np.where(off > 3, off - 7, off)  # noqa: PLR2004 - half a week
    found = np.searchsorted(panel.starts, dates)
    return found if np.array_equal(panel.starts[found], dates) else None


def _years_before(day: np.datetime64, *, years: int) -> np.datetime64:
    month = day.astype("datetime64[M]")
    day_of_month = day - month.astype("datetime64[D]")
    # 29 February rolls over to 1 March, as R's seq.Date does.
    return np.datetime64((month - 12 * years).astype("datetime64[D]") + day_of_month)


def _season_blocks(anniversaries: Indices, *, len_: int, controls: Controls) -> Indices:
    """Number every period's block: windows the last, the rest of each year before it."""
    last, width = controls.no_periods - 1, controls.w
    levels = np.full(len_, -1, dtype=np.intp)
    levels[max(anniversaries[0] - width, 0) : anniversaries[0] + 1] = last
    for later, earlier in pairwise(anniversaries):
        levels[earlier - width : earlier + width + 1] = last
        if last > 0:
            start = earlier + width + 1
            levels[start : later - width] = _shares(int(later - width - start), last)
    return levels


def _shares(periods: int, blocks: int) -> Indices:
    """Split periods into blocks of equal length, remainders to the first ones."""
    length, rest = divmod(periods, blocks)
    if length < 1:
        raise InputError(
            f"farrington_flexible: no_periods is too large: {blocks} blocks do not fit into "
            f"the {max(periods, 0)} periods between two windows. Lower no_periods or w."
        )
    sizes = np.full(blocks, length)
    sizes[:rest] += 1
    return np.repeat(np.arange(blocks), sizes)


def _elapsed(panel: Panel, chosen: Indices, judged: int) -> Floats:
    starts: Days | None = panel.starts
    if starts is None or len(starts) < 2:  # noqa: PLR2004 - a step lies between two dates
        return (chosen - judged).astype(np.float64)
    days = (starts - starts[judged]).astype("timedelta64[D]").astype(np.float64)
    # The first step of the panel is R's unit of time, also where months differ in length.
    return np.asarray(days[chosen] / (days[1] - days[0]))
