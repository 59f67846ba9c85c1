"""The source's own key of each row, and the columns a description adds by hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from surveillance.feeds.table import Objects, Table, objects
from surveillance.feeds.values import Faults

_HASH_LENGTH = 16
_SEPARATOR = "|"


def add_constants(table: Table, constants: Mapping[str, str]) -> Table:
    """Give the table with the description's constant columns, as if the file held them."""
    added = {name: np.full(len(table), value, dtype=object) for name, value in constants.items()}
    return replace(
        table, columns=(*table.columns, *constants), by_column={**table.by_column, **added}
    )


def source_refs(table: Table, columns: tuple[str, ...], *, faults: Faults) -> Objects:
    """Make the key of each row.

    With columns it is their texts. Without, it is a hash of the row and the number of the
    row among its equals, so that the same file always gives the same keys; a row that the
    source corrects becomes another record.

    Returns:
        Keys, shape (rows,).
    """
    if not columns:
        return _content_refs(table)
    joined = table.texts(columns[0])
    for number, column in enumerate(columns):
        texts = table.texts(column)
        faults.add((texts == "").to_numpy(), f"source_ref: {column!r} is empty")
        if number:
            joined = joined + _SEPARATOR + texts
    return joined.to_numpy(dtype=object)


def _content_refs(table: Table) -> Objects:
    hashes = pd.Series(
        [hashlib.sha256(raw.encode()).hexdigest()[:_HASH_LENGTH] for raw in table.raw], dtype=str
    )
    places = hashes.groupby(hashes).cumcount() + 1
    return objects([f"{one}-{place}" for one, place in zip(hashes, places, strict=True)])
