"""A feed's description: one TOML file that says where records are and what they mean.

The name of a feed is its file's name without ``.toml``. ``docs/feeds.md`` lists the keys.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from surveillance.domain import RecordKind
from surveillance.errors import SettingsError
from surveillance.feeds.figures import read_figures
from surveillance.feeds.naming import column_of, piece_names
from surveillance.feeds.rules import (
    AreaRule,
    ColumnRule,
    CountRule,
    FigureRule,
    PersonRule,
    ReactionRule,
    ReceivedRule,
    SourceRules,
    SubstanceRules,
)
from surveillance.feeds.sections import (
    read_area,
    read_columns,
    read_counts,
    read_person,
    read_reactions,
    read_received,
    read_source,
    read_substances,
)
from surveillance.feeds.shaping import Shape, read_shape
from surveillance.feeds.toml_table import TomlTable
from surveillance.feeds.wanted import faults_of_columns

KINDS: tuple[str, ...] = get_args(RecordKind)
CADENCES = ("daily", "weekly", "monthly", "quarterly", "yearly")
_CRON_FIELDS = 5


@dataclass(frozen=True)
class FeedDescription:
    """One feed: what it brings, from where, when it is expected and how it is read.

    Attributes:
        expected_lag_days: how old the newest record may be when a batch arrives.
        expected_rows: least and greatest number of rows of a batch, None: not checked.
        enabled: whether it runs by itself; a research description waits for a location.
        schedule: cron line of its collecting DAG, None: the service's own.
        identity_columns: source columns that make the key; none: the row's content.
        constants: columns that the file lacks, with the same value in every row.
        shape: what is done to the rows before they are read.
        figures: where an indicator's figures stand, None where no section says so.
    """

    name: str
    kind: RecordKind
    title: str
    owner: str
    cadence: str
    expected_lag_days: int
    expected_rows: tuple[int, int] | None
    enabled: bool
    schedule: str | None
    source: SourceRules
    identity_columns: tuple[str, ...]
    columns: Mapping[str, ColumnRule]
    constants: Mapping[str, str]
    received: ReceivedRule
    person: PersonRule | None
    area: AreaRule
    substances: SubstanceRules
    reactions: ReactionRule | None
    counts: tuple[CountRule, ...]
    shape: Shape = field(default_factory=Shape)
    figures: FigureRule | None = None

    @property
    def location(self) -> str:
        """Path, glob or HTTPS address; empty where a person must give it."""
        return self.source.location

    @property
    def format(self) -> str:
        """Format of the files: csv, jsonl, xlsx or parquet."""
        return self.source.format

    @property
    def added(self) -> frozenset[str]:
        """The columns that are the same in every row: constants, and pieces of the file's name."""
        named = map(column_of, piece_names(self.source.name_pattern))
        return frozenset({*self.constants, *named})

    @property
    def assumed_lag_days(self) -> int | None:
        """Days from the harm to its receipt, where the source is silent; None: never."""
        return self.received.assumed_lag_days

    @property
    def has_own_receipt(self) -> bool:
        """Whether the source itself says when it learnt of a record."""
        return self.received.column is not None


def load_description(path: Path) -> FeedDescription:
    """Read one description.

    Raises:
        SettingsError: the file cannot be read, or says what cannot be understood; the
            message names the file, every faulty key and the nearest known one.
    """
    top = TomlTable(_read_toml(path), path="", faults=[])
    description = _build(path.stem, top)
    top.done()
    if not top.faults:
        top.faults.extend(faults_of_columns(description))
    if top.faults:
        count = "1 fault" if len(top.faults) == 1 else f"{len(top.faults)} faults"
        raise SettingsError(
            f"{path}: the description has {count}. This feed was not read.\n"
            + "\n".join(f"- {fault}" for fault in top.faults)
            + "\nMend the file; docs/feeds.md lists every key."
        )
    return description


def load_descriptions(folder: Path) -> dict[str, FeedDescription]:
    """Read every description of a folder, by name.

    Raises:
        SettingsError: the folder is missing, or a description is faulty; the message
            holds the faults of all of them.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder} is not a folder of feed descriptions. Give its path.")
    found: dict[str, FeedDescription] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = load_description(path)
        except SettingsError as error:
            problems.append(str(error))
    if problems:
        raise SettingsError("\n\n".join(problems))
    return found


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: the description cannot be opened: {error.strerror}. "
            "Check the path and its permissions."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: the description is not valid TOML: {error}. Mend the file at that place."
        ) from error


def _build(name: str, top: TomlTable) -> FeedDescription:
    kind = top.text("kind", choices=KINDS)
    counts = read_counts(top)
    figures, made = read_figures(top)
    if figures is not None and kind != "indicator":
        top.fault("indicator", "has a meaning for the kind indicator alone")
    source = read_source(top.table("source"))
    person = read_person(top, feed=name)
    columns = read_columns(top.table("columns"), kind=kind, made=made)
    if person is not None:
        columns["person_key"] = ColumnRule(columns=(person.column,))
    return FeedDescription(
        name=name,
        kind=kind,  # type: ignore[arg-type]  # the choices are the literal's own values
        title=top.text("title"),
        owner=top.text("owner"),
        cadence=top.text("cadence", choices=CADENCES),
        expected_lag_days=top.whole("expected_lag_days"),
        expected_rows=top.pair("expected_rows"),
        enabled=top.flag("enabled", default=True),
        schedule=_schedule(top),
        source=source,
        identity_columns=_identity(top.table("identity")),
        columns=columns,
        constants=top.texts_by_key("constants", necessary=False),
        received=read_received(top.table("received"), source=source),
        person=person,
        area=read_area(top.table("area")),
        substances=read_substances(top, kind=kind, has_counts=bool(counts)),
        reactions=read_reactions(top),
        counts=counts,
        shape=read_shape(top),
        figures=figures,
    )


def _identity(table: TomlTable) -> tuple[str, ...]:
    columns = table.texts("columns")
    by_row = table.flag("row", default=False)
    if bool(columns) == by_row:
        table.fault("columns", "or identity.row = true must be given, one of the two")
    table.done()
    return columns


def _schedule(top: TomlTable) -> str | None:
    schedule = top.maybe_text("schedule")
    if schedule is not None and len(schedule.split()) != _CRON_FIELDS:
        top.fault("schedule", "must be a cron line of five fields, such as '15 * * * *'")
    return schedule
