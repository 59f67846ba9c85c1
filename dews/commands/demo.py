"""The main job on a fresh machine: a simulated country, a real Airflow, one honest page."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

import pandas as pd
import typer

from alerts import jobs as alert_jobs
from alerts.message import Notice, plain_text
from config.settings import CONFIG_FOLDER, Settings, load_settings
from dews.airflow_runs import execute
from dews.commands.signals import frame_table, signals_frame, wide_console
from surveillance import jobs
from surveillance.domain import Signal
from surveillance.evaluate import EvaluationTable, read_truth, score_signals
from surveillance.jobs.session import database as open_database
from surveillance.jobs.session import judges
from surveillance.periods import week_of, week_start
from surveillance.simulate import simulate
from surveillance.store.batches import feed_states
from surveillance.store.deliveries import Delivery, load_deliveries
from surveillance.store.engine import reading
from surveillance.store.runs import coverage, list_runs
from surveillance.store.signals import load_signals

FEEDS = ("deaths", "price_purity", "reaction_reports", "sightings", "street_events")
_WEEKS_JUDGED = 2
_REALM = "live"
console = wide_console()


@dataclass(frozen=True)
class _Standing:
    """What the database holds at one moment."""

    rows: Mapping[str, int]
    signals: list[Signal]
    deliveries: list[Delivery]


def demo(
    weeks: Annotated[int, typer.Option(help="Weeks of history to simulate.")] = 312,
    seed: Annotated[int, typer.Option(help="Seed of the simulated country.")] = 1,
    end: Annotated[str, typer.Option(help="Last ISO week, the last to be judged.")] = "2026-W40",
) -> None:
    """Run the main job on a simulated country: Airflow collects, judges two weeks and tells.

    Everything lies in the folder demo/ of DEWS_HOME. Run again: nothing is stored, alarmed or
    sent twice. A new file put into the inbox in between is stored, and only it.

    Example: dews demo
    """
    began = time.monotonic()
    settings = _demo_settings()
    _simulate(settings, weeks=weeks, seed=seed, end=end)
    jobs.prepare(settings)
    before = _standing(settings)
    judged = [week_of(week_start(end) - timedelta(weeks=n)) for n in reversed(range(_WEEKS_JUDGED))]
    execute(settings, judged, _say)
    after = _standing(settings)
    table = _score(settings, after.signals, judged)
    page = alert_jobs.make_page(
        settings,
        settings.pages_folder / "signals.html",
        now=jobs.clock(),
        scorecard=[{str(k): v for k, v in row.items()} for row in _events(settings, table)],
    )
    _print_result(settings, before, after, table)
    console.print(f"\nPage (operational tier, exact figures, not to be passed on): {page}")
    console.print(f"Data Docs: {settings.docs_folder}")
    console.print(f"Inbox: {settings.home / 'inbox'}")
    console.print(f"Done in {time.monotonic() - began:.0f} s.")


def _say(line: str) -> None:
    console.print(f"  {line}", markup=False)


def _demo_settings() -> Settings:
    """Keep the simulated country apart from whatever this installation collects."""
    home = load_settings().home / "demo"
    return replace(
        load_settings(),
        home=home,
        database_url=f"sqlite:///{home / 'dews.db'}",
        feeds=tuple(CONFIG_FOLDER / "feeds" / f"{name}.toml" for name in FEEDS),
        channels=("console",),
    )


def _simulate(settings: Settings, *, weeks: int, seed: int, end: str) -> None:
    made = settings.home / "simulated.json"
    wanted = {"weeks": weeks, "seed": seed, "end": end, "version": settings.code_version}
    if made.is_file() and json.loads(made.read_text(encoding="utf-8")) == wanted:
        console.print("The simulated country is there already.")
        return
    console.print(f"Simulating {weeks} weeks to {end} with seed {seed}.")
    register = judges(settings.config_folder).register
    summary = simulate(settings.home, weeks=weeks, seed=seed, end_week=end, register=register)
    made.write_text(json.dumps(wanted), encoding="utf-8")
    for feed in FEEDS:
        _say(f"{feed}: {summary.rows[feed]:,} rows in one file")


def _standing(settings: Settings) -> _Standing:
    with reading(open_database(settings.database_url)) as connection:
        states = feed_states(connection)
        return _Standing(
            rows={name: states[name].rows_new if name in states else 0 for name in FEEDS},
            signals=load_signals(connection, realm=_REALM),
            deliveries=load_deliveries(connection, realm=_REALM),
        )


def _score(settings: Settings, found: list[Signal], judged: list[str]) -> EvaluationTable:
    known = judges(settings.config_folder)
    return score_signals(
        found,
        read_truth(settings.home / "truth.csv"),
        first_day=week_start(judged[0]),
        last_day=week_start(judged[-1]) + timedelta(days=6),
        register=known.register,
        stream_kinds={name: stream.kind for name, stream in known.streams.items()},
    )


def _events(settings: Settings, table: EvaluationTable) -> list[dict[Any, Any]]:
    register = judges(settings.config_folder).register
    frame = table.event_frame()
    named = pd.DataFrame(
        {
            "event": frame["event_id"],
            "substance": [register.substances.get(one).name for one in frame["substance_id"]],
            "area": [register.areas.get(one).name for one in frame["area_code"]],
            "first day": frame["first_day"].astype(str),
            "last day": frame["last_day"].astype(str),
            "size": frame["size"].astype(str),
            "verdict": frame["verdict"],
            "signal": frame["signal"],
            "days to raise": frame["days_to_raise"].astype("string").fillna(""),
        }
    )
    return named.to_dict("records")


def _print_result(
    settings: Settings, before: _Standing, after: _Standing, table: EvaluationTable
) -> None:
    register = judges(settings.config_folder).register
    console.print(frame_table(signals_frame(after.signals, register), title="\nSignals"))
    with reading(open_database(settings.database_url)) as connection:
        run_ids = [run.run_id for run in list_runs(connection, realm=_REALM)]
        judged = coverage(connection, run_ids)
    whole = int(judged["outcomes"].sum())
    blind = int(judged.loc[judged["reason"] != "", "outcomes"].sum())
    console.print(f"{blind:,} of {whole:,} outcomes were not assessed; the page says why.")
    console.print("\nNotices, as the console channel printed them", style="bold")
    for delivery in after.deliveries:
        if delivery.channel == "console" and delivery.state == "sent":
            console.print(plain_text(Notice.from_json(delivery.message)), markup=False)
            console.print("-" * 78)
    console.print(frame_table(pd.DataFrame(_events(settings, table)), title="Planted events"))
    console.print(table.describe().splitlines()[0])
    stored = {name: after.rows[name] - before.rows[name] for name in FEEDS}
    rows = ", ".join(f"{count:,} {name}" for name, count in stored.items())
    sent = sum(delivery.state == "sent" for delivery in after.deliveries)
    sent -= sum(delivery.state == "sent" for delivery in before.deliveries)
    console.print(
        f"\nNew this time: rows stored: {rows}; signals raised: "
        f"{len(after.signals) - len(before.signals)}; notices sent: {sent}."
    )
