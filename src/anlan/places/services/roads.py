"""Import roads: from a file that somebody hands in, or from rows that a program has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.base.events import publish
from anlan.base.tables import Problem

from .. import geojson, position, road_features
from ..models import Region, Road
from ..road_features import RoadRow
from .revisions import touch
from .sites import common_path

if TYPE_CHECKING:
    from datetime import datetime

    from anlan.people.models import Account

_FIELDS = [
    "name", "road_class", "owner", "region", "wkb", "elevated", "made_up", "source", "closed_on",
]  # fmt: skip


@dataclass(frozen=True)
class RoadPlan:
    new: int
    changed: int
    same: int
    outside: int  # of the region that was asked for
    ignored: int = 0  # footpaths and the like
    problems: list[Problem] = field(default_factory=list)
    cells: dict[int, dict[str, str]] = field(default_factory=dict)
    # What is written.
    to_make: list[Road] = field(default_factory=list)
    to_change: list[Road] = field(default_factory=list)


def plan_roads(
    *,
    content: bytes,
    crs: str = "wgs84",
    source: str,
    region: Region | None = None,
    made_up: bool = False,
    by: Account,
) -> RoadPlan:
    """What a GeoJSON file of lines would change, with what is wrong in it; changes nothing.

    With a region, only the stretches whose middle lies in it. A road that is not in the file stays.
    """
    if crs not in {"wgs84", "gcj02"}:
        raise BadInput("places.crs", _("The coordinates must be WGS 84 (CGCS2000) or GCJ-02."))
    found = road_features.read(geojson.features(content))
    rows = [replace(row, made_up=made_up) for row in found.rows]
    if crs == "gcj02":
        rows = [replace(row, geometry=geojson.unshifted(row.geometry)) for row in rows]
    plan = _compare(rows, source, region, by)
    problems = sorted(found.problems + plan.problems, key=lambda problem: problem.row)
    return replace(plan, ignored=found.ignored, problems=problems, cells=found.cells)


@transaction.atomic
def import_roads(
    *,
    content: bytes,
    crs: str = "wgs84",
    source: str,
    region: Region | None = None,
    made_up: bool = False,
    by: Account,
    at: datetime,
) -> RoadPlan:
    """Take every good line of a file; the same file again changes nothing."""
    plan = plan_roads(
        content=content, crs=crs, source=source, region=region, made_up=made_up, by=by
    )
    if plan.to_make or plan.to_change:
        _write(plan, source, by=by, at=at)
    return plan


@transaction.atomic
def close_road(*, road: Road, by: Account, at: datetime) -> Road:
    """The road is no more. Its records stay."""
    by.require("places.manage", region=road.region)
    road.closed_on = localdate(at)
    road.save(update_fields=["closed_on"])
    publish("places.road.closed", at=at, by=by, region_path=road.region.path, road_id=road.pk)
    touch("roads")
    return road


def error_list(plan: RoadPlan) -> bytes:
    """A workbook of the features with something wrong, bad cells marked."""
    wrong = sorted({problem.row for problem in plan.problems})
    place = {row: n for n, row in enumerate(wrong)}
    marks: dict[tuple[int, str], str] = {}
    for problem in plan.problems:
        marks.setdefault((place[problem.row], problem.column), problem.text)
    return tables.workbook(road_features.COLUMNS, [plan.cells[row] for row in wrong], marks)


def _compare(rows: Sequence[RoadRow], source: str, region: Region | None, by: Account) -> RoadPlan:
    regions = _regions_of(rows)
    known = _known(rows)
    paths = tuple(by.regions_for("places.manage"))
    problems: list[Problem] = []
    make, change, same, outside = [], [], 0, 0
    for row, here in zip(rows, regions, strict=True):
        old = known.get(row.code)
        if here is not None and region is not None and not region.covers(here):
            outside += 1
        elif wrong := _refused(row, here, old, by, paths):
            problems.append(wrong)
        elif old is None:
            make.append(_filled(Road(code=row.code), row, here, source))
        elif _differs(old, row, here):
            change.append(_filled(old, row, here, source))
        else:
            same += 1
    return RoadPlan(
        len(make), len(change), same, outside, problems=problems, to_make=make, to_change=change
    )


def _refused(
    row: RoadRow, here: Region | None, old: Road | None, by: Account, paths: tuple[str, ...]
) -> Problem | None:
    if here is None:
        text = _("The middle of the line lies in no outline.")
        return Problem(row.row, "geometry", "", text)
    if by.is_system:
        return None
    if not (paths and here.path.startswith(paths)):
        text = _("You may not manage roads in %(region)s.") % {"region": here.name}
        return Problem(row.row, "geometry", here.code, text)
    if old is not None and not old.region.path.startswith(paths):
        return Problem(row.row, "code", row.code, _("Another office uses this code."))
    return None


def _regions_of(rows: Sequence[RoadRow]) -> list[Region | None]:
    if not rows:
        return []
    lines = np.array([row.geometry for row in rows], dtype=object)
    halfway = shapely.line_interpolate_point(_longest(lines), 0.5, normalized=True)
    middle = shapely.get_coordinates(halfway)
    pks, _guessed = position.locate(middle[:, 0], middle[:, 1])
    by_pk = {r.pk: r for r in Region.objects.filter(pk__in=set(pks.tolist()))}
    return [by_pk.get(pk) for pk in pks.tolist()]


def _longest(lines: Any) -> Any:
    """Of each line its longest part: a middle between two parts would lie on neither."""
    parts, of = shapely.get_parts(lines, return_index=True)
    order = np.lexsort((shapely.length(parts), of))
    last = np.append(np.flatnonzero(np.diff(of[order])), len(order) - 1)
    return parts[order[last]]


def _known(rows: Sequence[RoadRow]) -> dict[str, Road]:
    roads = Road.objects.select_related("region")
    if len(rows) <= 500:
        roads = roads.filter(code__in=[row.code for row in rows])
    return {road.code: road for road in roads}


def _differs(old: Road, row: RoadRow, here: Region | None) -> bool:
    before = (old.name, old.road_class, old.elevated, old.made_up, old.region_id, old.closed_on)
    now = (row.name, row.road_class, row.elevated, row.made_up, here and here.pk, None)
    owner = row.owner not in {"", old.owner}
    return owner or before != now or bytes(old.wkb) != shapely.to_wkb(row.geometry)


def _filled(road: Road, row: RoadRow, here: Region | None, source: str) -> Road:
    assert here is not None
    road.name, road.road_class, road.elevated = row.name, row.road_class, row.elevated
    # Extracts of maps rarely say who keeps a road up: what the bureau entered stays.
    road.owner = row.owner or road.owner
    road.region, road.wkb = here, shapely.to_wkb(row.geometry)
    road.made_up, road.source, road.closed_on = row.made_up, source[:200], None
    return road


def _write(plan: RoadPlan, source: str, *, by: Account, at: datetime) -> None:
    Road.objects.bulk_create(plan.to_make, batch_size=1000)
    Road.objects.bulk_update(plan.to_change, _FIELDS, batch_size=100)
    paths = [road.region.path for road in (*plan.to_make, *plan.to_change)]
    publish(
        "places.roads.imported",
        at=at,
        by=by,
        region_path=common_path(paths),
        new=plan.new,
        changed=plan.changed,
        source=source[:200],
    )
    touch("roads")
