"""Decide which signals become notices to reviewers; pure.

A signal is unverified, so that it goes to reviewers only (level 0). People stop reading when
too much arrives, so there is a budget; what is over it is held back, with the reason, and is
decided again when its next evidence comes. What was noticed before is noticed again only when
something new is known.

Source: docs/field.md, what a notice says and never says (nothing is repeated without news) and
alert budgets.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from surveillance.domain import Signal
from surveillance.errors import SettingsError
from surveillance.register import Register
from surveillance.review import awaits_people

Outcome = Literal["notice", "update", "held_back", "below_rank", "repeat", "silenced", "blocked"]

NOTICED_OUTCOMES: tuple[Outcome, ...] = ("notice", "update")
SIGNAL_LEVEL = 0
_ONE_DAY, _ONE_WEEK = timedelta(days=1), timedelta(days=7)
_ABSENT_P = 1.0


@dataclass(frozen=True)
class Silence:
    """Nobody is told of one substance in one area until the end of a day.

    Whatever lies below the substance or the area is silenced with it.
    """

    substance: str
    area: str
    reason: str
    owner: str
    until: date

    def describe(self) -> str:
        """Name the silence, its owner and its reason."""
        return f"silence of {self.substance} in {self.area} by {self.owner} ({self.reason})"


@dataclass(frozen=True)
class RoutingRules:
    """What becomes a notice; ``config/routes.toml`` gives the reasons.

    Attributes:
        min_rank_score: rank from which a signal is worth a person's time.
        notices_per_day: notices and updates in any 24 hours.
        notices_per_week: notices and updates in any seven days.
        update_p_factor: a signal is noticed again when its smallest p-value has fallen by
            this factor since.
        first_look_working_days: working days that reviewers have for a first look.
        valid_days: days after which a notice no longer holds.
        how_to_report: whom to tell more, or of a mistake.
    """

    min_rank_score: float
    notices_per_day: int
    notices_per_week: int
    update_p_factor: float
    first_look_working_days: int
    valid_days: int
    how_to_report: str
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True)
class Case:
    """A signal with the evidence of one run, which asks for a decision.

    ``as_of`` is the moment of the run: budgets count by it, so that a replay spends as it
    would have spent then.
    """

    signal: Signal
    run_id: str
    as_of: datetime


@dataclass(frozen=True)
class PastNotice:
    """A notice that reviewers got earlier, and what was known when they got it."""

    signal_id: str
    as_of: datetime
    streams: frozenset[str]
    smallest_p: float


@dataclass(frozen=True)
class Decision:
    """What becomes of one case, and why in words.

    ``news`` says for readers outside what an update brings; it holds no figure.
    """

    case: Case
    outcome: Outcome
    reason: str
    news: str = ""

    def block(self, why: str) -> "Decision":
        """Give the same case, held up because its text must not go out."""
        return replace(self, outcome="blocked", reason=why)


def read_rules(path: Path) -> RoutingRules:
    """Read the rules of routing.

    Raises:
        SettingsError: the file cannot be read, or a key is missing or unknown.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path.name} cannot be read: {error}. Nothing was routed; mend the file."
        ) from error
    silences = values.pop("silence", [])
    known = {field.name for field in fields(RoutingRules)} - {"silences"}
    _refuse(path, "", known, values)
    return RoutingRules(**values, silences=tuple(_silence(path, entry) for entry in silences))


def _silence(path: Path, entry: Mapping[str, Any]) -> Silence:
    _refuse(path, "[[silence]] ", {field.name for field in fields(Silence)}, entry)
    if type(entry["until"]) is not date or not entry["reason"] or not entry["owner"]:
        raise SettingsError(
            f"{path.name} [[silence]]: a silence needs a reason, an owner and an end such as "
            "until = 2026-12-31. Nothing was routed; mend the file."
        )
    return Silence(**entry)


def _refuse(path: Path, where: str, known: set[str], values: Mapping[str, Any]) -> None:
    wrong = sorted(known.symmetric_difference(values))
    if wrong:
        raise SettingsError(
            f"{path.name} {where}has missing or unknown keys: {', '.join(wrong)}. Nothing was "
            "routed; mend the file."
        )


def smallest_p(evidence: Iterable[Mapping[str, Any]]) -> float:
    """Give the smallest p-value among alarms, 1 where none has one."""
    found = [alarm["p_value"] for alarm in evidence if alarm["p_value"] is not None]
    return min((p for p in found if not math.isnan(p)), default=_ABSENT_P)


def decide(
    cases: Sequence[Case],
    *,
    rules: RoutingRules,
    noticed: Sequence[PastNotice],
    register: Register,
) -> list[Decision]:
    """Decide every case, the oldest run first and in it the highest rank first.

    Args:
        cases: what asks for a decision.
        rules: rank, budget and silences.
        noticed: what reviewers have got before.
        register: says what lies below a silenced substance or area.

    Returns:
        One decision a case, in the order they were taken.
    """
    spent = list(noticed)
    decisions = []
    for case in sorted(cases, key=_urgency):
        decision = _decide(case, rules=rules, spent=spent, register=register)
        decisions.append(decision)
        if decision.outcome in NOTICED_OUTCOMES:
            spent.append(
                PastNotice(
                    signal_id=case.signal.signal_id,
                    as_of=case.as_of,
                    streams=_streams(case),
                    smallest_p=smallest_p(case.signal.evidence),
                )
            )
    return decisions


def _urgency(case: Case) -> tuple[datetime, float, str]:
    return case.as_of, -case.signal.rank_score, case.signal.reference


def _streams(case: Case) -> frozenset[str]:
    return frozenset(alarm["stream"] for alarm in case.signal.evidence)


def _decide(
    case: Case, *, rules: RoutingRules, spent: Sequence[PastNotice], register: Register
) -> Decision:
    matching = [entry for entry in rules.silences if _covers(entry, case.signal, register)]
    silence = next((entry for entry in matching if case.as_of.date() <= entry.until), None)
    if silence is not None:
        reason = f"{silence.describe()} until {silence.until.isoformat()}"
        return Decision(case, "silenced", reason)
    decision = _worth(case, rules, spent)
    if decision.outcome in NOTICED_OUTCOMES:
        decision = _within_budget(decision, rules, spent)
    ended = "".join(
        f"; the {entry.describe()} ended on {entry.until.isoformat()} and no longer applies"
        for entry in matching
    )
    return replace(decision, reason=decision.reason + ended)


def _covers(silence: Silence, signal: Signal, register: Register) -> bool:
    return signal.substance_id in register.substances.descendants(
        silence.substance
    ) and signal.area_code in register.areas.descendants(silence.area)


def _worth(case: Case, rules: RoutingRules, spent: Sequence[PastNotice]) -> Decision:
    signal = case.signal
    if not awaits_people(signal.state):
        return Decision(case, "held_back", f"the signal is {signal.state}")
    if signal.quality == "hold":
        return Decision(case, "held_back", "data on hold: a feed it rests on failed its checks")
    if signal.rank_score < rules.min_rank_score:
        reason = f"rank {signal.rank_score:.1f} is below the {rules.min_rank_score:.1f} needed"
        return Decision(case, "below_rank", reason)
    earlier = [notice for notice in spent if notice.signal_id == signal.signal_id]
    if not earlier:
        return Decision(case, "notice", f"rank {signal.rank_score:.1f}, not noticed before")
    return _again(case, rules, earlier)


def _again(case: Case, rules: RoutingRules, earlier: Sequence[PastNotice]) -> Decision:
    known = frozenset().union(*(notice.streams for notice in earlier))
    joined = sorted(_streams(case) - known)
    if joined:
        reason = f"new stream: {', '.join(joined)}"
        return Decision(case, "update", reason, news="Another stream of data joined.")
    before = min(notice.smallest_p for notice in earlier)
    if smallest_p(case.signal.evidence) * rules.update_p_factor <= before:
        reason = f"the smallest p-value fell by a factor of {rules.update_p_factor:g} or more"
        return Decision(case, "update", reason, news="The evidence has grown clearly.")
    when = max(notice.as_of for notice in earlier).date().isoformat()
    return Decision(case, "repeat", f"noticed on {when} and nothing new since")


def _within_budget(
    decision: Decision, rules: RoutingRules, spent: Sequence[PastNotice]
) -> Decision:
    as_of = decision.case.as_of
    for length, budget, name in (
        (_ONE_DAY, rules.notices_per_day, "a day"),
        (_ONE_WEEK, rules.notices_per_week, "a week"),
    ):
        used = sum(as_of - length < notice.as_of <= as_of for notice in spent)
        if used >= budget:
            reason = f"over the budget of {budget} {name}; would have been: {decision.reason}"
            return Decision(decision.case, "held_back", reason)
    return decision
