"""The shape that substances and areas share: every entry has one parent or none."""

from collections.abc import Mapping
from dataclasses import dataclass

from surveillance.errors import SettingsError


@dataclass(frozen=True)
class Tree:
    """Ancestors, children and descendants of every id, worked out once.

    Attributes:
        ancestors: id -> its ancestors, nearest first.
        children: id -> its children, in the order of the table.
        descendants: id -> everything below it and itself.
    """

    ancestors: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]
    descendants: Mapping[str, frozenset[str]]


def grow_tree(parents: Mapping[str, str], *, table: str) -> Tree:
    """Work out the tree of a table.

    Args:
        parents: id -> id of its parent, or an empty text.
        table: name of the file, for messages.

    Raises:
        SettingsError: a parent is no id of the table, or ids are their own ancestors.
    """
    ancestors = {identifier: _climb(identifier, parents, table) for identifier in parents}
    children: dict[str, list[str]] = {identifier: [] for identifier in parents}
    descendants: dict[str, set[str]] = {identifier: {identifier} for identifier in parents}
    for identifier, above in ancestors.items():
        if above:
            children[above[0]].append(identifier)
        for ancestor in above:
            descendants[ancestor].add(identifier)
    return Tree(
        ancestors=ancestors,
        children={identifier: tuple(below) for identifier, below in children.items()},
        descendants={identifier: frozenset(below) for identifier, below in descendants.items()},
    )


def _climb(identifier: str, parents: Mapping[str, str], table: str) -> tuple[str, ...]:
    path: list[str] = []
    above = parents[identifier]
    while above:
        if above not in parents:
            raise SettingsError(
                f"{table}: {(path or [identifier])[-1]!r} has the parent {above!r}, "
                "which has no line. Nothing was loaded. Add the parent or mend the name."
            )
        if above == identifier or above in path:
            raise SettingsError(
                f"{table}: {identifier!r} stands in a circle of parents through {above!r}. "
                "Nothing was loaded. Give one of them another parent."
            )
        path.append(above)
        above = parents[above]
    return tuple(path)
