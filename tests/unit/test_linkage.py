"""Which records are of one event: what speaks for it, what against, and what cannot be said."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.linkage import Linked, LinkRules, link_records, read_rules
from surveillance.register import Register
from tests.unit.link_cases import (
    BRADFORD,
    CARDIFF,
    DAY,
    LEEDS,
    NO_VERDICTS,
    YORKSHIRE,
    days_after,
    death,
    fatal,
    report,
    told,
    verdict,
)

Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def rules(config_folder: Path) -> LinkRules:
    return read_rules(config_folder / "linkage.toml")


@pytest.fixture
def link(register: Register, rules: LinkRules) -> Any:
    def linked(*rows: Row, verdicts: pd.DataFrame = NO_VERDICTS, **other: Any) -> Linked:
        used = replace(rules, **other)
        return link_records(told(rows), register=register, rules=used, verdicts=verdicts)

    return linked


def pairs(linked: Linked, least: float = 0.7) -> set[frozenset[str]]:
    found = linked.links[linked.links["probability"] >= least]
    return {frozenset(pair) for pair in zip(found["source_ref"], found["other_ref"], strict=True)}


def probability(linked: Linked) -> float:
    return float(linked.links["probability"].max()) if len(linked.links) else 0.0


def weak(ref: str, role: str = "ambulance", **other: Any) -> dict[str, Any]:
    """Give a report that says little, so that its links are far from sure."""
    silent = {"reactions": (), "seriousness": None, "outcome": None, "setting": None}
    return report(ref, role, **silent | other)


def of_pair(linked: Linked) -> float:
    """Give the probability of the link between a and b, 0 where there is none."""
    found = linked.links[linked.links["source_ref"].isin(list("ab"))]
    found = found[found["other_ref"].isin(list("ab"))]
    return float(found["probability"].max()) if len(found) else 0.0


def crowd(number: int, roles: Sequence[str], days: int, **other: Any) -> list[dict[str, Any]]:
    """Give different people, one each, whose records agree on place, drug and nearly on the day."""
    rng = np.random.default_rng(number)
    ages = ("18-24", "25-34", "35-44", "45-54")
    return [
        report(
            f"p{place}",
            roles[place % len(roles)],
            occurred_on=days_after(int(rng.integers(days))),
            **{"age_band": ages[int(rng.integers(4))], "reactions": ()} | other,
        )
        for place in range(number)
    ]


def test_nothing_told_gives_no_link(link: Any) -> None:
    assert link().links.empty


def test_records_that_tell_nothing_but_a_day_are_not_linked(link: Any) -> None:
    silent = dict.fromkeys(
        ["age_band", "sex", "setting", "seriousness", "naloxone_given", "outcome"]
    )
    rows = [
        report(f"r{n}", None, area_code="unknown", substances=(), reactions=(), **silent)
        for n in range(6)
    ]

    assert pairs(link(*rows), 0.1) == set()


def test_a_record_that_stands_for_many_or_for_a_year_is_not_compared(link: Any) -> None:
    many = report("a", count_high=4)
    vague = report("b", "emergency_department", occurred_precision="year")

    linked = link(many, vague, report("c", "emergency_department"))

    assert linked.compared == 1
    assert linked.links.empty


def test_the_same_harm_by_ambulance_and_hospital_is_one_event(link: Any) -> None:
    linked = link(report("a"), report("b", "emergency_department"))

    assert pairs(linked) == {frozenset("ab")}
    assert 0.9 < probability(linked) <= 1
    assert linked.links["decided_by"].tolist() == ["model"]


def test_ambulance_hospital_and_coroner_make_one_event_with_two_links(link: Any) -> None:
    linked = link(
        fatal("a", substances=("opioids",)),
        fatal("b", "emergency_department", substances=("opioids",)),
        death("c", substances=("protonitazene",), occurred_on=days_after(1)),
    )

    assert len(linked.links) == 2
    assert {*linked.links["source_ref"], *linked.links["other_ref"]} == {"a", "b", "c"}


def test_a_report_that_does_not_say_that_anyone_died_seldom_has_a_death(link: Any) -> None:
    assert pairs(link(report("a"), death("b"))) == set()
    assert pairs(link(fatal("a"), death("b"))) == {frozenset("ab")}


def test_a_group_agrees_with_its_member_and_not_with_another_drug(link: Any) -> None:
    nitazene: dict[str, Any] = {"substances": ("protonitazene",)}
    by_group = link(weak("a", substances=("opioids",)), weak("b", "hostel", **nitazene))
    otherwise = link(weak("a", substances=("mdma",)), weak("b", "hostel", **nitazene))

    assert of_pair(otherwise) < 0.2 < of_pair(by_group)


@pytest.mark.parametrize("area", [BRADFORD, YORKSHIRE, "unknown"])
def test_a_place_that_adjoins_or_is_wider_or_not_known_is_less_telling(
    link: Any, area: str
) -> None:
    others = crowd(12, ["ambulance", "emergency_department"], 50, area_code=BRADFORD)
    here = link(*others, weak("a"), weak("b", "emergency_department"))
    there = link(*others, weak("a"), weak("b", "emergency_department", area_code=area))

    assert of_pair(there) < of_pair(here)


def test_places_far_apart_are_not_compared_unless_it_is_one_person(link: Any) -> None:
    key = {"person_key": "7f"}
    apart = report("b", "emergency_department", area_code=CARDIFF)

    assert link(report("a"), apart).links.empty
    assert pairs(link(report("a", **key), apart | key)) == {frozenset("ab")}


def test_two_keys_of_one_service_are_two_people_and_of_two_services_say_nothing(
    link: Any,
) -> None:
    ours = report("a", person_key="1")

    assert of_pair(link(ours, report("b", person_key="2"))) < of_pair(link(ours, report("b")))
    assert of_pair(link(ours, report("b", "hostel", person_key="2"))) == of_pair(
        link(ours, report("b", "hostel"))
    )


def test_one_service_that_reports_twice_on_a_day_has_two_people(link: Any) -> None:
    assert pairs(link(report("a"), report("b", reactions=("seizure",)))) == set()


def test_what_one_service_sent_twice_of_one_person_is_one_event(link: Any) -> None:
    assert pairs(link(report("a", person_key="1"), report("b", person_key="1"))) == {
        frozenset("ab")
    }


def test_a_month_is_compared_with_the_days_in_it_and_tells_less(link: Any) -> None:
    exact = link(report("a"), report("b", "emergency_department"))
    vague = link(
        report("a", occurred_on=DAY.replace(day=1), occurred_precision="month"),
        report("b", "emergency_department"),
    )

    assert 0 < probability(vague) < probability(exact)


def test_a_prison_cluster_of_different_men_is_not_joined(link: Any) -> None:
    rows = crowd(9, ["prison"], 10, setting="prison", substances=("synthetic_cannabinoids",))

    assert pairs(link(*rows), 0.5) == set()


@pytest.mark.parametrize("seed_size", [56, 57, 58])
def test_fifty_seven_people_in_four_days_stay_nearly_as_many(link: Any, seed_size: int) -> None:
    roles = ["ambulance", "emergency_department", "drug_service"]

    linked = link(*crowd(seed_size, roles, 4, substances=("heroin",)))

    assert len(pairs(linked)) <= 1


def test_in_a_cluster_only_what_sets_a_person_apart_makes_a_link(link: Any) -> None:
    others = crowd(20, ["ambulance", "emergency_department"], 4, substances=("heroin",))
    woman: dict[str, Any] = {
        "sex": "female",
        "age_band": "55+",
        "substances": ("heroin",),
        "reactions": ("seizure", "cyanosis"),
    }

    linked = link(*others, report("w1", **woman), report("w2", "emergency_department", **woman))

    assert pairs(linked) == {frozenset({"w1", "w2"})}


def test_agreeing_on_a_rare_drug_tells_more_than_on_one_that_everyone_takes(link: Any) -> None:
    roles = ["drug_service", "emergency_department", "ambulance", "hostel"]
    everyone = crowd(40, roles, 50, sex="female", substances=("heroin",))

    def of(substance: str) -> float:
        named: dict[str, Any] = {"substances": (substance,)}
        return of_pair(link(*everyone, weak("a", **named), weak("b", "hostel", **named)))

    assert of("etizolam") > 2 * of("heroin")


def test_a_day_that_many_were_dated_by_default_makes_no_links(link: Any) -> None:
    new_year = DAY.replace(month=1, day=1)
    ages = ("18-24", "25-34", "35-44", "45-54")
    rows = [
        report(f"r{n}", role, occurred_on=new_year, age_band=ages[n % 4], reactions=())
        for n, role in enumerate(["ambulance", "emergency_department", "hostel"] * 10)
    ]

    assert pairs(link(*rows)) == set()


def test_rivals_share_one_probability(link: Any) -> None:
    alone = link(weak("a"), weak("b", "emergency_department"))
    linked = link(weak("a"), weak("b", "emergency_department"), weak("c"))

    assert len(linked.links) == 1
    assert probability(linked) < 0.55 < probability(alone)


def test_an_event_never_has_two_deaths(link: Any) -> None:
    linked = link(
        fatal("a"),
        fatal("b", "emergency_department", occurred_on=days_after(1)),
        death("c"),
        death("d", occurred_on=days_after(1)),
    )

    deaths = linked.links[linked.links["feed"] == "deaths"]
    assert deaths["other_ref"].is_unique
    assert deaths["source_ref"].is_unique
    assert len(linked.links) <= 2


def test_people_split_what_the_model_joined_also_through_a_third_record(link: Any) -> None:
    rows = [fatal("a"), fatal("b", "emergency_department"), death("c")]

    split = link(*rows, verdicts=verdict("a", "b", is_one=False))

    assert len(link(*rows).links) == 2
    assert len(split.links) == 1
    assert frozenset("ab") not in pairs(split, 0.0)


def test_people_join_what_the_model_cannot(link: Any) -> None:
    rows = [report("a"), report("b", "hostel", area_code=CARDIFF, occurred_on=days_after(20))]

    joined = link(*rows, verdicts=verdict("a", "b", is_one=True))

    assert joined.links[["probability", "decided_by"]].to_numpy().tolist() == [[1.0, "person"]]


def test_thousands_of_identical_rows_are_left_out_and_counted(link: Any) -> None:
    rows = [report(f"r{n:05d}", ("ambulance", "hostel")[n % 2]) for n in range(3000)]

    linked = link(*rows)

    assert linked.links.empty
    assert linked.crowded == 3000


def test_what_is_crowded_is_still_compared_with_those_of_its_age_and_sex(link: Any) -> None:
    rows = [report(f"r{n:05d}", "hostel") for n in range(300)]
    woman: dict[str, Any] = {"sex": "female", "age_band": "<16", "substances": ("etizolam",)}

    linked = link(*rows, report("w1", **woman), report("w2", "emergency_department", **woman))

    assert pairs(linked) == {frozenset({"w1", "w2"})}
    assert linked.crowded == 300


def test_the_order_of_the_rows_makes_no_difference(link: Any) -> None:
    rows = crowd(30, ["ambulance", "emergency_department"], 6, area_code=LEEDS)
    rows += [fatal("f"), death("d")]

    one, other = link(*rows), link(*rows[::-1])

    pd.testing.assert_frame_equal(one.links, other.links)
