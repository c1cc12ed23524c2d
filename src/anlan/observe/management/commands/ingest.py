"""The listeners apart from the web process: MQTT and SL 651."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from anlan.observe import intake
from anlan.observe.doors.mqtt import MqttDoor
from anlan.observe.doors.sl651 import Sl651Door


class Command(BaseCommand):
    help = "Listen to devices by MQTT and SL 651 until stopped. Without options: what is set up."

    requires_system_checks: list[str] = []  # they would load every page

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mqtt", action="store_true", help="only MQTT (ANLAN_MQTT)")
        parser.add_argument("--sl651", action="store_true", help="only SL 651 (ANLAN_SL651_PORT)")
        parser.add_argument("--mqtt-id", default="", help="client id, where several run on a host")

    def handle(self, *, mqtt: bool, sl651: bool, mqtt_id: str, **options: Any) -> None:
        if mqtt and not settings.MQTT_URL:
            raise CommandError("Set ANLAN_MQTT, such as mqtt://user:password@127.0.0.1:1883.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        doors: list[Any] = []
        if settings.MQTT_URL and (mqtt or not sl651):
            doors.append(
                MqttDoor(
                    settings.MQTT_URL,
                    intake.intake(),
                    client_id=mqtt_id,
                    shared=settings.MQTT_SHARE,
                )
            )
        if settings.SL651_PORT and (sl651 or not mqtt):
            # Every interface: stations call in from the telemetry network.
            doors.append(Sl651Door("0.0.0.0", settings.SL651_PORT, intake.intake()))  # noqa: S104
        for door in doors:
            door.start()
        stop.wait()
        for door in doors:
            door.stop()
        intake.stop()
