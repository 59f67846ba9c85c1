"""Counting events: one row for all records that are linked, and nothing lost of what they say."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from surveillance.events import one_row_an_event
from surveillance.register import Register
from tests.unit.test_series import (
    BRADFORD,
    LEEDS,
    UK,
    YORKSHIRE,
    a_stream,
    mentions_of,
    panel_of,
    records_of,
    total,
)

DAY, LATER = date(2024, 2, 6), date(2024, 2, 8)


def links_of(*pairs: tuple[str, str, float]) -> pd.DataFrame:
    rows = [("deaths", one, "deaths", other, chance) for one, other, chance in pairs]
    columns = ["feed", "source_ref", "other_feed", "other_ref", "probability"]
    return pd.DataFrame(rows, columns=columns)


def counted(
    register: Register, records: pd.DataFrame, links: pd.DataFrame, least: float | None = 0.6
) -> pd.DataFrame:
    refs = records["version_id"] if "source_ref" not in records else records["source_ref"]
    rows, _ = one_row_an_event(
        records.assign(source_ref=refs),
        mentions_of(),
        links=links,
        least=least,
        areas=register.areas,
    )
    return rows.set_index("version_id").sort_index()


def test_no_record_has_no_event(register: Register) -> None:
    assert counted(register, records_of(), links_of(("a", "b", 0.9))).empty


def test_a_link_to_a_record_that_is_not_counted_joins_nothing(register: Register) -> None:
    rows = counted(register, records_of(("a", LEEDS, DAY)), links_of(("a", "gone", 0.9)))

    assert rows["reports"].tolist() == [1]


@pytest.mark.parametrize("least", [None, 0.95])
def test_a_stream_that_wants_surer_links_or_none_counts_every_record(
    register: Register, least: float | None
) -> None:
    records = records_of(("a", LEEDS, DAY), ("b", LEEDS, DAY))

    assert len(counted(register, records, links_of(("a", "b", 0.9)), least)) == 2


def test_linked_records_are_one_row_that_says_how_many_stand_behind_it(register: Register) -> None:
    records = records_of(("a", LEEDS, DAY), ("b", LEEDS, DAY), ("c", LEEDS, DAY), ("d", LEEDS, DAY))

    rows = counted(register, records, links_of(("a", "b", 0.9), ("b", "c", 0.7)))

    assert rows["reports"].to_dict() == {"a": 3, "d": 1}


def test_the_earliest_day_and_the_narrowest_place_hold(register: Register) -> None:
    records = records_of(("a", "unknown", DAY), ("b", YORKSHIRE, LATER), ("c", LEEDS, LATER))

    rows = counted(register, records, links_of(("a", "b", 0.9), ("b", "c", 0.9)))

    assert list(rows.loc["c", ["area_code", "occurred_on"]]) == [LEEDS, DAY]


def test_of_two_places_as_narrow_the_earlier_record_s_holds(register: Register) -> None:
    records = records_of(("a", LEEDS, LATER), ("b", BRADFORD, DAY))

    rows = counted(register, records, links_of(("a", "b", 0.9)))

    assert rows["area_code"].tolist() == [BRADFORD]


def test_every_substance_that_any_record_names_belongs_to_the_event(register: Register) -> None:
    records = records_of(("a", LEEDS, DAY), ("b", LEEDS, DAY), ("c", LEEDS, DAY))
    named = mentions_of(("a", "opioids"), ("b", "protonitazene"), ("c", "heroin"))

    _, mentions = one_row_an_event(
        records.assign(source_ref=records["version_id"]),
        named,
        links=links_of(("a", "b", 0.9)),
        least=0.6,
        areas=register.areas,
    )

    said: Any = mentions.groupby("version_id")["substance_id"].agg(set).to_dict()
    assert said == {"a": {"opioids", "protonitazene"}, "c": {"heroin"}}


def test_records_with_one_key_in_two_feeds_stay_apart(register: Register) -> None:
    records = records_of(("v1", LEEDS, DAY), ("v2", LEEDS, DAY), ("v3", LEEDS, DAY)).assign(
        source_ref=["1", "1", "2"], feed=["deaths", "other", "deaths"]
    )

    rows = counted(register, records, links_of(("1", "2", 0.9)))

    assert rows["reports"].to_dict() == {"v1": 2, "v2": 1}


def test_a_panel_counts_the_event_once_for_everything_it_is_part_of(register: Register) -> None:
    records = records_of(("a", LEEDS, DAY), ("b", LEEDS, LATER)).assign(source_ref=["a", "b"])
    named = mentions_of(("a", "opioids"), ("b", "protonitazene"))

    panel = panel_of(
        register,
        records,
        named,
        stream=a_stream(one_event_from=0.6),
        links=links_of(("a", "b", 0.9)),
    )

    assert panel is not None
    assert panel.reports is not None
    for substance in ("protonitazene", "nitazenes", "opioids", "all"):
        assert total(panel, substance, UK) == 1
    behind = panel.reports[:, panel.high[0] > 0]
    assert behind.tolist() == [[2.0]] * len(panel)
    assert panel.take(panel.units.index[:1].to_numpy()).reports is not None


def test_a_stream_that_counts_records_has_a_report_behind_each(register: Register) -> None:
    records = records_of(("a", LEEDS, DAY), ("b", LEEDS, DAY)).assign(source_ref=["a", "b"])

    panel = panel_of(
        register, records, mentions_of(("a", "heroin")), links=links_of(("a", "b", 0.9))
    )

    assert panel is not None
    assert panel.reports is not None
    assert panel.reports.max() == panel.high.max() == 1


def test_a_measure_has_no_events_behind_it(register: Register) -> None:
    records = records_of(("a", LEEDS, DAY)).assign(source_ref="a", purity_percent=30.0)
    stream = a_stream(measure="purity_percent", one_event_from=0.6)

    panel = panel_of(
        register, records, mentions_of(("a", "heroin")), stream=stream, links=links_of()
    )

    assert panel is not None
    assert panel.reports is None
