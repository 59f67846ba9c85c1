"""Rows of records: their columns by name, type, unit and meaning, and what becomes of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

RecordKind = Literal[
    "reaction_report", "death", "market_observation", "indicator", "sighting", "event"
]
Verdict = Literal["pass", "degraded", "hold"]
UNKNOWN_SUBSTANCE = "unknown"
UNKNOWN_AREA = "unknown"
ALL_SUBSTANCES = "all"
# Roles of a substance that count: what was taken, and not what was given against it.
COUNTED_ROLES = ("suspect", "implicated", "detected", "co-used")


@dataclass(frozen=True)
class Column:
    """One column of record rows.

    ``dtype`` is one of text, code, int, float, bool, date, moment or list.
    """

    name: str
    dtype: Literal["text", "code", "int", "float", "bool", "date", "moment", "list"]
    meaning: str
    unit: str = ""
    required: bool = False


# What every record row carries, whatever its kind. `row_number` and `raw` belong to the
# batch; the rest is kept in the store.
COMMON_COLUMNS: tuple[Column, ...] = (
    Column("row_number", "int", "place of the row in its file, the first data row is 1"),
    Column("raw", "text", "the row as it stood in the file, as JSON"),
    Column("source_ref", "text", "the source's own key of the record", required=True),
    Column("occurred_on", "date", "the day of the harm or observation", required=True),
    Column("occurred_precision", "code", "day, week, month, quarter or year"),
    Column("source_received_at", "moment", "when the source says it learnt of it", unit="UTC"),
    Column("received_at", "moment", "when we learnt of it", unit="UTC", required=True),
    Column("area_code", "code", "area of the register, or unknown", required=True),
    Column("area_verbatim", "text", "the area as the source wrote it"),
    Column("count_low", "int", "least number of cases the record stands for"),
    Column("count_high", "int", "greatest number of cases the record stands for"),
    Column("withdrawn", "bool", "true: the source takes the record back"),
    Column("status", "code", "how settled the record is"),
    Column("grade", "code", "verification grade, G0 (single anecdote) to G5 (implicated in death)"),
    Column("person_key", "code", "keyed hash of the source's own pseudonym of the person"),
    Column("age_band", "code", "<16, 16-17, 18-24, 25-34, 35-44, 45-54, 55+", unit="years"),
    Column("sex", "code", "female, male, other, unknown"),
    Column("setting", "code", "where it happened or was seen"),
    Column("substances", "list", "SubstanceMention of each substance named"),
    Column("reactions", "list", "codes of the reaction terms"),
)

KIND_COLUMNS: dict[str, tuple[Column, ...]] = {
    "reaction_report": (
        Column("reporter_role", "code", "who reported"),
        Column("presentation_date", "date", "the day the person was seen"),
        Column("identification_basis", "code", "patient said, packaging, presumptive, confirmed"),
        Column("seriousness", "code", "died, life-threatening, hospital, disability, other, none"),
        Column("naloxone_given", "code", "yes, no, unknown"),
        Column("outcome", "code", "recovered, recovering, continuing, died, unknown"),
        Column("narrative", "text", "screened free text; never leaves the operational tier"),
    ),
    "death": (
        Column("registered_on", "date", "the day the death was registered"),
        Column("coded_on", "date", "the day its causes were coded"),
        Column("suspected_rank", "int", "likelihood of a drug death, 1 the most likely, to 3"),
        Column("underlying_cause", "code", "ICD-10 code of the underlying cause"),
        Column("contributory_causes", "code", "further ICD-10 codes, a blank between them"),
        Column("intent", "code", "accident, suicide, assault, undetermined or unknown"),
        Column("certificate_text", "text", "screened words of the certificate"),
        Column("place_type", "code", "where the person died"),
    ),
    "market_observation": (
        Column("market_level", "code", "retail, mid or wholesale"),
        Column("deal_mass_g", "float", "mass of the deal", unit="g"),
        Column("price_gbp", "float", "price of the deal", unit="GBP"),
        Column("price_foreign", "float", "price of the deal where it is not in pounds"),
        Column("currency", "code", "ISO 4217 code of the foreign price"),
        Column("purity_percent", "float", "mean purity", unit="%"),
        Column("purity_low_percent", "float", "least purity", unit="%"),
        Column("purity_high_percent", "float", "greatest purity", unit="%"),
        Column("purity_n", "int", "samples behind the purity"),
        Column("laboratory", "code", "who measured the purity"),
        Column("acquired_by", "code", "seizure, test_purchase, survey or other"),
    ),
    "indicator": (
        Column("indicator", "code", "which indicator, such as acquisitive_crime", required=True),
        Column("category", "text", "the source's own subdivision, such as an offence"),
        Column("unit", "code", "what the numerator counts, or of what the value is a rate"),
        Column("numerator", "float", "cases; negative where the source cancels earlier ones"),
        Column("denominator", "float", "what they are out of: tests, people, visits"),
        Column("value", "float", "an estimate or rate as the source states it"),
        Column("value_low", "float", "lower end of the source's interval"),
        Column("value_high", "float", "upper end of the source's interval"),
        Column("supplier", "code", "who supplied the figure, where the set of suppliers varies"),
    ),
    "sighting": (
        Column("sold_as", "text", "what it was sold as, as the source wrote it"),
        Column("identified_by", "code", "the laboratory or service that identified it"),
        Column("identification_basis", "code", "presumptive or confirmed"),
        Column("method", "code", "analytical method, such as gc_ms"),
        Column("sample_type", "code", "product, biological, residue or unknown"),
        Column("found_by", "code", "seizure, border, prison, drug_checking, post_mortem or other"),
        Column("first_seen", "bool", "the source says that it had never seen it before"),
        Column("quantity", "float", "amount seen, in quantity_unit"),
        Column("quantity_unit", "code", "gram, tablet, millilitre and so on"),
    ),
    # The ten heads of an event notification; when and where are common columns.
    "event": (
        Column("observer_role", "code", "who noticed it"),
        Column("origin", "text", "type and origin of the risk"),
        Column("exposure", "text", "means of exposure or spread"),
        Column("analysis", "text", "analytical and toxicological data"),
        Column("identification", "text", "how it was identified"),
        Column("health_risks", "text", "health risks"),
        Column("social_risks", "text", "social, safety and security risks"),
        Column("health_measures", "text", "health measures taken or planned"),
        Column("other_measures", "text", "other measures"),
        Column("further", "text", "anything else of relevance"),
    ),
}


def record_columns(kind: str) -> tuple[Column, ...]:
    """List the columns of the rows of one record kind, the common ones first."""
    return COMMON_COLUMNS + KIND_COLUMNS[kind]


@dataclass(frozen=True)
class SubstanceMention:
    """One substance that a record names.

    ``substance_id`` is an id of the register, or ``unknown`` with the words kept.
    """

    substance_id: str
    verbatim: str
    role: str = "suspect"


@dataclass(frozen=True)
class RawBatch:
    """Bytes as a source gave them, kept before anything reads them.

    ``is_history`` marks an opening load: its rows were known to the source at the times
    they state. Rows of any other batch were learnt when it was fetched, never earlier.
    """

    batch_id: str
    feed: str
    address: str
    sha256: str
    size_bytes: int
    fetched_at: datetime
    is_history: bool
    etag: str | None = None


@dataclass(frozen=True)
class RejectedRow:
    """One row that was held back, with every reason; nothing of it is lost."""

    row_number: int
    raw: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class HeldRow:
    """A record that the checks of a part of a batch hold back, or a row that was not read.

    Attributes:
        place: place among the records of its part, from 0; None: it could not be read.
        row_number: number of its row in the file.
        raw: the row as it stood, identifiers removed.
        reasons: each with the place of its rule in the suite.
    """

    place: int | None
    row_number: int
    raw: str
    reasons: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class CheckReport:
    """What the checks found in one batch."""

    verdict: Verdict
    findings: tuple[str, ...]
    accepted: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
