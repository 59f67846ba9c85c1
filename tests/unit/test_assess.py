"""From alarms to few, ranked families."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.assess import (
    families,
    find_open,
    independent_streams,
    q_values,
    read_rules,
    screen,
)
from surveillance.domain import Alarm, Signal
from surveillance.errors import SettingsError
from surveillance.register import Register
from surveillance.streams import read_streams

LEEDS, MANCHESTER, YORKSHIRE, UK = "E08000035", "E08000003", "E12000003", "K02000001"


@pytest.fixture
def tools(register: Register, config_folder: Path) -> dict[str, Any]:
    return {
        "register": register,
        "streams": read_streams(config_folder / "streams.toml"),
        "rules": read_rules(config_folder / "assess.toml"),
    }


def an_alarm(substance: str, area: str, p_value: float, **other: Any) -> Alarm:
    values: dict[str, Any] = {
        "stream": "deaths",
        "detector": "gamma_poisson",
        "substance_id": substance,
        "area_code": area,
        "period_start": date(2024, 2, 26),
        "window": 1,
        "observed": 5.0,
        "observed_high": 5.0,
        "expected": 1.0,
        "lower": 0.0,
        "upper": 3.0,
        "p_value": p_value,
        "q_value": p_value * 10,
        "score": 1.0,
    }
    return Alarm(**values | other)


def outcomes_of(*p_values: float) -> pd.DataFrame:
    alarms = [an_alarm("heroin", f"E0{n}", p) for n, p in enumerate(p_values)]
    frame = pd.DataFrame([vars(alarm) for alarm in alarms])
    return frame.drop(columns="q_value").assign(alarm=True, reason="")


def test_a_rule_with_a_typo_is_named(tmp_path: Path, config_folder: Path) -> None:
    text = (config_folder / "assess.toml").read_text(encoding="utf-8")
    broken = tmp_path / "assess.toml"
    broken.write_text(text.replace("evidence_cap", "evidence_cop"), encoding="utf-8")

    with pytest.raises(SettingsError, match="evidence_cap, evidence_cop"):
        read_rules(broken)


def test_one_alarm_among_many_questions_does_not_hold(tools: dict[str, Any]) -> None:
    alarms = screen(outcomes_of(0.004), tests=5_000, rules=tools["rules"])

    assert alarms == []


def test_the_same_alarm_among_few_questions_holds(tools: dict[str, Any]) -> None:
    alarms = screen(outcomes_of(0.004), tests=20, rules=tools["rules"])

    assert [round(alarm.q_value, 3) for alarm in alarms] == [0.08]


def test_a_question_of_fact_is_not_screened(tools: dict[str, Any]) -> None:
    alarms = screen(outcomes_of(float("nan")), tests=5_000, rules=tools["rules"])

    assert len(alarms) == 1


def test_q_values_agree_with_statsmodels_when_every_test_is_given() -> None:
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(1).uniform(size=200) ** 3

    ours = q_values(p_values, tests=200)

    np.testing.assert_allclose(ours, multipletests(p_values, method="fdr_bh")[1])


def test_a_cluster_alarms_on_every_level_and_is_one_family(tools: dict[str, Any]) -> None:
    alarms = [
        an_alarm("protonitazene", LEEDS, 1e-9),
        an_alarm("nitazenes", YORKSHIRE, 1e-6),
        an_alarm("all", UK, 1e-4),
    ]

    found = families(alarms, **tools)

    assert [(family.lead.substance_id, len(family.alarms)) for family in found] == [
        ("protonitazene", 3)
    ]


def test_two_places_on_different_branches_are_two_families(tools: dict[str, Any]) -> None:
    alarms = [an_alarm("nitazenes", LEEDS, 1e-9), an_alarm("nitazenes", MANCHESTER, 1e-8)]

    assert len(families(alarms, **tools)) == 2


def test_all_substances_together_never_swallow_a_named_one(tools: dict[str, Any]) -> None:
    alarms = [an_alarm("all", UK, 1e-12), an_alarm("nitazenes", LEEDS, 1e-5)]

    assert len(families(alarms, **tools)) == 2


def test_a_town_that_causes_the_national_rise_leads_it(tools: dict[str, Any]) -> None:
    alarms = [
        an_alarm("opioids", UK, 1e-20),
        an_alarm("opioids", LEEDS, 1e-17),
        an_alarm("heroin", LEEDS, 1e-10),
    ]

    (family,) = families(alarms, **tools)

    assert (family.lead.substance_id, family.lead.area_code) == ("opioids", LEEDS)


def test_a_much_broader_rise_is_news_beside_an_open_signal(tools: dict[str, Any]) -> None:
    (family,) = families([an_alarm("opioids", UK, 1e-9)], **tools)

    taken = find_open(
        family,
        [a_signal("protonitazene", LEEDS)],
        register=tools["register"],
        rules=tools["rules"],
    )

    assert taken is None


def test_a_stream_judged_long_afterwards_still_takes_up_its_open_signal(
    tools: dict[str, Any],
) -> None:
    (family,) = families([an_alarm("nitazenes", LEEDS, 1e-9)], **tools)
    raised_half_a_year_later = a_signal(
        "nitazenes", LEEDS, last_period=date(2024, 2, 19), last_raised_week="2024-W35"
    )

    taken = find_open(
        family, [raised_half_a_year_later], register=tools["register"], rules=tools["rules"]
    )

    assert taken is raised_half_a_year_later


def test_a_sighting_in_a_town_whose_region_knows_the_substance_is_no_family(
    tools: dict[str, Any],
) -> None:
    local = an_alarm("diazepam", LEEDS, float("nan"), detector="first_seen")
    wider = an_alarm("diazepam", YORKSHIRE, float("nan"), detector="first_seen")

    assert families([local], **tools) == []
    assert len(families([local, wider], **tools)) == 1


def test_streams_that_may_count_the_same_people_do_not_agree_with_each_other(
    tools: dict[str, Any],
) -> None:
    streams = tools["streams"]

    assert independent_streams(["reaction_reports", "young_heroin_crack"], streams) == 1
    assert independent_streams(["reaction_reports", "deaths"], streams) == 2


def test_a_second_independent_stream_raises_the_rank(tools: dict[str, Any]) -> None:
    alone = families([an_alarm("nitazenes", LEEDS, 1e-6)], **tools)
    agreed = families(
        [
            an_alarm("nitazenes", LEEDS, 1e-6),
            an_alarm("nitazenes", LEEDS, 1e-4, stream="reaction_reports"),
        ],
        **tools,
    )

    assert agreed[0].rank_score > alone[0].rank_score


def a_signal(substance: str, area: str, **other: Any) -> Signal:
    values: dict[str, Any] = {
        "signal_id": "s1",
        "reference": "S00001",
        "state": "detected",
        "substance_id": substance,
        "area_code": area,
        "streams": ("deaths",),
        "first_raised_week": "2024-W06",
        "last_raised_week": "2024-W06",
        "first_raised_as_of": datetime(2024, 2, 12, 6, tzinfo=UTC),
        "first_period": date(2024, 2, 5),
        "last_period": date(2024, 2, 5),
        "rank_score": 9.0,
        "is_count_signal": True,
        "quality": "pass",
    }
    return Signal(**values | other)


@pytest.mark.parametrize(
    ("signal", "is_taken_up"),
    [
        (a_signal("protonitazene", LEEDS), True),
        (a_signal("opioids", YORKSHIRE), True),
        (a_signal("opioids", UK), True),
        (a_signal("cocaine", LEEDS), False),
        (a_signal("nitazenes", MANCHESTER), False),
        (a_signal("all", UK), False),
        (a_signal("nitazenes", LEEDS, state="closed"), False),
        (a_signal("nitazenes", LEEDS, last_period=date(2023, 6, 5)), False),
    ],
)
def test_an_open_signal_takes_up_what_lies_on_its_branches(
    tools: dict[str, Any], signal: Signal, is_taken_up: bool
) -> None:
    (family,) = families([an_alarm("nitazenes", LEEDS, 1e-9)], **tools)

    taken = find_open(
        family,
        [signal],
        register=tools["register"],
        rules=tools["rules"],
    )

    assert (taken is signal) is is_taken_up
