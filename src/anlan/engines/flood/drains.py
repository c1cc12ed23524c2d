"""Surface and drain network together: EPA SWMM below, exchange at the manholes.

Every interval the surface runs first, with the exchange flow of each manhole as an inflow of its
cell (negative where water goes down). What really came or went, in whole units, is then brought to
SWMM, to the last drop; see ``swmm.Network.give``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .build import build
from .case import BadCase, DrainedResult, FloodCase, Inflow, Manhole
from .checks import check, check_run
from .engine import Run, pool_for
from .inertial import UNITS_PER_M
from .inlets import exchange
from .outcome import outcome
from .siting import on_ground
from .swmm import Network

Numbers = NDArray[np.float64]
SHORTEST_S, LONGEST_S = 1.0, 60.0
RIM_OFF_M = 1.0  # a rim further from the ground is a wrong datum


class Drained(Run):
    """A run whose last inflow is the manholes, each with a flow of its own."""

    exchange_m3_s: Numbers

    def set_edges(self, start_s: float, end_s: float) -> None:
        super().set_edges(start_s, end_s)
        per_m3 = UNITS_PER_M / self.m.case.cell_m**2
        self.m.sources.rate[-self.exchange_m3_s.size :] = self.exchange_m3_s * per_m3


class Holes(NamedTuple):
    """The manholes' numbers, (manholes,) each."""

    at: NDArray[np.intp]  # flat index of the cell in the run's arrays
    bed_m: Numbers
    rim_m: Numbers  # of the manhole or the ground, whichever is higher
    area_m2: Numbers
    edge_m: Numbers


def _holes(job: Drained, manholes: Sequence[Manhole], below: Network) -> Holes:
    bed = _ground(job.m.case, manholes)
    return Holes(
        job.m.sources.at[-len(manholes) :],
        bed,
        np.maximum(below.rim_m, bed),
        np.array([hole.inlet_area_m2 for hole in manholes]),
        np.array([hole.inlet_edge_m for hole in manholes]),
    )


def _ground(case: FloodCase, manholes: Sequence[Manhole]) -> Numbers:
    rows, cols = [hole.row for hole in manholes], [hole.col for hole in manholes]
    return np.asarray(case.bed_m[rows, cols], np.float64)


def check_manholes(case: FloodCase, manholes: Sequence[Manhole]) -> None:
    if not manholes:
        raise BadCase("flood.manhole", "No manhole is given.", hint="Run without a network.")
    if len({hole.node for hole in manholes}) < len(manholes):
        raise BadCase("flood.manhole", "A node is given as two manholes.", hint="Keep one.")
    for hole in manholes:
        on_ground(case, hole.row, hole.col, f"Manhole {hole.node}")
        sizes = hole.inlet_area_m2, hole.inlet_edge_m
        if not all(1e-4 <= size <= 1000.0 for size in sizes):
            raise BadCase("flood.manhole", f"The inlets of {hole.node} have no possible size.")


def check_network(
    case: FloodCase, manholes: Sequence[Manhole], network: Network, until_s: float
) -> None:
    bed = _ground(case, manholes)
    off = np.abs(network.rim_m - bed)
    if off.max() > RIM_OFF_M:
        i = int(off.argmax())
        raise BadCase(
            "flood.manhole_level",
            f"The rim of {manholes[i].node} is at {network.rim_m[i]:.2f} m, the ground there at "
            f"{bed[i]:.2f} m.",
            hint="Check the datum of the network and the place of the manhole.",
        )
    if network.lasts_s() < until_s:
        raise BadCase(
            "flood.swmm_ended",
            f"The drain network ends after {network.lasts_s():g} s, the run after {until_s:g} s.",
            hint="Set its END_DATE and END_TIME later.",
        )


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
    """See ``anlan.engines.flood.run_with_drains``."""
    if not SHORTEST_S <= interval_s <= LONGEST_S:
        raise BadCase(
            "flood.interval",
            f"An exchange every {interval_s:g} s is not possible.",
            hint=f"Use {SHORTEST_S:g} to {LONGEST_S:g} s.",
        )
    case = check(case, limit_bytes=limit_bytes)
    check_manholes(case, manholes)
    check_run(until_s, None, threads)
    holes = Inflow([h.row for h in manholes], [h.col for h in manholes], 0.0)
    case = replace(case, inflows=(*case.inflows, holes))
    with Network(network, [h.node for h in manholes], case.cell_m**2) as below:
        check_network(case, manholes, below, until_s)
        machine = build(case, threads)
        with pool_for(machine) as pool:
            job = Drained(machine, pool)
            return _run(job, until_s, manholes, below, interval_s, on_progress)


def _run(
    job: Drained,
    until_s: float,
    manholes: Sequence[Manhole],
    below: Network,
    interval_s: float,
    on_progress: Callable[[float], bool | None] | None,
) -> DrainedResult:
    count, cell_m2 = len(manholes), job.m.case.cell_m**2
    holes = _holes(job, manholes, below)
    job.exchange_m3_s = np.zeros(count)
    job.start()
    down, up = np.zeros(count), np.zeros(count)
    while job.time_s < until_s - 1e-6:
        target = min(job.time_s + interval_s, until_s)
        _set_exchange(job, holes, below, target - job.time_s)
        before = job.m.sources.given[-count:].copy()
        while job.time_s < target - 1e-6:
            job.stretch(target)
        came = (job.m.sources.given[-count:] - before) / UNITS_PER_M * cell_m2
        up += np.maximum(came, 0.0)
        down += np.maximum(-came, 0.0)
        below.give(-came, target)
        if on_progress is not None and on_progress(job.time_s):
            break
    told = below.totals()
    return DrainedResult(
        flood=outcome(job),
        into_drains_m3=down,
        out_of_drains_m3=up,
        taken_m3=float(below.taken.sum()),
        on_the_way_m3=float(below.owed.sum()),
        outfalls_m3=told["outfalls_m3"],
        flooded_m3=told["flooded_m3"],
        stored_m3=told["stored_m3"],
        routing_error=told["error"],
    )


def _set_exchange(job: Drained, holes: Holes, below: Network, lasts_s: float) -> None:
    depth = job.m.water.units.ravel()[holes.at] / UNITS_PER_M
    heads, pipes = below.heads()
    exchange(
        heads,
        pipes,
        holes.bed_m + depth,
        depth,
        holes.rim_m,
        holes.area_m2,
        holes.edge_m,
        job.m.case.cell_m**2,
        lasts_s,
        job.exchange_m3_s,
    )
