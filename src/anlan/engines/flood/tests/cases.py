"""Small grids and the formulas that the engine is held against."""

import numpy as np

from anlan.engines.flood import (
    Culvert,
    FloodCase,
    GreenAmpt,
    Inflow,
    OpenEdge,
    Pump,
    Rain,
    Wall,
    run,
)


def still(until_s=60.0, **given):
    """Run a case made of keyword arguments."""
    return run(FloodCase(**given), until_s)


def rough_ground(rows, cols, seed=1, relief=1.0):
    return np.random.default_rng(seed).normal(0.0, relief, (rows, cols)) + 40.0


def crowded_case(seed):
    """Rain, soil, drains, voids, buildings, walls, links and open edges on random ground."""
    r = np.random.default_rng(seed)
    rows, cols = (int(v) for v in r.integers(6, 90, 2))
    bed = rough_ground(rows, cols, seed, relief=float(r.uniform(0.01, 3.0)))
    blocked = r.random((rows, cols)) < 0.1
    blocked[1:3, 1:5] = False
    bed[r.random((rows, cols)) < 0.05] = np.nan
    bed[1:3, 1:5] = 40.0
    blocked |= np.isnan(bed)
    return FloodCase(
        bed_m=bed,
        cell_m=float(r.uniform(1.0, 30.0)),
        manning=float(r.uniform(0.01, 0.1)),
        depth_m=np.where(r.random((rows, cols)) < 0.3, r.uniform(0, 3.0), 0.0),
        blocked=blocked,
        rain=Rain([0, 15, 30], r.uniform(0, 400, (2, 2, 2))),
        infiltration=GreenAmpt(r.uniform(0, 50), 100.0, 0.2),
        drain_mm_h=float(r.uniform(0, 40)),
        inflows=(Inflow([1], [1], 2.0), Inflow([1], [2], -1.0)),
        edges=(OpenEdge("north"), OpenEdge("east", level_m=40.5), OpenEdge("south", 1, 3)),
        walls=(Wall(1, 2, "south", 41.0), Wall(2, 2, "east", 42.0)),
        links=(
            Culvert((1, 1), (1, 4), 39.9, 39.8, 1.0, 1.0, 20.0),
            Pump((1, 3), None, 0.5, 0.2, 0.05),
        ),
    )
