"""Laws of the store: later arrivals never change what was known before."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from surveillance.domain import RawBatch, SubstanceMention, record_columns
from surveillance.store import batches, records
from surveillance.store.appending import append
from surveillance.store.schema import Base

START = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = [column.name for column in record_columns("death")]
DAYS = range(8)

# One arrival: which record, on which day, which substance, withdrawn or not, in which batch.
Arrival = tuple[int, int, str, bool, int]
arrivals = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(DAYS),
        st.sampled_from(["heroin", "fentanyl"]),
        st.booleans(),
        st.integers(1, 4),
    ),
    max_size=12,
)


def row_of(arrival: Arrival, number: int) -> dict[str, Any]:
    ref, day, substance, withdrawn, _ = arrival
    received = START + timedelta(days=day)
    return dict.fromkeys(COLUMNS) | {
        "row_number": number,
        "raw": "{}",
        "source_ref": f"D{ref}",
        "occurred_on": date(2023, 12, 1),
        "source_received_at": received,
        "received_at": received,
        "area_code": "E06000002",
        "count_low": 1,
        "count_high": 1,
        "withdrawn": withdrawn,
        "substances": [SubstanceMention(substance, substance, "detected")],
        "reactions": [],
    }


def empty_store() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    return engine


def keep(engine: Engine, given_arrivals: list[Arrival]) -> None:
    """Append the arrivals batch by batch, in the order in which batches first appear."""
    order = list(dict.fromkeys(arrival[4] for arrival in given_arrivals))
    with engine.begin() as connection:
        for number in order:
            fetched_at = START + timedelta(hours=number)
            batch = RawBatch(
                f"{number:016x}", "deaths", "file", f"{number:064x}", 1, fetched_at, is_history=True
            )
            batches.add_batch(connection, batch)
            rows = [row_of(a, n) for n, a in enumerate(given_arrivals) if a[4] == number]
            append(connection, batch, "death", pd.DataFrame(rows, columns=COLUMNS))


def state(engine: Engine, day: int) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        known = records.load(
            connection, "death", as_of=START + timedelta(days=day), feeds=["deaths"]
        )
    joined = known.records.merge(known.mentions, on="version_id")
    return sorted(zip(joined["source_ref"], joined["substance_id"], strict=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=arrivals, later=arrivals, day=st.sampled_from(DAYS))
def test_what_arrives_later_never_changes_what_was_known(
    first: list[Arrival], later: list[Arrival], day: int
) -> None:
    engine = empty_store()
    keep(engine, [arrival for arrival in first if arrival[1] <= day])
    before = state(engine, day)

    keep(engine, [arrival for arrival in later if arrival[1] > day])

    assert state(engine, day) == before
    engine.dispose()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), given_arrivals=arrivals)
def test_any_order_and_any_repetition_give_the_same_state(
    data: st.DataObject, given_arrivals: list[Arrival]
) -> None:
    shuffled = data.draw(st.permutations(given_arrivals + given_arrivals[:4]))
    one, other = empty_store(), empty_store()

    keep(one, given_arrivals)
    keep(other, list(shuffled))

    assert [state(one, day) for day in DAYS] == [state(other, day) for day in DAYS]
    one.dispose()
    other.dispose()
