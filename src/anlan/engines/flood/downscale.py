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
from .inertial import HALF, HALO, I32, MATHS, ONE, ONE_ON, UNITS_PER_M, ZERO, F, U
from .subgrid import PLACE, Sub
from .sweep import Blocks, Water, all_live, band_of, chunk_end, piece, pieces

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
def row_mark(
    units: Any,
    level: Any,
    slope_x: Any,
    slope_y: Any,
    height: Any,
    place_x: Any,
    place_y: Any,
    at: Any,
    first: Any,
    n: Any,
    wet: Any,
    bit: Any,
    marks: Any,
) -> None:
    """Set a bit where the surface lies ``wet`` above one sample, which begins at ``first``."""
    for i in range(n):
        c, p = at + U(i), first + at + U(i)
        there, tilt = units[c], slope_x[c] * F(place_x[p]) + slope_y[c] * F(place_y[p])
        above = level[c] + tilt * PLACE - height[p] - wet
        above = above if there > 0 else -ONE
        marks[U(i)] = I32(marks[U(i)] + (bit if above >= ZERO else I32(0)))


@njit(fastmath=MATHS, error_model="numpy")
def changed(marks: Any, old: Any, at: Any, n: Any) -> Any:
    """How many cells have other marks than before."""
    count = I32(0)
    for i in range(n):
        count += I32(1) if marks[U(i)] != old[at + U(i)] else I32(0)
    return count


@njit(error_model="numpy")
def note_change(
    c: Any, before: Any, after: Any, now_s: Any, since: Any, arrival: Any, wet_s: Any
) -> None:
    """Write the times of one cell's samples when any falls dry or gets wet."""
    for s in range(SAMPLES):
        p = SAMPLES * c + s
        if before >> s & 1:
            wet_s[p] += now_s - since[c]
        elif after >> s & 1:
            arrival[p] = min(arrival[p], now_s)
    since[c] = now_s


@njit(error_model="numpy", cache=True, nogil=True)
def record_block(
    b: int,
    water: Water,
    blocks: Blocks,
    runs: Array,
    counts: Array,
    sub: Sub,
    tops: tuple[Array, Array, Array, Array],
    speeds: tuple[Array, Array],
    times: tuple[Array, Array, Array, Array],
    wet: Any,
    now_s: Any,
) -> None:
    """Update the records of a block's cells, whose levels, spread and depth are those of now.

    Parameters
    ----------
    runs, counts
        As in ``Blocks``.
    tops : four of (rows, width) float32, updated
        Highest level, and the water and slopes then [units].
    speeds : two of (rows, width) float32, updated
        Greatest speed [m/s]; greatest product of speed and depth [m2/s].
    times : (rows, width) int32, float32, two of (rows, width, SAMPLES) float32, updated
        Samples that are wet; time of the last change [s]; arrival and duration up to then [s].
    wet, now_s : float32
        Depth from which time counts [units]; time [s].
    """
    low, width = blocks.low[b], water.units.shape[1]
    plane, wide = U(water.units.size), U(width)
    units, qx, qy = water.units.ravel(), water.qx.ravel(), water.qy.ravel()
    level, slope_x, slope_y = sub.level.ravel(), sub.slope_x.ravel(), sub.slope_y.ravel()
    height, place_x, place_y = sub.height.ravel(), sub.place_x.ravel(), sub.place_y.ravel()
    depth, top, most_of = sub.depth.ravel(), tops[0].ravel(), tops[1].ravel()
    top_x, top_y = tops[2].ravel(), tops[3].ravel()
    fastest, hazard, old = speeds[0].ravel(), speeds[1].ravel(), times[0].ravel()
    since, arrival, wet_s = times[1].ravel(), times[2].ravel(), times[3].ravel()
    marks = blocks.wholes[b, 0]
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    k, last, most = low + HALO, blocks.high[b] - HALO, marks.size // width
    while k < last:
        band = band_of(k, low, bands)
        end = chunk_end(k, low, band, bands, min(k + most, last))
        live, n_runs = runs[first_band + band], counts[first_band + band]
        every = all_live(live, n_runs, width)
        for j in range(pieces(every, end - k, n_runs)):
            row, a, n = piece(j, every, k, end - k, width, live, n_runs)
            at = U(row * width + a)
            row_tops(units, level, slope_x, slope_y, at, n, top, most_of, top_x, top_y)
            row_speeds(units, depth, qx, qy, at, wide, n, fastest, hazard)
            for i in range(n):
                marks[i] = 0
            for s in range(SAMPLES):
                row_mark(
                    units,
                    level,
                    slope_x,
                    slope_y,
                    height,
                    place_x,
                    place_y,
                    at,
                    U(s) * plane,
                    n,
                    wet,
                    I32(1 << s),
                    marks,
                )
            if changed(marks, old, at, n) == 0:
                continue
            for i in range(n):
                c = row * width + a + i
                if marks[i] != old[c]:
                    note_change(c, old[c], marks[i], now_s, since, arrival, wet_s)
                    old[c] = marks[i]
        k = end


@njit(inline="always")
def plane_at(i: Any, factor: Any, x: Any, y: Any) -> Any:
    """Height of the surface's plane over fine cell ``i`` above that over the middle."""
    return ((i % factor + 0.5) / factor - 0.5) * x + ((i // factor + 0.5) / factor - 0.5) * y


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def pick(sample: Array, factor: int, values: Array, out: Array) -> None:
    """What was kept of each fine cell's sample; NaN where closed.

    Parameters
    ----------
    sample : (rows, cols) uint8
        Number of each fine cell's sample, SAMPLES where closed.
    values : (coarse rows, coarse cols, SAMPLES) float32
    out : (rows, cols) float32, written
    """
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            s = sample[r, c]
            out[r, c] = values[r // factor, c // factor, s] if s < SAMPLES else np.nan
