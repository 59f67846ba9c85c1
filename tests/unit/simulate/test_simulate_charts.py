import struct
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from surveillance.domain import PlantedEvent
from surveillance.errors import InputError
from surveillance.simulate import GENERATORS, DrawnCountry, World
from surveillance.simulate.charts import CHARTS, draw_charts, picture_of
from surveillance.simulate.pictures import Panel, Picture, specification, to_png

EVENT = PlantedEvent(
    event_id="D1",
    scenario="D",
    kind="death",
    substance_id="all",
    area_code="E10000008",
    first_day=date(2026, 3, 2),
    last_day=date(2026, 3, 6),
    size=4,
    alert_is_right=False,
    response="none",
)


def picture(*, mark: Any = "bar", events: tuple[PlantedEvent, ...] = (EVENT,)) -> Picture:
    table = pd.DataFrame(
        {
            "period": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"] * 2),
            "series": ["a"] * 3 + ["b"] * 3,
            "value": [3.0, 4.0, 1.0, 2.0, 1.0, 0.0],
        }
    )
    return Picture(
        title="Deaths by month (simulated)",
        length="month",
        panels=(Panel("Deaths", table, mark=mark),),
        settled=(pd.Timestamp("2026-01-01"), pd.Timestamp("2026-03-15")),
        events=events,
        last_day=date(2026, 3, 31),
    )


def values_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in spec["datasets"].values() for row in rows]


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(
    tmp_path: Path, drawn: DrawnCountry, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("surveillance.simulate.pictures.to_png", lambda _: b"")

    with pytest.raises(InputError, match="charts were not drawn"):
        draw_charts(tmp_path / "file" / "charts", drawn, world=world)


def test_a_period_that_is_not_settled_is_drawn_in_another_way() -> None:
    spec = specification(picture())

    settled = {row["start"][:10]: row["settled"] for row in values_of(spec) if "settled" in row}
    assert settled == {"2026-01-01": True, "2026-02-01": True, "2026-03-01": False}
    marks = [layer["mark"] for layer in spec["vconcat"][0]["layer"]]
    assert any(mark.get("strokeDash") == [3, 2] for mark in marks)
    filters = [
        step["filter"]
        for layer in spec["vconcat"][0]["layer"]
        for step in layer.get("transform", [])
    ]
    assert filters == ["datum.settled", "!datum.settled"]


def test_bars_of_one_period_stand_on_each_other() -> None:
    rows = [row for row in values_of(specification(picture())) if "high" in row]

    ends = {(row["start"][:10], row["series"]): (row["low"], row["high"]) for row in rows}
    assert ends["2026-01-01", "a"] == (0, 3)
    assert ends["2026-01-01", "b"] == (3, 5)


def test_an_event_on_which_an_alert_is_wrong_stands_in_brackets() -> None:
    names = [row["name"] for row in values_of(specification(picture())) if "name" in row]

    assert names == ["(D1)"]


def test_a_picture_without_an_event_has_no_band() -> None:
    assert not [row for row in values_of(specification(picture(events=()))) if "name" in row]


@pytest.mark.parametrize("mark", ["bar", "line"])
def test_the_axis_has_its_title_and_several_series_a_key(mark: str) -> None:
    layers = specification(picture(mark=mark))["vconcat"][0]["layer"]

    encodings = [layer.get("encoding", {}) for layer in layers]
    titles = {e["y"]["axis"]["title"] for e in encodings if e.get("y", {}).get("axis")}
    assert titles == {"Deaths"}
    assert any(e.get("color", {}).get("legend") for e in encodings)


def test_a_picture_is_a_png_of_some_size() -> None:
    png = to_png(picture())

    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert png.endswith(b"IEND\xaeB`\x82")
    assert width > 800
    assert height > 250


def test_every_feed_has_its_chart() -> None:
    assert CHARTS.keys() == GENERATORS.keys()


@pytest.mark.parametrize("feed", list(CHARTS))
def test_the_chart_of_a_feed_shows_its_rows_and_only_its_own_events(
    drawn: DrawnCountry, world: World, feed: str
) -> None:
    shown = picture_of(feed, drawn, world=world)

    assert all(len(panel.table) for panel in shown.panels)
    assert all({"period", "series", "value"} <= set(panel.table) for panel in shown.panels)
    expected = {
        "deaths": {"A", "D", "K"},
        "reaction_reports": {"A", "B", "F", "G", "I", "J", "L"},
        "price_purity": {"C"},
        "sightings": {"G"},
        "street_events": {"H"},
        "acquisitive_crime": {"K"},
        "arrest_tests": {"E"},
    }
    assert {event.scenario for event in shown.events} == expected.get(feed, set())


def test_what_the_source_withdrew_is_not_shown(drawn: DrawnCountry, world: World) -> None:
    shown = picture_of("deaths", drawn, world=world).panels[0].table
    rows = drawn.rows["deaths"].sort_values("received_at", kind="stable")
    newest = rows.drop_duplicates("death_id", keep="last")

    inside = newest["date_of_death"] <= world.timeline.last_day.isoformat()
    kept = inside & (newest["withdrawn"] == "false")

    assert (inside & ~kept).sum() > 500
    assert shown["value"].sum() == kept.sum()
