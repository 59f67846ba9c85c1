"""What the tests of real files ask of a parsed batch."""

from collections.abc import Callable

import pandas as pd

from surveillance.feeds.parsing import ParsedBatch

ReadAll = Callable[[str, str], dict[str, ParsedBatch]]


def is_whole(parsed: ParsedBatch) -> bool:
    """Say whether every row of the source was read, held back or set aside."""
    held = parsed.source_rows(row.row_number for row in parsed.rejected)
    return parsed.rows_present == parsed.rows_accepted + held + parsed.rows_set_aside


def numerators(parsed: ParsedBatch) -> "pd.Series[float]":
    """Give the numerators by area and year."""
    rows = parsed.rows
    keys = [rows["area_code"], rows["occurred_on"].map(lambda day: day.year)]
    return rows["numerator"].astype(float).groupby(keys).sum()


def substances(parsed: ParsedBatch) -> "pd.Series[str]":
    """Give the first substance of each record."""
    return parsed.rows["substances"].map(lambda mentions: mentions[0].substance_id)
