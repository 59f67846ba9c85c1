"""Rows a second through collect, check and keep, on the simulated country's deaths.

Imports are paid before the clock starts; everything else counts: reading, parsing, the shipped
expectations, the search for identifiers, Data Docs and the database.

Example: python benchmarks/keep_rows.py --weeks 312
"""

import argparse
import tempfile
import time
from pathlib import Path

import surveillance.checks  # noqa: F401 - its import is not what is measured
from config.settings import CONFIG_FOLDER, Settings
from surveillance import jobs
from surveillance.register import load_register
from surveillance.simulate import simulate


def main() -> None:
    """Simulate a country, keep its deaths, and keep the same file again."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--weeks", type=int, default=312)
    options.add_argument("--database", default=None, help="SQLAlchemy URL; default: SQLite")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dews-bench-") as folder:
        home = Path(folder)
        simulate(
            home,
            weeks=asked.weeks,
            seed=1,
            end_week="2026-W40",
            register=load_register(CONFIG_FOLDER),
        )
        settings = Settings(
            home=home,
            database_url=asked.database or f"sqlite:///{home / 'dews.db'}",
            feeds=(CONFIG_FOLDER / "feeds" / "deaths.toml",),
        )
        jobs.prepare(settings)
        began = time.monotonic()
        (batch_id,) = jobs.collect(settings, "deaths", now=jobs.clock())
        counts = jobs.keep(settings, batch_id, now=jobs.clock()).counts
        first = time.monotonic() - began
        began = time.monotonic()
        jobs.readmit(settings, batch_id, now=jobs.clock())
        again = time.monotonic() - began
    rows = counts["present"]
    print("| deaths kept | rows | seconds | rows a second |\n| --- | --- | --- | --- |")
    print(f"| first time | {rows:,} | {first:.1f} | {rows / first:,.0f} |")
    print(f"| the same batch again, no new row | {rows:,} | {again:.1f} | {rows / again:,.0f} |")


if __name__ == "__main__":
    main()
