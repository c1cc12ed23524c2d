"""Soil, drains, links, walls, edges and the door."""

import numpy as np
import pytest

from anlan.engines.flood import (
    Culvert,
    FloodCase,
    GreenAmpt,
    Horton,
    Inflow,
    OpenEdge,
    Pump,
    Rain,
    Series,
    Wall,
    run,
)

FLAT = np.zeros((8, 8))


def flat(until_s=3600.0, **given):
    return run(FloodCase(bed_m=FLAT, cell_m=10.0, **given), until_s)


def test_green_and_ampt_take_in_what_the_worked_example_says():
    """Chow, Maidment & Mays (1988), example 4.3.1: silty loam, ponded, 3.17 cm after 1 h."""
    end = flat(
        depth_m=FLAT + 0.5, infiltration=GreenAmpt(6.5, 166.8, 0.340)
    )  # K 0.65 cm/h, psi 16.68 cm

    assert end.balance.infiltrated_m3 / 6400 == pytest.approx(0.0317, abs=2e-4)


def test_horton_takes_in_the_integral_of_his_curve():
    end = flat(depth_m=FLAT + 0.5, infiltration=Horton(76.0, 13.0, 4.14))
    exact = 13.0 + (76.0 - 13.0) / 4.14 * (1 - np.exp(-4.14))

    assert end.balance.infiltrated_m3 / 6.4 == pytest.approx(exact, rel=1e-3)


def test_drains_take_their_capacity_and_no_more_than_there_is():
    wet = flat(depth_m=FLAT + 0.5, drain_mm_h=20.0)
    dry = flat(rain=Rain([0, 3600], [10.0]), drain_mm_h=20.0)

    assert wet.balance.drained_m3 == pytest.approx(128.0, rel=1e-3)
    assert dry.balance.drained_m3 + dry.balance.stored_m3 == pytest.approx(64.0, rel=1e-4)
    assert dry.balance.stored_m3 < 1.0


def test_an_inflow_series_brings_its_volume():
    series = Series([0, 1800, 3600], [0.0, 2.0, 0.0])

    assert flat(inflows=(Inflow([3], [3], series),)).balance.inflow_m3 == pytest.approx(3600.0)


def test_a_wall_holds_water_up_to_its_crest_and_a_culvert_lets_it_through():
    left = np.where(np.arange(8) < 4, 1.0, 0.0) + FLAT
    walls = tuple(Wall(r, 3, "east", 1.5) for r in range(8))
    held = flat(depth_m=left, walls=walls)
    culvert = Culvert((4, 3), (4, 4), 0.0, 0.0, 1.0, 1.0, 10.0)
    passed = flat(7200.0, depth_m=left, walls=walls, links=(culvert,))

    assert held.depth_m[:, :4] == pytest.approx(1.0)
    assert held.depth_m[:, 4:] == pytest.approx(0.0)
    assert passed.depth_m == pytest.approx(0.5, abs=0.02)
    assert passed.balance.error_m3 == 0.0


def test_a_pump_stops_at_its_lower_depth():
    end = flat(7200.0, depth_m=FLAT + 0.5, links=(Pump((4, 4), None, 1.0, 0.3, 0.1),))

    assert end.depth_m.mean() == pytest.approx(0.1, abs=0.03)
    assert end.balance.pumped_out_m3 == pytest.approx(6400 * (0.5 - end.depth_m.mean()), rel=1e-4)


def test_a_level_edge_fills_the_case_to_its_level():
    end = flat(7200.0, edges=(OpenEdge("west", level_m=0.8),))

    assert end.level_m == pytest.approx(0.8, abs=1e-3)


def test_rain_on_a_building_runs_to_the_open_cell_beside_it():
    roof = np.zeros((8, 8), bool)
    roof[2:6, 2:6] = True
    end = flat(rain=Rain([0, 3600], [36.0]), blocked=roof)

    assert end.balance.rain_m3 == pytest.approx(6400 * 0.036, rel=1e-4)
    assert np.isnan(end.depth_m[roof]).all()
