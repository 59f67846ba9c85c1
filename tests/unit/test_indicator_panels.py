"""Indicators as panels: sums, rates and estimates; what was not supplied is never zero."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.detect.farrington_flexible import judge
from surveillance.domain import COMPLETE, FILLING, NOT_SUPPLIED, Panel, Stream
from surveillance.register import Register
from surveillance.series import Question, build_panel

AS_OF = datetime(2024, 6, 3, 6, tzinfo=UTC)
MIDDLESBROUGH, HARTLEPOOL, CLEVELAND = "E06000002", "E06000001", "E23000013"
NORTH_EAST, UK = "E12000001", "K02000001"


def a_stream(**other: Any) -> Stream:
    values: dict[str, Any] = {
        "name": "crime",
        "title": "Crime",
        "kind": "indicator",
        "feeds": ("crime",),
        "where": {},
        "groups": (),
        "area_root": UK,
        "cadence": "month",
        "filling_days": 0,
        "silence_days": 60,
        "as_first_known": False,
        "absent_means_zero": False,
        "measure": "numerator",
        "history_periods": 200,
        "detectors": (),
    }
    return Stream(**values | other)


def figures(*rows: tuple[str, date, float], **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["area_code", "occurred_on", "numerator"])
    frame["version_id"] = [f"v{number}" for number in range(len(frame))]
    values: dict[str, Any] = {
        "feed": "crime",
        "count_low": 1,
        "count_high": 1,
        "denominator": np.nan,
    }
    values |= {
        "occurred_precision": None,
        "value": np.nan,
        "value_low": np.nan,
        "value_high": np.nan,
    }
    return frame.assign(**values | columns)


def panel_of(
    register: Register,
    records: pd.DataFrame,
    stream: Stream | None = None,
    *,
    substances: list[str] | None = None,
) -> Panel:
    named = substances or ["all"] * len(records)
    mentions = pd.DataFrame(
        {"version_id": records["version_id"], "substance_id": named, "role": "suspect"}
    )
    panel = build_panel(
        records,
        mentions,
        stream=stream or a_stream(),
        register=register,
        question=Question(as_of=AS_OF, supplied_until=AS_OF, history_periods=200),
    )
    assert panel is not None
    return panel


def series(panel: Panel, area: str, substance: str = "all") -> list[float]:
    return list(panel.low[row_of(panel, area, substance)])


def states(panel: Panel, area: str, substance: str = "all") -> list[int]:
    return list(panel.state[row_of(panel, area, substance)])


def row_of(panel: Panel, area: str, substance: str) -> int:
    names = panel.units["unit"].tolist()
    return names.index(f"{substance}|{area}")


def test_a_month_that_was_not_supplied_is_open_and_a_zero_is_a_zero(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 1, 1), 263),
        (MIDDLESBROUGH, date(2024, 2, 1), 0),
        (MIDDLESBROUGH, date(2024, 4, 1), 141),
        (MIDDLESBROUGH, date(2024, 5, 1), 150),
    )

    panel = panel_of(register, records)

    assert states(panel, MIDDLESBROUGH) == [0, 0, NOT_SUPPLIED, 0, 0, FILLING]
    assert series(panel, MIDDLESBROUGH)[:2] == [263, 0]
    assert np.isnan(series(panel, MIDDLESBROUGH)[2])


def test_a_parent_is_open_where_one_of_its_parts_was_not_supplied(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 4, 1), 10),
        (HARTLEPOOL, date(2024, 4, 1), 5),
        (MIDDLESBROUGH, date(2024, 5, 1), 12),
    )

    panel = panel_of(register, records)

    assert states(panel, NORTH_EAST)[:2] == [COMPLETE, NOT_SUPPLIED]
    assert series(panel, NORTH_EAST)[0] == 15


def test_several_categories_of_a_month_are_added_and_one_missing_leaves_it_open(
    register: Register,
) -> None:
    kinds = [(MIDDLESBROUGH, date(2024, month, 1), 10.0) for month in (3, 4, 5) for _ in range(7)]
    records = figures(*kinds[:-1])

    panel = panel_of(register, records)

    assert states(panel, MIDDLESBROUGH)[:3] == [COMPLETE, COMPLETE, NOT_SUPPLIED]
    assert series(panel, MIDDLESBROUGH)[:2] == [70, 70]


def test_a_negative_correction_is_subtracted(register: Register) -> None:
    rows = [(MIDDLESBROUGH, date(2024, month, 1), n) for month in (4, 5) for n in (9.0, -2.0)]

    panel = panel_of(register, figures(*rows))

    assert series(panel, MIDDLESBROUGH)[:2] == [7, 7]


def test_a_quarter_and_a_year_are_periods_of_their_own(register: Register) -> None:
    rows = [(MIDDLESBROUGH, date(year, month, 1), 1.0) for year in (2022, 2023) for month in (1, 4)]

    quarters = panel_of(register, figures(*rows), a_stream(cadence="quarter"))
    years = panel_of(register, figures(*rows), a_stream(cadence="year"))

    assert quarters.frequency == 4
    assert states(quarters, MIDDLESBROUGH)[:5] == [0, 0, NOT_SUPPLIED, NOT_SUPPLIED, 0]
    assert years.starts is not None
    assert years.starts.astype(str).tolist() == ["2022-01-01", "2023-01-01", "2024-01-01"]
    assert series(years, MIDDLESBROUGH)[:2] == [2, 2]


def test_a_figure_of_a_year_is_no_figure_of_its_first_month(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 1, 1), 1200),
        (MIDDLESBROUGH, date(2024, 1, 1), 90),
        (MIDDLESBROUGH, date(2024, 2, 1), 95),
        occurred_precision=["year", "month", None],
    )

    panel = panel_of(register, records)

    assert series(panel, MIDDLESBROUGH)[:2] == [90, 95]


def test_a_police_area_is_made_of_its_members_and_of_nothing_else(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 5, 1), 10),
        (HARTLEPOOL, date(2024, 5, 1), 5),
        ("E06000047", date(2024, 5, 1), 1),  # County Durham, the neighbour's
        ("unknown", date(2024, 5, 1), 2),
    )

    panel = panel_of(register, records, a_stream(area_root=CLEVELAND))

    assert set(panel.units["area_code"]) == {MIDDLESBROUGH, HARTLEPOOL, CLEVELAND}
    assert series(panel, CLEVELAND)[0] == 17


def test_a_rate_carries_its_denominator_and_adds_both_over_areas(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 5, 1), 30),
        (HARTLEPOOL, date(2024, 5, 1), 10),
        denominator=[100.0, 60.0],
    )

    panel = panel_of(register, records, a_stream(measure="rate"))

    assert panel.exposure is not None
    assert series(panel, NORTH_EAST)[0] == 40
    assert panel.exposure[row_of(panel, NORTH_EAST, "all"), 0] == 160


def test_the_same_tests_are_not_counted_twice_for_two_substances(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 5, 1), 30),
        (MIDDLESBROUGH, date(2024, 5, 1), 20),
        denominator=100.0,
    )

    panel = panel_of(
        register, records, a_stream(measure="rate"), substances=["heroin", "crack_cocaine"]
    )

    assert set(panel.units["substance_id"]) == {"heroin", "crack_cocaine"}


def test_a_numerator_without_its_denominator_says_nothing_of_a_rate(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2024, 4, 1), 30),
        (MIDDLESBROUGH, date(2024, 5, 1), 30),
        denominator=[np.nan, 100.0],
    )

    panel = panel_of(register, records, a_stream(measure="rate"))

    assert panel.low.shape[1] == 2  # May, and June still filling
    assert series(panel, MIDDLESBROUGH)[0] == 30


def test_an_estimate_keeps_its_interval_and_no_parent_is_made_of_it(register: Register) -> None:
    records = figures(
        (MIDDLESBROUGH, date(2023, 1, 1), np.nan),
        (HARTLEPOOL, date(2023, 1, 1), np.nan),
        ("unknown", date(2023, 1, 1), np.nan),
        value=[21.4, 12.0, 9.0],
        value_low=[19.0, np.nan, np.nan],
        value_high=[24.1, np.nan, np.nan],
    )

    panel = panel_of(register, records, a_stream(measure="value", cadence="year"))

    assert set(panel.units["area_code"]) == {MIDDLESBROUGH, HARTLEPOOL}
    row = row_of(panel, MIDDLESBROUGH, "all")
    assert (panel.low[row, 0], panel.high[row, 0]) == (19.0, 24.1)
    assert series(panel, HARTLEPOOL)[0] == 12.0
    assert states(panel, HARTLEPOOL) == [COMPLETE, FILLING]


@pytest.mark.parametrize("offset", [True, False])
def test_doubled_testing_is_an_alarm_only_to_who_ignores_the_tests(
    register: Register, offset: bool
) -> None:
    months = pd.date_range("2014-01-01", "2024-05-01", freq="MS").date.tolist()
    tests = np.array([200.0] * (len(months) - 1) + [400.0])
    noise = np.random.default_rng(5).binomial(200, 0.3, len(months) - 1)
    records = figures(
        *((MIDDLESBROUGH, day, 0.0) for day in months),
        numerator=np.append(noise, 120).astype(float),
        denominator=tests,
    )
    panel = panel_of(register, records, a_stream(measure="rate"))
    last = np.array([len(months) - 1])
    controls = {"b": 5, "w": 1, "no_periods": 1, "past_weeks_not_included": 3}

    outcome = judge(panel, last, {**controls, "alpha": 0.01, "population_offset": offset})

    assert outcome.reason[row_of(panel, MIDDLESBROUGH, "all"), 0] == ""
    assert outcome.alarm[row_of(panel, MIDDLESBROUGH, "all"), 0] == (not offset)
