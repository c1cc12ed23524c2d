from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.people.models import Account
from anlan.places.queries import get_region
from anlan.warn.files import load_rules

DEFAULT = Path(__file__).resolve().parent.parent.parent / "data/rules.toml"


class Command(BaseCommand):
    help = "Load alarm rules from a TOML file. Safe to repeat: what is the same stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["load"])
        parser.add_argument("file", type=Path, nargs="?", default=DEFAULT)
        parser.add_argument("--region", required=True, help="code of the region that they watch")

    def handle(self, *, action: str, file: Path, region: str, **options: Any) -> None:
        try:
            loaded = load_rules(
                document=given_files.read_toml(file),
                region=get_region(code=region),
                by=Account.objects.system(),
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        words = {"new": _("new"), "changed": _("changed"), "unchanged": _("unchanged")}
        for one in loaded:
            self.stdout.write(f"{words[one.what]}  {one.rule.code}  {one.rule.name}")
