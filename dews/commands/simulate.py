"""``dews simulate``: write the feeds of a simulated country and what was planted in them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from config.settings import CONFIG_FOLDER
from surveillance.errors import InputError
from surveillance.register import load_register
from surveillance.simulate import (
    SCENARIOS,
    Choices,
    SimulationSummary,
    draw_country,
    make_world,
    write_country,
)
from surveillance.simulate.figures.reports import REPORTS_PER_WEEK, TWIN_SHARE

_MOST_FILES_NAMED = 16


ReportsPerWeek = Annotated[
    float, typer.Option(help="Mean of the reaction reports, the whole country together.")
]
TwinShare = Annotated[float, typer.Option(help="Share of reported harms that two services report.")]
Scenarios = Annotated[
    str | None, typer.Option(help="Plant only these, such as A,B,D; none plants nothing.")
]
Without = Annotated[str | None, typer.Option(help="Plant all scenarios but these, such as J,L.")]
By = Annotated[
    Literal["whole", "month"],
    typer.Option(help="One file a feed, or one for each month of receipt."),
]
Charts = Annotated[
    Path | None, typer.Option(help="Also draw a chart of each feed into this folder.")
]


def simulate(
    out_dir: Annotated[Path, typer.Argument(help="Folder for inbox/ and the files of the truth.")],
    weeks: Annotated[int, typer.Option(min=1, help="ISO weeks of history.")] = 312,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another country.")] = 1,
    end: Annotated[str, typer.Option(help="The last ISO week.")] = "2026-W40",
    reports_per_week: ReportsPerWeek = REPORTS_PER_WEEK,
    twin_share: TwinShare = TWIN_SHARE,
    scenarios: Scenarios = None,
    without: Without = None,
    by: By = "whole",
    charts: Charts = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that other arguments wrote.")
    ] = False,
) -> None:
    """Write the feeds of a simulated country, and truth.csv with the planted events.

    The same arguments give the same bytes: running it again changes nothing. Files that
    other arguments wrote are kept, unless --force is given. The scenarios are the letters A
    to L of docs/simulation.md.

    Example: dews simulate .dews --weeks 312 --seed 1 --end 2026-W40
    """
    typer.echo(f"Simulating {weeks:,} weeks that end with {end}; six years take some seconds.")
    choices = Choices(
        reports_per_week=reports_per_week,
        twin_share=twin_share,
        scenarios=_chosen(scenarios, without),
        by=by,
        replace=force,
        say=lambda step: typer.echo(f"  {step}", err=True),
    )
    world = make_world(load_register(CONFIG_FOLDER), weeks=weeks, end_week=end, choices=choices)
    drawn = draw_country(world, seed=seed)
    summary = write_country(out_dir, drawn, world=world)
    typer.echo(_report(summary))
    if charts is not None:
        # Drawing is heavy to load, and most runs do not ask for it.
        from surveillance.simulate.charts import draw_charts

        for path in draw_charts(charts, drawn, world=world):
            typer.echo(f"  {path}")


def _chosen(only: str | None, without: str | None) -> frozenset[str] | None:
    """Read which scenarios are planted; None: all.

    Raises:
        InputError: both lists are given, or a letter is no scenario.
    """
    if only is not None and without is not None:
        raise InputError("Give --scenarios or --without, not both.")
    if only is not None:
        return frozenset() if only.strip().lower() == "none" else _letters(only)
    return None if without is None else frozenset(SCENARIOS) - _letters(without)


def _letters(text: str) -> frozenset[str]:
    letters = frozenset(part.strip().upper() for part in text.split(",") if part.strip())
    unknown = sorted(letters - SCENARIOS.keys())
    if unknown or not letters:
        known = ", ".join(f"{letter} ({one.title})" for letter, one in SCENARIOS.items())
        raise InputError(
            f"{', '.join(unknown) or 'An empty list'} is no scenario. The scenarios are: {known}."
        )
    return letters


def _report(summary: SimulationSummary) -> str:
    kept = set(summary.files) - set(summary.written)
    planted = ", ".join(event.event_id for event in summary.events) or "none"
    lines = [
        f"{summary.first_day} to {summary.last_day}",
        *(f"  {feed}: {count:,} rows" for feed, count in summary.rows.items()),
        f"{len(summary.events)} events planted: {planted}.",
    ]
    if len(summary.files) > _MOST_FILES_NAMED:
        lines.append(f"{len(summary.files):,} files, of which {len(kept):,} are unchanged.")
    else:
        lines += [f"  {path}{' (unchanged)' if path in kept else ''}" for path in summary.files]
    return "\n".join(lines)
