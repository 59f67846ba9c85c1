"""What a batch of deaths must look like: suspected, registered, concluded by a coroner."""

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.core.expect_column_values_to_match_regex import (
    ExpectColumnValuesToMatchRegex,
)

from expectations.record_rules import (
    CRITICAL,
    WARNING,
    SuiteBounds,
    is_code,
    is_day_of_harm,
    is_not_before,
    is_within,
    record_expectations,
)

STATUSES = ("suspected", "registered", "concluded")
PLACE_TYPES = (
    "home", "other_home", "hostel", "hotel", "hospital", "care_home", "prison", "custody",
    "public_place", "other", "unknown",
)  # fmt: skip
# A letter, a digit, a digit or letter, then up to four more, with or without the point.
ICD10 = r"^[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?$"


def build_suite(bounds: SuiteBounds) -> ExpectationSuite:
    """Build the suite of one batch of deaths."""
    return ExpectationSuite(
        name="death",
        expectations=[
            *record_expectations(bounds),
            is_code("status", STATUSES),
            is_day_of_harm("registered_on", bounds),
            is_not_before(
                "registered_on",
                "occurred_on",
                rule="registered_on is not before occurred_on",
                why="Registration follows the inquest; else the columns are swapped.",
            ),
            is_within(
                "suspected_rank",
                1,
                3,
                rule="suspected_rank is 1, 2 or 3",
                why="1 is the likeliest drug death; other numbers come from another column.",
            ),
            ExpectColumnValuesToMatchRegex(
                column="underlying_cause",
                regex=ICD10,
                severity=CRITICAL,
                description="underlying_cause looks like an ICD-10 code",
                notes="Definitions of drug deaths are lists of codes; anything else matches none.",
            ),
            is_code("place_type", PLACE_TYPES, severity=WARNING),
        ],
    )
