"""`anlan population import FILE`: how many people live in regions, down to the grids."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.base.tables import header_of
from anlan.places.services import import_populations, plan_populations
from anlan.places.services.populations import COLUMNS

MOST_SHOWN = 200


class Command(BaseCommand):
    help = "Import counts of people (region code, people, day) from CSV or Excel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the figures come from")
        parser.add_argument("--date", type=date.fromisoformat, help="for lines without a day")
        parser.add_argument("--dry-run", action="store_true", help="show the changes, make none")

    def handle(
        self, *, file: Path, source: str, date: date | None, dry_run: bool, **options: Any
    ) -> None:
        change = plan_populations if dry_run else import_populations
        try:
            plan = change(
                content=given_files.read(file),
                source=source,
                counted_on=date,
                by=get_user_model().objects.system(),
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        for problem in plan.problems[:MOST_SHOWN]:
            column = header_of(problem.column, COLUMNS)
            self.stderr.write(f"{problem.row} {column} {problem.value}: {problem.text}")
        self.stdout.write(
            (_("Would change") if dry_run else _("Imported"))
            + _(
                ": %(new)s new, %(changed)s changed, %(same)s unchanged, %(people)s people in all,"
                " %(problems)s problems (left out)"
            )
            % {**vars(plan), "problems": len(plan.problems)}
        )
