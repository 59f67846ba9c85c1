"""What a record says, as one text and one hash: equal content has an equal hash.

The place of a row in its batch and the moment we learnt of it are no content, so that the
same row in a later file is known again.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from surveillance.domain.rows import SubstanceMention, record_columns

Columns = Mapping[str, list[Any]]

_OF_THE_BATCH = {"row_number", "raw", "received_at"}
_LISTS = {"substances", "reactions"}
_TYPES: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool, "text": str}
_DIGEST_BYTES = 16


def plain_columns(rows: pd.DataFrame, kind: str) -> dict[str, list[Any]]:
    """Give the columns of records as lists with one type each, None where there is nothing.

    Args:
        rows: exactly the columns of ``record_columns(kind)``.
        kind: record kind.
    """
    columns = {}
    for column in record_columns(kind):
        values = rows[column.name].astype(object)
        if column.dtype == "list":
            listed = values.tolist()
            columns[column.name] = [one if isinstance(one, list) else [] for one in listed]
            continue
        convert = _TYPES.get(column.dtype)
        plain = values.where(values.notna(), None).tolist()
        if convert is not None and not set(map(type, plain)) <= {convert, type(None)}:
            plain = [None if value is None else convert(value) for value in plain]
        columns[column.name] = plain
    return columns


def content_hashes(columns: Columns, kind: str) -> list[str]:
    """Hash what each record says; 32 hex digits each.

    What a record lacks is left out, so that a field added to its kind changes no hash.

    Args:
        columns: as of ``plain_columns``.
        kind: record kind.
    """
    stated = [_written(name, columns[name]) for name in _stated(kind)]
    mentions = _written_mentions(columns["substances"])
    reactions = map(repr, columns["reactions"])
    return [
        digest(f"([{', '.join(filter(None, parts))}], {named}, {harms})")
        for *parts, named, harms in zip(*stated, mentions, reactions, strict=True)
    ]


def digest(*parts: str) -> str:
    """Hash texts that belong together; 32 hex digits.

    Example:
        >>> digest("a", "b") == digest("a", "b") != digest("ab")
        True
    """
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=_DIGEST_BYTES).hexdigest()


@cache
def _stated(kind: str) -> tuple[str, ...]:
    """List the columns that make a record's content, but for the lists."""
    left_out = _OF_THE_BATCH | _LISTS
    return tuple(column.name for column in record_columns(kind) if column.name not in left_out)


def _written(name: str, values: Sequence[Any]) -> list[str]:
    """Write a column's part of the content of each record, empty where it says nothing.

    The form is that of a pair in Python; hashes that are stored rest on it.
    """
    if any(type(value) is float for value in values):
        # Zero and minus zero are equal and written differently, so none may stand for the other.
        return ["" if value is None else f"({name!r}, {value!r})" for value in values]
    known = {value: f"({name!r}, {value!r})" for value in set(values)}
    known[None] = ""
    return [known[value] for value in values]


def _written_mentions(rows: Iterable[Sequence[SubstanceMention]]) -> Iterable[str]:
    known: dict[tuple[str, str, str], str] = {}
    for mentions in rows:
        texts = []
        for mention in mentions:
            key = (mention.substance_id, mention.verbatim, mention.role)
            text = known.get(key)
            if text is None:
                text = known[key] = repr(key)
            texts.append(text)
        yield f"[{', '.join(texts)}]"
