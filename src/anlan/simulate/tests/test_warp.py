"""The picture lies where the cells lie."""

import numpy as np
import pytest

from anlan.simulate.ground.grid import Grid, project, unproject
from anlan.simulate.results.warp import MERCATOR, SIZES, warp, worst
from anlan.simulate.tests.ponds import LAT, LON, grid_around


def middles(found, grid):
    """Row and column (not whole) of every pixel's middle, by the full transformation."""
    height, width = found.index.shape
    west, north = project(MERCATOR, *found.corners[0])
    east, south = project(MERCATOR, *found.corners[2])
    x = west + (np.arange(width) + 0.5) * (east - west) / width
    y = north - (np.arange(height) + 0.5) * (north - south) / height
    own_x, own_y = project(grid.epsg, *unproject(MERCATOR, *np.meshgrid(x, y)))
    return (grid.north_m - own_y) / grid.cell_m, (own_x - grid.west_m) / grid.cell_m


@pytest.mark.parametrize(
    "grid",
    [
        grid_around(rows=120, cols=150, cell_m=10.0),
        grid_around(rows=300, cols=400, cell_m=400.0),  # a prefecture
        Grid(4549, 480_000.0, 3_225_000.0, 5.0, 90, 70),  # CGCS 2000, central meridian 120°
    ],
    ids=["city", "prefecture", "cgcs2000"],
)
def test_every_pixel_shows_the_cell_under_its_middle(grid):
    found = warp(grid, SIZES["l"])
    row, col = middles(found, grid)
    inside = (row >= 0) & (row < grid.rows) & (col >= 0) & (col < grid.cols)
    wanted = np.where(inside, np.floor(row) * grid.cols + np.floor(col), grid.rows * grid.cols)
    # Where a middle lies on a cell's edge either cell is right.
    edge = np.minimum(np.abs(row - np.rint(row)), np.abs(col - np.rint(col))) < 0.005

    assert found.reduce == 1
    assert (found.index == wanted)[~edge].all()
    assert edge.mean() < 0.1
    assert inside.mean() > 0.9


def test_every_cell_is_seen_and_the_corners_enclose_the_grid():
    grid = grid_around(rows=50, cols=80)
    found = warp(grid, SIZES["l"])
    lons, lats = zip(*found.corners, strict=True)
    own_lons, own_lats = zip(*grid.corners, strict=True)

    assert (min(lons), min(lats)) <= (min(own_lons), min(own_lats))
    assert max(lons) >= max(own_lons)
    assert max(lats) >= max(own_lats)
    seen = np.unique(found.index)
    assert np.isin(np.arange(grid.rows * grid.cols), seen).mean() > 0.95
    assert abs((lons[0] + lons[1]) / 2 - LON) < 1e-3
    assert abs((lats[0] + lats[2]) / 2 - LAT) < 1e-3


def test_a_smaller_picture_keeps_the_worst_class_of_what_it_takes_together():
    grid = grid_around(rows=1000, cols=1000, cell_m=5.0)
    classes = np.zeros(grid.shape, np.uint8)
    classes[:, 500] = 4  # a street one cell wide
    picture = warp(grid, SIZES["s"]).picture(classes)

    assert max(picture.shape) <= SIZES["s"]
    # The grid stands a little askew in Web Mercator: it does not reach the picture's first rows.
    assert (picture == 4).any(axis=1)[20:-20].all()


def test_the_worst_of_blocks_that_reach_over_the_edge():
    classes = np.array([[1, 0, 0], [0, 0, 3], [0, 2, 0]], np.uint8)
    assert worst(classes, 2).tolist() == [[1, 3], [2, 0]]
    assert worst(classes, 1) is classes
