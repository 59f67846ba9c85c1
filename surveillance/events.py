"""Count events, not records: one row stands for all records that are linked as one event.

Nothing is lost by it: the records stay as they are, and each row says how many stand behind it.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from surveillance.domain import UNKNOWN_AREA
from surveillance.register import AreaRegister

REPORTS = "reports"
_KEYS = (["feed", "source_ref"], ["other_feed", "other_ref"])
_UNKNOWN_DEPTH = -1


def one_row_an_event(
    records: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    links: pd.DataFrame,
    least: float | None,
    areas: AreaRegister,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join the records that are linked, where all that is counted stands in them.

    An event has the earliest day, the narrowest area, the greatest count and every substance that
    any of its records gives; of two areas as narrow the earlier record's holds.

    Args:
        records: version_id, feed, source_ref, occurred_on, area_code, count_low and count_high
            of the records to be counted; further columns are those of the record whose area
            holds.
        mentions: version_id of each substance named, with further columns.
        links: feed, source_ref, other_feed, other_ref and probability, a tree for each event.
        least: links of at least this probability join; None joins nothing.
        areas: the tree of areas.

    Returns:
        One row an event, with ``reports``, the number of records behind it; and the mentions
        of all of them, by the version_id of the row.
    """
    event = None if least is None else _events(records, links[links["probability"] >= least])
    counted = records.assign(**{REPORTS: 1})
    if event is None:
        return counted, mentions
    size = np.bincount(event)[event]
    joined = _joined(records[size > 1], event[size > 1], areas)
    stands_for = joined.set_index("version_id")["stands_for"]
    named = mentions["version_id"].map(stands_for).fillna(mentions["version_id"])
    first = joined[joined["version_id"] == joined["stands_for"]]
    return (
        pd.concat([counted[size == 1], first.drop(columns="stands_for")]),
        mentions.assign(version_id=named),
    )


def _joined(
    records: pd.DataFrame, event: npt.NDArray[np.int64], areas: AreaRegister
) -> pd.DataFrame:
    """Give every record what its event has, and in ``stands_for`` the record of the event's row."""
    depth = {code: _depth(code, areas) for code in records["area_code"].unique()}
    order = np.lexsort(
        [
            records["source_ref"].to_numpy(),
            records["feed"].to_numpy(),
            records["occurred_on"].to_numpy(dtype="datetime64[D]"),
            -records["area_code"].map(depth).to_numpy(),
            event,
        ]
    )
    rows = records.iloc[order]
    grouped = rows.groupby(event[order], sort=False)
    return rows.assign(
        occurred_on=grouped["occurred_on"].transform("min"),
        count_low=grouped["count_low"].transform("max"),
        count_high=grouped["count_high"].transform("max"),
        stands_for=grouped["version_id"].transform("first"),
        **{REPORTS: grouped["version_id"].transform("size")},
    )


def _depth(code: str, areas: AreaRegister) -> int:
    return _UNKNOWN_DEPTH if code == UNKNOWN_AREA else len(areas.ancestors(code))


def _events(records: pd.DataFrame, links: pd.DataFrame) -> npt.NDArray[np.int64] | None:
    """Give each record the number of its event, or None where no two are linked."""
    refs = {*links["source_ref"], *links["other_ref"]}
    linked = np.flatnonzero(records["source_ref"].isin(refs))
    keys = pd.MultiIndex.from_frame(records.iloc[linked][_KEYS[0]])
    one, other = (keys.get_indexer(pd.MultiIndex.from_frame(links[names])) for names in _KEYS)
    both = (one >= 0) & (other >= 0)
    if not both.any():
        return None
    graph = sparse.coo_matrix(
        (np.ones(int(both.sum())), (linked[one[both]], linked[other[both]])),
        shape=(len(records), len(records)),
    )
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)
