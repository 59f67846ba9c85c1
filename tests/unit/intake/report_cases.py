"""A valid report, and variations of it."""

import json
from typing import Any

from dews.intake.validation import report_schema

# Made up, and right by modulus 11.
NHS_NUMBER = "943 476 5919"


def a_report(**changes: Any) -> dict[str, Any]:
    """Give a small valid report with some fields changed; None leaves a field out."""
    report = {
        "event_date": "2026-11-20",
        "area_code": "E08000025",
        "reporter_role": "ambulance",
        "substances": [{"name": "heroin"}],
        "reactions": ["drowsiness"],
        "seriousness": "none",
    } | changes
    return {name: value for name, value in report.items() if value is not None}


def the_example() -> dict[str, Any]:
    """Give a copy of the example that the schema itself carries."""
    example: dict[str, Any] = json.loads(json.dumps(report_schema()["examples"][0]))
    return example
