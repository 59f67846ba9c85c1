"""What is configured and what it has brought."""

from datetime import datetime

import pandas as pd

from dews.commands.options import Database, settings_for
from dews.commands.signals import frame_table, wide_console
from surveillance.feeds.description import load_description
from surveillance.jobs.session import database as open_database
from surveillance.store.batches import feed_states
from surveillance.store.engine import reading

console = wide_console()


def feeds(database: Database = None) -> None:
    """List the feeds that run by themselves: last batch, verdict, rows kept and held back.

    Example: dews feeds
    """
    settings = settings_for(database)
    with reading(open_database(settings.database_url)) as connection:
        states = feed_states(connection)
    rows = []
    for path in settings.feeds:
        description = load_description(path)
        state = states.get(path.stem)
        rows.append(
            {
                "feed": path.stem,
                "kind": description.kind,
                "expected": description.cadence,
                "batches": state.batches if state else 0,
                "last batch": _moment(state.last_fetched_at if state else None),
                "verdict": (state.last_verdict if state else None) or "nothing yet",
                "accepted": f"{state.rows_accepted:,}" if state else "0",
                "held back": f"{state.rows_rejected:,}" if state else "0",
            }
        )
    console.print(frame_table(pd.DataFrame(rows), title="Feeds"))


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
