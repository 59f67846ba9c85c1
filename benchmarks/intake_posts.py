"""Reports a second through the intake: over real HTTP, each on the disk before it is answered.

The intake runs as a process of its own; this one posts, less than one address may in a minute.
Landing is measured with all of them waiting.

Example: python benchmarks/intake_posts.py --posts 280 --at-once 8
"""

import argparse
import json
import socket
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

import httpx

from config.settings import CONFIG_FOLDER, Settings, child_environment
from surveillance import jobs
from surveillance.domain.intake import Submission
from surveillance.jobs.intake import land_waiting, submit
from surveillance.jobs.intake_access import grant_token

SCHEMA = CONFIG_FOLDER.parent / "dews" / "intake" / "report.schema.json"
START = "from dews.cli import main; main()"
PER_SYSTEM = 100


def main() -> None:
    """Post, then land as many again at once."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=280)
    options.add_argument("--at-once", type=int, default=8)
    options.add_argument("--database", default=None, help="SQLAlchemy URL; default: SQLite")
    asked = options.parse_args()
    report = json.loads(SCHEMA.read_text(encoding="utf-8"))["examples"][0]
    del report["source_ref"]
    with tempfile.TemporaryDirectory(prefix="dews-bench-") as folder:
        home = Path(folder)
        settings = Settings(
            home=home, database_url=asked.database or f"sqlite:///{home / 'dews.db'}"
        )
        jobs.prepare(settings)
        seconds, waits = post_all(settings, report, posts=asked.posts, at_once=asked.at_once)
        for _ in range(asked.posts):
            submit(settings, Submission("bench", report), now=jobs.clock())
        began = time.monotonic()
        landed = land_waiting(settings, now=jobs.clock()).counts["reports"]
        landing = time.monotonic() - began
    print("| intake | |\n| --- | --- |")
    print(f"| reports a second, {asked.at_once} at once | {asked.posts / seconds:,.0f} |")
    print(f"| median wait | {1000 * statistics.median(waits):.0f} ms |")
    print(f"| landing {landed:,} reports | {landing:.2f} s |")


def post_all(
    settings: Settings, report: dict[str, object], *, posts: int, at_once: int
) -> tuple[float, list[float]]:
    """Post reports of several systems; gives the seconds of all together and of each."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tokens = [
        grant_token(settings, f"bench-{number}", now=jobs.clock())
        for number in range(1 + posts // PER_SYSTEM)
    ]
    extra = {"DEWS_HOME": str(settings.home), "DEWS_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-c", START, "intake", "serve", "--port", str(port)]
    serving = Popen(command, env=child_environment(extra))
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            warm_up(client, report, tokens[0])

            def post(number: int) -> float:
                began = time.monotonic()
                headers = {"Authorization": f"Bearer {tokens[number // PER_SYSTEM]}"}
                client.post("/reports", json=report, headers=headers).raise_for_status()
                return time.monotonic() - began

            began = time.monotonic()
            with ThreadPoolExecutor(at_once) as pool:
                waits = list(pool.map(post, range(posts)))
            return time.monotonic() - began, waits
    finally:
        serving.terminate()
        serving.wait()


def warm_up(client: httpx.Client, report: dict[str, object], token: str) -> None:
    """Wait until the intake answers, and let it import what screens texts."""
    while True:
        try:
            headers = {"Authorization": f"Bearer {token}"}
            client.post("/reports", json=report, headers=headers).raise_for_status()
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
