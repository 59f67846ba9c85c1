"""Seconds of the main job, ``dews demo``: the first time, and again with nothing new.

It runs the whole command as a person would, in a folder of its own, with a real Airflow.

Example: python benchmarks/main_job.py
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.settings import child_environment


def main() -> None:
    """Run the demo twice and print both times."""
    with tempfile.TemporaryDirectory(prefix="dews-bench-") as home:
        first, again = (seconds_of_demo(Path(home)) for _ in range(2))
    print("| main job | seconds |\n| --- | --- |")
    print(f"| first time, installation apart | {first:.0f} |")
    print(f"| again, nothing new | {again:.0f} |")


def seconds_of_demo(home: Path) -> float:
    """Run ``dews demo`` in a home folder; give its wall time in seconds."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", "from dews.cli import main; main()", "demo"],
        env=child_environment({"DEWS_HOME": str(home)}),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - began


if __name__ == "__main__":
    main()
