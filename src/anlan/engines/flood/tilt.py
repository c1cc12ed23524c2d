"""Once a stretch: the slope of the water surface in coarse cells, and the tables that belong to it.

Dry cells have no slope and a level at their lowest point, so tiles that are left out need nothing;
a tile that falls dry is done once more, and then has what a dry tile has (``runs`` are those of the
tiles that are or were live).
"""

from typing import Any

from numba import njit

from .hypsometry import CRESTS, SAMPLES
from .inertial import HALO, F, U
from .subgrid import (
    FACE_X,
    FACE_Y,
    LINES,
    Sub,
    row_copy,
    row_face_lines,
    row_greatest,
    row_merge,
    row_slopes,
    row_sort8,
    row_spread,
    row_tilted,
)
from .sweep import Blocks, all_live, band_of, chunk_end, piece, pieces


@njit(error_model="numpy", cache=True, nogil=True)
def tilt_block(
    b: int, cols: int, units: Any, low: Any, blocks: Blocks, runs: Any, counts: Any, sub: Sub
) -> None:
    """Slopes of the surface of a block's cells.

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
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    flat, level, z = units.ravel(), sub.level.ravel(), low.ravel()
    slope_x, slope_y = sub.slope_x.ravel(), sub.slope_y.ravel()
    for k in range(start + HALO, blocks.high[b] - HALO):
        band = first_band + band_of(k, start, bands)
        for j in range(counts[band]):
            a, end = max(runs[band, j, 0], 1), min(runs[band, j, 1], cols + 1)
            at = U(k * width + a)
            row_slopes(flat, level, z, at, U(width), end - a, slope_x, slope_y)


@njit(error_model="numpy", cache=True, nogil=True)
def table_block(
    b: int, units: Any, low: Any, blocks: Blocks, runs: Any, counts: Any, sub: Sub
) -> None:
    """The lines of level and faces for the slopes as they are now; halo rows included."""
    start, width = blocks.low[b], units.shape[1]
    wide, plane, room = U(width), U(units.size), U(sub.seen.shape[2])
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    seen, tab, z = sub.seen[b].ravel(), sub.tab.ravel(), low.ravel()
    height, place_x, place_y = sub.height.ravel(), sub.place_x.ravel(), sub.place_y.ravel()
    slope_x, slope_y = sub.slope_x.ravel(), sub.slope_y.ravel()
    crest, along, reach = sub.crest.ravel(), sub.along.ravel(), sub.reach
    k, last = start + 1, blocks.high[b] - 1
    while k < last:
        band = band_of(k, start, bands)
        end = chunk_end(k, start, band, bands, min(last, k + sub.seen.shape[2] // width))
        live, n_runs = runs[first_band + band], counts[first_band + band]
        every = all_live(live, n_runs, width)
        for j in range(pieces(every, end - k, n_runs)):
            row, a, n = piece(j, every, k, end - k, width, live, n_runs)
            at = U(row * width + a)
            for s in range(SAMPLES):
                row_tilted(
                    height,
                    place_x,
                    place_y,
                    slope_x,
                    slope_y,
                    at,
                    U(s) * plane,
                    n,
                    seen,
                    U(s) * room,
                )
            row_sort8(seen, U(0), room, n)
            row_sort8(seen, U(8) * room, room, n)
            row_merge(seen, room, n)
            for s in range(LINES):
                row_copy(seen, U(s) * room, n, tab, U(s) * plane + at)
            row_face_lines(
                z,
                slope_x,
                slope_y,
                crest,
                along,
                at,
                U(1),
                U(0),
                plane,
                n,
                reach,
                tab,
                U(FACE_X) * plane,
            )
            row_face_lines(
                z,
                slope_y,
                slope_x,
                crest,
                along,
                at,
                wide,
                U(CRESTS) * plane,
                plane,
                n,
                reach,
                tab,
                U(FACE_Y) * plane,
            )
        k = end


@njit(error_model="numpy", cache=True, nogil=True)
def spread_block(b: int, units: Any, blocks: Blocks, runs: Any, counts: Any, sub: Sub) -> Any:
    """Wet part and mean depth of a block's cells; returns the greatest depth [units]."""
    start, width, plane = blocks.low[b], units.shape[1], U(units.size)
    first_band, bands = blocks.first_band[b], blocks.first_band[b + 1] - blocks.first_band[b]
    flat, room, tab = units.ravel(), sub.room.ravel(), sub.tab.ravel()
    spread, depth, most = sub.spread.ravel(), sub.depth.ravel(), F(0.0)
    k, last = start + HALO, blocks.high[b] - HALO
    while k < last:
        band = band_of(k, start, bands)
        end = chunk_end(k, start, band, bands, last)
        live, n_runs = runs[first_band + band], counts[first_band + band]
        every = all_live(live, n_runs, width)
        for j in range(pieces(every, end - k, n_runs)):
            row, a, n = piece(j, every, k, end - k, width, live, n_runs)
            at = U(row * width + a)
            row_spread(flat, room, tab, at, plane, n, spread, depth)
            most = max(most, row_greatest(depth, at, n))
        k = end
    return most
