"""Word the notice that leaves: unverified, banded, with an action and an end; pure.

It carries no narrative, age, sex or setting, and no figure that ``disclosure`` does not let
out. Clinical text beyond the class and its references waits for approved templates.

Source: docs/field.md, grades and levels, what a notice says and never says, clinical classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from alerts import disclosure
from alerts.escaping import plain
from alerts.routing import RoutingRules
from surveillance.domain import ALL_SUBSTANCES, Signal, Stream
from surveillance.periods import Cadence, floor_day, period_end
from surveillance.register import Area, Register, Substance

_SATURDAY = 5
_GRADES = (
    "G0: a single unverified observation, no harm confirmed",
    "G1: reported by professionals, substance as named, not analysed",
    "G2: two independent streams agree in place and time",
    "G3: presumptive analysis",
    "G4: confirmed by laboratory analysis",
)
_KIND_GRADES = {"market_observation": 0, "reaction_report": 1, "death": 1}
_TWO_STREAMS_GRADE, _PRESUMPTIVE_GRADE = 2, 3
_ANALYSED_GRADES = {"presumptive": _PRESUMPTIVE_GRADE, "confirmed": 4}
_KIND_PHRASES = {
    "reaction_report": "reports naming {}",
    "death": "deaths with {} named",
    "market_observation": "change in price or purity of {}",
}
_MIXED_PHRASE = "reports and deaths naming {}"
_KIND_NOUNS = {"reaction_report": "reports", "death": "deaths"}
_QUALITY_WORDS = {"pass": "checks passed", "degraded": "data degraded", "hold": "data on hold"}
_WORST_FIRST = ("hold", "degraded", "pass")
_DETECTOR_WORDS = {
    "farrington_flexible": "comparison with the same season of past years",
    "gamma_poisson": "exact test for rare events over recent periods",
    "first_seen": "not seen in that area before",
}
_CLINICAL_REFERENCES = {
    "opioid": "TOXBASE, NPIS, OHID guidance on synthetic opioids",
    "depressant": "TOXBASE",
    "stimulant": "NEPTUNE, TOXBASE",
    "hallucinogen": "NEPTUNE",
    "dissociative": "NEPTUNE",
    "synthetic cannabinoid": "NEPTUNE, TOXBASE",
}
_DOUBTS = "It is unverified: it may be harm, or a duplicate, a late batch or a change of coding."
_UNKNOWN_REFERENCES = "TOXBASE, NPIS (24 hours); treat what is seen, not the name"
_NALOXONE_LINE = (
    "Check that naloxone and training reach people at risk and those around them; "
    "call 999 for anyone who cannot be woken."
)
_GENERAL_LINE = (
    "Keep naloxone at hand, for an opioid may be mixed in; "
    "call 999 for anyone who cannot be woken or is very unwell."
)


@dataclass(frozen=True)
class Edition:
    """Which notice of a signal this is, the first being 1, and what is new in it."""

    number: int
    news: str


@dataclass(frozen=True)
class Notice:
    """One notice, every field ready to be shown but not yet escaped for a channel."""

    reference: str
    version: int
    level: str
    grade: str
    headline: str
    summary: str
    substance: str
    area: str
    audience: str
    action: str
    change: str
    event_dates: str
    streams: tuple[str, ...]
    detectors: str
    known: str
    not_known: str
    being_done: str
    harm_reduction: str
    clinical: str
    how_to_report: str
    exact_figures: str
    issued: str
    valid_until: str
    supersedes: str
    news: str

    def to_json(self) -> dict[str, Any]:
        """Give the notice as the outbox keeps it."""
        return asdict(self) | {"streams": list(self.streams)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Notice":
        """Read a notice back from the outbox."""
        return cls(**{**values, "streams": tuple(values["streams"])})


def write_notice(
    signal: Signal,
    *,
    register: Register,
    streams: Mapping[str, Stream],
    rules: RoutingRules,
    issued: datetime,
    edition: Edition,
) -> Notice:
    """Word the notice of one signal.

    Args:
        signal: with the evidence of the run that asks for the notice.
        register: names of substances and areas.
        streams: case definitions by name.
        rules: time limits and the line on whom to tell.
        issued: the moment of the decision.
        edition: its number and what is new.
    """
    lead = lead_alarm(signal)
    substance = register.substances.get(lead["substance_id"])
    area = register.areas.get(lead["area_code"])
    used = [streams[name] for name in sorted({alarm["stream"] for alarm in signal.evidence})]
    grade = grade_of([streams[name] for name in _agreeing(signal, lead, register)])
    found = finding(lead, register=register, streams=streams)
    return Notice(
        **_frame(signal, rules, issued, edition),
        grade=_GRADES[grade],
        headline=f"Review: {found}",
        summary=f"The system found {found}. {_DOUBTS}",
        substance=_named(substance.name, register.substances.get(signal.substance_id).name),
        area=_named(_coded(area), _coded(register.areas.get(signal.area_code))),
        change=_change(lead, streams[lead["stream"]], area),
        event_dates=_event_dates(signal, lead, streams),
        streams=tuple(_stream_line(stream, signal) for stream in used),
        detectors=_detectors(signal),
        known=_known(used),
        not_known=_not_known(grade),
        harm_reduction=_harm_reduction(substance),
        clinical=_clinical(substance),
    )


def _frame(
    signal: Signal, rules: RoutingRules, issued: datetime, edition: Edition
) -> dict[str, Any]:
    due = _working_day_after(issued.date(), rules.first_look_working_days)
    return {
        "reference": signal.reference,
        "version": edition.number,
        "level": "Level 0: signal, unverified",
        "audience": "Reviewers only; not for onward use",
        "action": (f"Look at the evidence by {_day(due)} and say whether it should be validated."),
        "being_done": "Reviewers are asked to look. No alert has been issued.",
        "how_to_report": rules.how_to_report,
        "exact_figures": f"Operational page, reference {signal.reference}",
        "issued": _moment(issued),
        "valid_until": _day(issued.date() + timedelta(days=rules.valid_days)),
        "supersedes": f"version {edition.number - 1}" if edition.number > 1 else "nothing",
        "news": edition.news,
    }


def sections(notice: Notice) -> list[tuple[str, str]]:
    """List the labelled parts of a notice below its headline, in reading order."""
    parts = [
        ("Level", notice.level),
        ("Grade", notice.grade),
        ("Summary", notice.summary),
        ("What is new", notice.news if notice.version > 1 else ""),
        ("Action", notice.action),
        ("Substance", notice.substance),
        ("Area", notice.area),
        ("Change", notice.change),
        ("Dates of events", notice.event_dates),
        ("Streams", "; ".join(notice.streams)),
        ("Found by", notice.detectors),
        ("Known", notice.known),
        ("Not known", notice.not_known),
        ("Being done", notice.being_done),
        ("Clinical", notice.clinical),
        ("Harm reduction", notice.harm_reduction),
        ("Tell us", notice.how_to_report),
        ("Exact figures", notice.exact_figures),
        ("For", notice.audience),
        ("Reference", f"{notice.reference}, version {notice.version}"),
        ("Supersedes", notice.supersedes),
        ("Issued", notice.issued),
        ("Valid until", notice.valid_until),
    ]
    return [(label, text) for label, text in parts if text]


def plain_text(notice: Notice) -> str:
    """Give the notice as plain lines, harmless in a terminal."""
    width = max(len(label) for label, _ in sections(notice)) + 2
    lines = [f"{label + ':':<{width}}{plain(text)}" for label, text in sections(notice)]
    return "\n".join([plain(notice.headline), *lines])


def grade_of(streams: Sequence[Stream]) -> int:
    """Give the verification grade, 0 to 4, that streams alone support.

    A stream that admits only analysed cases has the grade of the analysis. Two streams are
    independent where their record kinds differ and neither names the other as its kin.
    """
    best = max(_own_grade(stream) for stream in streams)
    agree = any(_are_independent(one, other) for one in streams for other in streams)
    return max(best, _TWO_STREAMS_GRADE) if agree else best


def _own_grade(stream: Stream) -> int:
    basis = stream.where.get("identification_basis", ())
    if basis and all(value in _ANALYSED_GRADES for value in basis):
        return min(_ANALYSED_GRADES[value] for value in basis)
    return _KIND_GRADES[stream.kind]


def _are_independent(one: Stream, other: Stream) -> bool:
    kin = other.name in one.independent_of or one.name in other.independent_of
    return one.kind != other.kind and not kin


def lead_alarm(signal: Signal) -> Mapping[str, Any]:
    """Give the strongest alarm of the signal's own substance and area, else of any.

    What a notice says, names and counts is of this one alarm, so that words and figures never
    speak of two places.
    """
    own = (signal.substance_id, signal.area_code)
    matching = [a for a in signal.evidence if (a["substance_id"], a["area_code"]) == own]
    return (matching or list(signal.evidence))[0]


def _named(here: str, origin: str) -> str:
    return here if here == origin else f"{here}; first raised for {origin}"


def _coded(area: Area) -> str:
    return f"{area.name} ({area.code})"


def finding(alarm: Mapping[str, Any], *, register: Register, streams: Mapping[str, Stream]) -> str:
    """Say what one alarm found as part of a sentence, in words and without figures."""
    substance = register.substances.get(alarm["substance_id"])
    area = register.areas.get(alarm["area_code"])
    return _finding(alarm, streams[alarm["stream"]], substance, area)


def _finding(lead: Mapping[str, Any], stream: Stream, substance: Substance, area: Area) -> str:
    phrase = _MIXED_PHRASE if stream.also_kinds else _KIND_PHRASES[stream.kind]
    named = phrase.format(_in_sentence(substance))
    if lead["expected"] is None:
        return f"{named} in {area.name} for the first time on record"
    if stream.measure != "count":
        return f"{named} in {area.name}"
    comparison = disclosure.direction(lead["observed"], lead["expected"]).split()[0]
    return f"{comparison} {named} in {area.name} than expected"


def _in_sentence(substance: Substance) -> str:
    if substance.substance_id == ALL_SUBSTANCES:
        return "any drug"
    name = substance.name
    return name[:1].lower() + name[1:] if name[1:].islower() else name


def _change(lead: Mapping[str, Any], stream: Stream, area: Area) -> str:
    change = disclosure.change(lead["observed"], lead["expected"])
    if stream.measure != "count":
        return disclosure.direction(lead["observed"], lead["expected"])
    # A greatest count below the least one is a fault upstream; the band must not show it.
    high = max(lead["observed"], lead["observed_high"] or 0.0)
    is_national = disclosure.is_national(area)
    told = disclosure.band_between(lead["observed"], high, is_national=is_national)
    behind = disclosure.behind(lead["observed"], lead.get("reports"), is_national=is_national)
    noun = "events" if stream.also_kinds else _KIND_NOUNS[stream.kind]
    counted = f"events, {behind}," if behind else noun
    periods = f"{lead['window']} {stream.cadence}{'s' if lead['window'] > 1 else ''}"
    last = period_end(stream.cadence, lead["period_start"]) - timedelta(days=1)
    return f"{told} {counted} in {periods} to {_day(last)}; {change}"


def _event_dates(signal: Signal, lead: Mapping[str, Any], streams: Mapping[str, Stream]) -> str:
    cadence = streams[lead["stream"]].cadence
    first = min(signal.first_period, _window_start(cadence, lead))
    last = max(signal.last_period, lead["period_start"])
    return f"{_day(first)} to {_day(period_end(cadence, last) - timedelta(days=1))}"


def _window_start(cadence: Cadence, lead: Mapping[str, Any]) -> date:
    start: date = lead["period_start"]
    for _ in range(int(lead["window"]) - 1):
        start = floor_day(cadence, start - timedelta(days=1))
    return start


def _agreeing(signal: Signal, lead: Mapping[str, Any], register: Register) -> set[str]:
    # A rise in the whole region says nothing of one of its towns, nor a group of its member.
    substances = register.substances.descendants(lead["substance_id"])
    areas = register.areas.descendants(lead["area_code"])
    return {lead["stream"]} | {
        alarm["stream"]
        for alarm in signal.evidence
        if alarm["substance_id"] in substances and alarm["area_code"] in areas
    }


def _stream_line(stream: Stream, signal: Signal) -> str:
    alarms = [alarm for alarm in signal.evidence if alarm["stream"] == stream.name]
    quality = alarms[0]["quality"]
    verdicts = {quality[feed]["verdict"] for feed in stream.feeds if feed in quality}
    worst = next((verdict for verdict in _WORST_FIRST if verdict in verdicts), None)
    state = "data quality not known" if worst is None else _QUALITY_WORDS[worst]
    going = disclosure.direction(alarms[0]["observed"], alarms[0]["expected"])
    return f"{disclosure.stream_title(stream)}: {going}, {state}"


def _detectors(signal: Signal) -> str:
    names = dict.fromkeys(alarm["detector"] for alarm in signal.evidence)
    return "; ".join(detector_words(name) for name in names)


def detector_words(name: str) -> str:
    """Say in words what a detector does; its name where there are none."""
    return _DETECTOR_WORDS.get(name, name.replace("_", " "))


def _known(used: Sequence[Stream]) -> str:
    count = "One stream" if len(used) == 1 else "More than one stream"
    return f"{count} of data moved, by a rule fixed beforehand."


def _not_known(grade: int) -> str:
    lines = "Whether it is real, how far it reaches and what was sold as what."
    if grade < _PRESUMPTIVE_GRADE:
        lines += " No analysis of a sample is known."
    return lines


def _harm_reduction(substance: Substance) -> str:
    answers = substance.naloxone_responsive in ("yes", "partly")
    return _NALOXONE_LINE if answers else _GENERAL_LINE


def _clinical(substance: Substance) -> str:
    references = _CLINICAL_REFERENCES.get(substance.clinical_class, _UNKNOWN_REFERENCES)
    return f"Class: {substance.clinical_class}. See {references}."


def _working_day_after(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment.date())}, {moment:%H:%M %Z}"
