"""Which source columns a description uses, and which of them a file must have."""

from typing import TYPE_CHECKING

from surveillance.domain import record_columns
from surveillance.feeds.rules import ColumnRule, SubstanceRules

if TYPE_CHECKING:
    from surveillance.feeds.description import FeedDescription


def used_columns(description: "FeedDescription") -> set[str]:
    """List every column of a file that the description names."""
    rules = description.columns.values()
    read = _key_columns(description).union(*(_sources(rule) for rule in rules))
    return _of_the_file(read, description)


def needed_columns(description: "FeedDescription", *, may_lack: bool) -> set[str]:
    """List the columns that a file must have.

    Args:
        description: the feed's.
        may_lack: whether rows may leave out what they do not know (JSON): then only the
            columns are needed without which there is no record.
    """
    required = {column.name for column in record_columns(description.kind) if column.required}
    needed = _key_columns(description)
    for target, rule in description.columns.items():
        if not rule.is_optional and (target in required or not may_lack):
            needed |= _sources(rule)
    return _of_the_file(needed, description)


def faults_of_columns(description: "FeedDescription") -> list[str]:
    """List what is wrong with the columns that a reshaped file is asked for."""
    rules = description.columns.values()
    read = _key_columns(description).union(*(_sources(rule) for rule in rules))
    own = frozenset(read - description.added)
    twice = sorted(description.added & description.shape.made)
    faults = [f"{name!r} is made twice: as a constant and from other columns" for name in twice]
    return faults + description.shape.faults(own)


def _of_the_file(read: set[str], description: "FeedDescription") -> set[str]:
    """Give what a file must bring so that some columns can be read from it."""
    made = description.shape.made | description.added
    return (read | description.shape.used) - made


def _sources(rule: ColumnRule) -> set[str]:
    return {*rule.columns, *(rule.parts or {}).values()}


def _key_columns(description: "FeedDescription") -> set[str]:
    """List what identity, receipt, area, substances, reactions and counts are made from."""
    columns = {*description.identity_columns, *description.area.columns}
    columns |= {count.column for count in description.counts}
    columns |= _substance_columns(description.substances)
    if description.received.column is not None:
        columns.add(description.received.column)
    if description.reactions is not None:
        columns.add(description.reactions.column)
    return columns


def _substance_columns(rules: SubstanceRules) -> set[str]:
    columns = {rule.column for rule in rules.texts} | {rule.column for rule in rules.lists}
    if rules.flags is not None:
        columns |= set(rules.flags.columns)
    if rules.nested is not None:
        columns.add(rules.nested.column)
    return columns
