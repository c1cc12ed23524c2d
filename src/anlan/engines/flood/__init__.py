"""Two-dimensional surface flow on a raster; see docs/engines/flood.md."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .case import (
    SOURCES,
    BadCase,
    Balance,
    Culvert,
    DrainedResult,
    FloodCase,
    FloodResult,
    FloodState,
    GreenAmpt,
    Horton,
    Inflow,
    Limit,
    Manhole,
    OpenEdge,
    Pump,
    Rain,
    Series,
    Wall,
)
from .memory import cell_that_fits, memory_bytes

if TYPE_CHECKING:
    from .hypsometry import CoarseGround

__all__ = [
    "SOURCES",
    "BadCase",
    "Balance",
    "Culvert",
    "DrainedResult",
    "FloodCase",
    "FloodResult",
    "FloodState",
    "GreenAmpt",
    "Horton",
    "Inflow",
    "Limit",
    "Manhole",
    "OpenEdge",
    "Pump",
    "Rain",
    "Series",
    "Wall",
    "cell_that_fits",
    "coarse_ground",
    "memory_bytes",
    "restarted",
    "run",
    "run_coarse",
    "run_with_drains",
]


def run(
    case: FloodCase,
    until_s: float,
    *,
    state: FloodState | None = None,
    threads: int = 1,
    limit_bytes: float | None = None,
    on_progress: Callable[[float], bool | None] | None = None,
) -> FloodResult:
    """Run a case from its start, or from ``state``, to ``until_s``.

    Parameters
    ----------
    case : FloodCase
        Checked here; a case that cannot be run raises ``BadCase`` with what to do.
    until_s : float
        Time to stop at, counted from the case's start [s].
    state : FloodState, optional
        Where an earlier run of the same case stopped (``result.state``).
    threads : int
        1 for ensembles (one member a core); 2 pays from about 500 x 500 cells. The result is the
        same to the last bit.
    limit_bytes : float, optional
        Memory that the run may take; a larger case is refused before it starts, with the cell size
        that fits. 90 % of the machine's memory if not given.
    on_progress : callable, optional
        Called with the simulated time every few steps; returning True stops the run there.
    """
    from .engine import run_case

    return run_case(
        case,
        until_s,
        state=state,
        threads=threads,
        limit_bytes=limit_bytes,
        on_progress=on_progress,
    )


def coarse_ground(case: FloodCase, factor: int = 4) -> "CoarseGround":
    """Tables of a case's terrain, buildings and walls for ``run_coarse``: made once, kept, and used
    by any number of runs on the same ground."""
    from . import hypsometry
    from .checks import check

    return hypsometry.coarse_ground(check(case, factor=factor), factor)


def run_coarse(
    case: FloodCase,
    until_s: float,
    *,
    factor: int = 4,
    ground: "CoarseGround | None" = None,
    state: FloodState | None = None,
    threads: int = 1,
    on_progress: Callable[[float], bool | None] | None = None,
) -> FloodResult:
    """Run a case on cells ``factor`` times as wide that know the fine ground under them.

    Takes the same case and gives the same result as ``run``, on the fine ground: depth, greatest
    depth, arrival and duration of its cells, speed and hazard as means of the coarse cells.

    Parameters
    ----------
    case, until_s, state, threads, on_progress
        As for ``run``; a state is of the same factor.
    factor : int
        2, 4, 8 or 16 cells of the ground along a computing cell.
    ground : CoarseGround, optional
        What ``coarse_ground`` made of the same ground; made anew if not given.
    """
    from . import coarse

    return coarse.run_coarse(
        case,
        until_s,
        factor=factor,
        ground=ground,
        state=state,
        threads=threads,
        on_progress=on_progress,
    )


def restarted(state: FloodState) -> FloodState:
    """The same water at time 0, with records and balance begun afresh: analysis to forecast."""
    from .restart import restarted as begin_again

    return begin_again(state)


def run_with_drains(
    case: FloodCase,
    until_s: float,
    *,
    network: Path,
    manholes: Sequence[Manhole],
    interval_s: float = 10.0,
    threads: int = 1,
    limit_bytes: float | None = None,
    on_progress: Callable[[float], bool | None] | None = None,
) -> DrainedResult:
    """Run a case over a SWMM network from its start to ``until_s``.

    Parameters
    ----------
    case : FloodCase
        As for ``run``; rain falls here, so the network needs no subcatchments.
    until_s : float
        Time to stop at [s]; the network's own options must let it run as long.
    network : Path
        SWMM input file in metric units.
    manholes : sequence of Manhole
    interval_s : float
        Time between exchanges, 1 to 60 s; 5 to 30 is usual.
    threads, limit_bytes, on_progress
        As for ``run``.
    """
    from . import drains

    return drains.run_with_drains(
        case,
        until_s,
        network=network,
        manholes=manholes,
        interval_s=interval_s,
        threads=threads,
        limit_bytes=limit_bytes,
        on_progress=on_progress,
    )
