"""Headings of more than one line, and the notes below a table."""

from collections.abc import Sequence
from typing import Any

from surveillance.feeds.table import text_of

HEADING_JOIN = " | "


def read_headings(lines: Sequence[Sequence[Any]]) -> list[str]:
    """Make one heading a column of one line of headings or several.

    Of several, an upper cell that is empty has the text on its left, as a merged cell has,
    wherever a lower one is filled. The parts are joined by `` | ``.

    Args:
        lines: the lines of headings, the upper first, all of one length.

    Example:
        >>> read_headings([["Area", 2022, None], [None, "Q1", "Q2"]])
        ['Area', '2022 | Q1', '2022 | Q2']
    """
    upper, *lower = [[_text(cell) for cell in line] for line in lines]
    if not lower:
        return upper
    below = read_headings(lower)
    joined, left = [], ""
    for own, under in zip(upper, below, strict=True):
        left = (own or left) if under else ""
        parts = [left, under] if under else [own]
        joined.append(HEADING_JOIN.join(part for part in parts if part))
    return joined


def without_notes(lines: Sequence[list[Any]], start: str) -> list[list[Any]]:
    """Drop the first line whose first filled cell begins with ``start``, and all after it.

    Example:
        >>> without_notes([["a", 1], [None, None], ["Source: us", None], ["b", 2]], "Source")
        [['a', 1], [None, None]]
    """
    for place, line in enumerate(lines):
        first = next((text for cell in line if (text := _text(cell))), "")
        if first.casefold().startswith(start.casefold()):
            return list(lines[:place])
    return list(lines)


def _text(cell: Any) -> str:
    return text_of(cell).strip()
