"""New names: what records were kept with where the register had no name for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from surveillance.domain import UNKNOWN_SUBSTANCE
from surveillance.jobs.session import database, judges
from surveillance.register import NewName, Saying, list_new_names
from surveillance.store.engine import reading
from surveillance.store.names import words_kept

if TYPE_CHECKING:
    from config.settings import Settings


def new_names(
    settings: "Settings", *, as_of: datetime, feeds: Sequence[str]
) -> tuple[NewName, ...]:
    """List the names that records give and the register lacks, as known at a moment.

    A new name of known make was kept under its group, any other under ``unknown``; both are
    looked through.

    Args:
        settings: where the database and the register lie.
        as_of: nothing received after this moment counts.
        feeds: names of the feeds to look through.
    """
    substances = judges(settings.config_folder).register.substances
    groups = [entry.substance_id for entry in substances.all() if entry.is_group]
    with reading(database(settings.database_url)) as connection:
        kept = words_kept(
            connection, as_of=as_of, feeds=feeds, substance_ids={UNKNOWN_SUBSTANCE, *groups}
        )
    sayings = [Saying(*row) for row in kept.itertuples(index=False, name=None)]
    return list_new_names(sayings, substances)
