"""Turn the outcomes of all detectors and streams into few, ranked families.

A family is what one person would look into once: alarms whose substances lie on one branch of
the groups and whose areas lie on one branch of the map. It is pure.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, Alarm, Candidate, Signal, Stream
from surveillance.errors import SettingsError
from surveillance.register import Register

FIRST_SEEN = "first_seen"
_LEAST_P = 1e-300
OPEN_STATES = ("detected", "validating", "validated", "auto_suppressed")


@dataclass(frozen=True)
class AssessRules:
    """How alarms are screened and ranked; ``config/assess.toml`` gives the reasons."""

    false_discovery_rate: float
    family_weeks: int
    narrowness: float
    explained_share: float
    broader_steps: int
    evidence_cap: float
    independent_stream: float
    first_seen: float
    first_seen_levels: int
    death_stream: float
    potent_group: float
    potent_groups: tuple[str, ...]


def read_rules(path: Path) -> AssessRules:
    """Read the rules of assessment.

    Raises:
        SettingsError: a rule is missing or unknown; the message names it.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path.name} cannot be read: {error}. Nothing was judged; mend the file."
        ) from error
    expected = {field.name for field in fields(AssessRules)}
    wrong = sorted(expected.symmetric_difference(values))
    if wrong:
        raise SettingsError(
            f"{path.name}: missing or unknown: {', '.join(wrong)}. Nothing was judged; mend the "
            "file and run again."
        )
    return AssessRules(**{**values, "potent_groups": tuple(values["potent_groups"])})


def q_values(p_values: npt.NDArray[np.float64], *, tests: int) -> npt.NDArray[np.float64]:
    """Give the false-discovery rate at which each test would just be kept.

    Args:
        p_values: the smallest p-values of the run, shape (kept,), in any order.
        tests: how many tests the run made in all; those left out had larger p-values.

    Returns:
        Shape (kept,), in the order given; exact while below every p-value left out.

    Source: Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Example:
        >>> q_values(np.array([0.01, 0.001]), tests=10).round(3).tolist()
        [0.05, 0.01]
    """
    order = np.argsort(p_values)
    ranks = np.arange(1, len(p_values) + 1)
    stepped = p_values[order] * tests / ranks
    smallest = np.minimum.accumulate(stepped[::-1])[::-1]
    result = np.empty_like(smallest)
    result[order] = np.minimum(smallest, 1.0)
    return result


def screen(outcomes: pd.DataFrame, *, tests: int, rules: AssessRules) -> list[Alarm]:
    """Keep the alarms that hold against the number of questions asked.

    A detector without a p-value (``first_seen``) answers a question of fact, so that it is
    not screened; it is ranked and budgeted like any other.

    Args:
        outcomes: the run's outcomes that are more than calm.
        tests: tests with a p-value that the run made in all.
        rules: the level of the false-discovery rate.
    """
    p_values = outcomes["p_value"].to_numpy("float64", na_value=np.nan)
    tested = ~np.isnan(p_values)
    q = np.full(len(outcomes), np.nan)
    q[tested] = q_values(p_values[tested], tests=max(tests, int(tested.sum())))
    holds = outcomes["alarm"].to_numpy(dtype=bool) & ~(q > rules.false_discovery_rate)
    kept = outcomes.assign(q_value=q)[holds]
    return [_alarm(row) for row in kept.to_dict("records")]


def _alarm(row: Mapping[Any, Any]) -> Alarm:
    numbers = ("observed", "observed_high", "reports", "expected", "lower", "upper", "p_value")
    return Alarm(
        stream=row["stream"],
        detector=row["detector"],
        substance_id=row["substance_id"],
        area_code=row["area_code"],
        period_start=row["period_start"],
        window=int(row["window"]),
        q_value=float(row["q_value"]),
        **{name: _number(row.get(name)) for name in (*numbers, "score")},
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)


def families(
    alarms: Sequence[Alarm],
    *,
    register: Register,
    streams: Mapping[str, Stream],
    rules: AssessRules,
) -> list[Candidate]:
    """Group alarms into families, the highest rank first.

    The strongest alarm leads, the narrower one where two are nearly as strong; every alarm on its
    branches joins it. An alarm of all substances together never swallows a named one. A first
    sighting becomes a family only where it is new on enough levels of the map.
    """
    worth = _without_local_sightings(alarms, register, rules)
    left = sorted(worth, key=lambda alarm: _strength(alarm, register, rules))
    found = []
    while left:
        lead = left[0]
        members = [lead, *(one for one in left[1:] if _joins(one, lead, register, rules))]
        left = [alarm for alarm in left if alarm not in members]
        found.append(_candidate(lead, members, register, streams, rules))
    return sorted(found, key=lambda candidate: (-candidate.rank_score, _key(candidate.lead)))


def _without_local_sightings(
    alarms: Sequence[Alarm], register: Register, rules: AssessRules
) -> list[Alarm]:
    """Leave out first sightings in a place whose surroundings know the substance well."""
    new_places: dict[tuple[str, str], set[str]] = {}
    for alarm in alarms:
        if alarm.detector == FIRST_SEEN:
            place = new_places.setdefault((alarm.stream, alarm.substance_id), set())
            place.add(alarm.area_code)
    return [
        alarm
        for alarm in alarms
        if alarm.detector != FIRST_SEEN
        or _levels(alarm, new_places[alarm.stream, alarm.substance_id], register)
        >= rules.first_seen_levels
    ]


def _levels(alarm: Alarm, new_in: Collection[str], register: Register) -> int:
    """Count the levels of the map, through this alarm's area, on which the substance is new."""
    above = register.areas.ancestors(alarm.area_code)
    below = any(alarm.area_code in register.areas.ancestors(area) for area in new_in)
    return 1 + below + sum(area in new_in for area in above)


def _strength(
    alarm: Alarm, register: Register, rules: AssessRules
) -> tuple[float, int, tuple[str, ...]]:
    depth = len(register.substances.ancestors(alarm.substance_id)) + len(
        register.areas.ancestors(alarm.area_code)
    )
    return -_evidence(alarm) * rules.narrowness**depth, -depth, _key(alarm)


def _evidence(alarm: Alarm) -> float:
    """Give -log10 p, and nothing where a detector has no p-value."""
    return 0.0 if np.isnan(alarm.p_value) else -float(np.log10(max(alarm.p_value, _LEAST_P)))


def _key(alarm: Alarm) -> tuple[str, ...]:
    return alarm.stream, alarm.detector, alarm.substance_id, alarm.area_code


def _joins(alarm: Alarm, lead: Alarm, register: Register, rules: AssessRules) -> bool:
    if lead.substance_id == ALL_SUBSTANCES and alarm.substance_id != ALL_SUBSTANCES:
        return False
    if not related(alarm, (lead.substance_id, lead.area_code), register):
        return False
    # A narrow lead explains a broader alarm only where it carries a good part of its evidence.
    is_broader = alarm.substance_id in register.substances.ancestors(
        lead.substance_id
    ) or alarm.area_code in register.areas.ancestors(lead.area_code)
    return not is_broader or _evidence(lead) >= rules.explained_share * _evidence(alarm)


def related(alarm: Alarm, unit: tuple[str, str], register: Register) -> bool:
    """Say whether an alarm lies on the branches of a substance and an area."""
    substance, area = unit
    return _on_branch(alarm.substance_id, substance, register.substances.ancestors) and _on_branch(
        alarm.area_code, area, register.areas.ancestors
    )


def _on_branch(one: str, other: str, ancestors: Callable[[str], Sequence[str]]) -> bool:
    return one == other or one in ancestors(other) or other in ancestors(one)


def _candidate(
    lead: Alarm,
    members: Sequence[Alarm],
    register: Register,
    streams: Mapping[str, Stream],
    rules: AssessRules,
) -> Candidate:
    names = tuple(sorted({alarm.stream for alarm in members}))
    score, reasons = 0.0, []
    for gain, reason in _rank_parts(members, names, register, streams, rules):
        score += gain
        reasons.append(reason)
    return Candidate(
        lead=lead,
        alarms=tuple(members),
        rank_score=round(score, 3),
        streams=names,
        rank_reasons=tuple(reasons),
    )


def _rank_parts(
    members: Sequence[Alarm],
    names: Sequence[str],
    register: Register,
    streams: Mapping[str, Stream],
    rules: AssessRules,
) -> Iterable[tuple[float, str]]:
    strength = min(rules.evidence_cap, _evidence(members[0]))
    if strength:
        yield strength, f"evidence {strength:.1f}"
    if any(alarm.detector == FIRST_SEEN for alarm in members):
        yield rules.first_seen, "first seen"
    agreeing = independent_streams(names, streams)
    if agreeing > 1:
        yield rules.independent_stream * (agreeing - 1), f"{agreeing} independent streams"
    if any("death" in streams[name].kinds for name in names):
        yield rules.death_stream, "deaths"
    branch = {members[0].substance_id, *register.substances.ancestors(members[0].substance_id)}
    if branch.intersection(rules.potent_groups):
        yield rules.potent_group, "group with an urgent response"


def independent_streams(names: Iterable[str], streams: Mapping[str, Stream]) -> int:
    """Count the streams that cannot be counting the same people twice."""
    counted: list[str] = []
    for name in sorted(names):
        if not any(
            name in streams[other].independent_of or other in streams[name].independent_of
            for other in counted
        ):
            counted.append(name)
    return len(counted)


def find_open(
    candidate: Candidate,
    signals: Sequence[Signal],
    *,
    register: Register,
    rules: AssessRules,
) -> Signal | None:
    """Give the open signal that a family belongs to, or None where it is news.

    The signal with the same unit is preferred, then the newest.
    """
    lead = candidate.lead
    # By the periods that alarmed: a stream with a long lag judges weeks that are long past.
    oldest = lead.period_start - timedelta(weeks=rules.family_weeks)
    kin = [
        signal
        for signal in signals
        if signal.state in OPEN_STATES
        and signal.last_period >= oldest
        and _takes_up(lead, signal, register, rules)
    ]
    same = [s for s in kin if (s.substance_id, s.area_code) == (lead.substance_id, lead.area_code)]
    chosen = sorted(same or kin, key=lambda signal: (signal.last_period, signal.reference))
    return chosen[-1] if chosen else None


def _takes_up(lead: Alarm, signal: Signal, register: Register, rules: AssessRules) -> bool:
    """Say whether a signal covers a lead, or is but a few steps narrower than it."""
    if signal.substance_id == ALL_SUBSTANCES and lead.substance_id != ALL_SUBSTANCES:
        return False
    if not related(lead, (signal.substance_id, signal.area_code), register):
        return False
    steps = _steps_up(signal.substance_id, lead.substance_id, register.substances.ancestors)
    steps += _steps_up(signal.area_code, lead.area_code, register.areas.ancestors)
    return steps <= rules.broader_steps


def _steps_up(below: str, above: str, ancestors: Callable[[str], Sequence[str]]) -> int:
    chain = ancestors(below)
    return chain.index(above) + 1 if above in chain else 0
