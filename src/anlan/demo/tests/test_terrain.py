"""The generated ground speaks of the same places as the gauges of the storm."""

import numpy as np
import pytest

from anlan.demo import city, terrain


@pytest.fixture(scope="module")
def made_city():
    return city.build()


@pytest.fixture(scope="module")
def ground(made_city):
    return terrain.make(made_city)


def test_every_sag_holds_what_the_storms_gauges_say_it_holds(made_city, ground):
    spots = list(terrain.spots(made_city, ground.grid))
    assert len(spots) >= 8

    for site, area_m2, holds, drain_m3_s in spots:
        row, col = ground.grid.cells(site.lon, site.lat)
        rows, cols = np.ogrid[: ground.grid.rows, : ground.grid.cols]
        own = np.hypot(rows - row, cols - col) * terrain.CELL_M < np.sqrt(area_m2 / np.pi)
        bottom = ground.bed[row, col]
        for depth in (0.3, 0.6, 1.0):
            water = np.maximum(bottom + depth - ground.bed[own], 0).sum() * terrain.CELL_M**2
            assert water == pytest.approx(holds * depth**2, rel=0.05, abs=12)
        taken = ground.drain[own].sum() / 3.6e6 * terrain.CELL_M**2
        assert taken == pytest.approx(drain_m3_s, rel=0.05)
        assert not ground.blocked[own].any()


def test_the_same_call_makes_the_same_ground_inside_what_the_engine_takes(made_city, ground):
    again = terrain.make(made_city)

    np.testing.assert_array_equal(again.bed, ground.bed)
    np.testing.assert_array_equal(again.blocked, ground.blocked)
    assert np.isfinite(ground.bed).all()
    assert ground.drain.max() <= 1000
    assert 0.05 < ground.blocked.mean() < 0.4
