"""Hold a report against the schema, and against the calendar; say what is wrong and where."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker

from dews.intake.problems import Fault

SCHEMA_PATH = Path(__file__).parent / "report.schema.json"
EARLIEST_DAY = date(1990, 1, 1)
_MOST_FAULTS = 50
_A_DAY = "must be a day, written as 2026-11-20"
_A_MOMENT = "must be a moment with its offset, written as 2026-11-20T14:05:00Z"
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_PATTERNS = {
    "area_code": "must be a GSS code such as E08000025, or unknown",
    "patient_pseudonym": "must be 32 to 128 hexadecimal digits in small letters",
    "reported_at": _A_MOMENT,
    "source_ref": "may hold letters, digits and the signs . _ : / - alone",
    "follow_up_of": "must be a reference that the intake gave",
    "duplicate_of": "must be a reference that the intake gave",
}


class _Broken(NamedTuple):
    """A rule of the schema that a report breaks: the keyword, its value, and where."""

    keyword: str
    rule: Any
    path: tuple[str | int, ...]
    instance: Any
    schema: Any


@lru_cache(maxsize=1)
def report_schema() -> dict[str, Any]:
    """Give the JSON Schema of reports."""
    schema: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return schema


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    # Moments are checked below: the library would need another one for them.
    return Draft202012Validator(report_schema(), format_checker=FormatChecker(["date"]))


def find_faults(report: Mapping[str, Any], *, today: date) -> list[Fault]:
    """List what is wrong with a report, at most fifty faults.

    Args:
        report: as it was sent.
        today: no day of a report may be later.

    Example:
        >>> faults = find_faults({"seriousness": "bad"}, today=date(2026, 11, 24))
        >>> [fault.pointer for fault in faults if fault.detail == "is missing"][:2]
        ['/event_date', '/area_code']
        >>> faults[-1].pointer, faults[-1].detail[:17]
        ('/seriousness', 'must be one of: d')
    """
    errors = sorted(_validator().iter_errors(report), key=lambda error: list(map(str, error.path)))
    broken = [
        _Broken(
            keyword=str(error.validator),
            rule=error.validator_value,
            path=tuple(error.absolute_path),
            instance=error.instance,
            schema=error.schema,
        )
        for error in errors
    ]
    faults = [fault for one in broken for fault in _faults_of(one)]
    faults = faults or list(_days_out_of_order(report, today=today))
    return list(dict.fromkeys(faults))[:_MOST_FAULTS]


def _faults_of(broken: _Broken) -> Iterator[Fault]:
    pointer = "".join(f"/{part}" for part in broken.path)
    if broken.keyword == "required":
        missing = [name for name in broken.rule if name not in broken.instance]
        yield from (Fault(f"{pointer}/{name}", "is missing") for name in missing)
    elif broken.keyword == "additionalProperties":
        yield from (Fault(pointer, detail) for detail in _unknown(broken))
    else:
        yield Fault(pointer, _WORDS[broken.keyword](broken))


def _unknown(broken: _Broken) -> Iterator[str]:
    """Name unknown fields by place: a name may itself be what must not be repeated."""
    known = list(broken.schema["properties"])
    for place, name in enumerate(broken.instance, start=1):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            yield f"has a field that the schema does not know, number {place} in order.{meant}"


def _wrong_type(broken: _Broken) -> str:
    return f"must be {_TYPES[broken.rule]}"


def _wrong_code(broken: _Broken) -> str:
    return f"must be one of: {', '.join(broken.rule)}"


def _wrong_pattern(broken: _Broken) -> str:
    name = str(broken.path[-1])
    if broken.schema.get("format") == "date":
        return _A_DAY
    return _PATTERNS.get(name, "must hold more than blanks")


def _said(words: str) -> Callable[[_Broken], str]:
    return lambda broken: words.format(broken.rule)


# One entry for each keyword that the schema uses, but for the two that may tell of several fields.
_WORDS: Mapping[str, Callable[[_Broken], str]] = {
    "type": _wrong_type,
    "enum": _wrong_code,
    "pattern": _wrong_pattern,
    "format": _said(_A_DAY),
    "not": _said("must not hold ten digits grouped as an NHS number; use another key of yours"),
    "minLength": _said("must have at least {} characters"),
    "maxLength": _said("must have at most {} characters"),
    "minItems": _said("must have at least {} entries"),
    "maxItems": _said("must have at most {} entries"),
    "minimum": _said("must be at least {}"),
    "maximum": _said("must be at most {}"),
}


def _days_out_of_order(report: Mapping[str, Any], *, today: date) -> Iterator[Fault]:
    """Check days that the schema found to be days, and the moment that it takes for one."""
    try:
        datetime.fromisoformat(report.get("reported_at", "2000-01-01"))
    except ValueError:
        yield Fault("/reported_at", _A_MOMENT)
    days = {
        "/event_date": report.get("event_date"),
        "/presentation_date": report.get("presentation_date"),
        "/laboratory/sample_date": report.get("laboratory", {}).get("sample_date"),
    }
    read = {pointer: date.fromisoformat(day) for pointer, day in days.items() if day}
    for pointer, day in read.items():
        if day > today:
            yield Fault(pointer, "must not lie in the future")
        elif day < EARLIEST_DAY:
            yield Fault(pointer, f"must not lie before {EARLIEST_DAY.year}")
    if read.get("/presentation_date", today) < read["/event_date"]:
        yield Fault("/presentation_date", "must not lie before event_date")
