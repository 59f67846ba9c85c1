"""Read the words that records were kept with where the register had no name for them."""

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, select

from surveillance.store.records import load
from surveillance.store.schema import KIND_TABLES, RecordRow, SubstanceRow

NAME_COLUMNS = ("verbatim", "feed", "first_received_at", "records")


def words_kept(
    connection: Connection,
    *,
    as_of: datetime,
    feeds: Sequence[str],
    substance_ids: Collection[str],
) -> pd.DataFrame:
    """List the words behind mentions of some ids, as far as a question may know.

    Args:
        connection: one consistent view of the database.
        as_of: nothing received after this moment is read.
        feeds: the feeds to read.
        substance_ids: ``unknown`` and, where new names of known make are wanted, the groups.

    Returns:
        One row for the words and feed with the columns ``NAME_COLUMNS``: ``first_received_at``
        is of any version with these words, ``records`` counts those that stand now; words that
        no record has any more are left out. The most frequent come first.
    """
    said = select(
        SubstanceRow.verbatim,
        SubstanceRow.version_id,
        RecordRow.feed,
        RecordRow.received_at,
    ).join(RecordRow, RecordRow.version_id == SubstanceRow.version_id)
    said = said.where(
        SubstanceRow.substance_id.in_(sorted(substance_ids)),
        SubstanceRow.verbatim != "",
        RecordRow.feed.in_(list(feeds)),
        RecordRow.received_at <= as_of,
    )
    columns = ["verbatim", "version_id", "feed", "first_received_at"]
    rows = pd.DataFrame([tuple(row) for row in connection.execute(said)], columns=columns)
    if rows.empty:
        return pd.DataFrame(columns=list(NAME_COLUMNS))
    standing = {
        version
        for kind in KIND_TABLES
        for version in load(connection, kind, as_of=as_of, feeds=feeds).records["version_id"]
    }
    rows["records"] = rows["version_id"].isin(standing).astype(int)
    named = rows.groupby(["verbatim", "feed"], as_index=False).agg(
        first_received_at=("first_received_at", "min"), records=("records", "sum")
    )
    named = named[named["records"] > 0].sort_values(
        ["records", "verbatim", "feed"], ascending=[False, True, True], ignore_index=True
    )
    return named[list(NAME_COLUMNS)]
