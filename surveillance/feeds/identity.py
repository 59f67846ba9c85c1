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


def source_refs(
    table: Table, columns: tuple[str, ...], *, faults: Faults, earlier: Mapping[int, int]
) -> Objects:
    """Make the key of each row.

    With columns it is their texts. Without, it is a hash of the row and the number of the
    row among its equals, so that the same file always gives the same keys; a row that the
    source corrects becomes another record.

    Args:
        table: some rows of a file.
        columns: those that make the key; none: the row's content.
        faults: gets a reason for every row that lacks a part of its key.
        earlier: how often rows stood earlier in the file, as ``SeenRows`` gives it.

    Returns:
        Keys, shape (rows,).
    """
    if not columns:
        return _content_refs(table, earlier)
    joined = table.texts(columns[0])
    for number, column in enumerate(columns):
        texts = table.texts(column)
        faults.add((texts == "").to_numpy(), f"source_ref: {column!r} is empty")
        if number:
            joined = joined + _SEPARATOR + texts
    return joined.to_numpy(dtype=object)


class SeenRows:
    """The rows of a file so far, by their hash: eight bytes each."""

    def __init__(self) -> None:
        self._hashes = np.empty(0, dtype=np.uint64)

    def earlier(self, raw: Objects) -> dict[int, int]:
        """Say how often rows stood before, those that did, and note them for the next time."""
        hashes = np.array([int(_hash(one), 16) for one in raw], dtype=np.uint64)
        times = np.searchsorted(self._hashes, hashes, "right") - np.searchsorted(
            self._hashes, hashes, "left"
        )
        found = times > 0
        self._hashes = np.sort(np.concatenate([self._hashes, hashes]), kind="stable")
        return dict(zip(hashes[found].tolist(), times[found].tolist(), strict=True))


def _content_refs(table: Table, earlier: Mapping[int, int]) -> Objects:
    hashes = pd.Series([_hash(raw) for raw in table.raw], dtype=str)
    places = (hashes.groupby(hashes).cumcount() + 1).tolist()
    if earlier:
        before = [earlier.get(int(one, 16), 0) for one in hashes]
        places = [place + more for place, more in zip(places, before, strict=True)]
    return objects([f"{one}-{place}" for one, place in zip(hashes, places, strict=True)])


def _hash(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()[:_HASH_LENGTH]
