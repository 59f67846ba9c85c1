"""Run the suite of a record kind over prepared rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations import SUITES, ExpectationSuite, SuiteBounds
from surveillance.checks.identifiers import mask_identifiers
from surveillance.errors import SettingsError

# The values themselves are left out: whatever is stored or shown of a result must hold no
# value of a row.
RESULT_FORMAT: Mapping[str, Any] = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class BrokenRule:
    """One expectation that the batch did not meet.

    Attributes:
        rule: the rule in plain words.
        is_critical: whether it holds rows or the batch back.
        is_share: whether it asks for a share of the rows, so that one row proves nothing.
        about: what a rule about the table is about (empty, volume, stale); empty: rows.
        places: rows that break it, counted from 0 in the rows that were given.
        detail: helper column with the words for each row, or empty.
    """

    rule: str
    is_critical: bool
    is_share: bool
    about: str
    places: tuple[int, ...]
    detail: str
    observed: str


@dataclass(frozen=True)
class Validation:
    """What one run of a suite gave."""

    suite: ExpectationSuite
    result: Any
    broken: tuple[BrokenRule, ...]


def validate(screen: pd.DataFrame, *, kind: str, bounds: SuiteBounds) -> Validation:
    """Judge prepared rows by the suite of their kind.

    Raises:
        SettingsError: an expectation could not be evaluated; nothing is known of the batch.
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
    order = {item.description: place for place, item in enumerate(suite.expectations)}
    broken = [_broken_rule(outcome) for outcome in result.results if not outcome.success]
    return Validation(
        suite=suite,
        result=result,
        broken=tuple(sorted(broken, key=lambda rule: order[rule.rule])),
    )


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


def _broken_rule(outcome: Any) -> BrokenRule:
    config, result = outcome.expectation_config, outcome.result
    meta = config.meta or {}
    return BrokenRule(
        rule=config.description,
        is_critical=config.severity == "critical",
        is_share=config.kwargs.get("mostly", 1) < 1,
        about=meta.get("about", ""),
        places=tuple(int(place) for place in result.get("unexpected_index_list") or ()),
        detail=meta.get("detail", ""),
        observed=str(result.get("observed_value", "")),
    )


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
