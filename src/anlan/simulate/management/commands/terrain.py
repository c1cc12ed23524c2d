"""`anlan terrain import FILE.tif`: the ground that water is computed on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.people.models import Account
from anlan.places.queries import get_region
from anlan.simulate.describe import report_lines
from anlan.simulate.ground.importing import Prepared, Sources, prepare
from anlan.simulate.services.terrains import left_behind, save_terrain


class Command(BaseCommand):
    help = "Import terrain with what lies on it; say what is wrong with it first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path, help="heights in metres: GeoTIFF in any CRS")
        parser.add_argument("--name", required=True)
        parser.add_argument("--region", required=True, help="code of the region it belongs to")
        parser.add_argument("--source", default="", help="who made it, when, by what licence")
        parser.add_argument("--cell-m", type=float, default=10.0, help="width of a cell (10)")
        parser.add_argument("--epsg", type=int, help="a CRS in metres (its own, or its UTM zone)")
        parser.add_argument("--manning", default="", help="roughness: a number or a raster")
        parser.add_argument("--landcover", type=Path, help="raster of classes")
        parser.add_argument("--table", type=Path, help="TOML: what a class means")
        parser.add_argument("--buildings", type=Path, help="GeoJSON (WGS 84) or raster")
        parser.add_argument("--drain", default="", help="what drains take, mm/h: number or raster")
        parser.add_argument("--links", type=Path, help="JSON: culverts and pumps")
        parser.add_argument(
            "--resample", action="store_true", help="take layers on other grids than the terrain's"
        )
        parser.add_argument("--made-up", action="store_true", help="generated: said on every map")
        parser.add_argument("--dry-run", action="store_true", help="check and report, keep nothing")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            prepared = prepare(
                sources(file, options),
                cell_m=options["cell_m"],
                epsg=options["epsg"],
                resample=options["resample"],
            )
            for line in report_lines(prepared.grid, prepared.report):
                self.stdout.write(line)
            if dry_run:
                self.stdout.write(_("Checked; nothing was kept."))
                return
            self.keep(prepared, file, options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}".strip()) from refusal

    def keep(self, prepared: Prepared, file: Path, options: dict[str, Any]) -> None:
        terrain = save_terrain(
            prepared=prepared,
            name=options["name"],
            region=get_region(code=options["region"]),
            source=options["source"] or file.name,
            made_up=options["made_up"],
            by=Account.objects.system(),
            at=clock.now(),
        )
        self.stdout.write(_("Imported as terrain %(number)d.") % {"number": terrain.pk})
        if stopped := left_behind(terrain):
            self.stdout.write(
                _("It is on another grid than before: no more forecasts of %(areas)s.")
                % {"areas": ", ".join(stopped)}
            )
            self.stdout.write(_("Make areas on the new terrain, under terrain and areas."))


def sources(bed: Path, options: dict[str, Any]) -> Sources:
    names = ("manning", "landcover", "table", "buildings", "drain", "links")
    return Sources(bed=bed, **{name: options[name] for name in names})
