"""Build the pages on which analysts read what the checks found: Data Docs.

Each feed has a folder of its own that holds its newest validation alone, so that the pages
neither grow without bound nor get in each other's way. They hold rules, counts and row
numbers, never a value of a row, and they load nothing from the network.
"""

import html
import re
import shutil
from pathlib import Path
from typing import Any

import great_expectations
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from surveillance.checks.context import CheckContext
from surveillance.checks.counting import RuleCount, about, is_met
from surveillance.checks.validation import new_context
from surveillance.checks.verdict import Conclusion

# The pages of the library fetch styles and scripts from public servers. A page about
# surveillance must not tell strangers that it was opened, nor run what they send.
_REMOTE = re.compile(
    r'<script src="https?://[^>]*></script>|<link [^>]*href="https?://[^>]*>'
    r'|<img\s[^>]*src="https?://[^>]*>|url\(\'https?://[^\']*\'\)|<footer>.*?</footer>',
    re.DOTALL,
)
_STYLE = (
    "<style>body{font-family:sans-serif;max-width:70rem;margin:1rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top}</style>"
)


def data_docs_index(folder: Path, *, feed: str) -> Path:
    """Give the first page of a feed's Data Docs, whether it is built yet or not."""
    return folder / feed / "index.html"


def build_data_docs(conclusion: Conclusion, *, context: CheckContext, folder: Path) -> Path:
    """Build the pages of one batch and put them in the place of the feed's older ones.

    Args:
        conclusion: what the pages show.
        context: what is known of the batch.
        folder: holds one folder for each feed; made where absent.

    Returns:
        The first page.

    Raises:
        OSError: the pages could not be written; the older ones are still there.
    """
    building = folder / f".{context.feed}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    _write_site(conclusion, context=context, site=building)
    for page in building.rglob("*.html"):
        page.write_text(_make_local(page.read_text(encoding="utf-8")), encoding="utf-8")
    # Pictures of the library's own help, 3 MB that no page without scripts shows.
    shutil.rmtree(building / "static" / "images", ignore_errors=True)
    _write_index(building, conclusion, context=context)
    index = data_docs_index(folder, feed=context.feed)
    shutil.rmtree(index.parent, ignore_errors=True)
    building.rename(index.parent)
    return index


def _write_site(conclusion: Conclusion, *, context: CheckContext, site: Path) -> None:
    library = new_context(
        {
            "analysts": {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(site),
                },
                "site_index_builder": {
                    "class_name": "DefaultSiteIndexBuilder",
                    "show_cta_footer": False,
                },
            }
        }
    )
    run = RunIdentifier(run_name=context.batch_id, run_time=context.fetched_at)
    library.suites.add(conclusion.suite)
    library.validation_results_store.set(
        ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(conclusion.suite.name),
            run_id=run,
            batch_identifier=context.batch_id,
        ),
        _result(conclusion, context=context, run=run),
    )
    library.build_data_docs()


def _result(
    conclusion: Conclusion, *, context: CheckContext, run: RunIdentifier
) -> ExpectationSuiteValidationResult:
    """Write the counts of the whole batch in the library's own form."""
    rules = zip(conclusion.suite.expectations, conclusion.counts, strict=True)
    results = [
        ExpectationValidationResult(
            success=is_met(rule, count),
            expectation_config=rule.configuration,
            result=_numbers(rule, count),
        )
        for rule, count in rules
    ]
    met = sum(bool(result.success) for result in results)
    return ExpectationSuiteValidationResult(
        success=met == len(results),
        results=results,
        suite_name=conclusion.suite.name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": met,
            "unsuccessful_expectations": len(results) - met,
            "success_percent": 100 * met / len(results),
        },
        meta={
            "great_expectations_version": great_expectations.__version__,
            "run_id": run,
            "batch_kwargs": {"data_asset_name": context.feed},
        },
        batch_id=context.batch_id,
    )


def _numbers(rule: Any, count: RuleCount) -> dict[str, Any]:
    if about(rule):
        return {"observed_value": count.observed}
    share = count.broken / count.judged if count.judged else 0.0
    return {
        "element_count": count.rows,
        "missing_count": count.missing,
        "missing_percent": 100 * count.missing / count.rows if count.rows else 0.0,
        "unexpected_count": count.broken,
        "unexpected_percent": 100 * share,
        "unexpected_percent_nonmissing": 100 * share,
        "unexpected_percent_total": 100 * count.broken / count.rows if count.rows else 0.0,
    }


def _make_local(page: str) -> str:
    return _REMOTE.sub("", page).replace("</head>", f"{_STYLE}</head>", 1)


def _write_index(site: Path, conclusion: Conclusion, *, context: CheckContext) -> None:
    """Replace the library's first page, which is an empty table wherever scripts are off."""
    links = "".join(
        f'<li><a href="{page.relative_to(site).as_posix()}">{title}</a></li>'
        for part, title in (
            ("validations", "each expectation and how many rows break it"),
            ("expectations", "the expectations of this record kind, and why"),
        )
        for page in sorted((site / part).rglob("*.html"))
    )
    findings = "".join(f"<li>{html.escape(finding)}</li>" for finding in conclusion.findings)
    feed, batch = html.escape(context.feed), html.escape(context.batch_id)
    text = (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Checks of {feed}'
        f"</title>{_STYLE}</head><body><h1>Checks of {feed}: {conclusion.verdict}</h1>"
        f"<p>Batch {batch}, fetched {context.fetched_at:%Y-%m-%d %H:%M %Z}: "
        f"{conclusion.records_accepted:,} rows accepted, {len(conclusion.rejected):,} in "
        "quarantine.</p>"
        f"<h2>Findings</h2><ul>{findings or '<li>none</li>'}</ul><h2>Pages</h2><ul>{links}</ul>"
        "</body></html>"
    )
    (site / "index.html").write_text(text, encoding="utf-8")
