"""Texts -> mentions."""

from collections.abc import Sequence

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
    groups: dict[str, str] = {}
    read = [_rows(substances.read(text), substances, groups) for text in distinct]
    rows = [
        (first_row + number, *row) for number, place in enumerate(places) for row in read[place]
    ]
    return pd.DataFrame(rows, columns=list(MENTION_COLUMNS))


def _rows(
    found: Sequence[Recognition], substances: SubstanceRegister, groups: dict[str, str]
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for one in found:
        if one.substance_id not in groups:
            groups[one.substance_id] = substances.group_of(one.substance_id)
        rows.append(
            (
                one.substance_id,
                one.name,
                groups[one.substance_id],
                one.matched_text,
                one.how,
                one.confidence,
                one.negated,
                one.historical,
                one.probable,
                "|".join(one.marker_of),
                one.start,
                one.end,
            )
        )
    return rows
