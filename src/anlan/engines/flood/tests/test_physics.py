"""Against formulas and published solutions; allowed differences are those measured, rounded up."""

import os
from pathlib import Path

import numpy as np
import pytest

from anlan.engines.flood import FloodCase, Inflow, OpenEdge, Rain, Series, run

G = 9.81


def canal(bed_of_x, cells, dx, rows=3, **given):
    """A canal along the columns: the same bed in every row."""
    x = (np.arange(cells) + 0.5) * dx
    return x, FloodCase(bed_m=np.tile(bed_of_x(x), (rows, 1)), cell_m=dx, **given)


def test_steady_flow_down_a_slope_has_the_depth_of_manning_s_formula():
    slope, n, q = 0.001, 0.03, 2.0
    _, case = canal(
        lambda x: -slope * x,
        100,
        10.0,
        manning=n,
        inflows=(Inflow([0, 1, 2], [0, 0, 0], q * 10.0 * 3),),
        edges=(OpenEdge("east", slope=slope),),
    )
    depth = run(case, 7200.0).depth_m[1, 10:90]

    assert depth == pytest.approx((n * q / slope**0.5) ** 0.6, rel=2e-4)


def test_macdonald_s_canal_is_met_within_one_percent():
    """MacDonald et al. (1997), J. Hydraul. Eng. 123: the depth is chosen, the bed follows from it.

    The bed is that of the equations solved here (no advection of momentum).
    """
    q, n, length, cells = 2.0, 0.033, 1000.0, 200
    depth_of = lambda x: (4 / G) ** (1 / 3) * (1 + 0.5 * np.exp(-16 * (x / length - 0.5) ** 2))  # noqa: E731
    fine = np.linspace(0, length, 20001)
    h = depth_of(fine)
    fall = np.gradient(h, fine) + n**2 * q**2 / h ** (10 / 3)
    bed = np.concatenate([[0], np.cumsum(0.5 * (fall[1:] + fall[:-1]) * np.diff(fine))])
    bed = bed[-1] - bed
    dx = length / cells
    outside = depth_of(length + dx / 2) - fall[-1] * dx / 2  # level at the ghost's centre
    x, case = canal(
        lambda x: np.interp(x, fine, bed),
        cells,
        dx,
        manning=n,
        inflows=(Inflow([0, 1, 2], [0, 0, 0], q * 3 * dx),),
        edges=(OpenEdge("east", level_m=float(outside)),),
    )
    error = run(case, 6000.0).depth_m[1] / depth_of(x) - 1

    assert np.sqrt((error[3:] ** 2).mean()) < 0.003
    assert np.abs(error[3:]).max() < 0.01


def travelling_depth(behind_m, n, u):
    """Depth behind the front of a wave that moves at ``u`` over a level plane, without advection.

    From (g h - u^2) dh/dx = -g n^2 u^2 / h^(1/3): the wave of Hunter et al. (2005), Adv. Water
    Resour. 28, 975-991, less the advection of momentum, which these equations leave out.
    """
    depth = np.linspace(u**2 / G, 10.0, 100_001)
    taken = (3 / 7 * depth ** (7 / 3) - 3 / 4 * u**2 / G * depth ** (4 / 3)) / (n * u) ** 2
    return np.where(behind_m > 0, np.interp(behind_m, taken - taken[0], depth), 0.0)


def test_a_wave_over_a_level_plane_keeps_its_exact_shape():
    n, u, dx, end = 0.03, 1.0, 25.0, 3600.0
    times = np.linspace(0, end, 721)
    level = Series(times, travelling_depth(u * times + dx / 2, n, u))  # at the ghost's centre
    x, case = canal(lambda x: 0 * x, 200, dx, manning=n, edges=(OpenEdge("west", level_m=level),))
    depth = run(case, end).depth_m[1]
    exact = travelling_depth(u * end - x, n, u)
    full = (7 / 3 * n**2 * u**2 * np.maximum(u * end - x, 0)) ** (3 / 7)  # with advection

    assert np.sqrt(((depth - exact)[x < u * end] ** 2).mean()) < 0.05
    assert np.sqrt(((depth - full)[x < u * end] ** 2).mean()) < 0.12
    assert x[depth > 0.05].max() == pytest.approx(u * end, abs=4 * dx)


def test_steady_rain_on_a_plane_runs_off_as_the_kinematic_wave_says():
    slope, n, rain_m_s, dx = 0.02, 0.035, 60 / 3.6e6, 2.0
    x, case = canal(
        lambda x: -slope * x,
        100,
        dx,
        manning=n,
        rain=Rain([0, 3600], [60.0]),
        edges=(OpenEdge("east", slope=slope),),
    )
    end = run(case, 3600.0)
    q = rain_m_s * (x + dx / 2)  # what all the cells above hand on
    depth = (n * q / slope**0.5) ** 0.6

    assert end.depth_m[1, 5:] == pytest.approx(depth[5:], rel=0.01)


def dam_break(right_m):
    x, case = canal(lambda x: 0 * x, 400, 1.0, manning=0.001, theta=0.7, courant=0.59)
    depth = np.where(x < 200, 1.0, right_m)
    end = run(FloodCase(**{**case.__dict__, "depth_m": np.tile(depth, (3, 1))}), 20.0)
    return x - 200, end.depth_m[1], end


def test_a_dam_break_is_wrong_by_what_the_documentation_says():
    """Ritter (1892), and what these equations make of it: a plateau and a slower, steep front.

    Without advection the wave leaves q = 2/3 g^(1/2) (1 - h^(3/2)) behind it and meets dry ground
    with q = h (g h / 2)^(1/2): 0.618 of the dam's depth behind a front at 0.278 of Ritter's speed.
    """
    x, depth, end = dam_break(0.0)
    c = G**0.5
    exact = np.clip(2 * c - x / 20.0, 0, 3 * c) ** 2 / (9 * G)
    exact = np.where(x < -c * 20, 1.0, np.where(x > 2 * c * 20, 0.0, exact))

    assert np.sqrt(((depth - exact) ** 2).mean()) == pytest.approx(0.11, abs=0.02)
    assert x[depth > 0.01].max() / (2 * c * 20) == pytest.approx(0.278, abs=0.07)
    assert np.median(depth[(x > 0) & (x < 20)]) == pytest.approx(0.618, abs=0.05)
    assert end.balance.error_m3 == 0.0


GOLDEN = os.environ.get("ANLAN_GOLDEN")
PEERS = {"itzi": 0.005, "lisflood_acc": 0.006, "lisflood_fv1": 0.015, "sfincs_hu001": 0.015}


@pytest.mark.skipif(
    not GOLDEN, reason="ANLAN_GOLDEN is not set: the peers' depths are not in the project"
)
def test_the_greatest_depths_of_the_city_case_agree_with_the_peers_as_they_do_with_each_other():
    folder = Path(GOLDEN) / "flood" / "case"
    case = np.load(folder / "case_B.npz")
    end = run(
        FloodCase(
            bed_m=case["dem"].astype(float), cell_m=5.0, manning=0.035, rain=Rain([0, 3600], [60.0])
        ),
        7200.0,
    )
    for peer, allowed in PEERS.items():
        theirs = np.load(folder / f"maxdepth_{peer}_B.npz")["maxdepth"]
        wet = (theirs > 0.1) | (end.max_depth_m > 0.1)
        assert np.sqrt(((end.max_depth_m - theirs)[wet] ** 2).mean()) < allowed, peer
