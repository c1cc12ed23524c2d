"""MQTT against a real Mosquitto: listeners killed, the broker stopped; all is stored once."""

import json
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.house import ROOT, House, wait_until

from .broker import Broker, MqttGateway
from .load import random_moment

pytestmark = pytest.mark.server


class Listener:
    """A second `anlan ingest` beside the house's own, on the same shared subscription."""

    def __init__(self, house: House) -> None:
        self._house, self.log = house, house.log.with_name("second.log")
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "anlan", "ingest", "--mqtt", "--mqtt-id", "second"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._house.env, stdout=log, stderr=log
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> int:
        """Let it store what it has; returns how many readings it stored since its last start."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        last = json.loads(self.log.read_text().splitlines()[-1])
        return int(last["rows"])


@pytest.fixture
def broker(tmp_path):
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/bin")
    if program is None:
        pytest.skip("no Mosquitto here; .ci/run installs it")
    broker = Broker(tmp_path, program)
    broker.start()
    yield broker
    broker.stop()


def house_at(broker: Broker, folder: Path, **settings: str) -> House:
    url = f"mqtt://127.0.0.1:{broker.port}"
    return House(folder, inside="tests.faults.inside", ANLAN_MQTT=url, **settings)


def check(house: House, gateway: MqttGateway) -> None:
    """All that the broker took is stored, once, and nothing else."""
    found = house.ask("stored")
    readings = [tuple(row) for row in found["readings"]]
    assert gateway.taken == set(readings)
    assert len(readings) == len(set(readings)) > 10_000
    assert house.count("observe_unreadable") == house.count("observe_quarantined") == 0
    assert found["findings"] == []


def drain(house: House, gateway: MqttGateway) -> None:
    before = house.count("observe_reading")
    wait_until(lambda: house.count("observe_reading") > before, "stored again")
    gateway.finish()
    wait_until(
        lambda: house.count("observe_reading") >= len(gateway.taken), "all that was taken stored"
    )


def test_one_listener_loses_nothing_whoever_is_killed_or_stopped(tmp_path, broker):
    """Also with the simplest of gateways, which looks at no reason code."""
    house = house_at(broker, tmp_path)
    city = house.ask("prepare")
    house.start()
    pause, pick = threading.Event(), random.Random(20260703)
    gateway = MqttGateway(broker.port, city["stations"], careful=False)
    wait_until(lambda: "MQTT connected" in house.log.read_text(), "subscribed")
    gateway.start()
    faults = ["listener", "broker", "both"] * 3
    pick.shuffle(faults)
    try:
        for fault in faults:
            pause.wait(random_moment(pick))
            if fault in {"broker", "both"}:
                broker.stop()
            if fault in {"listener", "both"}:
                wait_until(lambda: house.kill("ingest"), "a listener to kill")
            if fault in {"broker", "both"}:
                broker.start()
        drain(house, gateway)
    finally:
        house.stop()
    check(house, gateway)


def test_two_listeners_share_the_messages_and_lose_nothing(tmp_path, broker):
    house = house_at(broker, tmp_path, ANLAN_MQTT_SHARE="1")
    city = house.ask("prepare")
    house.start()
    second, pause, pick = Listener(house), threading.Event(), random.Random(20260704)
    gateway = MqttGateway(broker.port, city["stations"], careful=True)
    gateway.start()
    faults = ["first", "second", "broker"] * 3
    pick.shuffle(faults)
    try:
        for fault in faults:
            pause.wait(random_moment(pick))
            if fault == "first":
                wait_until(lambda: house.kill("ingest"), "a listener to kill")
            elif fault == "second":
                second.kill()
            else:
                broker.stop()
                broker.start()
        drain(house, gateway)
        by_second = second.stop()
    finally:
        second.process.kill()
        second.process.wait()
        house.stop()
    check(house, gateway)
    assert by_second > 0
