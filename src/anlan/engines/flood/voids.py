"""Holes in the terrain: cells without a height that no other such cell joins to the edge."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kept import kept

Array = NDArray[Any]


@kept()
def spread_outside(missing: Array, outside: Array, stack: Array) -> None:
    """Mark the missing cells that are joined, by side or corner, to the edge of the grid.

    Parameters
    ----------
    missing : (rows, cols) bool
        Cells without a height.
    outside : (rows, cols) bool, updated
        Starts all False.
    stack : (number of missing cells,) intp
        Room for the cells still to look at.
    """
    rows, cols = missing.shape
    held = 0
    for r in range(rows):
        for c in range(cols):
            on_edge = r == 0 or c == 0 or r == rows - 1 or c == cols - 1
            if on_edge and missing[r, c]:
                outside[r, c] = True
                stack[held] = r * cols + c
                held += 1
    while held > 0:
        held -= 1
        r, c = stack[held] // cols, stack[held] % cols
        for i in range(max(r - 1, 0), min(r + 2, rows)):
            for j in range(max(c - 1, 0), min(c + 2, cols)):
                if missing[i, j] and not outside[i, j]:
                    outside[i, j] = True
                    stack[held] = i * cols + j
                    held += 1


def holes(missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The missing cells that lie inside the terrain, (rows, cols) bool."""
    outside = np.zeros(missing.shape, np.bool_)
    if missing.any():
        spread_outside(missing, outside, np.zeros(int(missing.sum()), np.intp))
    return missing & ~outside
