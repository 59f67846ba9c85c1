"""Linking stored records: incremental, repeatable, dated, and never in the way of the records."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, select

from config.settings import Settings
from surveillance import jobs
from surveillance.domain import RawBatch, SubstanceMention, record_columns
from surveillance.errors import StoreError
from surveillance.jobs.session import database
from surveillance.periods import week_as_of, week_of
from surveillance.store import batches, links, records
from surveillance.store.engine import reading, writing
from surveillance.store.schema import LinkRow, LinkRunRow

LEEDS, CARDIFF = "E08000035", "W06000015"
DAY = date(2024, 3, 6)
WEEK, NEXT = "2024-W10", "2024-W11"
NOW = datetime(2024, 6, 3, 8, tzinfo=UTC)
_numbers = count(1)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    made = Settings(home=tmp_path / "home", database_url=database_url, shards=1)
    jobs.prepare(made)
    yield made
    database(database_url).dispose()


def told(
    ref: str, role: str | None = "ambulance", *, days: int = 1, **other: Any
) -> dict[str, Any]:
    """Give a report of one harm on DAY, received so many days later."""
    received = datetime.combine(DAY, datetime.min.time(), tzinfo=UTC) + timedelta(days=days)
    values: dict[str, Any] = {
        "row_number": 1,
        "raw": "{}",
        "source_ref": ref,
        "occurred_on": DAY,
        "occurred_precision": "day",
        "source_received_at": received,
        "received_at": received,
        "area_code": LEEDS,
        "count_low": 1,
        "count_high": 1,
        "withdrawn": False,
        "age_band": "25-34",
        "sex": "male",
        "setting": "community",
        "reporter_role": role,
        "seriousness": "hospital",
        "outcome": "recovered",
        "substances": [SubstanceMention("etizolam", "etizolam")],
        "reactions": ["drowsiness"],
    }
    return values | other


def keep(
    settings: Settings, *rows: dict[str, Any], feed: str = "reports", kind: str = "reaction_report"
) -> None:
    number = next(_numbers)
    batch = RawBatch(f"{number:016x}", feed, "file", f"{number:064x}", 1, NOW, is_history=True)
    columns = [column.name for column in record_columns(kind)]
    frame = pd.DataFrame(list(rows)).reindex(columns=columns).astype(object)
    frame = frame.where(frame.notna(), None)
    with writing(database(settings.database_url)) as connection:
        batches.add_batch(connection, batch)
        records.append(connection, batch, kind, frame)


def linked(settings: Settings, as_of: datetime, **options: Any) -> list[tuple[str, str]]:
    with reading(database(settings.database_url)) as connection:
        found = links.load_links(connection, as_of=as_of, **options)
    return list(zip(found["source_ref"], found["other_ref"], strict=True))


def rows_of(settings: Settings, table: type[LinkRow] | type[LinkRunRow] = LinkRow) -> int:
    with reading(database(settings.database_url)) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def link(settings: Settings, week: str = WEEK) -> dict[str, int]:
    return dict(jobs.link(settings, week=week, now=NOW).counts)


def test_an_empty_store_links_nothing(settings: Settings) -> None:
    assert link(settings)["links"] == 0


def test_a_database_that_fails_in_the_middle_leaves_no_link_and_the_next_try_all(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(settings, told("a"), told("b", "emergency_department"))

    def gone(*_: Any, **__: Any) -> None:
        raise StoreError("The database failed: connection lost.")

    with monkeypatch.context() as broken:
        broken.setattr(links, "count_links", gone)
        with pytest.raises(StoreError):
            link(settings)
    after_failure = rows_of(settings), rows_of(settings, LinkRunRow)

    assert link(settings)["links"] == 1
    assert after_failure == (0, 0)


def test_linking_twice_writes_once(settings: Settings) -> None:
    keep(settings, told("a"), told("b", "emergency_department"))

    first, again = link(settings), link(settings)

    assert (first["changed"], again) == (1, {"links": 1})
    assert rows_of(settings) == 1


def test_a_link_is_known_from_the_pass_that_knew_both_records(settings: Settings) -> None:
    keep(settings, told("a"), told("b", "emergency_department", days=6))
    link(settings, WEEK)
    link(settings, NEXT)

    assert linked(settings, week_as_of(WEEK)) == []
    assert linked(settings, week_as_of(NEXT)) == [("a", "b")]


def test_a_record_withdrawn_takes_its_link_back_and_the_past_keeps_it(settings: Settings) -> None:
    keep(settings, told("a"), told("b", "emergency_department"))
    link(settings, WEEK)
    keep(settings, told("b", "emergency_department", days=8, withdrawn=True))

    counts = link(settings, NEXT)

    assert counts["taken_back"] == 1
    assert linked(settings, week_as_of(WEEK)) == [("a", "b")]
    assert linked(settings, week_as_of(NEXT)) == []


def test_a_date_that_is_corrected_moves_the_record_out_of_its_link(settings: Settings) -> None:
    keep(settings, told("a"), told("b", "emergency_department"))
    link(settings, WEEK)
    keep(settings, told("b", "emergency_department", days=8, occurred_on=DAY - timedelta(days=200)))

    link(settings, NEXT)

    assert linked(settings, week_as_of(NEXT)) == []


def test_what_is_loaded_late_is_linked_in_the_pass_it_belongs_to(settings: Settings) -> None:
    keep(settings, told("a"))
    link(settings, WEEK)
    link(settings, NEXT)
    keep(settings, told("b", "emergency_department"), feed="late_feed")

    link(settings, WEEK)
    link(settings, NEXT)

    assert linked(settings, week_as_of(WEEK)) == [("b", "a")]
    assert linked(settings, week_as_of(NEXT)) == [("b", "a")]


def test_an_earlier_pass_made_later_does_not_disturb_the_later_one(settings: Settings) -> None:
    # Known at first, b looks like a's; when c has come, c is the better match.
    poor = told("b", "emergency_department", sex=None, setting=None, reactions=[])
    keep(settings, told("a"), poor, told("c", "emergency_department", days=8))
    link(settings, NEXT)
    by_the_whole = linked(settings, week_as_of(NEXT))

    link(settings, WEEK)
    link(settings, NEXT)

    assert linked(settings, week_as_of(NEXT)) == by_the_whole
    assert linked(settings, week_as_of(WEEK)) == [("a", "b")]


def test_week_by_week_gives_the_same_links_as_all_at_once(
    settings: Settings, tmp_path: Path
) -> None:
    rows = []
    for place in range(40):
        day = DAY + timedelta(days=3 * place)
        twin: dict[str, Any] = {"occurred_on": day, "age_band": ("18-24", "35-44")[place % 2]}
        rows.append(told(f"a{place:02d}", days=3 * place + 1, **twin))
        late = 3 * place + 1 + 9 * (place % 3)
        rows.append(told(f"e{place:02d}", "emergency_department", days=late, **twin))
    keep(settings, *rows)
    weeks = [week_of(DAY + timedelta(weeks=number)) for number in range(20)]
    for week in weeks:
        link(settings, week)
    by_week = linked(settings, week_as_of(weeks[-1]))

    other = Settings(home=tmp_path / "other", database_url=f"sqlite:///{tmp_path / 'other.db'}")
    jobs.prepare(other)
    keep(other, *rows)
    link(other, weeks[-1])

    assert len(by_week) >= 35
    assert by_week == linked(other, week_as_of(weeks[-1]))
    database(other.database_url).dispose()


def test_read_as_first_known_a_link_made_late_is_not_seen(settings: Settings) -> None:
    keep(settings, told("a"), told("b", "emergency_department", days=60))
    week = week_of(DAY + timedelta(days=63))
    link(settings, week)

    assert linked(settings, week_as_of(week)) == [("a", "b")]
    assert linked(settings, week_as_of(week), within_days=30) == []


def test_feeds_that_bring_counts_are_not_linked(settings: Settings) -> None:
    death = {"kind": "death", "feed": "ons_daily_deaths"}
    keep(settings, told("a", seriousness="died", outcome="died"))
    keep(settings, told("d", None), **death)

    link(settings)

    assert linked(settings, week_as_of(WEEK)) == []


def test_a_death_is_linked_to_the_report_that_told_of_it(settings: Settings) -> None:
    keep(settings, told("a", seriousness="died", outcome="died"))
    keep(settings, told("d", None, place_type="home", setting=None), kind="death", feed="deaths")

    link(settings)

    assert linked(settings, week_as_of(WEEK)) == [("d", "a")]
