"""The coarse grid over fine ground."""

import numpy as np
import pytest

from anlan.engines.flood import BadCase, FloodCase, Inflow, OpenEdge, Rain, run, run_coarse
from anlan.engines.flood.subgrid import saddles, tables
from anlan.engines.flood.tests.cases import rough_ground


def test_the_saddle_is_the_lowest_way_over_the_ridge():
    pair = np.full((3, 6), 5.0)
    pair[1, 0], pair[2, 5] = 1.0, 2.0
    pair[0, :] = 3.0
    pair[:, 2] = [4.0, 9.0, 9.0]

    assert saddles(pair[None]) == pytest.approx([5.0])  # the cell beside the low point is at 5
    pair[0, 0] = pair[1, 0]
    pair[1, 5] = pair[2, 5]
    assert saddles(pair[None]) == pytest.approx([4.0])


def test_tables_keep_the_volume_of_the_fine_ground():
    bed = rough_ground(8, 8, 5)
    low, heights, _, _ = tables(bed, 2)
    level = low[..., None] + 0.7
    exact = np.maximum(level[..., None] - bed.reshape(4, 2, 4, 2).swapaxes(1, 2), 0).mean((2, 3))

    assert np.maximum(0.7 - heights, 0).mean(-1) == pytest.approx(exact)


def test_a_coarse_run_keeps_every_drop_and_finds_the_pond_of_the_fine_run():
    y, x = np.mgrid[0:64, 0:64] * 5.0
    bed = 30 + 0.01 * np.hypot(x - 160, y - 160) + 0.02 * rough_ground(64, 64, 3)
    given = {"rain": Rain([0, 1800], [60.0]), "inflows": (Inflow([10], [10], 1.0),)}
    case = FloodCase(bed_m=bed, cell_m=5.0, **given)
    fine, coarse = run(case, 5400.0), run_coarse(case, 5400.0)
    deep = fine.max_depth_m > 0.1

    assert coarse.error_m3 == 0.0
    assert coarse.steps < fine.steps / 3
    assert np.median(np.abs(coarse.max_depth_m - fine.max_depth_m)[deep]) < 0.05


def test_a_coarse_run_says_what_it_cannot_do():
    with pytest.raises(BadCase, match="rain and inflows only"):
        run_coarse(FloodCase(bed_m=np.zeros((8, 8)), cell_m=5.0, edges=(OpenEdge("north"),)), 10.0)
