"""Run the suite of a record kind over prepared rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations import SUITES, SuiteBounds
from surveillance.checks.counting import RuleCount, about, lowest
from surveillance.checks.identifiers import mask_identifiers
from surveillance.errors import SettingsError

# The values themselves are left out: whatever is stored or shown of a result must hold no
# value of a row.
RESULT_FORMAT: Mapping[str, Any] = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}

# The reasons of one row: place of the rule in its suite, and the words.
Reasons = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Validation:
    """What one run of a suite gave.

    Attributes:
        counts: how each rule fared, in the order of the suite.
        reasons: place of a row, counted from 0 -> why it is held back.
    """

    counts: tuple[RuleCount, ...]
    reasons: Mapping[int, Reasons]


def validate(
    screen: pd.DataFrame, *, kind: str, bounds: SuiteBounds, row_numbers: Sequence[int]
) -> Validation:
    """Judge prepared rows by the suite of their kind.

    Args:
        screen: the rows, as the expectations see them.
        kind: their record kind.
        bounds: what the bounds of the suite depend on.
        row_numbers: number of each row in its file.

    Raises:
        SettingsError: an expectation could not be evaluated; nothing is known of the rows.
    """
    suite = SUITES[kind](bounds)
    context = new_context({})
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset(kind)
    batch = asset.add_batch_definition_whole_dataframe("batch").get_batch(
        batch_parameters={"dataframe": screen}
    )
    result = batch.validate(suite, result_format=dict(RESULT_FORMAT))
    for outcome in result.results:
        _refuse_exceptions(outcome, kind=kind)
    outcomes = {
        outcome.expectation_config.description: outcome.result for outcome in result.results
    }
    counts: list[RuleCount] = []
    reasons: dict[int, list[tuple[int, str]]] = {}
    for order, rule in enumerate(suite.expectations):
        found = outcomes[rule.description]
        places = [int(place) for place in found.get("unexpected_index_list") or ()]
        counts.append(_count(rule, found, places, row_numbers=row_numbers))
        if _holds_rows(rule, kind):
            for place, words in _words(rule, places, screen):
                reasons.setdefault(place, []).append((order, words))
    return Validation(
        counts=tuple(counts),
        reasons={place: tuple(why) for place, why in sorted(reasons.items())},
    )


def _count(
    rule: Any, found: Mapping[str, Any], places: Sequence[int], *, row_numbers: Sequence[int]
) -> RuleCount:
    if about(rule):
        return RuleCount(observed=found.get("observed_value"))
    return RuleCount(
        rows=int(found["element_count"]),
        missing=int(found.get("missing_count") or 0),
        broken=int(found["unexpected_count"] or 0),
        first_rows=lowest(int(row_numbers[place]) for place in places),
    )


def _holds_rows(rule: Any, kind: str) -> bool:
    """Say whether a row that breaks the rule is held back."""
    if about(rule) or rule.severity != "critical":
        return False
    if rule.mostly != 1:
        raise SettingsError(
            f'The expectation "{rule.description}" of {kind} is critical and tolerates some rows;'
            " a row that breaks it could then be neither kept nor held back. Nothing was stored."
            f" Mend expectations/{kind}.py, then run again."
        )
    return True


def _words(rule: Any, places: Sequence[int], screen: pd.DataFrame) -> Iterator[tuple[int, str]]:
    detail = (rule.meta or {}).get("detail", "")
    words = screen[detail] if detail else None
    for place in places:
        yield place, f'breaks "{rule.description}"' if words is None else str(words.iloc[place])


def new_context(sites: Mapping[str, Any]) -> Any:
    """Open a context that keeps everything in memory, sends nothing and draws no bars.

    Args:
        sites: Data Docs sites by name, as the library configures them.
    """
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        data_docs_sites=dict(sites),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _refuse_exceptions(outcome: Any, *, kind: str) -> None:
    """Raise where an expectation failed to run, for its result says nothing of the rows."""
    for info in _exceptions(outcome.exception_info or {}):
        config = outcome.expectation_config
        # The last line of a traceback is the class of the exception and its message.
        lines = str(info.get("exception_traceback") or "unknown error").strip().splitlines()
        message = mask_identifiers(lines[-1])
        raise SettingsError(
            f'The expectation "{config.description}" ({config.type}) of {kind} could not be'
            f" evaluated: {message} The batch is not judged and nothing of it was stored; its raw"
            f" bytes are kept. Mend expectations/{kind}.py or the rows' columns, then run again."
        )


def _exceptions(info: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what was raised; the library nests it by metric, or not."""
    nested = [part for part in info.values() if isinstance(part, Mapping)]
    yield from (part for part in [info, *nested] if part.get("raised_exception"))
