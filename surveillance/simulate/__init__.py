"""A synthetic country: feeds with known truth, the same bytes for the same arguments.

``GENERATORS`` says how each record kind is drawn and written, ``SCENARIOS`` what can be
planted in it; a further kind or scenario is one more entry. docs/simulation.md states the
model in formulas.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from surveillance.domain import PlantedEvent
from surveillance.errors import InputError
from surveillance.register import Register
from surveillance.simulate import deaths, dirt, figures, files, market, reports
from surveillance.simulate.country import Country, Timeline, make_country, make_timeline
from surveillance.simulate.draws import part_generator
from surveillance.simulate.scenarios import PLAN, SCENARIOS, Cases, Scene, plant

__all__ = [
    "GENERATORS",
    "SCENARIOS",
    "DrawnCountry",
    "FeedGenerator",
    "SimulationSummary",
    "draw_country",
    "simulate",
]


@dataclass(frozen=True)
class FeedGenerator:
    """How the feed of one record kind is made.

    Attributes:
        feed: name of the feed, and of its folder in the inbox.
        suffix: how its file's name ends.
        background: draws the cases before anything is planted.
        rows: writes the cases known at the end as rows of the feed.
        encode: writes rows as bytes.
        columns: the feed's columns, in order.
    """

    feed: str
    suffix: str
    background: Callable[[Country, Timeline, np.random.Generator], pd.DataFrame]
    rows: Callable[[pd.DataFrame, Timeline], pd.DataFrame]
    encode: Callable[[pd.DataFrame, tuple[str, ...]], bytes]
    columns: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where its file lies within the output folder."""
        return f"inbox/{self.feed}/{self.feed}.{self.suffix}"


GENERATORS: Mapping[str, FeedGenerator] = {
    "reaction_report": FeedGenerator(
        feed="reaction_reports",
        suffix="jsonl.gz",
        background=reports.background,
        rows=reports.rows,
        encode=files.json_lines_bytes,
        columns=reports.COLUMNS,
    ),
    "death": FeedGenerator(
        feed="deaths",
        suffix="csv.gz",
        background=deaths.background,
        rows=deaths.rows,
        encode=files.csv_bytes,
        columns=deaths.COLUMNS,
    ),
    "market_observation": FeedGenerator(
        feed="price_purity",
        suffix="csv.gz",
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
        cases: record kind -> every case drawn, also those not yet known at the end.
        rows: record kind -> rows of its feed, with the ``event_id`` that is not written.
        events: what was planted.
    """

    cases: Cases
    rows: Cases
    events: tuple[PlantedEvent, ...]


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


def draw_country(country: Country, *, timeline: Timeline, seed: int) -> DrawnCountry:
    """Draw every feed and plant the events of the plan, in memory.

    Every part has a stream of random numbers of its own, keyed by its name.
    """
    cases: Cases = {
        kind: generator.background(country, timeline, part_generator(seed, part=generator.feed))
        for kind, generator in GENERATORS.items()
    }
    events: list[PlantedEvent] = []
    for planting in PLAN:
        rng = part_generator(seed, part=f"event {planting.event_id}")
        cases, planted = plant(Scene(country, timeline, cases, rng), planting)
        events.extend(planted)
    rows = {
        kind: dirt.soil(
            generator.rows(cases[kind], timeline),
            dirt.FAULTS[generator.feed],
            share=figures.DIRT_SHARES[generator.feed],
            timeline=timeline,
            rng=part_generator(seed, part=f"dirt {generator.feed}"),
        )
        for kind, generator in GENERATORS.items()
    }
    return DrawnCountry(cases=cases, rows=rows, events=tuple(events))


def simulate(
    out_dir: Path,
    *,
    weeks: int,
    seed: int,
    end_week: str,
    register: Register,
    replace: bool = False,
) -> SimulationSummary:
    """Write the feeds of a simulated country and the truth about what was planted.

    One file a feed holds the whole history that was known when the last week was first judged.
    The same arguments give the same bytes, so that running it again changes nothing.

    Args:
        out_dir: folder for ``inbox/`` and ``truth.csv``; made where it is missing.
        weeks: how many ISO weeks, six years by 312.
        seed: any whole number from 0.
        end_week: the last week, such as ``2026-W40``.
        register: names, areas and populations.
        replace: whether files from other arguments may be overwritten.

    Raises:
        InputError: a malformed week, too few weeks, a negative seed, a folder that cannot be
            written or that holds files from other arguments. No file is left half written.
    """
    if seed < 0:
        raise InputError(f"The seed {seed} is negative. Give a whole number from 0.")
    timeline = make_timeline(weeks=weeks, end_week=end_week)
    drawn = draw_country(make_country(register), timeline=timeline, seed=seed)
    contents = {
        generator.path: generator.encode(drawn.rows[kind], generator.columns)
        for kind, generator in GENERATORS.items()
    }
    contents[files.TRUTH_FILE] = files.truth_bytes(drawn.events)
    written = files.write_files(out_dir, contents, replace=replace)
    return SimulationSummary(
        first_day=timeline.first_day,
        last_day=timeline.last_day,
        rows={generator.feed: len(drawn.rows[kind]) for kind, generator in GENERATORS.items()},
        files=tuple(out_dir / name for name in contents),
        written=written,
        events=drawn.events,
    )
