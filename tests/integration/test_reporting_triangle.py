"""Reporting triangles out of the store: one query says what counting by hand says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from surveillance.domain import ReportingTriangle, TriangleQuestion
from surveillance.errors import InputError
from surveillance.periods import Cadence
from surveillance.store.engine import writing
from surveillance.store.triangles import reporting_triangle
from tests.stored_facts import Brought, Decided, Fact, Memory, Row, moment, store

_feeds = count()
HEROIN = frozenset({"heroin"})
LEEDS = frozenset({"E08000035"})


@contextmanager
def stored(engine: Engine, *facts: Fact) -> Iterator[tuple[Connection, str]]:
    """Store facts under a feed of their own, and give its name."""
    feed = f"deaths{next(_feeds)}"
    with writing(engine) as connection:
        for fact in facts:
            store(connection, fact, feed=feed)
        yield connection, feed


def ask(
    engine: Engine, *facts: Fact, day: float, cadence: Cadence = "week", **other: object
) -> ReportingTriangle:
    with stored(engine, *facts) as (connection, feed):
        question = TriangleQuestion(
            "death",
            [feed],
            moment(day),
            cadence,
            **other,  # type: ignore[arg-type] # its fields
        )
        return reporting_triangle(connection, question)


def by_hand(memory: Memory, question: TriangleQuestion) -> ReportingTriangle:
    """Count the triangle by looking through every receipt of every record."""

    def counts(row: Row) -> bool:
        wanted = question.substances is None or row.substance in question.substances
        return wanted and (question.areas is None or row.area in question.areas)

    events: list[tuple[date, date | None, int, int]] = []
    receipts = memory.receipts(question.as_of)
    for rows in memory.state(question.as_of).values():
        (newest,) = rows
        if newest.withdrawn or not counts(newest):
            continue
        arrivals = [
            one.received_at
            for one in receipts
            if one.row.ref == newest.ref and counts(one.row) and not one.row.withdrawn
        ]
        events.append((newest.occurred_on, min(arrivals).date(), 1, 1))
    return ReportingTriangle.count(events, cadence=question.cadence, as_of=question.as_of)


@pytest.mark.parametrize(
    "dates", [("received", "occurred"), ("occurred", "occurred"), ("occurred", "presented")]
)
def test_a_pair_of_dates_that_makes_no_triangle_is_refused(
    engine: Engine, dates: tuple[str, str]
) -> None:
    with pytest.raises(InputError, match="Its dates are occurred, registered, coded"):
        ask(engine, day=1, dates=dates)


def test_a_field_that_the_kind_lacks_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="has no field narrative"):
        ask(engine, day=1, where={"narrative": ["x"]})


def test_a_correction_counts_once_at_the_day_it_states_and_at_its_first_receipt(
    engine: Engine,
) -> None:
    facts = [Brought(1, 1, (Row(1),)), Brought(2, 30, (Row(1, occurred=8),))]

    before, after = (ask(engine, *facts, day=day) for day in (29, 30))

    assert [np.nansum(one.low) for one in (before, after)] == [1, 1]
    assert before.starts[np.nonzero(before.low)[0][0]].item() == date(2023, 11, 27)
    assert after.starts[np.nonzero(np.nan_to_num(after.low))[0][0]].item() == date(2023, 12, 4)
    assert np.argwhere(np.nan_to_num(after.low)).tolist() == [[0, 4]]


def test_a_withdrawn_record_leaves_from_then_on(engine: Engine) -> None:
    facts = [Brought(1, 1, (Row(1),)), Brought(2, 30, (Row(1, withdrawn=True),))]

    assert [np.nansum(ask(engine, *facts, day=day).low) for day in (29, 30)] == [1, 0]


def test_a_recalled_batch_leaves_from_then_on(engine: Engine) -> None:
    facts: list[Fact] = [Brought(1, 1, (Row(1), Row(2))), Brought(2, 9, (Row(2),)), Decided(1, 30)]

    before, after = (ask(engine, *facts, day=day) for day in (29, 30))

    assert np.argwhere(np.nan_to_num(before.low)).tolist() == [[0, 5]]
    assert np.argwhere(np.nan_to_num(after.low)).tolist() == [[0, 6]]


def test_an_event_arrives_for_a_substance_with_the_version_that_names_it(engine: Engine) -> None:
    facts = [
        Brought(1, 1, (Row(1, substance="unknown"),)),
        Brought(2, 15, (Row(1, substance="heroin"),)),
    ]

    every, heroin = (ask(engine, *facts, day=20, substances=one) for one in (None, HEROIN))

    assert np.argwhere(np.nan_to_num(every.low)).tolist() == [[0, 5]]
    assert np.argwhere(np.nan_to_num(heroin.low)).tolist() == [[0, 7]]


def test_an_event_elsewhere_or_of_another_status_does_not_count(engine: Engine) -> None:
    suspected = (("status", "suspected"),)
    facts = [
        Brought(1, 1, (Row(1, area="E08000035"), Row(2), Row(3, special=suspected))),
    ]

    assert np.nansum(ask(engine, *facts, day=2, areas=LEEDS).low) == 1
    assert np.nansum(ask(engine, *facts, day=2, where={"status": ["suspected"]}).low) == 1


def test_other_dates_make_a_triangle_too_and_those_not_registered_wait(engine: Engine) -> None:
    registered = (("registered_on", date(2024, 1, 20)),)
    coded = (*registered, ("coded_on", date(2024, 1, 18)), ("underlying_cause", "X42"))
    facts = [Brought(1, 30, (Row(1, special=registered), Row(2), Row(3, special=coded)))]

    deaths = ask(engine, *facts, day=30, dates=("occurred", "registered"), cadence="month")
    coding = ask(engine, *facts, day=30, dates=("registered", "coded"), cadence="day")
    of_cause = ask(
        engine,
        *facts,
        day=30,
        dates=("registered", "received"),
        where={"underlying_cause": ["X42"]},
    )

    assert (deaths.low[0].tolist(), deaths.undated.tolist()) == ([0.0, 2.0], [1.0, 0.0])
    assert (coding.early, coding.undated.sum()) == (1, 1)
    assert np.nansum(of_cause.low) == 1


rows = st.lists(
    st.builds(
        Row,
        ref=st.integers(1, 4),
        substance=st.sampled_from(["heroin", "fentanyl"]),
        withdrawn=st.sampled_from([False, False, False, True]),
        occurred=st.integers(0, 40),
        area=st.sampled_from(["E06000002", "E08000035"]),
    ),
    max_size=4,
    unique_by=lambda row: row.ref,
).map(tuple)
decisions = st.builds(Decided, number=st.integers(0, 5), day=st.just(0), in_force=st.booleans())
lives = st.lists(
    st.builds(Brought, st.just(0), st.just(0), rows) | decisions, min_size=1, max_size=6
)


def one_after_another(life: list[Fact]) -> list[Fact]:
    """Number the batches and give every fact its day; a decision needs a batch before it."""
    facts: list[Fact] = []
    for number, fact in enumerate(life):
        day = 42 + 5 * number
        if isinstance(fact, Brought):
            facts.append(replace(fact, number=number, day=day))
        elif any(isinstance(one, Brought) and one.number == fact.number for one in facts):
            facts.append(replace(fact, day=day))
    return facts


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    life=lives,
    day=st.integers(40, 75),
    cadence=st.sampled_from(["day", "week", "month"]),
    substances=st.sampled_from([None, HEROIN]),
    areas=st.sampled_from([None, LEEDS]),
)
def test_one_query_counts_what_a_plain_memory_counts(
    engine: Engine,
    life: list[Fact],
    day: int,
    cadence: Cadence,
    substances: frozenset[str] | None,
    areas: frozenset[str] | None,
) -> None:
    facts = one_after_another(life)

    with stored(engine, *facts) as (connection, feed):
        question = TriangleQuestion(
            "death", [feed], moment(day), cadence, substances=substances, areas=areas
        )
        known = reporting_triangle(connection, question)

    expected = by_hand(Memory(facts), question)
    assert known.frame().equals(expected.frame())
    assert known.early == expected.early == 0
