"""Draw the charts of the simulated feeds; meaning never rests on colour alone.

A period that is not settled stands on a shaded ground: its bars are pale and dashed, its line is
dashed. A planted event is a band with its name; where an alert on it is wrong the name is in
brackets.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import altair as alt
import pandas as pd
import vl_convert

from surveillance.domain import PlantedEvent

_COLOURS = ("#12436D", "#F46A25", "#28A197", "#801650", "#3D3D3D", "#A285D1", "#B58B00")
_DASHES = ([1, 0], [8, 2], [4, 2], [2, 2], [8, 2, 2, 2], [12, 3], [1, 2])
_PLUM = "#801650"
_GREY, _BAND, _UNSETTLED = "#3D3D3D", "#E9D5E1", "#EDF1F5"
_FONT = "Arial, Helvetica, sans-serif"
_WIDTH, _HEIGHT, _HEIGHT_OF_SEVERAL = 860, 260, 150
_SCALE = 1.0
_SIGNATURE_BYTES, _LENGTH_BYTES, _NAME_BYTES, _SUM_BYTES = 8, 4, 4, 4
_BEST_COMPRESSION = 9
_LETTERS = {"month": "M", "quarter": "Q", "year": "Y"}
_BAR_SHARE = 0.1
_KEY = "Shaded: not yet settled. Bands: planted events, in brackets where an alert is wrong."


@dataclass(frozen=True)
class Panel:
    """One chart of a picture.

    Attributes:
        axis: what is shown, with its unit.
        table: ``period`` (first day), ``series``, ``value``, perhaps ``low`` and ``high``.
        mark: bars that are stacked, or lines.
        from_zero: whether the axis begins at zero; bars always do.
    """

    axis: str
    table: pd.DataFrame
    mark: Literal["bar", "line"]
    from_zero: bool = False


@dataclass(frozen=True)
class Picture:
    """What one picture shows.

    Attributes:
        settled: first and last moment within which a period must lie to be settled.
        events: planted events to mark.
        last_day: the last simulated day, which the axis reaches.
    """

    title: str
    length: Literal["month", "quarter", "year"]
    panels: tuple[Panel, ...]
    settled: tuple[pd.Timestamp, pd.Timestamp]
    events: tuple[PlantedEvent, ...]
    last_day: date


def to_png(picture: Picture) -> bytes:
    """Draw a picture as PNG."""
    png: bytes = vl_convert.vegalite_to_png(specification(picture), scale=_SCALE)
    return _packed(png)


def _packed(png: bytes) -> bytes:
    """Compress a PNG again, for the library compresses for speed; the picture stays the same."""
    chunks = list(_chunks(png))
    pixels = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    others = [(name, data) for name, data in chunks if name not in (b"IDAT", b"IEND")]
    packed = [*others, (b"IDAT", zlib.compress(pixels, _BEST_COMPRESSION)), (b"IEND", b"")]
    return png[:_SIGNATURE_BYTES] + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in packed
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = _SIGNATURE_BYTES
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        name = png[place + _LENGTH_BYTES : place + _LENGTH_BYTES + _NAME_BYTES]
        start = place + _LENGTH_BYTES + _NAME_BYTES
        yield name, png[start : start + length]
        place = start + length + _SUM_BYTES


def specification(picture: Picture) -> dict[str, Any]:
    """Give the Vega-Lite specification of a picture."""
    height = _HEIGHT if len(picture.panels) == 1 else _HEIGHT_OF_SEVERAL
    charts = [
        _panel(picture, panel, names=place == 0).properties(width=_WIDTH, height=height)
        for place, panel in enumerate(picture.panels)
    ]
    title = alt.TitleParams(
        text=picture.title,
        subtitle=_KEY,
        anchor="start",
        color=_GREY,
        fontSize=15,
        subtitleColor=_GREY,
        subtitleFontSize=12,
    )
    whole = (
        alt.vconcat(*charts, spacing=14)
        .resolve_scale(color="independent", strokeDash="independent")
        .properties(title=title)
        .configure(font=_FONT, background="white")
        .configure_view(stroke=None)
        .configure_legend(orient="right", title=None, labelColor=_GREY, labelFontSize=12)
    )
    values: dict[str, Any] = whole.to_dict()
    return values


def _panel(picture: Picture, panel: Panel, *, names: bool) -> alt.LayerChart:
    table = _timed(panel.table, picture)
    edges = pd.DataFrame({"start": [table["start"].min(), _last(table, picture)]})
    layers = [
        alt.Chart(edges).mark_point(opacity=0).encode(x=_x("start")),
        _ground(table),
        *_bands(picture, table, names=names),
    ]
    layers += _bars(table, panel) if panel.mark == "bar" else _lines(table, panel)
    return alt.LayerChart(layer=layers)


def _last(table: pd.DataFrame, picture: Picture) -> pd.Timestamp:
    """Give the end of the axis: no period is cut, and no silence at the end is hidden."""
    return max(pd.Timestamp(table["end"].max()), pd.Timestamp(picture.last_day))


def _timed(table: pd.DataFrame, picture: Picture) -> pd.DataFrame:
    """Add where each period is drawn, and whether it is settled."""
    start = pd.to_datetime(table["period"])
    end = start.dt.to_period(_LETTERS[picture.length]).dt.end_time.dt.ceil("D")
    inset = (end - start) * _BAR_SHARE
    return table.assign(
        start=start,
        end=end,
        left=start + inset,
        right=end - inset,
        middle=start + (end - start) / 2,
        settled=(start >= picture.settled[0]) & (end <= picture.settled[1]),
        series=table["series"].astype(str),
    )


def _x(field: str) -> alt.X:
    axis = alt.Axis(
        title=None, format="%b %Y", labelColor=_GREY, labelFontSize=12, tickCount=7, grid=False
    )
    return alt.X(f"{field}:T", axis=axis)


def _y(field: str, panel: Panel, *, zero: bool) -> alt.Y:
    axis = alt.Axis(
        title=panel.axis,
        titleColor=_GREY,
        titleFontSize=12,
        titleFontWeight="normal",
        labelColor=_GREY,
        labelFontSize=12,
        gridColor="#E6E6E6",
        domain=False,
        ticks=False,
        tickCount=5,
    )
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=zero, nice=True))


def _series(table: pd.DataFrame) -> list[str]:
    totals = table.groupby("series")["value"].sum().sort_values(ascending=False)
    return [str(name) for name in totals.index]


def _colour(table: pd.DataFrame, *, symbol: str) -> alt.Color:
    names = _series(table)
    scale = alt.Scale(domain=names, range=list(_COLOURS[: len(names)]))
    legend = alt.Legend(symbolType=symbol, symbolSize=160) if len(names) > 1 else None
    return alt.Color("series:N", scale=scale, legend=legend)


def _ground(table: pd.DataFrame) -> alt.Chart:
    open_periods = table[~table["settled"]].drop_duplicates("period")[["start", "end"]]
    drawn: alt.Chart = (
        alt.Chart(open_periods).mark_rect(color=_UNSETTLED).encode(x=_x("start"), x2="end:T")
    )
    return drawn


def _bands(picture: Picture, table: pd.DataFrame, *, names: bool) -> list[alt.Chart]:
    first = table["start"].min()
    events = pd.DataFrame(_event_rows(picture.events, first))
    if events.empty:
        return []
    chart = alt.Chart(events).encode(x=_x("from"))
    band = chart.mark_rect(color=_BAND, fillOpacity=0.6, stroke=_PLUM, strokeWidth=0.6)
    bands = [band.encode(x2="to:T")]
    if names:
        label = chart.mark_text(align="left", dx=1, fontSize=11, color=_PLUM, baseline="bottom")
        bands.append(label.encode(text="name:N", y=alt.Y("row:Q", axis=None).scale(None)))
    return bands


def _event_rows(events: Sequence[PlantedEvent], first: pd.Timestamp) -> list[dict[str, Any]]:
    """Give each event its band, and a row for its name so that neighbours do not collide."""
    rows: list[dict[str, Any]] = []
    near = pd.Timedelta(days=70)
    for event in sorted(events, key=lambda one: one.first_day):
        start = pd.Timestamp(event.first_day)
        if start < first:
            continue
        taken = [one["level"] for one in rows if start - one["from"] < near]
        level = next(number for number in range(len(rows) + 1) if number not in taken)
        name = event.event_id.replace("-reports", "").replace("-deaths", "").replace("-crime", "")
        rows.append(
            {
                "from": start,
                "to": pd.Timestamp(event.last_day) + pd.Timedelta(days=1),
                "name": name if event.alert_is_right else f"({name})",
                "level": level,
                "row": -4 - 13 * level,
            }
        )
    return rows


def _bars(table: pd.DataFrame, panel: Panel) -> list[alt.Chart]:
    stacked = _stacked(table)
    chart = alt.Chart(stacked).encode(
        x=_x("left"), x2="right:T", y=_y("low", panel, zero=True), y2="high:Q"
    )
    settled, open_ones = _by_settled(chart)
    pale = open_ones.mark_rect(fillOpacity=0.3, strokeWidth=1.2, strokeDash=[3, 2])
    return [
        settled.mark_rect().encode(color=_colour(table, symbol="square")),
        pale.encode(color=_colour(table, symbol="square"), stroke=_stroke(table)),
    ]


def _stacked(table: pd.DataFrame) -> pd.DataFrame:
    """Put the series of a period on top of each other, the largest at the bottom."""
    rank = {name: place for place, name in enumerate(_series(table))}
    ordered = table.assign(rank=table["series"].map(rank)).sort_values(["period", "rank"])
    high = ordered.groupby("period")["value"].cumsum()
    return ordered.assign(low=high - ordered["value"], high=high)


def _by_settled(chart: alt.Chart) -> tuple[alt.Chart, alt.Chart]:
    return (
        chart.transform_filter("datum.settled"),
        chart.transform_filter("!datum.settled"),
    )


def _stroke(table: pd.DataFrame) -> alt.Stroke:
    names = _series(table)
    scale = alt.Scale(domain=names, range=list(_COLOURS[: len(names)]))
    return alt.Stroke("series:N", scale=scale, legend=None)


def _lines(table: pd.DataFrame, panel: Panel) -> list[alt.Chart]:
    names = _series(table)
    dash = alt.StrokeDash(
        "series:N", scale=alt.Scale(domain=names, range=list(_DASHES[: len(names)])), legend=None
    )
    layers: list[alt.Chart] = []
    if "low" in table:
        spread = alt.Chart(table).mark_rule(strokeWidth=2, color=_COLOURS[0])
        layers.append(
            spread.encode(x=_x("middle"), y=_y("low", panel, zero=panel.from_zero), y2="high:Q")
        )
    chart = alt.Chart(table).encode(
        x=_x("middle"),
        y=_y("value", panel, zero=panel.from_zero),
        color=_colour(table, symbol="stroke"),
    )
    settled, open_ones = _by_settled(chart)
    layers.append(chart.mark_line(strokeWidth=1.8).encode(strokeDash=dash))
    layers.append(settled.mark_point(filled=True, size=14, opacity=1))
    layers.append(open_ones.mark_point(fill="white", size=36, strokeWidth=1.5, opacity=1))
    return layers
