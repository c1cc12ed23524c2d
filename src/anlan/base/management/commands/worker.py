import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from anlan.base.events import deliver_waiting
from anlan.base.ticker import tick

IDLE_S = 0.2


class Command(BaseCommand):
    help = "Deliver events and run the periodic duties. Any number may run side by side."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *, once: bool, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            busy = deliver_waiting()
            tick()
            close_old_connections()
            if once:
                return
            if not busy:
                stop.wait(IDLE_S)
