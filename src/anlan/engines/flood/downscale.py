"""Coarse cells' records, and what they mean on the fine ground.

Depth on the fine ground is the surface's plane less the ground. Arrival and duration are kept for
every sample of the ground under a coarse cell (``hypsometry``): a sample is wet while the plane
lies ``wet_m`` above it. Most cells change nothing in a stretch, so only changes are written.
"""

from math import sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .hypsometry import SAMPLES
from .inertial import HALF, I32, MATHS, ONE_ON, UNITS_PER_M, ZERO, F, U
from .kept import kept
from .record import NEVER_S

Array = NDArray[Any]
UNIT_M = F(1.0 / UNITS_PER_M)
THIN = F(1e-3 * UNITS_PER_M)  # thinner water has no speed worth keeping [units]


@njit(fastmath=MATHS, error_model="numpy")
def row_tops(
    units: Any,
    level: Any,
    slope_x: Any,
    slope_y: Any,
    at: Any,
    n: Any,
    top: Any,
    most: Any,
    x: Any,
    y: Any,
) -> None:
    """Keep the highest level, and the water and the slope of the surface that were then."""
    for i in range(n):
        c = at + U(i)
        there, now, tilt_x, tilt_y = units[c], level[c], slope_x[c], slope_y[c]
        before, before_x, before_y, before_most = top[c], x[c], y[c], most[c]
        now = now if there > 0 else before
        higher = now > before
        top[c] = max(now, before)
        most[c] = F(there) if higher else before_most
        x[c] = tilt_x if higher else before_x
        y[c] = tilt_y if higher else before_y


@njit(fastmath=MATHS, error_model="numpy")
def row_speeds(
    units: Any, depth: Any, qx: Any, qy: Any, at: Any, wide: Any, n: Any, fastest: Any, hazard: Any
) -> None:
    """Keep the greatest mean speed, and the greatest product of it and the wet part's depth."""
    for i in range(n):
        c = at + U(i)
        x, y = HALF * (qx[c] + qx[c - ONE_ON]), HALF * (qy[c] + qy[c - wide])
        there = F(units[c])
        speed = sqrt(x * x + y * y) / (max(there, THIN) * UNIT_M) if there > THIN else ZERO
        fastest[c] = max(fastest[c], speed)
        hazard[c] = max(hazard[c], speed * depth[c] * UNIT_M)


@njit(fastmath=MATHS, error_model="numpy")
def changed(marks: Any, old: Any, at: Any, n: Any) -> Any:
    """How many cells have other marks than before."""
    count = I32(0)
    for i in range(n):
        count += I32(1) if marks[U(i)] != old[at + U(i)] else I32(0)
    return count


@njit(error_model="numpy")
def note_changes(
    marks: Any, at: Any, n: Any, now_s: Any, old: Any, arrival: Any, wet_s: Any
) -> None:
    """Write the times of the samples of a span's cells that fell dry or got wet."""
    if changed(marks, old, U(at), n) == 0:
        return
    for i in range(n):
        after, differ = marks[i], marks[i] ^ old[at + i]
        if differ == 0:
            continue
        old[at + i] = after
        for s in range(SAMPLES):
            if differ >> s & 1:
                p = SAMPLES * (at + i) + s
                if after >> s & 1:
                    arrival[p] = min(arrival[p], now_s)
                    wet_s[p] -= now_s
                else:
                    wet_s[p] += now_s


@njit(inline="always")
def plane_at(i: Any, factor: Any, x: Any, y: Any) -> Any:
    """Height of the surface's plane over fine cell ``i`` above that over the middle."""
    return ((i % factor + 0.5) / factor - 0.5) * x + ((i // factor + 0.5) / factor - 0.5) * y


@kept()
def poured(ground: Array, count: int, volume: float, level: float) -> Any:
    """Level at which ``volume`` stands over ``count`` pieces of ground, by Newton from ``level``.

    The volume is convex and straight between the pieces' heights, so Newton from above ends exactly
    once no piece changes between wet and dry.
    """
    for _ in range(2 * count + 2):
        held, wet = 0.0, 0
        for i in range(count):
            if ground[i] < level:
                held, wet = held + level - ground[i], wet + 1
        if wet == 0:
            level = ground[:count].min() + volume
            continue
        step = (volume - held) / wet
        level += step
        if abs(step) < 1e-7:
            break
    return level


@kept()
def lay_out(bed: Array, factor: int, mean_m: Array, x_m: Array, y_m: Array, out: Array) -> None:
    """Pour coarse cells' water onto the fine ground under their tilted surfaces, every drop once.

    Parameters
    ----------
    bed : (rows x factor, cols x factor) float64
        Fine ground [m], infinite where closed.
    mean_m, x_m, y_m : (rows, cols)
        Water over the whole cell's area; rise of the surface over the cell [m].
    out : (fine rows, fine cols) float32, written
        Depth [m], NaN where closed.
    """
    cells = factor * factor
    ground, at = np.empty(cells), np.empty(cells, np.intp)
    for r in range(mean_m.shape[0]):
        for c in range(mean_m.shape[1]):
            count = 0
            for i in range(cells):
                row, col = r * factor + i // factor, c * factor + i % factor
                inside = row < out.shape[0] and col < out.shape[1]
                if bed[row, col] < np.inf:
                    ground[count] = bed[row, col] - plane_at(i, factor, x_m[r, c], y_m[r, c])
                    at[count] = i
                    count += 1
                if inside:
                    out[row, col] = 0.0 if bed[row, col] < np.inf else np.nan
            if count == 0 or mean_m[r, c] <= 0.0:
                continue
            level = poured(ground, count, mean_m[r, c] * cells, ground[0] + mean_m[r, c])
            for i in range(count):
                row, col = r * factor + at[i] // factor, c * factor + at[i] % factor
                out[row, col] = max(level - ground[i], 0.0)


@kept()
def pick_times(
    sample: Array,
    factor: int,
    marks: Array,
    arrival: Array,
    wet_s: Array,
    now_s: float,
    first_s: Array,
    duration_s: Array,
) -> None:
    """What was kept of each fine cell's sample; NaN where closed.

    Parameters
    ----------
    sample : (rows, cols) uint8
        Number of each fine cell's sample, SAMPLES where closed.
    marks : (coarse rows, coarse cols) int32
    arrival, wet_s : (coarse rows, coarse cols, SAMPLES) float32
        As in ``tilt.renew_block``.
    now_s : float
        Until when a sample that is wet has been wet [s].
    first_s, duration_s : (rows, cols) float32, written
    """
    for r in range(first_s.shape[0]):
        for c in range(first_s.shape[1]):
            s, row, col = sample[r, c], r // factor, c // factor
            first_s[r, c], duration_s[r, c] = np.nan, np.nan
            if s < SAMPLES:
                running = now_s if marks[row, col] >> s & 1 else 0.0
                duration_s[r, c] = wet_s[row, col, s] + running
                if arrival[row, col, s] < NEVER_S:
                    first_s[r, c] = arrival[row, col, s]


@kept()
def spread_out(values: Array, factor: int, depth: Array, out: Array) -> None:
    """Coarse cells' values where the fine ground is wet; 0 where it is dry, NaN where closed.

    Parameters
    ----------
    values : (coarse rows, coarse cols) float32
    depth : (rows, cols) float32
        NaN where closed.
    out : (rows, cols) float32, written
    """
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            here = depth[r, c]
            out[r, c] = values[r // factor, c // factor] if here > 0 else here
