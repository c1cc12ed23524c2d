"""`anlan industries import FILE`: the bureau's list of the classification of industries."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.base.tables import header_of
from anlan.prevent.services.industries import COLUMNS, import_industries


class Command(BaseCommand):
    help = "Import industries (code, name; GB/T 4754) from Excel or CSV; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            plan = import_industries(
                content=given_files.read(file), by=get_user_model().objects.system(), at=clock.now()
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        for problem in plan.problems[:200]:
            column = header_of(problem.column, COLUMNS)
            self.stderr.write(f"{problem.row} {column} {problem.value}: {problem.text}")
        self.stdout.write(
            _("Imported: %(new)d new, %(changed)d changed, %(same)d unchanged, %(bad)d bad cells")
            % {
                "new": plan.new,
                "changed": plan.changed,
                "same": plan.same,
                "bad": len(plan.problems),
            }
        )
