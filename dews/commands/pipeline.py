"""The pipeline by hand: one pass, a replay, the delivery of what is queued."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from alerts import jobs as alert_jobs
from config.settings import Settings
from dews.commands.options import Database, Feeds, moment_of, settings_for
from dews.commands.signals import print_replay
from surveillance import jobs
from surveillance.errors import InputError, RejectedBatch
from surveillance.jobs.replaying import ReplayedWeek, realm_of
from surveillance.periods import last_whole_week, week_start, weeks_between

console = Console(stderr=True)


def migrate(database: Database = None) -> None:
    """Bring the database's schema to the newest revision; safe to repeat.

    Example: dews migrate --database postgresql+psycopg://dews@localhost/dews
    """
    settings = settings_for(database)
    jobs.prepare(settings)
    console.print("The database's schema is current.")


def run(
    feeds: Feeds = None,
    week: Annotated[
        str | None, typer.Option(help="ISO week to judge; default: the last whole one.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Moment whose knowledge is used; default: Monday after.")
    ] = None,
    location: Annotated[
        str | None, typer.Option(help="File, glob or address in place of the description's.")
    ] = None,
    database: Database = None,
) -> None:
    """Make one pass by hand: collect, check, keep, link, judge one week, queue what is to be told.

    Example: dews run --feeds config/feeds/deaths.toml --week 2026-W40
    """
    settings = settings_for(database, feeds)
    now = jobs.clock()
    wanted = week or last_whole_week(now)
    week_start(wanted)
    moment = moment_of(as_of)
    jobs.prepare(settings)
    _collect_all(settings, location=location, as_history=None)
    linked = jobs.link(settings, week=wanted, as_of=moment, now=jobs.clock())
    console.print(f"{wanted}: {linked.describe(('links',))} between records of one event")
    shards = jobs.plan(settings, week=wanted, as_of=moment)
    for shard in shards:
        jobs.detect(settings, run_id=shard.run_id, number=shard.number)
    for run_id in {shard.run_id for shard in shards}:
        tally = jobs.assess(settings, run_id=run_id)
        console.print(f"{wanted}: {tally.describe(('alarms', 'signals_new', 'signals_again'))}")
    if not shards:
        console.print(f"{wanted}: judged before on the same records; nothing to do.")
    routed = alert_jobs.route(settings, now=jobs.clock())
    console.print(f"routed: {routed.describe(('notices', 'held_back', 'queued'))}")


def replay(
    feeds: Feeds = None,
    first: Annotated[str, typer.Option("--from", help="ISO week to begin with.")] = "",
    last: Annotated[str, typer.Option("--to", help="ISO week to end with.")] = "",
    location: Annotated[
        str | None, typer.Option(help="File, glob or address in place of the description's.")
    ] = None,
    database: Database = None,
) -> None:
    """Run the whole path over past weeks, each as of its own time, and list the signals.

    Nobody is told: a replay decides what would have been a notice and queues nothing.

    Example: dews replay --feeds config/feeds/connecticut_deaths.toml --location deaths.csv.gz
    --from 2013-W01 --to 2017-W52
    """
    settings = settings_for(database, feeds)
    weeks = weeks_between(first, last)
    names = [path.stem for path in settings.feeds]
    jobs.prepare(settings)
    _collect_all(settings, location=location, as_history=True)
    with _progress() as progress:
        task = progress.add_task("replaying", total=len(weeks))

        def after_week(done: ReplayedWeek) -> None:
            alert_jobs.route(settings, now=jobs.clock(), realm=realm_of(names))
            progress.update(task, advance=1, description=f"replaying {done.week}")

        jobs.replay(settings, feeds=names, first=first, last=last, after_week=after_week)
    print_replay(settings, realm=realm_of(names))


def deliver(
    retry_dead: Annotated[
        bool, typer.Option("--retry-dead", help="Queue again what was refused, after a repair.")
    ] = False,
    database: Database = None,
) -> None:
    """Send what is queued; safe to repeat, nothing is sent twice.

    Example: dews deliver
    """
    settings = settings_for(database)
    if retry_dead:
        again = alert_jobs.requeue(settings, now=jobs.clock())
        console.print(f"queued again: {again.describe(('queued',))}")
    tally = alert_jobs.deliver(settings, now=jobs.clock())
    console.print(tally.describe(("sent", "failed", "dead")))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _collect_all(settings: Settings, *, location: str | None, as_history: bool | None) -> None:
    """Collect and keep every feed; a batch that cannot be used stops neither others nor feeds."""
    if location is not None and len(settings.feeds) != 1:
        raise InputError("--location goes with exactly one --feeds description.")
    if location is not None and "://" not in location:
        location = str(Path(location).absolute())
    refused = []
    for path in settings.feeds:
        pending = jobs.collect(
            settings, path.stem, now=jobs.clock(), location=location, as_history=as_history
        )
        for batch_id in pending:
            try:
                tally = jobs.keep(settings, batch_id, now=jobs.clock())
            except RejectedBatch as error:
                refused.append(str(error))
            else:
                names = ("present", "accepted", "rejected", "new")
                console.print(f"{path.stem}: {tally.describe(names)} rows")
    if refused:
        raise RejectedBatch("\n".join(refused))
