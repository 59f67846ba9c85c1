"""A synthetic country: feeds with known truth, the same bytes for the same arguments.

``GENERATORS`` says how each feed is drawn and written, ``SCENARIOS`` what can be planted in
it; a further feed or scenario is one more entry. docs/simulation.md states the model in formulas.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from surveillance.domain import PlantedEvent, RecordKind
from surveillance.errors import InputError
from surveillance.register import Register
from surveillance.simulate import copies, deaths, dirt, files, market, reports
from surveillance.simulate.country import Timeline
from surveillance.simulate.draws import Cases, part_generator
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.scenarios import PLAN, SCENARIOS, Scene, plant
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
]


@dataclass(frozen=True)
class FeedGenerator:
    """How one feed is made.

    Attributes:
        kind: its record kind.
        suffix: how its file's name ends.
        key: the column that names a record.
        background: draws the cases before anything is planted, beside the feeds drawn before.
        rows: writes the cases known at the end as rows of the feed.
        encode: writes rows as bytes.
        columns: the feed's columns, in order.
    """

    kind: RecordKind
    suffix: str
    key: str
    background: Callable[[World, Cases, np.random.Generator], pd.DataFrame]
    rows: Callable[[pd.DataFrame, Timeline], pd.DataFrame]
    encode: Callable[[pd.DataFrame, tuple[str, ...]], bytes]
    columns: tuple[str, ...]

    def path(self, feed: str) -> str:
        """Where its file lies within the output folder."""
        return f"inbox/{feed}/{feed}.{self.suffix}"


# The reports follow the deaths, for some tell of them.
GENERATORS: Mapping[str, FeedGenerator] = {
    "deaths": FeedGenerator(
        kind="death",
        suffix="csv.gz",
        key="death_id",
        background=deaths.background,
        rows=deaths.rows,
        encode=files.csv_bytes,
        columns=deaths.COLUMNS,
    ),
    "reaction_reports": FeedGenerator(
        kind="reaction_report",
        suffix="jsonl.gz",
        key="report_id",
        background=copies.background,
        rows=reports.rows,
        encode=files.json_lines_bytes,
        columns=reports.COLUMNS,
    ),
    "price_purity": FeedGenerator(
        kind="market_observation",
        suffix="csv.gz",
        key="obs_id",
        background=market.background,
        rows=market.rows,
        encode=files.csv_bytes,
        columns=market.COLUMNS,
    ),
}


@dataclass(frozen=True)
class DrawnCountry:
    """The country before it is written.

    Attributes:
        cases: feed -> every case drawn, also those not yet known at the end.
        rows: feed -> its rows, with the ``event_id`` and ``harm_id`` that are not written.
        events: what was planted.
    """

    cases: Cases
    rows: Cases
    events: tuple[PlantedEvent, ...]

    def records(self) -> pd.DataFrame:
        """List feed, source_ref and harm_id of every row that tells of a person."""
        parts = [
            pd.DataFrame(
                {"feed": feed, "source_ref": rows[GENERATORS[feed].key], "harm_id": rows["harm_id"]}
            )
            for feed, rows in self.rows.items()
            if "harm_id" in rows
        ]
        return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class SimulationSummary:
    """What was written, and where.

    Attributes:
        first_day: the first simulated day.
        last_day: the last simulated day.
        rows: feed -> rows in its file.
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


def draw_country(world: World, *, seed: int) -> DrawnCountry:
    """Draw every feed and plant the events of the plan, in memory.

    Every part has a stream of random numbers of its own, keyed by its name.
    """
    cases: Cases = {}
    for feed, generator in GENERATORS.items():
        rng = part_generator(seed, part=feed)
        cases = {**cases, feed: generator.background(world, cases, rng)}
    events: list[PlantedEvent] = []
    for planting in PLAN:
        rng = part_generator(seed, part=f"event {planting.event_id}")
        cases, planted = plant(Scene(world, cases, rng), planting)
        events.extend(planted)
    rows = {
        feed: dirt.soil(
            generator.rows(cases[feed], world.timeline),
            dirt.FAULTS[feed],
            share=figures.DIRT_SHARES[feed],
            timeline=world.timeline,
            rng=part_generator(seed, part=f"dirt {feed}"),
        )
        for feed, generator in GENERATORS.items()
    }
    return DrawnCountry(cases=cases, rows=rows, events=tuple(events))


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

    One file a feed holds the whole history that was known when the last week was first judged.
    The same arguments give the same bytes, so that running it again changes nothing.

    Args:
        out_dir: folder for ``inbox/``, ``truth.csv`` and ``links.csv``; made where missing.
        weeks: how many ISO weeks, six years by 312.
        seed: any whole number from 0.
        end_week: the last week, such as ``2026-W40``.
        register: names, areas and populations.
        choices: what is asked for otherwise than usual.

    Raises:
        InputError: a malformed week, too few weeks, a negative seed, a choice out of range, a
            folder that cannot be written or that holds files from
            other arguments. No file is left half written.
    """
    if seed < 0:
        raise InputError(f"The seed {seed} is negative. Give a whole number from 0.")
    world = make_world(register, weeks=weeks, end_week=end_week, choices=choices)
    drawn = draw_country(world, seed=seed)
    contents = {
        generator.path(feed): generator.encode(drawn.rows[feed], generator.columns)
        for feed, generator in GENERATORS.items()
    }
    contents[files.TRUTH_FILE] = files.truth_bytes(drawn.events)
    contents[files.LINKS_FILE] = files.links_bytes(drawn.records())
    written = files.write_files(out_dir, contents, replace=choices.replace)
    return SimulationSummary(
        first_day=world.timeline.first_day,
        last_day=world.timeline.last_day,
        rows={feed: len(drawn.rows[feed]) for feed in GENERATORS},
        files=tuple(out_dir / name for name in contents),
        written=written,
        events=drawn.events,
    )
