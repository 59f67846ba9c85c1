"""Puts the guesses of a sample into a description, with comments on what to check."""

import json
from collections.abc import Iterator

import pandas as pd

from surveillance.feeds.drafting.columns import (
    date_format,
    filled,
    first_saying,
    headings_of,
    is_numeric,
)
from surveillance.feeds.drafting.guessing import DayGuess
from surveillance.feeds.drafting.sketching import Sketch, sketch
from surveillance.feeds.rules import SourceRules
from surveillance.feeds.times import ISO_DAY, ISO_MOMENT
from surveillance.register import Register

_CADENCE = {"day": "daily", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


def draft(content: bytes, *, name: str, kind: str | None, register: Register, hint: str) -> str:
    """Write a first description of the feed that a sample is of.

    Args:
        content: the sample's bytes.
        name: the feed's name.
        kind: its record kind, or None where it shall be guessed.
        register: what is known of substances and areas.
        hint: a year to fall back on where the file gives none.

    Raises:
        InputError: no feed can be made of the sample; the message says why.
    """
    return (
        "\n".join([*_lines(sketch(content, kind=kind, register=register, hint=hint), name=name)])
        + "\n"
    )


def _lines(made: Sketch, *, name: str) -> Iterator[str]:
    yield f"# A first description of {name}, guessed from a sample. Every line marked CHECK needs a"
    yield "# person's eye; docs/feeds.md explains all keys. Test it with: dews feeds check"
    yield f"title = {_text(name.replace('_', ' ').capitalize())} # CHECK: what it is, for people"
    yield f"kind = {_text(made.kind)} # CHECK"
    yield 'owner = "unknown" # CHECK: whom to ask when the feed fails'
    yield f"cadence = {_text(_cadence(made))} # CHECK: how often a file should come"
    yield "expected_lag_days = 400 # CHECK: how old its newest record may be"
    yield "enabled = false # a person gives the file with --location until this is true"
    yield from ("", *_source(made.source))
    yield from _shape(made)
    yield from ("", *_identity(made))
    yield from ("", *_received(made))
    yield from _constants(made)
    yield from ("", *_area(made))
    yield from _indicator(made)
    yield from ("", *_columns(made))
    yield from _substances(made)
    if made.kind == "reaction_report" and (found := _saying(made, "reaction", "symptom")):
        separator = "" if any(isinstance(v, list) for v in made.table.cells(found)) else ";"
        yield from ("", "[reactions]", f"column = {_text(found)}")
        yield from ([f"separator = {_text(separator)} # CHECK"] if separator else [])


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


def _saying(made: Sketch, *words: str) -> str | None:
    return first_saying(headings_of(made.table), *words)


def _cadence(made: Sketch) -> str:
    parts = made.day.parts
    finest = next((part for part in ("month", "quarter", "year") if part in parts), "day")
    if not parts and not any(sign in made.day.form for sign in ("%d", ISO_MOMENT)):
        finest = "month"
    return _CADENCE[finest]


def _source(source: SourceRules) -> Iterator[str]:
    yield "[source]"
    yield 'location = "" # CHECK: path, glob or HTTPS address once it runs by itself'
    yield f"format = {_text(source.format)}"
    for key, value in (
        ("member", source.member if source.member != "*" else ""),
        ("delimiter", source.delimiter if source.delimiter != "," else ""),
        ("encoding", source.encoding if source.encoding != "utf-8" else ""),
        ("sheet", source.sheet or ""),
        ("notes_from", source.notes_from),
    ):
        if value:
            yield f"{key} = {_text(value)}"
    if source.header_rows > 1:
        yield f"header_rows = {source.header_rows} # blank lines are not counted"
    if source.heading_lines > 1:
        yield f"heading_lines = {source.heading_lines}"


def _shape(made: Sketch) -> Iterator[str]:
    if made.unpivot is not None:
        yield from ("", "# Each cell beside these columns becomes a row.", "[unpivot]")
        yield f"by = {_texts(made.unpivot.by)}"
        yield f"names = {_texts(made.unpivot.names)}"
        yield f"value = {_text(made.unpivot.value)}"
    if made.place == "place":
        yield from ("", "[derived.place]", f"column = {_text(made.area.column)}")
        if made.area.drop_last:
            yield f"drop_last = {made.area.drop_last} # the small area's own ending"
        yield "area = true"
    if made.is_counted:
        yield from ("", "# Single rows are counted. CHECK: say under [[keep]] which of them count.")
        yield "[aggregate]"
        yield f"by = {_texts(_counted_by(made))}"
        yield 'count = "rows"'


def _counted_by(made: Sketch) -> list[str]:
    places = [made.place] if made.area.column else []
    return [*made.day.columns, *places, *([made.category] if made.category else [])]


def _identity(made: Sketch) -> Iterator[str]:
    yield "[identity]"
    if made.is_counted:
        yield f"columns = {_texts(_counted_by(made))}"
    elif made.key:
        yield f"columns = {_texts(made.key)} # CHECK: the source's own key, for ever"
    else:
        yield "row = true # CHECK: no key was found, so that a corrected row is another record"


def _received(made: Sketch) -> Iterator[str]:
    yield "[received]"
    if made.receipt is None or made.is_counted:
        yield "assumed_lag_days = 30 # CHECK: from the first day of the period to our knowledge"
        return
    column, form = made.receipt
    yield f"column = {_text(column)} # CHECK: is it when the source learnt of the record?"
    if form not in (ISO_MOMENT, ISO_DAY):
        yield f"formats = {_texts([form])}"


def _constants(made: Sketch) -> Iterator[str]:
    constants = {}
    if not made.area.column:
        constants["country"] = "United Kingdom"
    if made.day.constant_year:
        constants["year"] = made.day.constant_year
    if constants:
        yield from ("", "[constants]")
        yield from (f"{key} = {_text(one)} # CHECK" for key, one in constants.items())


def _area(made: Sketch) -> Iterator[str]:
    yield "[area]"
    yield f"columns = {_texts([made.place])}"
    yield f"within = {_text(made.area.within)} # CHECK: the root under which names are looked up"
    if made.area.kinds:
        yield f"kinds = {_texts(made.area.kinds)}"


def _indicator(made: Sketch) -> Iterator[str]:
    if made.kind != "indicator":
        return
    figures = made.figures or {"numerator": "rows"}
    yield from ("", "[indicator]")
    yield 'name = "unnamed" # CHECK: what is measured, in lower_case'
    yield f"unit = {_text(figures['numerator'].casefold())} # CHECK: what the figures count"
    yield from (f"{figure} = {_text(column)} # CHECK" for figure, column in figures.items())
    if made.figures:
        texts = filled(made.table, figures["numerator"])
        marks = sorted(texts[pd.to_numeric(texts, errors="coerce").isna()].unique())
        if marks:
            yield f"missing = {_texts(['', *marks])} # CHECK: hidden or not supplied, never zero"


def _columns(made: Sketch) -> Iterator[str]:
    yield "[columns]"
    yield f"occurred_on = {_day_rule(made.day)}"
    if made.category:
        yield f"category = {_text(made.category)}"
    yield from _OF_KIND.get(made.kind, lambda _made: ())(made)
    if made.kind in ("death", "reaction_report"):
        yield from _person(made)


def _day_rule(day: DayGuess) -> str:
    if day.parts:
        parts = [f"{part} = {_text(column)}" for part, column in day.parts.items()]
        parts += [f"first_month = {day.first_month}"] if day.first_month > 1 else []
        return f"{{ {', '.join(parts)} }} # CHECK"
    forms = [] if day.form in (ISO_DAY, ISO_MOMENT) else [f", date_formats = [{_text(day.form)}]"]
    if day.form == ISO_MOMENT:
        forms = [f", date_formats = [{_text(ISO_MOMENT)}]"]
    asked = "day before month or month before day?" if day.is_ambiguous else "the day of the harm?"
    return f"{{ column = {_text(day.columns[0])}{''.join(forms)} }} # CHECK: {asked}"


def _person(made: Sketch) -> Iterator[str]:
    age = _saying(made, "age")
    if age and is_numeric(filled(made.table, age)):
        yield f"age_band = {{ column = {_text(age)}, from_years = true }}"
    sex = _saying(made, "sex", "gender")
    values = {} if sex is None else _sexes(made, sex)
    if values:
        pairs = ", ".join(f"{_text(theirs)} = {_text(ours)}" for theirs, ours in values.items())
        yield f"sex = {{ column = {_text(sex or '')}, values = {{ {pairs} }}, strict = false }}"


def _sexes(made: Sketch, column: str) -> dict[str, str]:
    ours = {"m": "male", "f": "female", "u": "unknown", "o": "other"}
    found = made.table.texts(column).unique()
    return {text: ours[text[0].casefold()] for text in found if text[:1].casefold() in ours}


def _of_death(made: Sketch) -> Iterator[str]:
    yield 'status = { constant = "registered" } # CHECK: suspected, registered or concluded'
    if cause := _saying(made, "cause", "cod"):
        yield f"certificate_text = {_text(cause)}"


def _of_market(made: Sketch) -> Iterator[str]:
    for target, words in (
        ("purity_percent", ("purity", "potency")),
        ("deal_mass_g", ("weight", "mass", "gram")),
        ("price_gbp", ("price", "cost")),
    ):
        if (column := _saying(made, *words)) and is_numeric(filled(made.table, column)):
            yield f"{target} = {_text(column)} # CHECK: the unit"
    yield 'market_level = { constant = "retail" } # CHECK: retail, mid or wholesale'


def _of_sighting(made: Sketch) -> Iterator[str]:
    yield 'found_by = { constant = "unknown" } # CHECK: seizure, drug_checking, post_mortem ...'
    amount = _saying(made, "amount", "quantity", "weight")
    if amount and is_numeric(filled(made.table, amount)):
        yield f"quantity = {_text(amount)}"
        if unit := _saying(made, "unit"):
            yield f"quantity_unit = {_text(unit)}"


def _of_report(made: Sketch) -> Iterator[str]:
    yield 'seriousness = { constant = "other" } # CHECK: say it from a column if there is one'
    if narrative := _saying(made, "narrative", "description", "comment", "note"):
        yield f"narrative = {_text(narrative)} # CHECK: must hold nothing that names a person"


def _of_event(made: Sketch) -> Iterator[str]:
    yield 'grade = { constant = "G0" } # CHECK: how far each event is verified'
    lengths = {
        one.name: filled(made.table, one.name).str.len().mean()
        for one in headings_of(made.table)
        if one.name not in made.day.columns and date_format(filled(made.table, one.name)) is None
    }
    known = {name: length for name, length in lengths.items() if length == length}
    if known:
        yield f"further = {_text(max(known, key=lambda name: known[name]))} # CHECK: which head?"


_OF_KIND = {
    "death": _of_death,
    "market_observation": _of_market,
    "sighting": _of_sighting,
    "reaction_report": _of_report,
    "event": _of_event,
}


def _substances(made: Sketch) -> Iterator[str]:
    drugs = made.drugs
    if made.is_counted or (made.kind == "indicator" and not drugs.is_found):
        return
    if not drugs.is_found:
        yield from ("", "[substances] # CHECK: nothing in the sample names a substance")
        yield 'constant = "unknown"'
    if drugs.nested is not None:
        yield from ("", "[substances.nested]", f"column = {_text(drugs.nested[0])}")
        yield f"name = {_text(drugs.nested[1])}"
    if drugs.ticks:
        yield from ("", "[substances.flags]", 'role = "detected"')
        yield f"present = {_texts(drugs.present)}"
        yield f"absent = {_texts(drugs.absent)}"
        yield from ("", "[substances.flags.columns]")
        yield from (f"{_text(one)} = {_text(ours)}" for one, ours in drugs.ticks.items())
    for listed in drugs.lists:
        yield from ("", "[[substances.list]]", f"column = {_text(listed.column)}")
        if listed.separator:
            yield f"separator = {_text(listed.separator)} # CHECK"
        yield f"role = {_text(listed.role)} # CHECK"
