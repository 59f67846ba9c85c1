"""``dews simulate``: write the feeds of a simulated country and what was planted in them."""

from pathlib import Path
from typing import Annotated

import typer

from config.settings import CONFIG_FOLDER
from surveillance.register import load_register
from surveillance.simulate import Choices, SimulationSummary
from surveillance.simulate import simulate as simulate_country
from surveillance.simulate.figures.reports import REPORTS_PER_WEEK, TWIN_SHARE


def simulate(
    out_dir: Annotated[Path, typer.Argument(help="Folder for inbox/ and truth.csv.")],
    weeks: Annotated[int, typer.Option(min=1, help="ISO weeks of history.")] = 312,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another country.")] = 1,
    end: Annotated[str, typer.Option(help="The last ISO week.")] = "2026-W40",
    reports_per_week: Annotated[
        float, typer.Option(help="Mean of the reaction reports, the whole country together.")
    ] = REPORTS_PER_WEEK,
    twin_share: Annotated[
        float, typer.Option(help="Share of reported harms that two services report.")
    ] = TWIN_SHARE,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that other arguments wrote.")
    ] = False,
) -> None:
    """Write the feeds of a simulated country, and truth.csv with the planted events.

    The same arguments give the same bytes: running it again changes nothing. Files that
    other arguments wrote are kept, unless --force is given.

    Example: dews simulate .dews --weeks 312 --seed 1 --end 2026-W40
    """
    typer.echo(f"Simulating {weeks:,} weeks that end with {end}; six years take some seconds.")
    summary = simulate_country(
        out_dir,
        weeks=weeks,
        seed=seed,
        end_week=end,
        register=load_register(CONFIG_FOLDER),
        choices=Choices(reports_per_week=reports_per_week, twin_share=twin_share, replace=force),
    )
    typer.echo(_report(summary))


def _report(summary: SimulationSummary) -> str:
    kept = set(summary.files) - set(summary.written)
    paths = [f"  {path}{' (unchanged)' if path in kept else ''}" for path in summary.files]
    rows = ", ".join(f"{feed} {count:,}" for feed, count in summary.rows.items())
    return "\n".join(
        [
            f"{summary.first_day} to {summary.last_day}; rows: {rows}.",
            f"{len(summary.events)} events planted.",
            *paths,
        ]
    )
