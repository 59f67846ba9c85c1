"""What would become of a file, told so that a feed's owner understands it.

The owner reads it beside the file: rows are named by their numbers, columns by the headings
that stand in the file, and words that were not understood are spelt out.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from surveillance.checks import mask_identifiers
from surveillance.domain import UNKNOWN_AREA, UNKNOWN_SUBSTANCE, RejectedRow
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.parsing import ParsedBatch
from surveillance.jobs.trying import TriedFile
from surveillance.register import Register

MOST_SHOWN = 10
_EXAMPLE_DAY = date(2026, 12, 31)
_DATE_FORM = re.compile(r"not a date as (.+)$")
_VERDICTS = {
    "pass": "The file can be used as it is.",
    "degraded": "The file would be used, and every signal made from it would say that it has"
    " weaknesses.",
    "hold": "Nothing of the file would be used until a person has looked at it.",
}


def report_lines(tried: TriedFile, register: Register) -> list[str]:
    """Write the report, one line a paragraph or list entry."""
    description = tried.description
    lines = [
        f"{description.name}: {description.title}",
        f"File: {tried.batch.address} ({tried.batch.size_bytes:,} bytes); nothing was stored.",
        "",
    ]
    if tried.parsed is None or tried.report is None:
        return [
            *lines,
            "RESULT: refused. The file cannot be read, so none of its rows was looked at.",
            f"Why: {tried.refusal}",
            "",
            "What to do",
            f"  Mend the file or config/feeds/{description.name}.toml, then check it again. The "
            f"feed's owner is {description.owner}.",
        ]
    verdict = tried.report.verdict
    return [
        *lines,
        f"RESULT: {verdict}. {_VERDICTS[verdict]}",
        "",
        *_section("What was read", _read(tried)),
        *_section("Rows held back, and why", _held(tried)),
        *_section("Areas", _areas(tried.parsed, register)),
        *_section("Substances", _substances(tried.parsed, register)),
        *_section("What else was noticed", _noticed(tried)),
        *_section("What to do", _advice(tried)),
    ]


def _section(title: str, entries: Iterable[str]) -> list[str]:
    found = [f"  {entry}" for entry in entries]
    return [title, *(found or ["  nothing"]), ""]


def _read(tried: TriedFile) -> Iterator[str]:
    parsed, report, description = tried.parsed, tried.report, tried.description
    if parsed is None or report is None:
        return
    unit = "cells of a wide table" if description.shape.unpivot else "rows below the headings"
    accepted = parsed.source_rows(report.accepted["row_number"].tolist())
    held = parsed.source_rows(row.row_number for row in report.rejected or parsed.rejected)
    silent = parsed.rows_present - accepted - held - parsed.rows_set_aside
    yield f"{parsed.rows_present:,} {unit}, of which"
    if report.verdict == "hold":
        yield "  none would be used, for the file as a whole is on hold"
    else:
        yield f"  {accepted:,} would be accepted, as {_count(len(report.accepted), 'record')}"
        yield f"  {held:,} would be held back"
        yield f"  {silent:,} say that nothing was supplied"
    yield f"  {parsed.rows_set_aside:,} are not of this feed and are set aside"
    if len(parsed.rows):
        days = parsed.rows["occurred_on"]
        precisions = sorted({one for one in parsed.rows["occurred_precision"] if one})
        exact = " or ".join(precisions) or "day"
        yield f"Dates run from {days.min()} to {days.max()}, exact to the {exact}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _held(tried: TriedFile) -> Iterator[str]:
    parsed, report = tried.parsed, tried.report
    if parsed is None or report is None:
        return
    rows = report.rejected or parsed.rejected
    if not rows:
        return
    by_reason: dict[str, list[RejectedRow]] = defaultdict(list)
    for row in rows:
        for reason in row.reasons:
            by_reason[reason].append(row)
    yield "Rows are counted from 1, the first row below the headings."
    for reason, broken in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        where = _rows_in_words(broken, tried.description)
        yield f"{reason}{_columns_of(reason, tried.description)}: {where}"
        if hint := _hint(reason, tried.description):
            yield f"    {hint}"


def _columns_of(reason: str, description: FeedDescription) -> str:
    """Name the columns of the file that a reason is about, where its target is made of some."""
    rule = description.columns.get(reason.split(":")[0])
    if rule is None:
        return ""
    names = [*rule.columns, *(rule.parts or {}).values()]
    return f" (from {', '.join(map(repr, names))})" if names else ""


def _hint(reason: str, description: FeedDescription) -> str:
    """Say in plain words what a reason asks for, empty where it is plain already."""
    target, _, problem = reason.partition(": ")
    if form := _DATE_FORM.search(problem):
        shown = [_EXAMPLE_DAY.strftime(one) for one in form[1].split(" or ")]
        return f"A date is written like {' or '.join(shown)}."
    rule = description.columns.get(target)
    if rule is not None and rule.value_map and "among those of the description" in problem:
        return f"It may hold: {', '.join(rule.value_map)}."
    return ""


def _rows_in_words(rows: Sequence[RejectedRow], description: FeedDescription) -> str:
    if description.shape.unpivot or description.shape.aggregate:
        shown = [_key_in_words(row, description) for row in rows[:MOST_SHOWN]]
    else:
        shown = [f"{row.row_number:,}" for row in rows[:MOST_SHOWN]]
    word = "row" if len(rows) == 1 else "rows"
    more = f" and {len(rows) - MOST_SHOWN:,} more" if len(rows) > MOST_SHOWN else ""
    return f"{word} {', '.join(shown)}{more}"


def _key_in_words(row: RejectedRow, description: FeedDescription) -> str:
    """Name a cell or figure by the values that make it, for it has no row of its own."""
    shape = description.shape
    if shape.aggregate is not None:
        names: tuple[str, ...] = shape.aggregate.by
    else:
        names = (*shape.unpivot.by, *shape.unpivot.names) if shape.unpivot else ()
    try:
        values = json.loads(row.raw)
    except ValueError:
        return f"{row.row_number:,}"
    if not isinstance(values, dict):
        return f"{row.row_number:,}"
    return "(" + ", ".join(f"{name} {values.get(name, '')}" for name in names) + ")"


def _areas(parsed: ParsedBatch, register: Register) -> Iterator[str]:
    codes = parsed.rows["area_code"]
    known = Counter(code for code in codes if code != UNKNOWN_AREA)
    told = f"{_count(len(known), 'area')} recognised, in {_count(sum(known.values()), 'record')}"
    yield f"{told}:" if known else f"{told}."
    for code, times in known.most_common(MOST_SHOWN):
        yield f"  {register.areas.get(code).name} ({code}): {times:,}"
    if len(known) > MOST_SHOWN:
        yield f"  and {len(known) - MOST_SHOWN:,} more"
    strange = parsed.rows.loc[codes == UNKNOWN_AREA, "area_verbatim"].fillna("")
    yield from _not_recognised(Counter(strange), "area")


def _substances(parsed: ParsedBatch, register: Register) -> Iterator[str]:
    named = [mention for mentions in parsed.rows["substances"] for mention in mentions]
    known = Counter(one.substance_id for one in named if one.substance_id != UNKNOWN_SUBSTANCE)
    told = f"{_count(len(known), 'substance')} recognised, {_count(sum(known.values()), 'time')}"
    yield f"{told}:" if known else f"{told}."
    for substance_id, times in known.most_common(MOST_SHOWN):
        yield f"  {register.substances.get(substance_id).name} ({substance_id}): {times:,}"
    if len(known) > MOST_SHOWN:
        yield f"  and {len(known) - MOST_SHOWN:,} more"
    strange = Counter(one.verbatim for one in named if one.substance_id == UNKNOWN_SUBSTANCE)
    yield from _not_recognised(strange, "substance")


def _not_recognised(words: Counter[str], noun: str) -> Iterator[str]:
    empty = words.pop("", 0)
    if empty:
        yield f"{_count(empty, 'record')} without any {noun}: they count as unknown."
    if not words:
        return
    yield f"{_count(len(words), 'name')} not recognised, kept as unknown in the file's own words:"
    for text, times in words.most_common(2 * MOST_SHOWN):
        yield f'  "{mask_identifiers(text)}": {times:,}'
    if len(words) > 2 * MOST_SHOWN:
        yield f"  and {len(words) - 2 * MOST_SHOWN:,} more"


def _noticed(tried: TriedFile) -> Iterator[str]:
    if tried.parsed is not None and tried.report is not None:
        yield from (*tried.parsed.findings, *tried.report.findings)


def _advice(tried: TriedFile) -> Iterator[str]:
    parsed, report, name = tried.parsed, tried.report, tried.description.name
    if parsed is None or report is None:
        return
    if report.rejected or parsed.rejected:
        yield "Mend the rows that are held back in the file, or, where the file is right, the"
        yield f"description config/feeds/{name}.toml. Rows held back are kept, never lost."
    if (parsed.rows["area_code"] == UNKNOWN_AREA).any():
        yield "Write areas as codes, or ask that a spelling be added to config/areas.csv;"
        yield 'dews resolve "NAME" shows what is understood.'
    if any(
        one.substance_id == UNKNOWN_SUBSTANCE and one.verbatim
        for mentions in parsed.rows["substances"]
        for one in mentions
    ):
        yield "Look at the substances not recognised: a misspelling should be mended, a new name is"
        yield "what this service waits for and may stay as it is."
    if report.verdict == "hold":
        yield f"Ask {tried.description.owner} for a mended file; as it is, it would be put on hold."
    elif tried.description.enabled:
        yield f"Put the file where the feed is read: {tried.description.location}"
    else:
        yield f"Bring it with: dews run --feeds config/feeds/{name}.toml --location FILE"
