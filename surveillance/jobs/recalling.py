"""Recall a bad batch, take one up again, and list what depended on it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from surveillance.domain import RawBatch
from surveillance.errors import InputError
from surveillance.jobs.dependents import Dependent, find_dependents
from surveillance.jobs.session import database
from surveillance.store import batches, recalls
from surveillance.store.engine import reading, writing
from surveillance.store.recalls import Recall
from surveillance.store.versions import Brought, load_brought

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings

_LONGEST_ACTOR = 80
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Affected:
    """What a decision about a batch touches.

    Attributes:
        standing: the newest decision about it, None where there has been none.
        dependents: the signals that used it, or may have, with what was sent of them.
    """

    batch: RawBatch
    standing: Recall | None
    brought: Brought
    dependents: Sequence[Dependent]


def recall(
    settings: "Settings",
    batch_id: str,
    *,
    actor: str,
    reason: str,
    now: datetime,
    leaves_gap: bool = True,
) -> bool:
    """Recall a batch: its records leave every question as of this moment and later.

    Versions that it corrected hold again. What it brought stays where another batch brought the
    same. Earlier moments answer as before.

    Args:
        settings: where things lie.
        batch_id: a batch that was kept.
        actor: who decided.
        reason: why; people who are told of it read this.
        now: the moment of the decision.
        leaves_gap: what it held is missing until it is sent again, so that its days are not
            supplied; false where nothing that happened is missing, as after a doubled file.

    Returns:
        Whether anything changed: a batch that stands recalled like that stays as it is.

    Raises:
        InputError: no batch has this id, nothing of it was stored, or who or why is missing.
    """
    return _decide(
        settings,
        batch_id,
        actor=actor,
        reason=reason,
        now=now,
        outcome=(True, leaves_gap),
    )


def reinstate(
    settings: "Settings", batch_id: str, *, actor: str, reason: str, now: datetime
) -> bool:
    """Take a recalled batch up again, from this moment on; false where it is not recalled.

    Questions as of the time between still do without it.

    Raises:
        InputError: no batch has this id, nothing of it was stored, or who or why is missing.
    """
    return _decide(settings, batch_id, actor=actor, reason=reason, now=now, outcome=(False, False))


def _decide(
    settings: "Settings",
    batch_id: str,
    *,
    actor: str,
    reason: str,
    now: datetime,
    outcome: tuple[bool, bool],
) -> bool:
    _require_words(actor, reason)
    with writing(database(settings.database_url)) as connection:
        batch = _find_kept(connection, batch_id)
        decision = Recall(
            batch_id=batch_id,
            feed=batch.feed,
            at=now,
            actor=actor.strip(),
            reason=reason.strip(),
            in_force=outcome[0],
            leaves_gap=outcome[1],
        )
        changed = recalls.decide(connection, decision)
    _log.info("%s %s: %s by %s", batch.feed, batch_id, outcome, actor)
    return changed


def _require_words(actor: str, reason: str) -> None:
    if not reason.strip():
        raise InputError(
            "A recall needs a reason that others will understand. Nothing was changed; give it "
            "with --why."
        )
    if not 0 < len(actor.strip()) <= _LONGEST_ACTOR:
        raise InputError(
            f"A recall needs to know who decides, in at most {_LONGEST_ACTOR} letters. Nothing was "
            "changed; give a name with --by."
        )


def _find_kept(connection: "Connection", batch_id: str) -> RawBatch:
    found = batches.load_batch(connection, batch_id)
    if found is None:
        raise InputError(
            f"No batch has the id {batch_id!r}. Nothing was changed. List a feed's batches with: "
            "dews recall --list --feed NAME"
        )
    batch, state = found
    if state != "kept":
        raise InputError(
            f"Batch {batch_id} of {batch.feed} is {state}: nothing of it was stored, so there is "
            "nothing to recall. Nothing was changed."
        )
    return batch


def affected_by(settings: "Settings", batch_id: str, *, now: datetime) -> Affected:
    """Say what a recall of a batch would touch or, where it stands, has touched.

    Raises:
        InputError: no batch has this id, or nothing of it was stored.
    """
    with reading(database(settings.database_url)) as connection:
        batch = _find_kept(connection, batch_id)
        brought = load_brought(connection, batch_id, feed=batch.feed, as_of=now)
        return Affected(
            batch=batch,
            standing=recalls.standing(connection, batch_id),
            brought=brought,
            dependents=find_dependents(connection, settings, batch, brought),
        )
