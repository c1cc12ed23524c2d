"""Water of coarse cells put onto the fine ground inside them, every litre of it once.

Arrays in, arrays out. Taking a coarse cell's level for the level on its fine ground would put a
metre of water into the lowest corner under a film of rain.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Pourer:
    """The fine ground of each coarse cell, sorted from below, ready to be filled.

    Parameters
    ----------
    bed_m : (rows, cols)
        Fine ground; NaN where there is none.
    factor : int
        Fine cells on a coarse cell's side. The last blocks may reach over the edge.
    closed : (rows, cols), optional
        Fine cells that hold no water (buildings).
    """

    def __init__(self, bed_m: Array, factor: int, closed: Array | None = None) -> None:
        self.shape, self.factor = bed_m.shape, factor
        holds = np.isfinite(bed_m)
        if closed is not None:
            holds &= ~np.asarray(closed, bool)
        self.bed = _blocks(np.where(holds, bed_m, np.inf), factor)
        order = np.sort(self.bed, axis=2)
        self.open = np.isfinite(order).sum(axis=2)
        low = np.where(np.isfinite(order), order, 0.0)
        self.total = np.cumsum(low, axis=2)  # of the n lowest beds [m]
        count = np.arange(1, order.shape[2] + 1)
        # How much depth, summed over fine cells, stands below each bed: n b_n - (b_1 + … + b_n).
        self.below = np.where(np.isfinite(order), count * low - self.total, np.inf)
        self.outside = np.isnan(bed_m)

    def fill(self, depth_m: Array) -> Array:
        """(rows, cols) depths on the fine ground from mean depths of the coarse cells.

        In each coarse cell the water stands level over its lowest ground; its volume is the coarse
        cell's, which counts buildings inside it as ground. NaN where there is no ground.
        """
        size = self.factor**2
        volume = np.where(np.isfinite(depth_m), depth_m, 0.0) * size
        wet = np.clip((self.below <= volume[..., None]).sum(axis=2), 1, None)
        held = np.take_along_axis(self.total, wet[..., None] - 1, axis=2)[..., 0]
        level = np.where(self.open > 0, (volume + held) / wet, -np.inf)
        fine = np.maximum(level[..., None] - self.bed, 0.0)
        rows, cols = self.shape
        return np.where(self.outside, np.nan, _joined(fine, self.factor)[:rows, :cols])


def _blocks(values: Array, factor: int) -> Array:
    """(coarse rows, coarse cols, cells): what lies in each coarse cell; over the edge nothing."""
    rows, cols = (n + -n % factor for n in values.shape)
    padded = np.full((rows, cols), np.inf)
    padded[: values.shape[0], : values.shape[1]] = values
    tall, wide = rows // factor, cols // factor
    blocks = padded.reshape(tall, factor, wide, factor).swapaxes(1, 2)
    return blocks.reshape(tall, wide, factor * factor)


def _joined(blocks: Array, factor: int) -> Array:
    tall, wide, _cells = blocks.shape
    parts = blocks.reshape(tall, wide, factor, factor).swapaxes(1, 2)
    return parts.reshape(tall * factor, wide * factor)
