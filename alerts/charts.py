"""Draw what was observed against what was expected; operational tier, exact counts.

One specification gives SVG for pages and PNG for documents. Meaning never rests on colour
alone: a period still filling is hollow and dashed, one not supplied is a shaded gap, a
suppressed count is a rule from its least to its greatest value, a raised period has a mark.

Source: docs/field.md, alert budgets and interface expectations; Analysis Function, colours and
charts (active title, key above, one axis).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from surveillance.domain import COMPLETE, FILLING, NOT_SUPPLIED, CurvePoint
from surveillance.periods import Cadence, period_end

NAVY, TEAL, PLUM, ORANGE, GREY = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D"
MOST_PERIODS = 78
_PALE = "#F8D3BF"
_GAP_SHADE = "#E3E3E3"
_FILLING_SHADE = "#EDF1F5"
_WIDTH, _HEIGHT = 900, 260
_FONT = "Arial, Helvetica, sans-serif"
_BAR_SHARE = 0.12
_STATE_WORDS = {COMPLETE: "complete", FILLING: "still filling", NOT_SUPPLIED: "not supplied"}


@dataclass(frozen=True)
class Picture:
    """What one chart shows.

    Attributes:
        title: the finding, as a sentence.
        axis: what is counted, such as ``reports a week``.
        raised: first days of the periods that alarmed.
    """

    title: str
    axis: str
    cadence: Cadence
    curve: tuple[CurvePoint, ...]
    raised: frozenset[date] = frozenset()


def curve_table(curve: Sequence[CurvePoint]) -> list[dict[str, str]]:
    """Give the chart's data as rows of text: period, observed, expected, interval, state."""
    return [
        {
            "period": point.start.isoformat(),
            "observed": _observed(point),
            "expected": _number(point.expected),
            "interval": _interval(point),
            "state": _STATE_WORDS[point.state],
        }
        for point in curve
    ]


def _observed(point: CurvePoint) -> str:
    if point.state == NOT_SUPPLIED or point.low is None:
        return "not supplied"
    if point.high is not None and point.high > point.low:
        return f"{point.low:g} to {point.high:g}"
    return f"{point.low:g}"


def _number(value: float | None) -> str:
    return "not assessed" if value is None else f"{value:.2f}"


def _interval(point: CurvePoint) -> str:
    if point.upper is None:
        return "none"
    return f"{point.lower or 0:.2f} to {point.upper:.2f}"


def describe_curve(curve: Sequence[CurvePoint]) -> str:
    """Say in words what the chart shows, for those who do not see it."""
    shown = curve[-MOST_PERIODS:]
    if not shown:
        return "No periods to show."
    counts = [point for point in shown if point.low is not None and point.state != NOT_SUPPLIED]
    parts = [
        f"Observed and expected over {len(shown)} periods from {shown[0].start.isoformat()} to "
        f"{shown[-1].start.isoformat()}."
    ]
    if counts:
        top = max(counts, key=lambda point: point.low or 0)
        parts.append(f"The highest is {_observed(top)}, from {top.start.isoformat()}.")
    judged = [point for point in counts if point.expected is not None]
    if judged:
        parts.append(
            f"The last that was assessed is {_observed(judged[-1])}, from "
            f"{judged[-1].start.isoformat()}, where {_number(judged[-1].expected)} was expected."
        )
    above = sum(
        point.low is not None and point.upper is not None and point.low > point.upper
        for point in counts
    )
    parts.append(f"{above} of them lie above the interval.")
    for state in (FILLING, NOT_SUPPLIED):
        number = sum(point.state == state for point in shown)
        if number:
            parts.append(f"{number} are {_STATE_WORDS[state]}.")
    return " ".join(parts)


def to_svg(picture: Picture) -> str:
    """Draw a picture as SVG."""
    svg: str = vl_convert.vegalite_to_svg(specification(picture))
    return svg


def to_png(picture: Picture, *, scale: float) -> bytes:
    """Draw a picture as PNG, ``scale`` times its size on screen."""
    png: bytes = vl_convert.vegalite_to_png(specification(picture), scale=scale)
    return png


def specification(picture: Picture) -> dict[str, Any]:
    """Give the Vega-Lite specification of a picture."""
    data = _frame(picture)
    layers = [
        _filling_ground(data),
        *_interval_band(data),
        _gaps(data),
        *_bars(data),
        _suppressed(data),
        _expected_line(data),
        _marks(data),
    ]
    chart = (
        alt.layer(*layers)
        .resolve_scale(color="independent", shape="independent", opacity="independent")
        .properties(width=_WIDTH, height=_HEIGHT, title=alt.TitleParams(**_title(picture)))
        .configure_view(stroke=None)
        .configure(font=_FONT, background="white")
        .configure_legend(**_legend())
    )
    values: dict[str, Any] = chart.to_dict()
    return values


def _title(picture: Picture) -> dict[str, Any]:
    return {
        "text": _wrap(picture.title, 100),
        "subtitle": picture.axis,
        "subtitleColor": GREY,
        "subtitleFontSize": 13,
        "subtitlePadding": 6,
        "anchor": "start",
        "color": GREY,
        "fontSize": 16,
        "fontWeight": "bold",
        "offset": 14,
    }


def _wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _legend() -> Mapping[str, Any]:
    return {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "labelColor": GREY,
        "labelFontSize": 12,
        "symbolSize": 140,
        "symbolStrokeWidth": 2,
        "columnPadding": 18,
        "labelLimit": 260,
    }


def _frame(picture: Picture) -> pd.DataFrame:
    rows = []
    for point in picture.curve[-MOST_PERIODS:]:
        end = period_end(picture.cadence, point.start)
        inset = (end - point.start) * _BAR_SHARE
        start = pd.Timestamp(point.start)
        supplied = point.state != NOT_SUPPLIED and point.low is not None
        rows.append(
            {
                "from": (start + inset).isoformat(),
                "to": (pd.Timestamp(end) - inset).isoformat(),
                "start": start.isoformat(),
                "end": pd.Timestamp(end).isoformat(),
                "middle": (start + (end - point.start) / 2).isoformat(),
                "low": point.low if supplied else None,
                "high": point.high if supplied else None,
                "expected": point.expected,
                "lower": (point.lower or 0.0) if point.upper is not None else None,
                "upper": point.upper,
                "sort": "gap" if not supplied else _STATE_WORDS[point.state],
                "raised": point.start in picture.raised,
            }
        )
    return pd.DataFrame(rows)


def _time(field: str) -> alt.X:
    return alt.X(
        f"{field}:T",
        axis=alt.Axis(
            title=None,
            format="%b %Y",
            labelColor=GREY,
            labelFontSize=12,
            tickCount=6,
            grid=False,
            domainColor=GREY,
            tickColor=GREY,
        ),
    )


def _height(field: str) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        axis=alt.Axis(
            title=None,
            labelColor=GREY,
            labelFontSize=12,
            tickMinStep=1,
            gridColor="#E6E6E6",
            domain=False,
            ticks=False,
        ),
        scale=alt.Scale(domainMin=0),
    )


def _key(label: str, colour: str, **values: Any) -> alt.Color:
    legend = alt.Legend(**values) if values else alt.Legend()
    return alt.Color("key:N", scale=alt.Scale(domain=[label], range=[colour]), legend=legend)


def _labelled(data: pd.DataFrame, label: str) -> pd.DataFrame:
    return data.assign(key=label)


def _filling_ground(data: pd.DataFrame) -> alt.Chart:
    # A period still filling may hold nothing yet, and then its hollow bar has no height.
    ground: alt.Chart = (
        alt.Chart(_labelled(data[data["sort"] == "still filling"], ""))
        .mark_rect(color=_FILLING_SHADE)
        .encode(x=_time("start"), x2="end:T")
    )
    return ground


def _gaps(data: pd.DataFrame) -> alt.Chart:
    shown = _labelled(data[data["sort"] == "gap"], "Not supplied")
    drawn: alt.Chart = (
        alt.Chart(shown)
        .mark_rect(stroke=GREY, strokeWidth=0.5, strokeDash=[2, 2])
        .encode(
            x=_time("start"),
            x2="end:T",
            color=_key("Not supplied", _GAP_SHADE, symbolStrokeColor=GREY, symbolType="square")
            if len(shown)
            else alt.value(_GAP_SHADE),
        )
    )
    return drawn


def _interval_band(data: pd.DataFrame) -> list[alt.Chart]:
    shown = _labelled(data.dropna(subset=["upper"]), "Interval")
    key = _key("Interval", _PALE, symbolType="square", symbolStrokeColor=ORANGE)
    band: alt.Chart = alt.Chart(shown).encode(x=_time("middle"), y=_height("upper"))
    # The edge carries the contrast that the pale fill has not.
    edge = band.mark_line(color=ORANGE, strokeWidth=1, strokeDash=[4, 3])
    return [band.mark_area(opacity=1).encode(y2="lower:Q", color=key), edge]


def _expected_line(data: pd.DataFrame) -> alt.Chart:
    drawn: alt.Chart = (
        alt.Chart(_labelled(data.dropna(subset=["expected"]), "Expected"))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=_time("middle"),
            y=_height("expected"),
            color=_key("Expected", ORANGE, symbolType="stroke"),
        )
    )
    return drawn


def _bars(data: pd.DataFrame) -> list[alt.Chart]:
    layers = []
    for words, label, fill, dash in (
        ("complete", "Observed", NAVY, [1, 0]),
        ("still filling", "Observed, still filling", "white", [3, 2]),
    ):
        shown = _labelled(data[data["sort"] == words], label)
        layers.append(
            alt.Chart(shown)
            .mark_rect(stroke=NAVY, strokeWidth=1.2, strokeDash=dash)
            .encode(
                x=_time("from"),
                x2="to:T",
                y=_height("low"),
                y2=alt.datum(0),
                color=_key(label, fill, symbolType="square", symbolStrokeColor=NAVY)
                if len(shown)
                else alt.value(fill),
            )
        )
    return layers


def _suppressed(data: pd.DataFrame) -> alt.Chart:
    shown = _labelled(data[data["high"] > data["low"]], "Suppressed: from least to greatest")
    drawn: alt.Chart = (
        alt.Chart(shown)
        .mark_rule(strokeWidth=3)
        .encode(
            x=_time("middle"),
            y=_height("low"),
            y2="high:Q",
            color=_key("Suppressed: from least to greatest", TEAL, symbolType="stroke")
            if len(shown)
            else alt.value(TEAL),
        )
    )
    return drawn


def _marks(data: pd.DataFrame) -> alt.Chart:
    shown = _labelled(data[data["raised"] & data["low"].notna()], "Raised")
    drawn: alt.Chart = (
        alt.Chart(shown)
        .mark_point(shape="triangle-down", filled=True, size=90, opacity=1, yOffset=-9)
        .encode(
            x=_time("middle"),
            y=_height("high"),
            color=_key("Raised", PLUM, symbolType="triangle-down")
            if len(shown)
            else alt.value(PLUM),
        )
    )
    return drawn
