"""Which region a position lies in: an index over the outlines, kept until they change."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from .models import Outline, Region, Revision

_lock = threading.Lock()
_index: tuple[tuple[int, int], Index] | None = None


@dataclass(frozen=True)
class Index:
    """Outlines and points of the regions in force, ready for many questions."""

    tree: shapely.STRtree
    region_pks: npt.NDArray[np.int64]
    levels: npt.NDArray[np.int64]
    points: shapely.STRtree  # regions without an outline that have a point
    point_pks: npt.NDArray[np.int64]
    point_levels: npt.NDArray[np.int64]
    # Of each pointed region its nearest ancestor with an outline (-1: none).
    point_within: npt.NDArray[np.int64]


def locate(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Primary keys of the most detailed regions (-1: none), and whether only the nearest point.

    A position gets the smallest outline it lies in. Where regions inside that one have points but
    no outlines, the nearest of those points decides, and the second array says so.
    """
    index = current_index()
    at = shapely.points(np.atleast_1d(lon), np.atleast_1d(lat))
    found = np.full(len(at), -1, dtype=np.int64)
    level = np.zeros(len(at), dtype=np.int64)
    which, outline = index.tree.query(at, predicate="intersects")
    # Written in ascending order of level: the most detailed stays.
    order = np.argsort(index.levels[outline], kind="stable")
    found[which[order]] = index.region_pks[outline[order]]
    level[which[order]] = index.levels[outline[order]]
    guessed = np.zeros(len(at), dtype=bool)
    if len(index.point_pks):
        near = index.points.nearest(at)
        inside = (index.point_within[near] == found) & (found >= 0)
        better = inside & (index.point_levels[near] > level)
        found = np.where(better, index.point_pks[near], found)
        guessed = better
    return found, guessed


def current_index() -> Index:
    global _index
    numbers = dict(Revision.objects.values_list("name", "number"))
    version = (numbers.get("outlines", 0), numbers.get("regions", 0))
    held = _index
    if held is None or held[0] != version:
        with _lock:
            held = (version, _build())
            _index = held
    return held[1]


def forget() -> None:
    """For tests, whose rolled-back data never counts a revision."""
    global _index
    _index = None


def _build() -> Index:
    rows = list(
        Outline.objects.filter(region__valid_to=None).values_list(
            "region_id", "region__level", "region__path", "wkb"
        )
    )
    shapes = shapely.from_wkb([bytes(row[3]) for row in rows])
    shapely.prepare(shapes)
    outlined = {row[2]: row[0] for row in rows}
    pointed = [
        row
        for row in Region.objects.filter(valid_to=None)
        .exclude(lon=None)
        .values_list("pk", "level", "path", "lon", "lat")
        if row[2] not in outlined
    ]
    return Index(
        tree=shapely.STRtree(shapes),
        region_pks=np.array([row[0] for row in rows], dtype=np.int64),
        levels=np.array([row[1] for row in rows], dtype=np.int64),
        points=shapely.STRtree(
            shapely.points([r[3] for r in pointed], [r[4] for r in pointed]) if pointed else []
        ),
        point_pks=np.array([r[0] for r in pointed], dtype=np.int64),
        point_levels=np.array([r[1] for r in pointed], dtype=np.int64),
        point_within=np.array([_outlined_above(r[2], outlined) for r in pointed], dtype=np.int64),
    )


def _outlined_above(path: str, outlined: dict[str, int]) -> int:
    codes = path.rstrip("/").split("/")
    for n in range(len(codes) - 1, 0, -1):
        found = outlined.get("/".join(codes[:n]) + "/")
        if found is not None:
            return found
    return -1
