"""``dews evaluate``: how well something is done, against a known truth."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings
from dews.commands.extraction_scores import print_scores
from dews.commands.options import Database, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.evaluate import EvaluationTable, read_truth, score_signals
from surveillance.jobs.session import database as open_database
from surveillance.jobs.session import judges
from surveillance.periods import week_start, weeks_between
from surveillance.store.engine import reading
from surveillance.store.signals import load_signals

console = wide_console()


def evaluate(
    extraction: Annotated[
        Path | None,
        typer.Option(metavar="GOLD_FOLDER", help="Annotated texts to read names in."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="The planted events: truth.csv of dews simulate.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First ISO week that was judged.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last ISO week that was judged.")] = None,
    realm: Annotated[str, typer.Option(help="live, or the name of a replay.")] = "live",
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    database: Database = None,
) -> None:
    """Measure quality against a known truth: signals, or the reading of free text.

    With --truth, --from and --to, signals are scored against planted events: found, missed,
    falsely raised, rightly silent. With --extraction, names are read in a folder of annotated
    texts (gold.csv, misspellings.csv, gold_ct_flags.csv.gz; see docs/extraction.md).

    Example: dews evaluate --truth .dews/truth.csv --from 2026-W39 --to 2026-W40
    Example: dews evaluate --extraction gold/extraction
    """
    settings = settings_for(database)
    if extraction is not None:
        print_scores(jobs.evaluate_extraction(settings, extraction))
        return
    if truth is None or first is None or last is None:
        raise typer.BadParameter("Say --truth, --from and --to, or --extraction GOLD_FOLDER.")
    _print_signals(_score(settings, truth, weeks_between(first, last), realm), form, realm)


def _score(settings: Settings, truth: Path, weeks: list[str], realm: str) -> EvaluationTable:
    events = read_truth(truth)
    with reading(open_database(settings.database_url)) as connection:
        found = load_signals(connection, realm=realm)
    known = judges(settings.config_folder)
    within = set(weeks)
    return score_signals(
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


def _print_signals(table: EvaluationTable, form: Form, realm: str) -> None:
    if form is Form.csv:
        table.event_frame().to_csv(sys.stdout, index=False)
    elif form is Form.json:
        sys.stdout.write(table.event_frame().to_json(orient="records", date_format="iso") + "\n")
    else:
        console.print(frame_table(table.signal_frame(), title=f"Signals ({realm})"))
        console.print(table.describe(), markup=False)
