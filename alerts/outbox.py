"""How a delivery is named, addressed, repeated and given up; pure.

Names are made from what they stand for, so that writing the same twice writes it once.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.message import Notice

MAX_ATTEMPTS = 8
_FIRST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True)
class Envelope:
    """What a channel needs to know beside the notice.

    Attributes:
        recipient: whom or where the channel sends it to.
        since: the message cannot have been sent before this moment.
        settings: the installation's settings, of which a channel reads its own part.
    """

    delivery_id: str
    recipient: str
    since: datetime
    settings: Any


@dataclass(frozen=True)
class Channel:
    """A way out.

    Attributes:
        recipient: names who gets an installation's notices; raises SettingsError where the
            settings do not say.
        send: sends one notice and gives the channel's receipt. It raises DeliveryRefused where
            a person must mend something, DeliveryError where it was not taken or nobody knows.
        find: gives the receipt of a message the channel already holds, or None. It raises
            DeliveryError where the search failed. Absent where a channel cannot be searched.
        remove: takes the message of a receipt back, given the settings; one that is gone is no
            error. It raises DeliveryError where it still stands. Absent where nothing stays.
    """

    recipient: Callable[[Any], str]
    send: Callable[[Notice, Envelope], str]
    find: Callable[[Envelope], str | None] | None = None
    remove: Callable[[str, Any], None] | None = None


def decision_id(signal_id: str, run_id: str) -> str:
    """Name the decision about a signal in one run."""
    return _name("decision", signal_id, run_id)


def delivery_id(decision: str, *, channel: str, recipient: str) -> str:
    """Name the message of a decision to one recipient."""
    return _name("delivery", decision, channel, recipient)


def _name(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def next_attempt(attempts: int, *, at: datetime) -> datetime | None:
    """Give when to try again after a number of failures: 1, 2, 4 ... minutes, or None: give up.

    Example:
        >>> from datetime import UTC
        >>> next_attempt(3, at=datetime(2026, 10, 5, 6, tzinfo=UTC)).minute
        4
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    return at + _FIRST_WAIT * (1 << (attempts - 1))
