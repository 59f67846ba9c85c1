"""The feeds of the simulated country: how each is drawn, and how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveillance.domain import RecordKind
from surveillance.simulate import (
    copies,
    deaths,
    events,
    files,
    indicator_feeds,
    indicators,
    market,
    reports,
    sightings,
)
from surveillance.simulate.country import Timeline
from surveillance.simulate.draws import Cases
from surveillance.simulate.world import World

Background = Callable[[World, Cases, np.random.Generator], pd.DataFrame]


@dataclass(frozen=True)
class FeedGenerator:
    """How one feed is made.

    Attributes:
        kind: its record kind.
        key: the column that names a record.
        columns: the feed's columns, in order.
        background: draws the cases before anything is planted, beside the feeds drawn before.
        rows: writes the cases known at the end as rows of the feed, oldest receipt first.
        suffix: how its files' names end.
        encode: writes rows as bytes.
    """

    kind: RecordKind
    key: str
    columns: tuple[str, ...]
    background: Background
    rows: Callable[[pd.DataFrame, Timeline], pd.DataFrame]
    suffix: str = "csv.gz"
    encode: Callable[[pd.DataFrame, tuple[str, ...]], bytes] = files.csv_bytes

    def path(self, feed: str, part: str = "") -> str:
        """Where a file of the feed lies within the output folder; ``part`` ends its name."""
        return f"inbox/{feed}/{feed}{part}.{self.suffix}"


def _indicator(background: Background) -> FeedGenerator:
    return FeedGenerator(
        kind="indicator",
        key="figure_id",
        columns=indicators.COLUMNS,
        background=background,
        rows=indicators.rows,
    )


# The reports follow the deaths, for some tell of them.
GENERATORS: Mapping[str, FeedGenerator] = {
    "deaths": FeedGenerator(
        kind="death",
        key="death_id",
        columns=deaths.COLUMNS,
        background=deaths.background,
        rows=deaths.rows,
    ),
    "reaction_reports": FeedGenerator(
        kind="reaction_report",
        key="report_id",
        columns=reports.COLUMNS,
        background=copies.background,
        rows=reports.rows,
        suffix="jsonl.gz",
        encode=files.json_lines_bytes,
    ),
    "price_purity": FeedGenerator(
        kind="market_observation",
        key="obs_id",
        columns=market.COLUMNS,
        background=market.background,
        rows=market.rows,
    ),
    "sightings": FeedGenerator(
        kind="sighting",
        key="sighting_id",
        columns=sightings.COLUMNS,
        background=sightings.background,
        rows=sightings.rows,
    ),
    "street_events": FeedGenerator(
        kind="event",
        key="event_ref",
        columns=events.COLUMNS,
        background=events.background,
        rows=events.rows,
    ),
    "acquisitive_crime": _indicator(indicator_feeds.acquisitive_crime),
    "arrest_tests": _indicator(indicator_feeds.arrest_tests),
    "opiate_crack_use": _indicator(indicator_feeds.opiate_crack_use),
    **{plain.indicator: _indicator(plain.background) for plain in indicator_feeds.PLAIN_INDICATORS},
}
