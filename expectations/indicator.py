"""What a batch of indicators must look like: figures of an area and a period."""

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
    ExpectColumnValuesToBeInSet,
)
from great_expectations.expectations.expectation import Expectation

from expectations.record_rules import (
    WARNING,
    SuiteBounds,
    is_given,
    is_not_before,
    is_within,
    record_expectations,
)

MOST_CANCELLED = 0.05


def build_suite(bounds: SuiteBounds) -> ExpectationSuite:
    """Build the suite of one batch of indicators."""
    return ExpectationSuite(
        name="indicator",
        expectations=[
            *record_expectations(bounds),
            is_given("indicator", why="A figure of nothing belongs to no series."),
            is_within(
                "n_figures",
                1,
                None,
                rule="a numerator or a value is given",
                why="What was not supplied gives no row; it is never zero.",
            ),
            is_within(
                "denominator",
                1e-9,
                None,
                rule="denominator is more than 0",
                why="A share of nothing is not defined; leave the denominator empty.",
            ),
            *_interval(),
            ExpectColumnValuesToBeInSet(
                column="is_not_cancelled",
                value_set=[True],
                mostly=1 - MOST_CANCELLED,
                severity=WARNING,
                description=f"at most {MOST_CANCELLED:.0%} of the numerators are below zero",
                notes="A source cancels single figures; many of them are another sign or unit.",
            ),
        ],
    )


def _interval() -> list[Expectation]:
    why = "The estimate lies in its own interval."
    return [
        is_not_before("value", "value_low", rule="value_low is at most value", why=why),
        is_not_before("value_high", "value", rule="value is at most value_high", why=why),
    ]
