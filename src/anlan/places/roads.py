"""Read roads: for the map's tiles, for lists, one by one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound

from .layers import Lines
from .models import PLACE, Region, Road

# The zoom from which a class is drawn: far out a city's lanes would be one blot.
_FROM_ZOOM = {
    Road.Class.MOTORWAY: 6,
    Road.Class.EXPRESS: 8,
    Road.Class.ARTERIAL: 9,
    Road.Class.COLLECTOR: 11,
    Road.Class.LOCAL: 13,
}


def road_lines() -> Lines:
    """Every road in use, for the map's tiles, which cut it to the reader's regions."""
    rows = list(
        Road.objects.in_use().values_list(
            "pk", "wkb", "region__path", "road_class", "name", "elevated", "made_up"
        )
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    return Lines(
        ids=np.array(columns[0], dtype=np.int64),
        geometries=shapely.from_wkb([bytes(wkb) for wkb in columns[1]]),
        paths=columns[2],
        from_zoom=np.array([_FROM_ZOOM.get(c, 13) for c in columns[3]], dtype=np.int64),
        kinds=columns[3],
        properties={
            "road_class": columns[3],
            "name": columns[4],
            "elevated": columns[5],
            "made_up": columns[6],
        },
    )


def list_roads(*, region: Region, paths: Iterable[str], text: str = "") -> QuerySet[Road]:
    """Roads in use at and below a region."""
    rows = Road.objects.within(paths).in_use().filter(region__path__under=region.path)
    if text:
        rows = rows.filter(Q(name__contains=text) | Q(code__startswith=text))
    return rows.select_related(f"region__{PLACE}").order_by("region__path", "name", "code")


def get_road(*, road_id: int, paths: Iterable[str]) -> Road:
    """One road in these subtrees, or not there."""
    rows = Road.objects.within(paths).select_related("region", "region__parent")
    road = rows.filter(pk=road_id).first()
    if road is None:
        raise NotFound("places.no_road", _("There is no such road in your regions."))
    return road


def middle(road: Road) -> tuple[float, float]:
    """Longitude and latitude of a point on the road, about its middle."""
    line = shapely.from_wkb(bytes(road.wkb))
    longest = max(shapely.get_parts(line), key=lambda part: part.length)
    point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    return float(point.x), float(point.y)
