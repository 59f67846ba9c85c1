"""What a batch of reaction reports must look like (reports of harm to one person)."""

from great_expectations.core import ExpectationSuite

from expectations.record_rules import (
    WARNING,
    SuiteBounds,
    is_code,
    is_day_of_harm,
    is_given,
    is_mostly_true,
    is_not_before,
    is_within,
    record_expectations,
)

STATUSES = ("suspected", "provisional", "confirmed", "final", "amended")
REPORTER_ROLES = (
    "emergency_department", "general_practice", "drug_service", "prison", "custody",
    "sexual_health", "mental_health", "hostel", "ambulance", "public", "other", "unknown",
)  # fmt: skip
IDENTIFICATION_BASES = ("patient_said", "packaging", "presumptive", "confirmed")
SERIOUSNESS = ("died", "life-threatening", "hospital", "disability", "other", "none")
NALOXONE = ("yes", "no", "unknown")
OUTCOMES = ("recovered", "recovering", "continuing", "died", "unknown")
MOST_WITHOUT_AGE = 0.20


def build_suite(bounds: SuiteBounds) -> ExpectationSuite:
    """Build the suite of one batch of reaction reports."""
    return ExpectationSuite(
        name="reaction_report",
        expectations=[
            *record_expectations(bounds),
            is_given("seriousness", why="Ranking of signals rests on it; write none or other."),
            is_code("seriousness", SERIOUSNESS),
            is_code("identification_basis", IDENTIFICATION_BASES),
            is_code("naloxone_given", NALOXONE),
            is_code("outcome", OUTCOMES),
            is_code("status", STATUSES, severity=WARNING),
            is_code("reporter_role", REPORTER_ROLES, severity=WARNING),
            is_day_of_harm("presentation_date", bounds),
            is_not_before(
                "presentation_date",
                "occurred_on",
                rule="presentation_date is not before occurred_on",
                why="A person is seen after the event, or one of the days is mistyped.",
            ),
            is_not_before(
                "received_day",
                "presentation_date",
                rule="presentation_date is not after received_at",
                why="A report is sent after the person was seen.",
            ),
            is_within(
                "n_substances",
                1,
                None,
                rule="at least one substance is named, or unknown",
                why="A report without any substance can belong to no series.",
            ),
            is_mostly_true(
                "age_is_given",
                1 - MOST_WITHOUT_AGE,
                rule=f"at most {MOST_WITHOUT_AGE:.0%} of the rows lack age_band",
                why="New and younger users are seen by age alone.",
            ),
        ],
    )
