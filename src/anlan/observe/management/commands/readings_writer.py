"""Store the readings of the process that started this one: by a pipe, not by hand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from anlan.observe import writer


class Command(BaseCommand):
    help = "Store readings for the process with the doors that starts this. Not for use by hand."

    requires_system_checks: list[str] = []  # its parent has passed them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("descriptor", type=int, help="the pipe's number")

    def handle(self, *, descriptor: int, **options: Any) -> None:
        writer.work(descriptor)
