from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from anlan.base import journal
from anlan.base.models import Event, Seal


class Command(BaseCommand):
    help = "Seal the journal, or verify that nothing in it was altered or removed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify", "seal"])

    def handle(self, *, action: str, **options: Any) -> None:
        if action == "seal":
            seal = journal.seal_new_events()
            self.stdout.write(f"sealed {seal.count} events: {seal.hash}" if seal else "nothing new")
            return
        findings = journal.verify()
        for finding in findings:
            self.stderr.write(f"{finding.kind}: {finding.text}")
        head = Seal.objects.order_by("-pk").first()
        if findings:
            raise CommandError(f"{len(findings)} finding(s): the journal is NOT intact")
        self.stdout.write(
            f"intact: {Event.objects.count()} events, {Seal.objects.count()} seals, "
            f"head {head.hash if head else journal.GENESIS}"
        )
