"""What stands in water: hand-worked cases, and laws on random water."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from anlan.simulate.ground.grid import Grid, unproject
from anlan.simulate.hits.cells import along, around, extents
from anlan.simulate.hits.exposure import (
    OUTSIDE,
    facts_of,
    passing,
    series_at,
    time_over,
    wet_ground,
)

GRID = Grid(epsg=32650, west_m=757_900.0, north_m=3_222_000.0, cell_m=10.0, rows=40, cols=30)
TIMES = [0.0, 600.0, 1200.0, 1800.0, 2400.0]


def at(*pairs):
    """Metres from the upper left corner: eastwards, southwards."""
    east, south = np.array(pairs, float).T
    return GRID.west_m + east, GRID.north_m - south


def column(*depths):
    return np.array(depths, np.uint16)[:, None]


# Depth by time ---------------------------------------------------------------------------------


def test_a_flood_by_hand():
    """0, 10, 40, 20, 0 cm every ten minutes.

    15 cm is passed a sixth of the way from 10 to 40: 600 + 100 = 700 s; 30 cm two thirds: 1,000 s.
    It falls below 15 a quarter of the way from 20 to 0: 1,800 + 150 = 1,950 s; so 1,250 s over it.
    """
    facts = facts_of(column(0, 10, 40, 20, 0), TIMES)
    assert facts.first_s.tolist() == pytest.approx([700.0])
    assert facts.deep_s.tolist() == pytest.approx([1000.0])
    assert facts.duration_s.tolist() == pytest.approx([1250.0])
    assert (facts.max_s.tolist(), facts.max_cm.tolist()) == ([1200.0], [40])


def test_what_stands_in_water_already_and_what_never_does():
    facts = facts_of(np.hstack([column(15, 15, 15, 15, 15), column(14, 14, 14, 14, 14)]), TIMES)
    assert facts.first_s[0] == 0.0
    assert facts.duration_s.tolist() == [2400.0, 0.0]
    assert np.isnan(facts.first_s[1])
    assert np.isnan(facts.deep_s).all()
    assert facts.hit.tolist() == [True, False]


depths = st_numpy.arrays(np.uint16, (9, 4), elements=st.integers(0, 300))


@settings(deadline=None)
@given(depths, st.integers(1, 290))
def test_the_laws_of_passing_a_threshold(depth, threshold):
    times = np.cumsum(np.full(9, 600.0)) - 600.0
    series = depth.astype(float)
    first, over = passing(series, times, threshold), time_over(series, times, threshold)
    reached = series.max(axis=0) >= threshold

    assert (np.isfinite(first) == reached).all()
    # At the first passing the water stands at the threshold, and below it at every frame before.
    for n in np.flatnonzero(reached):
        level = np.interp(first[n], times, series[:, n])
        assert level == pytest.approx(max(threshold, series[0, n]) if first[n] == 0 else threshold)
        assert (series[times < first[n] - 1e-6, n] < threshold).all()
    # A higher threshold is passed later and for a shorter time.
    higher = threshold + 5
    later = passing(series, times, higher)
    both = np.isfinite(later)
    assert (later[both] >= first[both]).all()
    assert (time_over(series, times, higher) <= over + 1e-9).all()
    assert ((over >= 0) & (over <= times[-1] + 1e-9)).all()


# Which cells -----------------------------------------------------------------------------------


def test_a_site_is_as_deep_as_the_deepest_water_within_its_radius():
    depth = np.zeros(GRID.shape, np.uint16)
    depth[10, 10] = 80  # its middle lies at 105 m east and south
    x, y = at((105, 105), (120, 105), (131, 105), (105, 105))
    spots = around(GRID, x, y, np.array([15.0, 15.0, 15.0, 0.0]))
    # 15 m from 120 reaches it exactly; from 131 not; without a radius the own cell still counts.
    assert spots.deepest(depth).tolist() == [80, 80, 0, 80]


def test_places_off_the_grid_have_no_cell_and_no_water():
    x, y = at((-5, 100), (100, 100), (301, 100), (100, 401))
    spots = around(GRID, x, y, np.full(4, 12.0))
    assert (np.diff(spots.start) > 0).tolist() == [False, True, False, False]
    assert spots.deepest(np.full(GRID.shape, 7, np.uint16)).tolist() == [0, 7, 0, 0]


def test_the_mark_for_no_ground_is_not_the_deepest_water():
    frame = np.full(GRID.shape, OUTSIDE, np.uint16)
    frame[0, 1] = 20
    x, y = at((5, 5), (205, 205))
    spots = around(GRID, x, y, np.full(2, 15.0))
    assert series_at(1, lambda _n: frame, [spots])[0].tolist() == [[20, 0]]


def line(*pairs):
    lon, lat = unproject(GRID.epsg, *at(*pairs))
    return shapely.LineString(np.column_stack([lon, lat]))


def test_a_road_is_as_deep_as_its_deepest_cell_and_runs_through_no_other():
    roads = np.array([line((5, 55), (295, 55)), line((5, 5), (5, 395)), line((900, 0), (990, 0))])
    spots = along(GRID, roads)
    assert np.diff(spots.start).tolist() == [30, 40, 0]
    rows, cols = np.divmod(spots.cell[:30], GRID.cols)
    assert (set(rows), sorted(cols)) == ({5}, list(range(30)))
    depth = np.zeros(GRID.shape, np.uint16)
    depth[5, 17] = 33
    assert spots.deepest(depth).tolist() == [33, 0, 0]
    assert divmod(spots.deepest_cell(depth, 0), GRID.cols) == (5, 17)
    assert len(along(GRID, np.array([], dtype=object))) == 0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(3, 297), st.integers(3, 397)), min_size=2, max_size=4,
                unique=True))  # fmt: skip
def test_a_road_s_cells_touch_the_road_and_leave_no_gap(points):
    spots = along(GRID, np.array([line(*points)]))
    rows, cols = np.divmod(spots.cell, GRID.cols)
    road = shapely.LineString(np.column_stack(at(*points)))
    x, y = GRID.xy_m(rows, cols)
    touched = shapely.box(x - 5.01, y - 5.01, x + 5.01, y + 5.01)
    assert shapely.intersects(touched, road).all()
    known = set(zip(rows.tolist(), cols.tolist(), strict=True))
    seen, todo = set(), [next(iter(known))]
    while todo:  # every cell is reached from every other
        r, c = todo.pop()
        if (r, c) in seen:
            continue
        seen.add((r, c))
        todo += [(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (r + i, c + j) in known]
    assert seen == known


def square(side_m):
    """An outline from the upper left corner, in the grid's metres."""
    (west, east), (north, south) = at((0, 0), (side_m, side_m))
    return shapely.box(west, south, east, north)


# Grids and their people ------------------------------------------------------------------------


def test_ground_belongs_to_the_nearest_point_within_reach():
    x, y = at((55, 55), (155, 55))
    found = extents(GRID, x, y, [None, None], reach_m=60.0)
    assert found.owner[5, 5] == 0
    assert found.owner[5, 10] in {0, 1}  # half way
    assert found.owner[5, 11] == 1
    assert found.owner[39, 29] == -1
    # A disc of 60 m holds about pi * 6 * 6 = 113 cells, less what lies nearer to the other one.
    assert 95 < found.size[0] < 113


def test_a_region_on_the_edge_is_not_taken_for_smaller_than_it_is():
    x, y = at((0, 200))
    found = extents(GRID, x, y, [None], reach_m=60.0)
    inside = np.count_nonzero(found.owner == 0)
    assert found.size[0] == pytest.approx(2 * inside, rel=0.1)


def test_an_outline_wins_over_the_points_around_it():
    x, y = at((50, 50), (200, 200))
    outline = shapely.box(
        *(at((0, 100))[i][0] for i in (0, 1)), *(at((100, 0))[i][0] for i in (0, 1))
    )
    found = extents(GRID, x, y, [outline, None], reach_m=300.0)
    assert (found.owner[:10, :10] == 0).all()
    assert np.count_nonzero(found.owner == 0) == 100
    assert found.size[0] == pytest.approx(100.0)


def test_people_are_counted_by_the_part_of_the_open_ground_that_is_wet():
    x, y = at((50, 50))
    outline = shapely.box(
        *(at((0, 100))[i][0] for i in (0, 1)), *(at((100, 0))[i][0] for i in (0, 1))
    )
    ground = extents(GRID, x, y, [outline], reach_m=50.0)
    frames = np.zeros((2, *GRID.shape), np.uint16)
    frames[1, :2, :10] = 16  # 20 of 100 cells
    frames[1, 5, 5] = 14  # not over 15 cm
    frames[1, 20, 20] = 90  # somebody else's
    wet = wet_ground(2, lambda n: frames[n], ground)
    assert wet.share.tolist() == pytest.approx([0.2])
    assert wet.series_cm.ravel().tolist() == [0, 16]
    built = np.zeros(GRID.shape, bool)
    built[5:10, :10] = True  # half of it are buildings
    assert wet_ground(2, lambda n: frames[n], ground.without(built)).share[0] == pytest.approx(0.4)
