"""Outlines for the map: simplified, scoped, compressed, and kept until they change."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence

import shapely

from .models import Outline, Region
from .queries import revision

# How much of a border may be cut off, in degrees: about a pixel where such a level is shown.
_TOLERANCE = {1: 0.005, 2: 0.002, 3: 0.0008, 4: 0.0003, 5: 0.0001, 6: 0.00005}
_KEPT = 200
_made: OrderedDict[tuple[object, ...], tuple[bytes, str]] = OrderedDict()


def outlines(*, paths: Sequence[str], level: int, parent: str = "") -> tuple[bytes, str]:
    """Gzipped GeoJSON of one level (inside the region with this path), and its entity tag."""
    version = f"{revision('outlines')}.{revision('regions')}"
    key = (version, tuple(paths), level, parent)
    found = _made.get(key)
    if found is None:
        rows = Region.objects.within(paths).filter(valid_to=None, level=level)
        if parent:
            rows = rows.filter(path__under=parent)
        body = gzip.compress(_geojson(rows.values_list("pk", flat=True), level), 5, mtime=0)
        found = (body, f'"{hashlib.sha256(body).hexdigest()[:24]}"')
        _made[key] = found
        while len(_made) > _KEPT:
            _made.popitem(last=False)
    return found


def forget() -> None:
    """For tests."""
    _made.clear()


def _geojson(regions: object, level: int) -> bytes:
    rows = list(
        Outline.objects.filter(region__in=regions)  # type: ignore[misc]
        .order_by("region__path")
        .values_list(
            "wkb", "made_up", "region__code", "region__name", "region__level", "region__path"
        )
    )
    shapes = shapely.simplify(
        shapely.from_wkb([bytes(row[0]) for row in rows]), _TOLERANCE.get(level, 0.0001)
    )
    shapes = shapely.set_precision(shapes, 0.00001, mode="pointwise") if len(rows) else shapes
    features = []
    for shape, (_wkb, made_up, code, name, own_level, path) in zip(shapes, rows, strict=True):
        properties = {
            "code": code,
            "name": name,
            "level": own_level,
            "path": path,
            "made_up": made_up,
        }
        words = json.dumps(properties, ensure_ascii=False)
        geometry = shapely.to_geojson(shape)
        features.append(
            f'{{"type":"Feature","id":"{code}","properties":{words},"geometry":{geometry}}}'
        )
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()
