"""The city's devices, speaking from outside over real sockets."""  # noqa: N999 — a command's name

import asyncio
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from anlan.demo.devices import Devices


class Command(BaseCommand):
    help = "Simulate the reference city's gauges: HTTP gateways, SL 651 stations, MQTT where set."

    def add_arguments(self, parser: ArgumentParser) -> None:
        scheme = "https" if settings.HTTPS else "http"
        here = f"{scheme}://{settings.WEB_HOST}:{settings.WEB_PORT}"
        parser.add_argument("--url", default=here, help="where the web process answers")
        parser.add_argument("--sl651", default=f"127.0.0.1:{settings.SL651_PORT}")
        parser.add_argument("--mqtt", default=settings.MQTT_URL)
        parser.add_argument("--ca", default=os.environ.get("ANLAN_TLS_CA", ""))

    def handle(self, *, url: str, sl651: str, mqtt: str, ca: str, **options: Any) -> None:
        host, _colon, port = sl651.rpartition(":")
        devices = Devices(url=url, sl651=(host, int(port)), mqtt=mqtt, ca=ca)
        try:
            asyncio.run(devices.run())
        except KeyboardInterrupt:
            return
