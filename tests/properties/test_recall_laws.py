"""Laws of corrections, withdrawals and recalls: the store answers as a plain memory does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from surveillance.store.recalls import count_recalls
from surveillance.store.records import load, snapshot
from surveillance.store.schema import Base
from surveillance.store.versions import Known, missing_days
from tests.stored_facts import Brought, Decided, Fact, Memory, Row, moment, store

FEED = "deaths"
REFS = range(1, 4)
DAYS = range(8)
WITHIN_DAYS = 34


@contextmanager
def empty_store() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def a_row(*, stated: bool, latest: int) -> st.SearchStrategy[Row]:
    return st.builds(
        Row,
        ref=st.sampled_from(REFS),
        substance=st.sampled_from(["heroin", "fentanyl"]),
        withdrawn=st.sampled_from([False, False, True]),
        stated=st.integers(0, latest) if stated else st.none(),
        occurred=st.integers(0, 1),
    )


@st.composite
def histories(draw: st.DrawFn, *, stated: bool) -> list[Fact]:
    """Draw what happens day by day: batches that repeat and correct, and decisions about them."""
    facts: list[Fact] = []
    seen: list[Row] = []
    for day in DAYS[:-1]:
        batches = [fact.number for fact in facts if isinstance(fact, Brought)]
        if day and draw(st.booleans()):
            chosen = draw(st.sampled_from(batches)), day, draw(st.booleans()), draw(st.booleans())
            facts.append(Decided(*chosen))
            continue
        fresh = a_row(stated=stated, latest=day)
        either = st.sampled_from(seen) | fresh if seen else fresh
        rows = draw(st.lists(either, max_size=3, unique_by=lambda row: row.ref))
        facts.append(Brought(len(facts), day, tuple(rows), is_history=not day))
        seen += rows
    return facts


def held(connection: Connection, as_of: datetime, **options: Any) -> dict[str, tuple[str, Any]]:
    """Give for each record that is not withdrawn its substance and day."""
    known = load(connection, "death", as_of=as_of, feeds=[FEED], **options)
    named = dict(zip(known.mentions["version_id"], known.mentions["substance_id"], strict=True))
    columns = (known.records[name] for name in ("source_ref", "version_id", "occurred_on"))
    rows = zip(*columns, strict=True)
    return {ref: (named[version], day) for ref, version, day in sorted(rows)}


def differs(
    told: dict[str, tuple[str, Any]], expected: dict[str, set[Row]]
) -> dict[str, tuple[Any, Any]]:
    """Give the records of which the store says something that no plain memory would."""
    wrong = {}
    for ref in told.keys() | expected.keys():
        allowed = {
            None if row.withdrawn else (row.substance, row.occurred_on)
            for row in expected.get(ref, set())
        } or {None}
        if told.get(ref) not in allowed:
            wrong[ref] = (told.get(ref), allowed)
    return wrong


def state_of_knowledge(connection: Connection, as_of: datetime) -> tuple[Any, ...]:
    counts = snapshot(connection, as_of=as_of, feeds=[FEED])
    return counts, count_recalls(connection, as_of=as_of, feeds=[FEED])


def live_through(connection: Connection, facts: list[Fact]) -> None:
    """Store the facts one by one; after each, ask every earlier moment again and a memory too."""
    memory = Memory()
    before: dict[int, tuple[Any, ...]] = {}
    for fact in facts:
        store(connection, fact, feed=FEED)
        memory.facts.append(fact)
        for day in range(int(fact.day) + 1):
            as_of = moment(day)
            told = held(connection, as_of)
            early = held(connection, as_of, within_days=WITHIN_DAYS)
            missing = missing_days(connection, Known([FEED], as_of), kind="death")
            assert differs(told, memory.state(as_of)) == {}, (day, fact)
            assert differs(early, memory.state(as_of, WITHIN_DAYS)) == {}, (day, fact)
            assert set(missing.get(FEED, ())) == memory.missing_days(as_of), (day, fact)
            answer = (told, early, missing, state_of_knowledge(connection, as_of))
            if day < fact.day and day in before:
                assert answer == before[day], "a later fact changed an earlier moment"
            before[day] = answer


slowly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slowly
@given(facts=histories(stated=True))
def test_a_feed_that_states_its_times_is_known_as_a_plain_memory_knows_it(
    facts: list[Fact],
) -> None:
    event(f"recalls: {sum(isinstance(fact, Decided) for fact in facts)}")

    with empty_store() as connection:
        live_through(connection, facts)


@slowly
@given(facts=histories(stated=False))
def test_a_feed_that_states_no_times_is_known_as_a_plain_memory_knows_it(
    facts: list[Fact],
) -> None:
    with empty_store() as connection:
        live_through(connection, facts)


@slowly
@given(facts=histories(stated=True), data=st.data())
def test_the_order_in_which_histories_arrive_makes_no_difference_to_what_a_recall_leaves(
    facts: list[Fact], data: st.DataObject
) -> None:
    """Opening loads of a feed with times of receipt may come in any order, and again."""
    loads = [
        Brought(fact.number, fact.day, fact.rows, is_history=True)
        for fact in facts
        if isinstance(fact, Brought)
    ]
    decisions = [fact for fact in facts if isinstance(fact, Decided)]
    shuffled = data.draw(st.permutations([*loads, *loads[:2]]))

    answers = []
    for order in (loads, shuffled):
        facts_in_order: list[Fact] = [*order, *decisions]
        with empty_store() as connection:
            for fact in facts_in_order:
                store(connection, fact, feed=FEED)
            answers.append([held(connection, moment(day)) for day in DAYS])

    assert answers[0] == answers[1]


@slowly
@given(facts=histories(stated=True))
def test_the_same_state_of_knowledge_gives_the_same_records(facts: list[Fact]) -> None:
    seen: dict[str, dict[str, tuple[str, Any]]] = {}
    as_of = moment(max(DAYS))

    with empty_store() as connection:
        for fact in facts:
            store(connection, fact, feed=FEED)
            name = repr(state_of_knowledge(connection, as_of))
            told = held(connection, as_of)
            assert seen.setdefault(name, told) == told
