"""Linked records for people: list the events, decide of a pair, score links against a truth."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from surveillance.domain import LINK_KEY, Tally, Told
from surveillance.errors import InputError
from surveillance.jobs.linking import feeds_of_persons, link_at, link_rules
from surveillance.jobs.session import database, judges
from surveillance.linkage import LinkRules
from surveillance.linkage.coding import code_records
from surveillance.linkage.fitting import Fitted, fit
from surveillance.linkage.quality import LinkScore, score_links
from surveillance.store import links
from surveillance.store.engine import reading, writing

if TYPE_CHECKING:
    from config.settings import Settings

# For so many pairs the figures in use count, so that few records move them little.
_SEEN_ALREADY = 20.0
_TRUTH_COLUMNS = ["feed", "source_ref", "harm_id"]
_KEY = ["feed", "source_ref"]


@dataclass(frozen=True)
class Decision:
    """What a person decided of two records, each named by its feed and the source's key."""

    one: tuple[str, str]
    other: tuple[str, str]
    is_one: bool
    actor: str
    reason: str


def linked_events(
    settings: "Settings", *, as_of: datetime, least: float, feed: str | None = None
) -> pd.DataFrame:
    """List the records that are linked, the records of an event together.

    Args:
        settings: where things lie.
        as_of: no link and no record learnt later is shown.
        least: only links of at least this probability join.
        feed: only events with a record of this feed.

    Returns:
        One row a record: event (a number), probability (of the event's weakest link),
        decided_by (model, or person where a person joined any of it), records (in the event),
        feed, source_ref, occurred_on, area_code, service, age_band, sex and substances.
    """
    with reading(database(settings.database_url)) as connection:
        found = links.load_links(connection, as_of=as_of)
        found = found[found["probability"] >= least]
        feeds = feeds_of_persons(connection, judges(settings.config_folder))
        days = pd.to_datetime(found["occurred_on"])
        last = pd.to_datetime(found["linked_at"]).dt.tz_localize(None).dt.normalize()
        last -= pd.to_timedelta(found["delay_days"], unit="D")
        periods = sorted(set(zip(days.dt.date, last.dt.date, strict=True)))
        told = links.load_told(connection, as_of=as_of, feeds=feeds, periods=periods)
    return _by_event(found, told, feed)


def _by_event(found: pd.DataFrame, told: Told, feed: str | None) -> pd.DataFrame:
    records = told.records.sort_values(["occurred_on", *_KEY], kind="stable")
    keys = pd.MultiIndex.from_frame(records[_KEY])
    one = keys.get_indexer(pd.MultiIndex.from_frame(found[_KEY]))
    other = keys.get_indexer(pd.MultiIndex.from_frame(found[["other_feed", "other_ref"]]))
    here = (one >= 0) & (other >= 0)
    graph = sparse.coo_matrix(
        (np.ones(int(here.sum())), (one[here], other[here])), shape=(len(records),) * 2
    )
    event = csgraph.connected_components(graph, directed=False)[1]
    by_event = found[here].assign(event=event[one[here]]).groupby("event")
    rows = records.assign(
        event=event,
        service=records["reporter_role"].fillna(records["kind"]),
        substances=records["version_id"].map(
            told.mentions.groupby("version_id")["substance_id"].agg(", ".join)
        ),
    )
    rows["records"] = rows.groupby("event")["event"].transform("size")
    rows["probability"] = rows["event"].map(by_event["probability"].min())
    rows["decided_by"] = rows["event"].map(by_event["decided_by"].max())
    rows = rows[rows["records"] > 1]
    if feed is not None:
        rows = rows[rows["event"].isin(rows.loc[rows["feed"] == feed, "event"])]
    rows = rows.sort_values("event", kind="stable")
    rows["event"] = pd.factorize(rows["event"])[0] + 1
    shown = ["event", "probability", "decided_by", "records", *_KEY, "occurred_on", "area_code"]
    return rows[[*shown, "service", "age_band", "sex", "substances"]].reset_index(drop=True)


def decide_link(settings: "Settings", decision: Decision, *, now: datetime) -> Tally:
    """Write a person's verdict on two records and link anew what it bears on.

    Raises:
        InputError: a record is not there, or both are the same.
    """
    if decision.one == decision.other:
        raise InputError("A record cannot be joined to itself or split from itself.")
    (feed, ref), (other_feed, other_ref) = sorted([decision.one, decision.other])
    values: dict[str, Any] = dict(zip(LINK_KEY, (feed, ref, other_feed, other_ref), strict=True))
    with writing(database(settings.database_url)) as connection:
        for record in (decision.one, decision.other):
            if not links.has_record(connection, *record, as_of=now):
                raise InputError(
                    f"No record {record[1]!r} of the feed {record[0]!r} is known. Nothing was "
                    "decided. dews links list shows the records that are linked."
                )
        values |= {"is_one": decision.is_one, "decided_at": now}
        values |= {"actor": decision.actor, "reason": decision.reason}
        links.add_verdict(connection, values)
    return link_at(settings, as_of=now, now=now)


def evaluate_links(
    settings: "Settings", *, truth: Path, as_of: datetime, least: float
) -> dict[str, LinkScore]:
    """Score the links known at a moment against the records that are truly of one event.

    Args:
        settings: where things lie.
        truth: a CSV file with feed, source_ref and harm_id, as ``dews simulate`` writes it.
        as_of: the moment.
        least: links of at least this probability count.

    Returns:
        The score of all records, of reports alone, and of reports with deaths.

    Raises:
        InputError: the file is missing or has other columns.
    """
    true = _read_truth(truth)
    with reading(database(settings.database_url)) as connection:
        found = links.load_links(connection, as_of=as_of)
        feeds = feeds_of_persons(connection, judges(settings.config_folder))
        known = links.load_told(connection, as_of=as_of, feeds=feeds, periods=None).records
    found = found[found["probability"] >= least]
    reports = known[known["kind"] != "death"]
    return {
        "all records": score_links(found, true, known=known),
        "reports alone": score_links(found, true, known=reports),
    }


def fit_links(settings: "Settings", *, as_of: datetime) -> tuple[LinkRules, Fitted]:
    """Fit the figures of linkage to the records known at a moment; nothing is changed.

    Returns:
        The figures in use and those that fit.

    Raises:
        InputError: no record could be compared.
    """
    register = judges(settings.config_folder).register
    rules = link_rules(settings.config_folder)
    with reading(database(settings.database_url)) as connection:
        feeds = feeds_of_persons(connection, judges(settings.config_folder))
        told = links.load_told(connection, as_of=as_of, feeds=feeds, periods=None)
    coded = code_records(told, register=register, rules=rules)
    if not len(coded):
        raise InputError("No record of a person is known by then, so that nothing can be fitted.")
    return rules, fit(coded, register=register, rules=rules, seen_already=_SEEN_ALREADY)


def _read_truth(path: Path) -> pd.DataFrame:
    try:
        truth = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"Cannot read the true links from {path}: {error}. Write them with dews simulate."
        ) from error
    missing = [name for name in _TRUTH_COLUMNS if name not in truth.columns]
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}. Nothing was scored.")
    return truth
