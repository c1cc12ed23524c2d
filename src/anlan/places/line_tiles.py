"""Cut a layer of lines into vector tiles, scoped to a reader's regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from . import mvt
from .layers import Layer, Lines

_BUFFER = 64  # tile units beyond the edge, so that a broad stroke is not cut off on it
_FINE = 1.0  # tile units that a line may be simplified by


@dataclass(frozen=True)
class LineSnapshot:
    """A layer's lines in web mercator units, 0 to 1 from the upper left corner of the world."""

    lines: Lines
    shapes: npt.NDArray[Any]
    tree: shapely.STRtree
    paths: npt.NDArray[np.str_]
    kinds: npt.NDArray[np.str_]


def prepare(lines: Lines) -> LineSnapshot:
    shapes = shapely.transform(lines.geometries, _to_unit_square)
    return LineSnapshot(
        lines,
        shapes,
        shapely.STRtree(shapes),
        np.array(lines.paths if len(lines.paths) else [], dtype=np.str_),
        np.array(lines.kinds or [""] * len(lines.ids), dtype=np.str_),
    )


def cut(
    layer: Layer,
    snapshot: LineSnapshot,
    *,
    paths: Sequence[str],
    kinds: Sequence[str],
    z: int,
    x: int,
    y: int,
) -> bytes:
    side, margin = 2**z, _BUFFER / mvt.EXTENT
    window = (
        (x - margin) / side,
        (y - margin) / side,
        (x + 1 + margin) / side,
        (y + 1 + margin) / side,
    )
    rows = np.sort(snapshot.tree.query(shapely.box(*window)))
    rows = rows[_seen(snapshot, rows, paths, kinds, z)]
    shapes = shapely.clip_by_rect(snapshot.shapes[rows], *window)
    shapes = shapely.transform(shapes, lambda c: (c * side - (x, y)) * mvt.EXTENT)
    shapes = shapely.simplify(shapes, _FINE, preserve_topology=False)
    parts = [_parts(shape) for shape in shapes]
    kept = [n for n, some in enumerate(parts) if some]
    source = rows[kept].tolist()
    properties: dict[str, Sequence[mvt.Value | None]] = {
        key: [values[n] for n in source] for key, values in snapshot.lines.properties.items()
    }
    return mvt.encode_lines(
        layer.code, [parts[n] for n in kept], snapshot.lines.ids[source], properties
    )


def _seen(
    snapshot: LineSnapshot,
    rows: npt.NDArray[np.int64],
    paths: Sequence[str],
    kinds: Sequence[str],
    z: int,
) -> npt.NDArray[np.bool_]:
    seen = np.zeros(len(rows), dtype=bool)
    for path in paths:
        seen |= np.char.startswith(snapshot.paths[rows], path)
    seen &= snapshot.lines.from_zoom[rows] <= z
    if kinds:
        seen &= np.isin(snapshot.kinds[rows], list(kinds))
    return seen


def _parts(shape: Any) -> list[npt.NDArray[np.int64]]:
    """The parts of a clipped line in whole tile units, without those that shrank to a point."""
    found = []
    for part in shapely.get_parts(shape):
        at = np.rint(shapely.get_coordinates(part)).astype(np.int64)
        moved = (np.diff(at, axis=0) != 0).any(axis=1)
        if moved.any():
            found.append(at[np.append(True, moved)])
    return found


def _to_unit_square(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    sine = np.sin(np.radians(np.clip(degrees[:, 1], -85.05, 85.05)))
    return np.column_stack(
        [(degrees[:, 0] + 180) / 360, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)]
    )
