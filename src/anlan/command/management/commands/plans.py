from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.command.services.plans import load_plan
from anlan.people.models import Account
from anlan.places.queries import get_region


class Command(BaseCommand):
    help = "Load a plan from a TOML file as a draft; a person approves it on its page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["load"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True, help="code of the region whose plan it is")

    def handle(self, *, action: str, file: Path, region: str, **options: Any) -> None:
        try:
            document = given_files.read_toml(file)
            version = load_plan(
                document=document,
                region=get_region(code=region),
                by=Account.objects.system(),
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        count = version.steps.count()
        self.stdout.write(
            _("%(plan)s: %(count)s steps, %(state)s")
            % {"plan": version, "count": count, "state": version.get_state_display()}
        )
