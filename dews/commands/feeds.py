"""Feeds: what they brought, what a file would bring, and a first description of a new one."""

import json
import re
import sys
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from config.settings import CONFIG_FOLDER, Settings
from dews.commands.options import Database, settings_for
from dews.commands.signals import Form, frame_table, wide_console
from surveillance import jobs
from surveillance.domain import FeedHealth
from surveillance.errors import InputError
from surveillance.feeds.description import load_description

if TYPE_CHECKING:
    from surveillance.jobs.trying import TriedFile

# A file of months without a year needs one; that it is a filler, the description says.
_SOME_YEAR = "2000"

console = wide_console()
feeds_app = typer.Typer(
    help="What each feed brought and what is overdue; test a file; describe a new feed.",
    invoke_without_command=True,
)
Format = Annotated[Form, typer.Option("--format", help="table, csv or json.")]
All = Annotated[bool, typer.Option("--all", help="Also feeds that wait for a person's file.")]


@feeds_app.callback()
def feeds(
    context: typer.Context, form: Format = Form.table, every: All = False, database: Database = None
) -> None:
    """List the feeds: last batch, freshness, verdict, rows kept and held back, what is overdue.

    Example: dews feeds
    """
    if context.invoked_subcommand is None:
        list_feeds(form=form, every=every, database=database)


@feeds_app.command("list")
def list_feeds(form: Format = Form.table, every: All = False, database: Database = None) -> None:
    """List the feeds: last batch, freshness, verdict, rows kept and held back, what is overdue.

    Research feeds, which a person brings with --location, are listed once they brought
    something, or with --all. Nothing of them is ever overdue.

    Example: dews feeds list --format csv
    """
    settings = settings_for(database)
    described = tuple(sorted((CONFIG_FOLDER / "feeds").glob("*.toml")))
    health = jobs.feed_health(replace(settings, feeds=described), now=jobs.clock())
    shown = [one for one in health if every or one.runs_by_itself or one.batches]
    if form is Form.json:
        rows = [asdict(one) for one in shown]
        sys.stdout.write(json.dumps(rows, default=_plain, indent=2) + "\n")
    elif form is Form.csv:
        _frame(shown).to_csv(sys.stdout, index=False)
    else:
        _print_table(shown, waiting=len(health) - len(shown))


def _plain(moment: datetime) -> str:
    return moment.isoformat()


def _print_table(shown: list[FeedHealth], *, waiting: int) -> None:
    console.print(frame_table(_frame(shown).drop(columns=["title", "overdue"]), title="Feeds"))
    overdue = [f"  {one.feed}: {one.overdue}" for one in shown if one.overdue]
    console.print("\n".join(["Overdue:", *overdue] if overdue else ["Nothing is overdue."]))
    if waiting:
        console.print(f"{waiting} research feeds wait for a person's file: dews feeds list --all")


def _frame(health: list[FeedHealth]) -> pd.DataFrame:
    rows = [
        {
            "feed": one.feed,
            "title": one.title,
            "kind": one.kind,
            "expected": one.cadence if one.runs_by_itself else "by hand",
            "batches": one.batches,
            "last batch": _moment(one.last_fetched_at),
            "newest record": str(one.newest_day or "none"),
            "state": one.state,
            "verdict": one.last_verdict or "nothing yet",
            "accepted": one.rows_accepted,
            "held back": one.rows_rejected,
            "overdue": one.overdue,
        }
        for one in health
    ]
    columns = ["feed", "title", "kind", "expected", "batches", "last batch", "newest record"]
    columns += ["state", "verdict", "accepted", "held back", "overdue"]
    return pd.DataFrame(rows, columns=columns)


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


@feeds_app.command("check")
def check(
    name: Annotated[str, typer.Argument(help="Name of a feed, or path of its description.")],
    file: Annotated[Path, typer.Argument(help="The file to test.")],
    history: Annotated[
        bool | None,
        typer.Option(
            "--history/--update",
            help="Judge it as an opening load or as news; default: as the feed runs.",
        ),
    ] = None,
) -> None:
    """Test a file without storing anything, and say in plain words what would become of it.

    It ends with 1 where nothing of the file would be used.

    Example: dews feeds check deaths deaths.csv
    """
    from dews.feed_report import report_lines
    from surveillance.jobs.session import judges
    from surveillance.jobs.trying import try_file

    settings = settings_for()
    description = load_description(_description_of(name, settings))
    register = judges(settings.config_folder).register
    tried = try_file(
        description,
        file,
        register=register,
        now=jobs.clock(),
        as_history=not description.enabled if history is None else history,
    )
    for line in report_lines(tried, register):
        console.print(line, markup=False, soft_wrap=True)
    if not tried.is_usable:
        raise typer.Exit(1)


def _description_of(name: str, settings: Settings) -> Path:
    """Find a description by the name of its feed, or by its path."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    found = settings.config_folder / "feeds" / f"{name}.toml"
    if not found.is_file():
        known = sorted(one.stem for one in found.parent.glob("*.toml"))
        raise InputError(f"No feed is called {name!r}. Described are: {', '.join(known)}.")
    return found


@feeds_app.command("new")
def new(
    sample: Annotated[Path, typer.Argument(help="A file as the source gives it.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the feed; default: made of the file's name.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Record kind; default: guessed.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: NAME.toml in this folder.")
    ] = None,
) -> None:
    """Write a first description of a feed from a sample file, with comments on what to check.

    Nothing is stored. Move the description to config/feeds/ once it says what is meant.

    Example: dews feeds new sample.csv --kind indicator --name prison_tests
    """
    from surveillance.feeds.description import KINDS
    from surveillance.feeds.drafting.writing import draft
    from surveillance.jobs.session import judges
    from surveillance.jobs.trying import try_file

    if kind is not None and kind not in KINDS:
        raise InputError(f"--kind {kind!r} is none of {', '.join(KINDS)}.")
    if not sample.is_file():
        raise InputError(f"{sample} is no file. Nothing was written. Give the path of a sample.")
    feed = _feed_name(name or sample.name.split(".")[0])
    path = out or Path(f"{feed}.toml")
    if path.exists():
        raise InputError(f"{path} exists already and was left alone. Give another path with --out.")
    register = judges(settings_for().config_folder).register
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", str(sample.resolve()))
    text = draft(
        sample.read_bytes(),
        name=feed,
        kind=kind,
        register=register,
        hint=years[-1] if years else _SOME_YEAR,
    )
    path.write_text(text, encoding="utf-8")
    tried = try_file(
        load_description(path), sample, register=register, now=jobs.clock(), as_history=True
    )
    _print_draft(path, tried)


def _feed_name(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    if not name:
        raise InputError(f"{text!r} makes no name of a feed. Give one with --name, in a to z.")
    return name


def _print_draft(path: Path, tried: "TriedFile") -> None:
    console.print(f"{path}: a first description of {tried.description.title}.", markup=False)
    if tried.parsed is None:
        console.print(f"It does not read the sample yet: {tried.refusal}", markup=False)
        raise typer.Exit(1)
    parsed = tried.parsed
    console.print(
        f"It reads the sample: {parsed.rows_accepted:,} of {parsed.rows_present:,} rows, "
        f"{len(parsed.rows):,} record{'' if len(parsed.rows) == 1 else 's'} of the kind "
        f"{tried.description.kind}."
    )
    console.print(
        "Look at every line marked CHECK, then see what it makes of the whole file:\n"
        f"  dews feeds check {path} {tried.batch.address}",
        markup=False,
        soft_wrap=True,
    )
