"""`anlan standards load FILE`: a checklist from a TOML file, as a draft that a person approves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.prevent.services.standards import load_standard


class Command(BaseCommand):
    help = "Load a checklist (TOML) as the next version's draft; another person puts it in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["load"])
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            draft = load_standard(
                document=given_files.read_toml(file),
                by=get_user_model().objects.system(),
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        self.stdout.write(
            _("Draft of %(name)s, version %(number)d: %(count)d lines. Somebody must approve it.")
            % {
                "name": draft.standard.name,
                "number": draft.number,
                "count": draft.entries.count(),
            }
        )
