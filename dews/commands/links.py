"""Links on the command line: which records tell of one event; what a person decides of two."""

import getpass
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import Database, moment_of, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.errors import InputError
from surveillance.jobs.session import judges
from surveillance.linkage.quality import Share

console = wide_console()
links_app = typer.Typer(
    help="Records that tell of one event: list them, join or split two, measure the links.",
    invoke_without_command=True,
)
Feed = Annotated[str | None, typer.Option(help="Only events with a record of this feed.")]
Least = Annotated[
    float, typer.Option("--min-probability", min=0.0, max=1.0, help="Only links as sure as this.")
]
AsOf = Annotated[str | None, typer.Option(help="What was known then; default: now.")]
Format = Annotated[Form, typer.Option("--format", help="table, csv or json.")]
One = Annotated[str, typer.Argument(metavar="FEED/REF", help="A record, by its feed and key.")]
Other = Annotated[str, typer.Argument(metavar="FEED/REF", help="The other record.")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept with the verdict.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; default: who is logged in.")]


@links_app.callback()
def links(
    context: typer.Context,
    feed: Feed = None,
    least: Least = 0.6,
    as_of: AsOf = None,
    form: Format = Form.table,
    database: Database = None,
) -> None:
    """List the events that more than one record tells of. Operational tier: exact records.

    Example: dews links
    """
    if context.invoked_subcommand is None:
        list_links(feed=feed, least=least, as_of=as_of, form=form, database=database)


@links_app.command("list")
def list_links(
    feed: Feed = None,
    least: Least = 0.6,
    as_of: AsOf = None,
    form: Format = Form.table,
    database: Database = None,
) -> None:
    """List the events that more than one record tells of, with their records.

    The probability is that of an event's weakest link. Links are made when a week is judged.

    Example: dews links list --feed deaths --min-probability 0.3 --format csv
    """
    settings = settings_for(database)
    rows = jobs.linked_events(settings, as_of=_moment(as_of), least=least, feed=feed)
    areas = judges(settings.config_folder).register.areas
    rows = rows.assign(
        occurred_on=rows["occurred_on"].dt.date,
        area=[areas.get(code).name for code in rows.pop("area_code")],
    )
    if form is Form.csv:
        rows.to_csv(sys.stdout, index=False)
    elif form is Form.json:
        sys.stdout.write(rows.to_json(orient="records", date_format="iso") + "\n")
    else:
        console.print(frame_table(rows.fillna(""), title="Records of one event"))
        console.print(f"{rows['event'].nunique():,} events from {len(rows):,} records.")


@links_app.command("split")
def split(one: One, other: Other, why: Why, by: By = None, database: Database = None) -> None:
    """Say that two records are of two people: from now on they are counted as two.

    A verdict is dated and wins over the model. Questions about an earlier moment stay as they
    were; the newest verdict on a pair holds.

    Example: dews links split reaction_reports/RR-0000012 deaths/D-000034 --why "two ages"
    """
    _decide(one, other, is_one=False, why=why, by=by, database=database)


@links_app.command("join")
def join(one: One, other: Other, why: Why, by: By = None, database: Database = None) -> None:
    """Say that two records are of one event: from now on they are counted as one.

    Example: dews links join reaction_reports/RR-0000012 deaths/D-000034 --why "same run sheet"
    """
    _decide(one, other, is_one=True, why=why, by=by, database=database)


def _decide(
    one: str, other: str, *, is_one: bool, why: str, by: str | None, database: str | None
) -> None:
    if not why.strip():
        raise InputError("Give the reason with --why; without one a verdict cannot be judged.")
    decision = jobs.Decision(
        one=_record(one),
        other=_record(other),
        is_one=is_one,
        actor=by or getpass.getuser(),
        reason=why.strip(),
    )
    tally = jobs.decide_link(settings_for(database), decision, now=jobs.clock())
    console.print(f"Decided. {tally.describe(('changed', 'taken_back', 'links'))} links in all.")


@links_app.command("evaluate")
def evaluate(
    truth: Annotated[
        Path, typer.Option(help="links.csv of dews simulate: feed, source_ref, harm_id.")
    ],
    least: Least = 0.6,
    as_of: AsOf = None,
    database: Database = None,
) -> None:
    """Score the links against the records that are truly of one event.

    Example: dews links evaluate --truth .dews/links.csv
    """
    scores = jobs.evaluate_links(
        settings_for(database), truth=truth, as_of=_moment(as_of), least=least
    )
    rows = [
        {
            "records": name,
            "true events": f"{score.true_events:,}",
            "found": f"{score.events:,}",
            "precision": _share(score.precision),
            "recall": _share(score.recall),
            "by record": f"{score.record_precision:.3f} / {score.record_recall:.3f}",
        }
        for name, score in scores.items()
    ]
    console.print(frame_table(pd.DataFrame(rows), title="Links against the truth"))


@links_app.command("fit")
def fit(as_of: AsOf = None, database: Database = None) -> None:
    """Fit the figures of linkage to the records at hand and show them; nothing is changed.

    A person compares them with those in use and edits config/linkage.toml (docs/linkage.md).

    Example: dews links fit
    """
    in_use, fitted = jobs.fit_links(settings_for(database), as_of=_moment(as_of))
    before, after = in_use.flat(), fitted.rules.flat()
    rows = [
        {"figure": name, "in use": _figures(values), "fitted": _figures(after[name])}
        for name, values in before.items()
    ]
    console.print(frame_table(pd.DataFrame(rows), title="Figures of config/linkage.toml"))
    console.print(f"By the fitted figures {fitted.links:,.1f} links are expected.")


def _figures(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def _share(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.3f} ({low:.3f} to {high:.3f}; {share.part:,} of {share.whole:,})"


def _moment(as_of: str | None) -> datetime:
    return moment_of(as_of) or jobs.clock()


def _record(text: str) -> tuple[str, str]:
    feed, slash, ref = text.partition("/")
    if not (slash and feed and ref):
        raise InputError(
            f"{text!r} names no record. Write its feed and key, for example "
            "reaction_reports/RR-0000012; dews links list shows both."
        )
    return feed, ref
