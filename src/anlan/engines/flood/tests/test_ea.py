"""The UK Environment Agency's benchmark (see ``ea``): levels, volumes and arrivals."""

import heapq

import numpy as np
import pytest

from anlan.engines.flood.tests import ea


def spill_levels(bed):
    """Level to which each cell fills before it runs to the lowest cell (priority flood)."""
    rows, cols = bed.shape
    start = np.unravel_index(int(bed.argmin()), bed.shape)
    level = np.full(bed.shape, np.inf)
    level[start] = bed[start]
    heap = [(level[start], *start)]
    while heap:
        height, r, c = heapq.heappop(heap)
        for i, j in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= i < rows and 0 <= j < cols and np.isinf(level[i, j]):
                level[i, j] = max(height, bed[i, j])
                heapq.heappush(heap, (level[i, j], i, j))
    return level


def test_1_a_pond_behind_a_crest_fills_over_it_and_keeps_what_lies_below():
    """Published: 10.35 m at the peak, 10.25 m (the crest) left at 20 h."""
    test = ea.disconnected_water_body()
    times, depth, end = ea.history(test, 1800.0)
    level = depth + [test.case.bed_m[point] for point in test.points]

    assert level.max(axis=0) == pytest.approx(ea.HIGH_M, abs=2e-3)
    assert level[-1] == pytest.approx(ea.CREST_M, abs=6e-3)  # 4.6 mm still run off
    assert (np.diff(level[times > 12 * ea.HOUR], axis=0) <= 0).all()
    assert end.level_m[:, 0] == pytest.approx(ea.LOW_M, abs=2e-3)
    assert end.balance.error_m3 == 0.0


def test_2_the_ground_is_the_published_one():
    """Heights read from rows of the published grid (y 1250 m: crest, saddle, hollow)."""
    x, y = np.array([0.0, 248.0, 250.0, 488.0, 500.0]), np.full(5, 1250.0)

    assert ea.egg_box(x, y)[[0, 4]] == pytest.approx([9.5, 9.25], abs=1e-4)
    assert ea.egg_box(x, y)[2] == pytest.approx(8.875, abs=1e-4)
    assert ea.egg_box(x, y)[3] == pytest.approx(9.2532, abs=1e-4)


def test_2_hollows_fill_to_their_sills_and_the_far_ones_stay_dry():
    test = ea.floodplain_depressions()
    end = ea.history(test, test.until_s)[2]
    full = (spill_levels(test.case.bed_m) - test.case.bed_m)[tuple(np.transpose(test.points))]
    depth = np.array([end.depth_m[point] for point in test.points])
    held = np.array([1, 2, 3, 5, 6, 7])  # hollows 2, 3, 4, 6, 7, 8

    assert end.balance.stored_m3 == pytest.approx(97_200.0, rel=1e-8)
    assert (depth <= full + 0.012).all()  # 11 mm still run off
    assert depth[held] == pytest.approx(full[held], abs=0.012)
    assert depth[12:] == pytest.approx(0.0, abs=1e-3)  # the eastern column
    assert (depth[[0, 4, 9, 10, 11]] > 0.02).all()
    assert depth[8] == pytest.approx(0.0, abs=1e-3)


def test_4_the_floodplain_s_depths_are_those_of_lisflood_fp():
    """Within 1.1 mm of the full equations at 5 m, 3.6 mm of local inertia at 1 m."""
    test = ea.extended_floodplain()
    end = ea.history(test, test.until_s)[2]
    greatest = np.array([end.max_depth_m[point] for point in test.points])
    arrival = np.array([end.arrival_s[point] for point in test.points])

    assert greatest == pytest.approx(ea.TEST4_DG2_M, abs=1.2e-3)
    assert greatest == pytest.approx(ea.TEST4_ACC_M, abs=3.8e-3)
    assert (np.diff(arrival) > 0).all()
    assert end.balance.stored_m3 == pytest.approx(285_000.0, rel=1e-8)


def test_5_what_the_dam_lets_out_stands_level_at_the_valley_s_lower_end():
    test = ea.valley()
    end = ea.history(test, test.until_s)[2]
    levels = np.linspace(0.0, 20.0, 20_001)
    volume = [np.maximum(level - test.case.bed_m, 0).sum() * 2500.0 for level in levels[::100]]
    level = np.interp(9.45e6, volume, levels[::100])
    arrival = np.array([end.arrival_s[point] for point in test.points])

    assert end.level_m[test.points[-1]] == pytest.approx(level, abs=0.03)
    assert (np.diff(arrival) > 0).all()
    assert end.balance.error_m3 == 0.0
