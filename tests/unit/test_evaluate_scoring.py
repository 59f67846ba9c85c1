from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from surveillance.domain import PlantedEvent, Signal
from surveillance.evaluate import EvaluationTable, score_signals
from surveillance.periods import week_as_of, week_of
from surveillance.register import Register

KINDS = {"reaction_reports": "reaction_report", "deaths": "death"}
FIRST, LAST = date(2026, 9, 21), date(2026, 10, 4)
BRADFORD, LEEDS, YORKSHIRE, ENGLAND = "E08000032", "E08000035", "E12000003", "E92000001"
BURST = PlantedEvent(
    event_id="B1",
    scenario="B",
    kind="reaction_report",
    substance_id="nitazenes",
    area_code=BRADFORD,
    first_day=date(2026, 9, 28),
    last_day=date(2026, 10, 1),
    size=10,
    alert_is_right=True,
)
BACKLOG = replace(BURST, event_id="D1", scenario="D", substance_id="all", alert_is_right=False)


def signal(
    substance_id: str = "nitazenes",
    area_code: str = BRADFORD,
    period: date = date(2026, 9, 28),
    reference: str = "S-1",
) -> Signal:
    week = week_of(period)
    return Signal(
        signal_id=reference,
        reference=reference,
        state="detected",
        substance_id=substance_id,
        area_code=area_code,
        streams=("reaction_reports",),
        first_raised_week=week,
        last_raised_week=week,
        first_raised_as_of=week_as_of(week),
        first_period=period,
        last_period=period,
        rank_score=1.0,
        is_count_signal=True,
        quality="pass",
    )


@pytest.fixture
def score(register: Register) -> "Scorer":
    return Scorer(register)


class Scorer:
    """Scores with the register of this checkout."""

    def __init__(self, register: Register) -> None:
        self.register = register

    def __call__(
        self, signals: Sequence[Signal], events: Sequence[PlantedEvent] = (BURST,)
    ) -> EvaluationTable:
        return score_signals(
            signals,
            events,
            first_day=FIRST,
            last_day=LAST,
            register=self.register,
            stream_kinds=KINDS,
        )

    def verdicts(
        self, signals: Sequence[Signal], events: Sequence[PlantedEvent] = (BURST,)
    ) -> tuple[list[str], list[str]]:
        table = self(signals, events)
        return [one.verdict for one in table.events], [one.verdict for one in table.signals]


def test_without_a_signal_an_event_is_missed_and_a_wrong_alert_correctly_silent(
    score: Scorer,
) -> None:
    assert score.verdicts([], [BURST, BACKLOG]) == (["missed", "correctly silent"], [])


@pytest.mark.parametrize(
    ("substance_id", "area_code"),
    [
        ("nitazenes", BRADFORD),
        ("metonitazene", BRADFORD),
        ("opioids", BRADFORD),
        ("nitazenes", YORKSHIRE),
        ("opioids", ENGLAND),
        ("all", BRADFORD),
    ],
)
def test_a_signal_on_the_same_branches_finds_the_event(
    score: Scorer, substance_id: str, area_code: str
) -> None:
    found = score.verdicts([signal(substance_id, area_code)])

    assert found == (["found"], ["right"])


@pytest.mark.parametrize(
    ("substance_id", "area_code"),
    [("cocaine", BRADFORD), ("heroin", BRADFORD), ("nitazenes", LEEDS), ("nitazenes", "unknown")],
)
def test_a_signal_on_another_branch_is_false_and_the_event_missed(
    score: Scorer, substance_id: str, area_code: str
) -> None:
    assert score.verdicts([signal(substance_id, area_code)]) == (["missed"], ["false"])


def test_a_signal_that_was_raised_only_before_the_event_cannot_have_found_it(
    score: Scorer,
) -> None:
    earlier = signal(period=BURST.first_day - timedelta(days=14))

    assert score.verdicts([earlier]) == (["missed"], ["false"])


def test_a_signal_that_was_raised_again_during_the_event_finds_it(score: Scorer) -> None:
    open_before = replace(
        signal(period=BURST.first_day - timedelta(days=14)), last_raised_week="2026-W40"
    )

    assert score.verdicts([open_before]) == (["found"], ["right"])


@pytest.mark.parametrize(("days_after", "verdict"), [(88, "right"), (95, "false")])
def test_a_match_reaches_thirteen_weeks_beyond_the_event(
    score: Scorer, days_after: int, verdict: str
) -> None:
    late = signal(period=BURST.last_day + timedelta(days=days_after))

    assert score.verdicts([late])[1] == [verdict]


def test_a_signal_that_matches_an_event_closely_is_not_held_against_a_wrong_alert_by_all(
    score: Scorer,
) -> None:
    events, signals = score.verdicts([signal()], [BURST, BACKLOG])

    assert events == ["found", "correctly silent"]
    assert signals == ["right"]


def test_a_signal_that_only_matches_what_must_not_alert_is_falsely_raised(score: Scorer) -> None:
    events, signals = score.verdicts([signal("cocaine")], [BURST, BACKLOG])

    assert events == ["missed", "falsely raised"]
    assert signals == ["wrong event"]


def test_an_oddity_of_one_source_is_not_told_by_signals_on_other_streams(score: Scorer) -> None:
    backlog = replace(BACKLOG, kind="death")

    assert score.verdicts([signal("cocaine")], [backlog]) == (["correctly silent"], ["false"])
    on_deaths = replace(signal("cocaine"), streams=("deaths",))
    assert score.verdicts([on_deaths], [backlog]) == (["falsely raised"], ["wrong event"])


def test_a_stream_that_is_configured_no_more_tells_of_no_oddity(score: Scorer) -> None:
    forgotten = replace(signal("cocaine"), streams=("retired_stream",))

    assert score.verdicts([forgotten], [BACKLOG]) == (["correctly silent"], ["false"])


def test_a_signal_raised_before_the_source_took_it_back_was_right(score: Scorer) -> None:
    withdrawn = replace(BURST, response="withdrawal", withdrawn_on=date(2026, 10, 8))

    assert score.verdicts([signal()], [withdrawn]) == (["found"], ["right"])


def test_a_signal_first_raised_after_the_withdrawal_is_wrong(score: Scorer) -> None:
    withdrawn = replace(BURST, response="withdrawal", withdrawn_on=date(2026, 10, 2))

    assert score.verdicts([signal()], [withdrawn]) == (["falsely raised"], ["wrong event"])
    early = replace(signal(reference="S-2"), first_raised_as_of=week_as_of("2026-W39"))
    assert score.verdicts([signal(), early], [withdrawn]) == (["found"], ["wrong event", "right"])


def test_the_nearest_signal_is_shown_with_the_days_it_took(score: Scorer) -> None:
    broad, near = signal("opioids", ENGLAND, reference="S-1"), signal(reference="S-2")

    table = score([broad, near])

    found = table.events[0]
    assert found.signal == near
    assert found.days_to_raise == (date(2026, 10, 5) - BURST.first_day).days == 7
    assert [one.event for one in table.signals] == [BURST, BURST]


def test_an_event_outside_the_evaluated_days_is_not_scored_yet_explains_its_signal(
    score: Scorer,
) -> None:
    earlier = replace(BURST, first_day=date(2026, 8, 1), last_day=date(2026, 9, 20))

    assert score.verdicts([signal()], [earlier]) == ([], ["right"])


def test_the_tables_and_the_words_say_the_same(score: Scorer) -> None:
    table = score([signal(reference="S-1"), signal("cocaine", LEEDS, reference="S-2")])

    events, signals, words = table.event_frame(), table.signal_frame(), table.describe()

    assert events[["event_id", "verdict", "signal", "days_to_raise"]].values.tolist() == [
        ["B1", "found", "S-1", 7]
    ]
    assert signals[["reference", "verdict", "event_id"]].values.tolist() == [
        ["S-1", "right", "B1"],
        ["S-2", "false", ""],
    ]
    assert "1 found, 0 missed, 0 falsely raised, 0 correctly silent" in words
    assert "S-1 after 7 days" in words
    assert "S-2 cocaine in E08000035: false" in words


def test_an_empty_evaluation_still_has_its_columns(score: Scorer) -> None:
    table = score([], [])

    assert "days_to_raise" in table.event_frame().columns
    assert table.signal_frame().empty
    assert "0 found" in table.describe()
