"""A coarse grid that knows the fine ground under it.

Each coarse cell keeps the heights of the fine cells inside it, each face those of the fine faces
along it; so volume and conveyance follow the fine terrain while step and cell are coarse. After
Casulli (2009), Int. J. Numer. Meth. Fluids 60, 391-408, https://doi.org/10.1002/fld.1896 (volume),
and Volp, van Prooijen & Stelling (2013), Water Resour. Res. 49, https://doi.org/10.1002/wrcr.20324
(conveyance).

The state is the volume, as whole units of mean depth, so mass closes as on the fine grid, and the
same kernels limit and move it. The level is found from the volume by one Newton step per time step
from the last level: V(level) is piecewise straight and rises, so the step is exact while no fine
cell changes between wet and dry, and an error left over is put right by the next step. It never
touches the mass.
"""

from math import sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .inertial import (
    HALF,
    HALO,
    I32,
    MATHS,
    ONE,
    ONE_ON,
    QUARTER,
    R0,
    R1,
    R2,
    R3,
    R4,
    ROOT6_MAGIC,
    SIXTH,
    TINY,
    UNITS_PER_M,
    ZERO,
    F,
    G,
    U,
    row_settle,
    row_share,
)

Array = NDArray[Any]
FACES = 4  # heights kept of a face
SAMPLES = 8  # heights kept of a cell
PER_M = 1024.0  # levels and tables are in units of 2^-10 m, tables as uint16
DEAD = 65535  # height that no water reaches
VOLUME = F(SAMPLES * PER_M / UNITS_PER_M)  # sum over the samples for one unit of mean depth


@njit(inline="always")
def over(above: Any) -> Any:
    return ONE if above >= ZERO else ZERO


@njit(fastmath=MATHS, error_model="numpy")
def row_level(units: Any, heights: Any, level: Any, at: Any, n: Any) -> None:
    """One Newton step of the level of a row's cells towards their volume."""
    s0, s1, s2, s3 = heights[0], heights[1], heights[2], heights[3]
    s4, s5, s6, s7 = heights[4], heights[5], heights[6], heights[7]
    for i in range(n):
        c = at + U(i)
        d = level[c]
        a0, a1, a2, a3 = d - F(s0[c]), d - F(s1[c]), d - F(s2[c]), d - F(s3[c])
        a4, a5, a6, a7 = d - F(s4[c]), d - F(s5[c]), d - F(s6[c]), d - F(s7[c])
        low = (max(a0, ZERO) + max(a1, ZERO)) + (max(a2, ZERO) + max(a3, ZERO))
        high = (max(a4, ZERO) + max(a5, ZERO)) + (max(a6, ZERO) + max(a7, ZERO))
        wet = (over(a0) + over(a1)) + (over(a2) + over(a3))
        wet += (over(a4) + over(a5)) + (over(a6) + over(a7))
        there = F(units[c])
        new = d - ((low + high) - there * VOLUME) / max(wet, ONE)
        level[c] = max(new, ZERO) if there > ZERO else ZERO


@njit(inline="always")
def power_5_3(deep: Any) -> Any:
    y = I32(ROOT6_MAGIC - F(F(deep).view(I32)) * SIXTH).view(F)
    y3 = y * y * y
    e = ONE - deep * y3 * y3
    y = y * (R0 + e * (R1 + e * (R2 + e * (R3 + e * R4))))
    return (deep * y) * (deep * y)


@njit(inline="always")
def sub_flow(
    d_l: Any,
    d_r: Any,
    step: Any,
    c0: Any,
    c1: Any,
    c2: Any,
    c3: Any,
    nn: Any,
    q: Any,
    q_back: Any,
    q_ahead: Any,
    q_side: Any,
    theta: Any,
    fr: Any,
    push: Any,
) -> Any:
    """As ``inertial.face_flow``, with area and conveyance summed over four parts of the face.

    ``step`` is the lower left point less the lower right point; ``c0`` to ``c3`` are the crests of
    the parts above the lowest point of the left cell.
    """
    drop = step + (d_l - d_r)
    top = max(d_l, d_r - step)
    h0, h1 = max(top - F(c0), ZERO), max(top - F(c1), ZERO)
    h2, h3 = max(top - F(c2), ZERO), max(top - F(c3), ZERO)
    area = QUARTER * ((h0 + h1) + (h2 + h3))
    k = QUARTER * ((power_5_3(h0) + power_5_3(h1)) + (power_5_3(h2) + power_5_3(h3)))
    kk = k * k + TINY
    speedy = sqrt(q * q + q_side * q_side)
    pushed = (theta * q + (HALF - HALF * theta) * (q_back + q_ahead)) + push * area * drop
    flow = pushed * kk / (kk + fr * nn * speedy * area)
    return flow if area > ZERO else ZERO


@njit(fastmath=MATHS, error_model="numpy")
def row_flows_sub(
    level: Any,
    level_s: Any,
    low: Any,
    low_s: Any,
    nn: Any,
    nn_s: Any,
    qx: Any,
    qx_s: Any,
    qy_n: Any,
    qy: Any,
    qy_s: Any,
    crest_x: Any,
    crest_y: Any,
    at: Any,
    n: Any,
    theta: Any,
    fr: Any,
    push: Any,
    right: Any,
    below: Any,
) -> None:
    """New flow right of and below the cells of one row; arguments are rows, ``_s`` the next."""
    x0, x1, x2, x3 = crest_x[0], crest_x[1], crest_x[2], crest_x[3]
    y0, y1, y2, y3 = crest_y[0], crest_y[1], crest_y[2], crest_y[3]
    for i in range(n):
        c = at + U(i)
        e, w = c + ONE_ON, c - ONE_ON
        side = QUARTER * ((qy_n[c] + qy_n[e]) + (qy[c] + qy[e]))
        right[c] = sub_flow(
            level[c],
            level[e],
            low[c] - low[e],
            x0[c],
            x1[c],
            x2[c],
            x3[c],
            nn[c] + nn[e],
            qx[c],
            qx[w],
            qx[e],
            side,
            theta,
            fr,
            push,
        )
    for i in range(n):
        c = at + U(i)
        w = c - ONE_ON
        side = QUARTER * ((qx[w] + qx_s[w]) + (qx[c] + qx_s[c]))
        below[c] = sub_flow(
            level[c],
            level_s[c],
            low[c] - low_s[c],
            y0[c],
            y1[c],
            y2[c],
            y3[c],
            nn[c] + nn_s[c],
            qy[c],
            qy_n[c],
            qy_s[c],
            side,
            theta,
            fr,
            push,
        )


@njit(error_model="numpy", cache=True, nogil=True)
def sweep_sub(
    units: Any,
    low: Any,
    nn: Any,
    qx: Any,
    qy: Any,
    heights: Any,
    crest_x: Any,
    crest_y: Any,
    level: Any,
    reals: Any,
    wholes: Any,
    theta: Any,
    dt_s: Any,
    dx_m: Any,
) -> None:
    """One step of a coarse grid over fine ground, in place; see ``inertial.sweep``.

    Parameters
    ----------
    units, level : (rows, width) int32, float32, updated
        Mean depth of the cell [2^-24 m]; level above its lowest point [2^-10 m].
    low, nn : (rows, width) float32
        Lowest point above the datum [2^-10 m]; half the square of Manning's n [s2/m^(2/3)].
    heights : (rows, 8, width) uint16
        Heights of the fine ground above the lowest point [2^-10 m].
    crest_x, crest_y : (rows, 4, width) uint16
        Crests of the faces right of and below each cell, above its lowest point [2^-10 m].
    """
    rows, width = units.shape
    wide, at, n = U(width), U(16), width - 32
    fr = F(G * PER_M ** (7 / 3)) * dt_s
    push = F(G / PER_M**2) * dt_s / dx_m
    per_flow = dt_s / dx_m * F(UNITS_PER_M)
    flat_units, flat_qx, flat_qy = units.ravel(), qx.ravel(), qy.ravel()
    right, above, below, share_above, share = reals[0], reals[1], reals[2], reals[3], reals[4]
    fx_old, fx, fy = wholes[0], wholes[1], wholes[2]
    row_level(units[1], heights[1], level[1], at, n)
    for k in range(HALO - 2, rows - HALO + 1):
        row_level(units[k + 1], heights[k + 1], level[k + 1], at, n)
        row_flows_sub(
            level[k],
            level[k + 1],
            low[k],
            low[k + 1],
            nn[k],
            nn[k + 1],
            qx[k],
            qx[k + 1],
            qy[k - 1],
            qy[k],
            qy[k + 1],
            crest_x[k],
            crest_y[k],
            at,
            n,
            theta,
            fr,
            push,
            right,
            below,
        )
        here = U(k) * wide + at
        right[15] = ZERO
        share[width - 16] = ONE
        row_share(flat_units, here, n, right, below, above, per_flow, at, share)
        if k >= HALO:
            fx_old[15] = 0
            fill, fill_at = flat_units, here - wide
            if k == HALO:
                fill, fill_at = wholes[3], at
            row_settle(
                flat_qx,
                flat_qy,
                here,
                wide,
                n,
                right,
                share,
                above,
                share_above,
                per_flow,
                at,
                fx,
                fx_old,
                fy,
                fill,
                fill_at,
            )
        above, below = below, above
        share_above, share = share, share_above
        fx_old, fx = fx, fx_old


def fold(cells: Array, factor: int) -> Array:
    """Fine cells by coarse cell: (rows, cols, factor, factor)."""
    rows, cols = cells.shape[0] // factor, cells.shape[1] // factor
    return cells.reshape(rows, factor, cols, factor).swapaxes(1, 2)


def in_groups(values: Array, groups: int) -> Array:
    """Sorted values along the last axis, averaged in equal groups (repeated if fewer)."""
    values = np.sort(values, axis=-1)
    count = values.shape[-1]
    if count < groups:
        return np.repeat(values, groups // count, axis=-1)
    return np.asarray(values.reshape(*values.shape[:-1], groups, count // groups).mean(axis=-1))


def saddles(pair: Array) -> Array:
    """Lowest height at which water passes between the lowest points of two halves of a window.

    Parameters
    ----------
    pair : (..., rows, cols)
        Fine ground of two neighbouring cells, side by side.

    Returns
    -------
    (...)
        The least, over all ways from the lowest point of the left half to that of the right half,
        of the highest point of the way.
    """
    shape = pair.shape
    flat = np.ascontiguousarray(pair).reshape(-1, *shape[-2:])
    return np.asarray(saddles_of(flat, np.empty(shape[-2:]))).reshape(shape[:-2])


@njit(cache=True, nogil=True)
def saddles_of(flat: Any, reach: Any) -> Any:
    out = np.empty(flat.shape[0])
    for w in range(flat.shape[0]):
        out[w] = saddle_of(flat[w], reach)
    return out


@njit(cache=True, nogil=True)
def lowest(ground: Any, first: Any, last: Any) -> Any:
    """Row and column of the lowest point of columns ``first`` to ``last``."""
    row, col = 0, first
    for r in range(ground.shape[0]):
        for c in range(first, last):
            if ground[r, c] < ground[row, col]:
                row, col = r, c
    return row, col


@njit(cache=True, nogil=True)
def saddle_of(ground: Any, reach: Any) -> Any:
    rows, cols = ground.shape
    reach[:] = np.inf
    row, col = lowest(ground, 0, cols // 2)
    reach[row, col] = ground[row, col]
    moved = True
    while moved:
        moved = False
        for r in range(rows):
            for c in range(cols):
                near = reach[r, c]
                near = min(near, reach[r - 1, c]) if r > 0 else near
                near = min(near, reach[r + 1, c]) if r < rows - 1 else near
                near = min(near, reach[r, c - 1]) if c > 0 else near
                near = min(near, reach[r, c + 1]) if c < cols - 1 else near
                new = max(near, ground[r, c])
                if new < reach[r, c]:
                    reach[r, c] = new
                    moved = True
    row, col = lowest(ground, cols // 2, cols)
    return reach[row, col]


def tables(bed: Array, factor: int) -> tuple[Array, Array, Array, Array]:
    """Lowest point, heights and crests of coarse cells from fine ground (``inf`` holds no water).

    Returns
    -------
    low : (rows, cols)
        Lowest point of each cell [m].
    heights : (rows, cols, 8)
        Sorted heights of the fine ground above it [m].
    crest_x, crest_y : (rows, cols, 4)
        Crests of the faces right of and below, above it [m]; ``inf`` at the edge of the case.
    """
    fine = fold(bed, factor)
    rows, cols = fine.shape[:2]
    low = fine.min(axis=(2, 3))
    heights = in_groups(fine.reshape(rows, cols, -1), SAMPLES)
    crest_x = np.full((rows, cols, FACES), np.inf)
    crest_y = np.full((rows, cols, FACES), np.inf)
    crest_x[:, :-1] = in_groups(np.maximum(fine[:, :-1, :, -1], fine[:, 1:, :, 0]), FACES)
    crest_y[:-1] = in_groups(np.maximum(fine[:-1, :, -1, :], fine[1:, :, 0, :]), FACES)
    # A cell's flat level knows nothing of the ridges inside it: no crest lies under the saddle
    # between the lowest points of the two cells.
    over_x = saddles(np.concatenate([fine[:, :-1], fine[:, 1:]], axis=-1))
    turned = fine.swapaxes(-1, -2)
    over_y = saddles(np.concatenate([turned[:-1], turned[1:]], axis=-1))
    crest_x[:, :-1] = np.maximum(crest_x[:, :-1], over_x[..., None])
    crest_y[:-1] = np.maximum(crest_y[:-1], over_y[..., None])
    with np.errstate(invalid="ignore"):
        base = np.where(np.isfinite(low), low, 0.0)[..., None]
        return low, heights - base, crest_x - base, crest_y - base
