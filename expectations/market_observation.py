"""What a batch of prices and purities must look like."""

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
    ExpectColumnValuesToBeInSet,
)
from great_expectations.expectations.expectation import Expectation

from expectations.record_rules import (
    CRITICAL,
    WARNING,
    SuiteBounds,
    is_code,
    is_within,
    record_expectations,
)

MARKET_LEVELS = ("retail", "mid", "wholesale")
DEAL_MASSES_G = (0.1, 0.2, 0.5, 1.0, 3.5, 28.0, 1000.0)
MOST_OTHER_MASSES = 0.05
# Width of the band of prices around the usual one, in powers of ten on either side. Drugs
# differ by a factor of ten at one level; a price in pence or per kilogram by a hundred.
PRICE_BAND_LOG10 = 1.5


def build_suite(bounds: SuiteBounds) -> ExpectationSuite:
    """Build the suite of one batch of prices and purities."""
    return ExpectationSuite(
        name="market_observation",
        expectations=[
            *record_expectations(bounds),
            is_code("market_level", MARKET_LEVELS),
            ExpectColumnValuesToBeInSet(
                column="price_has_level",
                value_set=[True],
                severity=CRITICAL,
                description="a price has its market_level",
                notes="Prices of different levels cannot be compared.",
            ),
            is_within(
                "n_substances",
                1,
                None,
                rule="a substance is named, or unknown",
                why="A price of nothing belongs to no series.",
            ),
            is_within(
                "n_measures",
                1,
                None,
                rule="a price or a purity is given",
                why="Without either there is nothing to follow.",
            ),
            *_purity(),
            *_deals(),
        ],
    )


def _purity() -> list[Expectation]:
    return [
        is_within(
            "purity_percent",
            0,
            100,
            rule="purity_percent is between 0 and 100",
            why="More is another unit, or a decimal comma that was lost.",
        ),
        is_within(
            "purity_n",
            1,
            None,
            rule="purity_n is 1 or more",
            why="A mean purity is weighed by the samples behind it.",
        ),
    ]


def _deals() -> list[Expectation]:
    return [
        is_within(
            "deal_mass_g",
            1e-6,
            None,
            rule="deal_mass_g is more than 0",
            why="A price per gram needs a mass.",
        ),
        ExpectColumnValuesToBeInSet(
            column="deal_mass_g",
            value_set=list(DEAL_MASSES_G),
            mostly=1 - MOST_OTHER_MASSES,
            severity=WARNING,
            description=f"at least {1 - MOST_OTHER_MASSES:.0%} of the deal masses are usual"
            f" ones ({', '.join(f'{mass:g}' for mass in DEAL_MASSES_G)} g)",
            notes="Unusual masses are no fault; many of them are another unit.",
        ),
        is_within(
            "price_gbp", 0, None, rule="price_gbp is 0 or more", why="Nobody is paid to buy."
        ),
        is_within(
            "price_log10_over_usual",
            -PRICE_BAND_LOG10,
            PRICE_BAND_LOG10,
            rule="the price per gram lies in the band of its market level",
            why="Outside it the currency unit or the mass is wrong, not the market.",
        ),
    ]
