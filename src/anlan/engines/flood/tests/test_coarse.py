"""The coarse grid over fine ground, against the fine grid and what must hold exactly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.flood import (
    BadCase,
    Culvert,
    FloodCase,
    GreenAmpt,
    Inflow,
    OpenEdge,
    Pump,
    Rain,
    Wall,
    coarse_ground,
    restarted,
    run,
    run_coarse,
)
from anlan.engines.flood.coarse import CoarseRun, build_coarse
from anlan.engines.flood.hypsometry import SAMPLES, saddle_of
from anlan.engines.flood.subgrid import LINES, WET_ON_LINE
from anlan.engines.flood.tests.cases import crowded_case, rough_ground


def valley(rows=96, cols=96, seed=5):
    """A rough valley that falls to the south, with a stream."""
    r = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols] * 5.0
    far = np.abs(x - cols * 2.5)
    bed = 20 + 0.004 * (rows * 5 - y) + 0.01 * far - 1.5 * np.exp(-((far / 20) ** 2))
    waves = sum(
        r.normal() * np.sin(x * a + y * b + r.uniform(0, 6))
        for a, b in r.uniform(0.01, 0.06, (9, 2))
    )
    return bed + 0.1 * waves + 0.02 * r.standard_normal(bed.shape)


def storm(**given):
    given.setdefault("bed_m", valley())
    return FloodCase(
        **{
            "cell_m": 5.0,
            "rain": Rain([0, 1200], [60.0]),
            "inflows": (Inflow([0], [48], 3.0),),
            "edges": (OpenEdge("south", slope=0.004),),
            **given,
        }
    )


@pytest.fixture(scope="module")
def both():
    """A fine and a coarse run of the same case."""
    case = storm()
    return run(case, 2400.0), run_coarse(case, 2400.0)


def test_the_saddle_is_the_lowest_way_over_the_ridge():
    pair = np.full((3, 6), 5.0)
    pair[1, 0], pair[2, 5] = 1.0, 2.0
    pair[0, :] = 3.0
    pair[:, 2] = [4.0, 9.0, 9.0]

    assert saddle_of(pair, np.empty((3, 6))) == 5.0  # the cell beside the low point is at 5
    pair[0, 0] = pair[1, 0]
    pair[1, 5] = pair[2, 5]
    assert saddle_of(pair, np.empty((3, 6))) == 4.0


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_tables_keep_the_mean_height_and_middle_of_the_open_ground(factor):
    bed = rough_ground(16, 16, 5)
    blocked = np.random.default_rng(2).random(bed.shape) < 0.2
    ground = coarse_ground(FloodCase(bed_m=bed, cell_m=5.0, blocked=blocked), factor)
    shape = 16 // factor, factor, 16 // factor, factor

    def mean(values):
        total = np.where(blocked, 0, values).reshape(shape).sum((1, 3))
        return total / np.maximum((~blocked).reshape(shape).sum((1, 3)), 1)

    kept = ground.open_part > 0
    whole = ground.low_m + ground.height_m.mean(0)
    middles = np.broadcast_to(((np.arange(16) % factor + 0.5) / factor - 0.5) * 256, bed.shape)
    assert whole[kept] == pytest.approx(mean(bed)[kept], abs=1e-5)
    assert ground.place[0].mean(0)[kept] == pytest.approx(mean(middles)[kept], abs=0.5)
    assert ground.open_part == pytest.approx((~blocked).reshape(shape).mean((1, 3)))


def test_the_level_s_lines_are_the_least_level_that_holds_the_volume():
    case = FloodCase(bed_m=rough_ground(32, 32, 5, 0.3), cell_m=5.0, depth_m=np.full((32, 32), 0.2))
    ground = coarse_ground(case, 4)
    job = CoarseRun(build_coarse(case, ground, 1), ground, None)
    job.start()
    job.levels(0)
    level = job.m.lattice.take(job.m.sub.level) / 2.0**24
    held = np.maximum(level - ground.height_m, 0).mean(0)

    assert (held > 0.2 - 1e-5).all()  # a tangent never lies under the curve
    assert np.abs(held - 0.2).max() < 0.01
    assert WET_ON_LINE[-1] == SAMPLES
    assert job.m.sub.tab.shape[0] == LINES + 10


def test_a_coarse_run_agrees_with_the_fine_run(both):
    fine, coarse = both
    wet = fine.max_depth_m > 0.1
    a, b = fine.balance, coarse.balance

    assert coarse.steps < fine.steps / 3
    assert np.median(np.abs(coarse.max_depth_m - fine.max_depth_m)[wet]) < 0.04
    assert b.rain_m3 == pytest.approx(a.rain_m3, rel=1e-4)
    assert b.edge_outflow_m3 == pytest.approx(a.edge_outflow_m3, rel=0.03)
    assert b.stored_m3 == pytest.approx(a.stored_m3, rel=0.05)


def test_arrival_and_duration_agree_with_the_fine_run(both):
    fine, coarse = both
    deep = (fine.max_depth_m > 0.2) & (coarse.max_depth_m > 0.2)
    late = (coarse.arrival_s - fine.arrival_s)[deep]
    longer = (coarse.duration_s - fine.duration_s)[deep]

    assert np.isfinite(coarse.arrival_s[deep]).mean() > 0.98
    assert np.nanmedian(np.abs(late)) < 120.0
    assert np.median(np.abs(longer)) < 180.0
    assert (coarse.duration_s <= 2400.0).all()


def test_what_lies_on_the_fine_ground_is_all_the_water_there_is(both):
    coarse = both[1]

    assert coarse.depth_m.sum(dtype=float) * 25 == pytest.approx(coarse.balance.stored_m3, rel=1e-5)


def test_soil_and_drains_take_what_they_take_on_the_fine_grid():
    case = storm(infiltration=GreenAmpt(8.0, 100.0, 0.2), drain_mm_h=10.0)
    a, b = run(case, 2400.0).balance, run_coarse(case, 2400.0).balance

    assert b.infiltrated_m3 == pytest.approx(a.infiltrated_m3, rel=0.06)
    assert b.drained_m3 == pytest.approx(a.drained_m3, rel=0.06)


def test_water_runs_down_a_slope_as_a_sheet():
    """With level surfaces in the cells it would stand in their lower corners only."""
    y = np.arange(200)[:, None] * 5.0 + np.zeros((1, 12))
    case = FloodCase(
        bed_m=30 - 0.02 * y,
        cell_m=5.0,
        rain=Rain([0, 7200], [60.0]),
        edges=(OpenEdge("south", slope=0.02),),
    )
    end = run_coarse(case, 5400.0)
    flow = 60 / 3.6e6 * (y[:, 6] + 2.5)
    exact = (flow * 0.035 / 0.02**0.5) ** 0.6  # kinematic wave at steady state (Manning)

    # A cell has one depth of the sheet: that which carries the flow through its lower side.
    assert end.depth_m[11:180:4, 6] == pytest.approx(exact[11:180:4], rel=4e-3)
    assert end.depth_m[:4, 6].max() < 2 * exact[3]  # nothing gathers at the closed upper end


def test_a_lake_at_rest_moves_by_less_than_a_millimetre():
    y, x = np.mgrid[0:64, 0:80] * 5.0
    bed = 30 + 0.004 * np.hypot(x - 200, y - 160)
    depth = np.maximum(30.6 - bed, 0.0)
    end = run_coarse(FloodCase(bed_m=bed, cell_m=5.0, depth_m=depth), 900.0)

    assert np.abs(end.depth_m - depth).max() < 1e-3
    assert np.nanmax(end.max_speed_m_s) < 0.01


@pytest.mark.parametrize("factor", [4, 16])
def test_deep_quiet_water_does_not_swing_up_by_itself(factor):
    """The viscosity of ``theta`` is less on coarse cells: it must still be enough."""
    r = np.random.default_rng(4)
    bed = np.abs(r.normal(0, 0.5, (256, 256)))
    depth = 8.0 - bed + 0.02 * r.standard_normal(bed.shape)
    case = FloodCase(bed_m=bed, cell_m=5.0, manning=0.01, depth_m=depth)
    first = run_coarse(case, 600.0, factor=factor)
    later = run_coarse(case, 6000.0, factor=factor, state=first.state)

    assert np.nanmean(later.speed_m_s) < 0.5 * np.nanmean(first.max_speed_m_s)
    assert later.level_m.std() < 0.02


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([2, 4, 8]))
def test_every_drop_is_accounted_for_on_coarse_cells_too(seed, factor):
    end = run_coarse(crowded_case(seed), 40.0, factor=factor)

    assert end.balance.error_m3 == 0.0
    assert np.nanmin(end.depth_m) >= 0.0
    assert np.isfinite(end.max_depth_m).sum() == np.isfinite(end.depth_m).sum()


def same_states(one, other):
    for name in one.state.arrays:
        np.testing.assert_array_equal(one.state.arrays[name], other.state.arrays[name])


@pytest.mark.parametrize("seed", [4, 10])
def test_one_two_and_three_threads_give_the_same_bits(seed):
    one, two, three = (run_coarse(crowded_case(seed), 40.0, threads=n) for n in (1, 2, 3))

    same_states(one, two)
    same_states(one, three)


def test_it_goes_on_from_its_state_as_if_it_had_not_stopped():
    case = storm(rain=Rain([0, 300, 600], [80.0, 20.0]), infiltration=GreenAmpt(5.0, 100.0, 0.3))
    half = run_coarse(case, 300.0)
    rest, whole = run_coarse(case, 600.0, state=half.state), run_coarse(case, 600.0)

    same_states(rest, whole)
    assert rest.balance == whole.balance
    np.testing.assert_array_equal(rest.duration_s, whole.duration_s)


def test_dry_tiles_left_out_change_no_bit():
    x = np.mgrid[0:160, 0:1280][1] * 5.0
    bed = 20 + 0.01 * x + 0.02 * np.random.default_rng(1).standard_normal(x.shape)
    case = FloodCase(bed_m=bed, cell_m=5.0, inflows=(Inflow([80], [1240], 4.0),))
    ground = coarse_ground(case, 4)
    ends = []
    for pin in (False, True):
        job = CoarseRun(build_coarse(case, ground, 1), ground, None)
        job.m.pinned[:] |= pin
        job.start()
        while job.time_s < 900.0:
            job.stretch(900.0)
        ends.append((job.m.water, job.records, job.live.mean()))

    assert ends[0][2] < 1.0 == ends[1][2]
    for name in ("units", "qx", "qy"):
        np.testing.assert_array_equal(getattr(ends[0][0], name), getattr(ends[1][0], name))
    np.testing.assert_array_equal(ends[0][1]["top_units"], ends[1][1]["top_units"])


def ring(**given):
    """A pond of 60 cm in the middle of a plain that falls away from it."""
    y, x = np.mgrid[0:48, 0:48]
    bed = 10 - 0.01 * np.hypot(x - 24, y - 24)
    inside = (abs(x - 23.5) < 8) & (abs(y - 23.5) < 8)
    return FloodCase(bed_m=bed, cell_m=5.0, depth_m=np.where(inside, 0.6, 0.0), **given), inside


def test_walls_inside_coarse_cells_hold_water():
    """Walls around rows and columns 15 to 32 lie in no side of a coarse cell: they move to the
    nearest, around 16 to 31, where the water is."""
    case, inside = ring()
    walls = [Wall(i, c, "east", 12.0) for i in range(15, 33) for c in (14, 32)]
    walls += [Wall(r, i, "south", 12.0) for i in range(15, 33) for r in (14, 32)]
    open_end = run_coarse(case, 600.0)
    end = run_coarse(replace(case, walls=tuple(walls)), 600.0)

    assert open_end.depth_m[~inside].sum() > 100
    assert end.depth_m[~inside].sum() == 0.0
    assert end.depth_m[inside].sum() == pytest.approx(0.6 * inside.sum())


def test_an_embankment_thinner_than_a_cell_holds_water():
    x = np.mgrid[0:48, 0:48][1]
    bed = 10.0 + 0.0 * x
    bed[:, 22:24] = 12.0  # two fine cells, right in the middle of a coarse one
    depth = np.where(x < 22, 1.0, 0.0)
    end = run_coarse(FloodCase(bed_m=bed, cell_m=5.0, depth_m=depth), 900.0)

    assert end.depth_m[:, 24:].max() == 0.0
    assert end.depth_m[:, :20].min() > 0.9


def test_culverts_and_pumps_carry_what_they_carry_on_the_fine_grid():
    bed = valley()
    bed[44:48] += 2.0
    through = Culvert((40, 48), (52, 48), bed[40, 48], bed[52, 48], 2.0, 1.5, 60.0)
    case = storm(bed_m=bed, links=(through, Pump((40, 40), None, 0.5, 0.6, 0.2)))
    a, b = run(case, 2400.0), run_coarse(case, 2400.0)

    moved = [end.state.arrays["link_moved"][0] * end.factor**2 for end in (a, b)]
    assert moved[1] == pytest.approx(moved[0], rel=0.1)
    assert b.balance.pumped_out_m3 == pytest.approx(a.balance.pumped_out_m3, rel=0.1)


def test_a_restarted_coarse_run_begins_its_own_records():
    case = storm(edges=())
    first = run_coarse(case, 600.0)
    again = run_coarse(
        replace(case, rain=None, inflows=case.inflows), 900.0, state=restarted(first.state)
    )

    assert again.balance.initial_m3 == first.balance.stored_m3
    assert again.balance.error_m3 == 0.0
    assert (again.duration_s <= 900.0).all()
    assert np.nanmin(again.arrival_s) < 120.0


def test_a_coarse_run_says_what_does_not_fit():
    case = FloodCase(bed_m=np.zeros((8, 8)), cell_m=5.0)
    with pytest.raises(BadCase, match="2, 4, 8 or 16"):
        run_coarse(case, 10.0, factor=3)
    with pytest.raises(BadCase, match="coarse_ground"):
        run_coarse(case, 10.0, ground=coarse_ground(case, 2))
    with pytest.raises(BadCase, match="another case"):
        run_coarse(case, 20.0, state=run(case, 10.0).state)
