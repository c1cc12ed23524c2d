"""The process that computes forecasts and scenarios."""

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from anlan.base import clock
from anlan.simulate.runs import runner

IDLE_S = 0.5
LOOK_FOR_LOST_S = 10.0


class Command(BaseCommand):
    help = "Compute the runs that wait, until stopped. Several may run, on one database."

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="what waits now, then stop")

    def handle(self, *, once: bool, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        os.nice(5)  # readings and pages come first
        while not stop.is_set():
            runner.put_back_lost(clock.now())
            run = runner.take_next()
            if run is not None:
                with runner.Pulse(run, leave=stop) as pulse:
                    runner.compute(run, pulse)
            close_old_connections()
            if run is None:
                if once:
                    return
                stop.wait(IDLE_S)
