"""The MQTT door without a broker: a client that remembers what was acknowledged."""

import json
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from django.utils import timezone

from anlan.base import clock
from anlan.observe import registry
from anlan.observe.doors import mqtt
from anlan.observe.doors.bulk import Published
from anlan.observe.doors.mqtt import MqttDoor
from anlan.observe.intake import NotStored
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
        else:
            future.set_result(self.store.write([parcel])[0])
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


def test_after_a_reconnect_an_old_message_is_left_to_come_again(door):
    series = SeriesFactory()
    door.intake.failures = 1
    arrive(door, series.station.code, {"at": now_ms(), "values": {"rain_5min": 1.5}})
    door._connection += 1
    work_aside(door)

    assert Reading.objects.count() == 1
    assert door.acked == []
