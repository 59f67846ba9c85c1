"""From records to panels: what is counted, where, and what is left open."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveillance.domain import COMPLETE, FILLING, NOT_SUPPLIED, Panel, Stream
from surveillance.register import Register
from surveillance.series import Question, build_panel, shard_of

AS_OF = datetime(2024, 3, 4, 6, tzinfo=UTC)
LEEDS, BRADFORD, YORKSHIRE, UK = "E08000035", "E08000032", "E12000003", "K02000001"


def a_stream(**other: Any) -> Stream:
    values: dict[str, Any] = {
        "name": "deaths",
        "title": "Deaths",
        "kind": "death",
        "feeds": ("deaths",),
        "where": {},
        "groups": (),
        "area_root": UK,
        "cadence": "week",
        "filling_days": 0,
        "silence_days": 21,
        "as_first_known": False,
        "absent_means_zero": True,
        "measure": "count",
        "history_periods": 60,
        "detectors": (),
    }
    return Stream(**values | other)


def records_of(*rows: tuple[str, str, date], **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["version_id", "area_code", "occurred_on"])
    values: dict[str, Any] = {"feed": "deaths", "count_low": 1, "count_high": 1}
    values["age_band"] = "25-34"
    return frame.assign(**values | columns)


def mentions_of(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["version_id", "substance_id"]).assign(role="detected")


def panel_of(
    register: Register,
    records: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    stream: Stream | None = None,
    **question: Any,
) -> Panel | None:
    asked: dict[str, Any] = {"as_of": AS_OF, "supplied_until": AS_OF, "history_periods": 60}
    return build_panel(
        records,
        mentions,
        stream=stream or a_stream(),
        register=register,
        question=Question(**asked | question),
    )


def total(panel: Panel | None, substance: str, area: str) -> float:
    assert panel is not None
    units = panel.units
    row = units.index[(units["substance_id"] == substance) & (units["area_code"] == area)]
    return float(np.nansum(panel.high[row[0]])) if len(row) else 0.0


def test_nothing_recorded_gives_no_panel(register: Register) -> None:
    assert panel_of(register, records_of(), mentions_of()) is None


def test_a_record_counts_once_for_a_group_however_many_of_it_are_named(register: Register) -> None:
    records = records_of(("a", LEEDS, date(2024, 2, 6)))
    mentions = mentions_of(("a", "protonitazene"), ("a", "metonitazene"))

    panel = panel_of(register, records, mentions)

    assert total(panel, "protonitazene", LEEDS) == 1
    assert total(panel, "nitazenes", LEEDS) == 1
    assert total(panel, "all", UK) == 1


def test_areas_are_summed_up_the_map(register: Register) -> None:
    day = date(2024, 2, 6)
    records = records_of(("a", LEEDS, day), ("b", BRADFORD, day))
    mentions = mentions_of(("a", "heroin"), ("b", "heroin"))

    panel = panel_of(register, records, mentions)

    assert total(panel, "heroin", LEEDS) == 1
    assert total(panel, "heroin", YORKSHIRE) == 2
    assert total(panel, "heroin", UK) == 2


def test_a_place_that_is_not_known_counts_for_the_whole_and_for_no_part(register: Register) -> None:
    records = records_of(("a", "unknown", date(2024, 2, 6)))

    panel = panel_of(register, records, mentions_of(("a", "heroin")))

    assert panel is not None
    assert set(panel.units["area_code"]) == {UK}


def test_a_place_outside_the_stream_s_area_is_not_counted(register: Register) -> None:
    records = records_of(("a", "US-CT-003", date(2024, 2, 6)))

    assert panel_of(register, records, mentions_of(("a", "heroin"))) is None


def test_a_stream_of_a_group_stops_at_the_group(register: Register) -> None:
    day = date(2024, 2, 6)
    records = records_of(("a", LEEDS, day), ("b", LEEDS, day))
    mentions = mentions_of(("a", "protonitazene"), ("b", "heroin"))

    panel = panel_of(register, records, mentions, stream=a_stream(groups=("nitazenes",)))

    assert panel is not None
    assert set(panel.units["substance_id"]) == {"protonitazene", "nitazenes"}


def test_a_coded_field_chooses_the_cases(register: Register) -> None:
    day = date(2024, 2, 6)
    records = records_of(("a", LEEDS, day), ("b", LEEDS, day))
    records["age_band"] = ["18-24", "55+"]
    mentions = mentions_of(("a", "heroin"), ("b", "heroin"))

    panel = panel_of(register, records, mentions, stream=a_stream(where={"age_band": ("18-24",)}))

    assert total(panel, "heroin", LEEDS) == 1


def test_a_week_still_filling_is_never_called_complete(register: Register) -> None:
    records = records_of(("a", LEEDS, date(2024, 1, 9)))

    panel = panel_of(
        register, records, mentions_of(("a", "heroin")), stream=a_stream(filling_days=14)
    )

    assert panel is not None
    assert panel.starts is not None
    states = dict(zip(panel.starts.astype(str), panel.state[0], strict=True))
    assert states["2024-02-12"] == COMPLETE
    assert states["2024-02-19"] == FILLING
    assert states["2024-02-26"] == FILLING


def test_a_feed_that_stopped_is_not_a_quiet_one(register: Register) -> None:
    records = records_of(("a", LEEDS, date(2024, 1, 9)))

    panel = panel_of(
        register,
        records,
        mentions_of(("a", "heroin")),
        supplied_until=AS_OF - timedelta(days=35),
    )

    assert panel is not None
    assert (panel.state[0, -5:] == NOT_SUPPLIED).all()
    assert np.isnan(panel.high[0, -5:]).all()


def test_a_suppressed_count_stays_an_interval(register: Register) -> None:
    records = records_of(("a", LEEDS, date(2024, 2, 6)), count_low=0, count_high=2)

    panel = panel_of(register, records, mentions_of(("a", "opioids")))

    assert panel is not None
    assert np.nansum(panel.low) == 0
    assert total(panel, "opioids", LEEDS) == 2


def daily_reports(days: int, *, without: int | None = None) -> pd.DataFrame:
    first = date(2024, 1, 1)
    rows = [(f"v{n}", LEEDS, first + timedelta(days=n)) for n in range(days) if n != without]
    return records_of(*rows, count_low=3, count_high=3)


def test_where_counts_are_reported_a_missing_day_leaves_its_week_open(register: Register) -> None:
    records = daily_reports(63, without=30)
    mentions = mentions_of(*[(version, "all") for version in records["version_id"]])

    panel = panel_of(register, records, mentions, stream=a_stream(absent_means_zero=False))

    assert panel is not None
    assert panel.state[0].tolist() == [COMPLETE] * 4 + [NOT_SUPPLIED] + [COMPLETE] * 4
    assert panel.low[0, 0] == 21
    assert np.isnan(panel.low[0, 4])


def test_a_reported_parent_is_not_summed_from_its_parts_again(register: Register) -> None:
    records = daily_reports(28)
    doubled = pd.concat([records, records.assign(version_id="o" + records["version_id"])])
    mentions = mentions_of(
        *[(version, "all") for version in records["version_id"]],
        *[("o" + version, "opioids") for version in records["version_id"]],
    )

    panel = panel_of(register, doubled, mentions, stream=a_stream(absent_means_zero=False))

    assert total(panel, "all", LEEDS) == 28 * 3


def test_a_measure_is_averaged_and_a_month_without_one_is_open(register: Register) -> None:
    records = records_of(
        ("a", LEEDS, date(2024, 1, 5)),
        ("b", LEEDS, date(2024, 1, 9)),
        ("c", LEEDS, date(2023, 11, 2)),
    )
    records["purity_percent"] = [30.0, 50.0, 20.0]
    mentions = mentions_of(("a", "heroin"), ("b", "heroin"), ("c", "heroin"))
    stream = a_stream(measure="purity_percent", cadence="month")

    panel = panel_of(register, records, mentions, stream=stream)

    assert panel is not None
    assert panel.low[0, [0, 2]].tolist() == [20.0, 40.0]
    assert panel.state[0, 1] == NOT_SUPPLIED


@pytest.mark.parametrize("shards", [1, 8])
def test_the_shards_together_hold_every_unit_once(register: Register, shards: int) -> None:
    day = date(2024, 2, 6)
    records = records_of(("a", LEEDS, day), ("b", BRADFORD, day))
    mentions = mentions_of(("a", "heroin"), ("b", "protonitazene"))
    whole = panel_of(register, records, mentions)

    parts = [
        panel_of(
            register,
            records,
            mentions,
            keep_unit=lambda substance, area, n=number: shard_of(substance, area, shards) == n,
        )
        for number in range(shards)
    ]

    assert whole is not None
    units = [unit for part in parts if part is not None for unit in part.units["unit"]]
    assert sorted(units) == sorted(whole.units["unit"])


def test_population_comes_with_the_panel(register: Register) -> None:
    records = records_of(("a", LEEDS, date(2024, 2, 6)))

    panel = panel_of(register, records, mentions_of(("a", "heroin")))

    assert panel is not None
    assert panel.exposure is not None
    leeds = panel.units.index[panel.units["area_code"] == LEEDS][0]
    assert panel.exposure[leeds, 0] == register.areas.get(LEEDS).population
