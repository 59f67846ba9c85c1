from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from alerts.charts import Picture, curve_table, describe_curve, specification, to_png, to_svg
from surveillance.domain import FILLING, NOT_SUPPLIED, CurvePoint
from tests.unit.alert_cases import LAST_WEEK, curve

PLAIN = Picture(
    title="More reports naming nitazenes in Leeds than expected",
    axis="Reports a week",
    cadence="week",
    curve=curve(20),
    raised=frozenset({LAST_WEEK}),
)


def shown(picture: Picture) -> list[dict[str, Any]]:
    """List every row that some layer of the specification draws."""
    data = specification(picture)["datasets"]
    return [row for rows in data.values() for row in rows]


def keys(picture: Picture) -> set[str]:
    return {str(row["key"]) for row in shown(picture)}


def point(**changes: Any) -> CurvePoint:
    return replace(CurvePoint(LAST_WEEK, 3.0, 3.0, 0.5, 0.0, 2.0, 0), **changes)


def test_a_period_not_supplied_is_a_gap_and_never_a_zero() -> None:
    missing = point(low=None, high=None, state=NOT_SUPPLIED)

    drawn = shown(replace(PLAIN, curve=(missing,), raised=frozenset()))

    assert {row["key"] for row in drawn} == {"Not supplied", "Interval", "Expected"}
    assert all(row["low"] is None for row in drawn)
    assert curve_table((missing,))[0]["observed"] == "not supplied"


def test_a_period_still_filling_is_drawn_apart() -> None:
    filling = point(state=FILLING)

    assert "Observed, still filling" in keys(replace(PLAIN, curve=(filling,)))
    assert "Observed" not in keys(replace(PLAIN, curve=(filling,)))
    assert "" in keys(replace(PLAIN, curve=(filling,)))


def test_a_suppressed_count_is_drawn_from_its_least_to_its_greatest() -> None:
    hidden = point(low=0.0, high=2.0)

    assert "Suppressed: from least to greatest" in keys(replace(PLAIN, curve=(hidden,)))
    assert curve_table((hidden,))[0]["observed"] == "0 to 2"


def test_a_period_not_assessed_has_no_expected_count_and_says_so() -> None:
    blind = point(expected=None, lower=None, upper=None)

    assert keys(replace(PLAIN, curve=(blind,))) == {"Observed", "Raised"}
    assert curve_table((blind,))[0]["expected"] == "not assessed"
    assert curve_table((blind,))[0]["interval"] == "none"


def test_a_raised_period_has_a_mark() -> None:
    marks = [row for row in shown(PLAIN) if row["key"] == "Raised"]

    assert [row["start"] for row in marks] == ["2026-09-28T00:00:00"]


def test_a_hostile_title_stays_text_in_the_svg() -> None:
    svg = to_svg(replace(PLAIN, title="</svg><script>alert(1)</script>"))

    assert "<script" not in svg
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_an_svg_asks_for_nothing_from_outside() -> None:
    svg = to_svg(PLAIN)

    assert "href" not in svg.replace('xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    assert "url(http" not in svg


def test_the_same_picture_is_drawn_as_png() -> None:
    assert to_png(PLAIN, scale=1).startswith(b"\x89PNG")


def test_the_title_says_the_finding_and_the_key_stands_above() -> None:
    drawn = specification(PLAIN)

    assert drawn["title"]["text"] == ["More reports naming nitazenes in Leeds than expected"]
    assert drawn["config"]["legend"]["orient"] == "top"


def test_the_text_alternative_tells_peak_last_and_what_is_missing() -> None:
    points = (
        *curve(10),
        point(start=LAST_WEEK + timedelta(weeks=1), state=FILLING, low=1.0, high=1.0),
        point(start=LAST_WEEK + timedelta(weeks=2), low=None, high=None, state=NOT_SUPPLIED),
    )

    told = describe_curve(points)

    assert "12 periods from 2026-07-27 to 2026-10-12" in told
    assert "The highest is 3, from 2026-09-07." in told
    assert "The last that was assessed is 1, from 2026-10-05, where 0.50 was expected." in told
    assert "4 of them lie above the interval" in told
    assert "1 are still filling" in told
    assert "1 are not supplied" in told


@pytest.mark.parametrize("points", [(), (point(low=None, high=None, state=NOT_SUPPLIED),)])
def test_a_curve_with_nothing_in_it_is_described_all_the_same(
    points: tuple[CurvePoint, ...],
) -> None:
    assert describe_curve(points)


def test_a_monthly_curve_has_bars_of_a_month() -> None:
    monthly = replace(PLAIN, cadence="month", curve=(point(start=date(2026, 9, 1)),))

    [row, *_] = [row for row in shown(monthly) if row["key"] == "Observed"]

    assert row["end"] == "2026-10-01T00:00:00"
