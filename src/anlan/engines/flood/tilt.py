"""Every second stretch: the slope of the water surface in coarse cells, the tables that belong to
it, and the records.

Dry cells have no slope and a level at their lowest point, so tiles that are left out need nothing.
Slopes, tables and records are of the water as a stretch leaves it, in the tiles that were live
since the last time: one that fell dry has then what a dry tile has. The samples of the ground are
the most that is read of a cell, so they are read once, for the tables and the records.
"""

from typing import Any

from numba import njit
from numpy.typing import NDArray

from .downscale import note_changes, row_speeds, row_tops
from .hypsometry import CRESTS, SAMPLES
from .inertial import HALO, F, U
from .kept import kept
from .lines import (
    LINED,
    ROW,
    SPAN,
    row_copy,
    row_depths,
    row_face_lines,
    row_greatest,
    row_marks,
    row_merged,
    row_slopes,
    row_standing,
    row_tilted,
)
from .subgrid import FACE_X, FACE_Y, LINES, Sub
from .sweep import Blocks, Water, all_live, band_of, chunk_end, find_levels, piece, pieces

Array = NDArray[Any]


@kept(error_model="numpy")
def tilt_block(
    b: int, cols: int, units: Any, low: Any, blocks: Blocks, runs: Any, counts: Any, sub: Sub
) -> None:
    """Levels of a block's cells by their present lines, and the slopes of the surface by those.

    Parameters
    ----------
    b, cols : int
        Number of the block; columns of the case (ghosts keep their level).
    units, low : (rows, width) int32, float32
        Depth and lowest point, of all blocks.
    runs, counts
        As in ``Blocks``.
    """
    start, width = blocks.low[b], units.shape[1]
    find_levels(b, start + 1, blocks.high[b] - 1, units, blocks, runs, counts, sub)
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    flat, level, z = units.ravel(), sub.level.ravel(), low.ravel()
    slope_x, slope_y = sub.slope_x.ravel(), sub.slope_y.ravel()
    for k in range(start + HALO, blocks.high[b] - HALO):
        band = first_band + band_of(k, start, bands)
        for j in range(counts[band]):
            a, end = max(runs[band, j, 0], 1), min(runs[band, j, 1], cols + 1)
            at = U(k * width + a)
            row_slopes(flat, level, z, at, U(width), end - a, slope_x, slope_y)


@njit(error_model="numpy", nogil=True)
def span_lines(row: Any, at: Any, n: Any, low: Any, wide: Any, b: Any, sub: Sub) -> None:
    """The lines of level and faces of ``n`` cells of a row for the slopes as they are now."""
    plane, scratch, tab = U(sub.tab.shape[1]), sub.seen[b], sub.tab.ravel()
    height, place_x, place_y = sub.height.ravel(), sub.place_x.ravel(), sub.place_y.ravel()
    slope_x, slope_y, grain = sub.slope_x.ravel(), sub.slope_y.ravel(), sub.grain.ravel()
    crest, along, reach, z = sub.crest.ravel(), sub.along.ravel(), sub.reach, low.ravel()
    rows_before = U(row) * wide
    for half in range(2):
        first, to = U(SAMPLES - 1) * rows_before + U(8 * half) * wide, U(8 * half) * ROW
        row_tilted(
            height, place_x, place_y, grain, slope_x, slope_y, at, first, wide, n, scratch, to
        )
    row_merged(scratch, n)
    for s in range(LINES):
        row_copy(scratch, LINED + U(s) * ROW, n, tab, U(s) * plane + at)
    x, y = U(FACE_X) * plane, U(FACE_Y) * plane
    right = U(2 * CRESTS - 1) * rows_before
    below = right + U(CRESTS) * wide
    row_face_lines(
        z, slope_x, slope_y, crest, along, at, U(1), right, wide, n, reach, tab, x, plane
    )
    row_face_lines(
        z, slope_y, slope_x, crest, along, at, wide, below, wide, n, reach, tab, y, plane
    )


@kept(error_model="numpy")
def renew_block(
    b: int,
    water: Water,
    low: Any,
    blocks: Blocks,
    runs: Any,
    counts: Any,
    sub: Sub,
    noting: bool,
    tops: tuple[Array, Array, Array, Array],
    speeds: tuple[Array, Array],
    times: tuple[Array, Array, Array],
    wet: Any,
    now_s: Any,
) -> Any:
    """New lines for the slopes as they are now, levels by them, and the records; returns the
    greatest depth [units].

    Parameters
    ----------
    low : (rows, width) float32
        Lowest point of the cells.
    runs, counts
        As in ``Blocks``.
    noting : bool
        Whether to keep records.
    tops : four of (rows, width) float32, updated
        Highest level, and the water and slopes then [units].
    speeds : two of (rows, width) float32, updated
        Greatest speed [m/s]; greatest product of speed and depth [m2/s].
    times : (rows, width) int32, two of (rows, width, SAMPLES) float32, updated
        Samples that are wet; time of the first arrival; times of drying less those of wetting [s].
    wet, now_s : float32
        Depth from which time counts [units]; time [s].
    """
    start, stop, width = blocks.low[b], blocks.high[b], water.units.shape[1]
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    units, qx, qy = water.units.ravel(), water.qx.ravel(), water.qy.ravel()
    room, level, scratch = sub.room.ravel(), sub.level.ravel(), sub.seen[b]
    slope_x, slope_y = sub.slope_x.ravel(), sub.slope_y.ravel()
    spread, depth, most = sub.spread.ravel(), sub.depth.ravel(), F(0.0)
    top, top_units, top_x, top_y = (
        tops[0].ravel(),
        tops[1].ravel(),
        tops[2].ravel(),
        tops[3].ravel(),
    )
    fastest, hazard, old = speeds[0].ravel(), speeds[1].ravel(), times[0].ravel()
    arrival, wet_s = times[1].ravel(), times[2].ravel()
    marks = blocks.wholes[b, 0]
    for row in range(start + 1, stop - 1):
        inside = start + HALO <= row < stop - HALO  # the rows around have lines, but no records
        band = first_band + band_of(row, start, bands)
        for j in range(counts[band]):
            for first in range(runs[band, j, 0], runs[band, j, 1], SPAN):
                here, n = row * width + first, min(SPAN, runs[band, j, 1] - first)
                at = U(here)
                span_lines(row, at, n, low, U(width), b, sub)
                if not inside:
                    continue
                row_standing(units, room, scratch, at, n, level, spread, depth)
                most = max(most, row_greatest(depth, at, n))
                if not noting:
                    continue
                row_tops(units, level, slope_x, slope_y, at, n, top, top_units, top_x, top_y)
                row_speeds(units, depth, qx, qy, at, U(width), n, fastest, hazard)
                row_marks(units, level, scratch, at, n, wet, marks)
                note_changes(marks, here, n, now_s, old, arrival, wet_s)
    return most


@kept(error_model="numpy")
def depth_block(b: int, units: Any, blocks: Blocks, sub: Sub) -> Any:
    """Wet part and mean depth of a block's cells; returns the greatest depth [units]."""
    start, width, plane = blocks.low[b], units.shape[1], U(sub.tab.shape[1])
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    flat, room, tab = units.ravel(), sub.room.ravel(), sub.tab.ravel()
    spread, depth, most = sub.spread.ravel(), sub.depth.ravel(), F(0.0)
    k, last = start + HALO, blocks.high[b] - HALO
    while k < last:
        band = band_of(k, start, bands)
        end = chunk_end(k, start, band, bands, last)
        live, n_runs = blocks.runs[first_band + band], blocks.counts[first_band + band]
        every = all_live(live, n_runs, width)
        for j in range(pieces(every, end - k, n_runs)):
            row, a, n = piece(j, every, k, end - k, width, live, n_runs)
            at = U(row * width + a)
            row_depths(flat, room, tab, at, plane, n, spread, depth)
            most = max(most, row_greatest(depth, at, n))
        k = end
    return most
