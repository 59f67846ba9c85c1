"""Rows held back: list them, look at one batch, admit them after a fix."""

import json
from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import Database, settings_for
from dews.commands.signals import frame_table, wide_console
from surveillance import jobs
from surveillance.errors import InputError
from surveillance.jobs.session import database as open_database
from surveillance.store.batches import held_rows
from surveillance.store.engine import reading

console = wide_console()
_PAST_ITS_PERIOD = "its text was removed when its period was over; the reasons stay"
quarantine_app = typer.Typer(
    help="Rows held back, with every reason; nothing of them is lost.", no_args_is_help=True
)


@quarantine_app.command("list")
def list_rows(
    feed: Annotated[str | None, typer.Option(help="Only of this feed.")] = None,
    database: Database = None,
) -> None:
    """Count the rows held back, by feed, batch and reason.

    Example: dews quarantine list --feed deaths
    """
    settings = settings_for(database)
    with reading(open_database(settings.database_url)) as connection:
        rows = held_rows(connection, feed=feed)
    flat = pd.DataFrame(
        [
            {"feed": row.feed, "batch": row.batch_id, "state": row.state, "reason": reason}
            for row in rows
            for reason in row.reasons
        ],
        columns=["feed", "batch", "state", "reason"],
    )
    counted = flat.groupby(list(flat.columns), as_index=False).size()
    console.print(frame_table(counted.rename(columns={"size": "rows"}), title="Quarantine"))


@quarantine_app.command("show")
def show(
    batch: Annotated[str, typer.Argument(help="Id of the batch.")],
    database: Database = None,
) -> None:
    """Show the rows of one batch that are held back: operational tier, raw text included.

    Example: dews quarantine show 5f2c0a9b3d417e68
    """
    settings = settings_for(database)
    with reading(open_database(settings.database_url)) as connection:
        rows = held_rows(connection, batch_id=batch)
    if not rows:
        raise InputError(f"Batch {batch!r} has no row in quarantine; dews quarantine list.")
    for row in rows:
        console.print(f"row {row.row_number} ({row.state}): {'; '.join(row.reasons)}", style="bold")
        told = json.dumps(row.raw, ensure_ascii=False) if row.raw else _PAST_ITS_PERIOD
        console.print(told, markup=False)


@quarantine_app.command("readmit")
def readmit(
    batch: Annotated[str, typer.Argument(help="Id of the batch.")],
    database: Database = None,
) -> None:
    """Read a batch again after its description or the register was mended.

    Rows that now hold are stored and leave quarantine; the others stay with their reasons.

    Example: dews quarantine readmit 5f2c0a9b3d417e68
    """
    settings = settings_for(database)
    tally = jobs.readmit(settings, batch, now=jobs.clock())
    console.print(f"{batch}: {tally.describe(('present', 'accepted', 'rejected', 'new'))} rows")
