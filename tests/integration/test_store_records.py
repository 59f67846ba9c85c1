"""The store's promise: what was known at a moment never changes afterwards."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from surveillance.domain import RawBatch, SubstanceMention, record_columns
from surveillance.errors import StoreError
from surveillance.store import batches, records
from surveillance.store.appending import append
from surveillance.store.engine import open_engine, reading, schema_state, writing

START = datetime(2024, 1, 1, tzinfo=UTC)
LATE = START + timedelta(days=400)


def a_batch(number: int, *, feed: str = "deaths", fetched_on_day: int = 0) -> RawBatch:
    return RawBatch(
        batch_id=f"{number:016x}",
        feed=feed,
        address=f"file-{number}.csv",
        sha256=f"{number:064x}",
        size_bytes=1,
        fetched_at=START + timedelta(days=fetched_on_day),
        is_history=True,
    )


def death(
    ref: str, *, received_on_day: int, substance: str = "heroin", **other: Any
) -> dict[str, Any]:
    row: dict[str, Any] = {column.name: None for column in record_columns("death")}
    received = START + timedelta(days=received_on_day)
    row |= {
        "row_number": 1,
        "raw": "{}",
        "source_ref": ref,
        "occurred_on": date(2023, 12, 1),
        "source_received_at": received,
        "received_at": received,
        "area_code": "E06000002",
        "count_low": 1,
        "count_high": 1,
        "withdrawn": False,
        "substances": [SubstanceMention(substance, substance, "detected")],
        "reactions": [],
    }
    return row | other


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=[c.name for c in record_columns("death")])


def keep(engine: Engine, batch: RawBatch, *rows: dict[str, Any]) -> int:
    with writing(engine) as connection:
        batches.add_batch(connection, batch)
        return append(connection, batch, "death", frame(*rows))


def known(engine: Engine, as_of: datetime, *, feed: str = "deaths") -> list[tuple[str, str]]:
    with reading(engine) as connection:
        found = records.load(connection, "death", as_of=as_of, feeds=[feed])
    joined = found.records.merge(found.mentions, on="version_id")
    return sorted(zip(joined["source_ref"], joined["substance_id"], strict=True))


def test_a_database_that_is_gone_is_a_store_error_that_says_what_is_safe() -> None:
    gone = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(StoreError, match="is safe") as raised, reading(gone):
        pass

    assert "dews doctor" in str(raised.value)


def test_a_failure_in_the_middle_of_a_transaction_keeps_nothing_of_it(engine: Engine) -> None:
    broken = death("D2", received_on_day=1) | {"count_low": None}

    with pytest.raises(StoreError, match="was undone"):
        keep(engine, a_batch(1), death("D1", received_on_day=1), broken)

    assert known(engine, LATE) == []


def test_the_same_rows_again_add_nothing(engine: Engine) -> None:
    row = death("D1", received_on_day=1)

    first = keep(engine, a_batch(1), dict(row))
    again = keep(engine, a_batch(2), dict(row))

    assert (first, again) == (1, 0)


def test_a_correction_is_seen_from_its_receipt_on_and_not_before(engine: Engine) -> None:
    keep(engine, a_batch(1), death("D1", received_on_day=1))
    keep(engine, a_batch(2), death("D1", received_on_day=30, substance="fentanyl"))

    assert known(engine, START + timedelta(days=29)) == [("D1", "heroin")]
    assert known(engine, START + timedelta(days=30)) == [("D1", "fentanyl")]


def test_a_withdrawal_takes_the_record_away_from_then_on(engine: Engine) -> None:
    keep(engine, a_batch(1), death("D1", received_on_day=1))
    keep(engine, a_batch(2), death("D1", received_on_day=9, withdrawn=True))

    assert known(engine, START + timedelta(days=8)) == [("D1", "heroin")]
    assert known(engine, START + timedelta(days=9)) == []


def test_a_correction_taken_back_without_times_of_receipt_holds_again(engine: Engine) -> None:
    def stated(day: int, substance: str) -> dict[str, Any]:
        row = death("D1", received_on_day=day, substance=substance)
        return row | {"source_received_at": None}

    keep(engine, a_batch(1, fetched_on_day=1), stated(1, "heroin"))
    keep(engine, a_batch(2, fetched_on_day=2), stated(2, "fentanyl"))
    keep(engine, a_batch(3, fetched_on_day=3), stated(3, "heroin"))
    repeated = keep(engine, a_batch(4, fetched_on_day=4), stated(4, "heroin"))

    assert known(engine, START + timedelta(days=2)) == [("D1", "fentanyl")]
    assert known(engine, START + timedelta(days=3)) == [("D1", "heroin")]
    assert repeated == 0


def test_another_feed_s_record_of_the_same_key_is_another_record(engine: Engine) -> None:
    keep(engine, a_batch(1), death("D1", received_on_day=1))
    keep(engine, a_batch(2, feed="other"), death("D1", received_on_day=1, substance="cocaine"))

    assert known(engine, LATE) == [("D1", "heroin")]
    assert known(engine, LATE, feed="other") == [("D1", "cocaine")]


def test_any_order_of_batches_gives_the_same_state_at_every_moment(
    engine: Engine,
) -> None:
    arrivals = [
        (a_batch(1), [death("D1", received_on_day=1), death("D2", received_on_day=2)]),
        (a_batch(2), [death("D1", received_on_day=5, substance="fentanyl")]),
        (a_batch(3), [death("D1", received_on_day=8, withdrawn=True)]),
        (a_batch(4), [death("D1", received_on_day=1), death("D3", received_on_day=7)]),
    ]
    moments = [START + timedelta(days=day) for day in range(10)]

    states = []
    for number, order in enumerate(permutations(arrivals)):
        if engine.dialect.name == "postgresql" and number % 6:
            continue
        feed = f"deaths{number}"
        for batch, rows in order:
            renamed = a_batch(1000 * number + int(batch.batch_id, 16), feed=feed)
            keep(engine, renamed, *[dict(row) for row in rows])
        states.append([known(engine, moment, feed=feed) for moment in moments])

    assert all(state == states[0] for state in states)
    assert states[0][9] == [("D2", "heroin"), ("D3", "heroin")]


def test_a_batch_is_noted_once_and_its_rows_in_quarantine_too(engine: Engine) -> None:
    from surveillance.domain import RejectedRow

    held = [RejectedRow(7, "{}", ("no date",))]
    with writing(engine) as connection:
        noted = [batches.add_batch(connection, a_batch(1)) for _ in range(2)]
        added = [batches.quarantine(connection, a_batch(1).batch_id, held, at=START) for _ in "ab"]

    assert noted == [True, False]
    assert added == [1, 0]


def test_the_schema_is_current_after_migrating(engine: Engine) -> None:
    current, newest = schema_state(engine)

    assert current == newest


def test_the_models_and_the_migrations_say_the_same(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from surveillance.store.schema import Base

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []
