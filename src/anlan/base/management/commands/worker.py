import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection

from anlan.base import storage
from anlan.base.events import deliver_waiting
from anlan.base.storage import DatabaseFault
from anlan.base.ticker import tick

logger = logging.getLogger(__name__)
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
            busy = self.round()
            if once:
                return
            if not busy:
                stop.wait(IDLE_S)

    def round(self) -> int:
        """Everything that is due; where the database is away, the next round catches up."""
        try:
            busy = deliver_waiting()
            tick()
        except DatabaseFault as error:
            if not storage.is_trouble(error):
                raise
            logger.warning("the database does not answer: %s", error)
            connection.close()  # a broken connection stays broken
            busy = 0
        close_old_connections()
        return busy
