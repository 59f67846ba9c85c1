"""Draw a reporting triangle; operational tier, exact counts.

Left, every cell that can be known: period of occurrence by delay. What lies after the moment is
left white, never drawn as zero. Right, how much of what is known now was known after each delay,
over the periods that are old enough to tell.
"""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from alerts.charts import GREY, NAVY
from surveillance.domain import ReportingTriangle

MOST_PERIODS = 53
MOST_DELAYS = 53
_FONT = "Arial, Helvetica, sans-serif"
_CELL = 11
_ALL_LABELLED = 15


def to_svg(triangle: ReportingTriangle, *, title: str) -> str:
    """Draw a triangle as SVG."""
    svg: str = vl_convert.vegalite_to_svg(specification(triangle, title=title))
    return svg


def to_png(triangle: ReportingTriangle, *, title: str, scale: float) -> bytes:
    """Draw a triangle as PNG, ``scale`` times its size on screen."""
    png: bytes = vl_convert.vegalite_to_png(specification(triangle, title=title), scale=scale)
    return png


def share_known(triangle: ReportingTriangle) -> pd.DataFrame:
    """Say how much was known after each delay: delay, share, periods.

    The share is of what is known now, over the periods that are at least as old as the longest
    delay shown; none are, and the table is empty.
    """
    delays = min(triangle.low.shape[1], MOST_DELAYS, max(1, len(triangle.starts) // 2))
    old = triangle.low[: max(0, len(triangle.starts) - delays)]
    whole = np.nansum(old)
    if not whole:
        return pd.DataFrame({"delay": [], "share": [], "periods": []})
    known = np.nancumsum(np.nansum(old, axis=0))[:delays] / whole
    return pd.DataFrame({"delay": np.arange(delays), "share": known, "periods": len(old)})


def specification(triangle: ReportingTriangle, *, title: str) -> dict[str, Any]:
    """Give the Vega-Lite specification of a triangle."""
    chart = (
        alt.hconcat(_cells(triangle), _curve(triangle))
        .resolve_scale(color="independent")
        .properties(
            title=alt.TitleParams(
                text=title,
                subtitle=_subtitle(triangle),
                subtitleColor=GREY,
                subtitleFontSize=13,
                anchor="start",
                color=GREY,
                fontSize=16,
                offset=14,
            )
        )
        .configure(font=_FONT, background="white")
        .configure_view(stroke=None)
        .configure_axis(labelColor=GREY, titleColor=GREY, labelFontSize=11, titleFontSize=12)
    )
    values: dict[str, Any] = chart.to_dict()
    return values


def _subtitle(triangle: ReportingTriangle) -> list[str]:
    told = f"As known at {triangle.as_of:%Y-%m-%d %H:%M %Z}. White: not known yet, never zero. "
    told += "Operational tier: exact counts."
    cut = len(triangle.starts) > MOST_PERIODS or triangle.low.shape[1] > MOST_DELAYS
    last = f"The last {MOST_PERIODS} periods and delays below {MOST_DELAYS} are shown."
    return [told, last] if cut else [told]


def _cells(triangle: ReportingTriangle) -> alt.Chart:
    shown = triangle.low[-MOST_PERIODS:, :MOST_DELAYS]
    starts = triangle.starts[-MOST_PERIODS:]
    rows, delays = np.nonzero(~np.isnan(shown))
    cells = pd.DataFrame(
        {
            "period": [str(day) for day in starts[rows]],
            "delay": delays,
            "events": shown[rows, delays],
        }
    )
    chart: alt.Chart = (
        alt.Chart(cells)
        .mark_rect(stroke="#E6E6E6", strokeWidth=0.5)
        .encode(
            x=alt.X("delay:O", title=f"Delay ({triangle.cadence}s)", axis=_sparse(shown.shape[1])),
            y=alt.Y("period:O", title=f"{triangle.cadence} of occurrence".capitalize()),
            color=alt.Color(
                "events:Q",
                scale=alt.Scale(scheme="blues", type="sqrt", domainMin=0),
                legend=alt.Legend(title="Events", orient="top", gradientLength=160),
            ),
        )
        .properties(width=max(160, _CELL * shown.shape[1]), height=max(120, _CELL * len(starts)))
    )
    return chart


def _sparse(delays: int) -> alt.Axis:
    step = 1 if delays <= _ALL_LABELLED else 4
    return alt.Axis(values=list(range(0, delays, step)), labelAngle=0, domain=False)


def _curve(triangle: ReportingTriangle) -> alt.Chart:
    known = share_known(triangle)
    told = f"over {int(known['periods'].max()) if len(known) else 0} older periods"
    chart: alt.Chart = (
        alt.Chart(known)
        .mark_line(interpolate="step-after", color=NAVY, strokeWidth=2.5)
        .encode(
            x=alt.X("delay:Q", title=f"Delay ({triangle.cadence}s)", axis=alt.Axis(grid=False)),
            y=alt.Y(
                "share:Q",
                title=f"Share of what is known now, {told}",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
        )
        .properties(width=260, height=240)
    )
    return chart
