"""A run on a coarse grid over fine ground: the same case, forcing, accounts and result, on cells
``factor`` times as wide.

What differs from the fine run is in ``subgrid`` (how water lies and moves in a cell), ``tilt``
(once a stretch) and ``downscale`` (back to the fine ground).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .build import Machine, Opening, assemble, edge_cells, walls_of
from .case import BadCase, FloodCase, FloodResult, FloodState, Limit
from .checks import cells_of, check, check_run
from .downscale import lay_out, pick_times, spread_out
from .edges import copy_halos
from .engine import Run, pool_for
from .hypsometry import (
    CLOSED_M,
    CRESTS,
    SAMPLES,
    CoarseGround,
    closed_ground,
    coarse_ground,
    crest_parts,
    padded,
    sort_by,
)
from .inertial import UNITS_PER_M, F
from .lattice import WALL_M, Lattice
from .lines import SCRATCH
from .record import NEVER_S
from .subgrid import PLANES, Sub
from .sweep import find_levels
from .tiles import find_runs
from .tilt import depth_block, renew_block, tilt_block

Array = NDArray[Any]
FACTORS = (2, 4, 8, 16)
MOST = 2**16 - 1
LONGEST_WAIT_S = 60.0  # slopes, tables and records are renewed after two stretches, or this
FILM_M = 2e-3  # water this thin lies as a sheet, whatever the ground [m]


def build_coarse(case: FloodCase, ground: CoarseGround, threads: int) -> Machine:
    """A case laid out on coarse cells."""
    factor, low = ground.factor, ground.low_m
    lattice = Lattice(low.shape[0], low.shape[1], threads)
    inside = np.isfinite(low)
    datum = float(np.round(low[inside].mean()))
    z = lattice.make(np.float32, WALL_M * UNITS_PER_M)
    lattice.put(z, (np.where(inside, low - datum, WALL_M) * UNITS_PER_M).astype(np.float32))
    open_cells = np.isfinite(closed_ground(case))
    found = coarse_openings(case, factor, low.shape)
    roughness = lattice.make(np.float32)
    lattice.put(roughness, 0.5 * mean_roughness(case, open_cells, factor) ** 2)
    walls = walls_of([], lattice)  # they are in the crests
    m = assemble(case, lattice, datum, open_cells, found, z, roughness, walls, factor)
    return replace(m, sub=_tables(m, ground))


def mean_roughness(case: FloodCase, open_cells: Array, factor: int) -> Array:
    """Manning's n of coarse cells: strips of different n side by side carry as their mean 1/n."""
    manning = cells_of(case, case.manning, "Manning's n", 0.001, 1.0)
    if np.ndim(case.manning) == 0:
        return manning[::factor, ::factor]
    part = padded(np.where(open_cells, 1.0 / manning, 0.0), factor, 0.0)
    count = padded(open_cells.astype(float), factor, 0.0)
    shape = part.shape[0] // factor, factor, part.shape[1] // factor, factor
    smooth, open_count = (a.reshape(shape).sum(axis=(1, 3)) for a in (part, count))
    return np.where(smooth > 0, open_count / np.maximum(smooth, 1e-9), 0.035)


def coarse_openings(case: FloodCase, factor: int, shape: tuple[int, ...]) -> list[Opening]:
    """Coarse cells along the open edges; one shared by two edges belongs to the first."""
    taken: set[tuple[str, int]] = set()
    found = []
    for number, edge in enumerate(case.edges):
        rows, cols = edge_cells(edge, *case.bed_m.shape)
        down = edge.side in ("north", "south")
        fine = cols if down else rows
        coarse = np.unique(fine // factor)
        coarse = coarse[[(edge.side, int(i)) not in taken for i in coarse]]
        taken |= {(edge.side, int(i)) for i in coarse}
        middle = np.clip(coarse * factor + factor // 2 - fine[0], 0, fine.size - 1)
        last = (shape[0] if down else shape[1]) - 1
        across = np.full(coarse.size, 0 if edge.side in ("north", "west") else last)
        at_rows, at_cols = (across, coarse) if down else (coarse, across)
        found.append(Opening(number, at_rows, at_cols, middle))
    return found


def _tables(m: Machine, ground: CoarseGround) -> Sub:
    """The tables in the kernels' layout and units, those of the open edges' faces included."""
    lattice = m.lattice
    scale = np.float32(UNITS_PER_M)
    room = lattice.make(np.float32, 1.0)
    lattice.put(room, 1.0 / np.where(ground.open_part > 0, ground.open_part, 1.0))
    grain, counted = in_grains(ground.height_m)
    size = lattice.make(np.float32)
    lattice.put(size, grain * scale)
    height = lattice.make_rows(np.uint16, SAMPLES)
    place = [lattice.make_rows(np.int8, SAMPLES) for _ in range(2)]
    crest = lattice.make_rows(np.float32, 2 * CRESTS, CLOSED_M * UNITS_PER_M)
    along = lattice.make_rows(np.int8, 2 * CRESTS)
    for s in range(SAMPLES):
        lattice.put(height[:, s], counted[s])
        for way in range(2):
            lattice.put(place[way][:, s], ground.place[way, s])
    for way in range(2):
        for i in range(CRESTS):
            number = CRESTS * way + i
            lattice.put(crest[:, number], ground.crest_m[way, i] * scale)
            lattice.put(along[:, number], ground.crest_place[way, i])
    _open_faces(m, ground, crest, along)
    for stack in (room, size, height, *place, crest, along):
        _copy_halo_rows(m, stack)
    level, slope_x, slope_y, spread, depth = (lattice.make(np.float32) for _ in range(5))
    return Sub(
        room=room,
        grain=size,
        height=height,
        place_x=place[0],
        place_y=place[1],
        crest=crest,
        along=along,
        level=level,
        slope_x=slope_x,
        slope_y=slope_y,
        spread=spread,
        depth=depth,
        tab=lattice.make_planes(np.float32, PLANES),
        seen=np.zeros((lattice.blocks, SCRATCH), np.float32),
        reach=F((ground.factor - 1) / (2 * ground.factor)),
    )


def in_grains(height_m: Array) -> tuple[Array, Array]:
    """Heights as whole numbers of 16 bits of a size that each cell has of its own: half the memory
    to read, and right to a hundred-thousandth of the cell's relief."""
    grain = height_m[-1] / np.float32(MOST)
    whole = np.rint(height_m / np.where(grain > 0, grain, np.float32(1.0)))
    return grain, np.minimum(whole, MOST).astype(np.uint16)


def _copy_halo_rows(m: Machine, stack: Array) -> None:
    stack[m.halos.target] = stack[m.halos.source]


def _open_faces(m: Machine, ground: CoarseGround, crest: Array, along: Array) -> None:
    """Crests of the faces between the case and its ghosts: those of the fine cells at the edge."""
    case, factor = m.case, ground.factor
    closed = closed_ground(case)
    low = m.ground.z.ravel() / UNITS_PER_M + m.datum_m
    edges = [edge_cells(edge, *case.bed_m.shape) for edge in case.edges]
    for i, number in enumerate(m.ghost_edge):
        rows, cols = edges[number]
        down = bool(m.ghosts.down[i])
        face, cell = int(m.ghosts.face[i]), int(m.ghosts.cell[i])
        here = _place_along(m, cell, down)
        fine = cols if down else rows
        mine = fine // factor == here
        heights, places = np.full(factor, np.inf), np.arange(factor)
        heights[fine[mine] - here * factor] = closed[rows[mine], cols[mine]]
        sort_by(heights, places, factor)
        found, where = np.full(CRESTS, CLOSED_M, np.float32), np.zeros(CRESTS, np.int8)
        crest_parts(heights, places, factor, low[face], found, where)
        planes = slice(CRESTS, 2 * CRESTS) if down else slice(0, CRESTS)
        row, col = divmod(face, m.lattice.width)
        crest[row, planes, col] = found * np.float32(UNITS_PER_M)
        along[row, planes, col] = where


def _place_along(m: Machine, cell: int, down: bool) -> int:
    """Column (of an edge in the north or south) or row of a cell, from its index in the stack."""
    row, col = divmod(cell, m.lattice.width)
    if down:
        return col - 1
    block = int(np.searchsorted(m.blocks.low, row, side="right")) - 1
    return int(row - m.blocks.low[block] - 3 + m.lattice.starts[block])


class CoarseRun(Run):
    """A run on coarse cells."""

    names = ("top", "top_units", "top_x", "top_y", "fastest", "hazard")

    def __init__(self, m: Machine, ground: CoarseGround, pool: ThreadPoolExecutor | None) -> None:
        super().__init__(m, pool)
        self.coarse, lattice = ground, m.lattice
        self.marks = lattice.make(np.int32)
        self.arrival = lattice.make(np.float32, float(NEVER_S), each=SAMPLES)
        self.wet_s = lattice.make(np.float32, each=SAMPLES)
        self.deep_m, self.waited_s = 0.0, 0.0
        self.touched = np.zeros_like(self.live)
        self.all_live = np.zeros_like(m.blocks.runs), np.zeros_like(m.blocks.counts)
        find_runs(np.ones_like(self.live), lattice.width, *self.all_live)
        self.runs, self.counts = np.zeros_like(m.blocks.runs), np.zeros_like(m.blocks.counts)
        self.renew(*self.all_live, noting=False)

    def levels(self, b: int) -> None:
        """Levels of a block's cells by the present lines."""
        m = self.m
        rows = m.blocks.low[b] + 1, m.blocks.high[b] - 1
        find_levels(b, *rows, m.water.units, m.blocks, m.blocks.runs, m.blocks.counts, m.sub)

    def tilt(self, runs: Array, counts: Array) -> None:
        """New slopes from the levels by the old ones."""
        m = self.m
        shape = m.lattice.cols, m.water.units, m.ground.z, m.blocks, runs, counts
        self.each_block(lambda b: tilt_block(b, *shape, m.sub))
        for slope in (m.sub.slope_x, m.sub.slope_y):
            _copy_halo_rows(m, slope)

    def renew(self, runs: Array, counts: Array, *, noting: bool) -> None:
        """Lines of level and faces for the present slopes, the levels by them, and the records."""
        m = self.m
        top, top_units, top_x, top_y, fastest, hazard = (self.records[n] for n in self.names)
        tops, speeds = (top, top_units, top_x, top_y), (fastest, hazard)
        times = self.marks, self.arrival, self.wet_s
        wet, now_s = F(m.case.wet_m * UNITS_PER_M), F(self.time_s)
        given = m.water, m.ground.z, m.blocks, runs, counts, m.sub, noting
        kept = tops, speeds, times, wet, now_s
        most = self.each_block(lambda b: renew_block(b, *given, *kept))
        self.deep_m = float(max(most)) / UNITS_PER_M

    def start(self) -> None:
        super().start()
        self.renew(*self.all_live, noting=False)

    def deepest(self, mean_m: float) -> float:
        return self.deep_m

    def ready(self) -> None:
        if self.steps == 0:  # else they are those of the stretches before
            blocks = self.m.blocks
            self.tilt(blocks.runs, blocks.counts)
            self.renew(blocks.runs, blocks.counts, noting=False)

    def cover(self, block: int) -> Array:
        """Rain wets all of a cell; what lies there after it is a film at least, so that thin water
        does not count as gathered in the lowest corner."""
        m = self.m
        rows = slice(m.lattice.starts[block], m.lattice.starts[block + 1])
        if self.rain_interval()[0] >= 0:
            return self.covered[rows]
        mean = m.lattice.take(m.water.units)[rows] * np.float32(1.0 / (FILM_M * UNITS_PER_M))
        return np.clip(mean, m.lattice.take(m.sub.spread)[rows], 1.0)

    def keep(self, dt_s: float) -> None:
        self.touched |= self.live
        second, self.waited_s = self.waited_s > 0.0, self.waited_s + dt_s
        if second or self.at_change or self.waited_s > LONGEST_WAIT_S:
            self.catch_up()
            return
        m = self.m
        most = self.each_block(lambda b: depth_block(b, m.water.units, m.blocks, m.sub))
        self.deep_m = float(max(most)) / UNITS_PER_M

    def catch_up(self) -> None:
        """Slopes, tables and records of the water as it is now."""
        m, w = self.m, self.m.water
        self.refresh_ghosts()
        copy_halos(w.units, w.qx, w.qy, m.halos)
        find_runs(self.touched, m.lattice.width, self.runs, self.counts)
        self.tilt(self.runs, self.counts)
        self.renew(self.runs, self.counts, noting=True)
        self.touched[:], self.waited_s = False, 0.0

    def kept(self) -> dict[str, Array]:
        take, sub = self.m.lattice.take, self.m.sub
        return {
            **super().kept(),
            "slope_x": take(sub.slope_x),
            "slope_y": take(sub.slope_y),
            "marks": take(self.marks),
            "arrival": take(self.arrival),
            "wet_s": take(self.wet_s),
        }

    def put_back(self, arrays: dict[str, Array]) -> None:
        super().put_back(arrays)
        m, put = self.m, self.m.lattice.put
        for name, stack in (
            ("slope_x", m.sub.slope_x),
            ("slope_y", m.sub.slope_y),
            ("marks", self.marks),
            ("arrival", self.arrival),
            ("wet_s", self.wet_s),
        ):
            put(stack, arrays[name])
        self.renew(*self.all_live, noting=False)


def check_coarse(case: FloodCase, factor: int, ground: CoarseGround | None) -> CoarseGround:
    """Tables for the case, made here if none (or another terrain's) are given."""
    if factor not in FACTORS:
        raise BadCase(
            "flood.factor",
            f"A coarse cell cannot be {factor} cells wide.",
            hint="Use 2, 4, 8 or 16.",
        )
    if ground is None:
        return coarse_ground(case, factor)
    ours = (factor, *case.bed_m.shape)
    theirs = ground.factor, ground.rows, ground.cols
    if ours != theirs:
        raise BadCase(
            "flood.coarse_ground",
            f"The tables are of factor, rows and columns {theirs}, the case of {ours}.",
            hint="Make them with coarse_ground(case, factor).",
        )
    return ground


def run_coarse(
    case: FloodCase,
    until_s: float,
    *,
    factor: int,
    ground: CoarseGround | None,
    state: FloodState | None,
    threads: int,
    on_progress: Callable[[float], bool | None] | None,
) -> FloodResult:
    """See ``anlan.engines.flood.run_coarse``."""
    from .outcome import restore

    case = check(case, factor=factor)
    check_run(until_s, state, threads)
    ground = check_coarse(case, factor, ground)
    machine = build_coarse(case, ground, threads)
    with pool_for(machine) as pool:
        job = CoarseRun(machine, ground, pool)
        if state is None:
            job.start()
        else:
            restore(job, state)
        while job.time_s < until_s - 1e-6:
            job.stretch(until_s)
            if on_progress is not None and on_progress(job.time_s):
                break
        if job.waited_s > 0.0:  # stopped between
            job.catch_up()
    return coarse_outcome(job)


def laid_out(job: CoarseRun, bed: Array, units: Array, x: Array, y: Array) -> Array:
    """Depth on the fine ground [m]; ``bed`` is that, padded, infinite where closed."""
    take = job.m.lattice.take
    out = np.empty(job.m.case.bed_m.shape, np.float32)
    mean, tilt_x, tilt_y = (take(a) / UNITS_PER_M for a in (units, x, y))
    lay_out(bed, job.m.factor, mean, tilt_x, tilt_y, out)
    return out


def coarse_outcome(job: CoarseRun) -> FloodResult:
    """A coarse run's result, on the fine ground."""
    from .outcome import balance_of, state_of

    m, sub, take = job.m, job.m.sub, job.m.lattice.take
    bed = padded(closed_ground(m.case), m.factor, np.inf)
    depth = laid_out(job, bed, m.water.units, sub.slope_x, sub.slope_y)
    deepest = laid_out(job, bed, *(job.records[name] for name in ("top_units", "top_x", "top_y")))

    def spread(values: Array, where: Array) -> Array:
        out = np.empty_like(where)
        spread_out(np.asarray(values, np.float32), m.factor, where, out)
        return out

    return FloodResult(
        time_s=job.time_s,
        depth_m=depth,
        level_m=(m.case.bed_m + depth).astype(np.float32),
        speed_m_s=spread(_speed(job), depth),
        max_depth_m=deepest,
        max_speed_m_s=spread(take(job.records["fastest"]), deepest),
        max_hazard_m2_s=spread(take(job.records["hazard"]), deepest),
        **_times(job),
        balance=balance_of(job, job.stored()),
        limit=_limit(job),
        steps=job.steps,
        cell_updates=job.steps * m.lattice.rows * m.lattice.cols,
        state=state_of(job),
        factor=m.factor,
    )


def _speed(job: CoarseRun) -> Array:
    take, w = job.m.lattice.take, job.m.water
    x = 0.5 * (take(w.qx) + take(np.roll(w.qx, 1, axis=1)))
    y = 0.5 * (take(w.qy) + take(np.roll(w.qy, 1, axis=0)))
    mean = take(w.units) / UNITS_PER_M
    return np.asarray(np.where(mean > 1e-3, np.hypot(x, y) / np.maximum(mean, 1e-3), 0.0))


def _times(job: CoarseRun) -> dict[str, Array]:
    """Arrival and duration of the fine cells [s]."""
    take, shape = job.m.lattice.take, job.m.case.bed_m.shape
    first, duration = np.empty(shape, np.float32), np.empty(shape, np.float32)
    kept = take(job.marks), take(job.arrival), take(job.wet_s)
    pick_times(job.coarse.sample, job.m.factor, *kept, job.time_s, first, duration)
    return {"arrival_s": first, "duration_s": duration}


def _limit(job: CoarseRun) -> Limit:
    """The fine cell in the middle of the coarse cell that set the last step."""
    m = job.m
    deep = m.lattice.take(m.sub.depth)
    row, col = np.unravel_index(int(deep.argmax()), deep.shape)
    half = m.factor // 2
    rows, cols = m.case.bed_m.shape
    place = min(int(row) * m.factor + half, rows - 1), min(int(col) * m.factor + half, cols - 1)
    return Limit(*place, float(deep[row, col]) / UNITS_PER_M, job.step_s)
