"""Culverts, underpasses, walls and pumps against published ratings."""

import numpy as np
import pytest

from anlan.engines.flood import Culvert, FloodCase, Inflow, OpenEdge, Pump, Series, Wall, run
from anlan.engines.flood.edges import culvert_m3_s
from anlan.engines.flood.weir import into_culvert, over_crest

G = 9.81


def hds5_head(flow, width, height):
    """Headwater of a box with wingwalls of 90 or 15 degrees [m]: HDS-5, equations A.1 and A.3."""
    x = 1.811 * flow / (width * height * height**0.5)
    if x <= 3.5:
        critical = ((flow / width) ** 2 / G) ** (1 / 3)
        return 1.5 * critical + 0.061 * x**0.75 * height
    return (0.0400 * x**2 + 0.80) * height


@pytest.mark.parametrize(("width", "height"), [(1.0, 1.0), (2.0, 1.5), (4.0, 2.0)])
@pytest.mark.parametrize("x", [0.1, 0.5, 1.0, 2.0, 3.0, 3.5, 4.0, 5.0, 7.0, 9.0])
def test_a_culvert_s_inlet_takes_what_fhwa_s_rating_says(width, height, x):
    """Within 4 % from a tenth of the height to four times it."""
    flow = x * width * height**1.5 / 1.811
    head = hds5_head(flow, width, height)

    assert into_culvert(head, width, height) == pytest.approx(flow, rel=0.04)


def barrel(source_m, target_m, *, length=40.0, n=0.013):
    return culvert_m3_s(source_m, target_m, np.array([0.0, -0.2, 1.5, 1.2, length, n]))


@pytest.mark.parametrize("length", [20.0, 100.0, 400.0])
def test_a_drowned_barrel_carries_what_outlet_control_says(length):
    """HDS-5 equation 5: H = (1 + 0.5 + 19.63 n^2 L / R^(4/3)) V^2 / 2g, full and drowned."""
    head, area, radius = 0.3, 1.5 * 1.2, 1.5 * 1.2 / (2 * (1.5 + 1.2))
    losses = 1.5 + 19.63 * 0.013**2 * length / radius ** (4 / 3)

    flow = barrel(3.0 + head, 3.0, length=length)
    assert flow == pytest.approx(area * (2 * G * head / losses) ** 0.5, rel=1e-3)


def test_a_culvert_runs_backwards_as_it_runs_forwards_and_rests_when_level():
    shape = np.array([0.3, 0.3, 1.0, 1.0, 20.0, 0.013])

    assert culvert_m3_s(1.9, 1.2, shape) == -culvert_m3_s(1.2, 1.9, shape)
    assert culvert_m3_s(1.5, 1.5, shape) == 0.0
    assert culvert_m3_s(0.2, 0.1, shape) == 0.0


@pytest.mark.parametrize("head", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("cell", [1.0, 5.0])
def test_a_wall_lets_over_what_a_broad_crested_weir_does(head, cell):
    level = 2.0 + head
    left = np.arange(40) < 20
    case = FloodCase(
        bed_m=np.zeros((3, 40)),
        cell_m=cell,
        depth_m=np.where(left, level, 0.0) * np.ones((3, 1)),
        walls=tuple(Wall(row, 19, "east", 2.0) for row in range(3)),
        edges=(OpenEdge("west", level_m=level), OpenEdge("east", slope=0.02)),
    )
    end = run(case, 600.0)
    over = float(end.level_m[1, 19]) - 2.0

    assert end.state.arrays["qx"][1, 19] == pytest.approx(1.705 * over**1.5, rel=1e-3)


def test_water_behind_a_wall_holds_back_what_villemonte_says():
    for part in (0.2, 0.5, 0.8, 0.95):
        held = (1 - part**1.5) ** 0.385
        assert over_crest(0.6, 0.6 * part) == pytest.approx(held * over_crest(0.6, 0.0))


def test_a_drowned_wall_levels_out_without_swinging():
    left = np.arange(20) < 10
    case = FloodCase(
        bed_m=np.zeros((3, 20)),
        cell_m=2.0,
        depth_m=np.where(left, 1.4, 0.9) * np.ones((3, 1)),
        walls=tuple(Wall(row, 9, "east", 0.8) for row in range(3)),
    )
    state, rising = None, []
    for until in np.arange(10, 200, 10.0):
        end = run(case, float(until), state=state)
        state = end.state
        rising.append(end.depth_m[1, 10:].mean())

    assert rising[-1] == pytest.approx(1.15, abs=0.01)
    assert max(rising) < 1.2
    assert end.balance.error_m3 == 0.0


def embankment():
    """A street of 5 m under a railway bank: the underpass is the only way through."""
    bed = np.full((9, 31), 10.0)
    bed[:, 15] = 16.0
    return bed


def test_an_underpass_passes_what_its_rating_says_and_fills_the_far_side():
    """Six metres wide on cells of 5 m: three links side by side."""
    bed = embankment()
    links = tuple(
        Culvert((row, 14), (row, 16), 10.0, 10.0, 2.0, 4.5, 12.0, 0.020) for row in (3, 4, 5)
    )
    case = FloodCase(
        bed_m=bed,
        cell_m=5.0,
        links=links,
        edges=(OpenEdge("west", level_m=11.0), OpenEdge("east", slope=0.01)),
    )
    early = run(case, 3600.0)
    late = run(case, 3900.0, state=early.state)
    moved = late.state.arrays["link_moved"] - early.state.arrays["link_moved"]
    through = moved / 2**24 * 25.0 / 300.0
    shape = np.array([10.0, 10.0, 2.0, 4.5, 12.0, 0.020])
    half = 0.5 * through * late.limit.step_s / 25.0  # of what a step moves: levels in its middle
    rating = [
        culvert_m3_s(late.level_m[row, 14] + move, late.level_m[row, 16] - move, shape)
        for row, move in zip((3, 4, 5), half, strict=True)
    ]
    shut = run(FloodCase(bed_m=bed, cell_m=5.0, edges=case.edges), 3600.0)

    assert min(rating) > 1.0
    assert through == pytest.approx(rating, rel=0.02)
    assert late.depth_m[:, 16:].min() > 0.1
    assert shut.depth_m[:, 16:].max() == 0.0
    assert late.balance.error_m3 == 0.0


def pump_history(on, off, flow, inflow):
    """Depth and pumped water every minute in a sump of nine cells."""
    case = FloodCase(
        bed_m=np.zeros((3, 3)),
        cell_m=5.0,
        inflows=(Inflow([0], [0], inflow),),
        links=(Pump((1, 1), None, flow, on, off),),
    )
    state, depth, out = None, [], []
    for until in np.arange(60, 7201, 60.0):
        end = run(case, float(until), state=state)
        state = end.state
        depth.append(float(end.depth_m[1, 1]))
        out.append(end.balance.pumped_out_m3)
    return np.array(depth), np.array(out), end


def test_a_pump_starts_and_stops_at_its_depths_and_lifts_its_flow():
    depth, out, end = pump_history(0.5, 0.2, 0.3, 0.05)
    per_minute = np.diff(out, prepend=0.0)
    running = per_minute > 17.9
    starts = np.flatnonzero(running & ~np.roll(running, 1))

    assert depth.max() == pytest.approx(0.5, abs=0.03)
    assert depth[starts[0] :].min() == pytest.approx(0.2, abs=0.09)
    assert per_minute.max() == pytest.approx(18.0, rel=1e-3)
    assert len(starts) >= 3
    assert end.balance.error_m3 == 0.0


def test_a_pump_lifts_into_another_cell_and_no_more_than_there_is():
    bed = np.array([[0.0, 5.0, 3.0]])
    case = FloodCase(
        bed_m=bed,
        cell_m=5.0,
        depth_m=np.array([[1.0, 0.0, 0.0]]),
        links=(Pump((0, 0), (0, 2), 0.5, 0.1, 0.0),),
    )
    end = run(case, 600.0)

    assert end.depth_m[0] == pytest.approx([0.0, 0.0, 1.0], abs=0.06)
    assert end.balance.stored_m3 == 25.0


def test_a_pond_behind_a_dyke_follows_the_tide_through_a_sluice_later_and_lower():
    bed = np.zeros((3, 21))
    bed[:, 10] = 9.0
    tide = Series(np.arange(0, 12.5, 0.5) * 3600.0, 1.5 + np.sin(np.arange(0, 12.5, 0.5) / 2) * 1.2)
    case = FloodCase(
        bed_m=bed,
        cell_m=60.0,
        depth_m=np.where(np.arange(21) == 10, 0.0, 1.5) * np.ones((3, 1)),
        links=(Culvert((1, 9), (1, 11), 0.0, 0.0, 1.5, 1.5, 20.0),),
        edges=(OpenEdge("west", level_m=tide),),
    )
    state, behind = None, []
    for until in np.arange(1800, 43_201, 1800.0):
        end = run(case, float(until), state=state)
        state = end.state
        behind.append(float(end.level_m[1, 20]))

    assert 1.6 < max(behind) < 2.5  # the tide's top is 2.7 m, at three hours
    assert 6 < np.argmax(behind) < 13
    assert behind[-1] < max(behind) - 0.2
    assert end.balance.error_m3 == 0.0
