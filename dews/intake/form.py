"""From what a person filled in to a report, or to what they have to mend; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from unicodedata import category
from urllib.parse import parse_qs

from dews.intake import answers
from dews.intake.answers import Choice, codes
from dews.intake.problems import Problem
from dews.intake.validation import EARLIEST_DAY
from surveillance.domain import UNKNOWN_SUBSTANCE
from surveillance.register import Register

MOST_WORDS = 120
MOST_NARRATIVE = 2_000
_MOST_FIELDS = 60
_MOST_ALSO_TAKEN = 10
_SEPARATORS = str.maketrans(";\n", ",,")
_YEAR_DIGITS = 4
# Control signs and signs of direction.
_UNSEEN = ("Cc", "Cf")
_PLACES = ("authority", "region", "nation")
# Reports' field -> choices of the form's field of that name.
_CHOSEN: Mapping[str, tuple[Choice, ...]] = {
    "seriousness": answers.SERIOUSNESS,
    "naloxone_given": answers.NALOXONE,
    "identification_basis": answers.BASIS,
    "age_band": answers.AGES,
    "sex": answers.SEXES,
    "setting": answers.SETTINGS,
    "reporter_role": answers.ROLES,
}
# Beginning of a pointer into the report -> the field of the form that it came from.
_FIELD_OF = {
    "/substances/0": "substance",
    "/substances": "also_taken",
    "/reactions": "effect_other",
    "/narrative": "narrative",
}


@dataclass(frozen=True)
class Mistake:
    """What has to be mended, and at which field."""

    field: str
    words: str


@dataclass(frozen=True)
class Draft:
    """What was filled in, as it came."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Give the one value of a field, without blanks around it; empty where there is none."""
        given = self.values.get(name)
        return given[0].strip() if given else ""

    def several(self, name: str) -> frozenset[str]:
        """Give all values of a field."""
        return frozenset(self.values.get(name, ()))


def read_draft(content: bytes) -> Draft:
    """Read a form as a browser sends it.

    Raises:
        Problem: it is none.
    """
    try:
        values = parse_qs(
            content.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise Problem(
            "bad-form", 400, "The form cannot be read", "Nothing was stored. Open the form again."
        ) from None
    return Draft({name: [_cleaned(text) for text in texts] for name, texts in values.items()})


def _cleaned(text: str) -> str:
    """Drop the signs that no reader sees; browsers end lines in two signs."""
    kept = text.replace("\r\n", "\n")
    return "".join(sign for sign in kept if sign in "\n\t" or category(sign) not in _UNSEEN)


def build_report(
    draft: Draft, *, today: date, register: Register
) -> tuple[dict[str, Any], list[Mistake]]:
    """Make a report of a draft.

    Returns:
        The report, and what has to be mended in the order of the page; with mistakes the
        report is not whole.
    """
    mistakes: list[Mistake] = []
    report: dict[str, Any] = {"event_date": _day(draft, today=today, mistakes=mistakes)}
    report["area_code"] = _area(draft, register=register, mistakes=mistakes)
    report["substances"] = _substances(draft, mistakes=mistakes)
    report["reactions"] = _effects(draft, mistakes=mistakes)
    for name, choices in _CHOSEN.items():
        given = draft.one(name)
        if given and given in codes(choices):
            report[name] = given
    if "seriousness" not in report:
        mistakes.append(Mistake("seriousness", "Say how serious it was"))
    report.setdefault("reporter_role", "public")
    narrative = draft.one("narrative")
    if len(narrative) > MOST_NARRATIVE:
        mistakes.append(Mistake("narrative", f"Write at most {MOST_NARRATIVE:,} characters"))
    elif narrative:
        report["narrative"] = narrative
    return report, mistakes


def _day(draft: Draft, *, today: date, mistakes: list[Mistake]) -> str:
    parts = [draft.one(name) for name in ("day", "month", "year")]
    when = draft.one("when") or ("earlier" if any(parts) else "")
    if when == "today":
        return today.isoformat()
    if when == "yesterday":
        return (today - timedelta(days=1)).isoformat()
    if when != "earlier":
        mistakes.append(Mistake("when", "Say when it happened"))
        return ""
    try:
        day = _written_day(parts)
    except ValueError:
        mistakes.append(Mistake("day", "Write the day as numbers, such as 27 3 2026"))
        return ""
    if day > today:
        mistakes.append(Mistake("day", "The day must not lie in the future"))
    elif day < EARLIEST_DAY:
        mistakes.append(Mistake("day", f"The day must be in {EARLIEST_DAY.year} or later"))
    return day.isoformat()


def _written_day(parts: Sequence[str]) -> date:
    day, month, year = parts
    if not all(part.isascii() and part.isdigit() for part in parts) or len(year) != _YEAR_DIGITS:
        raise ValueError("a part is no number")
    return date(int(year), int(month), int(day))


def _area(draft: Draft, *, register: Register, mistakes: list[Mistake]) -> str:
    place = draft.one("place")
    if not place:
        if not draft.one("place_unknown"):
            mistakes.append(Mistake("place", "Say where it happened, or that you are not sure"))
        return "unknown"
    code = register.areas.resolve(place)
    if code is None or register.areas.get(code).kind not in _PLACES:
        mistakes.append(
            Mistake(
                "place",
                "Choose an area or region from the list, or empty this field",
            )
        )
        return "unknown"
    return code


def _substances(draft: Draft, *, mistakes: list[Mistake]) -> list[dict[str, str]]:
    name = draft.one("substance")
    if not name and not draft.one("substance_unknown"):
        mistakes.append(Mistake("substance", "Say what was taken, or that you do not know"))
    also = [part.strip() for part in draft.one("also_taken").translate(_SEPARATORS).split(",")]
    others = [part for part in also if part]
    if len(name) > MOST_WORDS:
        mistakes.append(Mistake("substance", f"Write at most {MOST_WORDS} characters"))
    if len(others) > _MOST_ALSO_TAKEN or any(len(part) > MOST_WORDS for part in others):
        mistakes.append(
            Mistake("also_taken", f"Write at most {_MOST_ALSO_TAKEN} names, with commas between")
        )
    named = [{"name": name or UNKNOWN_SUBSTANCE, "role": "suspect"}]
    return named + [{"name": part, "role": "co-used"} for part in others]


def _effects(draft: Draft, *, mistakes: list[Mistake]) -> list[str]:
    ticked = draft.several("effect")
    effects = [choice.code for choice in answers.EFFECTS if choice.code in ticked]
    other = draft.one("effect_other")
    if len(other) > MOST_WORDS:
        mistakes.append(Mistake("effect_other", f"Write at most {MOST_WORDS} characters"))
    elif other:
        effects.append(other)
    elif not effects:
        mistakes.append(Mistake("effect", "Say what happened"))
    return effects


def places(register: Register) -> list[str]:
    """List the names of the areas that a person may choose, the larger ones first.

    Args:
        register: the names of areas.
    """
    areas = register.areas
    known = [area for area in areas.all() if area.kind in _PLACES and areas.resolve(area.name)]
    inside = [area for area in known if areas.ancestors(area.code)[-1] == areas.resolve("UK", "")]
    ranked = sorted(inside, key=lambda area: (-_PLACES.index(area.kind), area.name))
    return [area.name for area in ranked]


def field_of(pointer: str) -> str:
    """Give the field of the form that a part of the report came from.

    Example:
        >>> field_of("/substances/0/name"), field_of("/substances/1/name")
        ('substance', 'also_taken')
    """
    return next((name for start, name in _FIELD_OF.items() if pointer.startswith(start)), "when")
