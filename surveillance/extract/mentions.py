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
    columns: dict[str, list[object]] = {name: [] for name in MENTION_COLUMNS[1:]}
    numbers = np.zeros(len(distinct) + 1, dtype=np.int64)
    groups: dict[str, str] = {}
    for place, text in enumerate(distinct):
        found = substances.read(text)
        numbers[place + 1] = len(found)
        for one in found:
            _append(one, columns, groups, substances)
    # The mentions of each distinct text lie together; each row takes those of its text.
    ends = np.cumsum(numbers)
    each = numbers[1:][places]
    taken = np.repeat(ends[places] - np.cumsum(each) + each, each) + np.arange(each.sum())
    rows = pd.DataFrame(columns).take(taken).reset_index(drop=True)
    rows.insert(0, "row", np.repeat(np.arange(first_row, first_row + len(places)), each))
    return rows


def _append(
    one: Recognition,
    columns: dict[str, list[object]],
    groups: dict[str, str],
    substances: SubstanceRegister,
) -> None:
    if one.substance_id not in groups:
        groups[one.substance_id] = substances.group_of(one.substance_id)
    columns["substance_id"].append(one.substance_id)
    columns["name"].append(one.name)
    columns["group"].append(groups[one.substance_id])
    columns["matched_text"].append(one.matched_text)
    columns["how"].append(one.how)
    columns["confidence"].append(one.confidence)
    columns["negated"].append(one.negated)
    columns["historical"].append(one.historical)
    columns["probable"].append(one.probable)
    columns["marker_of"].append("|".join(one.marker_of))
    columns["start"].append(one.start)
    columns["end"].append(one.end)
