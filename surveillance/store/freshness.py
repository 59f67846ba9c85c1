"""How new the newest record of each feed is."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from surveillance.store.schema import RecordRow


def newest_days(
    connection: Connection, *, as_of: datetime, feeds: Sequence[str]
) -> dict[str, date]:
    """Give for each feed the newest day that a record known at a moment is dated."""
    rows = connection.execute(
        select(RecordRow.feed, func.max(RecordRow.occurred_on))
        .where(RecordRow.feed.in_(list(feeds)), RecordRow.received_at <= as_of)
        .group_by(RecordRow.feed)
    )
    return {row.feed: row[1] for row in rows}
