"""What a case needs of the machine, said before it starts."""

import os

import numpy as np

from .case import BadCase, FloodCase, Rain
from .figures import as_reals

# Greatest resident memory of a run of 1500 to 2500 cells a side, with every field given: 184 to
# 202 bytes a cell on top of the case's own arrays.
BYTES_PER_CELL = 210
# A coarse run with 4 million cells of the ground took 99 bytes for each at a factor of 4, 66 at 8.
BYTES_PER_GROUND_CELL, BYTES_PER_COARSE_CELL = 60, 720
SHARE = 0.9  # of the machine's memory that a run may take where the caller sets no limit


def memory_bytes(case: FloodCase, factor: int = 1) -> int:
    """Memory that running a case takes, on cells ``factor`` times as wide, its own arrays not
    counted [bytes]."""
    rain = as_reals(case.rain.rate_mm_h, "Rain") if isinstance(case.rain, Rain) else np.zeros(0)
    cells = int(np.prod(np.shape(case.bed_m), dtype=np.int64))
    each: float = BYTES_PER_CELL
    if factor > 1:
        each = BYTES_PER_GROUND_CELL + BYTES_PER_COARSE_CELL / factor**2
    return int(cells * each) + rain.size * 24


def cell_that_fits(case: FloodCase, free_bytes: float, factor: int = 1) -> float:
    """The finest cell size at which the same ground fits into so much memory [m]."""
    over = memory_bytes(case, factor) / max(free_bytes, 1.0)
    return float(case.cell_m * max(1.0, np.sqrt(over)))


def machine_bytes() -> int:
    """Memory of this machine that a run may take [bytes]."""
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * SHARE)


def check_memory(case: FloodCase, limit_bytes: float | None, factor: int = 1) -> None:
    """Refuse a case that is too large, with the resolution that would fit."""
    limit = machine_bytes() if limit_bytes is None else limit_bytes
    needed = memory_bytes(case, factor)
    if needed <= limit:
        return
    fits = np.ceil(cell_that_fits(case, limit, factor) * 10.0) / 10.0
    rows, cols = np.shape(case.bed_m)
    raise BadCase(
        "flood.memory",
        f"{rows} x {cols} cells need {needed / 1e9:.1f} GB of memory; {limit / 1e9:.1f} GB are "
        "free for a run.",
        hint=f"Cells of {fits:g} m would fit, or use the coarse run (run_coarse), or a smaller "
        "area.",
    )
