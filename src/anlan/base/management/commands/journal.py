from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import journal
from anlan.base.models import Event, Seal


class Command(BaseCommand):
    help = "Seal the journal, or verify that nothing in it was altered or removed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify", "seal"])

    def handle(self, *, action: str, **options: Any) -> None:
        if action == "seal":
            seal = journal.seal_new_events()
            made = _("sealed %(count)s events: %(hash)s")
            self.stdout.write(
                made % {"count": seal.count, "hash": seal.hash}
                if seal
                else _("nothing new to seal")
            )
            return
        findings = journal.verify()
        for finding in findings:
            self.stderr.write(f"{finding.kind}: {finding.text}")
        head = Seal.objects.order_by("-pk").first()
        if findings and all(finding.kind == "unsealed" for finding in findings):
            raise CommandError(
                _(
                    "Nothing was altered or removed, but not everything is sealed: run “anlan up”,"
                    " or “anlan journal seal”."
                )
            )
        if findings:
            raise CommandError(
                _("The journal is NOT intact: %(count)s findings.") % {"count": len(findings)}
            )
        self.stdout.write(
            _("The journal is intact: %(events)s events, %(seals)s seals, head %(head)s")
            % {
                "events": Event.objects.count(),
                "seals": Seal.objects.count(),
                "head": head.hash if head else journal.GENESIS,
            }
        )
