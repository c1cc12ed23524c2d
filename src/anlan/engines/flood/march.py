"""A stretch of equal steps over all blocks, compiled as one piece (one thread) or block by
block.

The compiled code kept for this file holds that of ``inertial``, ``weir`` and ``edges`` as well, and
numba looks only at this file's time: change this file when you change those (kernels of 2026-11).
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .edges import Ghosts, Halos, Links, Sources, between
from .inertial import sweep

Array = NDArray[Any]


class Ground(NamedTuple):
    """What does not change: see ``inertial.sweep``; walls are listed for every row of the stack."""

    z: Array
    nn: Array
    wall_start: Array
    wall_col: Array
    wall_down: Array
    wall_crest: Array
    theta: Any
    dx_m: Any


class Water(NamedTuple):
    """The moving state."""

    units: Array
    qx: Array
    qy: Array


class Blocks(NamedTuple):
    """Rows of the stack, bands, runs and row buffers of each block."""

    low: Array  # (blocks,) intp
    high: Array
    first_band: Array  # (blocks + 1,) intp
    runs: Array
    counts: Array
    reals: Array  # (blocks, 5, width) float32
    wholes: Array  # (blocks, 4, width) int32


@njit(cache=True, nogil=True)
def sweep_block(b: int, ground: Ground, water: Water, blocks: Blocks, dt_s: Any) -> None:
    low, high = blocks.low[b], blocks.high[b]
    bands = slice(blocks.first_band[b], blocks.first_band[b + 1])
    sweep(
        water.units[low:high],
        ground.z[low:high],
        ground.nn[low:high],
        water.qx[low:high],
        water.qy[low:high],
        blocks.runs[bands],
        blocks.counts[bands],
        blocks.reals[b],
        blocks.wholes[b],
        ground.wall_start[low : high + 1],
        ground.wall_col,
        ground.wall_down,
        ground.wall_crest,
        ground.theta,
        dt_s,
        ground.dx_m,
    )


@njit(cache=True, nogil=True)
def march(
    steps: int,
    dt_s: Any,
    ground: Ground,
    water: Water,
    blocks: Blocks,
    sources: Sources,
    links: Links,
    ghosts: Ghosts,
    halos: Halos,
) -> None:
    """Take ``steps`` steps of ``dt_s`` seconds on one thread."""
    for _ in range(steps):
        for b in range(blocks.low.size):
            sweep_block(b, ground, water, blocks, dt_s)
        between(
            water.units,
            ground.z,
            water.qx,
            water.qy,
            sources,
            links,
            ghosts,
            halos,
            dt_s,
            ground.dx_m,
        )


def march_threads(
    pool: ThreadPoolExecutor,
    steps: int,
    dt_s: Any,
    ground: Ground,
    water: Water,
    blocks: Blocks,
    sources: Sources,
    links: Links,
    ghosts: Ghosts,
    halos: Halos,
) -> None:
    """The same with one thread a block: the arithmetic, and so every bit, is the same."""
    others = range(1, blocks.low.size)
    for _ in range(steps):
        swept = [pool.submit(sweep_block, b, ground, water, blocks, dt_s) for b in others]
        sweep_block(0, ground, water, blocks, dt_s)
        for future in swept:
            future.result()
        between(
            water.units,
            ground.z,
            water.qx,
            water.qy,
            sources,
            links,
            ghosts,
            halos,
            dt_s,
            ground.dx_m,
        )


def row_buffers(blocks: int, width: int) -> tuple[Array, Array]:
    return np.zeros((blocks, 5, width), np.float32), np.zeros((blocks, 4, width), np.int32)
