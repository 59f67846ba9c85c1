"""What a batch of sightings must look like: a substance that somebody identified."""

from great_expectations.core import ExpectationSuite

from expectations.record_rules import (
    WARNING,
    SuiteBounds,
    is_code,
    is_within,
    record_expectations,
)

IDENTIFICATION_BASES = ("presumptive", "confirmed")
METHODS = (
    "gc_ms", "lc_ms", "lc_qtof", "nmr", "ftir", "raman", "immunoassay", "reagent", "other",
    "unknown",
)  # fmt: skip
SAMPLE_TYPES = ("product", "biological", "residue", "unknown")
FINDERS = (
    "seizure", "border", "prison", "drug_checking", "post_mortem", "hospital", "wastewater",
    "other", "unknown",
)  # fmt: skip


def build_suite(bounds: SuiteBounds) -> ExpectationSuite:
    """Build the suite of one batch of sightings."""
    return ExpectationSuite(
        name="sighting",
        expectations=[
            *record_expectations(bounds),
            is_code("identification_basis", IDENTIFICATION_BASES),
            is_code("method", METHODS, severity=WARNING),
            is_code("sample_type", SAMPLE_TYPES, severity=WARNING),
            is_code("found_by", FINDERS, severity=WARNING),
            is_within(
                "n_substances",
                1,
                None,
                rule="a substance is named, or unknown",
                why="A sighting of nothing belongs to no series.",
            ),
            is_within(
                "quantity",
                0,
                None,
                rule="quantity is 0 or more",
                why="An amount below zero is another unit or a slip.",
            ),
        ],
    )
