import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from alerts.lint import lint
from alerts.message import Edition, Notice, grade_of, plain_text, write_notice
from alerts.routing import RoutingRules
from surveillance.domain import Signal
from surveillance.register import Register
from tests.unit.alert_cases import LEEDS, RULES, STREAMS, UNITED_KINGDOM, alarm, signal, stream

ISSUED = datetime(2026, 10, 8, 9, 30, tzinfo=UTC)
FIRST = Edition(1, "")
HOSTILE = (
    "<!channel> @here <https://evil.example|look> `x` \x1b[2J\u202e\u200b *b* & </pre><script>"
)


def write(
    one: Signal,
    register: Register,
    *,
    edition: Edition = FIRST,
    rules: RoutingRules = RULES,
) -> Notice:
    return write_notice(
        one, register=register, streams=STREAMS, rules=rules, issued=ISSUED, edition=edition
    )


@pytest.mark.parametrize("observed", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
def test_no_small_count_and_nothing_derived_from_it_leaves(
    observed: float, register: Register
) -> None:
    seen = alarm(observed=observed, observed_high=observed, expected=0.517, p_value=0.000123)

    text = plain_text(write(signal(seen), register))

    assert "fewer than 8 reports in 4 weeks to 4 October 2026; more than expected" in text
    for secret in (
        f"{observed:g} report",
        "0.517",
        "0.5",
        "1.2e-04",
        "0.000123",
        " ratio",
        "times",
    ):
        assert secret not in text


def test_an_age_band_never_leaves_in_a_stream_title(register: Register) -> None:
    text = plain_text(write(signal(alarm(stream="young_heroin_crack")), register))

    assert "25" not in text
    assert "A narrower group of cases of the same feed" in text


def test_a_hostile_text_stays_one_harmless_line(register: Register) -> None:
    rules = replace(RULES, how_to_report=HOSTILE)

    text = plain_text(write(signal(), register, rules=rules))

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert len([line for line in text.splitlines() if "evil.example" in line]) == 1


def test_level_and_grade_stand_in_words_and_first(register: Register) -> None:
    lines = plain_text(write(signal(), register)).splitlines()

    assert lines[0] == "Review: more reports naming nitazenes in Leeds than expected"
    assert re.match(r"Level: +Level 0: signal, unverified", lines[1])
    assert re.match(r"Grade: +G1: reported by professionals", lines[2])


def test_a_notice_carries_what_the_domain_demands(register: Register) -> None:
    notice = write(signal(), register)

    assert notice.area == "Leeds (E08000035)"
    assert notice.action == (
        "Look at the evidence by 13 October 2026 and say whether it should be validated."
    )
    assert notice.valid_until == "22 October 2026"
    assert notice.event_dates == "7 September 2026 to 4 October 2026"
    assert notice.streams == ("Reaction reports: more than expected, checks passed",)
    assert "naloxone" in notice.harm_reduction
    assert notice.clinical.startswith("Class: opioid. See TOXBASE")
    assert notice.supersedes == "nothing"
    assert lint(plain_text(notice)) == []


def test_the_time_limit_skips_the_weekend(register: Register) -> None:
    friday = datetime(2026, 10, 9, 9, tzinfo=UTC)

    notice = write_notice(
        signal(),
        register=register,
        streams=STREAMS,
        rules=RULES,
        issued=friday,
        edition=FIRST,
    )

    assert "by 14 October 2026" in notice.action


def test_an_update_says_what_is_new_and_what_it_supersedes(register: Register) -> None:
    notice = write(signal(), register, edition=Edition(2, "Another stream of data joined."))

    text = plain_text(notice)

    assert "What is new:" in text
    assert "Another stream of data joined." in text
    assert "S00001, version 2" in text
    assert "version 1" in notice.supersedes


def test_a_first_sighting_is_told_without_a_count(register: Register) -> None:
    seen = alarm(detector="first_seen", expected=None, p_value=None, observed=1.0, window=1)

    notice = write(signal(seen), register)

    assert notice.headline == (
        "Review: reports naming nitazenes in Leeds for the first time on record"
    )
    assert notice.change.startswith("fewer than 8 reports in 1 week")
    assert lint(plain_text(notice)) == []


def test_a_suppressed_count_is_told_by_the_outer_edges_of_its_bands(register: Register) -> None:
    notice = write(signal(alarm(observed=6.0, observed_high=14.0)), register)

    assert notice.change.startswith("fewer than 18 reports")


def test_words_and_figures_speak_of_the_same_place(register: Register) -> None:
    wider = alarm(area_code="E12000003", observed=19.0, observed_high=19.0)

    notice = write(signal(wider), register)

    assert "in Yorkshire and The Humber" in notice.headline
    assert notice.change.startswith("18 to 22 reports")
    assert notice.area == (
        "Yorkshire and The Humber (E12000003); first raised for Leeds (E08000035)"
    )
    assert notice.substance == "Nitazenes"


@pytest.mark.parametrize("high", [None, 0.0, 7.0])
def test_a_greatest_count_that_is_missing_or_too_small_is_not_believed(
    high: float | None, register: Register
) -> None:
    notice = write(signal(alarm(observed=23.0, observed_high=high, expected=20.0)), register)

    assert notice.change.startswith("23 to 27 reports")


def test_a_large_count_is_told_as_a_band_with_a_band_of_its_ratio(register: Register) -> None:
    seen = alarm(observed=21.0, observed_high=21.0, expected=10.0)

    notice = write(signal(seen), register)

    assert notice.change == (
        "18 to 22 reports in 4 weeks to 4 October 2026; about 2 times what is expected"
    )
    assert lint(plain_text(notice)) == []


@pytest.mark.parametrize(
    ("area", "events", "told"),
    [
        (LEEDS, 21.0, "18 to 22 events, from 23 to 27 reports, in 4 weeks"),
        (LEEDS, 5.0, "fewer than 8 events, some told by more than one report, in 4 weeks"),
        (UNITED_KINGDOM, 21.0, "21 events, some told by more than one report, in 4 weeks"),
    ],
)
def test_reports_behind_the_events_are_told_without_a_small_or_exact_figure(
    area: str, events: float, told: str, register: Register
) -> None:
    seen = alarm(area_code=area, observed=events, observed_high=events, reports=events + 4)

    notice = write(signal(seen, area_code=area), register)

    assert notice.change.startswith(told)
    assert lint(plain_text(notice)) == []


def test_events_with_one_report_each_are_called_reports(register: Register) -> None:
    notice = write(signal(alarm(observed=21.0, observed_high=21.0, reports=21.0)), register)

    assert notice.change.startswith("18 to 22 reports in 4 weeks")


def test_a_national_count_above_the_floor_is_told_as_it_is(register: Register) -> None:
    seen = alarm(area_code=UNITED_KINGDOM, observed=41.0, observed_high=41.0, expected=12.0)

    notice = write(signal(seen, area_code=UNITED_KINGDOM), register)

    assert notice.change.startswith("41 reports in 4 weeks")
    assert lint(plain_text(notice)) == []


def test_a_measure_leaves_as_a_direction_only(register: Register) -> None:
    seen = alarm(stream="heroin_purity", substance_id="heroin", observed=18.4, expected=35.1)

    notice = write(signal(seen, substance_id="heroin"), register)

    assert notice.headline == "Review: change in price or purity of heroin in Leeds"
    assert notice.change == "fewer than expected"
    assert lint(plain_text(notice)) == []


def test_only_one_band_is_told_where_several_streams_and_areas_moved(register: Register) -> None:
    seen = (
        alarm(area_code="E12000003", observed=14.0, observed_high=14.0),
        alarm(),
        alarm(stream="deaths", observed=9.0, observed_high=9.0),
    )

    text = plain_text(write(signal(*seen), register))

    assert "fewer than 8 reports" in text
    assert "13 to 17" not in text
    assert "8 to 12" not in text


def test_the_worst_state_of_a_streams_feeds_is_told(register: Register) -> None:
    seen = alarm(
        quality={
            "reaction_reports": {"verdict": "degraded", "findings": ["3 of 1,204 rows broken"]}
        }
    )

    notice = write(signal(seen), register)

    assert notice.streams == ("Reaction reports: more than expected, data degraded",)
    assert "1,204" not in plain_text(notice)


def test_data_of_unknown_quality_is_called_so(register: Register) -> None:
    notice = write(signal(alarm(quality={})), register)

    assert "data quality not known" in notice.streams[0]


@pytest.mark.parametrize(
    ("substance_id", "told"),
    [
        ("all", "more reports naming any drug in Leeds"),
        ("mdma", "more reports naming MDMA in Leeds"),
        ("unknown", "in Leeds than expected"),
    ],
)
def test_a_headline_reads_as_a_sentence(substance_id: str, told: str, register: Register) -> None:
    seen = alarm(substance_id=substance_id)

    notice = write(signal(seen, substance_id=substance_id), register)

    assert told in notice.headline
    assert lint(plain_text(notice)) == []


@pytest.mark.parametrize(
    ("streams", "grade"),
    [
        ((STREAMS["heroin_purity"],), 0),
        ((STREAMS["reaction_reports"],), 1),
        ((STREAMS["deaths"],), 1),
        ((STREAMS["reaction_reports"], STREAMS["young_heroin_crack"]), 1),
        ((STREAMS["reaction_reports"], STREAMS["deaths"]), 2),
        ((stream("lab", "reaction_report", where={"identification_basis": ("confirmed",)}),), 4),
        (
            (
                stream(
                    "lab",
                    "reaction_report",
                    where={"identification_basis": ("confirmed", "presumptive")},
                ),
            ),
            3,
        ),
        (
            (
                stream(
                    "lab",
                    "reaction_report",
                    where={"identification_basis": ("confirmed", "packaging")},
                ),
            ),
            1,
        ),
    ],
)
def test_the_grade_follows_the_verification_ladder(streams: Any, grade: int) -> None:
    assert grade_of(streams) == grade


@pytest.mark.parametrize(
    ("area_code", "grade"), [(LEEDS, "G2"), ("E12000003", "G1"), (UNITED_KINGDOM, "G1")]
)
def test_a_stream_that_moved_only_in_a_wider_area_does_not_raise_the_grade(
    area_code: str, grade: str, register: Register
) -> None:
    notice = write(signal(alarm(), alarm(stream="deaths", area_code=area_code)), register)

    assert notice.grade.startswith(grade)


def test_every_substance_of_the_register_makes_a_text_that_may_go_out(
    register: Register,
) -> None:
    findings = {
        substance.name: lint(
            plain_text(
                write(
                    signal(
                        alarm(substance_id=substance.substance_id),
                        substance_id=substance.substance_id,
                    ),
                    register,
                )
            )
        )
        for substance in register.substances.all()
    }

    assert {name: found for name, found in findings.items() if found} == {}


def test_every_area_of_the_register_makes_a_text_that_may_go_out(register: Register) -> None:
    findings = {
        area.name: lint(
            plain_text(write(signal(alarm(area_code=area.code), area_code=area.code), register))
        )
        for area in register.areas.all()
    }

    assert {name: found for name, found in findings.items() if found} == {}


def test_a_notice_comes_back_from_the_outbox_as_it_went_in(register: Register) -> None:
    notice = write(signal(), register)

    assert Notice.from_json(notice.to_json()) == notice
    assert {field.name for field in fields(Notice)} == set(notice.to_json())


def test_the_dates_reach_back_over_a_monthly_window(register: Register) -> None:
    monthly = stream("monthly", "death", cadence="month")
    seen = alarm(stream="monthly", period_start=date(2026, 9, 1), window=3)
    one = signal(seen, first_period=date(2026, 9, 1), last_period=date(2026, 9, 1))

    notice = write_notice(
        one,
        register=register,
        streams={"monthly": monthly},
        rules=RULES,
        issued=ISSUED,
        edition=FIRST,
    )

    assert notice.event_dates == "1 July 2026 to 30 September 2026"
