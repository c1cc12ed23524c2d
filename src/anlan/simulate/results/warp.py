"""From a run's own grid to the upright picture in Web Mercator that a map can lay down."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ground.grid import Grid, project, unproject

MERCATOR = 3857
# Longest side of a picture in pixels: for a wall or a desk, and for a phone or a far zoom. A grid
# of 1000 cells stands askew in Web Mercator and needs a few more.
SIZES = {"l": 1100, "s": 550}
# The transformation is computed at so many points a side and is straight between them: over 10 km
# that is right to a hundredth of a millimetre, over a prefecture to a few centimetres.
_NODES = 65
Classes = NDArray[np.uint8]


@dataclass(frozen=True)
class Warp:
    """Which cell each pixel shows, and where the picture lies."""

    reduce: int  # cells are first taken together, so many a side: the worst class of each block
    index: NDArray[np.int32]  # (height, width) into the blocks, the one after the last: nothing
    corners: tuple[tuple[float, float], ...]  # lon, lat from the north-west, clockwise

    def picture(self, classes: Classes) -> Classes:
        """Pixels of these cells."""
        blocks = worst(classes, self.reduce).ravel()
        return np.append(blocks, np.uint8(0)).take(self.index)


def worst(classes: Classes, side: int) -> Classes:
    """The highest class of each block of cells: a coarse picture must not lose a flooded street."""
    if side == 1:
        return classes
    rows, cols = classes.shape
    padded = np.pad(classes, ((0, -rows % side), (0, -cols % side)))
    lines = padded[::side]
    for n in range(1, side):
        lines = np.maximum(lines, padded[n::side])
    found = lines[:, ::side]
    for n in range(1, side):
        found = np.maximum(found, lines[:, n::side])
    return found


@lru_cache(maxsize=12)
def warp(grid: Grid, longest: int) -> Warp:
    """The picture of a grid whose longer side has so many pixels, or fewer: one a cell."""
    west, south, east, north = _bounds(grid)
    cell = _cell(grid)
    pixel = max(cell, max(east - west, north - south) / longest)
    width, height = (max(1, math.ceil(span / pixel)) for span in (east - west, north - south))
    # Pixels are never wider than blocks, so that none is passed over.
    reduce = max(1, math.ceil(pixel / cell - 1e-6))
    x = np.linspace(west, east, _NODES)
    y = np.linspace(north, south, _NODES)
    mesh = np.meshgrid(x, y)
    own_x, own_y = project(grid.epsg, *unproject(MERCATOR, *mesh))
    blocks = grid.widened(reduce)
    col = _between((own_x - grid.west_m) / blocks.cell_m, height, width)
    row = _between((grid.north_m - own_y) / blocks.cell_m, height, width)
    c, r = np.floor(col).astype(np.int64), np.floor(row).astype(np.int64)
    # Past the last cell a widened block is empty ground.
    inside = (r >= 0) & (c >= 0) & (row * reduce < grid.rows) & (col * reduce < grid.cols)
    index = np.where(inside, r * blocks.cols + c, blocks.rows * blocks.cols).astype(np.int32)
    lon, lat = unproject(MERCATOR, [west, east, east, west], [north, north, south, south])
    return Warp(reduce, index, tuple(zip(lon.tolist(), lat.tolist(), strict=True)))


def _bounds(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east, north in Web Mercator of everything that lies in the grid."""
    west, south, east, north = grid.bounds_m
    along, up = np.linspace(west, east, 33), np.linspace(south, north, 33)
    x = np.concatenate([along, along, np.full(33, west), np.full(33, east)])
    y = np.concatenate([np.full(33, south), np.full(33, north), up, up])
    mx, my = project(MERCATOR, *unproject(grid.epsg, x, y))
    return float(mx.min()), float(my.min()), float(mx.max()), float(my.max())


def _cell(grid: Grid) -> float:
    """How wide the middle cell is in Web Mercator: wider than on the ground."""
    x, y = grid.xy_m(grid.rows // 2, np.array([grid.cols // 2, grid.cols // 2 + 1]))
    mx, my = project(MERCATOR, *unproject(grid.epsg, x, np.broadcast_to(y, x.shape)))
    return float(np.hypot(mx[1] - mx[0], my[1] - my[0]))


def _between(nodes: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Values at the middles of all pixels, straight between the nodes."""
    return np.asarray(_weights(height) @ nodes @ _weights(width).T)


def _weights(count: int) -> NDArray[Any]:
    """(pixels, nodes): how much of each node a pixel's middle takes."""
    at = (np.arange(count) + 0.5) * (_NODES - 1) / count
    left = np.floor(at).astype(np.int64)
    weights = np.zeros((count, _NODES))
    weights[np.arange(count), left] = 1 - (at - left)
    weights[np.arange(count), left + 1] = at - left
    return weights
