"""Corrections, restated histories and withdrawals, for every record kind on both databases."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, Engine

from surveillance.store.engine import writing
from surveillance.store.records import load
from surveillance.store.schema import KIND_TABLES
from tests.stored_facts import Brought, Decided, Row, moment, store

# A field of each kind that a source corrects, and what it is corrected to.
CORRECTED = {
    "reaction_report": ("outcome", "recovered"),
    "death": ("underlying_cause", "X42"),
    "market_observation": ("purity_percent", 41.5),
    "indicator": ("numerator", 12.0),
    "sighting": ("method", "gc_ms"),
    "event": ("health_risks", "burns"),
}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def corrected(kind: str, ref: int, **other: int | bool | str) -> Row:
    return Row(ref, special=(CORRECTED[kind],), **other)  # type: ignore[arg-type] # Row's fields


def held(connection: Connection, kind: str, day: float) -> dict[str, object]:
    """Give for each record that holds on a day the field that a source may correct."""
    field = CORRECTED[kind][0]
    known = load(connection, kind, as_of=moment(day), feeds=[kind], fields=[field]).records
    values = known[field].astype(object).where(known[field].notna(), None)
    return dict(sorted(zip(known["source_ref"], values, strict=True)))


def test_every_kind_has_a_field_that_is_corrected_here() -> None:
    assert CORRECTED.keys() == KIND_TABLES.keys()


@pytest.mark.parametrize("stated", [2, None])
def test_a_file_that_restates_its_history_adds_only_what_changed(
    connection: Connection, stated: int | None
) -> None:
    for kind in KIND_TABLES:
        old = (Row(1, stated=stated), Row(2, stated=stated))
        new = (
            corrected(kind, 2, **({} if stated is None else {"stated": 5})),
            Row(3, stated=stated),
        )

        first = store(connection, Brought(1, 3, old), feed=kind, kind=kind)
        again = store(connection, Brought(2, 4, old), feed=kind, kind=kind)
        restated = store(connection, Brought(3, 6, (old[0], *new)), feed=kind, kind=kind)

        assert (kind, first, again, restated) == (kind, 2, 0, 2)


def test_a_late_correction_is_seen_from_its_receipt_on_and_not_before(
    connection: Connection,
) -> None:
    for kind, (_, value) in CORRECTED.items():
        store(connection, Brought(1, 1, (Row(1),)), feed=kind, kind=kind)
        store(connection, Brought(2, 700, (corrected(kind, 1),)), feed=kind, kind=kind)

        assert (kind, held(connection, kind, 699)) == (kind, {"R1": None})
        assert (kind, held(connection, kind, 700)) == (kind, {"R1": value})


def test_a_correction_may_move_a_record_to_another_day_and_counts_it_once(
    connection: Connection,
) -> None:
    for kind in KIND_TABLES:
        store(connection, Brought(1, 1, (Row(1),)), feed=kind, kind=kind)
        store(connection, Brought(2, 2, (Row(1, occurred=9),)), feed=kind, kind=kind)

        known = load(connection, kind, as_of=moment(3), feeds=[kind]).records

        assert (kind, list(known["occurred_on"])) == (kind, [date(2023, 12, 10)])


def test_a_withdrawal_is_a_tombstone_that_a_later_version_can_lift(
    connection: Connection,
) -> None:
    for kind, (_, value) in CORRECTED.items():
        store(connection, Brought(1, 1, (Row(1, stated=1),)), feed=kind, kind=kind)
        gone = Row(1, stated=2, withdrawn=True)
        store(connection, Brought(2, 2, (gone,)), feed=kind, kind=kind)
        store(connection, Brought(3, 3, (corrected(kind, 1, stated=3),)), feed=kind, kind=kind)

        found = [held(connection, kind, day) for day in (1, 2, 3)]

        assert (kind, found) == (kind, [{"R1": None}, {}, {"R1": value}])


def test_an_older_version_that_arrives_late_changes_nothing_that_is_newer(
    connection: Connection,
) -> None:
    for kind, (_, value) in CORRECTED.items():
        store(connection, Brought(1, 5, (corrected(kind, 1, stated=4),)), feed=kind, kind=kind)
        store(connection, Brought(2, 6, (Row(1, stated=1),)), feed=kind, kind=kind)

        assert (kind, held(connection, kind, 7)) == (kind, {"R1": value})


def test_a_recalled_correction_or_withdrawal_gives_the_version_before_it_back(
    connection: Connection,
) -> None:
    for kind, (_, value) in CORRECTED.items():
        store(connection, Brought(1, 1, (Row(1), Row(2))), feed=kind, kind=kind)
        bad = (corrected(kind, 1), Row(2, withdrawn=True))
        store(connection, Brought(2, 2, bad), feed=kind, kind=kind)
        store(connection, Decided(2, 3), feed=kind, kind=kind)

        found = [held(connection, kind, day) for day in (2, 3)]

        assert (kind, found) == (kind, [{"R1": value}, {"R1": None, "R2": None}])


def test_a_version_is_known_through_the_first_batch_that_stands(connection: Connection) -> None:
    for kind in KIND_TABLES:
        for number, day in enumerate((1, 4, 6), start=1):
            store(connection, Brought(number, day, (Row(1),)), feed=kind, kind=kind)
        store(connection, Decided(1, 8), feed=kind, kind=kind)
        delay = (moment(4).date() - Row(1).occurred_on).days

        early, first, all_known = (
            load(connection, kind, as_of=moment(9), feeds=[kind], within_days=within).records
            for within in (delay - 1, delay, None)
        )

        assert (kind, len(early), len(first), len(all_known)) == (kind, 0, 1, 1)
