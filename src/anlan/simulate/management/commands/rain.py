"""`anlan rain import FILE.nc`: expected rain from the weather service."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.people.models import Account
from anlan.places.queries import get_region
from anlan.simulate.describe import rain_lines
from anlan.simulate.models import RainForecast
from anlan.simulate.rain.netcdf import read_rain
from anlan.simulate.services.rain_files import save_rain

Kind = RainForecast.Kind


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ArgumentTypeError(f"no time zone in {text}; add one, such as +08:00")
    return at


class Command(BaseCommand):
    help = "Import a rain forecast (NetCDF by the CF conventions); the newest valid one is used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True, help="code of the region it is for")
        parser.add_argument("--variable", default="", help="name of the rain's variable")
        parser.add_argument("--issued", type=instant, help="when it was issued, if it does not say")
        parser.add_argument(
            "--radar", action="store_true", help="the last fields of a radar, to be carried on"
        )
        parser.add_argument("--made-up", action="store_true", help="generated: said on maps")
        parser.add_argument("--dry-run", action="store_true", help="check and report, keep nothing")

    def handle(
        self, *, file: Path, region: str, variable: str, issued: datetime | None, **options: Any
    ) -> None:
        try:
            found = read_rain(file, variable=variable, issued_at=issued)
            for line in rain_lines(found):
                self.stdout.write(line)
            if options["dry_run"]:
                self.stdout.write(_("Checked; nothing was kept."))
                return
            row = save_rain(
                path=file,
                found=found,
                region=get_region(code=region),
                kind=Kind.RADAR if options["radar"] else Kind.FORECAST,
                made_up=options["made_up"],
                by=Account.objects.system(),
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}".strip()) from refusal
        self.stdout.write(_("Kept as rain forecast %(number)d.") % {"number": row.pk})
