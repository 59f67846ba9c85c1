"""Draw the country in memory: every feed, then what is planted, then the dirt."""

from dataclasses import dataclass

import pandas as pd

from surveillance.domain import PlantedEvent
from surveillance.simulate import dirt
from surveillance.simulate.draws import Cases, part_generator
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.generators import GENERATORS
from surveillance.simulate.scenarios import PLAN, Scene, plant
from surveillance.simulate.world import World


@dataclass(frozen=True)
class DrawnCountry:
    """The country before it is written.

    Attributes:
        cases: feed -> every case drawn, also those not yet known at the end.
        rows: feed -> its rows, with the columns of the truth that are not written.
        events: what was planted.
    """

    cases: Cases
    rows: Cases
    events: tuple[PlantedEvent, ...]

    def records(self) -> pd.DataFrame:
        """List feed, source_ref and harm_id of every row that tells of a person."""
        return self._hidden("harm_id")

    def rumours(self) -> pd.DataFrame:
        """List feed and source_ref of every notice, and whether what it says is right."""
        return self._hidden("is_right")

    def _hidden(self, column: str) -> pd.DataFrame:
        parts = [
            pd.DataFrame(
                {"feed": feed, "source_ref": rows[GENERATORS[feed].key], column: rows[column]}
            )
            for feed, rows in self.rows.items()
            if column in rows
        ]
        return pd.concat(parts, ignore_index=True).drop_duplicates(["feed", "source_ref"])


def draw_country(world: World, *, seed: int) -> DrawnCountry:
    """Draw every feed and plant the chosen events of the plan, in memory.

    Every part has a stream of random numbers of its own, keyed by its name: leaving a scenario
    out changes no other draw.
    """
    cases: Cases = {}
    for feed, generator in GENERATORS.items():
        world.choices.say(f"drawing {feed}")
        rng = part_generator(seed, part=feed)
        cases = {**cases, feed: generator.background(world, cases, rng)}
    chosen = world.choices.scenarios
    events: list[PlantedEvent] = []
    for planting in PLAN:
        if chosen is not None and planting.scenario not in chosen:
            continue
        rng = part_generator(seed, part=f"event {planting.event_id}")
        cases, planted = plant(Scene(world, cases, rng), planting)
        events.extend(planted)
    rows = {feed: _rows(feed, cases[feed], world, seed=seed) for feed in GENERATORS}
    return DrawnCountry(cases=cases, rows=rows, events=tuple(events))


def _rows(feed: str, cases: pd.DataFrame, world: World, *, seed: int) -> pd.DataFrame:
    return dirt.soil(
        GENERATORS[feed].rows(cases, world.timeline),
        dirt.FAULTS[feed],
        share=figures.DIRT_SHARES[feed],
        timeline=world.timeline,
        rng=part_generator(seed, part=f"dirt {feed}"),
    )
