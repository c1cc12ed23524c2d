"""One time step over a block of rows: flows, the limit on what a cell may give, new depths.

The same sweep serves the fine grid and coarse cells over fine ground (``sub``): they differ in how
the flows of a row are found. Rows are taken in chunks: where all their tiles are live, a chunk is
one long loop, for starting a loop costs as much as 200 cells.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .inertial import (
    HALO,
    UNITS_PER_M,
    F,
    G,
    U,
    flow_over_wall,
    row_fill,
    row_flows,
    row_settle,
    row_share,
)
from .kept import kept
from .lattice import BAND_ROWS
from .subgrid import row_flows_sub, row_level

Array = NDArray[Any]
CHUNK_CELLS = 16384  # the buffers of a chunk stay in the level-2 cache


class Ground(NamedTuple):
    """What does not change; walls are listed for every row of the stack, in the order of rows."""

    z: Array  # (rows, width) float32: bed, or lowest point, above the case's datum [2^-24 m]
    nn: Array  # (rows, width) float32: half the square of Manning's n [s2/m^(2/3)]
    wall_start: Array  # (rows + 1,) intp: first wall of each row
    wall_row: Array  # (walls,) intp
    wall_col: Array
    wall_down: Array  # (walls,) bool: below the cell, not right of it
    wall_crest: Array  # (walls,) float32 [2^-24 m]
    theta: Any  # float32: weight of a face's own flow (1 is Bates 2010)
    dx_m: Any  # float32


class Water(NamedTuple):
    """The moving state, each (rows, width)."""

    units: Array  # int32: depth [2^-24 m]
    qx: Array  # float32: unit discharge right [m2/s]
    qy: Array  # float32: unit discharge down [m2/s]


class Blocks(NamedTuple):
    """Rows of the stack, bands, runs of live columns and buffers of each block."""

    low: Array  # (blocks,) intp
    high: Array
    first_band: Array  # (blocks + 1,) intp
    runs: Array  # (bands, most, 2) intp: columns that can be wet; all others are dry and still
    counts: Array  # (bands,) intp
    reals: Array  # (blocks, 3, (chunk + 2) x width) float32: contents do not matter
    wholes: Array  # (blocks, 2, (chunk + 2) x width) int32


def chunk_buffers(blocks: int, width: int) -> tuple[Array, Array]:
    """Buffers of a chunk of rows and the row before it, with a line to spare at both ends."""
    rows = min(max(CHUNK_CELLS // width, 1), BAND_ROWS) + 1
    reals = np.zeros((blocks, 3, (rows + 1) * width), np.float32)
    return reals, np.zeros((blocks, 2, (rows + 1) * width), np.int32)


@njit(inline="always")
def band_of(row: Any, low: Any, bands: Any) -> Any:
    return min(max(row - low - HALO, 0) // BAND_ROWS, bands - 1)


@njit(inline="always")
def chunk_end(row: Any, low: Any, band: Any, bands: Any, last: Any) -> Any:
    """Where the rows of one band end, or ``last``."""
    return last if band == bands - 1 else min(last, low + HALO + (band + 1) * BAND_ROWS)


@njit(inline="always")
def all_live(runs: Any, n_runs: Any, width: Any) -> Any:
    return n_runs == 1 and runs[0, 1] - runs[0, 0] == width


@njit(inline="always")
def pieces(every: Any, rows: Any, n_runs: Any) -> Any:
    """How many loops ``rows`` rows take."""
    return min(rows, 1) if every else rows * n_runs


@njit(inline="always")
def piece(j: Any, every: Any, first: Any, rows: Any, width: Any, runs: Any, n_runs: Any) -> Any:
    """Row, column and length of loop ``j`` over ``rows`` rows from ``first``."""
    if every:
        return first, 0, rows * width
    i = j % n_runs
    return first + j // n_runs, runs[i, 0], runs[i, 1] - runs[i, 0]


@njit(inline="always")
def is_live(col: Any, runs: Any, n_runs: Any) -> Any:
    live = False
    for i in range(n_runs):
        live = live or runs[i, 0] <= col < runs[i, 1]
    return live


@njit(error_model="numpy")
def begin_chunk(buffer: Any, last: Any, width: Any, gaps: Any) -> None:
    """The last row of the chunk before comes first; what is not live is zero."""
    at = U(last * width)
    for c in range(width):
        buffer[U(c)] = buffer[at + U(c)]
    if gaps:
        buffer[width:] = 0


@kept(error_model="numpy")
def find_levels(
    b: int, first: int, last: int, units: Any, blocks: Blocks, runs: Any, counts: Any, sub: Any
) -> None:
    """Levels of rows ``first`` to ``last`` of a block of coarse cells from their volumes."""
    low, width, plane = blocks.low[b], units.shape[1], U(sub.tab.shape[1])
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    flat, room, tab, level = units.ravel(), sub.room.ravel(), sub.tab.ravel(), sub.level.ravel()
    k = first
    while k < last:
        band = band_of(k, low, bands)
        end = chunk_end(k, low, band, bands, last)
        live, n_runs = runs[first_band + band], counts[first_band + band]
        every = all_live(live, n_runs, width)
        for j in range(pieces(every, end - k, n_runs)):
            row, a, n = piece(j, every, k, end - k, width, live, n_runs)
            row_level(flat, room, tab, level, U(row * width + a), plane, n)
        k = end


@njit(error_model="numpy", nogil=True)
def chunk_flows(
    b: int,
    k: int,
    rows: int,
    band: int,
    ground: Ground,
    water: Water,
    blocks: Blocks,
    sub: Any,
    dt_s: Any,
) -> None:
    """New flows of ``rows`` rows from ``k``, into the block's buffers."""
    width, wide, plane = water.units.shape[1], U(water.units.shape[1]), U(0)
    fr = F(G * UNITS_PER_M ** (7 / 3)) * dt_s
    push = F(G / UNITS_PER_M**2) * (dt_s / ground.dx_m)
    units, z, nn = water.units.ravel(), ground.z.ravel(), ground.nn.ravel()
    qx, qy, theta = water.qx.ravel(), water.qy.ravel(), ground.theta
    right, below = blocks.reals[b, 0], blocks.reals[b, 1]
    runs, n_runs = blocks.runs[band], blocks.counts[band]
    every = all_live(runs, n_runs, width)
    if sub is not None:
        tab, level, plane = sub.tab.ravel(), sub.level.ravel(), U(sub.tab.shape[1])
    for j in range(pieces(every, rows, n_runs)):
        row, a, n = piece(j, every, 0, rows, width, runs, n_runs)
        at, to = U((k + row) * width + a), U((row + 1) * width + a)
        if sub is None:
            row_flows(units, z, nn, qx, qy, at, wide, n, theta, fr, push, right, below, to)
        else:
            row_flows_sub(
                level, z, tab, nn, qx, qy, at, wide, plane, n, theta, fr, push, right, below, to
            )
    for w in range(ground.wall_start[k], ground.wall_start[k + rows]):
        row, col = ground.wall_row[w], ground.wall_col[w]
        if is_live(col, runs, n_runs):
            at, to = U(row * width + col), U((row - k + 1) * width + col)
            down, crest = ground.wall_down[w], ground.wall_crest[w]
            flow_over_wall(
                units, z, nn, qx, qy, at, wide, down, crest, theta, fr, push, right, below, to
            )


@njit(error_model="numpy", nogil=True)
def chunk_settled(
    b: int, k: int, rows: int, band: int, water: Water, blocks: Blocks, dt_dx: Any, inside: Any
) -> None:
    """Limit the flows of a chunk to what is there, move the water, and fill the rows above.

    ``inside`` is 0 for the halo rows before the block (only their shares count), 1 for the chunk
    after them (the row above it belongs to the neighbour, who fills it), else 2.
    """
    width, wide, per_flow = water.units.shape[1], U(water.units.shape[1]), dt_dx * F(UNITS_PER_M)
    units, qx, qy = water.units.ravel(), water.qx.ravel(), water.qy.ravel()
    right, below, share = blocks.reals[b, 0], blocks.reals[b, 1], blocks.reals[b, 2]
    fx, fy = blocks.wholes[b, 0], blocks.wholes[b, 1]
    runs, n_runs = blocks.runs[band], blocks.counts[band]
    every = all_live(runs, n_runs, width)
    for j in range(pieces(every, rows, n_runs)):
        row, a, n = piece(j, every, 0, rows, width, runs, n_runs)
        at, to = U((k + row) * width + a), U((row + 1) * width + a)
        row_share(units, at, wide, n, right, below, per_flow, to, share)
    if inside == 0:
        return
    for j in range(pieces(every, rows, n_runs)):
        row, a, n = piece(j, every, 0, rows, width, runs, n_runs)
        at, to = U((k + row) * width + a), U((row + 1) * width + a)
        row_settle(qx, qy, at, wide, n, right, below, share, per_flow, to, fx, fy)
    first = 1 if inside == 1 else 0
    for j in range(pieces(every, rows - first, n_runs)):
        row, a, n = piece(j, every, first, rows - first, width, runs, n_runs)
        at, to = U((k + row) * width + a), U((row + 1) * width + a)
        row_fill(units, at, wide, n, fx, fy, to)


@kept(error_model="numpy")
def sweep(b: int, ground: Ground, water: Water, blocks: Blocks, sub: Any, dt_s: Any) -> None:
    """Advance depth and flow of a block by one step, in place.

    Parameters
    ----------
    b : int
        Number of the block.
    ground, water, blocks
        Of all blocks; flows count positive rightwards and downwards.
    sub : Sub or None
        Tables of coarse cells.
    dt_s : float32
        Time step [s].
    """
    low, width, rows = blocks.low[b], water.units.shape[1], 0
    first, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    most = blocks.reals.shape[2] // width - 2
    k, stop = low + HALO - 2, blocks.high[b] - HALO + 1
    if sub is not None:
        find_levels(b, k, k + 1, water.units, blocks, blocks.runs, blocks.counts, sub)
    while k < stop:
        band = band_of(k, low, bands)
        end = chunk_end(k, low, band, bands, min(k + most, stop))
        inside = 2 if k > low + HALO else 1
        if k < low + HALO:
            end, inside = low + HALO, 0
        gaps = not all_live(blocks.runs[first + band], blocks.counts[first + band], width)
        begin_chunk(blocks.reals[b, 0], 0, width, gaps)
        begin_chunk(blocks.reals[b, 1], rows, width, gaps)
        begin_chunk(blocks.reals[b, 2], rows, width, gaps)
        begin_chunk(blocks.wholes[b, 0], rows, width, gaps)
        begin_chunk(blocks.wholes[b, 1], rows, width, gaps)
        if sub is not None:
            find_levels(b, k + 1, end + 1, water.units, blocks, blocks.runs, blocks.counts, sub)
        rows = end - k
        chunk_flows(b, k, rows, first + band, ground, water, blocks, sub, dt_s)
        chunk_settled(b, k, rows, first + band, water, blocks, dt_s / ground.dx_m, inside)
        k = end
