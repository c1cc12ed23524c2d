"""Terrains: imported, replaced."""

import json
import shutil
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region

from ..ground.importing import Prepared
from ..ground.layers import LAYERS
from ..ground.rasters import sha256, write_raster
from ..ground.terrain_files import LINKS
from ..models import Area, Terrain

LONGEST_NAME = 120


def save_terrain(
    *,
    prepared: Prepared,
    name: str,
    region: Region,
    source: str,
    made_up: bool = False,
    by: Account,
    at: datetime,
) -> Terrain:
    """Write a checked terrain's files and put it in force; one of the same name is replaced.

    The replaced one's files stay: runs made on it can still be explained. On the same grid its
    areas go over to the new one, so that forecasts go on; on another they stop (`left_behind`).
    """
    by.require("simulate.manage", region=region)
    if not name.strip():
        raise BadInput("simulate.name", _("A terrain needs a name."))
    if len(name.strip()) > LONGEST_NAME:
        raise BadInput(
            "simulate.name_long",
            _("A name has %(most)d characters at most.") % {"most": LONGEST_NAME},
        )
    part = Path(settings.DATA_DIR) / "terrain" / f".{uuid.uuid4().hex}.part"
    part.mkdir(parents=True)
    try:
        layers = _write(part, prepared)
        with transaction.atomic():
            terrain = _row(prepared, layers, name.strip(), region, source, made_up, by, at)
            folder = Path(settings.DATA_DIR) / terrain.folder
            shutil.rmtree(folder, ignore_errors=True)  # of a transaction that was undone
            part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return terrain


def left_behind(terrain: Terrain) -> list[str]:
    """Names of areas that are forecast no more since this terrain replaced theirs."""
    same = Area.objects.filter(terrain__name=terrain.name, terrain__region=terrain.region)
    stopped = same.filter(enabled=True, terrain__replaced_at=terrain.imported_at)
    return list(stopped.order_by("name").values_list("name", flat=True))


def _write(folder: Path, prepared: Prepared) -> dict[str, str]:
    note = str(prepared.report.get("source", ""))
    layers = {
        name: write_raster(
            folder / f"{name}.tif", values, prepared.grid, unit=LAYERS[name], note=note
        )
        for name, values in prepared.layers.items()
    }
    if prepared.links:
        path = folder / LINKS
        path.write_text(json.dumps(prepared.links, ensure_ascii=False, indent=1), encoding="utf-8")
        layers["links"] = sha256(path)
    return layers


def _row(
    prepared: Prepared,
    layers: dict[str, str],
    name: str,
    region: Region,
    source: str,
    made_up: bool,
    by: Account,
    at: datetime,
) -> Terrain:
    before = Terrain.objects.in_force().filter(region=region, name=name).first()
    if before is not None:
        Terrain.objects.filter(pk=before.pk).update(replaced_at=at)
    terrain = Terrain.objects.create(
        name=name,
        region=region,
        source=source[:200],
        made_up=made_up,
        layers=layers,
        report=prepared.report,
        imported_at=at,
        imported_by=by,
        **prepared.grid.as_dict(),
    )
    terrain.folder = f"terrain/{terrain.pk}"
    terrain.save(update_fields=["folder"])
    if before is not None and before.grid == terrain.grid:
        before.areas.update(terrain=terrain)
    publish(
        "simulate.terrain.imported",
        at=at,
        by=by,
        region_path=region.path,
        terrain_id=terrain.pk,
        replaced_id=before.pk if before else None,
        layers=layers,
    )
    return terrain
