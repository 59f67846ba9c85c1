"""The figures of an indicator: where they stand, and where none was supplied.

*Not supplied* is never zero: a row without a figure gives no record, and is counted.
"""

from dataclasses import replace

import numpy as np

from surveillance.domain import Flags
from surveillance.feeds.rules import ColumnRule, FigureRule
from surveillance.feeds.table import Table
from surveillance.feeds.toml_table import TomlTable
from surveillance.feeds.values import Faults

FIGURES = ("numerator", "denominator", "value", "value_low", "value_high")
# One of these makes a record; the others only belong to it.
_MAIN = ("numerator", "value")


def read_figures(top: TomlTable) -> tuple[FigureRule | None, dict[str, ColumnRule]]:
    """Read ``[indicator]``: the figures, and the columns of the record that it makes.

    None and no columns where there is no such section.
    """
    if "indicator" not in top:
        return None, {}
    table = top.table("indicator")
    name, unit = table.text("name"), table.text("unit")
    sources = {figure: table.text(figure) for figure in FIGURES if figure in table}
    rule = FigureRule(sources, table.texts("missing", default=("",)))
    if not set(_MAIN) & sources.keys():
        table.fault("numerator", "or indicator.value must be given")
    if "denominator" in sources and "numerator" not in sources:
        table.fault("denominator", "has a meaning beside numerator alone")
    if ("value_low" in sources) != ("value_high" in sources):
        table.fault("value_low", "and value_high must be given together")
    table.done(others=FIGURES)
    made = {figure: ColumnRule(columns=(source,)) for figure, source in sources.items()}
    made |= {"indicator": ColumnRule(constant=name), "unit": ColumnRule(constant=unit)}
    return rule, made


def blank_missing(table: Table, rule: FigureRule, *, faults: Faults) -> Table:
    """Empty the cells that say that nothing was supplied; other empty cells are a fault."""
    columns = dict(table.by_column)
    for figure, source in rule.columns.items():
        texts = table.texts(source)
        missing = texts.isin(list(rule.missing)).to_numpy()
        faults.add((texts == "").to_numpy() & ~missing, f"{figure}: {source!r} is empty")
        cells = columns[source].copy()
        cells[missing] = ""
        columns[source] = cells
    return replace(table, by_column=columns)


def supplied(table: Table, rule: FigureRule, *, findings: list[str]) -> Flags:
    """Mark the rows with a numerator or a value, shape (rows,), and count the others.

    Args:
        table: the rows as ``blank_missing`` gives them.
        rule: where the figures stand.
        findings: gets a sentence for every figure that is not supplied throughout.
    """
    there = np.zeros(len(table), dtype=bool)
    for figure, source in rule.columns.items():
        given = (table.texts(source) != "").to_numpy()
        if not given.all():
            findings.append(
                f"{source}: {(~given).sum():,} of {len(table):,} figures not supplied ({figure})"
            )
        if figure in _MAIN:
            there |= given
    return there
