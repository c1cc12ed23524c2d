"""What must hold to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.flood import FloodCase, GreenAmpt, Inflow, OpenEdge, Rain, run
from anlan.engines.flood.build import build
from anlan.engines.flood.engine import Run
from anlan.engines.flood.tests.cases import crowded_case, rough_ground


def same(a, b):
    np.testing.assert_array_equal(a, b)


def test_a_lake_at_rest_with_islands_stays_at_rest_to_the_last_bit():
    bed = (
        np.round(rough_ground(40, 70) * 1024) / 1024
    )  # so that level minus bed is a whole number of units
    depth = np.maximum(40.5 - bed, 0.0)
    end = run(FloodCase(bed_m=bed, cell_m=5.0, depth_m=depth), 600.0)

    assert 0.2 < (depth == 0).mean() < 0.8  # islands
    assert end.steps > 100
    same(end.state.arrays["units"], (depth * 2**24).astype(int))
    assert np.nanmax(end.max_speed_m_s) == 0.0


def test_a_lake_on_unrounded_ground_moves_by_no_more_than_the_bed_s_own_rounding():
    bed = rough_ground(40, 70)
    depth = np.maximum(40.5 - bed, 0.0)
    end = run(FloodCase(bed_m=bed, cell_m=5.0, depth_m=depth), 600.0)

    assert np.abs(end.depth_m - depth).max() < 1e-5
    assert np.nanmax(end.max_speed_m_s) < 1e-3


@pytest.mark.parametrize("theta", [0.7, 0.9, 1.0])
def test_small_waves_on_a_deep_quiet_pool_die_out_at_the_longest_step_allowed(theta):
    """Deep water has next to no friction: only a stable step keeps it quiet."""
    waves = np.random.default_rng(1).normal(0.0, 1e-3, (40, 40))
    pool = FloodCase(
        bed_m=np.zeros((40, 40)),
        cell_m=5.0,
        manning=0.01,
        depth_m=5.0 + waves,
        theta=theta,
        courant=0.97 * (theta / 2) ** 0.5,
    )
    end = run(pool, 1800.0)

    assert end.depth_m.std() < (1.5 if theta == 1.0 else 0.1) * waves.std()
    assert end.max_depth_m.max() < 5.02


def crowded(seed, threads=1, until=40.0):
    return run(crowded_case(seed), until, threads=threads)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_drop_is_accounted_for_and_no_depth_is_negative_on_random_ground(seed):
    end = crowded(seed)

    assert end.balance.error_m3 == 0.0
    assert np.nanmin(end.depth_m) >= 0.0
    assert np.isfinite(end.max_depth_m[~np.isnan(end.max_depth_m)]).all()


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_result_is_the_same_to_the_last_bit_on_one_two_and_three_threads(seed):
    one, two, three = (crowded(seed, threads) for threads in (1, 2, 3))

    for name in one.state.arrays:
        same(two.state.arrays[name], one.state.arrays[name])
        same(three.state.arrays[name], one.state.arrays[name])


def test_leaving_dry_tiles_out_changes_no_bit():
    bed = (
        np.linspace(0, 3, 150)[:, None]
        + np.linspace(0, 1, 300)[None, :]
        + rough_ground(150, 300, 2, 0.05)
    )
    case = FloodCase(bed_m=bed, cell_m=5.0, inflows=(Inflow([75], [150], 8.0),))
    ends = []
    for pin in (False, True):
        job = Run(build(case, 1), None)
        job.m.pinned[:] |= pin
        job.start()
        while job.time_s < 400.0:
            job.stretch(400.0)
        ends.append((job.m.water, job.live.mean()))

    assert ends[0][1] < 0.9 < ends[1][1]
    for name in ("units", "qx", "qy"):
        same(getattr(ends[0][0], name), getattr(ends[1][0], name))


TURNS = {
    "mirrored": lambda a: a[:, ::-1],
    "upside down": lambda a: a[::-1],
    "rotated": np.rot90,
    "transposed": np.transpose,
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
def test_a_turned_case_gives_the_turned_result_to_the_last_bit(turn):
    bed = rough_ground(37, 83, 7, 0.5)
    depth = np.where(bed < 40.0, 1.5, 0.0)
    manning = np.random.default_rng(3).uniform(0.02, 0.1, bed.shape)
    straight = run(FloodCase(bed_m=bed - 40, cell_m=4.0, depth_m=depth, manning=manning), 120.0)
    turned = run(
        FloodCase(
            bed_m=turn(bed).copy() - 40,
            cell_m=4.0,
            depth_m=turn(depth).copy(),
            manning=turn(manning).copy(),
        ),
        120.0,
    )

    same(turned.state.arrays["units"], turn(straight.state.arrays["units"]))
    same(turned.max_depth_m, turn(straight.max_depth_m))


def test_light_rain_on_deep_water_is_not_lost():
    """1 mm in an hour on 30 m: a step's share is 30 times under the spacing of float32 there."""
    bed = np.zeros((20, 20))
    end = run(
        FloodCase(bed_m=bed, cell_m=10.0, depth_m=bed + 30.0, rain=Rain([0, 3600], [1.0])), 3600.0
    )

    assert np.float32(30.0) + np.float32(1e-3 / end.steps) == np.float32(30.0)
    rise = end.state.arrays["units"].mean() / 2**24 - 30.0
    assert rise == pytest.approx(1e-3, rel=1e-4)


def test_a_run_goes_on_from_its_state_as_if_it_had_not_stopped():
    case = FloodCase(
        bed_m=rough_ground(50, 60, 9, 0.3),
        cell_m=5.0,
        rain=Rain([0, 60, 120], [100.0, 20.0]),
        infiltration=GreenAmpt(5.0, 100.0, 0.3),
        edges=(OpenEdge("west"), OpenEdge("north", level_m=40.2)),
        inflows=(Inflow([20, 21], [30, 30], 1.5),),
    )
    whole = run(case, 120.0)
    half = run(case, 60.0)
    rest = run(case, 120.0, state=half.state)

    assert rest.steps == whole.steps
    for name in whole.state.arrays:
        same(rest.state.arrays[name], whole.state.arrays[name])
    assert rest.balance == whole.balance
