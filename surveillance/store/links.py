"""Links as linkage made them and as people decided: written with a date, read as of a moment.

Nothing is merged and nothing overwritten: another probability is another row, a link that no
longer holds is taken back by a row of probability 0.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Subquery, delete, false, func, select

from surveillance.domain import LINK_KEY, LINKED_KINDS, TOLD_COLUMNS, Told
from surveillance.store.records import Period, frame_of, newest_of
from surveillance.store.schema import (
    KIND_TABLES,
    LinkRow,
    LinkRunRow,
    LinkVerdictRow,
    ReactionRow,
    RecordRow,
    SubstanceRow,
)
from surveillance.store.writing import insert_many

# Ranking the versions is what costs, so that a kind is not asked for what it never has.
_KINDS_WITH_REACTIONS = ("reaction_report",)
_KEPT = (
    *LINK_KEY,
    "probability",
    "decided_by",
    "method",
    "linked_at",
    "occurred_on",
    "delay_days",
)


@dataclass(frozen=True)
class LinkRun:
    """One pass of linkage over what was known at a moment.

    Attributes:
        versions: versions of records of persons that were known.
        verdicts: verdicts of people that were known.
        links: links in force when the pass was done.
    """

    as_of: datetime
    method: str
    versions: int
    verdicts: int
    links: int


def pair_id(feed: str, source_ref: str, other_feed: str, other_ref: str) -> str:
    """Name a pair of records, the same in either order."""
    one, other = sorted([(feed, source_ref), (other_feed, other_ref)])
    text = "\x1f".join((*one, *other))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def find_run(connection: Connection, *, at: datetime, method: str) -> LinkRun | None:
    """Give the last pass at or before a moment, where it was made by this method."""
    row = connection.execute(
        select(LinkRunRow.__table__)
        .where(LinkRunRow.as_of <= at)
        .order_by(LinkRunRow.as_of.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.method != method:
        return None
    return LinkRun(**{name: getattr(row, name) for name in LinkRun.__dataclass_fields__})


def state_at(
    connection: Connection, *, as_of: datetime, method: str, feeds: Sequence[str]
) -> LinkRun:
    """Count what a pass at a moment would know, and the links in force then."""
    versions = select(func.count()).where(
        RecordRow.kind.in_(LINKED_KINDS),
        RecordRow.feed.in_(list(feeds)),
        RecordRow.received_at <= as_of,
    )
    verdicts = select(func.count()).where(LinkVerdictRow.decided_at <= as_of)
    return LinkRun(
        as_of=as_of,
        method=method,
        versions=int(connection.scalar(versions) or 0),
        verdicts=int(connection.scalar(verdicts) or 0),
        links=count_links(connection, as_of=as_of),
    )


def count_links(connection: Connection, *, as_of: datetime) -> int:
    """Count the links in force at a moment."""
    held = _in_force(as_of=as_of)
    return int(connection.scalar(select(func.count()).select_from(held)) or 0)


def _in_force(*, as_of: datetime, within_days: int | None = None) -> Subquery:
    age = func.row_number().over(
        partition_by=LinkRow.pair_id,
        order_by=[LinkRow.linked_at.desc(), LinkRow.revision.desc()],
    )
    known = select(LinkRow, age.label("age")).where(LinkRow.linked_at <= as_of)
    if within_days is not None:
        known = known.where(LinkRow.delay_days <= within_days)
    ranked = known.subquery("ranked")
    held = select(ranked).where(ranked.c.age == 1, ranked.c.probability > 0)
    return held.subquery("held")


def load_links(
    connection: Connection, *, as_of: datetime, within_days: int | None = None
) -> pd.DataFrame:
    """Read the links in force at a moment.

    Args:
        connection: one consistent view of the database.
        as_of: no link made later is read.
        within_days: each link as it was known so many days after the later of its two dates;
            absent, all that is known.

    Returns:
        One row a link: feed, source_ref, other_feed, other_ref, probability, decided_by,
        method, linked_at, occurred_on (the earlier date) and delay_days (from the later date
        to the linking), ordered by their keys.
    """
    held = _in_force(as_of=as_of, within_days=within_days)
    query = select(*(held.c[name] for name in _KEPT)).order_by(*(held.c[k] for k in LINK_KEY))
    return frame_of(connection, query)


def load_verdicts(connection: Connection, *, as_of: datetime) -> pd.DataFrame:
    """Read what people had decided of pairs by a moment; of each pair the newest verdict.

    Returns:
        One row a pair: feed, source_ref, other_feed, other_ref, is_one, decided_at, actor and
        reason.
    """
    age = func.row_number().over(
        partition_by=LinkVerdictRow.pair_id, order_by=LinkVerdictRow.decided_at.desc()
    )
    known = select(LinkVerdictRow, age.label("age")).where(LinkVerdictRow.decided_at <= as_of)
    ranked = known.subquery("ranked")
    names = (*LINK_KEY, "is_one", "decided_at", "actor", "reason")
    query = select(*(ranked.c[name] for name in names)).where(ranked.c.age == 1)
    return frame_of(connection, query.order_by(*(ranked.c[name] for name in LINK_KEY)))


def add_verdict(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a person's verdict: the columns of LINK_KEY, is_one, decided_at, actor, reason."""
    name = pair_id(*(values[key] for key in LINK_KEY))
    insert_many(connection, LinkVerdictRow, [{**values, "pair_id": name}])


def feeds_of_persons(connection: Connection) -> list[str]:
    """List the feeds that have brought records of the kinds that are linked."""
    rows = connection.execute(
        select(RecordRow.feed).where(RecordRow.kind.in_(LINKED_KINDS)).distinct()
    )
    return sorted(rows.scalars())


def has_record(connection: Connection, feed: str, source_ref: str, *, as_of: datetime) -> bool:
    """Tell whether a record of a person was known at a moment."""
    query = select(RecordRow.version_id).where(
        RecordRow.kind.in_(LINKED_KINDS),
        RecordRow.feed == feed,
        RecordRow.source_ref == source_ref,
        RecordRow.received_at <= as_of,
    )
    return connection.execute(query.limit(1)).first() is not None


def changed_days(
    connection: Connection, *, after: datetime, as_of: datetime, feeds: Sequence[str]
) -> list[date]:
    """List the days of records of which anything was learnt or decided between two moments.

    The days that a record had before are among them, for its links there may have to go.
    """
    learnt = (
        select(RecordRow.feed, RecordRow.source_ref)
        .where(
            RecordRow.kind.in_(LINKED_KINDS),
            RecordRow.feed.in_(list(feeds)),
            RecordRow.received_at > after,
            RecordRow.received_at <= as_of,
        )
        .distinct()
        .subquery()
    )
    decided = [
        select(feed.label("feed"), ref.label("source_ref"))
        .where(LinkVerdictRow.decided_at > after, LinkVerdictRow.decided_at <= as_of)
        .distinct()
        .subquery()
        for feed, ref in (
            (LinkVerdictRow.feed, LinkVerdictRow.source_ref),
            (LinkVerdictRow.other_feed, LinkVerdictRow.other_ref),
        )
    ]
    days: set[date] = set()
    for changed in (learnt, *decided):
        query = select(RecordRow.occurred_on).join(
            changed,
            (changed.c.feed == RecordRow.feed) & (changed.c.source_ref == RecordRow.source_ref),
        )
        days.update(connection.scalars(query.where(RecordRow.received_at <= as_of).distinct()))
    return sorted(days)


def load_told(
    connection: Connection,
    *,
    as_of: datetime,
    feeds: Sequence[str],
    periods: Sequence[Period] | None,
) -> Told:
    """Read what records of persons tell, as known at a moment.

    Args:
        connection: one consistent view of the database.
        as_of: nothing received after this moment is read.
        feeds: the feeds to read.
        periods: first and last days; only records of these periods are read. None: all.
    """
    parts = [
        _load_kind(connection, kind, as_of=as_of, feeds=feeds, periods=periods)
        for kind in LINKED_KINDS
    ]
    return Told(
        records=pd.concat([part.records for part in parts], ignore_index=True),
        mentions=pd.concat([part.mentions for part in parts], ignore_index=True),
        reactions=pd.concat([part.reactions for part in parts], ignore_index=True),
    )


def _load_kind(
    connection: Connection,
    kind: str,
    *,
    as_of: datetime,
    feeds: Sequence[str],
    periods: Sequence[Period] | None,
) -> Told:
    newest = newest_of(kind, as_of=as_of, feeds=feeds, periods=periods)
    special = KIND_TABLES[kind].__table__.c
    columns = [newest.c[name] for name in TOLD_COLUMNS if name in newest.c]
    columns += [special[name] for name in TOLD_COLUMNS if name in special and name not in newest.c]
    query = (
        select(*columns, SubstanceRow.substance_id, SubstanceRow.role)
        .join(KIND_TABLES[kind], special.version_id == newest.c.version_id)
        .outerjoin(SubstanceRow, SubstanceRow.version_id == newest.c.version_id)
        .order_by(newest.c.version_id, SubstanceRow.position)
    )
    both = frame_of(connection, query)
    reactions = select(ReactionRow.version_id, ReactionRow.reaction_code)
    if kind in _KINDS_WITH_REACTIONS:
        reactions = reactions.join(newest, newest.c.version_id == ReactionRow.version_id)
    else:
        reactions = reactions.where(false())
    named = ["version_id", "substance_id", "role"]
    told = both.drop(columns=named[1:]).drop_duplicates("version_id", ignore_index=True)
    return Told(
        records=told.reindex(columns=list(TOLD_COLUMNS)).astype({"occurred_on": "datetime64[s]"}),
        mentions=both.loc[both["substance_id"].notna(), named],
        reactions=frame_of(connection, reactions),
    )


def write_run(
    connection: Connection, run: LinkRun, links: pd.DataFrame, *, written_at: datetime
) -> None:
    """Add rows for the links that changed, and note the pass that found them.

    Args:
        connection: a transaction; all of it is kept or nothing.
        run: the pass, its count of links aside, which is taken afterwards.
        links: the columns of LINK_COLUMNS with occurred_on (the earlier date) and last_on (the
            later); a probability of 0 takes a link back.
        written_at: the moment of writing.
    """
    revisions = _revisions(connection, run.as_of)
    rows = [
        {
            **{key: row[key] for key in LINK_KEY},
            "pair_id": (name := pair_id(*(row[key] for key in LINK_KEY))),
            "linked_at": run.as_of,
            "revision": revisions.get(name, -1) + 1,
            "probability": float(row["probability"]),
            "decided_by": row["decided_by"],
            "method": run.method,
            "occurred_on": row["occurred_on"],
            "delay_days": (run.as_of.date() - row["last_on"]).days,
            "written_at": written_at,
        }
        for row in links.to_dict("records")
    ]
    insert_many(connection, LinkRow, rows)
    connection.execute(delete(LinkRunRow).where(LinkRunRow.as_of == run.as_of))
    values = {name: getattr(run, name) for name in LinkRun.__dataclass_fields__}
    values |= {"links": count_links(connection, as_of=run.as_of), "written_at": written_at}
    insert_many(connection, LinkRunRow, [values])


def _revisions(connection: Connection, linked_at: datetime) -> dict[str, int]:
    """Give the newest revision of each pair of which a row of this moment is there already."""
    rows = connection.execute(
        select(LinkRow.pair_id, func.max(LinkRow.revision))
        .where(LinkRow.linked_at == linked_at)
        .group_by(LinkRow.pair_id)
    )
    return {name: int(revision) for name, revision in rows}
