"""What holds for records of every kind, and the few forms of rule that the suites use.

What holds for one record kind alone stands in its own module.
"""

from dataclasses import dataclass
from datetime import datetime

from great_expectations.expectations.core.expect_column_max_to_be_between import (
    ExpectColumnMaxToBeBetween,
)
from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
    ExpectColumnPairValuesAToBeGreaterThanB,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
    ExpectColumnValuesToBeInSet,
)
from great_expectations.expectations.core.expect_column_values_to_be_null import (
    ExpectColumnValuesToBeNull,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
    ExpectCompoundColumnsToBeUnique,
)
from great_expectations.expectations.core.expect_table_row_count_to_be_between import (
    ExpectTableRowCountToBeBetween,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

CRITICAL, WARNING = FailureSeverity.CRITICAL, FailureSeverity.WARNING
EARLIEST_DAY = datetime(1990, 1, 1)  # noqa: DTZ001 - compared with plain days

AGE_BANDS = ("<16", "16-17", "18-24", "25-34", "35-44", "45-54", "55+")
SEXES = ("female", "male", "other", "unknown")
PRECISIONS = ("day", "week", "month", "quarter", "year")
# Single anecdote; seen by a clinician; two independent streams; presumptive analysis; confirmed
# analysis; implicated in a death by a coroner.
GRADES = ("G0", "G1", "G2", "G3", "G4", "G5")
SETTINGS = (
    "community", "home", "street", "hostel", "nightlife", "festival", "prison", "custody",
    "school", "hospital", "drug_service", "other", "unknown",
)  # fmt: skip

# Unknown is a legitimate, watched class: most suspected deaths have no named substance. What
# warns is words that the register cannot place.
MOST_UNRECOGNISED_SUBSTANCES = 0.10
MOST_UNKNOWN_AREAS = 0.10
# The three rules whose answer may need the rows of the whole batch, not of a part of it alone.
SAME_KEY_RULE = "source_ref names one record at a time"
REPEAT_RULE = "no row repeats another row of the batch"
IDENTIFIER_RULE = "no text holds an identifier of a person"
_WHY_CODE = "A code outside the list would be counted in no stream, so it would look like calm."


@dataclass(frozen=True)
class SuiteBounds:
    """What the bounds of a suite depend on, for one batch.

    Attributes:
        latest_day: the last day a harm may be dated, midnight without a time zone.
        latest_moment: the last moment the source may state, UTC without a time zone.
        newest_needed: the newest record must be of this day or later; None: not judged.
        least_rows: fewest rows, below which the batch is empty.
        volume: fewest and most rows expected; None: not judged.
    """

    latest_day: datetime
    latest_moment: datetime
    newest_needed: datetime | None
    least_rows: int
    volume: tuple[int, int] | None


def is_given(column: str, *, why: str) -> Expectation:
    """Require a value in every row."""
    return ExpectColumnValuesToNotBeNull(
        column=column, severity=CRITICAL, description=f"{column} is given", notes=why
    )


def is_code(
    column: str, codes: tuple[str, ...], *, severity: FailureSeverity = CRITICAL
) -> Expectation:
    """Require a code of a list where a code is given."""
    return ExpectColumnValuesToBeInSet(
        column=column,
        value_set=list(codes),
        severity=severity,
        description=f"{column} is one of {', '.join(codes)}",
        notes=_WHY_CODE,
    )


def is_within(
    column: str, low: float | datetime | None, high: float | datetime | None, *, rule: str, why: str
) -> Expectation:
    """Require that numbers or moments, where given, lie between two bounds."""
    return ExpectColumnValuesToBeBetween(
        column=column,
        min_value=low,
        max_value=high,
        severity=CRITICAL,
        description=rule,
        notes=why,
    )


def is_not_before(later: str, earlier: str, *, rule: str, why: str) -> Expectation:
    """Require that one day or number is at least another where both are given."""
    return ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=later,
        column_B=earlier,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        severity=CRITICAL,
        description=rule,
        notes=why,
    )


def is_mostly_true(column: str, share: float, *, rule: str, why: str) -> Expectation:
    """Warn when fewer than a share of the rows have a helper column true."""
    return ExpectColumnValuesToBeInSet(
        column=column,
        value_set=[True],
        mostly=share,
        severity=WARNING,
        description=rule,
        notes=why,
    )


def is_day_of_harm(column: str, bounds: SuiteBounds) -> Expectation:
    """Require that days lie between 1990 and the fetch."""
    return is_within(
        column,
        EARLIEST_DAY,
        bounds.latest_day,
        rule=f"{column} is not before 1990 and not after the day of the fetch",
        why="A mistyped year moves a case into another season, or hides it in the future.",
    )


def record_expectations(bounds: SuiteBounds) -> list[Expectation]:
    """List the expectations on the columns that records of every kind have."""
    return [
        *_key_expectations(),
        *_time_expectations(bounds),
        *_place_and_count_expectations(),
        *_person_expectations(),
        *_batch_expectations(bounds),
    ]


def _key_expectations() -> list[Expectation]:
    return [
        is_given("source_ref", why="Without its key a correction cannot find its record."),
        ExpectCompoundColumnsToBeUnique(
            column_list=["source_ref", "known_at", "withdrawn", "repeat_number"],
            ignore_row_if="any_value_is_missing",
            severity=CRITICAL,
            description=SAME_KEY_RULE,
            notes="Of two records under one key nobody can tell which is right.",
        ),
        ExpectColumnValuesToBeNull(
            column="repeat_of",
            severity=CRITICAL,
            description=REPEAT_RULE,
            notes="A row sent twice would be counted twice; its first copy is kept.",
            meta={"detail": "repeat_of"},
        ),
        ExpectColumnValuesToBeNull(
            column="identifiers",
            severity=CRITICAL,
            description=IDENTIFIER_RULE,
            notes="Identifiers must not enter the store; the source must remove them.",
            meta={"detail": "identifiers"},
        ),
    ]


def _time_expectations(bounds: SuiteBounds) -> list[Expectation]:
    return [
        is_given("occurred_on", why="A harm without a day belongs to no period."),
        is_day_of_harm("occurred_on", bounds),
        is_code("occurred_precision", PRECISIONS),
        is_given("received_at", why="Without it no question can be asked as of a moment."),
        is_not_before(
            "received_day",
            "occurred_on",
            rule="received_at is not before occurred_on",
            why="Nobody learns of a harm before it happens: one of the two is mistyped.",
        ),
        is_within(
            "source_received_at",
            None,
            bounds.latest_moment,
            rule="source_received_at is not after the fetch",
            why="A record dated ahead would stay unseen until that day comes.",
        ),
    ]


def _place_and_count_expectations() -> list[Expectation]:
    return [
        is_given("area_code", why="Write unknown where the area is not known."),
        ExpectColumnValuesToBeInSet(
            column="area_is_registered",
            value_set=[True],
            severity=CRITICAL,
            description="area_code is in the register of areas, or unknown",
            notes="A code of an old vintage would form an area of its own, without history.",
        ),
        is_given("count_low", why="A record stands for a number of cases, mostly 1."),
        is_given(
            "count_high", why="A suppressed count is an interval; a known one has equal ends."
        ),
        is_within("count_low", 0, None, rule="count_low is 0 or more", why="Cases are counted."),
        is_not_before(
            "count_high",
            "count_low",
            rule="count_low is at most count_high",
            why="They are the ends of an interval.",
        ),
        is_mostly_true(
            "area_is_known",
            1 - MOST_UNKNOWN_AREAS,
            rule=f"at most {MOST_UNKNOWN_AREAS:.0%} of the rows have an unknown area",
            why="A jump means that the feed spells its areas in a new way.",
        ),
        is_mostly_true(
            "substances_are_recognised",
            1 - MOST_UNRECOGNISED_SUBSTANCES,
            rule=f"at most {MOST_UNRECOGNISED_SUBSTANCES:.0%} of the rows name a substance that the"
            " register lacks",
            why="A jump means a new spelling, or a substance that must enter the register.",
        ),
    ]


def _person_expectations() -> list[Expectation]:
    return [
        is_code("age_band", AGE_BANDS),
        is_code("sex", SEXES),
        is_code("grade", GRADES),
        is_code("setting", SETTINGS, severity=WARNING),
    ]


def _batch_expectations(bounds: SuiteBounds) -> list[Expectation]:
    expectations: list[Expectation] = [
        ExpectTableRowCountToBeBetween(
            min_value=bounds.least_rows,
            severity=CRITICAL,
            description="the batch has rows",
            notes="An empty file is a fault of the feed, never a quiet week.",
            meta={"about": "empty"},
        )
    ]
    if bounds.volume is not None:
        low, high = bounds.volume
        expectations.append(
            ExpectTableRowCountToBeBetween(
                min_value=low,
                max_value=high,
                severity=WARNING,
                description=f"the batch has {low:,} to {high:,} rows",
                notes="Far fewer: a part was not supplied. Far more: something was sent twice.",
                meta={"about": "volume"},
            )
        )
    if bounds.newest_needed is not None:
        expectations.append(
            ExpectColumnMaxToBeBetween(
                column="occurred_by_fetch",
                min_value=bounds.newest_needed,
                severity=WARNING,
                description=f"the newest record is of {bounds.newest_needed:%Y-%m-%d} or later",
                notes="A feed that stopped looks like a quiet week unless it is called stale.",
                meta={"about": "stale"},
            )
        )
    return expectations
