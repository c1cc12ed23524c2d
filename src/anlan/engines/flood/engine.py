"""One run: forcing, stretches of steps, records, balance."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .build import MM_H, Machine, build, edge_cells, mean_over
from .case import FloodCase, FloodResult, FloodState, GreenAmpt, Horton
from .checks import cells_of, check, check_filling, check_run
from .edges import LEVEL, copy_halos, set_ghosts
from .forcing import GREEN_AMPT, HORTON, NO_SOIL, add_rain, lifts, take_losses
from .inertial import UNITS_PER_M, G
from .lattice import HALO
from .march import march, march_threads
from .record import NEVER_S, record
from .tiles import LONGEST_STRETCH, find_runs, scan_block, still_tiles

Array = NDArray[Any]
SLOWEST_WAVE_M_S = 1.0  # the step never exceeds what a wave of this speed allows
RECORDS = ("deepest", "fastest", "hazard", "arrival", "wet_s")
ACCOUNTS = ("initial", "rain", "infiltrated", "drained")


class Run:
    """A machine with its clock, records and accounts (whole units)."""

    def __init__(self, machine: Machine, pool: ThreadPoolExecutor | None) -> None:
        self.m, self.pool = machine, pool
        lattice = machine.lattice
        self.time_s, self.steps, self.step_s = 0.0, 0, 0.0
        self.records = {name: lattice.make(np.float32) for name in RECORDS}
        self.records["arrival"][:] = NEVER_S
        self.taken = lattice.make(np.int32)
        self.accounts = dict.fromkeys(ACCOUNTS, 0)
        self.rate = lattice.make(np.float32)
        self.lift = lifts(lattice.width)
        self.interval = -1
        self.soil = _soil(machine.case)
        drain = cells_of(
            machine.case, machine.case.drain_mm_h, "The drain capacity [mm/h]", 0.0, 1000.0
        )
        self.drain = (drain * MM_H).astype(np.float32)
        bands, tiles = machine.pinned.shape
        self.wet, self.live = np.zeros((bands, tiles), np.bool_), np.zeros((bands, tiles), np.bool_)
        self.top = np.zeros(bands, np.int32)

    def start(self) -> None:
        """Put the initial water and the ghosts in place."""
        case = self.m.case
        if case.depth_m is not None:
            depth = np.where(self.m.open_cells, case.depth_m, 0.0)
            self.m.lattice.put(self.m.water.units, np.rint(depth * UNITS_PER_M).astype(np.int32))
        self.accounts["initial"] = self.stored()
        self.set_edges(0.0, 1.0)
        self.refresh_ghosts()

    def stored(self) -> int:
        return int(self.m.lattice.take(self.m.water.units).sum(dtype=np.int64))

    def refresh_ghosts(self) -> None:
        w = self.m.water
        set_ghosts(w.units, self.m.ground.z, w.qx, w.qy, self.m.ghosts)

    def set_edges(self, start_s: float, end_s: float) -> None:
        """Rates of the inflows and levels at the edges, as means over a stretch."""
        case, first = self.m.case, 0
        per_m3 = UNITS_PER_M / case.cell_m**2
        for inflow in case.inflows:
            n = np.size(inflow.rows)
            self.m.sources.rate[first : first + n] = (
                mean_over(inflow.flow_m3_s, start_s, end_s) * per_m3 / n
            )
            first += n
        levels = [e for e in case.edges if e.level_m is not None]
        at = np.flatnonzero(self.m.ghosts.kind == LEVEL)
        first = 0
        for edge in levels:
            rows, cols = edge_cells(edge, *case.bed_m.shape)
            n = int(self.m.open_cells[rows, cols].sum())
            level = mean_over(edge.level_m, start_s, end_s) - self.m.datum_m  # type: ignore[arg-type]
            self.m.ghosts.level[at[first : first + n]] = level * UNITS_PER_M
            first += n

    def rain_interval(self) -> tuple[int, float, float]:
        """Number, start and end of the rain interval now; -1 outside the rain."""
        rain = self.m.case.rain
        if rain is None:
            return -1, -np.inf, np.inf
        edges = np.asarray(rain.edges_s, float)
        i = int(np.searchsorted(edges, self.time_s + 1e-9, side="right")) - 1
        if i < 0:
            return -1, -np.inf, float(edges[0])
        if i >= edges.size - 1:
            return -1, float(edges[-1]), np.inf
        return i, float(edges[i]), float(edges[i + 1])

    def set_rain(self, interval: int) -> None:
        """The rate of each cell, roofs' water at the foot of their walls."""
        m, rain = self.m, self.m.case.rain
        assert rain is not None
        rate = np.asarray(rain.rate_mm_h, float)[interval]
        rows, cols = m.case.bed_m.shape
        if rate.ndim:
            rate = rate[
                np.arange(rows)[:, None] * rate.shape[0] // rows,
                np.arange(cols) * rate.shape[1] // cols,
            ]
        rate = np.broadcast_to(rate, (rows, cols)) * (MM_H * UNITS_PER_M)
        if m.roof_to is not None:
            sent = np.zeros(rows * cols)
            inside = (m.roof_to >= 0) & ~np.isnan(m.case.bed_m)
            np.add.at(sent, m.roof_to[inside], rate[inside])
            rate = sent.reshape(rows, cols)
        m.lattice.put(self.rate, np.where(m.open_cells, rate, 0.0).astype(np.float32))
        self.interval = interval

    def let_rain(self, start_s: float, end_s: float) -> None:
        """What falls between two times of the present rain interval."""
        interval, since, _ = self.rain_interval()
        m = self.m
        if interval >= 0:
            if interval != self.interval:
                self.set_rain(interval)
            before, after = np.float32(start_s - since), np.float32(end_s - since)
            for b in range(m.lattice.blocks):
                part = m.lattice.block_slice(b)
                self.accounts["rain"] += int(
                    add_rain(m.water.units[part], self.rate[part], self.lift, before, after)
                )

    def lose(self, dt_s: float) -> None:
        """Infiltration and drains over a stretch."""
        kind, p = self.soil
        if kind != NO_SOIL or self.drain.any():
            self._lose(kind, p, dt_s)

    def _lose(self, kind: int, p: list[Array], dt_s: float) -> None:
        lattice, out = self.m.lattice, np.zeros(2, np.int64)
        inner = slice(lattice.index(0, 0)[0] % lattice.width, None)
        for b in range(lattice.blocks):
            rows = slice(lattice.starts[b], lattice.starts[b + 1])
            part, columns = lattice.block_slice(b), slice(inner.start, inner.start + lattice.cols)
            units = self.m.water.units[part][HALO:-HALO, columns]
            taken = self.taken[part][HALO:-HALO, columns]
            take_losses(
                units, taken, kind, p[0][rows], p[1][rows], p[2][rows], self.drain[rows], dt_s, out
            )
        self.accounts["infiltrated"] += int(out[0])
        self.accounts["drained"] += int(out[1])

    def scan(self) -> float:
        """Find what is wet; returns the greatest depth [m]."""
        m, was = self.m, self.live.copy()
        for b in range(m.lattice.blocks):
            scan_block(
                m.water.units[m.lattice.block_slice(b)], m.blocks.first_band[b], self.wet, self.top
            )
        find_runs(self.wet, m.pinned, m.lattice.width, self.live, m.blocks.runs, m.blocks.counts)
        for b in range(m.lattice.blocks):
            part = m.lattice.block_slice(b)
            still_tiles(self.live, was, m.blocks.first_band[b], m.water.qx[part], m.water.qy[part])
        copy_halos(m.water.units, m.water.qx, m.water.qy, m.halos)
        return float(self.top.max()) / UNITS_PER_M

    def stretch(self, until_s: float) -> None:
        """Up to 15 equal steps, ending no later than ``until_s`` or the rain's next change."""
        case = self.m.case
        deep = self.scan()
        longest = case.courant * case.cell_m / max((G * deep) ** 0.5, SLOWEST_WAVE_M_S)
        left = min(until_s, self.rain_interval()[2]) - self.time_s
        steps = int(min(np.ceil(left / longest - 1e-9), LONGEST_STRETCH))
        dt = min(longest, left / steps)
        self.step_s = dt
        start, middle, end = (self.time_s + part * steps * dt for part in (0.0, 0.5, 1.0))
        self.set_edges(start, end)
        check_filling(deep, self.m.sources.rate, steps * dt)
        self.let_rain(start, middle)  # half before and half after: the depth between is the mean
        self.refresh_ghosts()
        self.scan()
        m = self.m
        parts = (m.ground, m.water, m.blocks, m.sources, m.links, m.ghosts, m.halos)
        if self.pool is None:
            march(steps, np.float32(dt), *parts)
        else:
            march_threads(self.pool, steps, np.float32(dt), *parts)
        self.let_rain(middle, end)
        self.lose(steps * dt)
        self.time_s = end
        self.steps += steps
        self.keep(steps * dt)

    def keep(self, dt_s: float) -> None:
        m = self.m
        kept: Any = [self.records[name] for name in RECORDS]
        times = np.float32(m.case.wet_m), np.float32(self.time_s), np.float32(dt_s)
        for b in range(m.lattice.blocks):
            part = m.lattice.block_slice(b)
            rows: tuple[Any, ...] = (*times, part.start + HALO, part.stop - HALO)
            record(m.water.units, m.water.qx, m.water.qy, *kept, *rows)


def _soil(case: FloodCase) -> tuple[int, list[Array]]:
    none = np.zeros(case.bed_m.shape)
    soil = case.infiltration
    if isinstance(soil, GreenAmpt):
        k = cells_of(case, soil.conductivity_mm_h, "The conductivity [mm/h]", 0.0, 2000.0) * MM_H
        suction = cells_of(case, soil.suction_mm, "The suction [mm]", 0.0, 5000.0) / 1000.0
        return GREEN_AMPT, [
            k,
            suction * cells_of(case, soil.deficit, "The moisture deficit", 0.0, 1.0),
            none,
        ]
    if isinstance(soil, Horton):
        first = (
            cells_of(case, soil.first_mm_h, "Horton's first capacity [mm/h]", 0.0, 2000.0) * MM_H
        )
        final = (
            cells_of(case, soil.final_mm_h, "Horton's final capacity [mm/h]", 0.0, 2000.0) * MM_H
        )
        return HORTON, [
            first,
            final,
            cells_of(case, soil.decay_1_h, "Horton's decay [1/h]", 0.0, 100.0) / 3600.0,
        ]
    return NO_SOIL, [none, none, none]


@contextmanager
def pool_for(machine: Machine) -> Iterator[ThreadPoolExecutor | None]:
    """Threads beside this one, one a block; none for a single block."""
    others = machine.lattice.blocks - 1
    pool = ThreadPoolExecutor(others) if others else None
    try:
        yield pool
    finally:
        if pool is not None:
            pool.shutdown()


def run_case(
    case: FloodCase,
    until_s: float,
    *,
    state: FloodState | None,
    threads: int,
    limit_bytes: float | None,
    on_progress: Callable[[float], bool | None] | None,
) -> FloodResult:
    """See ``anlan.engines.flood.run``."""
    from .outcome import outcome, restore

    case = check(case, limit_bytes=limit_bytes)
    check_run(until_s, state, threads)
    machine = build(case, threads)
    with pool_for(machine) as pool:
        job = Run(machine, pool)
        if state is None:
            job.start()
        else:
            restore(job, state)
        while job.time_s < until_s - 1e-6:
            job.stretch(until_s)
            if on_progress is not None and on_progress(job.time_s):
                break
    return outcome(job)
