"""What a stream follows: cases, summed numerators, a rate, an estimate, or the mean of a field.

``COUNT`` counts cases. ``NUMERATOR`` sums the numerators of indicators, ``RATE`` their
denominators as well. ``VALUE`` takes the source's own estimate with the ends of its interval.
Any other measure is the name of a field whose mean is followed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveillance.domain import Floats
from surveillance.periods import PERIODS_PER_YEAR, Cadence

COUNT, NUMERATOR, RATE, VALUE = "count", "numerator", "rate", "value"
_SUMMED = (COUNT, NUMERATOR, RATE)


@dataclass(frozen=True)
class Figures:
    """What each record says of a measure: arrays of shape (records,).

    Attributes:
        low: least figure.
        high: greatest figure; equal to the least where the figure is known.
        base: what it is out of: the denominator of a rate, else 1.
    """

    low: Floats
    high: Floats
    base: Floats


def is_placed(precision: str | None, cadence: Cadence) -> bool:
    """Say whether a date of a precision lies in one period of a cadence.

    A figure of a year, dated by its first day, is no figure of that January.

    Example:
        >>> [is_placed(one, "month") for one in (None, "day", "month", "year")]
        [True, True, True, False]
    """
    lengths: list[str] = list(PERIODS_PER_YEAR)
    return precision is None or lengths.index(precision) <= lengths.index(cadence)


def is_summed(measure: str) -> bool:
    """Say whether figures of a period are added up; else their mean is taken."""
    return measure in _SUMMED


def needed_fields(measure: str) -> tuple[str, ...]:
    """List the fields without which a record says nothing of a measure."""
    if measure == COUNT:
        return ()
    return ("numerator", "denominator") if measure == RATE else (measure,)


def read_fields(measure: str) -> tuple[str, ...]:
    """List the fields, beside the counts, that a measure is made of."""
    return (VALUE, "value_low", "value_high") if measure == VALUE else needed_fields(measure)


def figures_of(records: pd.DataFrame, measure: str) -> Figures:
    """Read the figures of records that have the fields the measure needs."""
    ones = np.ones(len(records))
    if measure == COUNT:
        return Figures(_floats(records["count_low"]), _floats(records["count_high"]), ones)
    if measure == VALUE:
        value = records[VALUE]
        low, high = (
            _floats(records[end].where(records[end].notna(), value))
            for end in ("value_low", "value_high")
        )
        return Figures(low, high, ones)
    figure = _floats(records[NUMERATOR if measure == RATE else measure])
    return Figures(figure, figure, _floats(records["denominator"]) if measure == RATE else ones)


def _floats(column: "pd.Series[float]") -> Floats:
    return np.asarray(column.to_numpy("float64"), dtype=np.float64)
