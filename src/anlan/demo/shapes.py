"""Made-up positions and outlines inside real county outlines. Deterministic, no database.

County outlines are real. A town's outline is its Voronoi cell among the county's town points,
clipped to the county; towns without a known point, villages and grids get one of a
low-discrepancy sequence inside what they belong to.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

DATA = Path(__file__).parent / "data"
Points = NDArray[np.float64]  # (n, 2): lon, lat


@dataclass(frozen=True, slots=True)
class Division:
    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True)
class Shapes:
    """Where everything is: points and outlines by the region's code."""

    points: dict[str, tuple[float, float]]
    outlines: dict[str, BaseGeometry]
    known: frozenset[str]  # codes whose point is a real one


def read_divisions() -> list[Division]:
    with (DATA / "divisions.csv").open(encoding="utf-8") as file:
        return [
            Division(r["code"], r["name"], r["level"], r["parent"]) for r in csv.DictReader(file)
        ]


def read_counties() -> dict[str, BaseGeometry]:
    """Outlines by six-digit code; the source writes the country before it."""
    features = json.loads((DATA / "counties.geojson").read_text(encoding="utf-8"))["features"]
    return {
        f["properties"]["gb"].removeprefix("156"): shapely.make_valid(
            shapely.from_geojson(json.dumps(f["geometry"]))
        )
        for f in features
    }


def read_town_points() -> dict[str, tuple[float, float]]:
    with (DATA / "town_points.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {r["town_code"]: (float(r["lon_wgs84"]), float(r["lat_wgs84"])) for r in rows}


def children_of(divisions: Sequence[Division]) -> dict[str, list[Division]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for division in divisions:
        found[division.parent].append(division)
    return found


def place(divisions: Sequence[Division]) -> Shapes:
    """A point for every division and an outline for counties and towns."""
    counties, known = read_counties(), read_town_points()
    below = children_of(divisions)
    points: dict[str, tuple[float, float]] = {}
    outlines: dict[str, BaseGeometry] = dict(counties)
    real: set[str] = set()
    for county, outline in counties.items():
        towns = below[county]
        real |= {t.code for t in towns if inside(outline, known.get(t.code))}
        found = town_points(towns, outline, {code: known[code] for code in real if code in known})
        points |= found
        outlines |= town_cells(found, outline)
        points[county] = _middle(outline)
        for town in towns:
            villages = below[town.code]
            spread = sequence(outlines[town.code], len(villages), seed=int(town.code))
            points |= {v.code: _pair(p) for v, p in zip(villages, spread, strict=True)}
    city = shapely.union_all(list(counties.values()))
    for division in divisions:
        if division.level in {"province", "prefecture"}:
            points[division.code] = _middle(city)
    return Shapes(points, outlines, frozenset(real))


def inside(outline: BaseGeometry, point: tuple[float, float] | None) -> bool:
    return point is not None and bool(shapely.contains_xy(outline, *point))


def town_points(
    towns: Sequence[Division], county: BaseGeometry, known: dict[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Known points, and for the other towns candidates that keep the largest distance to all."""
    found = {t.code: known[t.code] for t in towns if t.code in known}
    candidates = sequence(county, 400, seed=len(towns))
    for town in towns:
        if town.code in found:
            continue
        if found:
            taken = np.array(list(found.values()))
            gap = np.linalg.norm(candidates[:, None] - taken[None], axis=2).min(axis=1)
            best = candidates[int(gap.argmax())]
        else:
            best = candidates[0]
        found[town.code] = _pair(best)
    return found


def town_cells(
    points: dict[str, tuple[float, float]], county: BaseGeometry
) -> dict[str, BaseGeometry]:
    """Voronoi cells of the points, clipped to the county: together they are the county."""
    codes = list(points)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint([points[c] for c in codes]), extend_to=county)
    )
    tree = shapely.STRtree(cells)
    found = {}
    for code in codes:
        at = tree.query(shapely.Point(points[code]), predicate="intersects")[0]
        found[code] = shapely.intersection(cells[at], county)
    return found


def sequence(outline: BaseGeometry, count: int, seed: int) -> Points:
    """`count` well-spread points inside an outline: Halton in bases 2 and 3, started by seed."""
    west, south, east, north = outline.bounds
    shapely.prepare(outline)
    found = np.empty((0, 2))
    start = 1 + seed % 9973
    while len(found) < count:
        size = 4 * count + 64
        index = np.arange(start, start + size)
        x = west + _halton(index, 2) * (east - west)
        y = south + _halton(index, 3) * (north - south)
        good = shapely.contains_xy(outline, x, y)
        found = np.vstack([found, np.column_stack([x[good], y[good]])])
        start += size
    return found[:count]


def _halton(index: NDArray[np.int64], base: int) -> NDArray[np.float64]:
    value, part, rest = np.zeros(len(index)), 1.0, index.copy()
    while rest.any():
        part /= base
        value += part * (rest % base)
        rest //= base
    return value


def _middle(outline: BaseGeometry) -> tuple[float, float]:
    point = shapely.point_on_surface(outline)
    return round(point.x, 6), round(point.y, 6)


def _pair(point: Points) -> tuple[float, float]:
    return round(float(point[0]), 6), round(float(point[1]), 6)
