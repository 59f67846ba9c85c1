"""The outbox: what was decided, what is to be sent, and what became of it.

A delivery is written in the transaction of its decision. A sender claims it for a while; where
the sender dies the claim runs out and another takes it up.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from surveillance.store.schema import DecisionRow, DeliveryRow, RunRow, SignalRow
from surveillance.store.writing import insert_ignoring_known

LEASE = timedelta(minutes=5)
WAITING_STATES = ("queued", "failed")


@dataclass(frozen=True)
class KeptDecision:
    """What routing decided of a signal in one run, and the moment that run asked about."""

    decision_id: str
    signal_id: str
    run_id: str
    level: int
    outcome: str
    reason: str
    decided_at: datetime
    as_of: datetime
    week: str


@dataclass(frozen=True)
class Delivery:
    """One message to one recipient.

    Attributes:
        message: the notice as it was written with the decision.
        attempts: how often a sender has claimed it, this time included.
        decided_at: no sender can have sent it before this moment.
    """

    delivery_id: str
    decision_id: str
    channel: str
    recipient: str
    message: Mapping[str, Any]
    state: str
    attempts: int
    next_attempt_at: datetime
    claimed_until: datetime | None
    sent_at: datetime | None
    receipt: str | None
    last_error: str | None
    decided_at: datetime


def save_decisions(
    connection: Connection,
    *,
    decisions: Sequence[Mapping[str, Any]],
    deliveries: Sequence[Mapping[str, Any]],
) -> int:
    """Write decisions and what they send; what is known already stays as it is.

    Give one transaction both, so that neither is ever kept without the other.

    Returns:
        How many deliveries are new.
    """
    if decisions:
        insert_ignoring_known(connection, DecisionRow, decisions)
    waiting = {"state": "queued", "attempts": 0}
    rows = [{**delivery, **waiting} for delivery in deliveries]
    return insert_ignoring_known(connection, DeliveryRow, rows) if rows else 0


def load_decisions(connection: Connection, *, realm: str) -> list[KeptDecision]:
    """List a realm's decisions, the oldest run first."""
    rows = connection.execute(
        select(DecisionRow.__table__, RunRow.as_of, RunRow.week)
        .join(RunRow, RunRow.run_id == DecisionRow.run_id)
        .where(RunRow.realm == realm)
        .order_by(RunRow.as_of, DecisionRow.decision_id)
    ).mappings()
    return [KeptDecision(**row) for row in rows]


def load_deliveries(connection: Connection, *, realm: str) -> list[Delivery]:
    """List a realm's deliveries in the order they were decided."""
    rows = connection.execute(
        _whole_deliveries()
        .join(SignalRow, SignalRow.signal_id == DecisionRow.signal_id)
        .where(SignalRow.realm == realm)
        .order_by(DecisionRow.decided_at, DeliveryRow.delivery_id)
    ).mappings()
    return [_delivery(row) for row in rows]


def claim_next(connection: Connection, *, at: datetime) -> Delivery | None:
    """Take the delivery that is due longest, for one lease; None where nothing is due.

    Due is what is queued or failed and whose time has come, and what another sender claimed
    and never finished. Two senders never claim the same one.
    """
    due = or_(
        and_(DeliveryRow.state.in_(WAITING_STATES), DeliveryRow.next_attempt_at <= at),
        and_(DeliveryRow.state == "sending", DeliveryRow.claimed_until < at),
    )
    delivery_id = connection.scalar(
        select(DeliveryRow.delivery_id)
        .where(due)
        .order_by(DeliveryRow.next_attempt_at, DeliveryRow.delivery_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if delivery_id is None:
        return None
    connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.delivery_id == delivery_id)
        .values(state="sending", attempts=DeliveryRow.attempts + 1, claimed_until=at + LEASE)
    )
    wanted = _whole_deliveries().where(DeliveryRow.delivery_id == delivery_id)
    return _delivery(connection.execute(wanted).mappings().one())


def mark_sent(connection: Connection, delivery_id: str, *, at: datetime, receipt: str) -> None:
    """Note that the channel has the message, with what it answered."""
    _mark(connection, delivery_id, state="sent", sent_at=at, receipt=receipt, last_error=None)


def sent_before(
    connection: Connection, moment: datetime, *, channels: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Give what some channels still show of before a moment: delivery -> channel and receipt."""
    rows = connection.execute(
        select(DeliveryRow.delivery_id, DeliveryRow.channel, DeliveryRow.receipt)
        .where(
            DeliveryRow.state == "sent",
            DeliveryRow.sent_at < moment,
            DeliveryRow.removed_at.is_(None),
            DeliveryRow.receipt.is_not(None),
            DeliveryRow.channel.in_(list(channels)),
        )
        .order_by(DeliveryRow.sent_at, DeliveryRow.delivery_id)
    )
    return {row.delivery_id: (row.channel, row.receipt or "") for row in rows}


def mark_removed(connection: Connection, delivery_id: str, *, at: datetime) -> None:
    """Note that the channel no longer shows a message; that it was sent stays."""
    connection.execute(
        update(DeliveryRow).where(DeliveryRow.delivery_id == delivery_id).values(removed_at=at)
    )


def mark_failed(
    connection: Connection, delivery_id: str, *, error: str, next_attempt_at: datetime
) -> None:
    """Note a failure that may pass, and when to try again."""
    _mark(
        connection,
        delivery_id,
        state="failed",
        last_error=error,
        next_attempt_at=next_attempt_at,
    )


def mark_dead(connection: Connection, delivery_id: str, *, error: str) -> None:
    """Note that a person must act before this can be sent."""
    _mark(connection, delivery_id, state="dead", last_error=error)


def requeue_dead(connection: Connection, *, at: datetime) -> int:
    """Queue every dead delivery again; give how many there were.

    It counts as tried once, so that a sender looks in the channel before it sends.
    """
    revived = connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.state == "dead")
        .values(state="queued", attempts=1, next_attempt_at=at)
        .returning(DeliveryRow.delivery_id)
    )
    return len(revived.all())


def _mark(connection: Connection, delivery_id: str, **values: Any) -> None:
    # What is sent stays sent: a sender that lost its claim must not undo the other's receipt.
    connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.delivery_id == delivery_id, DeliveryRow.state != "sent")
        .values(claimed_until=None, **values)
    )


def _whole_deliveries() -> Any:
    return select(DeliveryRow.__table__, DecisionRow.decided_at).join(
        DecisionRow, DecisionRow.decision_id == DeliveryRow.decision_id
    )


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{field.name: row[field.name] for field in fields(Delivery)})
