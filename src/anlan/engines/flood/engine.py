"""One run: forcing, stretches of steps, records, balance."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .build import MM_H, Machine, build, mean_over
from .case import FloodCase, FloodResult, FloodState, GreenAmpt, Horton
from .checks import cells_of, check, check_filling, check_run
from .edges import copy_halos, set_ghosts
from .forcing import GREEN_AMPT, HORTON, NO_SOIL, add_rain, lifts, take_losses
from .inertial import UNITS_PER_M, G
from .lattice import FIRST_COL, HALO
from .march import march, march_threads
from .record import NEUTRAL, record
from .tiles import LONGEST_STRETCH, find_live, find_runs, scan_block, still_tiles

Array = NDArray[Any]
SLOWEST_WAVE_M_S = 1.0  # the step never exceeds what a wave of this speed allows
RECORDS = ("deepest", "fastest", "hazard", "arrival", "wet_s")
ACCOUNTS = ("initial", "rain", "infiltrated", "drained")


class Run:
    """A machine with its clock, records and accounts (whole units)."""

    names: tuple[str, ...] = RECORDS

    def __init__(self, machine: Machine, pool: ThreadPoolExecutor | None) -> None:
        self.m, self.pool = machine, pool
        lattice = machine.lattice
        self.time_s, self.steps, self.step_s = 0.0, 0, 0.0
        self.at_change = False  # whether a stretch ends where the rain changes or the run ends
        self.records = {n: lattice.make(np.float32, NEUTRAL[n]) for n in self.names}
        self.taken = lattice.make(np.int32)
        self.accounts = dict.fromkeys(ACCOUNTS, 0)
        self.rate = lattice.make(np.float32)
        self.lift = lifts(lattice.width)
        self.interval = -1
        self.even: Array | None = None  # rain of 1 mm/h everywhere, on the computing cells
        self.covered = np.ones((lattice.rows, lattice.cols), np.float32)
        self.soil = _soil(machine)
        drain = cells_of(
            machine.case, machine.case.drain_mm_h, "The drain capacity [mm/h]", 0.0, 1000.0
        )
        self.drain = (machine.gather(drain) * MM_H).astype(np.float32)
        bands, tiles = machine.pinned.shape
        self.wet, self.live = np.zeros((bands, tiles), np.bool_), np.zeros((bands, tiles), np.bool_)
        self.top = np.zeros(bands, np.int32)

    def each_block(self, work: Callable[[int], Any]) -> list[Any]:
        """Do something for every block, each on its thread."""
        if self.pool is None:
            return [work(b) for b in range(self.m.lattice.blocks)]
        begun = [self.pool.submit(work, b) for b in range(1, self.m.lattice.blocks)]
        return [work(0), *(one.result() for one in begun)]

    def start(self) -> None:
        """Put the initial water and the ghosts in place."""
        case = self.m.case
        if case.depth_m is not None:
            depth = self.m.gather(np.where(self.m.open_cells, case.depth_m, 0.0))
            self.m.lattice.put(self.m.water.units, np.rint(depth * UNITS_PER_M).astype(np.int32))
        self.accounts["initial"] = self.stored()
        self.set_edges(0.0, 1.0)
        self.refresh_ghosts()

    def stored(self) -> int:
        return int(self.m.lattice.take(self.m.water.units).sum(dtype=np.int64))

    def refresh_ghosts(self) -> None:
        w = self.m.water
        set_ghosts(w.units, self.m.ground.z, w.qx, w.qy, self.m.ghosts, self.m.sub)

    def set_edges(self, start_s: float, end_s: float) -> None:
        """Rates of the inflows and levels at the edges, as means over a stretch."""
        m, first = self.m, 0
        per_m3 = UNITS_PER_M / m.cell_m**2
        for inflow in m.case.inflows:
            n = np.size(inflow.rows)
            flow = mean_over(inflow.flow_m3_s, start_s, end_s)
            m.sources.rate[first : first + n] = flow * per_m3 / n
            first += n
        for number, edge in enumerate(m.case.edges):
            if edge.level_m is not None:
                ours = m.ghost_edge == number
                level = np.asarray(mean_over(edge.level_m, start_s, end_s)) - m.datum_m
                of_each = level[m.ghost_place[ours]] if level.ndim else level
                m.ghosts.level[ours] = of_each * UNITS_PER_M

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
        if not rate.ndim:
            if self.even is None:
                self.even = self.fallen(np.ones(m.case.bed_m.shape))
            found = self.even * float(rate)
        else:
            rows, cols = m.case.bed_m.shape
            up, left = np.arange(rows) * rate.shape[0] // rows, np.arange(cols)
            found = self.fallen(rate[up[:, None], left * rate.shape[1] // cols])
        m.lattice.put(self.rate, (found * (MM_H * UNITS_PER_M)).astype(np.float32))
        self.interval = interval

    def fallen(self, rate: Array) -> Array:
        """Rain on the ground as rain on the computing cells."""
        m = self.m
        if m.roof_to is not None:
            sent = np.zeros(rate.size)
            inside = (m.roof_to >= 0) & ~np.isnan(m.case.bed_m)
            np.add.at(sent, m.roof_to[inside], rate[inside])
            rate = sent.reshape(rate.shape)
        return m.gather(np.where(m.open_cells, rate, 0.0))

    def let_rain(self, start_s: float, end_s: float) -> None:
        """What falls between two times of the present rain interval."""
        interval, since, _ = self.rain_interval()
        if interval < 0:
            return
        if interval != self.interval:
            self.set_rain(interval)
        before, after = np.float32(start_s - since), np.float32(end_s - since)

        def fall(b: int) -> int:
            part = self.m.lattice.block_slice(b)
            units = self.m.water.units[part]
            return int(add_rain(units, self.rate[part], self.lift, before, after))

        self.accounts["rain"] += sum(self.each_block(fall))

    def lose(self, dt_s: float) -> None:
        """Infiltration and drains over a stretch."""
        kind, p = self.soil
        if kind == NO_SOIL and not self.drain.any():
            return
        lattice = self.m.lattice
        columns = slice(FIRST_COL, FIRST_COL + lattice.cols)

        def sink(b: int) -> Array:
            out, part = np.zeros(2, np.int64), lattice.block_slice(b)
            rows = slice(lattice.starts[b], lattice.starts[b + 1])
            units = self.m.water.units[part][HALO:-HALO, columns]
            taken = self.taken[part][HALO:-HALO, columns]
            fields = (p[0][rows], p[1][rows], p[2][rows], self.drain[rows], self.cover(b))
            take_losses(units, taken, kind, *fields, dt_s, out)
            return out

        out = sum(self.each_block(sink))
        self.accounts["infiltrated"] += int(out[0])
        self.accounts["drained"] += int(out[1])

    def cover(self, block: int) -> Array:
        """Part of each cell's open ground that is under water."""
        starts = self.m.lattice.starts
        return self.covered[starts[block] : starts[block + 1]]

    def scan(self) -> float:
        """Find what is wet; returns the greatest depth [m]."""
        m, was = self.m, self.live.copy()
        first, slices = m.blocks.first_band, m.lattice.block_slice
        self.each_block(
            lambda b: scan_block(m.water.units[slices(b)], first[b], self.wet, self.top)
        )
        find_live(self.wet, m.pinned, self.live)
        find_runs(self.live, m.lattice.width, m.blocks.runs, m.blocks.counts)

        def still(b: int) -> None:
            still_tiles(self.live, was, first[b], m.water.qx[slices(b)], m.water.qy[slices(b)])

        self.each_block(still)
        copy_halos(m.water.units, m.water.qx, m.water.qy, m.halos)
        return float(self.top.max()) / UNITS_PER_M

    def deepest(self, mean_m: float) -> float:
        """Depth that waves travel in, from the greatest depth of a cell [m]."""
        return mean_m

    def ready(self) -> None:
        """What must be known of the surface before a stretch of steps."""

    def stretch(self, until_s: float) -> None:
        """Up to 15 equal steps, ending no later than ``until_s`` or the rain's next change."""
        m = self.m
        mean_m = self.scan()
        deep = self.deepest(mean_m)
        longest = m.case.courant * m.cell_m / max((G * deep) ** 0.5, SLOWEST_WAVE_M_S)
        left = min(until_s, self.rain_interval()[2]) - self.time_s
        steps = int(min(np.ceil(left / longest - 1e-9), LONGEST_STRETCH))
        dt = min(longest, left / steps)
        self.step_s, self.at_change = dt, steps * longest >= left
        start, middle, end = (self.time_s + part * steps * dt for part in (0.0, 0.5, 1.0))
        self.set_edges(start, end)
        check_filling(max(deep, mean_m), m.sources.rate, steps * dt)
        self.let_rain(start, middle)  # half before and half after: the depth between is the mean
        self.refresh_ghosts()
        self.scan()
        self.ready()
        parts = (m.ground, m.water, m.blocks, m.sub, m.sources, m.links, m.ghosts, m.halos)
        if self.pool is None:
            march(steps, np.float32(dt), *parts)
        else:
            march_threads(self.pool, steps, np.float32(dt), *parts)
        self.let_rain(middle, end)
        self.lose(steps * dt)
        self.time_s = end
        self.steps += steps
        self.keep(steps * dt)

    def kept(self) -> dict[str, Array]:
        """The records, for a state."""
        return {name: self.m.lattice.take(self.records[name]) for name in self.names}

    def put_back(self, arrays: dict[str, Array]) -> None:
        """A state's records."""
        for name in self.names:
            self.m.lattice.put(self.records[name], arrays[name])

    def keep(self, dt_s: float) -> None:
        """Update the records."""
        m = self.m
        kept = tuple(self.records[name] for name in self.names)
        times = np.float32(m.case.wet_m), np.float32(self.time_s), np.float32(dt_s)

        def note(b: int) -> None:
            part = m.lattice.block_slice(b)
            rows = part.start + HALO, part.stop - HALO
            given: Any = (m.water.units, m.water.qx, m.water.qy, *kept, *times, *rows)
            record(*given)

        self.each_block(note)


def _soil(m: Machine) -> tuple[int, list[Array]]:
    """Kind of soil and its three numbers on the computing cells."""
    case, none = m.case, np.zeros((m.lattice.rows, m.lattice.cols))
    soil = case.infiltration
    if isinstance(soil, GreenAmpt):
        k = cells_of(case, soil.conductivity_mm_h, "The conductivity [mm/h]", 0.0, 2000.0) * MM_H
        suction = cells_of(case, soil.suction_mm, "The suction [mm]", 0.0, 5000.0) / 1000.0
        deficit = cells_of(case, soil.deficit, "The moisture deficit", 0.0, 1.0)
        return GREEN_AMPT, [m.gather(k), m.gather(suction * deficit, of_open=True), none]
    if isinstance(soil, Horton):
        first = (
            cells_of(case, soil.first_mm_h, "Horton's first capacity [mm/h]", 0.0, 2000.0) * MM_H
        )
        final = (
            cells_of(case, soil.final_mm_h, "Horton's final capacity [mm/h]", 0.0, 2000.0) * MM_H
        )
        decay = cells_of(case, soil.decay_1_h, "Horton's decay [1/h]", 0.0, 100.0) / 3600.0
        return HORTON, [m.gather(first), m.gather(final), m.gather(decay, of_open=True)]
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
