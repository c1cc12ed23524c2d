"""What a case needs of this machine, said before it starts."""

import os
from dataclasses import dataclass

from ..models import Area

IMPORT_BYTES = 60  # a cell, while a terrain is read and checked
READ_BYTES = 16  # a cell of a file, as it is and as real numbers, with its mask
RUN_BYTES = 230  # a cell of computing, with the ground and records
COARSE_BYTES = 720  # a coarse cell, with its tables
GROUND_BYTES = 60  # a cell of fine ground under coarse cells
SHARE = 0.8  # of what is free
# Cell updates a second of one core, as measured on a busy machine (docs/engines/flood.md).
FINE_PER_S, COARSE_PER_S = 250e6, 120e6
DEEP_M, GRAVITY = 3.0, 9.81  # the depth that sets the step where nobody knows it yet


@dataclass(frozen=True)
class Need:
    """Memory and time of one forecast."""

    bytes: int
    free: int
    seconds: float

    @property
    def fits(self) -> bool:
        return self.bytes <= self.free

    @property
    def megabytes(self) -> int:
        return round(self.bytes / 1e6)

    @property
    def free_gigabytes(self) -> float:
        return round(self.free / 1e9, 1)


def import_bytes(cells: int) -> int:
    return cells * IMPORT_BYTES


def read_bytes(cells: int) -> int:
    return cells * READ_BYTES


def free_bytes() -> int:
    """Memory that may still be used here [bytes]."""
    pages = os.sysconf("SC_AVPHYS_PAGES") if not _linux_free() else 0
    return int(SHARE * (_linux_free() or pages * os.sysconf("SC_PAGE_SIZE")))


def _linux_free() -> int:
    """Free and reclaimable memory as Linux counts it; 0 elsewhere."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
            found = dict(line.split(":") for line in file)
        return int(found["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0


def need_of(area: Area) -> Need:
    """Of one forecast of an area, spin-up not counted: it is short after the first."""
    cells = area.rows * area.cols
    coarse = cells / area.factor**2
    each = RUN_BYTES if area.factor == 1 else COARSE_BYTES
    memory = int(coarse * each + cells * GROUND_BYTES)
    step_s = 0.7 * area.terrain.cell_m * area.factor / (GRAVITY * DEEP_M) ** 0.5
    rate = FINE_PER_S if area.factor == 1 else COARSE_PER_S
    return Need(memory, free_bytes(), coarse * area.horizon_s / step_s / rate)
