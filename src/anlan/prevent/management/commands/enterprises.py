"""`anlan enterprises import FILE`: take in a list of enterprises from Excel or CSV."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.base.tables import header_of
from anlan.places.queries import get_region
from anlan.prevent.services.enterprise_lists import error_list, plan_list, write_plan
from anlan.prevent.services.list_cells import COLUMNS
from anlan.prevent.services.list_rows import Plan

MOST_SHOWN = 200


class Command(BaseCommand):
    help = "Import enterprises (credit code, name, grid …) from Excel or CSV; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", help="code of the region that all of it lies in")
        parser.add_argument("--errors", type=Path, help="write the bad lines into this workbook")
        parser.add_argument("--dry-run", action="store_true", help="show the changes, make none")

    def handle(
        self, *, file: Path, region: str | None, errors: Path | None, dry_run: bool, **options: Any
    ) -> None:
        try:
            plan = plan_list(
                content=given_files.read(file),
                region=get_region(code=region) if region else None,
                by=get_user_model().objects.system(),
                progress=self._progress(_("checked")),
            )
            if not dry_run:
                system = get_user_model().objects.system()
                taken = self._progress(_("taken in"))
                write_plan(plan=plan, by=system, at=clock.now(), progress=taken)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        self._report(plan, errors, dry_run)

    def _progress(self, what: str) -> Any:
        def show(done: int, total: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{what} {done}/{total}", ending="")

        return show

    def _report(self, plan: Plan, errors: Path | None, dry_run: bool) -> None:
        for problem in plan.problems[:MOST_SHOWN]:
            column = header_of(problem.column, COLUMNS)
            self.stderr.write(f"{problem.row} {column} {problem.value}: {problem.text}")
        if errors and plan.problems:
            errors.write_bytes(error_list(plan))
        self.stdout.write(
            (_("Would change") if dry_run else _("Imported"))
            + _(
                ": %(new)s new, %(changed)s changed, %(same)s unchanged, %(absent)s not in the list"
                " (left as they are), %(bad_lines)s bad lines (left out)"
            )
            % plan.counts
        )
