"""``dews names``: substances that the register lacks, as the records name them."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import Database, moment_of, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.register import NewName

console = wide_console()


def names(
    as_of: Annotated[
        str | None, typer.Option(help="What was known by this moment, e.g. 2026-10-05.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only names first seen on or after this day.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    database: Database = None,
) -> None:
    """List new names: substances that records name and the register lacks.

    Spellings of one name stand together, beside the nearest known relatives (1.00 is the same
    name), the day the name was first seen, and the records and feeds that have it. Operational
    tier: exact figures, not to be passed on.

    Example: dews names --since 2026-09-01
    """
    settings = settings_for(database)
    found = jobs.new_names(
        settings,
        as_of=moment_of(as_of) or jobs.clock(),
        feeds=sorted(path.stem for path in settings.feeds),
    )
    first = moment_of(since)
    if first is not None:
        found = tuple(one for one in found if _is_since(one, first))
    if form is Form.json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], default=str, indent=2) + "\n")
    elif form is Form.csv:
        _frame(found).to_csv(sys.stdout, index=False)
    elif found:
        console.print(frame_table(_frame(found), title="New names, operational tier"))
    else:
        console.print("Every name in the records is known to the register.")


def _is_since(name: NewName, first: datetime) -> bool:
    return name.first_seen.date() >= first.date()


def _frame(found: tuple[NewName, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "new name": one.name,
            "other spellings": ", ".join(one.spellings[1:]),
            "group": one.group or "not known",
            "nearest relatives": ", ".join(f"{r.name} {r.score:.2f}" for r in one.relatives),
            "first seen": f"{one.first_seen:%Y-%m-%d}",
            "records": one.records,
            "feeds": ", ".join(one.feeds),
        }
        for one in found
    )
