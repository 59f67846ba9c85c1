"""``dews extract``: free text to substances, one row for each mention."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from dews.commands.options import settings_for
from surveillance import jobs

console = Console(stderr=True, highlight=False)


def extract(
    source: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Texts, one a row, with a heading line.")
    ],
    column: Annotated[str, typer.Option(help="Heading of the column that holds the texts.")],
    out: Annotated[Path, typer.Option(metavar="OUT.csv", help="Where the mentions are written.")],
) -> None:
    """Find the substances that texts name: one row for each mention.

    OUT.csv has the columns row (1 is the first data row), substance_id, name, group,
    matched_text, how, confidence, negated, historical, probable, marker_of, start and end.
    A name that the register lacks has how "new name", the group that its make shows, and its
    own spelling as name.

    Example: dews extract certificates.csv --column cause_of_death --out mentions.csv
    """
    progress = Progress(
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with progress:
        task = progress.add_task("Reading", total=None)
        tally = jobs.extract_file(
            settings_for(),
            source,
            column=column,
            out=out,
            on_progress=lambda rows: progress.update(task, completed=rows),
        )
    counts = tally.counts
    console.print(
        f"{counts['rows']:,} rows: {counts['mentions']:,} mentions, {counts['denied']:,} of them "
        f"denied, {counts['new_names']:,} of names that the register lacks. Written: {out}"
    )
