from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.journal import seal_new_events
from anlan.base.statistics import recount
from anlan.web import running
from anlan.web.backup import restore


class Command(BaseCommand):
    help = "Put a backup in place, bring it up to this version and verify its journal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="even where there is data")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        try:
            with running.alone():
                manifest = restore(file, force=force)
                call_command("migrate", verbosity=0, interactive=False)
                recount()
                seal_new_events()  # the worker of the backup's day had not come to it
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        self.stdout.write(
            _("Restored the state of %(at)s. Now the journal:") % {"at": manifest["made_at"]}
        )
        call_command("journal", "verify", stdout=self.stdout, stderr=self.stderr)
