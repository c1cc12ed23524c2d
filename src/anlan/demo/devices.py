"""The city's devices as they are in the field: outside, with clocks and faults of their own.

They know the city and the storm, but nothing of the database: they ask the time by HTTP, send by
the doors, keep what was not acknowledged and send it again. Which devices are faulty, and how,
stands in docs/guide/demo.md.
"""

import asyncio
import json
import logging
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from anlan.observe.sl651 import BadFrame, Splitter
from anlan.observe.sl651.encode import Device, Group, Value, report

from . import city, load, storm, times
from .city import City, StationSpec
from .weather import Weather

logger = logging.getLogger(__name__)

LOOK_S = 0.5  # how often the clock is read, and how often a device looks whether it must report
LATE_STEPS = 24  # after a longer gap a device sends its hourly log, then the last hour in full
STEPS_A_MESSAGE = 3
SL651_EXTRA, SL651_HOURLY = 0x33, 0x34
ANSWER_WITHIN_S = 15.0
# Sent by MQTT instead of HTTP where a broker is set.
BY_MQTT = "330784"
# Faulty devices, by their place among those of their kind.
SILENT_RAIN, SILENT_AFTER = 40, times.OPENS + timedelta(hours=1)
STUCK_PONDING, STUCK_AT = 17, 0.12
SPIKY_RIVER, SPIKE_M, SPIKE_EVERY = 11, 3.0, 8
FAST_RIVER, FAST_BY = 23, timedelta(days=3)


class ScenarioTime:
    """What time it is in the city, asked of the city itself."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._read: tuple[float, datetime, float] | None = None

    async def follow(self) -> None:
        while True:
            try:
                answer = (await self._client.get("/api/clock")).json()
                at = datetime.fromisoformat(answer["now"])
                self._read = (time.monotonic(), at, float(answer["rate"]))
            except (httpx.HTTPError, ValueError, KeyError):
                # Not up yet, or being started again: go on with what we know.
                logger.info("the city's clock cannot be read yet")
            await asyncio.sleep(LOOK_S)

    def steps_over(self) -> int:
        """How many steps of the storm are over; 0 before the clock was read."""
        if self._read is None:
            return 0
        since, at, rate = self._read
        return times.step_of(at + timedelta(seconds=(time.monotonic() - since) * rate))


def steps_to_send(after: int, over: int) -> list[int]:
    """The steps to report: all, or after a long gap the full hours and then the last hour."""
    if over - after <= LATE_STEPS:
        return list(range(after, over))
    recent = over - storm.STEPS_AN_HOUR
    hours = range(after, recent)
    return [s for s in hours if is_full_hour(s)] + list(range(recent, over))


def is_full_hour(step: int) -> bool:
    return (step + 1) % storm.STEPS_AN_HOUR == 0


@dataclass
class Measured:
    """The values of every station at every step, with the faults of the faulty."""

    weather: Weather

    def __post_init__(self) -> None:
        made = self.weather.city
        self._row = {
            made.stations[n].code: row
            for kind in ("rain", "ponding", "river")
            for row, n in enumerate(made.of_kind(kind).tolist())
        }

    def values(self, station: StationSpec, step: int) -> dict[str, float]:
        """What the device would send for the step that has ended; nothing where it is silent."""
        known, row = self.weather.storm_values, self._row[station.code]
        last = known["rain_5min"].shape[1] - 1
        here = min(step, last)
        if station.kind == "ponding":
            depth = STUCK_AT if row == STUCK_PONDING else known["ponding_depth"][row, here]
            return {"ponding_depth": float(depth)}
        if station.kind == "river":
            spike = SPIKE_M if row == SPIKY_RIVER and step % SPIKE_EVERY == 0 else 0.0
            return {"water_level": round(float(known["water_level"][row, here]) + spike, 2)}
        if row == SILENT_RAIN and times.step_end(step) > SILENT_AFTER:
            return {}
        found = {"rain_5min": float(known["rain_5min"][row, here])}
        if is_full_hour(step):
            hour = min(step // storm.STEPS_AN_HOUR, known["rain_1h"].shape[1] - 1)
            found["rain_1h"] = float(known["rain_1h"][row, hour])
        return found


class Sending(Protocol):
    """One who reports: a gateway for its stations, or a station for itself."""

    async def send(self, steps: list[int]) -> None:
        """Deliver, or raise: what was not acknowledged is sent again."""


class HttpGateway:
    def __init__(
        self, client: httpx.AsyncClient, gateway: load.Gateway, stations: list[StationSpec],
        measured: Measured,
    ) -> None:  # fmt: skip
        self._client, self._gateway = client, gateway
        self._stations, self._measured = stations, measured

    def readings(self, steps: list[int]) -> dict[str, Any]:
        rows = []
        for step in steps:
            at = times.step_end(step).astimezone(UTC).isoformat()
            for station in self._stations:
                values = self._measured.values(station, step)
                if values:
                    rows.append({"station": station.code, "at": at, "values": values})
        return {"readings": rows}

    async def send(self, steps: list[int]) -> None:
        answer = await self._client.post(
            "/ingest/http",
            json=self.readings(steps),
            headers={"Authorization": f"Bearer {self._gateway.token}"},
        )
        answer.raise_for_status()


class MqttGateway(HttpGateway):
    """The same gateway by MQTT: done when the broker has it, as QoS 1 says."""

    def __init__(self, publisher: Any, *rest: Any) -> None:
        super().__init__(*rest)
        self._publisher = publisher

    async def send(self, steps: list[int]) -> None:
        topic = f"anlan/{self._gateway.name}/readings"
        body = json.dumps(self.readings(steps))
        info = self._publisher.publish(topic, body, qos=1)
        await asyncio.to_thread(info.wait_for_publish, ANSWER_WITHIN_S)
        if not info.is_published():
            raise TimeoutError("the broker has not acknowledged")


class LevelStation:
    """A river gauge with a connection of its own; its clock may be wrong."""

    def __init__(
        self, address: tuple[str, int], station: StationSpec, measured: Measured, row: int
    ) -> None:
        self._address, self._station, self._measured = address, station, measured
        self._off = FAST_BY if row == FAST_RIVER else timedelta()
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._serial = 0

    def frame(self, steps: list[int]) -> bytes:
        groups = [
            Group(times.step_end(step) + self._off, [Value("39", self._level(step))])
            for step in steps
        ]
        self._serial = self._serial % 0xFFFF + 1
        function = SL651_HOURLY if is_full_hour(steps[-1]) else SL651_EXTRA
        device = Device(self._station.code, station_class="H")
        sent_at = times.step_end(steps[-1]) + self._off
        return report(device, function, serial=self._serial, sent_at=sent_at, groups=groups)

    def _level(self, step: int) -> Decimal:
        return Decimal(str(self._measured.values(self._station, step)["water_level"]))

    async def send(self, steps: list[int]) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                reader, writer = self._stream or await asyncio.open_connection(*self._address)
                self._stream = (reader, writer)
                writer.write(self.frame(steps))
                await writer.drain()
                await _confirmed(reader)
        except (OSError, TimeoutError):
            if self._stream:
                self._stream[1].close()
            self._stream = None
            raise


async def _confirmed(reader: asyncio.StreamReader) -> None:
    """Wait for the centre's confirmation."""
    splitter = Splitter()
    while True:
        data = await reader.read(4096)
        if not data:
            raise ConnectionError("the centre closed the connection")
        if any(not isinstance(found, BadFrame) for found in splitter.feed(data)):
            return


class Devices:
    def __init__(self, *, url: str, sl651: tuple[str, int], mqtt: str = "", ca: str = "") -> None:
        self._url, self._sl651, self._mqtt, self._ca = url, sl651, mqtt, ca

    async def run(self) -> None:
        made = city.build()
        measured = Measured(Weather(made))
        verify: Any = ssl.create_default_context(cafile=self._ca) if self._ca else True
        async with httpx.AsyncClient(base_url=self._url, verify=verify, timeout=20) as client:
            clock = ScenarioTime(client)
            senders = [*self._gateways(client, made, measured), *self._levels(made, measured)]
            async with asyncio.TaskGroup() as group:
                group.create_task(clock.follow())
                for sender in senders:
                    group.create_task(keep_reporting(sender, clock))

    def _gateways(
        self, client: httpx.AsyncClient, made: City, measured: Measured
    ) -> Iterator[Sending]:
        publisher = _publisher(self._mqtt) if self._mqtt else None
        for gateway in load.gateways(made):
            mine = [
                s
                for s in made.stations
                if s.region.startswith(gateway.region) and s.kind != "river"
            ]
            if publisher and gateway.region == BY_MQTT:
                yield MqttGateway(publisher, client, gateway, mine, measured)
            else:
                yield HttpGateway(client, gateway, mine, measured)

    def _levels(self, made: City, measured: Measured) -> Iterator[Sending]:
        if self._sl651[1]:
            for row, n in enumerate(made.of_kind("river").tolist()):
                yield LevelStation(self._sl651, made.stations[n], measured, row)


async def keep_reporting(sender: Sending, clock: ScenarioTime) -> None:
    """Report every step once it is over; go on from the last one that was acknowledged."""
    done = -1
    while True:
        over = clock.steps_over()
        if done < 0 and over:
            # A device that starts knows its last hour; what is stored already is a duplicate.
            done = max(times.step_of(times.OPENS), over - storm.STEPS_AN_HOUR)
        waiting = steps_to_send(done, over) if done >= 0 else []
        try:
            while waiting:
                now, waiting = waiting[:STEPS_A_MESSAGE], waiting[STEPS_A_MESSAGE:]
                await sender.send(now)
                done = now[-1] + 1
        except (OSError, TimeoutError, httpx.HTTPError) as error:
            logger.warning("not delivered, kept: %s", type(error).__name__)
            await asyncio.sleep(1)
        await asyncio.sleep(LOOK_S)


def _publisher(url: str) -> Any:
    parts = urlsplit(url)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "mqtts":
        client.tls_set()
    client.connect_async(parts.hostname or "127.0.0.1", parts.port or 1883)
    client.loop_start()
    return client
