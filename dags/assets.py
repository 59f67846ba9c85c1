"""The assets between the DAGs, and the weeks that a run is about.

Partitioned assets carry one key per piece of work, so no wake-up is lost when events
arrive close together (docs/adr/0004-partitioned-assets.md).
"""

from datetime import datetime
from typing import Any

from airflow.sdk import Asset, AssetWatcher

from config.settings import load_settings
from dews.inbox_trigger import InboxTrigger

# Keys are ISO weeks: records are in, the week may be judged.
RECORDS = Asset("dews://records")
# Keys are runs of the surveillance, or the moment of a regular look: notices may be due.
SIGNALS = Asset("dews://signals")


def inbox(feed: str) -> Asset:
    """Give the asset that wakes when a file of a feed lies in its inbox folder.

    It is a plain asset: two events that become one run lose nothing, for the run lists the
    folder after both.
    """
    settings = load_settings()
    trigger = InboxTrigger(
        folder=str(settings.home / "inbox" / feed), raw_folder=str(settings.raw_folder)
    )
    watcher = AssetWatcher(name=f"inbox_{feed}", trigger=trigger)
    return Asset(f"dews://inbox/{feed}", watchers=[watcher])


def weeks_due(dag_run: Any) -> list[str]:
    """List the ISO weeks to work on: the run's partition, else its conf, else what is pending.

    The conf may hold ``week`` or ``weeks``; an empty list of weeks means none.
    """
    conf = dag_run.conf or {}
    if dag_run.partition_key:
        return [dag_run.partition_key]
    if "week" in conf or "weeks" in conf:
        return [conf["week"]] if "week" in conf else list(conf["weeks"])
    from surveillance.jobs import clock, pending_weeks

    return pending_weeks(load_settings(), now=clock())


def as_of(dag_run: Any) -> datetime | None:
    """Give the moment whose knowledge counts, if the run's conf states one."""
    stated = (dag_run.conf or {}).get("as_of")
    return datetime.fromisoformat(stated) if stated else None
