"""From a run's arrays to its result, and a state to go on from."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .case import BadCase, Balance, FloodResult, FloodState, Limit
from .engine import Run
from .inertial import UNITS_PER_M
from .lattice import FIRST_COL
from .record import NEVER_S

Array = NDArray[Any]


def outcome(run: Run) -> FloodResult:
    m = run.m
    take, case = m.lattice.take, m.case
    units = take(m.water.units)
    depth = units / UNITS_PER_M
    closed = ~m.open_cells

    def field(values: Array) -> NDArray[np.float32]:
        return np.where(closed, np.nan, values).astype(np.float32)

    records = {name: take(run.records[name]) for name in run.names}
    arrival = np.where(records["arrival"] >= NEVER_S, np.nan, records["arrival"])
    row, col = np.unravel_index(int(units.argmax()), units.shape)
    return FloodResult(
        time_s=run.time_s,
        depth_m=field(depth),
        level_m=field(case.bed_m + depth),
        speed_m_s=field(_speed(run, depth)),
        max_depth_m=field(records["deepest"]),
        max_speed_m_s=field(records["fastest"]),
        max_hazard_m2_s=field(records["hazard"]),
        arrival_s=field(arrival),
        duration_s=field(records["wet_s"]),
        balance=balance_of(run, int(units.sum(dtype=np.int64))),
        limit=Limit(int(row), int(col), float(depth[row, col]), run.step_s),
        steps=run.steps,
        cell_updates=run.steps * units.size,
        state=state_of(run),
    )


def _speed(run: Run, depth: Array) -> Array:
    take, w = run.m.lattice.take, run.m.water
    x = 0.5 * (take(w.qx) + take(np.roll(w.qx, 1, axis=1)))
    y = 0.5 * (take(w.qy) + take(np.roll(w.qy, 1, axis=0)))
    return np.asarray(np.where(depth > 1e-3, np.hypot(x, y) / np.maximum(depth, 1e-3), 0.0))


def balance_of(run: Run, stored: int) -> Balance:
    """Where the water went, to the last unit."""
    m, a = run.m, run.accounts
    inflow, left = int(m.sources.given.sum()), int(m.ghosts.left.sum())
    pumped = int(m.links.moved[m.links.target < 0].sum())
    expected = a["initial"] + a["rain"] + inflow - a["infiltrated"] - a["drained"] - left - pumped
    values = (
        a["initial"],
        a["rain"],
        inflow,
        a["infiltrated"],
        a["drained"],
        left,
        pumped,
        stored,
        stored - expected,
    )
    return Balance(*(v / UNITS_PER_M * m.cell_m**2 for v in values))


def state_of(run: Run) -> FloodState:
    """All that a run needs to go on."""
    m, take = run.m, run.m.lattice.take
    flows_x = m.water.qx[:, FIRST_COL - 1 :]
    arrays: dict[str, Array] = {
        "units": take(m.water.units),
        "qx": take(m.water.qx),
        "qy": take(m.water.qy),
        "qx_first": np.concatenate([flows_x[m.lattice.stack_row(np.arange(m.lattice.rows)), 0]]),
        "qy_first": m.water.qy.ravel()[
            m.lattice.index(np.full(m.lattice.cols, -1), np.arange(m.lattice.cols))
        ],
        "taken": take(run.taken),
        "accounts": np.array(list(run.accounts.values()), np.int64),
        "source_carry": m.sources.carry.copy(),
        "source_given": m.sources.given.copy(),
        "link_running": m.links.running.copy(),
        "link_carry": m.links.carry.copy(),
        "link_moved": m.links.moved.copy(),
        "ghost_left": m.ghosts.left.copy(),
    }
    return FloodState(run.time_s, run.steps, arrays | run.kept())


def _same_case(run: Run, arrays: dict[str, Array]) -> None:
    """Refuse the state of another case: its grid, inflows, links or edges differ."""
    ours = state_of(run).arrays
    for name, ours_of in ours.items():
        theirs = np.shape(arrays[name]) if name in arrays else None
        if theirs != ours_of.shape:
            raise BadCase(
                "flood.state",
                f"The state is of another case: {name} has shape {theirs}, not {ours_of.shape}.",
                hint="Go on with the case that the state came from.",
            )


def restore(run: Run, state: FloodState) -> None:
    """Put a state's water, records and accounts back."""
    m, a = run.m, state.arrays
    _same_case(run, a)
    put, rows, cols = m.lattice.put, m.lattice.rows, m.lattice.cols
    run.time_s, run.steps = state.time_s, state.steps
    put(m.water.units, a["units"])
    put(m.water.qx, a["qx"])
    put(m.water.qy, a["qy"])
    for b in range(m.lattice.blocks):  # the faces left of and above the first cells
        part, first = m.lattice.block_slice(b), m.lattice.starts[b] - 3
        span = slice(max(first, 0), min(m.lattice.starts[b + 1] + 3, rows))
        m.water.qx[part][span.start - first : span.stop - first, FIRST_COL - 1] = a["qx_first"][
            span
        ]
    m.water.qy.ravel()[m.lattice.index(np.full(cols, -1), np.arange(cols))] = a["qy_first"]
    put(run.taken, a["taken"])
    run.put_back(a)
    run.accounts = dict(zip(run.accounts, (int(v) for v in a["accounts"]), strict=True))
    m.sources.carry[:], m.sources.given[:] = a["source_carry"], a["source_given"]
    m.links.running[:], m.links.carry[:] = a["link_running"], a["link_carry"]
    m.links.moved[:], m.ghosts.left[:] = a["link_moved"], a["ghost_left"]
    run.live[:] = True  # flows in tiles that fell still were zero already
    run.set_edges(run.time_s, run.time_s + 1.0)
    run.refresh_ghosts()
