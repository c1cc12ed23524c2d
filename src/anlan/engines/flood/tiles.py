"""Which tiles of 16 rows by 64 columns can be wet in the next stretch of steps.

Water moves one cell a step and a stretch is at most 15 steps, so a tile whose eight neighbours are
dry too stays dry through the stretch: leaving it out changes no bit of the result.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kept import kept
from .lattice import BAND_ROWS, GHOST_COL, HALO, TILE_COLS

LONGEST_STRETCH = BAND_ROWS - 1  # steps

Stack = NDArray[Any]


@kept()
def highest_of(row: Any) -> Any:
    top = row[0]
    for c in range(row.size):
        top = max(top, row[c])
    return top


@kept()
def scan_block(units: Stack, first_band: int, wet: Stack, top: Stack) -> None:
    """Mark a block's wet tiles and keep each band's greatest depth.

    Parameters
    ----------
    units : (rows + 6, width) int32
        Depth [2^-24 m]; the ghosts and halos next to a band count as part of it.
    first_band : int
        Number of the block's first band of 16 rows.
    wet, top : (bands, tiles) bool, (bands,) int32, written
    """
    rows, width = units.shape
    bands = -(-(rows - 2 * HALO) // BAND_ROWS)
    for band in range(bands):
        low = HALO + band * BAND_ROWS - (1 if band == 0 else 0)
        high = min(HALO + (band + 1) * BAND_ROWS, rows - HALO) + (1 if band == bands - 1 else 0)
        top[first_band + band] = 0
        for t in range(wet.shape[1]):
            a = GHOST_COL + t * TILE_COLS
            b = min(a + TILE_COLS, width)
            most = np.int32(0)
            for r in range(low, high):
                most = max(most, highest_of(units[r, a:b]))
            wet[first_band + band, t] = most > 0
            top[first_band + band] = max(top[first_band + band], most)


@kept()
def find_live(wet: Stack, pinned: Stack, live: Stack) -> None:
    """Wet or pinned tiles and their eight neighbours.

    Parameters
    ----------
    wet, pinned : (bands, tiles) bool
        Tiles with water; tiles that are always swept, because water may enter them from outside.
    live : (bands, tiles) bool, written
    """
    bands, tiles = wet.shape
    for band in range(bands):
        for t in range(tiles):
            live[band, t] = False
            for i in range(max(band - 1, 0), min(band + 2, bands)):
                for j in range(max(t - 1, 0), min(t + 2, tiles)):
                    live[band, t] |= wet[i, j] or pinned[i, j]


@kept()
def find_runs(live: Stack, width: int, runs: Stack, counts: Stack) -> None:
    """Runs of columns of the live tiles in each band.

    Parameters
    ----------
    live : (bands, tiles) bool
    runs, counts : (bands, most, 2) intp, (bands,) intp, written
    """
    for band in range(live.shape[0]):
        n = 0
        for t in range(live.shape[1]):
            if not live[band, t]:
                continue
            a = GHOST_COL + t * TILE_COLS
            b = min(a + TILE_COLS, width)
            if n and runs[band, n - 1, 1] == a:
                runs[band, n - 1, 1] = b
            else:
                runs[band, n, 0], runs[band, n, 1] = a, b
                n += 1
        counts[band] = n


@kept()
def still_tiles(live: Stack, was_live: Stack, first_band: int, qx: Stack, qy: Stack) -> None:
    """Zero the flow in a block's tiles that are left out from now on."""
    rows = qx.shape[0]
    for band in range(-(-(rows - 2 * HALO) // BAND_ROWS)):
        for t in range(live.shape[1]):
            if live[first_band + band, t] or not was_live[first_band + band, t]:
                continue
            a = GHOST_COL + t * TILE_COLS
            low = HALO + band * BAND_ROWS
            high = min(low + BAND_ROWS, rows - HALO)
            qx[low:high, a : a + TILE_COLS] = 0
            qy[low:high, a : a + TILE_COLS] = 0
