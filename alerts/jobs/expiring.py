"""Take messages back that a channel shows longer than its period; the database keeps the record."""

import logging
from collections import Counter
from datetime import datetime
from typing import Any

from alerts.channels import CHANNELS
from surveillance.domain import Tally
from surveillance.errors import DeliveryError
from surveillance.retention import read_periods
from surveillance.store import deliveries as store
from surveillance.store.engine import open_engine, reading, writing

_LOG = logging.getLogger(__name__)
WHAT = "slack"


def remove_expired(
    settings: Any, *, now: datetime, as_of: datetime | None = None, dry_run: bool = False
) -> Tally:
    """Delete the messages that were sent before their period's end.

    Each is noted once it is gone. Where this dies in between, the next pass finds it gone
    already, and notes it.

    Args:
        settings: the installation.
        now: the moment of the pass.
        as_of: the moment the period ends at; absent, now.
        dry_run: count, delete nothing.

    Returns:
        ``due``, ``removed`` and ``failed`` (tried again by the next pass).

    Raises:
        SettingsError: the periods cannot be used; nothing was deleted.
        StoreError: the database failed.
    """
    period = read_periods(settings.config_folder / "retention.toml")[WHAT]
    counts = Counter(due=0, removed=0, failed=0)
    shown = [name for name, channel in CHANNELS.items() if channel.remove is not None]
    engine = open_engine(settings.database_url)
    try:
        with reading(engine) as connection:
            due = store.sent_before(connection, period.before(as_of or now), channels=shown)
        counts["due"] = len(due)
        for delivery_id, (channel, receipt) in () if dry_run else due.items():
            if not _remove(delivery_id, channel, receipt, settings):
                counts["failed"] += 1
                continue
            with writing(engine) as connection:
                store.mark_removed(connection, delivery_id, at=now)
            counts["removed"] += 1
    finally:
        engine.dispose()
    return Tally(dict(counts))


def _remove(delivery_id: str, channel: str, receipt: str, settings: Any) -> bool:
    remove = CHANNELS[channel].remove
    if remove is None:
        return True
    try:
        remove(receipt, settings)
    except DeliveryError as error:
        _LOG.error("Delivery %s still stands in %s: %s", delivery_id, channel, error)
        return False
    return True
