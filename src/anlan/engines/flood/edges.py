"""What happens between two sweeps: inflows, links, open edges, halos.

All in whole units of depth (2^-24 m over one cell), so every account closes exactly. Levels are
metres above the case's datum. Inlets as in ``weir``; full barrel with entrance loss 0.5 and Manning
friction: Bodhaine (1968), USGS TWRI 3-A3, type 4, which is HDS-5's outlet control as well.
"""

from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .inertial import UNITS_PER_M, whole
from .kept import kept
from .lattice import HALO
from .subgrid import level_of
from .weir import G, into_culvert

Array = NDArray[Any]

FREE, LEVEL = 0, 1  # kinds of open edge
CULVERT, PUMP = 0, 1  # kinds of link
ENTRANCE = 1.5  # velocity heads lost at entrance and exit of a full barrel [1]
HALVINGS = 24  # of a step's water, until two coarse cells are level to a micrometre


class Sources(NamedTuple):
    """Point inflows (+) and takings (-)."""

    at: Array  # (n,) intp, flat index
    rate: Array  # (n,) float64, units of depth per second
    carry: Array  # (n,) float64, part of a unit not yet given
    given: Array  # (n,) int64, units given so far


class Links(NamedTuple):
    """Culverts, underpasses and pumps between two cells; to -1 is out of the case."""

    kind: Array  # (n,) int8
    source: Array  # (n,) intp
    target: Array  # (n,) intp
    shape: Array  # (n, 6) float64: Culvert's two inverts to manning; Pump's flow, on, off
    running: Array  # (n,) bool, pump state
    carry: Array  # (n,) float64
    moved: Array  # (n,) int64, units moved from source to target


class Ghosts(NamedTuple):
    """Open edges: a ghost cell beyond each edge cell, the face between, and the face beyond."""

    kind: Array  # (n,) int8
    ghost: Array  # (n,) intp
    cell: Array  # (n,) intp
    face: Array  # (n,) intp, index of the face between
    beyond: Array  # (n,) intp, index of the face beyond the ghost
    down: Array  # (n,) bool, the face is in qy, not in qx
    outward: Array  # (n,) int64, +1 where flow rightwards or down leaves the case
    level: Array  # (n,) float64, units above datum
    left: Array  # (n,) int64, units that left the case so far


class Halos(NamedTuple):
    """Rows to copy between blocks after a step."""

    source: Array  # (n,) intp
    target: Array  # (n,) intp


@njit(inline="always")
def rise_of(volume: Any, sub: Any, c: Any) -> Any:
    """Level over the bed, or over the lowest point of a coarse cell, of so much water [units]."""
    if sub is None:
        return float(volume)
    return level_of(volume, sub, c)


@njit(inline="always")
def take_whole(units: Array, at: int, wanted: float) -> Any:
    """The whole units of ``wanted`` that can leave a cell."""
    return np.int64(min(np.floor(wanted), float(units[at])))


@kept()
def culvert_m3_s(source_m: float, target_m: float, shape: Array) -> Any:
    """Flow through a culvert from the first to the second end [m3/s], negative if backwards.

    The lesser of inlet control (HDS-5, see ``weir``) and barrel control (entrance, friction, exit).

    Parameters
    ----------
    source_m, target_m : float
        Water levels at the ends [m].
    shape : (6,) float64
        Inverts, width, height, length [m]; Manning's n [s/m^(1/3)].
    """
    sign, high, low, invert, other = 1.0, source_m, target_m, shape[0], shape[1]
    if target_m > source_m:
        sign, high, low, invert, other = -1.0, target_m, source_m, shape[1], shape[0]
    width, height, length, n = shape[2], shape[3], shape[4], shape[5]
    sill = max(invert, other)
    head = high - sill
    if head <= 0.0:
        return 0.0
    inlet = into_culvert(head, width, height)
    deep = min(height, 0.5 * (head + max(low - other, 0.0)))
    area = width * deep
    radius = area / (width + 2.0 * deep + (width if deep >= height else 0.0))
    fall = high - max(low, other)
    losses = ENTRANCE + 2.0 * G * n * n * length / radius ** (4.0 / 3.0)
    return sign * min(inlet, area * sqrt(2.0 * G * max(fall, 0.0) / losses))


@kept()
def feed(units: Array, sources: Sources, dt_s: float) -> None:
    """Give each point inflow's water of one step; a taking stops at dry ground."""
    for i in range(sources.at.size):
        wanted = sources.rate[i] * dt_s + sources.carry[i]
        if wanted >= 0.0:
            moved = np.int64(np.floor(wanted))
            sources.carry[i] = wanted - moved
        else:
            moved = -take_whole(units, sources.at[i], -wanted)
            sources.carry[i] = max(wanted - moved, -1.0)
        units[sources.at[i]] += moved
        sources.given[i] += moved


@kept()
def gap_m(units: Array, z: Array, sub: Any, a: int, b: int, moved: float) -> Any:
    """How much higher cell ``a`` stands than ``b`` once so much has gone from it to that [m]."""
    here, there = z[a] + rise_of(units[a] - moved, sub, a), z[b] + rise_of(units[b] + moved, sub, b)
    return (here - there) / UNITS_PER_M


@kept()
def held_back(units: Array, z: Array, sub: Any, a: int, b: int, wanted: float) -> Any:
    """What one step may move from ``a`` to ``b`` of ``wanted``: at most half of what would level
    both cells, or they would swing."""
    if sub is None:
        most = 0.25 * abs(gap_m(units, z, sub, a, b, 0.0)) * UNITS_PER_M
        return min(max(wanted, -most), most)
    sign = 1.0 if wanted >= 0.0 else -1.0
    low, high = 0.0, 2.0 * abs(wanted)
    if sign * gap_m(units, z, sub, a, b, sign * high) >= 0.0:
        return wanted
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if sign * gap_m(units, z, sub, a, b, sign * middle) >= 0.0:
            low = middle
        else:
            high = middle
    return sign * 0.5 * low


@kept()
def link_units(units: Array, z: Array, links: Links, i: int, sub: Any, per_m3_s: float) -> Any:
    """What a link would move in this step [units], before it is made whole."""
    a, b, shape = links.source[i], links.target[i], links.shape[i]
    if links.kind[i] == PUMP:
        deep = rise_of(units[a], sub, a) / UNITS_PER_M
        if deep >= shape[1]:
            links.running[i] = True
        elif deep <= shape[2]:
            links.running[i] = False
        return shape[0] * per_m3_s if links.running[i] else 0.0
    first = culvert_flow(units, z, sub, a, b, shape, 0.0) * per_m3_s
    gone = 0.5 * held_back(units, z, sub, a, b, first)  # by the middle of the step
    wanted = culvert_flow(units, z, sub, a, b, shape, gone) * per_m3_s
    return held_back(units, z, sub, a, b, wanted)


@kept()
def culvert_flow(
    units: Array, z: Array, sub: Any, a: int, b: int, shape: Array, moved: float
) -> Any:
    """Flow [m3/s] once so much has gone from ``a`` to ``b``."""
    here, there = z[a] + rise_of(units[a] - moved, sub, a), z[b] + rise_of(units[b] + moved, sub, b)
    return culvert_m3_s(here / UNITS_PER_M, there / UNITS_PER_M, shape)


@kept()
def pass_links(units: Array, z: Array, links: Links, sub: Any, dt_s: float, dx_m: float) -> None:
    """Move one step's water through culverts and pumps."""
    per_m3_s = dt_s / (dx_m * dx_m) * UNITS_PER_M
    for i in range(links.kind.size):
        wanted = link_units(units, z, links, i, sub, per_m3_s) + links.carry[i]
        a, b = links.source[i], links.target[i]
        moved = take_whole(units, a, wanted) if wanted >= 0.0 else -take_whole(units, b, -wanted)
        links.carry[i] = min(max(wanted - moved, -1.0), 1.0)
        units[a] -= moved
        if b >= 0:
            units[b] += moved
        links.moved[i] += moved


@kept()
def open_edges(
    units: Array, z: Array, qx: Array, qy: Array, ghosts: Ghosts, sub: Any, per_flow: Any
) -> None:
    """Count what crossed the open edges in the last sweep and set the ghosts for the next."""
    for i in range(ghosts.kind.size):
        q = qy if ghosts.down[i] else qx
        ghosts.left[i] += ghosts.outward[i] * whole(q[ghosts.face[i]] * per_flow)
        set_ghost(units, z, qx, qy, ghosts, i, sub)


@kept()
def set_ghost(
    units: Array, z: Array, qx: Array, qy: Array, ghosts: Ghosts, i: int, sub: Any
) -> None:
    g = ghosts.ghost[i]
    along, q = (qx, qy) if ghosts.down[i] else (qy, qx)
    along[g] = 0.0
    q[ghosts.beyond[i]] = q[ghosts.face[i]]
    if ghosts.kind[i] == FREE:
        units[g] = np.int32(max(np.rint(rise_of(units[ghosts.cell[i]], sub, ghosts.cell[i])), 0.0))
    else:
        units[g] = np.int32(max(np.rint(ghosts.level[i] - z[g]), 0.0))


@kept()
def set_ghosts(units: Array, z: Array, qx: Array, qy: Array, ghosts: Ghosts, sub: Any) -> None:
    """Set every ghost from what is beside it now (after rain, or when a run goes on)."""
    flat, bed, fx, fy = units.ravel(), z.ravel(), qx.ravel(), qy.ravel()
    for i in range(ghosts.kind.size):
        set_ghost(flat, bed, fx, fy, ghosts, i, sub)


@kept()
def copy_halos(units: Array, qx: Array, qy: Array, halos: Halos) -> None:
    for i in range(halos.source.size):
        a, b = halos.source[i], halos.target[i]
        units[b], qx[b], qy[b] = units[a], qx[a], qy[a]


@kept()
def between(
    units: Array,
    z: Array,
    qx: Array,
    qy: Array,
    sources: Sources,
    links: Links,
    ghosts: Ghosts,
    halos: Halos,
    sub: Any,
    dt_s: Any,
    dx_m: Any,
) -> None:
    """Everything between two sweeps, in a fixed order.

    Parameters
    ----------
    units, z, qx, qy : (rows, width) stacks
        As in ``sweep.Ground`` and ``sweep.Water``.
    sub : Sub or None
        Tables of coarse cells.
    dt_s, dx_m : float32
        The step just swept [s]; cell size [m].
    """
    flat, bed, fx, fy = units.ravel(), z.ravel(), qx.ravel(), qy.ravel()
    open_edges(flat, bed, fx, fy, ghosts, sub, dt_s / dx_m * np.float32(UNITS_PER_M))
    feed(flat, sources, dt_s)
    pass_links(flat, bed, links, sub, dt_s, dx_m)
    copy_halos(units, qx, qy, halos)


def halo_rows(slices: list[slice]) -> Halos:
    """Row copies that keep neighbouring blocks in step."""
    source: list[int] = []
    target: list[int] = []
    for upper, lower in pairwise(slices):
        for i in range(HALO):
            source += [upper.stop - 2 * HALO + i, lower.start + HALO + i]
            target += [lower.start + i, upper.stop - HALO + i]
    return Halos(np.array(source, np.intp), np.array(target, np.intp))
