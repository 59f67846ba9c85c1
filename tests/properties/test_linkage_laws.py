"""What holds of links whatever the records say, NaN and nonsense included."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveillance.linkage import LinkRules, link_records, read_rules
from surveillance.register import Register
from tests.unit.link_cases import BRADFORD, DAY, LEEDS, NO_VERDICTS, YORKSHIRE, report, told

ROLES = ("ambulance", "emergency_department", "prison", None)
SUBSTANCES = ("heroin", "opioids", "protonitazene", "unknown")


@pytest.fixture(scope="module")
def rules(config_folder: Path) -> LinkRules:
    return read_rules(config_folder / "linkage.toml")


@st.composite
def a_row(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["reaction_report", "death"]))
    return report(
        "",
        draw(st.sampled_from(ROLES)),
        kind=kind,
        feed=draw(st.sampled_from(["one", "two"])),
        occurred_on=DAY + timedelta(days=draw(st.integers(0, 6))),
        occurred_precision=draw(st.sampled_from(["day", "week", "month", "year", None])),
        area_code=draw(st.sampled_from([LEEDS, BRADFORD, YORKSHIRE, "unknown"])),
        age_band=draw(st.sampled_from(["25-34", "35-44", "nonsense", None])),
        sex=draw(st.sampled_from(["male", "female", "unknown", None])),
        setting=draw(st.sampled_from(["prison", "unknown", None])),
        person_key=draw(st.sampled_from([None, "k1", "k2"])),
        seriousness=draw(st.sampled_from(["died", "hospital", None])),
        substances=tuple(draw(st.lists(st.sampled_from(SUBSTANCES), max_size=2, unique=True))),
        reactions=tuple(draw(st.lists(st.sampled_from(["seizure", "cyanosis"]), max_size=2))),
    )


rows_drawn = st.lists(a_row(), max_size=14).map(
    lambda rows: [
        row | {"source_ref": f"r{place:02d}", "version_id": f"v{place:02d}"}
        for place, row in enumerate(rows)
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(rows=rows_drawn, shuffled=st.randoms(use_true_random=False))
def test_links_are_trees_with_one_record_a_service_whatever_the_order(
    rows: list[dict[str, Any]], shuffled: Any, register: Register, rules: LinkRules
) -> None:
    linked = link_records(told(rows), register=register, rules=rules, verdicts=NO_VERDICTS)
    other_order = list(rows)
    shuffled.shuffle(other_order)
    again = link_records(told(other_order), register=register, rules=rules, verdicts=NO_VERDICTS)

    links = linked.links
    pd.testing.assert_frame_equal(links, again.links)
    assert links["probability"].between(rules.floor - 0.001, 0.999).all()
    event = {row["source_ref"]: {row["source_ref"]} for row in rows}
    for one, other in zip(links["source_ref"], links["other_ref"], strict=True):
        assert event[one].isdisjoint(event[other])
        joined = event[one] | event[other]
        event.update(dict.fromkeys(joined, joined))
    deaths = {row["source_ref"]: row["feed"] for row in rows if row["kind"] == "death"}
    for refs in event.values():
        feeds = [deaths[ref] for ref in refs if ref in deaths]
        assert len(feeds) == len(set(feeds))
