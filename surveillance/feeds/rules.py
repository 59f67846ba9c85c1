"""What a description says, section by section: plain data, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = ("suspect", "co-used", "antidote", "detected", "implicated", "sold-as", "adulterant")


@dataclass(frozen=True)
class ColumnRule:
    """How one target column is made from source columns.

    Attributes:
        columns: source columns; the first that is not empty counts.
        constant: one value for every row, instead of columns.
        default: the value where the source is empty.
        value_map: source value -> ours, whatever the capitals; None: taken as it stands.
        is_strict: a value outside the map holds the row back; else it is left empty.
        date_formats: tried in turn, as in ``strptime``.
        parts: source columns of a date's year, quarter, month, week and day.
        first_month: the month that the source's year begins with, 4 for a financial one.
        is_age: the source gives an age in years, wanted is its band.
        is_optional: the source may lack the column.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    default: str | None = None
    value_map: Mapping[str, str] | None = None
    is_strict: bool = True
    date_formats: tuple[str, ...] = ()
    parts: Mapping[str, str] | None = None
    first_month: int = 1
    is_age: bool = False
    is_optional: bool = False


@dataclass(frozen=True)
class SourceRules:
    """Where the files are and how their bytes become a table.

    Attributes:
        header_rows: the line, blank ones aside, with the last line of headings.
        heading_lines: lines of headings that end there.
        notes_from: what the first cell of the notes below the table begins with, or empty.
        name_pattern: the file's name with the pieces that become columns, such as
            ``{year}-{month}-*`` for ``file.year`` and ``file.month``, or empty.
    """

    location: str
    format: str
    member: str
    delimiter: str
    encoding: str
    sheet: str | None
    header_rows: int
    heading_lines: int = 1
    notes_from: str = ""
    name_pattern: str = ""


@dataclass(frozen=True)
class ReceivedRule:
    """When the source learnt of a record.

    Attributes:
        column: the source's own moment of receipt, None if it gives none.
        formats: formats of that moment; none: ISO 8601.
        assumed_lag_days: days from the harm to the receipt, where the source is silent.
        published_days: days from the end of the period in the file's name to its
            publication; None: the name does not tell.
    """

    column: str | None
    formats: tuple[str, ...]
    assumed_lag_days: int | None
    published_days: int | None = None


@dataclass(frozen=True)
class PersonRule:
    """The column with the source's own pseudonym of a person.

    Feeds of one ``scheme`` number people alike, so that their hashes can meet.
    """

    column: str
    scheme: str


@dataclass(frozen=True)
class AreaRule:
    """Which columns name the area, and where in the register they are looked up.

    Attributes:
        columns: the first one that the register recognises counts.
        within: root under which names are looked up, such as ``US-CT``; empty: anywhere.
        level: kind of area to which a smaller one is lifted; empty: as found.
        missing: values that mean "not given".
        kinds: kinds of area that are meant, where a name has several; empty: any.
    """

    columns: tuple[str, ...]
    within: str
    level: str
    missing: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlagRule:
    """Columns that each stand for one substance, ticked where it was present."""

    columns: Mapping[str, str]
    present: tuple[str, ...]
    absent: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class TextRule:
    """A column of free words in which substances are sought.

    ``keeps_unrecognised``: words that name no known substance become *unknown*; where it
    is false (a cause of death) they say nothing of substances.
    """

    column: str
    role: str
    ignore: tuple[str, ...]
    keeps_unrecognised: bool


@dataclass(frozen=True)
class ListRule:
    """A column of names, one to a cell or several with a separator.

    Attributes:
        value_map: their words -> id of the register, before a name is sought.
        is_whole: a name is taken as a whole; nothing is sought inside it.
    """

    column: str
    separator: str
    role: str
    value_map: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True)
class NestedRule:
    """A column of objects (JSON Lines, Parquet), each a name and perhaps a role."""

    column: str
    name: str
    role_key: str
    role: str


@dataclass(frozen=True)
class SubstanceRules:
    """All ways in which one record may name its substances."""

    constant: str | None = None
    constant_role: str = "suspect"
    flags: FlagRule | None = None
    texts: tuple[TextRule, ...] = ()
    lists: tuple[ListRule, ...] = ()
    nested: NestedRule | None = None


@dataclass(frozen=True)
class ReactionRule:
    """The column of reaction terms; a separator where it is one text, not a list."""

    column: str
    separator: str


@dataclass(frozen=True)
class CountRule:
    """A column of counts: each row of the source gives one record for it.

    Attributes:
        column: the source column.
        substance: id of the substance or group that is counted.
        role: role of that substance in the record.
        suppressed: what the source writes for a hidden count -> least and greatest count.
        missing: what the source writes where it supplied nothing; never zero.
    """

    column: str
    substance: str
    role: str
    suppressed: Mapping[str, tuple[int, int]]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class FigureRule:
    """The figures of an indicator, target column -> source column, and when there are none.

    Attributes:
        columns: numerator, denominator, value, value_low and value_high, those given.
        missing: what the source writes where it supplied nothing; never zero.
    """

    columns: Mapping[str, str]
    missing: tuple[str, ...]
