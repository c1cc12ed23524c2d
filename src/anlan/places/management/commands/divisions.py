"""`anlan divisions import FILE`: bring the region tree up to date from a list."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.places.services import import_divisions, plan_divisions
from anlan.places.services.regions import problem_text


class Command(BaseCommand):
    help = "Import a city's divisions (code, name, level, parent) from CSV or Excel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--valid-from",
            type=date.fromisoformat,
            help="day from which changes hold (default: today; the beginning in an empty tree)",
        )
        parser.add_argument("--dry-run", action="store_true", help="show the changes, make none")

    def handle(self, *, file: Path, valid_from: date | None, dry_run: bool, **options: Any) -> None:
        try:
            content = given_files.read(file)
            plan = plan_divisions(content=content)
            for problem in plan.problems[:200]:
                self.stderr.write(problem_text(problem))
            if not dry_run and not plan.problems:
                system = get_user_model().objects.system()
                plan = import_divisions(
                    content=content, valid_from=valid_from, by=system, at=clock.now()
                )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        if plan.problems:
            raise CommandError(
                _("%(count)s cells cannot be taken; nothing was imported.")
                % {"count": len(plan.problems)}
            )
        self.stdout.write(
            (_("Would change") if dry_run else _("Imported"))
            + _(
                ": %(new)s new, %(renamed)s renamed, %(moved)s moved, %(recoded)s recoded,"
                " %(merged)s merged,"
                " %(same)s unchanged, %(missing)s not in the list (left as they are)"
            )
            % {
                "new": len(plan.new),
                "renamed": len(plan.renamed),
                "moved": len(plan.moved),
                "recoded": len(plan.recoded),
                "merged": len(plan.mergers),
                "same": plan.same,
                "missing": len(plan.missing),
            }
        )
