"""The signal register on the command line: operational tier, exact figures."""

import json
import math
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from config.settings import Settings
from dews.commands.options import Database, moment_of, settings_for
from surveillance.domain import Signal
from surveillance.jobs.session import database as open_database
from surveillance.jobs.session import judges
from surveillance.register import Register
from surveillance.store.engine import reading
from surveillance.store.evidence import alarm_log
from surveillance.store.runs import coverage, list_runs
from surveillance.store.signals import load_signals


def wide_console() -> Console:
    """Give a console that does not fold tables where the output is no terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


console = wide_console()


class Form(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"


def signals(
    as_of: Annotated[
        str | None, typer.Option(help="Only signals raised by this moment, e.g. 2026-10-05.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    realm: Annotated[str, typer.Option(help="live, or the name of a replay.")] = "live",
    database: Database = None,
) -> None:
    """Show the signal register, newest first. Signals are unverified until people judge them.

    Example: dews signals --format csv
    """
    settings = settings_for(database)
    with reading(open_database(settings.database_url)) as connection:
        found = load_signals(connection, realm=realm, as_of=moment_of(as_of))
    register = judges(settings.config_folder).register
    frame = signals_frame(found, register)
    if form is Form.csv:
        frame.to_csv(sys.stdout, index=False)
    elif form is Form.json:
        rows = [
            {key: value for key, value in asdict(s).items() if key not in {"curve", "evidence"}}
            for s in found
        ]
        sys.stdout.write(json.dumps(rows, default=str, indent=2) + "\n")
    else:
        console.print(frame_table(frame, title=f"Signals ({realm}), unverified"))


def signals_frame(found: list[Signal], register: Register) -> pd.DataFrame:
    """Put signals into a table of plain columns, the newest first."""
    rows = [
        {
            "signal": s.reference,
            "raised": s.first_raised_week,
            "last": s.last_raised_week,
            "substance": register.substances.get(s.substance_id).name,
            "area": register.areas.get(s.area_code).name,
            "streams": ", ".join(s.streams),
            "by": "counts" if s.is_count_signal else "first seen",
            "rank": round(s.rank_score, 1),
            "quality": s.quality,
            "state": s.state,
        }
        for s in found
    ]
    columns = ["signal", "raised", "last", "substance", "area", "streams"]
    columns += ["by", "rank", "quality", "state"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["raised", "rank"], ascending=False, ignore_index=True)


def frame_table(frame: pd.DataFrame, *, title: str) -> Table:
    """Draw a data frame for a terminal."""
    table = Table(title=title, title_justify="left")
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    given = frame.astype(object).where(frame.notna(), "")
    for row in given.astype(str).to_numpy():
        table.add_row(*row)
    return table


def print_replay(settings: Settings, *, realm: str) -> None:
    """Print a replay: signals by counts, first sightings apart, and what was not assessed."""
    with reading(open_database(settings.database_url)) as connection:
        log = alarm_log(connection, realm=realm)
        judged = coverage(connection, [run.run_id for run in list_runs(connection, realm=realm)])
    register = judges(settings.config_folder).register
    by_counts, first_sightings = first_raised(log, register)
    console.print(frame_table(by_counts, title="Signals raised by a count detector"))
    console.print(frame_table(first_sightings, title="First sightings"))
    whole = judged["outcomes"].sum()
    blind = judged.loc[judged["reason"] != "", "outcomes"].sum()
    share = 0.0 if not whole else 100 * blind / whole
    console.print(
        f"{len(by_counts)} signals by counts, {len(first_sightings)} first sightings; of "
        f"{whole:,} outcomes {share:.1f}% were not assessed."
    )


def first_raised(log: pd.DataFrame, register: Register) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give for each signal the week it was first raised, by counts and by first sighting.

    Returns:
        Two tables with the columns signal, raised, period, substance, area, observed,
        expected, p and detector, oldest first; the lead is the strongest alarm of that week.
    """
    counted = log["p_value"].notna()
    return _firsts(log[counted], register), _firsts(log[~counted], register)


def _firsts(alarms: pd.DataFrame, register: Register) -> pd.DataFrame:
    ordered = alarms.sort_values(["as_of", "p_value", "substance_id", "area_code"])
    first = ordered.drop_duplicates("reference")
    names = register.substances
    return pd.DataFrame(
        {
            "signal": first["reference"],
            "raised": first["week"],
            "period": first["period_start"],
            "substance": [names.get(one).name for one in first["substance_id"]],
            "area": [register.areas.get(one).name for one in first["area_code"]],
            "observed": first["observed"].map("{:.0f}".format),
            "expected": [_figure(one, ".2f") for one in first["expected"]],
            "p": [_figure(one, ".1e") for one in first["p_value"]],
            "detector": first["detector"],
        }
    ).reset_index(drop=True)


def _figure(value: float, form: str) -> str:
    """Write a figure, and nothing where there is none."""
    return "" if math.isnan(value) else format(value, form)
