"""``dews evaluate``: how well signals answer to a known truth."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from dews.commands.options import Database, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance.evaluate import read_truth, score_signals
from surveillance.jobs.session import database as open_database
from surveillance.jobs.session import judges
from surveillance.periods import week_start, weeks_between
from surveillance.store.engine import reading
from surveillance.store.signals import load_signals

console = wide_console()


def evaluate(
    truth: Annotated[Path, typer.Option(help="The planted events: truth.csv of dews simulate.")],
    first: Annotated[str, typer.Option("--from", help="First ISO week that was judged.")],
    last: Annotated[str, typer.Option("--to", help="Last ISO week that was judged.")],
    realm: Annotated[str, typer.Option(help="live, or the name of a replay.")] = "live",
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    database: Database = None,
) -> None:
    """Score the signals against planted events: found, missed, falsely raised, rightly silent.

    Example: dews evaluate --truth .dews/truth.csv --from 2026-W39 --to 2026-W40
    """
    settings = settings_for(database)
    weeks = weeks_between(first, last)
    events = read_truth(truth)
    with reading(open_database(settings.database_url)) as connection:
        found = load_signals(connection, realm=realm)
    known = judges(settings.config_folder)
    within = set(weeks)
    table = score_signals(
        [
            signal
            for signal in found
            if within & {signal.first_raised_week, signal.last_raised_week}
        ],
        events,
        first_day=week_start(weeks[0]),
        last_day=week_start(weeks[-1]) + timedelta(days=6),
        register=known.register,
        stream_kinds={name: stream.kind for name, stream in known.streams.items()},
    )
    if form is Form.csv:
        table.event_frame().to_csv(sys.stdout, index=False)
    elif form is Form.json:
        sys.stdout.write(table.event_frame().to_json(orient="records", date_format="iso") + "\n")
    else:
        console.print(frame_table(table.signal_frame(), title=f"Signals ({realm})"))
        console.print(table.describe(), markup=False)
