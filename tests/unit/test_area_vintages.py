"""A code that changes midway makes neither a gap nor a false zero."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.domain import COMPLETE, NOT_SUPPLIED, Panel, Stream
from surveillance.register import Register
from surveillance.series import Question, build_panel

AS_OF = datetime(2024, 1, 1, 6, tzinfo=UTC)
CUMBRIA, CUMBERLAND, WESTMORLAND = "E10000006", "E06000063", "E06000064"
SHEFFIELD, NORTH_WEST, UK = "E08000039", "E12000002", "K02000001"
MONTHS = [date(2023, month, 1) for month in range(1, 13)]


def panel_of(register: Register, *codes: tuple[str, date], **other: Any) -> Panel:
    """Resolve each code as a feed does, and count one case under it."""
    records = pd.DataFrame(
        {
            "version_id": [f"v{number}" for number in range(len(codes))],
            "area_code": [register.areas.resolve(code) for code, _ in codes],
            "occurred_on": [day for _, day in codes],
        }
    ).assign(feed="crime", count_low=1, count_high=1, numerator=1.0, occurred_precision="month")
    stream: dict[str, Any] = {
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
        "history_periods": 60,
        "detectors": (),
    }
    panel = build_panel(
        records,
        records[["version_id"]].assign(substance_id="all", role="suspect"),
        stream=Stream(**stream | other),
        register=register,
        question=Question(as_of=AS_OF, supplied_until=AS_OF, history_periods=60),
    )
    assert panel is not None
    return panel


def of_area(panel: Panel, area: str) -> tuple[list[float], list[int]]:
    row = panel.units["area_code"].tolist().index(area)
    return list(panel.high[row]), list(panel.state[row])


def test_a_series_goes_on_when_the_code_of_its_area_changes(register: Register) -> None:
    codes = [("E08000019" if day.month < 5 else "E08000039", day) for day in MONTHS]

    panel = panel_of(register, *codes)

    assert of_area(panel, SHEFFIELD) == ([1] * 12, [COMPLETE] * 12)


@pytest.mark.parametrize("absent_means_zero", [True, False])
def test_a_county_that_was_split_ends_and_its_followers_begin_without_zeros(
    register: Register, absent_means_zero: bool
) -> None:
    before = [("E10000006", day) for day in MONTHS if day.month < 4]
    after = [(code, day) for day in MONTHS[3:] for code in ("E06000063", "E06000064")]

    panel = panel_of(register, *before, *after, absent_means_zero=absent_means_zero)

    county, followers = of_area(panel, CUMBRIA), of_area(panel, CUMBERLAND)
    assert county[1] == [COMPLETE] * 3 + [NOT_SUPPLIED] * 9
    assert followers[1] == [NOT_SUPPLIED] * 3 + [COMPLETE] * 9
    assert of_area(panel, WESTMORLAND)[1] == followers[1]
    assert np.isnan(county[0][3:]).all()
    assert np.isnan(followers[0][:3]).all()


def test_the_region_of_a_split_county_goes_on(register: Register) -> None:
    before = [("E10000006", day) for day in MONTHS if day.month < 4 for _ in range(2)]
    after = [(code, day) for day in MONTHS[3:] for code in ("E06000063", "E06000064")]

    panel = panel_of(register, *before, *after)

    assert of_area(panel, NORTH_WEST) == ([2] * 12, [COMPLETE] * 12)


def test_districts_of_a_split_county_count_for_its_followers_all_along(register: Register) -> None:
    codes = [("E07000028" if day.month < 4 else "E06000063", day) for day in MONTHS]

    panel = panel_of(register, *codes, absent_means_zero=True)

    assert of_area(panel, CUMBERLAND) == ([1] * 12, [COMPLETE] * 12)


def test_a_late_figure_under_the_old_code_is_kept(register: Register) -> None:
    codes = [("E10000006", day) for day in MONTHS[:6]]

    panel = panel_of(register, *codes, absent_means_zero=True)

    assert of_area(panel, CUMBRIA)[1] == [COMPLETE] * 6 + [NOT_SUPPLIED] * 6
