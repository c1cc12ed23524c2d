"""What of the house lies on a grid: sites, roads, small regions with their people, gauges.

For machinery: it asks for no actor. Positions are brought to the grid's metres once, in bulk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.observe.models import Series
from anlan.places import populations
from anlan.places.models import Outline, Region, Road, Site

from ..ground.grid import Grid, project, unproject

Floats = NDArray[np.float64]
# How far from its position a site's water is looked for [m]. An underpass is a hole of some
# twenty metres; a building's own cells are blocked, so its water is what stands around it.
HERE_M, BUILDING_M = 15.0, 30.0
BUILDINGS = frozenset(
    {"shelter", "store", "fire_station", "hospital", "school", "enterprise", "village_office"}
)
GRID_REACH_M = 500.0  # how far the ground of a grid without an outline reaches from its point
MARGIN_DEG = 0.01


@dataclass(frozen=True)
class SitesOn:
    pk: list[int]
    region: list[int]
    lon: Floats
    lat: Floats
    x_m: Floats
    y_m: Floats
    radius_m: Floats


@dataclass(frozen=True)
class RoadsOn:
    code: list[str]
    name: list[str]
    region: list[int]
    lines: NDArray[Any]


@dataclass(frozen=True)
class GridsOn:
    """The smallest regions: grids, and villages that have none."""

    region: list[int]
    lon: Floats
    lat: Floats
    x_m: Floats
    y_m: Floats
    outline: list[Any]  # in the grid's metres; None where there is none
    people: Floats


@dataclass(frozen=True)
class GaugesOn:
    series: list[int]
    x_m: Floats
    y_m: Floats


def sites_on(grid: Grid) -> SitesOn:
    """Sites in use inside the grid."""
    west, south, east, north = bounds(grid)
    rows = Site.objects.in_use().filter(lon__range=(west, east), lat__range=(south, north))
    columns = _columns(rows.values_list("pk", "region_id", "kind", "lon", "lat"), 5)
    lon, lat = np.array(columns[3], float), np.array(columns[4], float)
    x, y = project(grid.epsg, lon, lat)
    radius = np.array([BUILDING_M if kind in BUILDINGS else HERE_M for kind in columns[2]])
    return SitesOn(list(columns[0]), list(columns[1]), lon, lat, x, y, radius)


def roads_on(grid: Grid) -> RoadsOn:
    """Roads on the ground; a bridge is not reached by the water under it."""
    rows = Road.objects.in_use().filter(elevated=False)
    columns = _columns(rows.values_list("code", "name", "region_id", "wkb"), 4)
    lines = shapely.from_wkb([bytes(wkb) for wkb in columns[3]])
    if not len(lines):
        return RoadsOn([], [], [], np.array([], dtype=object))
    near = np.flatnonzero(shapely.intersects(lines, shapely.box(*bounds(grid))))
    code, name, region = ([column[n] for n in near.tolist()] for column in columns[:3])
    return RoadsOn(code, name, region, lines[near])


def grids_on(grid: Grid, *, top: str, on: date) -> GridsOn:
    """The smallest regions near the grid, with the people that live in each.

    A region without a count of its own has an even share of what its village has beyond the
    counts of its other grids.
    """
    west, south, east, north = bounds(grid, margin=MARGIN_DEG)
    near = Region.objects.filter(
        valid_to=None, lon__range=(west, east), lat__range=(south, north)
    ).filter(level__gte=Region.Level.VILLAGE)
    rows = list(near.order_by("path").values_list("pk", "path", "level", "lon", "lat"))
    parents = {path.rsplit("/", 2)[0] + "/" for _pk, path, *_rest in rows}
    rows = [row for row in rows if row[1] not in parents]
    columns = _columns(rows, 5)
    lon, lat = np.array(columns[3], float), np.array(columns[4], float)
    x, y = project(grid.epsg, lon, lat)
    outlines = {pk: bytes(wkb) for pk, wkb in Outline.objects.filter(
        region__in=near.values("pk")).values_list("region_id", "wkb")}  # fmt: skip
    shapes = [_flat(outlines.get(pk), grid) for pk in columns[0]]
    people = _people([row[1] for row in rows], top, on)
    return GridsOn(list(columns[0]), lon, lat, x, y, shapes, people)


def _flat(wkb: bytes | None, grid: Grid) -> Any:
    if wkb is None:
        return None
    shape = shapely.from_wkb(wkb)
    return shapely.transform(shape, lambda c: np.column_stack(project(grid.epsg, c[:, 0], c[:, 1])))


def _people(paths: Sequence[str], top: str, on: date) -> Floats:
    """By path: its own count, or its share of the village's."""
    counts = {path: row.people for path, row in populations.latest(paths=[top], on=on).items()}
    open_ones: dict[str, list[int]] = defaultdict(list)
    counted: dict[str, int] = defaultdict(int)
    found = np.zeros(len(paths))
    for n, path in enumerate(paths):
        village = path.rsplit("/", 2)[0] + "/"
        if path in counts:
            found[n] = counts[path]
            counted[village] += counts[path]
        else:
            open_ones[village].append(n)
    for village, members in open_ones.items():
        rest = max(counts.get(village, 0) - counted[village], 0)
        found[members] = rest / len(members)
    return found


def gauges_on(grid: Grid) -> GaugesOn:
    """Ponding gauges inside the grid: what a forecast can be held against."""
    west, south, east, north = bounds(grid)
    rows = Series.objects.filter(
        quantity="ponding_depth",
        station__retired_at=None,
        station__lon__range=(west, east),
        station__lat__range=(south, north),
    )
    columns = _columns(rows.order_by("pk").values_list("pk", "station__lon", "station__lat"), 3)
    x, y = project(grid.epsg, np.array(columns[1], float), np.array(columns[2], float))
    return GaugesOn(list(columns[0]), x, y)


def bounds(grid: Grid, margin: float = 0.0) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees, a little over the corners."""
    west, south, east, north = grid.bounds_m
    lon, lat = unproject(grid.epsg, [west, east, west, east], [south, south, north, north])
    return (
        float(lon.min()) - margin,
        float(lat.min()) - margin,
        float(lon.max()) + margin,
        float(lat.max()) + margin,
    )


def _columns(rows: Any, width: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) or [()] * width
