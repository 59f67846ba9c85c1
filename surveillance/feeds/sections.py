"""Reads the sections of a description; faults are collected by the tables themselves."""

import codecs
from collections.abc import Mapping
from functools import partial

from surveillance.domain import ALL_SUBSTANCES, KIND_COLUMNS, Column, record_columns
from surveillance.feeds.naming import pattern_problem, piece_names
from surveillance.feeds.rules import (
    ROLES,
    AreaRule,
    ColumnRule,
    CountRule,
    FlagRule,
    ListRule,
    NestedRule,
    PersonRule,
    ReactionRule,
    ReceivedRule,
    SourceRules,
    SubstanceRules,
    TextRule,
)
from surveillance.feeds.toml_table import TomlTable, did_you_mean, read_pair
from surveillance.register.areas import KINDS as AREA_KINDS

FORMATS = ("csv", "jsonl", "xlsx", "parquet")
DATE_PARTS = ("year", "quarter", "month", "week", "day")
MONTHS_OF_A_YEAR = 12
# Columns of a record that have a section of their own, or that parsing makes itself.
MADE_ELSEWHERE = {
    "row_number": "is made by the reader",
    "raw": "is made by the reader",
    "source_ref": "is made by [identity]",
    "source_received_at": "is made by [received]",
    "received_at": "is made by [received]",
    "area_code": "is made by [area]",
    "area_verbatim": "is made by [area]",
    "count_low": "is made by [[counts]]",
    "count_high": "is made by [[counts]]",
    "person_key": "is made by [person]",
    "substances": "is made by [substances]",
    "reactions": "is made by [reactions]",
}


def read_source(table: TomlTable) -> SourceRules:
    """Read ``[source]``."""
    source = SourceRules(
        location=table.text("location"),
        format=table.text("format", choices=FORMATS),
        member=table.text("member", default="*"),
        delimiter=table.text("delimiter", default=","),
        encoding=table.text("encoding", default="utf-8"),
        sheet=table.maybe_text("sheet"),
        header_rows=table.whole("header_rows", default=1, least=1),
        heading_lines=table.whole("heading_lines", default=1, least=1),
        notes_from=table.text("notes_from", default=""),
        name_pattern=table.text("name_pattern", default=""),
    )
    if "name_pattern" in table and (problem := pattern_problem(source.name_pattern)):
        table.fault("name_pattern", problem)
    if source.heading_lines > source.header_rows:
        table.fault("heading_lines", "cannot be more than header_rows, the line they end at")
    if len(source.delimiter) != 1:
        table.fault("delimiter", "must be one character")
    try:
        codecs.lookup(source.encoding)
    except LookupError:
        table.fault("encoding", "is no encoding that Python knows, such as 'utf-8' or 'cp1252'")
    table.done()
    return source


def read_columns(
    table: TomlTable, *, kind: str, made: Mapping[str, ColumnRule]
) -> dict[str, ColumnRule]:
    """Read ``[columns]``: target -> how it is made; ``made`` are those of ``[indicator]``."""
    if kind not in KIND_COLUMNS:
        return {}
    targets = {column.name: column for column in record_columns(kind)}
    rules = {target: rule for target, rule in made.items() if target in targets}
    for target in table.values:
        if target in MADE_ELSEWHERE:
            table.fault(target, f"{MADE_ELSEWHERE[target]}, not by [columns]")
        elif target in made:
            table.fault(target, "is made by [indicator], not by [columns]")
        elif target not in targets:
            near = did_you_mean(target, targets.keys() - MADE_ELSEWHERE.keys())
            table.fault(target, f"is no column of a {kind}{near}")
        else:
            rules[target] = _read_rule(table, targets[target])
    if "occurred_on" not in table:
        table.fault("occurred_on", "is missing; every record needs its day")
    return rules


def _read_rule(table: TomlTable, target: Column) -> ColumnRule:
    value = table.values[target.name]
    if isinstance(value, str):
        return ColumnRule(columns=(value,))
    if not isinstance(value, dict):
        table.fault(target.name, "must be the name of a source column, or a table")
        return ColumnRule()
    inner = TomlTable(value, path=table.where(target.name), faults=table.faults)
    parts = {part: inner.text(part) for part in DATE_PARTS if part in inner}
    rule = ColumnRule(
        columns=_read_names(inner),
        constant=inner.maybe_text("constant"),
        default=inner.maybe_text("default"),
        value_map=_read_values(inner),
        is_strict=inner.flag("strict", default=True),
        date_formats=inner.texts("date_formats"),
        parts=parts or None,
        first_month=inner.whole("first_month", default=1, least=1),
        is_age=inner.flag("from_years", default=False),
        is_optional=inner.flag("optional", default=False),
    )
    _check_rule(inner, rule=rule, target=target)
    inner.done(others=DATE_PARTS)
    return rule


def _check_rule(table: TomlTable, *, rule: ColumnRule, target: Column) -> None:
    sources = [bool(rule.columns), rule.constant is not None, rule.parts is not None]
    if sum(sources) != 1:
        table.fault("column", "must be given, or columns, constant or parts of a date: one of them")
    is_time = target.dtype in ("date", "moment")
    if rule.date_formats and not is_time:
        table.fault("date_formats", "has no meaning for a column that is no date")
    if rule.parts is not None and (target.dtype != "date" or "year" not in rule.parts):
        table.fault("year", "and further parts make a date; they need year and a date column")
    if rule.parts is not None and {"month", "quarter"} <= rule.parts.keys():
        table.fault("quarter", "and month cannot both be given")
    if rule.first_month > MONTHS_OF_A_YEAR:
        table.fault("first_month", "must be a month from 1 to 12")
    if rule.first_month > 1 and not {"year"} <= (rule.parts or {}).keys() <= {*_OF_A_YEAR}:
        table.fault("first_month", "has a meaning beside year, quarter and month alone")
    if rule.is_age and target.name != "age_band":
        table.fault("from_years", "has a meaning for age_band alone")


_OF_A_YEAR = ("year", "quarter", "month")


def _read_names(table: TomlTable) -> tuple[str, ...]:
    one = table.maybe_text("column")
    several = table.texts("columns")
    if one is not None and several:
        table.fault("columns", "and column cannot both be given")
    return (one,) if one is not None else several


def _read_values(table: TomlTable) -> dict[str, str] | None:
    if isinstance(table.values.get("values"), list):
        return {value: value for value in table.texts("values")}
    return table.texts_by_key("values", necessary=False) or None


def read_received(table: TomlTable, *, source: SourceRules) -> ReceivedRule:
    """Read ``[received]``."""
    rule = ReceivedRule(
        column=table.maybe_text("column"),
        formats=table.texts("formats"),
        assumed_lag_days=table.maybe_whole("assumed_lag_days"),
        published_days=table.maybe_whole("published_days"),
    )
    if (rule.column, rule.assumed_lag_days, rule.published_days) == (None, None, None):
        table.fault("column", "or received.assumed_lag_days must be given, or published_days")
    if rule.column is not None and rule.published_days is not None:
        table.fault("published_days", "and column cannot both be given")
    if rule.published_days is not None and "year" not in piece_names(source.name_pattern):
        table.fault("published_days", "needs a source.name_pattern with {year}")
    table.done()
    return rule


def read_person(top: TomlTable, *, feed: str) -> PersonRule | None:
    """Read ``[person]``, None where the feed has none; its scheme is the feed's own by default."""
    if "person" not in top:
        return None
    table = top.table("person")
    rule = PersonRule(column=table.text("column"), scheme=table.text("scheme", default=feed))
    table.done()
    return rule


def read_area(table: TomlTable) -> AreaRule:
    """Read ``[area]``."""
    rule = AreaRule(
        columns=table.texts("columns", default=None),
        within=table.text("within", default="UK"),
        level=table.text("level", default=""),
        missing=table.texts("missing"),
        kinds=table.texts("kinds"),
    )
    for kind in rule.kinds:
        if kind not in AREA_KINDS:
            table.fault("kinds", f"names {kind!r}, no kind of area{did_you_mean(kind, AREA_KINDS)}")
    table.done()
    return rule


def read_substances(top: TomlTable, *, kind: str, has_counts: bool) -> SubstanceRules:
    """Read ``[substances]``; a feed of counts has none, and an indicator is of all drugs."""
    table = top.table("substances", necessary=False)
    if kind == "indicator" and "substances" not in top and not has_counts:
        return SubstanceRules(constant=ALL_SUBSTANCES)
    if has_counts == ("substances" in top):
        top.fault("substances", "or [[counts]] must be given, one of the two")
    rules = SubstanceRules(
        constant=table.maybe_text("constant"),
        constant_role=_role(table),
        flags=_read_flags(table) if "flags" in table else None,
        texts=tuple(_read_text(block) for block in table.tables("text")),
        lists=tuple(_read_list(block) for block in table.tables("list")),
        nested=_read_nested(table.table("nested")) if "nested" in table else None,
    )
    if "substances" in top and rules == SubstanceRules(constant_role=rules.constant_role):
        top.fault("substances", "must say flags, text, list, nested or constant")
    table.done(others=("flags", "nested"))
    return rules


def _read_flags(substances: TomlTable) -> FlagRule:
    table = substances.table("flags")
    rule = FlagRule(
        columns=table.texts_by_key("columns"),
        present=table.texts("present", default=None),
        absent=table.texts("absent"),
        role=_role(table),
    )
    table.done()
    return rule


def _read_text(table: TomlTable) -> TextRule:
    rule = TextRule(
        column=table.text("column"),
        role=_role(table),
        ignore=table.texts("ignore"),
        keeps_unrecognised=table.flag("keep_unrecognised", default=True),
    )
    table.done()
    return rule


def _read_list(table: TomlTable) -> ListRule:
    rule = ListRule(
        column=table.text("column"),
        separator=table.text("separator", default=""),
        role=_role(table),
        value_map=table.texts_by_key("values", necessary=False),
        is_whole=table.flag("whole", default=False),
    )
    table.done()
    return rule


def _read_nested(table: TomlTable) -> NestedRule:
    rule = NestedRule(
        column=table.text("column"),
        name=table.text("name", default="name"),
        role_key=table.text("role_key", default="role"),
        role=_role(table),
    )
    table.done()
    return rule


def _role(table: TomlTable) -> str:
    return table.text("role", default="suspect", choices=ROLES)


def read_reactions(top: TomlTable) -> ReactionRule | None:
    """Read ``[reactions]``, None where the feed has none."""
    if "reactions" not in top:
        return None
    table = top.table("reactions")
    rule = ReactionRule(column=table.text("column"), separator=table.text("separator", default=""))
    table.done()
    return rule


def read_counts(top: TomlTable) -> tuple[CountRule, ...]:
    """Read the ``[[counts]]`` blocks."""
    return tuple(_read_count(table) for table in top.tables("counts"))


def _read_count(table: TomlTable) -> CountRule:
    suppressed: dict[str, tuple[int, int]] = {}
    inner = table.table("suppressed", necessary=False)
    for mark, values in inner.values.items():
        interval = read_pair(values, partial(inner.fault, mark))
        suppressed[mark] = interval or (0, 0)
    rule = CountRule(
        column=table.text("column"),
        substance=table.text("substance"),
        role=_role(table),
        suppressed=suppressed,
        missing=table.texts("missing", default=("",)),
    )
    table.done()
    return rule
