"""Count tables and outcome tables: what ``dews detect`` reads and writes.

Only frames go in and out; reading and writing files is the command's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import COMPLETE, NOT_SUPPLIED, Floats, Outcomes, Panel
from surveillance.errors import InputError
from surveillance.periods import PERIODS_PER_YEAR, Cadence, Days, period_starts

Indices = npt.NDArray[np.intp]
NEEDED = ("series", "period", "count")
OUTCOME_COLUMNS = (
    "series",
    "period",
    "observed",
    "expected",
    "upper",
    "p_value",
    "score",
    "alarm",
    "reason",
)
_MISSING = ("", "NA", "NaN", "nan")
_NAMED_ROWS = 5
# More than a century of days: a mistyped period, not a series.
_MOST_PERIODS = 40_000
_CADENCES: dict[int, Cadence] = {52: "week", 12: "month", 365: "day", 7: "day"}
_SHORTEST_MONTH = np.timedelta64(28, "D")
_WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class CountTable:
    """A panel, the labels of its periods, and where each count stood in the table.

    Attributes:
        panel: the counts; a period without a row is not supplied.
        labels: each period as the table writes it, shape (periods,).
        place: row of the table, shape (units, periods); NaN where there was none.
    """

    panel: Panel
    labels: list[str]
    place: Floats

    def between(self, first: str | None, last: str | None) -> Indices:
        """Give the indices of the periods from one label to another, both included.

        Raises:
            InputError: a label is no period, or no period lies between them.
        """
        dated = self.panel.starts is not None
        ordinals = np.array([_ordinal(label, dated=dated) for label in self.labels])
        low = ordinals[0] if first is None else _ordinal(first, dated=dated, option="--from")
        high = ordinals[-1] if last is None else _ordinal(last, dated=dated, option="--to")
        found = np.flatnonzero((ordinals >= low) & (ordinals <= high))
        if not found.size:
            raise InputError(
                f"No period lies from {first or self.labels[0]} to {last or self.labels[-1]}. The "
                f"table holds {self.labels[0]} to {self.labels[-1]}; nothing was judged."
            )
        return found


def read_counts(rows: pd.DataFrame, *, frequency: int | None) -> CountTable:
    """Turn a table of texts into a panel.

    Args:
        rows: columns ``series, period, count`` and perhaps ``population`` and ``expected``,
            all of them text; an empty field or NA is not supplied.
        frequency: seasons a year where periods are whole numbers; None where they are dates.

    Raises:
        InputError: a column is missing, a value cannot be read, or a series has a period
            twice; the message names the rows.
    """
    _check_columns(rows)
    periods, labels, starts, frequency = _read_periods(rows["period"], frequency)
    series, names = pd.factorize(rows["series"])
    _refuse_repeats(rows, series, periods)

    def spread(values: Floats) -> Floats:
        grid = np.full((len(names), len(labels)), np.nan)
        grid[series, periods] = values
        return grid

    counts = spread(_read_numbers(rows, "count", holds=_is_count, wanted="a whole number >= 0"))
    exposure = expected = None
    if "population" in rows:
        exposure = spread(
            _read_numbers(rows, "population", holds=_is_positive, wanted="a number above 0")
        )
    if "expected" in rows:
        expected = spread(_read_numbers(rows, "expected", holds=_is_amount, wanted="a number >= 0"))
    panel = Panel(
        units=pd.DataFrame({"unit": names.astype(str)}),
        frequency=frequency,
        starts=starts,
        low=counts,
        high=counts,
        state=np.where(np.isnan(counts), NOT_SUPPLIED, COMPLETE).astype(np.int8),
        exposure=exposure,
        expected=expected,
        cadence=None if starts is None else _CADENCES[frequency],
    )
    return CountTable(panel, labels, spread(np.arange(len(rows), dtype=np.float64)))


def outcome_rows(table: CountTable, outcomes: Outcomes) -> pd.DataFrame:
    """Lay outcomes out as one row per series and judged period, in the table's order.

    A period without a row of its own follows the one before it.
    """
    judged, units = outcomes.judged, table.panel.units["unit"].to_numpy()
    shape = outcomes.observed.shape
    place = pd.DataFrame(table.place).ffill(axis=1).bfill(axis=1).to_numpy()[:, judged]
    order = np.lexsort((np.broadcast_to(judged, shape).ravel(), place.ravel()))
    unit, period = (grid.ravel()[order] for grid in np.indices(shape))
    columns = {
        "series": units[unit],
        "period": np.array(table.labels, dtype=object)[judged[period]],
        "observed": pd.array(outcomes.observed.ravel()[order], dtype="Float64").astype("Int64"),
        **{
            name: getattr(outcomes, name).ravel()[order]
            for name in ("expected", "upper", "p_value", "score")
        },
        "alarm": outcomes.alarm.ravel()[order].astype(np.int64),
        "reason": outcomes.reason.ravel()[order],
    }
    return pd.DataFrame(columns, columns=list(OUTCOME_COLUMNS))


def _check_columns(rows: pd.DataFrame) -> None:
    missing = [name for name in NEEDED if name not in rows]
    if missing:
        raise InputError(
            f"The count table lacks the column {', '.join(missing)}; it has "
            f"{', '.join(map(str, rows.columns)) or 'none'}. It needs series,period,count and may "
            "have population and expected, separated by commas. Nothing was judged."
        )
    if rows.empty:
        raise InputError("The count table holds no rows. Nothing was judged.")
    _refuse(rows["series"].str.strip() == "", "series", "is empty", rows["series"])


def _read_periods(
    texts: pd.Series, frequency: int | None
) -> tuple[Indices, list[str], Days | None, int]:
    """Give each row's period, the periods' labels and starts, and the frequency."""
    numbered = texts.str.fullmatch(r"\s*[+-]?\d{1,9}\s*")
    if numbered.all():
        if frequency is None:
            raise InputError(
                f"The periods are whole numbers such as {texts.iloc[0]}. Say with --frequency how "
                "many make a season: 52, 12, 7 or 365. Nothing was judged."
            )
        index = texts.astype(int).to_numpy()
        _refuse_span(int(index.max()) - int(index.min()), texts)
        labels = [str(label) for label in range(index.min(), index.max() + 1)]
        return index - index.min(), labels, None, frequency
    days = pd.to_datetime(texts.str.strip(), format="%Y-%m-%d", errors="coerce")
    _refuse(days.isna(), "period", "is no ISO date such as 2026-09-28", texts)
    dates = days.to_numpy().astype("datetime64[D]")
    _refuse_span(int((dates.max() - dates.min()).astype(np.int64)), texts)
    cadence = _find_cadence(np.unique(dates), frequency)
    starts = _grid(dates, cadence)
    places = np.minimum(np.searchsorted(starts, dates), len(starts) - 1)
    astray = pd.Series(starts[places] != dates, index=texts.index)
    _refuse(astray, "period", f"is not the first day of a {cadence} as in the other rows", texts)
    return places, list(map(str, starts)), starts, frequency or PERIODS_PER_YEAR[cadence]


def _refuse_span(steps: int, texts: "pd.Series[str]") -> None:
    if steps > _MOST_PERIODS:
        raise InputError(
            f"The count table spans {steps:,} periods or days, from {min(texts)} to {max(texts)}; "
            f"at most {_MOST_PERIODS:,} can be judged. Look for a mistyped period."
        )


def _find_cadence(dates: Days, frequency: int | None) -> Cadence:
    if frequency is not None:
        return _CADENCES[frequency]
    steps = np.diff(dates)
    if not steps.size:
        return "week"
    if steps.min() >= _SHORTEST_MONTH and np.all(dates == dates.astype("datetime64[M]")):
        return "month"
    return "day" if np.any(steps.astype(np.int64) % 7) else "week"


def _grid(dates: Days, cadence: Cadence) -> Days:
    """List every period from the first date to the last; weeks begin with the first's weekday."""
    first, last = dates.min(), dates.max()
    if cadence == "week":
        return np.arange(first, last + 1, _WEEK)
    return period_starts(cadence, first.item(), last.item())


def _ordinal(text: str, *, dated: bool, option: str = "period") -> int:
    try:
        return date.fromisoformat(text).toordinal() if dated else int(text)
    except ValueError as error:
        wanted = "an ISO date such as 2026-09-28" if dated else "a whole number, as in the table"
        raise InputError(f"{option} {text!r} must be {wanted}. Nothing was judged.") from error


def _read_numbers(
    rows: pd.DataFrame, name: str, *, holds: Callable[[Floats], npt.NDArray[np.bool_]], wanted: str
) -> Floats:
    texts = rows[name].str.strip()
    missing = texts.isin(_MISSING)
    numbers = pd.to_numeric(texts.mask(missing), errors="coerce").to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore"):
        wrong = ~missing & ~holds(numbers)
    _refuse(wrong, name, f"is not {wanted}", rows[name])
    return numbers


def _is_count(numbers: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(_is_amount(numbers) & (numbers == np.floor(numbers)))


def _is_amount(numbers: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(numbers) & (numbers >= 0))


def _is_positive(numbers: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(numbers) & (numbers > 0))


def _refuse_repeats(rows: pd.DataFrame, series: Indices, periods: Indices) -> None:
    repeated = pd.DataFrame({"series": series, "period": periods}).duplicated(keep=False)
    repeated.index = rows.index
    _refuse(repeated, "series and period", "stand in more than one row", rows["period"])


def _refuse(wrong: "pd.Series[bool]", what: str, fault: str, texts: "pd.Series[str]") -> None:
    """Raise one error that names the first wrong rows, the first data row being 1."""
    places = np.flatnonzero(wrong.to_numpy())
    if not places.size:
        return
    named = ", ".join(f"{place + 1} ({texts.iloc[place]!r})" for place in places[:_NAMED_ROWS])
    more = "" if places.size <= _NAMED_ROWS else f" and {places.size - _NAMED_ROWS:,} more"
    raise InputError(
        f"The count table: {what} {fault} in data row {named}{more}. Nothing was judged; mend "
        "these rows and run the command again."
    )
