"""Reporting triangles: what happened when, and how late it was known."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from dews.commands.options import Database, Feeds, moment_of, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.domain import TRIANGLE_DATES, ReportingTriangle
from surveillance.errors import InputError
from surveillance.jobs.triangles import reporting_triangle

console = wide_console()
_TABLE_PERIODS = 20
_TABLE_DELAYS = 13


class Step(StrEnum):
    """The length of a period."""

    day = "day"
    week = "week"
    month = "month"


def triangle(
    feed: Annotated[str, typer.Option(help="Name of a configured feed.")],
    cadence: Annotated[Step, typer.Option(help="day, week or month.")] = Step.week,
    as_of: Annotated[
        str | None, typer.Option(help="Moment whose knowledge is used; default: now.")
    ] = None,
    dates: Annotated[
        str, typer.Option(help=f"Two of {', '.join(TRIANGLE_DATES)}; the first is the event's.")
    ] = "occurred,received",
    substance: Annotated[str | None, typer.Option(help="A substance or group.")] = None,
    area: Annotated[str | None, typer.Option(help="An area, by code or name.")] = None,
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    chart: Annotated[Path | None, typer.Option(help="Draw it too: a .svg or .png file.")] = None,
    feeds: Feeds = None,
    database: Database = None,
) -> None:
    """Count a feed's events by the period they happened in and the delay until they arrived.

    Operational tier: the counts are exact. What lies after the moment is empty, never zero.

    Example: dews triangle --feed deaths --cadence week --as-of 2026-10-05
    """
    settings = settings_for(database, feeds)
    pair = tuple(part.strip() for part in dates.split(","))
    if len(pair) != 2 or set(pair) - TRIANGLE_DATES.keys():  # noqa: PLR2004 - a pair is two
        raise InputError(f"--dates {dates!r}: give two of {', '.join(TRIANGLE_DATES)}, as a,b.")
    found = reporting_triangle(
        settings,
        feed,
        as_of=moment_of(as_of) or jobs.clock(),
        cadence=cadence.value,
        dates=(pair[0], pair[1]),
        unit=(substance, area),
    )
    words = ", ".join([feed, *(part for part in (substance, area) if part)])
    _print(found, form=form, title=f"{words}: {pair[0]} by delay until {pair[1]}")
    if chart is not None:
        _draw(found, chart, title=f"{words}: from {pair[0]} to {pair[1]}")


def _print(found: ReportingTriangle, *, form: Form, title: str) -> None:
    cells = found.frame()
    if form is Form.csv:
        cells.to_csv(sys.stdout, index=False)
    elif form is Form.json:
        rows = cells.astype(object).where(cells.notna(), None).to_dict("records")
        told = {"cadence": found.cadence, "as_of": found.as_of, "early": found.early}
        sys.stdout.write(json.dumps({**told, "cells": rows}, default=str, indent=2) + "\n")
    else:
        console.print(frame_table(_square(found), title=title))
        console.print(_notes(found))


def _square(found: ReportingTriangle) -> pd.DataFrame:
    """Lay the newest periods out as a square; what cannot be known yet is empty."""
    low, high = (side[-_TABLE_PERIODS:, :_TABLE_DELAYS] for side in (found.low, found.high))
    cells = [
        [
            "" if np.isnan(a) else f"{a:.0f}" if a == b else f"{a:.0f}-{b:.0f}"
            for a, b in zip(*row, strict=True)
        ]
        for row in zip(low, high, strict=True)
    ]
    table = pd.DataFrame(cells, columns=[str(delay) for delay in range(low.shape[1])])
    later = np.nansum(found.high[-_TABLE_PERIODS:, _TABLE_DELAYS:], axis=1)
    table.insert(0, "period", [str(day) for day in found.starts[-_TABLE_PERIODS:]])
    table["later"] = [f"{number:.0f}" if number else "" for number in later]
    table["no date"] = [
        f"{number:.0f}" if number else "" for number in found.undated[-_TABLE_PERIODS:]
    ]
    return table


def _notes(found: ReportingTriangle) -> str:
    notes = [f"Delays in {found.cadence}s, as known at {found.as_of:%Y-%m-%d %H:%M} UTC."]
    if len(found.starts) > _TABLE_PERIODS:
        notes.append(f"The last {_TABLE_PERIODS} of {len(found.starts):,} periods; csv has all.")
    if found.early:
        notes.append(f"{found.early:,} left out: they arrived before they happened.")
    return " ".join(notes)


def _draw(found: ReportingTriangle, path: Path, *, title: str) -> None:
    # Drawing needs Altair, which counting does not.
    from dews.triangle_chart import to_png, to_svg

    if path.suffix not in (".svg", ".png"):
        raise InputError(f"--chart {path}: give a file that ends in .svg or .png.")
    content = (
        to_svg(found, title=title).encode()
        if path.suffix == ".svg"
        else to_png(found, title=title, scale=1.5)
    )
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"--chart {path}: it cannot be written: {error.strerror}.") from error
    console.print(f"Drawn: {path}")
