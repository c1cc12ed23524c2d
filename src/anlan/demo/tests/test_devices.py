"""The devices send what they measured, in the doors' own forms, until it is acknowledged."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.demo import city, devices, load, times
from anlan.demo.devices import HttpGateway, LevelStation, Measured, steps_to_send
from anlan.demo.weather import Weather
from anlan.observe.doors import payload
from anlan.observe.parcels import Parcel
from anlan.observe.sl651 import Splitter, decode

STEP = times.step_of(times.OPENS)


@pytest.fixture(scope="module")
def made():
    return city.build()


@pytest.fixture(scope="module")
def measured(made):
    return Measured(Weather(made))


@given(st.integers(0, 800), st.integers(0, 800))
def test_after_a_gap_hours_are_sent_and_the_last_hour_in_full(after, more):
    steps = steps_to_send(after, after + more)
    assert steps == sorted(set(steps))
    assert steps[-12:] == list(range(after + max(0, more - 12), after + more))
    if more <= devices.LATE_STEPS:
        assert len(steps) == more
    assert all(devices.is_full_hour(s) for s in steps[:-12]) or more <= devices.LATE_STEPS


def test_a_gateway_speaks_the_http_doors_language(made, measured):
    gateway = load.gateways(made)[0]
    stations = [s for s in made.stations if s.region.startswith(gateway.region)]
    stations = [s for s in stations if s.kind != "river"]
    sent = HttpGateway(None, gateway, stations, measured).readings([STEP, STEP + 11])
    body = __import__("json").dumps(sent).encode()
    parcel = Parcel("http")
    faults, _rows = payload.read(body, parcel)
    assert faults == []
    assert {"rain_5min", "rain_1h", "ponding_depth"} == set(parcel.quantity)
    assert set(parcel.station) <= {s.code for s in stations}


@pytest.mark.parametrize("row", [0, devices.FAST_RIVER])
def test_a_river_gauge_speaks_sl651(made, measured, row):
    station = made.stations[made.of_kind("river")[row]]
    frame = LevelStation(("127.0.0.1", 1), station, measured, row).frame([STEP, STEP + 1])
    (found,) = Splitter().feed(frame)
    message = decode(found)
    off = devices.FAST_BY if row == devices.FAST_RIVER else timedelta()
    assert message.station == station.code
    assert [r.at - off for r in message.readings] == [
        times.step_end(STEP),
        times.step_end(STEP + 1),
    ]
    expected = measured.values(station, STEP)["water_level"]
    assert float(message.readings[0].value) == pytest.approx(expected)


def test_the_faulty_are_faulty_as_the_guide_says(made, measured):
    stations = made.stations
    silent = stations[made.of_kind("rain")[devices.SILENT_RAIN]]
    assert measured.values(silent, STEP) != {}
    assert measured.values(silent, STEP + 13) == {}
    stuck = stations[made.of_kind("ponding")[devices.STUCK_PONDING]]
    values = {measured.values(stuck, step)["ponding_depth"] for step in range(STEP, STEP + 300)}
    assert values == {devices.STUCK_AT}
    spiky = stations[made.of_kind("river")[devices.SPIKY_RIVER]]
    levels = [measured.values(spiky, step)["water_level"] for step in range(320, 328)]
    assert max(levels) - sorted(levels)[-2] > 2


def test_after_the_storm_the_devices_go_on(made, measured):
    assert all(measured.values(s, 5000) for s in made.stations if s.kind != "rain")


class Flaky:
    """Takes every second message only."""

    def __init__(self) -> None:
        self.tried, self.taken = 0, []

    async def send(self, steps):
        self.tried += 1
        if self.tried % 2:
            raise ConnectionError
        self.taken += steps


def test_what_was_not_acknowledged_is_sent_again_in_order(monkeypatch):
    async def no_wait(_seconds):
        if len(sender.taken) >= 12:
            raise asyncio.CancelledError

    sender = Flaky()

    class Clock:
        def steps_over(self):
            return STEP + 12

    monkeypatch.setattr(devices.asyncio, "sleep", no_wait)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(devices.keep_reporting(sender, Clock()))
    assert sender.taken == list(range(STEP, STEP + 12))
