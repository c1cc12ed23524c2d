"""Import region outlines from GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed
from anlan.base.events import publish

from .. import geojson
from ..models import Outline, Region
from .revisions import touch

if TYPE_CHECKING:
    from datetime import datetime

    from anlan.people.models import Account

# Where publishers of GeoJSON put the division's code. 天地图 writes 156 (China) before it.
_CODE_KEYS = ("code", "adcode", "gb", "代码", "区划代码", "XZQDM", "id")


@dataclass(frozen=True)
class Shape:
    """An outline for a region; generated ones say so."""

    code: str
    geometry: Any  # shapely Polygon or MultiPolygon, WGS 84
    made_up: bool = False


@dataclass(frozen=True)
class Outcome:
    saved: int
    unchanged: int
    unknown: list[str]  # features that fit no region in force


@transaction.atomic
def import_outlines(*, content: bytes, crs: str, source: str, by: Account, at: datetime) -> Outcome:
    """Outlines from a GeoJSON file. `crs`: "wgs84" (CGCS2000 counts as such) or "gcj02"."""
    features = geojson.features(content)
    if crs not in {"wgs84", "gcj02"}:
        raise BadInput("places.crs", _("The coordinates must be WGS 84 (CGCS2000) or GCJ-02."))
    codes = set(Region.objects.filter(valid_to=None).values_list("code", flat=True))
    shapes, unknown = [], []
    for feature in features:
        code = _code_of(feature, codes)
        if code is None:
            properties = feature.get("properties") or {}
            unknown.append(str(properties.get("name") or feature.get("id") or "?"))
            continue
        geometry = _geometry(feature)
        if crs == "gcj02":
            geometry = geojson.unshifted(geometry)
        shapes.append(Shape(code, geometry))
    outcome = save_outlines(shapes=shapes, source=source, by=by, at=at)
    return Outcome(outcome.saved, outcome.unchanged, unknown)


@transaction.atomic
def save_outlines(*, shapes: Iterable[Shape], source: str, by: Account, at: datetime) -> Outcome:
    """Set the outlines of regions in force; the same again changes nothing."""
    wanted = {shape.code: shape for shape in shapes}
    regions = {r.code: r for r in Region.objects.filter(valid_to=None) if r.code in wanted}
    if not by.is_system:
        paths = tuple(by.regions_for("places.manage"))
        if not paths or not all(r.path.startswith(paths) for r in regions.values()):
            raise NotAllowed(
                "places.beyond_regions", _("You may not set outlines in all of these regions.")
            )
    known = (
        {o.region_id: o for o in Outline.objects.filter(region__in=regions.values())}
        if len(regions) < 900
        else {o.region_id: o for o in Outline.objects.all()}
    )
    rows = []
    for code, region in regions.items():
        shape = wanted[code]
        wkb = shapely.to_wkb(shapely.make_valid(shape.geometry))
        old = known.get(region.pk)
        if old is None or bytes(old.wkb) != wkb or old.made_up != shape.made_up:
            rows.append(Outline(region=region, wkb=wkb, made_up=shape.made_up, source=source))
            _set_point(region, shape.geometry)
    Outline.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["region"],
        update_fields=["wkb", "made_up", "source"],
        batch_size=500,
    )
    Region.objects.bulk_update([row.region for row in rows], ["lon", "lat"], batch_size=300)
    if rows:
        top = min(row.region.path for row in rows)
        publish(
            "places.outlines.imported",
            at=at,
            by=by,
            region_path=top,
            source=source,
            count=len(rows),
        )
        touch("outlines")
    unknown = [code for code in wanted if code not in regions]
    return Outcome(len(rows), len(regions) - len(rows), unknown)


def _set_point(region: Region, geometry: Any) -> None:
    """A point inside to show and measure from, where none was given with the region."""
    if region.lon is None or region.lat is None:
        point = shapely.point_on_surface(geometry)
        region.lon, region.lat = round(point.x, 6), round(point.y, 6)


def _code_of(feature: Mapping[str, Any], codes: set[str]) -> str | None:
    properties = feature.get("properties") or {}
    for found in (*(properties.get(key) for key in _CODE_KEYS), feature.get("id")):
        text = str(found or "")
        # 6-digit county codes may stand for 4-digit city codes (330700 → 3307), 156… for China.
        for code in (text, text.removeprefix("156"), text.removeprefix("156").removesuffix("00")):
            if code in codes:
                return code
    return None


def _geometry(feature: Mapping[str, Any]) -> Any:
    name = (feature.get("properties") or {}).get("name", "?")
    try:
        geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (KeyError, shapely.errors.GEOSException) as error:
        raise BadInput(
            "places.bad_geometry", _("The outline of %(name)s cannot be read.") % {"name": name}
        ) from error
    west, south, east, north = geometry.bounds if geometry else (0, 0, 0, 999)
    if geometry.geom_type not in {"Polygon", "MultiPolygon"} or not (
        -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    ):
        raise BadInput(
            "places.bad_geometry",
            _("The outline of %(name)s is not a polygon in degrees.") % {"name": name},
        )
    return geometry
