"""What every scenario needs: the event to plant, the country so far, and days and places in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from surveillance.domain import PlantedEvent, Response
from surveillance.periods import Days
from surveillance.simulate import reports
from surveillance.simulate.country import Country, Timeline
from surveillance.simulate.draws import Cases
from surveillance.simulate.world import World


@dataclass(frozen=True)
class Planting:
    """One event to plant.

    Attributes:
        days_before_end: days from its last day to the end of the timeline.
        size: how many cases, 0 for the scenario's own number.
        kind: record kind of its cases, where the scenario knows several.
    """

    event_id: str
    scenario: str
    substance_id: str
    area_code: str
    days_before_end: int
    size: int = 0
    kind: str = ""


@dataclass(frozen=True)
class Scene:
    """The country as drawn so far, and the stream of numbers of the event to plant."""

    world: World
    cases: Cases
    rng: np.random.Generator

    @property
    def country(self) -> Country:
        """Areas, populations and words."""
        return self.world.country

    @property
    def timeline(self) -> Timeline:
        """The simulated weeks."""
        return self.world.timeline


Planted = tuple[Cases, tuple[PlantedEvent, ...]]
EventDays = tuple[date, date]


@dataclass(frozen=True)
class Scenario:
    """A kind of event.

    Attributes:
        plant: returns the country with the event in it, and what was planted.
        needs_days: simulated days that must lie at or before its last day.
        title: what happens, in a few words.
        feeds: the feeds whose rows it adds or changes, as far as the truth tells of them.
    """

    plant: Callable[[Scene, Planting], Planted]
    needs_days: int
    title: str
    feeds: tuple[str, ...]


def event_of(
    planting: Planting, *, kind: str, days: EventDays, size: int, response: Response = "signal"
) -> PlantedEvent:
    """State the truth of one event; a signal is right where a signal should come of it."""
    return PlantedEvent(
        event_id=planting.event_id,
        scenario=planting.scenario,
        kind=kind,
        substance_id=planting.substance_id,
        area_code=planting.area_code,
        first_day=days[0],
        last_day=days[1],
        size=size,
        alert_is_right=response in ("signal", "withdrawal"),
        response=response,
    )


def days_of(scene: Scene, planting: Planting, lasts: int) -> EventDays:
    """Give the first and the last day of an event that lasts so many days."""
    last = scene.timeline.before_end(planting.days_before_end)
    return last - timedelta(days=lasts - 1), last


def spread(scene: Scene, days: EventDays, size: int) -> Days:
    """Draw days within an event; its first and its last day always have a case."""
    first = np.datetime64(days[0], "D")
    offsets = scene.rng.integers(0, (days[1] - days[0]).days + 1, size=size)
    offsets[0] = 0
    offsets[-1] = (days[1] - days[0]).days
    return np.sort(first + offsets)


def authorities(scene: Scene, area_code: str, size: int) -> list[str]:
    """Draw authorities of an area by their population."""
    weights = scene.country.weights(area_code)
    drawn = scene.rng.choice(len(weights), size=size, p=weights)
    return [str(code) for code in scene.country.authorities[drawn]]


def harms_of(planting: Planting, size: int) -> list[str]:
    """Name the harms of an event."""
    return [f"{planting.event_id}-{number:02d}" for number in range(1, size + 1)]


def reports_of(
    scene: Scene, planting: Planting, days: Days, *, names: Sequence[str], setting: str
) -> pd.DataFrame:
    """Draw the reports of one event, each received within two days of the harm."""
    harms = pd.DataFrame(
        {
            "day": days,
            "area_code": authorities(scene, planting.area_code, len(days)),
            "substance_id": list(names),
            "setting": setting,
            "harm_id": harms_of(planting, len(days)),
        }
    )
    lag = scene.rng.integers(0, 3, size=len(days))
    planted = reports.with_details(harms, lag_days=lag, country=scene.country, rng=scene.rng)
    return planted.assign(event_id=planting.event_id)


def added(cases: Cases, feed: str, planted: pd.DataFrame) -> Cases:
    """Put the cases of an event into a feed."""
    return {**cases, feed: pd.concat([cases[feed], planted], ignore_index=True)}
