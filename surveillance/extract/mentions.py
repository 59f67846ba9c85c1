"""Texts -> mentions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from surveillance.register import Recognition, SubstanceRegister

MENTION_COLUMNS = (
    "row",
    "substance_id",
    "name",
    "group",
    "matched_text",
    "how",
    "confidence",
    "negated",
    "historical",
    "probable",
    "marker_of",
    "start",
    "end",
)


def extract(
    texts: Sequence[str], substances: SubstanceRegister, *, first_row: int = 1
) -> pd.DataFrame:
    """Find the substances that texts name; a text that comes again is read once.

    Args:
        texts: free words, one text a row; an empty text names nothing.
        substances: what is known.
        first_row: number of the first text.

    Returns:
        One row a mention with the columns ``MENTION_COLUMNS``, in the order of the texts.
        ``group`` is the group right above the substance, or the group itself; ``marker_of``
        lists ids between upright strokes; ``start`` and ``end`` are places in the text,
        counted in signs from 0. See :class:`surveillance.register.Recognition`.

    Example:
        >>> from pathlib import Path
        >>> from surveillance.register import load_register
        >>> substances = load_register(Path("config")).substances
        >>> extract(["skag", "", "no fentanyl"], substances)[["row", "name", "negated"]].values
        array([[1, 'Heroin', False],
               [3, 'Fentanyl', True]], dtype=object)
    """
    places, distinct = pd.factorize(pd.Series(list(texts), dtype="object"))
    rows_of_all: list[tuple[object, ...]] = []
    numbers = np.zeros(len(distinct) + 1, dtype=np.int64)
    groups: dict[str, str] = {}
    for place, text in enumerate(distinct):
        found = substances.read(text)
        numbers[place + 1] = len(found)
        for one in found:
            group = groups.get(one.substance_id)
            if group is None:
                group = groups[one.substance_id] = substances.group_of(one.substance_id)
            rows_of_all.append(_row(one, group))
    # The mentions of each distinct text lie together; each row takes those of its text.
    ends = np.cumsum(numbers)
    each = numbers[1:][places]
    taken = np.repeat(ends[places] - np.cumsum(each) + each, each) + np.arange(each.sum())
    columns = zip(*rows_of_all, strict=True) if rows_of_all else ((),) * len(MENTION_COLUMNS[1:])
    read = pd.DataFrame(dict(zip(MENTION_COLUMNS[1:], columns, strict=True)))
    rows = read.take(taken).reset_index(drop=True)
    rows.insert(0, "row", np.repeat(np.arange(first_row, first_row + len(places)), each))
    return rows


def _row(one: Recognition, group: str) -> tuple[object, ...]:
    return (
        one.substance_id,
        one.name,
        group,
        one.matched_text,
        one.how,
        one.confidence,
        one.negated,
        one.historical,
        one.probable,
        "|".join(one.marker_of) if one.marker_of else "",
        one.start,
        one.end,
    )
