"""What a batch of events must look like: what a worker or an officer noticed."""

from great_expectations.core import ExpectationSuite

from expectations.record_rules import (
    WARNING,
    SuiteBounds,
    is_code,
    is_given,
    is_within,
    record_expectations,
)

OBSERVER_ROLES = (
    "drug_worker", "police_officer", "outreach_worker", "peer", "clinician", "prison_officer",
    "hostel_worker", "toxicologist", "other", "unknown",
)  # fmt: skip


def build_suite(bounds: SuiteBounds) -> ExpectationSuite:
    """Build the suite of one batch of events."""
    return ExpectationSuite(
        name="event",
        expectations=[
            *record_expectations(bounds),
            is_given("grade", why="An ungraded rumour would weigh as much as a laboratory."),
            is_code("observer_role", OBSERVER_ROLES, severity=WARNING),
            is_within(
                "n_heads",
                1,
                None,
                rule="at least one head is filled",
                why="An event that says nothing cannot be judged.",
            ),
        ],
    )
