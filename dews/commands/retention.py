"""Apply the periods: what is kept too long goes, and every count stays."""

import json
import sys
from typing import Annotated

import pandas as pd
import typer

from alerts import jobs as alert_jobs
from dews.commands.options import Database, moment_of, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.retention import read_periods

console = wide_console()


def retention(
    as_of: Annotated[
        str | None, typer.Option(help="Moment the periods end at; default: now.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is due, remove nothing.")
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    database: Database = None,
) -> None:
    """Remove what is past its period, and say what went. Counts as of any moment stay the same.

    The periods and their reasons are in config/retention.toml. It may run again at any time.

    Example: dews retention --dry-run
    """
    settings = settings_for(database)
    now, moment = jobs.clock(), moment_of(as_of)
    done = jobs.retain(settings, now=now, as_of=moment, dry_run=dry_run)
    messages = alert_jobs.remove_expired(settings, now=now, as_of=moment, dry_run=dry_run)
    slack = read_periods(settings.config_folder / "retention.toml")["slack"]
    rows: list[tuple[str, int | str, str, int]] = [
        (one.what, one.period.days, f"{one.before:%Y-%m-%d}", one.removed) for one in done.removals
    ]
    told = messages.counts["due" if dry_run else "removed"]
    rows.append(("messages in Slack", slack.days, f"{slack.before(moment or now):%Y-%m-%d}", told))
    rows.append(("files (raw folder, inboxes)", "", "", done.files))
    frame = pd.DataFrame(
        rows, columns=["what", "kept days", "before", "due" if dry_run else "removed"]
    )
    notes = []
    if messages.counts["failed"]:
        notes.append(
            f"{messages.counts['failed']} messages still stand in Slack; the log says why, and the "
            "next pass tries again."
        )
    if done.open_signals:
        notes.append(
            "Open signals that reach back into it, whose figures stay: "
            + ", ".join(done.open_signals)
        )
    _print(frame, notes, form=form, title="Past its period" if dry_run else "Removed")
    if messages.counts["failed"]:
        raise typer.Exit(1)


def _print(frame: pd.DataFrame, notes: list[str], *, form: Form, title: str) -> None:
    if form is Form.csv:
        frame.to_csv(sys.stdout, index=False)
    elif form is Form.json:
        sys.stdout.write(json.dumps(frame.to_dict("records"), indent=2) + "\n")
    else:
        console.print(frame_table(frame, title=title))
    for note in notes:
        if form is Form.table:
            console.print(note, markup=False)
        else:
            sys.stderr.write(note + "\n")
