"""A Mosquitto of our own, and a gateway that remembers what the broker has taken from it."""

import json
import os
import subprocess
import threading
from collections import deque
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.house import free_port

from .load import START

Key = tuple[str, str, int]  # station, quantity, epoch ms
MOST_OPEN = 50
PAUSE = threading.Event()  # never set: waiting for it is a pause
CONFIG = """
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
max_inflight_messages 0
max_queued_messages 0
{user}
"""


class Broker:
    """Keeps sessions and messages over a stop, as docs/guide/ingest.md tells a city to set it."""

    def __init__(self, folder: Path, program: str) -> None:
        self.port, self._program = free_port(), program
        self._config = folder / "mosquitto.conf"
        # Started by root it would go on as a user who may not write into this folder.
        user = "user root" if os.geteuid() == 0 else ""
        self._config.write_text(CONFIG.format(port=self.port, folder=folder, user=user))
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [self._program, "-c", str(self._config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)


class MqttGateway(threading.Thread):
    """Publishes batches with QoS 1; `taken` are the readings of those that the broker confirmed.

    A simple device looks at no reason code; a `careful` one sends again what nobody subscribed to.
    """

    STEPS = 5  # times in one message, of every station

    def __init__(self, port: int, stations: list[str], *, careful: bool) -> None:
        super().__init__(daemon=True)
        self._stations, self._stopping = stations, threading.Event()
        self._careful, self._again = careful, deque()
        self.taken: set[Key] = set()
        self._open: dict[int, list[Key]] = {}
        # Told in paho's thread, dealt with in ours.
        self._confirmed: deque[tuple[int, object]] = deque()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="gateway", protocol=paho.MQTTv5
        )
        self._client.on_publish = lambda _client, _data, mid, reason, _properties: (
            self._confirmed.append((mid, reason))
        )
        self._client.reconnect_delay_set(1, 1)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        self._client.connect_async(
            "127.0.0.1", port, keepalive=5, clean_start=False, properties=properties
        )

    def run(self) -> None:
        self._client.loop_start()
        number = 0
        while self._again or self._open or not self._stopping.is_set():
            if self._again:
                self._publish(self._again.popleft())
            elif not self._stopping.is_set() and len(self._open) < MOST_OPEN:
                self._publish(self._batch(number))
                number += 1
            PAUSE.wait(0.02)
            self._take_note()
        self._client.disconnect()
        self._client.loop_stop()

    def finish(self) -> None:
        """Send no more than what was begun; wait until the broker has confirmed all of it."""
        self._stopping.set()
        self.join(60)
        assert not self.is_alive(), "the broker did not confirm everything"

    def _batch(self, number: int) -> list[Key]:
        start_ms = round(START.timestamp() * 1000) + number * self.STEPS * 1000
        times = [start_ms + 1000 * step for step in range(self.STEPS)]
        return [(code, "rain_5min", at) for code in self._stations for at in times]

    def _publish(self, keys: list[Key]) -> None:
        rows = [{"station": k[0], "quantity": k[1], "at": k[2], "value": 1.0} for k in keys]
        body = json.dumps({"readings": rows})
        self._open[self._client.publish("anlan/gateway/readings", body, qos=1).mid] = keys

    def _take_note(self) -> None:
        while self._confirmed:
            mid, reason = self._confirmed.popleft()
            keys = self._open.pop(mid)
            if self._careful and reason == "No matching subscribers":
                self._again.append(keys)
            else:
                self.taken.update(keys)
