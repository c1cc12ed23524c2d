"""The MQTT door without a broker: a client that remembers what was acknowledged."""

import json
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone

from anlan.base import clock
from anlan.base.storage import NotStored
from anlan.observe import registry
from anlan.observe.doors import mqtt
from anlan.observe.doors.bulk import Published
from anlan.observe.doors.mqtt import MqttDoor
from anlan.observe.models import Quarantined, Reading, Unreadable
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory, sender_for

pytestmark = pytest.mark.django_db


class Straight:
    """An intake that stores at once, in this thread; fails as often as it is told to."""

    def __init__(self):
        self.store, self.failures = Store(), 0

    def submit(self, parcel, *, wait_s=0):
        future = Future()
        if self.failures:
            self.failures -= 1
            future.set_exception(NotStored("observe.busy", "later"))
            return future
        try:
            future.set_result(self.store.write([parcel])[0])
        except ZeroDivisionError as error:
            future.set_exception(error)
        return future


@pytest.fixture
def door(monkeypatch):
    monkeypatch.setattr(mqtt, "RETRY_S", 0)
    door = MqttDoor("mqtt://127.0.0.1:1", Straight())
    door.acked = []
    door.client = SimpleNamespace(acknowledge=door.acked.extend)
    return door


def now_ms():
    return clock.to_epoch_ms(timezone.now())


def arrive(door, topic, body, mid=1):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    door._on_messages([Published(f"anlan/{topic}/readings".encode(), body, mid)])


def work_aside(door):
    """What the helper thread would do, in this one."""
    door._aside.put(None)
    while (item := door._aside.get()) is not None:
        door._work_on(item)


def test_a_device_reports_for_itself_and_is_acknowledged(door):
    series = SeriesFactory()
    arrive(door, series.station.code, {"at": now_ms(), "values": {"rain_5min": 1.5}})

    assert Reading.objects.get().value == 1.5
    assert door.acked == [1]


def test_a_gateway_reports_for_its_region_only(door):
    series, theirs = SeriesFactory(), SeriesFactory()
    sender_for(series.station.region, name="gw-1")
    rows = [
        {"station": s.station.code, "quantity": "rain_5min", "at": now_ms(), "value": 1}
        for s in (series, theirs)
    ]
    arrive(door, "gw-1", {"readings": rows})
    work_aside(door)

    assert Reading.objects.get().series == series
    assert "1: " in Unreadable.objects.get().reason
    assert door.acked == [1]


def test_a_device_cannot_speak_for_another(door):
    series = SeriesFactory()
    row = {"station": series.station.code, "quantity": "rain_5min", "at": now_ms(), "value": 1}
    arrive(door, "SOMEONE", {"readings": [row]})
    work_aside(door)

    assert not Reading.objects.exists()
    assert not Quarantined.objects.exists()
    assert Unreadable.objects.count() == 1


def test_an_unknown_device_waits_in_quarantine(door):
    registry.current()
    arrive(door, "NEW-1", {"at": now_ms(), "values": {"rain_5min": 1.5}})

    assert Quarantined.objects.get().station_code == "NEW-1"
    assert door.acked == [1]


def test_a_message_that_nobody_can_read_is_kept_and_acknowledged(door):
    arrive(door, "G1", b"\x00\x01 not json")
    assert door.acked == []
    work_aside(door)

    assert bytes(Unreadable.objects.get().body) == b"\x00\x01 not json"
    assert door.acked == [1]


def test_what_could_not_be_stored_is_tried_again_and_acknowledged_only_then(door):
    series = SeriesFactory()
    door.intake.failures = 1
    arrive(door, series.station.code, {"at": now_ms(), "values": {"rain_5min": 1.5}})
    assert door.acked == []
    work_aside(door)

    assert Reading.objects.count() == 1
    assert door.acked == [1]


def test_a_message_whose_sender_cannot_be_looked_up_now_is_not_taken_for_unreadable(
    door, monkeypatch
):
    series, faults = SeriesFactory(), [OperationalError("the database is restarting")]
    real = registry.current

    def at_first(**how):
        if faults:
            raise faults.pop()
        return real(**how)

    monkeypatch.setattr(registry, "current", at_first)
    arrive(door, series.station.code, {"at": now_ms(), "values": {"rain_5min": 1.5}})
    assert door.acked == []
    work_aside(door)

    assert Reading.objects.count() == 1
    assert not Unreadable.objects.exists()
    assert door.acked == [1]


def test_messages_that_came_together_go_together_and_are_answered_one_by_one(door):
    """Two devices, a gateway, somebody who speaks for another, and noise: in one batch."""
    one, two, far = SeriesFactory(), SeriesFactory(), SeriesFactory()
    sender_for(two.station.region, name="gw-1")

    def row(series, at):
        return {"station": series.station.code, "quantity": "rain_5min", "at": at, "value": 1}

    at, sizes = now_ms(), []
    real = door.intake.submit
    door.intake.submit = lambda parcel, **how: (sizes.append(len(parcel)), real(parcel, **how))[1]
    bodies = [
        (one.station.code, {"readings": [row(one, at - 1)]}),
        ("gw-1", {"readings": [row(two, at - 2), row(far, at - 2)]}),
        (two.station.code, {"at": at - 3, "values": {"rain_5min": 2}}),
        (one.station.code, {"readings": [row(two, at - 4), row(one, at - 4)]}),
        (one.station.code, "noise"),
        ("gw-1", {"readings": [row(two, at - 5)]}),
        (one.station.code, {"readings": []}),
    ]
    door._on_messages(
        [
            Published(f"anlan/{name}/readings".encode(), json.dumps(body).encode(), mid)
            for mid, (name, body) in enumerate(bodies, start=1)
        ]
    )
    # Those that are in order are acknowledged; the others once they are kept.
    assert sizes == [3, 3]
    assert sorted(door.acked) == [1, 3, 6, 7]
    work_aside(door)

    stored = Reading.objects.values_list("series_id", "at_ms")
    assert set(stored) == {
        (one.pk, at - 1), (two.pk, at - 2), (two.pk, at - 3), (one.pk, at - 4), (two.pk, at - 5)
    }  # fmt: skip
    assert sorted(door.acked) == [1, 2, 3, 4, 5, 6, 7]
    reasons = [row.reason for row in Unreadable.objects.order_by("pk")]
    assert len(reasons) == 3
    assert far.station.code in "".join(reasons)


def test_a_message_with_a_fault_costs_no_other_of_its_batch(door, monkeypatch):
    series, other = SeriesFactory(), SeriesFactory()
    real = Store.write

    def faulty(self, parcels, **how):
        if any(
            value == 13
            for parcel in parcels
            for value in (parcel.found.value if parcel.found else parcel.value)
        ):
            raise ZeroDivisionError("a bug")
        return real(self, parcels, **how)

    monkeypatch.setattr(Store, "write", faulty)
    messages = [
        Published(
            f"anlan/{one.station.code}/readings".encode(),
            json.dumps({"at": now_ms(), "values": {"rain_5min": value}}).encode(),
            mid,
        )
        for mid, one, value in ((1, series, 13), (2, other, 1))
    ]
    door._on_messages(messages)
    work_aside(door)
    work_aside(door)

    assert Reading.objects.get().series == other
    assert Unreadable.objects.get().reason == "a bug"
    assert sorted(door.acked) == [1, 2]


def test_after_a_reconnect_an_old_message_is_left_to_come_again(door):
    series = SeriesFactory()
    door.intake.failures = 1
    arrive(door, series.station.code, {"at": now_ms(), "values": {"rain_5min": 1.5}})
    door._connection += 1
    work_aside(door)

    assert Reading.objects.count() == 1
    assert door.acked == []


@pytest.mark.parametrize(
    ("shared", "topic", "left"),
    [
        (False, "anlan/+/readings", "$share/anlan/anlan/+/readings"),
        (True, "$share/anlan/anlan/+/readings", "anlan/+/readings"),
    ],
)
def test_one_listener_subscribes_by_itself_and_several_share(shared, topic, left):
    door, asked = MqttDoor("mqtt://127.0.0.1:1", Straight(), shared=shared), []
    client = SimpleNamespace(
        subscribe=lambda name, options: asked.append(("subscribe", name, options.QoS)),
        unsubscribe=lambda name: asked.append(("unsubscribe", name)),
    )
    door._on_connect(client, None, None, SimpleNamespace(is_failure=False), None)

    assert asked == [("subscribe", topic, 1), ("unsubscribe", left)]
