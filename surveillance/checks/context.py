"""What the checks must know of a batch before they see its rows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from expectations import SuiteBounds
from surveillance.checks.screen import AHEAD_OF_UTC

# Where a description states no volume, the batch before is the yardstick: a third or three
# times of it is a lost part or a doubled file. Under 30 rows chance alone does that.
VOLUME_FACTOR = 3
LEAST_PREVIOUS_VOLUME = 30
# Sources that give a day instead of a moment may be ahead by their time zone.
SOURCE_CLOCK_GRACE = timedelta(days=1)


@dataclass(frozen=True)
class CheckContext:
    """What is known of one batch before its rows are judged.

    Attributes:
        feed: the feed's name.
        batch_id: the batch's id.
        fetched_at: when its bytes were fetched, with a time zone.
        known_area_codes: every code of the register of areas.
        expected_lag_days: age of the newest record at the fetch above which the feed is
            stale, in days; None: not judged.
        expected_rows: fewest and most rows of a usual batch; None: not stated.
        is_history: an opening load; its freshness and volume are not judged.
        previous_volume: rows of the batch before; None: not known.
    """

    feed: str
    batch_id: str
    fetched_at: datetime
    known_area_codes: frozenset[str]
    expected_lag_days: int | None = None
    expected_rows: tuple[int, int] | None = None
    is_history: bool = False
    previous_volume: int | None = None

    def bounds(self, n_rows: int, *, delivered: int) -> SuiteBounds:
        """Give the bounds that a suite needs.

        Args:
            n_rows: records that are judged.
            delivered: rows that were delivered. Those that parsing held back count towards
                the volume too; a row of counts may give several records, or none.
        """
        moment = self.fetched_at.astimezone(UTC).replace(tzinfo=None)
        latest_day = _midnight(moment + AHEAD_OF_UTC)
        unparsed = delivered - n_rows
        volume = self._volume()
        lag = None if self.is_history else self.expected_lag_days
        return SuiteBounds(
            latest_day=latest_day,
            latest_moment=moment + SOURCE_CLOCK_GRACE,
            newest_needed=None if lag is None else latest_day - timedelta(days=lag),
            least_rows=max(1 - unparsed, 0),
            volume=volume and (max(volume[0] - unparsed, 0), max(volume[1] - unparsed, 0)),
        )

    def _volume(self) -> tuple[int, int] | None:
        if self.is_history:
            return None
        if self.expected_rows is not None:
            return self.expected_rows
        before = self.previous_volume
        if before is None or before < LEAST_PREVIOUS_VOLUME:
            return None
        return before // VOLUME_FACTOR, before * VOLUME_FACTOR


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
