"""Rain forecasts of the weather service, handed in as files."""

import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region

from ..ground.rasters import sha256
from ..models import RainForecast
from ..rain.netcdf import RainFile


def save_rain(
    *,
    path: Path,
    found: RainFile,
    region: Region,
    kind: str = RainForecast.Kind.FORECAST,
    made_up: bool = False,
    by: Account,
    at: datetime,
) -> RainForecast:
    """Keep a checked file; runs use the newest that covers them. The same file twice is one."""
    by.require("simulate.manage", region=region)
    digest = sha256(path)
    known = RainForecast.objects.filter(region=region, sha256=digest).first()
    if known is not None:
        return known
    if kind == RainForecast.Kind.FORECAST and found.edges[-1] <= at:
        raise Refusal(
            "simulate.rain_past",
            _("This forecast ends at %(end)s: that is past.")
            % {"end": f"{timezone.localtime(found.edges[-1]):%Y-%m-%d %H:%M}"},
            hint=_("Give the newest one; check its time zone."),
        )
    name = f"simulate/rain/{digest}.nc"
    kept = Path(settings.DATA_DIR) / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    shutil.copyfile(path, part)
    part.replace(kept)
    return _row(path.name, name, digest, found, region, kind, made_up, by, at)


@transaction.atomic
def _row(
    file: str,
    folder: str,
    digest: str,
    found: RainFile,
    region: Region,
    kind: str,
    made_up: bool,
    by: Account,
    at: datetime,
) -> RainForecast:
    row = RainForecast.objects.create(
        region=region,
        kind=kind,
        name=file[:200],
        made_up=made_up,
        issued_at=found.issued_at,
        first_at=found.edges[0],
        last_at=found.edges[-1],
        variable=found.variable,
        bounds=found.bounds,
        sha256=digest,
        folder=folder,
        facts=found.facts(),
        imported_at=at,
        imported_by=by,
    )
    data = {"rain_id": row.pk, "sha256": digest, "issued_at": found.issued_at}
    publish("simulate.rain.imported", at=at, by=by, region_path=region.path, **data)
    return row
