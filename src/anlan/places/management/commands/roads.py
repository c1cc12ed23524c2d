"""`anlan roads import FILE`: roads from GeoJSON lines, such as an extract of OpenStreetMap."""

from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock, given_files
from anlan.base.errors import Refusal
from anlan.base.tables import header_of
from anlan.places.queries import get_region
from anlan.places.road_features import COLUMNS
from anlan.places.services import import_roads, plan_roads

MOST_SHOWN = 200


class Command(BaseCommand):
    help = "Import roads (GeoJSON lines); the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", default="", help="only roads in the region of this code")
        parser.add_argument("--crs", choices=["wgs84", "gcj02"], default="wgs84")
        parser.add_argument("--source", default="", help="where it comes from (default: the file)")
        parser.add_argument("--dry-run", action="store_true", help="show the changes, make none")

    def handle(
        self, *, file: Path, region: str, crs: str, source: str, dry_run: bool, **options: Any
    ) -> None:
        change = plan_roads if dry_run else partial(import_roads, at=clock.now())
        try:
            plan = change(
                content=given_files.read(file),
                crs=crs,
                source=source or file.name,
                region=get_region(code=region) if region else None,
                by=get_user_model().objects.system(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal
        for problem in plan.problems[:MOST_SHOWN]:
            column = header_of(problem.column, COLUMNS)
            self.stderr.write(f"{problem.row} {column} {problem.value}: {problem.text}")
        self.stdout.write(
            (_("Would change") if dry_run else _("Imported"))
            + _(
                ": %(new)s new, %(changed)s changed, %(same)s unchanged, %(outside)s outside of the"
                " region, %(ignored)s no ways for cars, %(problems)s problems (left out)"
            )
            % {**vars(plan), "problems": len(plan.problems)}
        )
