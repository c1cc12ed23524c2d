"""Where a case's cells lie in memory: blocks of rows with halos, columns padded for vector code.

A block holds ``rows`` rows of the case between three halo rows above and below. Blocks are stacked
in one array, so that an index into the stack names any cell. One thread sweeps one block; halos are
copied between steps. Column 0 is a ghost, the case begins at column 1, and at least one column that
nothing can enter lies at the end, so that rows may be taken as one long line.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

HALO = 3
GHOST_COL = 0
FIRST_COL = GHOST_COL + 1
BAND_ROWS = 16  # a tile is 16 rows by 64 columns
TILE_COLS = 64
WALL_M = 1.0e6  # bed of cells that never hold water [m]
PLANE_GAP = 160  # cells between two planes: in step, all planes would fall on one cache set
_PAGE = 4096
_STAGGER = 576  # keeps the same row of two arrays from falling on the same cache set


@dataclass
class Lattice:
    """Index arithmetic of a case of ``rows`` x ``cols`` cells cut into ``blocks`` blocks."""

    rows: int
    cols: int
    blocks: int = 1
    starts: list[int] = field(init=False)  # first case row of each block, and the end
    _made: int = 0

    def __post_init__(self) -> None:
        bands = -(-self.rows // BAND_ROWS)
        self.blocks = max(1, min(self.blocks, bands))
        cuts = [bands * b // self.blocks * BAND_ROWS for b in range(self.blocks)]
        self.starts = [*cuts, self.rows]

    @property
    def width(self) -> int:
        return -(-(self.cols + 3) // 16) * 16

    @property
    def stack_rows(self) -> int:
        return self.rows + 2 * HALO * self.blocks

    def block_slice(self, block: int) -> slice:
        """Rows of the stack that belong to a block, its halos included."""
        first = self.starts[block] + 2 * HALO * block
        return slice(first, first + self.starts[block + 1] - self.starts[block] + 2 * HALO)

    def stack_row(self, row: NDArray[np.intp]) -> NDArray[np.intp]:
        """Row of the stack for rows of the case; -1 and ``rows`` name the ghost rows."""
        block = np.searchsorted(self.starts[1:-1], np.clip(row, 0, self.rows - 1), side="right")
        return np.asarray(row + HALO + 2 * HALO * block, np.intp)

    def index(self, row: Any, col: Any) -> NDArray[np.intp]:
        """Flat index into the stack of cells of the case, ghosts included."""
        rows = self.stack_row(np.atleast_1d(np.asarray(row, np.intp)))
        return rows * self.width + np.atleast_1d(np.asarray(col, np.intp)) + FIRST_COL

    def make(self, dtype: Any, fill: float = 0, each: int = 0) -> NDArray[Any]:
        """A stack of cells, or one with several values to each cell."""
        shape = (self.stack_rows, self.width, *((each,) if each else ()))
        return self._room(dtype, fill, shape)

    def make_planes(self, dtype: Any, planes: int, fill: float = 0) -> NDArray[Any]:
        """Several stacks as one array: (planes, cells of a stack and a gap)."""
        return self._room(dtype, fill, (planes, self.stack_rows * self.width + PLANE_GAP))

    def make_rows(self, dtype: Any, rows: int, fill: float = 0) -> NDArray[Any]:
        """Several stacks whose rows lie side by side: (rows of a stack, ``rows``, width), for what
        is read a row at a time."""
        return self._room(dtype, fill, (self.stack_rows, rows, self.width))

    def _room(self, dtype: Any, fill: float, shape: tuple[int, ...]) -> NDArray[Any]:
        """Memory that begins at a cache line, staggered from array to array."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        room = np.zeros(size + 2 * _PAGE, np.uint8)
        offset = -room.ctypes.data % _PAGE + (self._made * _STAGGER) % _PAGE
        self._made += 1
        found: NDArray[Any] = room[offset : offset + size].view(dtype).reshape(shape)
        if fill:
            found[:] = fill
        return found

    def put(self, stack: NDArray[Any], cells: NDArray[Any]) -> None:
        """Write the case's cells into a stack, halos included."""
        columns = slice(FIRST_COL, FIRST_COL + self.cols)
        for b in range(self.blocks):
            part, first = stack[self.block_slice(b)], self.starts[b] - HALO
            low, high = max(first, 0), min(self.starts[b + 1] + HALO, self.rows)
            part[low - first : high - first, columns] = cells[low:high]

    def take(self, stack: NDArray[Any]) -> NDArray[Any]:
        """The case's cells out of a stack, as a copy."""
        columns = slice(FIRST_COL, FIRST_COL + self.cols)
        parts = [stack[self.block_slice(b)][HALO:-HALO, columns] for b in range(self.blocks)]
        return np.concatenate(parts)
