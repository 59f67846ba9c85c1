"""Detection quality against known truth: which planted events were found, and what was false.

How a signal and an event match is the rule of :func:`score_signals`.
"""

import csv
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, PlantedEvent, Response, Signal
from surveillance.errors import InputError
from surveillance.periods import week_as_of
from surveillance.register import Register

EventVerdict = Literal["found", "missed", "falsely raised", "correctly silent"]
SignalVerdict = Literal["right", "wrong event", "false"]
_RESPONSES: Mapping[str, Response] = {name: name for name in get_args(Response)}
REACH = timedelta(weeks=13)
_TRUTH_COLUMNS = tuple(field.name for field in dataclasses.fields(PlantedEvent))
# What a truth file must have; the other columns came later and have values of their own.
_NEEDED_COLUMNS = tuple(
    field.name for field in dataclasses.fields(PlantedEvent) if field.default is dataclasses.MISSING
)


@dataclass(frozen=True)
class EventScore:
    """What became of one planted event.

    ``signal`` is the nearest signal that matches, ``days_to_raise`` the days from the event's
    first day to the moment that signal was first raised. Both are None where none matches.
    """

    event: PlantedEvent
    verdict: EventVerdict
    signal: Signal | None
    days_to_raise: int | None


@dataclass(frozen=True)
class SignalScore:
    """What one signal was about: its nearest event, or None where it is false."""

    signal: Signal
    verdict: SignalVerdict
    event: PlantedEvent | None


@dataclass(frozen=True)
class EvaluationTable:
    """Planted events found, missed and falsely raised, and every signal with its event."""

    first_day: date
    last_day: date
    events: tuple[EventScore, ...]
    signals: tuple[SignalScore, ...]

    def count(self, verdict: EventVerdict | SignalVerdict) -> int:
        """Count the events or signals with a verdict."""
        verdicts: list[str] = [score.verdict for score in self.events]
        verdicts += [score.verdict for score in self.signals]
        return verdicts.count(verdict)

    def event_frame(self) -> pd.DataFrame:
        """Give one row an event, in the order of their first days."""
        columns = [*_TRUTH_COLUMNS, "verdict", "signal", "days_to_raise"]
        rows = [
            (
                *dataclasses.astuple(score.event),
                score.verdict,
                score.signal.reference if score.signal else "",
                score.days_to_raise,
            )
            for score in self.events
        ]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"days_to_raise": "Int64"})

    def signal_frame(self) -> pd.DataFrame:
        """Give one row a signal, in the order they were given."""
        columns = ["reference", "substance_id", "area_code", "first_raised_week"]
        rows = [
            (
                *(getattr(score.signal, name) for name in columns),
                score.verdict,
                score.event.event_id if score.event else "",
            )
            for score in self.signals
        ]
        return pd.DataFrame(rows, columns=[*columns, "verdict", "event_id"])

    def describe(self) -> str:
        """Say the result in words, with a line for each event and each false signal."""
        lines = [
            f"Planted events that touch {self.first_day} to {self.last_day}: "
            f"{self.count('found')} found, {self.count('missed')} missed, "
            f"{self.count('falsely raised')} falsely raised, "
            f"{self.count('correctly silent')} correctly silent. "
            f"Signals: {len(self.signals)}, of which {self.count('false')} match no event."
        ]
        for score in self.events:
            event = score.event
            raised = (
                f", {score.signal.reference} after {score.days_to_raise} days"
                if score.signal
                else ""
            )
            lines.append(
                f"  {event.event_id:<11} {event.substance_id} in {event.area_code}, "
                f"{event.first_day} to {event.last_day}, size {event.size}: "
                f"{score.verdict}{raised}"
            )
        lines.extend(
            f"  {score.signal.reference} {score.signal.substance_id} in {score.signal.area_code}: "
            "false, matches no planted event"
            for score in self.signals
            if score.verdict == "false"
        )
        return "\n".join(lines)


def score_signals(
    signals: Sequence[Signal],
    events: Sequence[PlantedEvent],
    *,
    first_day: date,
    last_day: date,
    register: Register,
    stream_kinds: Mapping[str, str],
) -> EvaluationTable:
    """Score signals against planted events.

    A signal and an event match where all of this holds:

    - one substance is the other or holds it. The substance ``all`` holds everything, so a match
      by it alone counts only for a signal that matches no event more closely;
    - one area is the other or holds it;
    - the periods that alarmed overlap the event's days widened by 13 weeks at either end, the
      longest window that is judged;
    - the signal was raised, or raised again, after the event began. What was raised only before
      cannot have found it;
    - where an alert on the event is wrong, the signal rests on a stream of the event's record
      kind. Such an event is an oddity of one source, and other streams tell nothing of it.

    An event that deserves an alert is *found* or *missed*; one that does not is *correctly
    silent* or *falsely raised*. An event that its source withdrew deserved an alert until then:
    a signal first raised later is wrong, and where there is no other the event is *falsely
    raised*. Where several match, the nearest is shown: closest in substance, then in area, then
    in time. Events are scored if their days touch the evaluated period; a signal may match any
    event.

    Args:
        signals: those raised for the evaluated period.
        events: the whole truth.
        first_day: first day of the evaluated period.
        last_day: last day of the evaluated period.
        register: the trees of substances and areas.
        stream_kinds: stream -> record kind, of every stream that signals may name.
    """
    matches = [
        (signal, event, distance)
        for signal in signals
        for event, distance in _matches(signal, events, register, stream_kinds)
    ]
    touching = [e for e in events if e.first_day <= last_day and e.last_day >= first_day]
    scored_events = [
        _score_event(event, [(s, d) for s, e, d in matches if e is event])
        for event in sorted(touching, key=lambda e: (e.first_day, e.event_id))
    ]
    scored_signals = [
        _score_signal(signal, [(e, d) for s, e, d in matches if s is signal]) for signal in signals
    ]
    return EvaluationTable(first_day, last_day, tuple(scored_events), tuple(scored_signals))


_Distance = tuple[int, int, int]


def _matches(
    signal: Signal,
    events: Sequence[PlantedEvent],
    register: Register,
    stream_kinds: Mapping[str, str],
) -> list[tuple[PlantedEvent, _Distance]]:
    """Events that a signal matches, each with its distance in substance, area and days."""
    substances, areas = register.substances, register.areas
    kinds = {stream_kinds.get(stream) for stream in signal.streams}
    close: list[tuple[PlantedEvent, _Distance]] = []
    by_all: list[tuple[PlantedEvent, _Distance]] = []
    for event in events:
        if not event.alert_is_right and event.kind not in kinds:
            continue
        substance = _steps(
            _branch(substances.ancestors, signal.substance_id),
            _branch(substances.ancestors, event.substance_id),
        )
        area = _steps(
            _branch(areas.ancestors, signal.area_code), _branch(areas.ancestors, event.area_code)
        )
        if substance is None or area is None or not _meet_in_time(signal, event):
            continue
        distance = (substance, area, abs((signal.first_period - event.first_day).days))
        involved = {signal.substance_id, event.substance_id}
        (by_all if ALL_SUBSTANCES in involved else close).append((event, distance))
    return close or by_all


def _branch(ancestors: Callable[[str], tuple[str, ...]], node: str) -> tuple[str, ...]:
    return (node, *ancestors(node))


def _steps(one: Sequence[str], other: Sequence[str]) -> int | None:
    """Generations between two nodes, each given with its ancestors; None on two branches."""
    if one[0] in other:
        return other.index(one[0])
    if other[0] in one:
        return one.index(other[0])
    return None


def _meet_in_time(signal: Signal, event: PlantedEvent) -> bool:
    last_raised = week_as_of(signal.last_raised_week).date()
    return (
        signal.first_period <= event.last_day + REACH
        and signal.last_period >= event.first_day - REACH
        and last_raised >= event.first_day
    )


def _is_right(signal: Signal, event: PlantedEvent) -> bool:
    """Say whether a signal on an event is right at the moment it is first raised."""
    withdrawn = event.withdrawn_on
    in_time = withdrawn is None or signal.first_raised_as_of.date() <= withdrawn
    return event.alert_is_right and in_time


def _score_event(event: PlantedEvent, matching: Sequence[tuple[Signal, _Distance]]) -> EventScore:
    if not matching:
        verdict: EventVerdict = "missed" if event.alert_is_right else "correctly silent"
        return EventScore(event, verdict, None, None)
    right = [pair for pair in matching if _is_right(pair[0], event)]
    signal, _ = min(
        right or matching,
        key=lambda pair: (pair[1][:2], pair[0].first_raised_as_of, pair[0].signal_id),
    )
    days = (signal.first_raised_as_of.date() - event.first_day).days
    return EventScore(event, "found" if right else "falsely raised", signal, days)


def _score_signal(
    signal: Signal, matching: Sequence[tuple[PlantedEvent, _Distance]]
) -> SignalScore:
    if not matching:
        return SignalScore(signal, "false", None)
    event, _ = min(matching, key=lambda pair: (pair[1], pair[0].event_id))
    return SignalScore(signal, "right" if _is_right(signal, event) else "wrong event", event)


def read_truth(path: Path) -> list[PlantedEvent]:
    """Read the planted events that ``dews simulate`` wrote.

    Raises:
        InputError: the file is missing, lacks a column or has a value that cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in _NEEDED_COLUMNS if name not in (reader.fieldnames or [])]
            rows = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"Cannot read the planted events from {path}: {error}. Write them with dews simulate."
        ) from error
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}.")
    return [_planted_event(path, number, row) for number, row in enumerate(rows, start=1)]


def _planted_event(path: Path, number: int, row: dict[str, str]) -> PlantedEvent:
    try:
        is_right = {"true": True, "false": False}[row["alert_is_right"]]
        response = row.get("response") or ("signal" if is_right else "none")
        withdrawn_on = row.get("withdrawn_on")
        return PlantedEvent(
            event_id=row["event_id"],
            scenario=row["scenario"],
            kind=row["kind"],
            substance_id=row["substance_id"],
            area_code=row["area_code"],
            first_day=date.fromisoformat(row["first_day"]),
            last_day=date.fromisoformat(row["last_day"]),
            size=int(row["size"]),
            alert_is_right=is_right,
            response=_RESPONSES[response],
            verbatim=row.get("verbatim") or "",
            withdrawn_on=date.fromisoformat(withdrawn_on) if withdrawn_on else None,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path}, data row {number} cannot be read. Days are written as 2026-09-28, the "
            "size as a whole number, alert_is_right as true or false, response as one of "
            f"{', '.join(_RESPONSES)}."
        ) from error
