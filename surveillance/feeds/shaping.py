"""How a description reshapes a file's rows before they are read: rules, and their sections.

A wide table is turned into rows, columns are cut out of others, rows that are not of the
feed are set aside, and single events are counted. ``reshaping`` does it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveillance.feeds.toml_table import TomlTable

CUTS = ("first", "last", "drop_first", "drop_last")


@dataclass(frozen=True)
class UnpivotRule:
    """A wide table: each cell outside the columns ``by`` becomes a row.

    Attributes:
        by: columns that stay, repeated for every cell of their row.
        names: new columns for the parts of a cell's heading, one for each line of headings.
        value: new column for what the cell holds.
    """

    by: tuple[str, ...]
    names: tuple[str, ...]
    value: str


@dataclass(frozen=True)
class DerivedRule:
    """A new column made of another: a piece of it, other words for it, or its area.

    Attributes:
        column: the column it is made of.
        cut: which piece is taken (one of ``CUTS``) and its length; None: all of it.
        value_map: their words -> ours; words outside the map stay.
        is_area: the register's code under the rules of ``[area]``; a place that the
            register lacks keeps its words.
    """

    column: str
    cut: tuple[str, int] | None
    value_map: Mapping[str, str]
    is_area: bool


@dataclass(frozen=True)
class KeepRule:
    """Which rows are of the feed, by the value of one column.

    A star stands for anything, and a value written out goes before one with a star.

    Attributes:
        wanted: rows with one of these are of the feed.
        others: rows with one of these are not; any further value is a fault. Empty: all
            further values are not of the feed.
    """

    column: str
    wanted: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class AggregateRule:
    """Rows with the same values become one figure.

    Attributes:
        by: columns whose values make a figure; the others are dropped.
        count: new column for the number of rows, empty: not wanted.
        sums: columns that are added up.
        is_complete: the file lists every event, so that a combination of values without a
            row is 0.
    """

    by: tuple[str, ...]
    count: str
    sums: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True)
class Shape:
    """All that a description does to rows before they are read, in this order."""

    unpivot: UnpivotRule | None = None
    derived: Mapping[str, DerivedRule] = field(default_factory=dict)
    keeps: tuple[KeepRule, ...] = ()
    aggregate: AggregateRule | None = None

    @property
    def made(self) -> frozenset[str]:
        """The columns that it makes, which a file therefore lacks."""
        made = set(self.derived)
        if self.unpivot is not None:
            made |= {*self.unpivot.names, self.unpivot.value}
        if self.aggregate is not None and self.aggregate.count:
            made.add(self.aggregate.count)
        return frozenset(made)

    @property
    def used(self) -> frozenset[str]:
        """The columns that it is made from, those among them that it makes itself too."""
        used = {rule.column for rule in self.derived.values()}
        used |= {rule.column for rule in self.keeps}
        if self.unpivot is not None:
            used |= set(self.unpivot.by)
        if self.aggregate is not None:
            used |= {*self.aggregate.by, *self.aggregate.sums}
        return frozenset(used)

    def faults(self, further: frozenset[str]) -> list[str]:
        """List the columns that will be gone when they are asked for.

        Args:
            further: columns that the other sections name, constants left out.
        """
        names = list(self.derived)
        faults = [
            f"derived.{name} is made of {rule.column!r}, which is derived below it"
            for place, (name, rule) in enumerate(self.derived.items())
            if rule.column in names[place:]
        ]
        if self.unpivot is not None:
            there = self.made | set(self.unpivot.by)
            gone = sorted((self.used | further) - there)
            faults += [f"unpivot.by must hold {name!r}, which is used further on" for name in gone]
        if self.aggregate is not None:
            left = {*self.aggregate.by, *self.aggregate.sums, self.aggregate.count}
            gone = sorted(further - left)
            faults += [f"aggregate.by must hold {name!r}, which is used later" for name in gone]
        return faults


def read_shape(top: TomlTable) -> Shape:
    """Read ``[unpivot]``, ``[derived]``, ``[[keep]]`` and ``[aggregate]``."""
    return Shape(
        unpivot=_read_unpivot(top.table("unpivot")) if "unpivot" in top else None,
        derived=_read_derived(top.table("derived", necessary=False)),
        keeps=tuple(_read_keep(table) for table in top.tables("keep")),
        aggregate=_read_aggregate(top.table("aggregate")) if "aggregate" in top else None,
    )


def _read_unpivot(table: TomlTable) -> UnpivotRule:
    rule = UnpivotRule(
        by=table.texts("by", default=None),
        names=table.texts("names", default=None),
        value=table.text("value"),
    )
    new = [*rule.names, rule.value]
    if not rule.names or len({*new, *rule.by}) != len(new) + len(rule.by):
        table.fault("names", "and value must name new columns, each once and not in by")
    table.done()
    return rule


def _read_derived(section: TomlTable) -> dict[str, DerivedRule]:
    rules = {}
    for name in section.values:
        table = section.table(name)
        cuts = [(cut, table.whole(cut, least=1)) for cut in CUTS if cut in table]
        rules[name] = DerivedRule(
            column=table.text("column"),
            cut=cuts[0] if cuts else None,
            value_map=table.texts_by_key("values", necessary=False),
            is_area=table.flag("area", default=False),
        )
        if len(cuts) > 1:
            table.fault(cuts[1][0], f"and {cuts[0][0]} cannot both be given")
        if not cuts and not rules[name].value_map and not rules[name].is_area:
            table.fault("column", f"must come with {', '.join(CUTS)}, values or area")
        table.done(others=CUTS)
    return rules


def _read_keep(table: TomlTable) -> KeepRule:
    rule = KeepRule(
        column=table.text("column"),
        wanted=table.texts("values", default=None),
        others=table.texts("others"),
    )
    if "values" in table and not rule.wanted:
        table.fault("values", "must name at least one value")
    for value in sorted(set(rule.wanted) & set(rule.others)):
        table.fault("others", f"and values both name {value!r}")
    table.done()
    return rule


def _read_aggregate(table: TomlTable) -> AggregateRule:
    rule = AggregateRule(
        by=table.texts("by", default=None),
        count=table.text("count", default=""),
        sums=table.texts("sums"),
        is_complete=table.flag("complete", default=False),
    )
    if not rule.count and not rule.sums:
        table.fault("count", "or aggregate.sums must be given")
    if rule.is_complete and rule.sums:
        table.fault("complete", "has a meaning for counted rows alone; a sum may be not supplied")
    named = [*rule.by, *rule.sums, *([rule.count] if rule.count else [])]
    if len(set(named)) != len(named):
        table.fault("by", "and sums and count must be different columns")
    table.done()
    return rule
