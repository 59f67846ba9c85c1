"""What screening, recalls and reporting triangles cost.

Screening: texts a second, each searched for identifiers and for names of sites, on one core.
Store: reads of the simulated country's deaths, before and after half of them are recalled and
repeated by another batch, and the query of a reporting triangle.

Example: python benchmarks/keep_well.py --weeks 312
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.settings import CONFIG_FOLDER, Settings
from surveillance import jobs
from surveillance.checks.identifiers import find_in_texts
from surveillance.checks.sites import read_sites
from surveillance.domain import TriangleQuestion
from surveillance.jobs.session import database
from surveillance.register import load_register
from surveillance.simulate import simulate
from surveillance.store.engine import reading
from surveillance.store.records import load
from surveillance.store.triangles import reporting_triangle

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
TEXTS = 100_000
PHRASES = [
    "found collapsed on the wing",
    "after smoking spice",
    "given naloxone twice",
    "patient said took two blue tablets with vodka",
    "breathing slow, pupils small",
    "came round after ten minutes",
    "hospital ward, no police",
]


def seconds(work: Callable[[], object]) -> float:
    """Give the least processor time of three tries."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def screening() -> None:
    """Search narratives of 180 letters; one in twenty names a town that has a prison."""
    chance = random.Random(1)
    texts = [
        f"{n} {'in Leeds, ' if n % 20 == 0 else ''}" + ", ".join(chance.choices(PHRASES, k=7))
        for n in range(TEXTS)
    ]
    sites = read_sites(CONFIG_FOLDER / "sites.csv")
    for what, work in (
        ("searched for identifiers", lambda: find_in_texts(texts)),
        ("searched for sites", lambda: sites.mask_texts(texts)),
    ):
        print(f"| texts of 180 letters {what}, one core | {TEXTS / seconds(work):,.0f} a second |")


def store(weeks: int, url: str | None) -> None:
    """Keep deaths twice under two names, then read them with and without a recall in force."""
    with tempfile.TemporaryDirectory(prefix="dews-bench-") as folder:
        home = Path(folder)
        register = load_register(CONFIG_FOLDER)
        simulate(home, weeks=weeks, seed=1, end_week="2026-W39", register=register)
        settings = Settings(
            home=home,
            database_url=url or f"sqlite:///{home / 'dews.db'}",
            feeds=(CONFIG_FOLDER / "feeds" / "deaths.toml",),
        )
        jobs.prepare(settings)
        (first,) = jobs.collect(settings, "deaths", now=NOW)
        kept = jobs.keep(settings, first, now=NOW).counts["new"]
        (source,) = (home / "inbox" / "deaths").iterdir()
        (source.parent / "again.csv.gz").write_bytes(source.read_bytes() + b"\0")
        (second,) = jobs.collect(settings, "deaths", now=NOW + timedelta(days=1))
        began = time.monotonic()
        again = jobs.keep(settings, second, now=NOW + timedelta(days=1)).counts["new"]
        repeated = time.monotonic() - began
        print(f"| {kept:,} rows brought again by another file, {again} new | {repeated:.1f} s |")
        later = NOW + timedelta(days=3)
        jobs.recall(settings, first, actor="bench", reason="bench", now=NOW + timedelta(days=2))
        question = TriangleQuestion("death", ["deaths"], later, "week")
        with reading(database(settings.database_url)) as connection:
            for what, work in (
                (
                    "read before the recall",
                    lambda: load(connection, "death", as_of=NOW, feeds=["deaths"]),
                ),
                (
                    "read after it, each through a repeat",
                    lambda: load(connection, "death", as_of=later, feeds=["deaths"]),
                ),
                (
                    "counted into a reporting triangle",
                    lambda: reporting_triangle(connection, question),
                ),
            ):
                print(f"| {kept:,} versions {what} | {seconds(work):.2f} s |")


def main() -> None:
    """Measure both, and print rows for docs/performance.md."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--weeks", type=int, default=156)
    options.add_argument("--database", default=None, help="SQLAlchemy URL; default: SQLite")
    asked = options.parse_args()
    print("| what | figure |\n| --- | --- |")
    screening()
    store(asked.weeks, asked.database)


if __name__ == "__main__":
    main()
