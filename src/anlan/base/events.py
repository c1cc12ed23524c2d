"""Tell upper rooms what happened, without knowing them.

`publish` writes the event and one delivery a subscriber in the caller's transaction; the worker
(`deliver_waiting`) carries them out, each in a transaction of its own, until it succeeds.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from .models import Delivery, Event

if TYPE_CHECKING:
    from anlan.people.models import Account

logger = logging.getLogger(__name__)
Handler = Callable[[Event], None]

MAX_ATTEMPTS = 12
MOST_ROOM_S = 0.5
_subscribers: dict[str, dict[str, Handler]] = {}


def subscribe(*names: str) -> Callable[[Handler], Handler]:
    """Call this function, at least once, for every event of these names. Must be repeatable."""

    def register(handler: Handler) -> Handler:
        for name in names:
            key = f"{handler.__module__}.{handler.__qualname__}"
            _subscribers.setdefault(name, {})[key] = handler
        return handler

    return register


def publish(
    name: str, /, *, at: datetime, by: "Account | None", region_path: str = "", **data: Any
) -> Event:
    """Write an event and its deliveries in the transaction that makes the change."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name} must be published inside the change's own transaction")
    event = Event.objects.create(name=name, at=at, by=by, region_path=region_path, data=data)
    Delivery.objects.bulk_create(
        Delivery(event=event, subscriber=key, next_at=timezone.now())
        for key in _subscribers.get(name, {})
    )
    return event


def publish_many(
    name: str,
    /,
    *,
    at: datetime,
    by: "Account | None",
    rows: Iterable[tuple[str, dict[str, Any]]],
) -> list[Event]:
    """Like `publish` for each (region path, data), in a few statements: for hundreds at once."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name} must be published inside the change's own transaction")
    events = Event.objects.bulk_create(
        [Event(name=name, at=at, by=by, region_path=path, data=data) for path, data in rows],
        batch_size=500,
    )
    now = timezone.now()
    Delivery.objects.bulk_create(
        [
            Delivery(event=event, subscriber=key, next_at=now)
            for event in events
            for key in _subscribers.get(name, {})
        ],
        batch_size=500,
    )
    return events


def deliver_waiting(limit: int = 200) -> int:
    """Carry out deliveries that are due; returns how many were tried."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now())
    tried = 0
    for delivery_id in list(due.order_by("pk").values_list("pk", flat=True)[:limit]):
        started = time.monotonic()
        tried += _deliver(delivery_id)
        leave_room(time.monotonic() - started)
    return tried


def leave_room(took_s: float) -> None:
    """After background work, leave the database to others for as long as it took.

    SQLite lets one write at a time, and those who wait ask again now and then: a tight loop of
    small transactions would keep the readings' writer out for seconds. PostgreSQL needs no such.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(min(took_s, MOST_ROOM_S))


def _deliver(delivery_id: int) -> bool:
    """Try one delivery. False where another worker has it."""
    now = timezone.now()
    # Claimed by pushing its time ahead: a worker that dies leaves it to be tried again.
    claimed = Delivery.objects.filter(
        pk=delivery_id, state=Delivery.State.WAITING, next_at__lte=now
    ).update(next_at=now + timedelta(minutes=1))
    if not claimed:
        return False
    delivery = Delivery.objects.select_related("event").get(pk=delivery_id)
    handler = _subscribers.get(delivery.event.name, {}).get(delivery.subscriber)
    delivery.attempts += 1
    try:
        if handler is None:
            raise LookupError(f"no subscriber {delivery.subscriber}")
        with transaction.atomic():
            handler(delivery.event)
            delivery.state, delivery.error = Delivery.State.DONE, ""
            delivery.save(update_fields=["state", "attempts", "error"])
    except Exception as error:
        # Any error of a subscriber: undone, counted, tried again later, never lost.
        logger.exception("delivery failed", extra={"delivery": delivery.pk})
        _put_off(delivery, error)
    return True


def _put_off(delivery: Delivery, error: Exception) -> None:
    delivery.error = f"{type(error).__name__}: {error}"[:2000]
    delivery.next_at = timezone.now() + timedelta(seconds=min(2**delivery.attempts, 600))
    delivery.state = (
        Delivery.State.FAILED if delivery.attempts >= MAX_ATTEMPTS else Delivery.State.WAITING
    )
    delivery.save(update_fields=["state", "attempts", "error", "next_at"])
