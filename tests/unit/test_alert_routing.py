from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.routing import Case, Decision, PastNotice, RoutingRules, Silence, decide, read_rules
from surveillance.errors import SettingsError
from surveillance.register import Register
from tests.unit.alert_cases import AS_OF, LEEDS, RULES, alarm, case

SILENCE = Silence(
    substance="opioids",
    area="E12000003",
    reason="laboratory changed its test",
    owner="duty analyst",
    until=date(2026, 10, 5),
)


def choose(
    cases: list[Case],
    register: Register,
    *,
    noticed: tuple[PastNotice, ...] = (),
    rules: RoutingRules = RULES,
) -> list[Decision]:
    return decide(cases, rules=rules, noticed=noticed, register=register)


def past(signal_id: str = "s1", *, days_ago: float = 30, smallest_p: float = 1e-5) -> PastNotice:
    return PastNotice(
        signal_id=signal_id,
        as_of=AS_OF - timedelta(days=days_ago),
        streams=frozenset({"reaction_reports"}),
        smallest_p=smallest_p,
    )


def test_a_signal_below_the_rank_is_decided_and_tells_nobody(register: Register) -> None:
    [decision] = choose([case(rank_score=3.9)], register)

    assert decision.outcome == "below_rank"
    assert "3.9" in decision.reason


@pytest.mark.parametrize("state", ["auto_suppressed", "not_validated", "closed"])
def test_a_signal_that_people_or_rules_set_aside_is_not_noticed(
    state: str, register: Register
) -> None:
    [decision] = choose([case(state=state)], register)

    assert (decision.outcome, decision.reason) == ("held_back", f"the signal is {state}")


def test_a_signal_on_data_that_failed_its_checks_is_held_back(register: Register) -> None:
    [decision] = choose([case(quality="hold")], register)

    assert decision.outcome == "held_back"
    assert "data on hold" in decision.reason


def test_the_third_signal_of_a_day_is_held_back_and_the_highest_ranks_go_first(
    register: Register,
) -> None:
    cases = [
        case(signal_id=f"s{rank}", reference=f"S{rank}", rank_score=float(rank))
        for rank in (5, 9, 7)
    ]

    decisions = choose(cases, register)

    assert [d.case.signal.reference for d in decisions] == ["S9", "S7", "S5"]
    assert [d.outcome for d in decisions] == ["notice", "notice", "held_back"]
    assert "budget of 2 a day" in decisions[2].reason


def test_the_sixth_signal_of_a_week_is_held_back(register: Register) -> None:
    noticed = tuple(past(f"other{n}", days_ago=1 + n) for n in range(5))

    [decision] = choose([case()], register, noticed=noticed)

    assert decision.outcome == "held_back"
    assert "budget of 5 a week" in decision.reason


def test_a_budget_counts_by_the_moment_of_the_run_and_not_of_the_decision(
    register: Register,
) -> None:
    cases = [
        case(signal_id=f"s{n}", reference=f"S{n}", as_of=AS_OF + timedelta(weeks=n // 2))
        for n in range(6)
    ]

    decisions = choose(cases, register)

    assert {d.outcome for d in decisions} == {"notice"}


def test_what_was_held_back_is_noticed_at_its_next_evidence(register: Register) -> None:
    first = [case(signal_id=f"s{n}", reference=f"S{n}") for n in range(3)]
    again = case(signal_id="s2", reference="S2", as_of=AS_OF + timedelta(weeks=1))

    decisions = choose([*first, again], register)

    assert [d.outcome for d in decisions] == ["notice", "notice", "held_back", "notice"]


def test_a_signal_noticed_before_gets_no_second_notice_without_news(register: Register) -> None:
    [decision] = choose([case()], register, noticed=(past(),))

    assert decision.outcome == "repeat"
    assert "2026-09-05" in decision.reason


def test_evidence_that_grew_by_the_stated_factor_is_an_update(register: Register) -> None:
    almost, enough = alarm(p_value=1.1e-7), alarm(p_value=0.9e-7)

    [repeat] = choose([case(almost)], register, noticed=(past(),))
    [update] = choose([case(enough)], register, noticed=(past(),))

    assert repeat.outcome == "repeat"
    assert update.outcome == "update"
    assert update.news == "The evidence has grown clearly."


def test_a_new_stream_is_an_update(register: Register) -> None:
    [decision] = choose([case(alarm(), alarm(stream="deaths"))], register, noticed=(past(),))

    assert decision.outcome == "update"
    assert decision.reason == "new stream: deaths"


def test_an_update_spends_the_budget_too(register: Register) -> None:
    noticed = (past(), *(past(f"other{n}", days_ago=0) for n in range(2)))

    [decision] = choose([case(alarm(stream="deaths"))], register, noticed=noticed)

    assert decision.outcome == "held_back"
    assert "would have been: new stream" in decision.reason


def test_two_runs_of_one_signal_decided_together_give_one_notice(register: Register) -> None:
    later = case(as_of=AS_OF + timedelta(weeks=1))

    decisions = choose([later, case()], register)

    assert [d.outcome for d in decisions] == ["notice", "repeat"]


def test_a_first_sighting_without_a_p_value_is_judged_by_rank_and_streams(
    register: Register,
) -> None:
    sighting = alarm(detector="first_seen", p_value=None)

    [first] = choose([case(sighting)], register)
    [second] = choose([case(sighting)], register, noticed=(past(smallest_p=1.0),))

    assert (first.outcome, second.outcome) == ("notice", "repeat")


def test_a_silence_covers_what_lies_below_its_substance_and_area(register: Register) -> None:
    rules = replace(RULES, silences=(SILENCE,))

    [decision] = choose([case()], register, rules=rules)

    assert decision.outcome == "silenced"
    assert "laboratory changed its test" in decision.reason
    assert "duty analyst" in decision.reason


def test_a_silence_leaves_other_areas_alone(register: Register) -> None:
    rules = replace(RULES, silences=(replace(SILENCE, area="E12000007"),))

    [decision] = choose([case(area_code=LEEDS)], register, rules=rules)

    assert decision.outcome == "notice"


def test_a_silence_that_has_ended_stops_applying_and_says_so(register: Register) -> None:
    rules = replace(RULES, silences=(SILENCE,))
    day_after = datetime(2026, 10, 6, 6, tzinfo=UTC)

    [decision] = choose([case(as_of=day_after)], register, rules=rules)

    assert decision.outcome == "notice"
    assert "ended on 2026-10-05 and no longer applies" in decision.reason


def test_the_shipped_rules_are_the_budget_of_the_domain(config_folder: Path) -> None:
    rules = read_rules(config_folder / "routes.toml")

    assert (rules.notices_per_day, rules.notices_per_week) == (2, 5)
    assert rules.silences == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("min_rank_scor = 1\n", "min_rank_scor"),
        ('[[silence]]\nsubstance = "heroin"\n', "until"),
        ("valid_days =\n", "cannot be read"),
    ],
)
def test_a_mistake_in_the_routes_is_named(
    change: str, told: str, tmp_path: Path, config_folder: Path
) -> None:
    path = tmp_path / "routes.toml"
    shipped = (config_folder / "routes.toml").read_text(encoding="utf-8")
    path.write_text(f"{shipped}\n{change}", encoding="utf-8")

    with pytest.raises(SettingsError, match=told):
        read_rules(path)


@pytest.mark.parametrize(("reason", "until"), [('""', "2026-12-31"), ('"known"', '"2026-12-31"')])
def test_a_silence_without_reason_or_end_is_refused(
    reason: str, until: str, tmp_path: Path, config_folder: Path
) -> None:
    path = tmp_path / "routes.toml"
    shipped = (config_folder / "routes.toml").read_text(encoding="utf-8")
    path.write_text(
        f'{shipped}\n[[silence]]\nsubstance = "heroin"\narea = "K02000001"\n'
        f'reason = {reason}\nowner = "analyst"\nuntil = {until}\n',
        encoding="utf-8",
    )

    with pytest.raises(SettingsError, match="needs a reason, an owner and an end"):
        read_rules(path)


def test_the_routes_file_missing_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Nothing was routed"):
        read_rules(tmp_path / "routes.toml")
