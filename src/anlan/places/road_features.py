"""Read roads from GeoJSON: a bureau's own export, or an extract of OpenStreetMap."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _

from anlan.base.tables import Column, Problem

from .models import Road

# Under which names publishers write each property; the first is the one that error lists show.
COLUMNS = (
    Column("code", ("编号", "code", "道路编号", "osm_id", "@id", "id")),
    Column("name", ("名称", "name", "路名", "道路名称"), required=False),
    Column("road_class", ("等级", "road_class", "道路等级", "highway", "fclass")),
    Column("owner", ("养护单位", "owner", "权属单位", "operator"), required=False),
    Column("elevated", ("高架", "elevated", "bridge"), required=False),
    Column("geometry", ("线",), required=False),
)
_CODE = re.compile(r"[\w.:/@-]{1,40}")
_C = Road.Class
# The names of city roads (CJJ 37) and of highways, and OpenStreetMap's values of `highway`.
_CLASSES = {
    "高速公路": _C.MOTORWAY, "motorway": _C.MOTORWAY, "motorway_link": _C.MOTORWAY,
    "快速路": _C.EXPRESS, "国道": _C.EXPRESS, "trunk": _C.EXPRESS, "trunk_link": _C.EXPRESS,
    "主干路": _C.ARTERIAL, "主干道": _C.ARTERIAL, "省道": _C.ARTERIAL,
    "primary": _C.ARTERIAL, "primary_link": _C.ARTERIAL,
    "次干路": _C.COLLECTOR, "次干道": _C.COLLECTOR, "县道": _C.COLLECTOR,
    "secondary": _C.COLLECTOR, "secondary_link": _C.COLLECTOR,
    "支路": _C.LOCAL, "乡道": _C.LOCAL, "村道": _C.LOCAL, "tertiary": _C.LOCAL,
    "tertiary_link": _C.LOCAL, "residential": _C.LOCAL, "unclassified": _C.LOCAL,
    "living_street": _C.LOCAL, "service": _C.LOCAL, "road": _C.LOCAL,
}  # fmt: skip
# What an extract of OpenStreetMap holds besides: no way for a car.
_NO_ROADS = {
    "footway", "path", "steps", "cycleway", "pedestrian", "track", "bridleway", "corridor",
    "construction", "proposed", "platform", "raceway", "elevator", "crossing", "bus_stop",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoadRow:
    """A stretch of road as a program gives it."""

    code: str
    name: str
    road_class: str
    geometry: Any  # shapely LineString or MultiLineString, WGS 84
    owner: str = ""
    elevated: bool = False
    made_up: bool = False
    row: int = 0  # of the file, from 1


@dataclass(frozen=True)
class Read:
    rows: list[RoadRow]
    problems: list[Problem]
    ignored: int  # footpaths and the like
    cells: dict[int, dict[str, str]]  # by row: what stood there, for the error list


def read(features: Iterable[Mapping[str, Any]]) -> Read:
    """Every feature as a row, or what is wrong with it."""
    found = Read([], [], 0, {})
    ignored = 0
    first: dict[str, int] = {}
    for number, feature in enumerate(features, start=1):
        cells = _cells(feature)
        if cells["road_class"] in _NO_ROADS:
            ignored += 1
            continue
        geometry = _geometry(feature)
        wrong = list(_check(number, cells, geometry, first))
        found.problems.extend(wrong)
        found.cells[number] = cells
        if not wrong:
            found.rows.append(_row(number, cells, geometry))
    return Read(found.rows, found.problems, ignored, found.cells)


def _cells(feature: Mapping[str, Any]) -> dict[str, str]:
    given = feature.get("properties")
    properties = given if isinstance(given, dict) else {}
    cells = {}
    for column in COLUMNS:
        values = (properties.get(key) for key in column.headers)
        cells[column.name] = str(next((v for v in values if v not in (None, "")), "")).strip()
    cells["code"] = cells["code"] or str(feature.get("id") or "")
    layer = str(properties.get("layer") or "")
    if not cells["elevated"] and layer.isdecimal() and int(layer) > 0:
        cells["elevated"] = "yes"
    return cells


def _check(
    number: int, cells: Mapping[str, str], geometry: Any, first: dict[str, int]
) -> Iterable[Problem]:
    def bad(column: str, text: str) -> Problem:
        return Problem(number, column, cells[column], text)

    code = cells["code"]
    if not _CODE.fullmatch(code):
        yield bad("code", _("A road's code has 1 to 40 letters or digits."))
    elif code in first:
        yield bad("code", _("The same code is in row %(row)d.") % {"row": first[code]})
    first.setdefault(code, number)
    if class_of(cells["road_class"]) is None:
        classes = "、".join(str(label) for label in Road.Class.labels)
        yield bad("road_class", _("Unknown class; use one of: %(classes)s.") % {"classes": classes})
    for column in ("name", "owner"):
        if len(cells[column]) > 120:
            yield bad(column, _("At most 120 characters."))
    if geometry is None:
        yield bad("geometry", _("Not a line in degrees."))


def class_of(text: str) -> str | None:
    """The class that somebody means by its code, its name or OpenStreetMap's word."""
    if text in Road.Class.values:
        return text
    return _CLASSES.get(text)


def _geometry(feature: Mapping[str, Any]) -> Any:
    try:
        geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (KeyError, TypeError, shapely.errors.GEOSException):
        return None
    if geometry is None or geometry.geom_type not in {"LineString", "MultiLineString"}:
        return None
    geometry = shapely.force_2d(geometry)
    west, south, east, north = geometry.bounds if not geometry.is_empty else (0, 0, 0, 999)
    inside = -180 <= west <= east <= 180 and -85 <= south <= north <= 85  # false for NaN too
    return geometry if inside and geometry.length > 0 else None


def _row(number: int, cells: Mapping[str, str], geometry: Any) -> RoadRow:
    road_class = class_of(cells["road_class"])
    assert road_class is not None
    return RoadRow(
        code=cells["code"],
        name=cells["name"],
        road_class=road_class,
        geometry=geometry,
        owner=cells["owner"],
        elevated=cells["elevated"].lower() not in {"", "no", "0", "false", "否"},
        row=number,
    )
