"""Recall a bad batch, take one up again, and see what depended on it."""

import getpass
import json
import sys
from typing import Annotated, Any

import pandas as pd
import typer

from config.settings import Settings
from dews.commands.options import Database, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.errors import InputError
from surveillance.jobs.dependents import Dependent
from surveillance.jobs.recalling import Affected
from surveillance.jobs.session import database as open_database
from surveillance.jobs.session import judges
from surveillance.store.batches import list_batches
from surveillance.store.engine import reading
from surveillance.store.recalls import Recall, load_recalls

console = wide_console()
_COLUMNS = (
    "signal",
    "realm",
    "state",
    "substance",
    "area",
    "use",
    "week",
    "as_of",
    "streams",
    "records",
    "lost",
    "definition",
    "decision",
    "deliveries",
)


def recall(
    batch: Annotated[str, typer.Argument(help="Id of the batch.")] = "",
    why: Annotated[str, typer.Option(help="The reason, for those who read it later.")] = "",
    by: Annotated[str, typer.Option(help="Who decides; default: the log-in name.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it touches.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the batch up again.")] = False,
    nothing_missing: Annotated[
        bool,
        typer.Option("--nothing-missing", help="What it held never happened: leave no gap."),
    ] = False,
    list_them: Annotated[
        bool, typer.Option("--list", help="List the recalls; with --feed, a feed's batches.")
    ] = False,
    feed: Annotated[str | None, typer.Option(help="With --list: this feed's batches.")] = None,
    form: Annotated[Form, typer.Option("--format", help="table, csv or json.")] = Form.table,
    database: Database = None,
) -> None:
    """Recall a bad batch: no later question uses it, earlier ones still do.

    It lists every signal that used the batch, or may have, and what was sent of it.

    Example: dews recall 5f2c0a9b3d417e68 --why "file of another county" --dry-run
    """
    settings = settings_for(database)
    if list_them:
        _print(_listed(settings, feed), form=form, title="Batches" if feed else "Recalls")
        return
    if not batch:
        raise InputError(
            "Which batch? Give its id; dews recall --list --feed NAME lists a feed's batches."
        )
    changed = None
    if not dry_run:
        changed = _decide(settings, batch, why=why, by=by, undo=undo, gap=not nothing_missing)
    found = jobs.affected_by(settings, batch, now=jobs.clock())
    _tell(found, changed=changed, form=form)
    rows = _rows(found.dependents, settings)
    shown = _by_signal(rows) if form is Form.table else rows
    _print(shown, form=form, title="Signals that depended on it")


def _decide(settings: Settings, batch: str, *, why: str, by: str, undo: bool, gap: bool) -> bool:
    words = {"actor": by or _login(), "reason": why}
    if undo:
        return jobs.reinstate(settings, batch, now=jobs.clock(), **words)
    return jobs.recall(settings, batch, now=jobs.clock(), leaves_gap=gap, **words)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _tell(found: Affected, *, changed: bool | None, form: Form) -> None:
    """Say what was decided; beside a table for machines it goes to the other stream."""
    brought, standing = found.brought, found.standing
    lines = [
        f"{found.batch.feed} {found.batch.batch_id} ({found.batch.address}), fetched "
        f"{found.batch.fetched_at:%Y-%m-%d %H:%M} UTC: {brought.versions:,} versions of records; "
        f"{len(brought.standing):,} of them other batches brought too, and they stand."
    ]
    if standing is not None:
        lines.append(
            f"It was {_outcome(standing)} at {standing.at:%Y-%m-%d %H:%M} UTC by "
            f"{standing.actor}: {standing.reason}"
        )
    lines.append(
        {
            None: "Dry run: nothing was changed.",
            False: "It stood like that already: nothing was changed.",
            True: "Weeks judged before stay as they were. To judge one on what is known now: "
            "dews run --week WEEK --as-of MOMENT",
        }[changed]
    )
    text = "\n".join(lines)
    if form is Form.table:
        console.print(text, markup=False)
    else:
        sys.stderr.write(text + "\n")


def _outcome(decision: Recall) -> str:
    if not decision.in_force:
        return "taken up again"
    if decision.leaves_gap:
        return "recalled (its days are not supplied until sent again)"
    return "recalled (nothing is missing)"


def _rows(dependents: Any, settings: Settings) -> pd.DataFrame:
    register = judges(settings.config_folder).register
    rows = []
    for one in dependents:
        found = one.evidence
        rows.append(
            {
                "signal": found.reference,
                "realm": found.realm,
                "state": found.state,
                "substance": register.substances.get(found.substance_id).name,
                "area": register.areas.get(found.area_code).name,
                "use": one.use,
                "week": found.week,
                "as_of": found.as_of.isoformat(),
                "streams": ", ".join(one.streams),
                "records": one.records,
                "lost": one.lost,
                "definition": "same" if one.is_same_definition else "changed since",
                "decision": "" if one.decision is None else one.decision.outcome,
                "deliveries": _deliveries(one),
            }
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _deliveries(one: Dependent) -> str:
    return "; ".join(
        f"{message.channel} {message.state}"
        + ("" if message.sent_at is None else f" {message.sent_at:%Y-%m-%d %H:%M}")
        for message in one.deliveries
    )


def _by_signal(rows: pd.DataFrame) -> pd.DataFrame:
    """Give one line a signal, those that surely used the batch first."""
    lines = []
    for (realm, signal), found in rows.groupby(["realm", "signal"], sort=True):
        sure = found[found["use"] == "used"]
        told = sure if len(sure) else found
        lines.append(
            {
                "signal": signal,
                "realm": realm,
                "state": told["state"].iloc[0],
                "substance": told["substance"].iloc[0],
                "area": told["area"].iloc[0],
                "use": told["use"].iloc[0],
                "weeks": _span(told["week"]),
                "records": int(told["records"].max()),
                "lost": int(told["lost"].max()),
                "sent": "; ".join(dict.fromkeys(told.loc[told["deliveries"] != "", "deliveries"])),
            }
        )
    columns = ["signal", "realm", "state", "substance", "area", "use"]
    frame = pd.DataFrame(lines, columns=[*columns, "weeks", "records", "lost", "sent"])
    # "used" sorts after "may have used".
    return frame.sort_values("use", ascending=False, kind="stable", ignore_index=True)


def _span(weeks: "pd.Series[str]") -> str:
    first, last = weeks.min(), weeks.max()
    return str(first) if first == last else f"{first} to {last}"


def _listed(settings: Settings, feed: str | None) -> pd.DataFrame:
    with reading(open_database(settings.database_url)) as connection:
        decisions = load_recalls(connection)
        kept = list_batches(connection, feed=feed)
    if feed is None:
        columns = ["batch", "feed", "at", "decision", "by", "why"]
        rows = [
            (
                one.batch_id,
                one.feed,
                f"{one.at:%Y-%m-%d %H:%M}",
                _outcome(one),
                one.actor,
                one.reason,
            )
            for one in decisions
        ]
        return pd.DataFrame(rows, columns=columns)
    newest = {one.batch_id: _outcome(one) for one in decisions}
    columns = ["batch", "fetched", "address", "state", "verdict", "new rows", "decision"]
    lines = [
        (
            one.batch.batch_id,
            f"{one.batch.fetched_at:%Y-%m-%d %H:%M}",
            one.batch.address,
            one.state,
            one.verdict or "",
            one.rows_new,
            newest.get(one.batch.batch_id, ""),
        )
        for one in kept
    ]
    return pd.DataFrame(lines, columns=columns)


def _print(frame: pd.DataFrame, *, form: Form, title: str) -> None:
    if form is Form.csv:
        frame.to_csv(sys.stdout, index=False)
    elif form is Form.json:
        sys.stdout.write(json.dumps(frame.to_dict("records"), default=str, indent=2) + "\n")
    else:
        console.print(frame_table(frame, title=f"{title}: {len(frame)}"))
