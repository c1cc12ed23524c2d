"""Which cells of a grid stand for a place: around a point, along a line, over an extent.

Arrays in, arrays out. `Spots` are lists of cells one after the other, so that the deepest water
of tens of thousands of places is one gather and one reduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..ground.grid import Grid, project

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# A position is good to some metres: never less than the cell it lies in and the half of the next.
LEAST_CELLS = 0.75


@dataclass(frozen=True)
class Spots:
    """Of each place its cells: `cell[start[n]:start[n + 1]]`, flat indices into the grid."""

    start: Ints  # (places + 1,)
    cell: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    def deepest(self, depth: NDArray[Any]) -> NDArray[Any]:
        """The greatest value at each place; 0 for a place without a cell."""
        held = np.diff(self.start) > 0
        found = np.zeros(len(self), depth.dtype)
        if held.any():
            values = depth.ravel()[self.cell]
            found[held] = np.maximum.reduceat(values, self.start[:-1][held])
        return found

    def deepest_cell(self, depth: NDArray[Any], place: int) -> int:
        """Where that is, for one place that has cells."""
        own = self.cell[self.start[place] : self.start[place + 1]]
        return int(own[np.argmax(depth.ravel()[own])])


def around(grid: Grid, x_m: Floats, y_m: Floats, radius_m: Floats) -> Spots:
    """Cells whose middles lie within each position's radius; none for positions off the grid."""
    reach = np.maximum(radius_m, LEAST_CELLS * grid.cell_m)
    place, cell = [], []
    for size in np.unique(reach):
        own = np.flatnonzero(reach == size)
        found, cells = _disc(grid, x_m[own], y_m[own], float(size))
        place.append(own[found])
        cell.append(cells)
    return _gathered(len(x_m), place, cell)


def _disc(grid: Grid, x_m: Floats, y_m: Floats, radius_m: float) -> tuple[Ints, Ints]:
    col, row = (x_m - grid.west_m) / grid.cell_m, (grid.north_m - y_m) / grid.cell_m
    inside = grid.holds(np.floor(row), np.floor(col))
    half = int(np.ceil(radius_m / grid.cell_m)) + 1
    step = np.arange(-half, half + 1)
    down, right = (part.ravel() for part in np.meshgrid(step, step, indexing="ij"))
    rows = np.floor(row)[:, None].astype(np.int64) + down
    cols = np.floor(col)[:, None].astype(np.int64) + right
    far = np.hypot(rows + 0.5 - row[:, None], cols + 0.5 - col[:, None]) * grid.cell_m
    kept = (far <= radius_m) & grid.holds(rows, cols) & inside[:, None]
    return np.nonzero(kept)[0].astype(np.int64), (rows * grid.cols + cols)[kept]


def along(grid: Grid, lines: NDArray[Any]) -> Spots:
    """Cells that each line runs through (shapely, WGS 84): a point at every half cell tells."""
    if not len(lines):
        return _gathered(0, [], [])
    flat = shapely.transform(lines, lambda c: np.column_stack(project(grid.epsg, c[:, 0], c[:, 1])))
    points, place = shapely.get_coordinates(
        shapely.segmentize(flat, 0.5 * grid.cell_m), return_index=True
    )
    col = np.floor((points[:, 0] - grid.west_m) / grid.cell_m).astype(np.int64)
    row = np.floor((grid.north_m - points[:, 1]) / grid.cell_m).astype(np.int64)
    kept = grid.holds(row, col)
    key = place[kept] * np.int64(grid.rows * grid.cols) + row[kept] * grid.cols + col[kept]
    key = np.unique(key)
    place, cell = np.divmod(key, grid.rows * grid.cols)
    return _gathered(len(lines), [place], [cell])


def _gathered(places: int, place: Sequence[Ints], cell: Sequence[Ints]) -> Spots:
    all_places = np.concatenate([*place, np.zeros(0, np.int64)])
    all_cells = np.concatenate([*cell, np.zeros(0, np.int64)])
    order = np.argsort(all_places, kind="stable")
    start = np.searchsorted(all_places[order], np.arange(places + 1))
    return Spots(start.astype(np.int64), all_cells[order])


@dataclass(frozen=True)
class Extents:
    """Which of some small regions each cell belongs to, and how many cells each has in all."""

    owner: NDArray[np.int32]  # (rows, cols): index of the region, -1 none
    size: Floats  # cells of each, those off the grid included

    def without(self, built: NDArray[np.bool_]) -> Extents:
        """The open ground only: where a building stands no water is computed."""
        owner = np.where(built, np.int32(-1), self.owner)
        lost = self.owner[built & (self.owner >= 0)]
        size = self.size - np.bincount(lost, minlength=len(self.size))
        return Extents(owner, np.maximum(size, 0.0))


def extents(
    grid: Grid,
    x_m: Floats,
    y_m: Floats,
    outlines: Sequence[Any],  # shapely polygons in the grid's metres, None where there is none
    *,
    reach_m: float,
) -> Extents:
    """By its outline where a region has one, else the ground nearest to its point.

    Nearest among all points given, and no farther than `reach_m`; so much is added around the
    grid while sizes are counted, so that a region on its edge is not taken for smaller than it is.
    """
    pad = int(np.ceil(reach_m / grid.cell_m))
    wide = grid.crop(-pad, -pad, grid.rows + 2 * pad, grid.cols + 2 * pad)
    owner = np.full(wide.shape, -1, np.int32)
    nearest = np.full(wide.shape, np.inf, np.float32)
    with_point = [n for n, outline in enumerate(outlines) if outline is None]
    for n in with_point:
        _paint_disc(wide, owner, nearest, n, float(x_m[n]), float(y_m[n]), reach_m)
    for n, outline in enumerate(outlines):
        if outline is not None:
            _paint_outline(wide, owner, n, outline)
    size = np.bincount(owner[owner >= 0], minlength=len(x_m)).astype(float)
    for n, outline in enumerate(outlines):
        if outline is not None:
            size[n] = outline.area / grid.cell_m**2  # however much of it lies off the grid
    inner = owner[pad : pad + grid.rows, pad : pad + grid.cols]
    return Extents(np.ascontiguousarray(inner), size)


def _window(
    grid: Grid, west: float, south: float, east: float, north: float
) -> tuple[slice, slice]:
    first_col = max(int((west - grid.west_m) // grid.cell_m), 0)
    first_row = max(int((grid.north_m - north) // grid.cell_m), 0)
    last_col = min(int((east - grid.west_m) // grid.cell_m) + 1, grid.cols)
    last_row = min(int((grid.north_m - south) // grid.cell_m) + 1, grid.rows)
    return slice(first_row, max(last_row, first_row)), slice(first_col, max(last_col, first_col))


def _paint_disc(
    grid: Grid,
    owner: NDArray[np.int32],
    nearest: NDArray[np.float32],
    n: int,
    x_m: float,
    y_m: float,
    reach_m: float,
) -> None:
    rows, cols = _window(grid, x_m - reach_m, y_m - reach_m, x_m + reach_m, y_m + reach_m)
    x, _y = grid.xy_m(0, np.arange(cols.start, cols.stop))
    _x, y = grid.xy_m(np.arange(rows.start, rows.stop), 0)
    far = (x[None, :] - x_m) ** 2 + (y[:, None] - y_m) ** 2
    mine = (far < nearest[rows, cols]) & (far <= reach_m**2)
    nearest[rows, cols][mine] = far[mine]
    owner[rows, cols][mine] = n


def _paint_outline(grid: Grid, owner: NDArray[np.int32], n: int, outline: Any) -> None:
    rows, cols = _window(grid, *outline.bounds)
    if rows.start == rows.stop or cols.start == cols.stop:
        return
    row, col = np.mgrid[rows, cols]
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, *grid.xy_m(row, col))
    owner[rows, cols][inside] = n
