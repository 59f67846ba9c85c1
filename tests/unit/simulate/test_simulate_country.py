from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from surveillance.domain import PlantedEvent
from surveillance.register import Register
from surveillance.simulate import GENERATORS, DrawnCountry, World, draw_country
from surveillance.simulate.country import make_timeline
from surveillance.simulate.dirt import FAULTS
from surveillance.simulate.figures import deaths, events, market, planted, reports, sightings
from surveillance.simulate.scenarios import PLAN


def test_the_country_has_twelve_regions_and_every_upper_tier_authority(world: World) -> None:
    assert len(world.country.region_codes) == 12
    assert len(world.country.authorities) > 200
    assert world.country.population.sum() == pytest.approx(67.6e6, rel=0.01)


@pytest.mark.parametrize("feed", list(GENERATORS))
def test_nothing_received_after_the_end_is_in_a_file(drawn: DrawnCountry, feed: str) -> None:
    received = pd.to_datetime(drawn.rows[feed]["received_at"], utc=True)

    assert received.max() <= pd.Timestamp("2026-10-05T06:00:00Z")


@pytest.mark.parametrize("feed", list(GENERATORS))
def test_rows_come_in_the_order_of_their_receipt_and_keys_name_records(
    drawn: DrawnCountry, feed: str
) -> None:
    rows, key = drawn.rows[feed], GENERATORS[feed].key

    assert rows["received_at"].is_monotonic_increasing
    assert rows[key].str.len().min() > 2
    # One version of a record a moment, but for the rows that are sent twice by mistake.
    assert (
        not rows.drop_duplicates(list(GENERATORS[feed].columns[:3]))
        .duplicated([key, "received_at"])
        .any()
    )


def test_a_feed_has_every_column_that_it_writes(drawn: DrawnCountry) -> None:
    for feed, generator in GENERATORS.items():
        assert set(generator.columns) <= set(drawn.rows[feed].columns), feed


def test_every_feed_has_its_own_dirt(drawn: DrawnCountry) -> None:
    assert FAULTS.keys() == planted.DIRT_SHARES.keys() == drawn.rows.keys()


def test_an_event_that_does_not_fit_into_few_weeks_is_left_out(world: World) -> None:
    short = replace(world, timeline=make_timeline(weeks=4, end_week="2026-W40"))

    drawn = draw_country(short, seed=1)

    planted_events: set[PlantedEvent] = set(drawn.events)
    found = {event.event_id for event in planted_events}
    assert found == {"B1", "F1", "G1", "G2", "I1", "L1"}


def test_a_country_of_one_week_has_feeds_without_rows_and_no_error(world: World) -> None:
    week = replace(world, timeline=make_timeline(weeks=1, end_week="2026-W40"))

    drawn = draw_country(week, seed=1)

    assert len(drawn.rows["acquisitive_crime"]) == 0
    assert len(drawn.rows["sightings"]) > 50


def test_every_word_that_is_written_reads_back_as_the_substance_it_stands_for(
    world: World, register: Register
) -> None:
    ids = {*reports.REPORT_SUBSTANCES, *reports.CO_USED, *deaths.DEATH_SUBSTANCES}
    ids |= {*market.DEALS, *events.EVENT_SUBSTANCES, *sightings.SOLD_AS, *sightings.ADULTERANTS}
    ids |= {name for finder in sightings.FINDERS.values() for name in finder.substances}
    ids |= {name for instead in sightings.FOUND_INSTEAD.values() for name in instead}
    ids |= {planting.substance_id for planting in PLAN}

    for substance_id in ids - {"unknown", "all"}:
        for word in world.country.words(substance_id):
            assert register.substances.resolve_name(word) == substance_id


def test_the_new_name_is_in_no_register(register: Register) -> None:
    assert register.substances.resolve_name(planted.NEW_NAME) is None
    assert register.substances.resolve(planted.NEW_NAME) == ()


def test_the_dirt_of_a_feed_comes_in_its_stated_share(calm: DrawnCountry) -> None:
    rows = calm.rows["sightings"]

    unknown = ~rows["area_code"].str.startswith(("E", "W", "S", "N")) & (rows["area_code"] != "")
    repeats = rows.duplicated()

    expected = planted.DIRT_SHARES["sightings"] * len(rows)
    # Three of the four unknown areas begin with another letter than a region's code.
    assert repeats.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert 0 < unknown.sum() < 2 * expected
