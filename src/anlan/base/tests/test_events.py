from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from anlan.base import events
from anlan.base.models import Delivery

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_other_subscribers(monkeypatch):
    monkeypatch.setattr(events, "_subscribers", {})


def happen():
    with transaction.atomic():
        return events.publish("test.happened", at=NOON, by=None, number=1)


@pytest.mark.django_db
def test_a_subscriber_hears_of_an_event_once_it_is_delivered():
    heard = []
    events.subscribe("test.happened")(heard.append)

    event = happen()
    assert heard == []
    events.deliver_waiting()
    events.deliver_waiting()

    assert heard == [event]


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_change_that_is_undone_never_happened():
    events.subscribe("test.happened")(lambda event: None)

    def change_that_fails():
        with transaction.atomic():
            happen()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_that_fails()

    assert Delivery.objects.count() == 0


@pytest.mark.django_db
def test_a_failing_subscriber_is_counted_and_tried_again_and_disturbs_no_other(caplog):
    failures, heard = [ValueError("not yet")], []

    def fails_once(event):
        if failures:
            raise failures.pop()
        heard.append(event)

    events.subscribe("test.happened")(fails_once)
    events.subscribe("test.happened")(heard.append)
    event = happen()

    events.deliver_waiting()
    assert heard == [event]
    waiting = Delivery.objects.get(state=Delivery.State.WAITING)
    assert (waiting.attempts, waiting.error) == (1, "ValueError: not yet")

    Delivery.objects.update(next_at=timezone.now())
    events.deliver_waiting()
    assert heard == [event, event]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_bug():
    with pytest.raises(RuntimeError, match="own transaction"):
        events.publish("test.happened", at=NOON, by=None)


@pytest.mark.parametrize(
    ("vendor", "expected"), [("sqlite", [0.02, events.MOST_ROOM_S]), ("postgresql", [])]
)
def test_background_work_leaves_sqlite_to_others_for_as_long_as_it_took(
    monkeypatch, vendor, expected
):
    waits = []
    monkeypatch.setattr(events.time, "sleep", waits.append)
    between = SimpleNamespace(vendor=vendor, in_atomic_block=False)
    monkeypatch.setattr(events, "connection", between)

    events.leave_room(0.02)
    events.leave_room(9)

    assert waits == expected
