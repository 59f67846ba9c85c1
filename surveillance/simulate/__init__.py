"""A synthetic country: feeds with known truth, the same bytes for the same arguments.

``GENERATORS`` says how each feed is drawn and written, ``SCENARIOS`` what can be planted in
it; a further feed or scenario is one more entry. docs/simulation.md states the model in formulas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from surveillance.domain import PlantedEvent
from surveillance.errors import InputError
from surveillance.register import Register
from surveillance.simulate import files
from surveillance.simulate.drawing import DrawnCountry, draw_country
from surveillance.simulate.generators import GENERATORS, FeedGenerator
from surveillance.simulate.scenarios import SCENARIOS
from surveillance.simulate.world import USUAL, Choices, World, make_world

__all__ = [
    "GENERATORS",
    "SCENARIOS",
    "Choices",
    "DrawnCountry",
    "FeedGenerator",
    "SimulationSummary",
    "World",
    "draw_country",
    "make_world",
    "simulate",
    "write_country",
]


@dataclass(frozen=True)
class SimulationSummary:
    """What was written, and where.

    Attributes:
        first_day: the first simulated day.
        last_day: the last simulated day.
        rows: feed -> rows in its files.
        files: every file of the country.
        written: those of them that were not there yet with these bytes.
        events: what was planted.
    """

    first_day: date
    last_day: date
    rows: Mapping[str, int]
    files: tuple[Path, ...]
    written: tuple[Path, ...]
    events: tuple[PlantedEvent, ...]


def simulate(
    out_dir: Path,
    *,
    weeks: int,
    seed: int,
    end_week: str,
    register: Register,
    choices: Choices = USUAL,
) -> SimulationSummary:
    """Write the feeds of a simulated country and the truth about what was planted.

    Together the files of a feed hold the whole history that was known when the last week was
    first judged. The same arguments give the same bytes, so that running it again changes
    nothing.

    Args:
        out_dir: folder for ``inbox/`` and the files of the truth; made where it is missing.
        weeks: how many ISO weeks, six years by 312.
        seed: any whole number from 0.
        end_week: the last week, such as ``2026-W40``.
        register: names, areas and populations.
        choices: what is asked for otherwise than usual.

    Raises:
        InputError: a malformed week, too few weeks, a negative seed, a choice out of range, a
            folder that cannot be written or that holds files from other arguments. No file is
            left half written.
    """
    if seed < 0:
        raise InputError(f"The seed {seed} is negative. Give a whole number from 0.")
    world = make_world(register, weeks=weeks, end_week=end_week, choices=choices)
    return write_country(out_dir, draw_country(world, seed=seed), world=world)


def write_country(out_dir: Path, drawn: DrawnCountry, *, world: World) -> SimulationSummary:
    """Write a country that was drawn.

    Raises:
        InputError: a folder that cannot be written or that holds files from other arguments.
    """
    contents: dict[str, bytes] = {}
    for feed, generator in GENERATORS.items():
        world.choices.say(f"writing {feed}")
        parts = files.split(drawn.rows[feed], by=world.choices.by)
        for part, rows in parts.items():
            contents[generator.path(feed, part)] = generator.encode(rows, generator.columns)
    contents[files.TRUTH_FILE] = files.truth_bytes(drawn.events)
    contents[files.LINKS_FILE] = files.links_bytes(drawn.records())
    contents[files.RUMOURS_FILE] = files.table_bytes(drawn.rumours())
    written = files.write_files(out_dir, contents, replace=world.choices.replace)
    return SimulationSummary(
        first_day=world.timeline.first_day,
        last_day=world.timeline.last_day,
        rows={feed: len(drawn.rows[feed]) for feed in GENERATORS},
        files=tuple(out_dir / name for name in contents),
        written=written,
        events=drawn.events,
    )
