"""What a batch of each record kind must look like, and why.

One module per record kind; ``record_rules`` holds what they share. An expectation carries
its rule in plain words (``description``), the reason for it (``notes``) and a ``severity``:
*critical* holds the row back, or the whole batch where the rule is about the table;
*warning* keeps the rows and marks the batch as degraded.

The expectations see plain columns only, without any free text: ``surveillance.checks``
prepares them. What belongs to a single row and cannot be said by an expectation of the
library (a repeat, an identifier) reaches them as a helper column.
"""

import warnings
from collections.abc import Callable

with warnings.catch_warnings():
    # Great Expectations 1.24.1 imports two modules that Python 3.11 deprecates.
    warnings.filterwarnings("ignore", "module 'sre_.*' is deprecated", DeprecationWarning)
    from great_expectations import ExpectationSuite

from expectations import (
    death,
    event,
    indicator,
    market_observation,
    reaction_report,
    sighting,
)
from expectations.record_rules import (
    IDENTIFIER_RULE,
    REPEAT_RULE,
    SAME_KEY_RULE,
    SuiteBounds,
)

SUITES: dict[str, Callable[[SuiteBounds], ExpectationSuite]] = {
    "reaction_report": reaction_report.build_suite,
    "death": death.build_suite,
    "market_observation": market_observation.build_suite,
    "indicator": indicator.build_suite,
    "sighting": sighting.build_suite,
    "event": event.build_suite,
}

__all__ = [
    "IDENTIFIER_RULE",
    "REPEAT_RULE",
    "SAME_KEY_RULE",
    "SUITES",
    "ExpectationSuite",
    "SuiteBounds",
]
