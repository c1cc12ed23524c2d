"""A station's frames through a real socket into the readings."""

import asyncio
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from anlan.base import clock
from anlan.observe import intake
from anlan.observe.doors.sl651 import Sl651Door, to_parcel
from anlan.observe.models import Quarantined, Reading, Report, StationHealth
from anlan.observe.sl651 import Message, UnknownElement, station_code
from anlan.observe.sl651.tests.hand import HEAD, frame_of
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory

NOW = datetime.now(UTC).replace(microsecond=0)


def message(**fields):
    base = dict.fromkeys(("sent_at", "serial", "picture"), None)
    base |= {"station": "0012345678", "function": 0x32, "station_class": "H", "manual_text": ""}
    return Message(**{**base, "readings": [], "unknown": [], "frames": [], **fields})


@pytest.mark.django_db
def test_an_element_that_nobody_knows_is_kept_with_its_raw_bytes():
    element = UnknownElement("FF77", b"\x12\x34", NOW, "unknown_code", None, "0012345678")
    Store().write([to_parcel(message(unknown=[element]))])

    kept = Quarantined.objects.get()
    assert (kept.station_code, kept.quantity, kept.raw) == ("12345678", "sl651:FF77", "1234")


@pytest.mark.django_db
def test_a_test_report_says_only_that_the_station_lives():
    station = SeriesFactory(station__code="12345678").station
    off = timedelta(minutes=40)
    Store().write([to_parcel(message(function=0x30, sent_at=datetime.now(UTC) + off))])

    health = StationHealth.objects.get(station=station)
    assert health.door == "sl651"
    assert health.clock_off_s == pytest.approx(off.total_seconds(), abs=60)
    assert not Reading.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("readings_emptied")
def test_a_frame_is_confirmed_once_its_readings_are_stored():
    door = Sl651Door("127.0.0.1", 0, intake.intake())
    door.start()
    try:
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as line:
            line.sendall(frame_of(HEAD + "2019000040"))
            assert line.recv(4096)[:2] == b"\x7e\x7e"
    finally:
        door.stop()
    assert Reading.objects.count() + Quarantined.objects.count() >= 1
    assert threading.active_count() < 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("readings_emptied")
def test_a_picture_is_kept_with_the_time_it_was_taken():
    door = Sl651Door("127.0.0.1", 0, intake.intake())
    door.start()
    try:
        seen = message(function=0x36, picture=b"\xff\xd8jpeg", sent_at=NOW)
        for _ in range(2):
            future = asyncio.run_coroutine_threadsafe(door.take(seen), door._loop)
            assert future.result(10) is True
    finally:
        door.stop()
    report = Report.objects.get()
    assert bytes(report.picture) == b"\xff\xd8jpeg"
    assert clock.to_epoch_ms(report.at) == clock.to_epoch_ms(NOW)
    assert report.station_code == station_code("0012345678")
