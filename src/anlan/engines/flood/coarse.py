"""A run on a coarse grid over fine ground (``subgrid``): whole cities in seconds.

Takes rain and point inflows in a closed case; open edges, soil, drains, walls and links need the
fine grid (or a boundary far enough away) and are refused.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .build import MM_H, mean_over
from .case import BadCase, FloodCase, Reals
from .checks import cells_of, check
from .forcing import add_rain, lifts
from .inertial import UNITS_PER_M, G
from .lattice import FIRST_COL, HALO, Lattice
from .subgrid import DEAD, FACES, PER_M, SAMPLES, fold, sweep_sub, tables

Array = NDArray[Any]
SLOWEST_WAVE_M_S = 1.0


@dataclass(frozen=True)
class CoarseResult:
    """Depths are (rows, cols) of the fine ground, NaN outside; levels of the coarse cells."""

    time_s: float
    depth_m: Reals
    max_depth_m: Reals
    max_level_m: Reals  # (rows / factor, cols / factor)
    error_m3: float  # water that no account explains
    steps: int
    cell_updates: int


class Coarse:
    """The arrays of a coarse run."""

    def __init__(self, case: FloodCase, factor: int) -> None:
        self.case, self.factor = case, factor
        self.bed = _padded(_ground(case), factor, np.inf)
        low, *lists = tables(self.bed, factor)
        self.low_m = np.where(np.isfinite(low), low, 0.0)
        self.lattice = lattice = Lattice(*low.shape)
        self.datum = float(np.round(self.low_m.mean()))
        self.low = lattice.make(np.float32)
        lattice.put(self.low, ((self.low_m - self.datum) * PER_M).astype(np.float32))
        manning = cells_of(case, case.manning, "Manning's n", 0.001, 1.0) ** 2
        self.nn = lattice.make(np.float32)
        lattice.put(self.nn, 0.5 * fold(_padded(manning, factor, 0.035**2), factor).mean((2, 3)))
        self.units = lattice.make(np.int32)
        self.qx, self.qy = lattice.make(np.float32), lattice.make(np.float32)
        self.level, self.rate = lattice.make(np.float32), lattice.make(np.float32)
        self.heights, self.crest_x, self.crest_y = (self._deep(t) for t in lists)
        self.reals = np.zeros((5, lattice.width), np.float32)
        self.wholes = np.zeros((4, lattice.width), np.int32)
        self.lift = lifts(lattice.width)
        self.highest = np.zeros(low.shape, np.float32)
        self.given = 0

    def _deep(self, table: Array) -> Array:
        lattice = self.lattice
        count = table.shape[-1]
        assert count in (FACES, SAMPLES)
        out = np.full((lattice.stack_rows, count, lattice.width), DEAD, np.uint16)
        whole = np.rint(np.clip(np.nan_to_num(table, posinf=1e9) * PER_M, 0, DEAD))
        out[HALO:-HALO, :, FIRST_COL : FIRST_COL + lattice.cols] = whole.swapaxes(1, 2)
        return out

    def take_level(self) -> Array:
        return self.lattice.take(self.level) / PER_M

    def downscaled(self, level: Array) -> Reals:
        """Depth on the fine ground under the coarse cells' levels."""
        rows, cols = self.case.bed_m.shape
        wide = np.repeat(np.repeat(self.low_m + level, self.factor, 0), self.factor, 1)
        depth = np.where(
            np.repeat(np.repeat(level, self.factor, 0), self.factor, 1) > 0, wide - self.bed, 0
        )
        inside = np.isfinite(self.bed)[:rows, :cols]
        return np.where(inside, np.maximum(depth[:rows, :cols], 0.0), np.nan).astype(np.float32)

    def set_rain(self, interval: int) -> None:
        rows, cols = self.case.bed_m.shape
        assert self.case.rain is not None
        rate = np.asarray(self.case.rain.rate_mm_h, float)[interval]
        if rate.ndim:
            up, left = (
                np.arange(rows) * rate.shape[0] // rows,
                np.arange(cols) * rate.shape[1] // cols,
            )
            rate = rate[up[:, None], left]
        rate = np.where(np.isnan(self.case.bed_m), 0.0, rate) * (MM_H * UNITS_PER_M)
        coarse = fold(_padded(rate, self.factor, 0.0), self.factor).mean((2, 3))
        self.lattice.put(self.rate, coarse.astype(np.float32))

    def feed(self, start_s: float, end_s: float) -> None:
        per_m3 = UNITS_PER_M / (self.case.cell_m * self.factor) ** 2
        for inflow in self.case.inflows:
            at = self.lattice.index(
                np.asarray(inflow.rows) // self.factor, np.asarray(inflow.cols) // self.factor
            )
            volume = mean_over(inflow.flow_m3_s, start_s, end_s) * (end_s - start_s) * per_m3
            flat = self.units.ravel()
            for i in at:
                units = max(round(volume / at.size), -int(flat[i]))
                flat[i] += units
                self.given += units

    def step(self, dt: float) -> None:
        sweep_sub(
            self.units,
            self.low,
            self.nn,
            self.qx,
            self.qy,
            self.heights,
            self.crest_x,
            self.crest_y,
            self.level,
            self.reals,
            self.wholes,
            np.float32(self.case.theta),
            np.float32(dt),
            np.float32(self.case.cell_m * self.factor),
        )
        inner = self.level[HALO:-HALO, FIRST_COL : FIRST_COL + self.lattice.cols]
        np.maximum(self.highest, inner, out=self.highest)


def _ground(case: FloodCase) -> Array:
    closed = np.isnan(case.bed_m)
    if case.blocked is not None:
        closed = closed | case.blocked
    return np.where(closed, np.inf, case.bed_m)


def _padded(cells: Array, factor: int, fill: float) -> Array:
    rows, cols = cells.shape
    return np.pad(cells, ((0, -rows % factor), (0, -cols % factor)), constant_values=fill)


def check_coarse(case: FloodCase, factor: int) -> None:
    check(case)
    drains = np.any(np.asarray(case.drain_mm_h) > 0)
    if (
        case.edges
        or case.walls
        or case.links
        or case.infiltration
        or drains
        or case.depth_m is not None
    ):
        raise BadCase(
            "flood.coarse_part",
            "A coarse run takes rain and inflows only.",
            hint="Run the fine grid, or leave out edges, walls, links, soil, drains.",
        )
    if factor not in (2, 4, 8, 16):
        raise BadCase("flood.factor", "The coarse cell must be 2, 4, 8 or 16 fine cells wide.")


def run_coarse(case: FloodCase, until_s: float, factor: int) -> CoarseResult:
    """See ``anlan.engines.flood.run_coarse``."""
    check_coarse(case, factor)
    job, time_s, steps, interval = Coarse(case, factor), 0.0, 0, -1
    edges = np.asarray(case.rain.edges_s, float) if case.rain is not None else np.zeros(0)
    while time_s < until_s - 1e-6:
        deep = float(job.level.max()) / PER_M
        longest = case.courant * case.cell_m * factor / max((G * deep) ** 0.5, SLOWEST_WAVE_M_S)
        ahead = edges[edges > time_s + 1e-9]
        dt = min(longest, until_s - time_s, float(ahead[0]) - time_s if ahead.size else np.inf)
        now = int(np.searchsorted(edges, time_s + 1e-9, side="right")) - 1
        if 0 <= now < edges.size - 1:
            if now != interval:
                job.set_rain(now)
                interval = now
            since = edges[now]
            times = np.float32(time_s - since), np.float32(time_s + dt - since)
            job.given += int(add_rain(job.units, job.rate, job.lift, *times))
        job.feed(time_s, time_s + dt)
        job.step(dt)
        time_s, steps = time_s + dt, steps + 1
    stored = int(job.lattice.take(job.units).sum(dtype=np.int64))
    area = (case.cell_m * factor) ** 2
    highest = job.highest / PER_M
    return CoarseResult(
        time_s=time_s,
        depth_m=job.downscaled(job.take_level()),
        max_depth_m=job.downscaled(highest),
        max_level_m=(job.low_m + highest).astype(np.float32),
        error_m3=(stored - job.given) / UNITS_PER_M * area,
        steps=steps,
        cell_updates=steps * stored_cells(job),
    )


def stored_cells(job: Coarse) -> int:
    return job.lattice.rows * job.lattice.cols
