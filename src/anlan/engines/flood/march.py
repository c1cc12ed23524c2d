"""A stretch of equal steps over all blocks, as one piece (one thread) or block by block."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .edges import Ghosts, Halos, Links, Sources, between
from .kept import kept
from .sweep import Blocks, Ground, Water, sweep


@kept()
def march(
    steps: int,
    dt_s: Any,
    ground: Ground,
    water: Water,
    blocks: Blocks,
    sub: Any,
    sources: Sources,
    links: Links,
    ghosts: Ghosts,
    halos: Halos,
) -> None:
    """Take ``steps`` steps of ``dt_s`` seconds on one thread."""
    for _ in range(steps):
        for b in range(blocks.low.size):
            sweep(b, ground, water, blocks, sub, dt_s)
        between(
            water.units,
            ground.z,
            water.qx,
            water.qy,
            sources,
            links,
            ghosts,
            halos,
            sub,
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
    sub: Any,
    sources: Sources,
    links: Links,
    ghosts: Ghosts,
    halos: Halos,
) -> None:
    """The same with one thread a block: the arithmetic, and so every bit, is the same."""
    others = range(1, blocks.low.size)
    for _ in range(steps):
        swept = [pool.submit(sweep, b, ground, water, blocks, sub, dt_s) for b in others]
        sweep(0, ground, water, blocks, sub, dt_s)
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
            sub,
            dt_s,
            ground.dx_m,
        )
