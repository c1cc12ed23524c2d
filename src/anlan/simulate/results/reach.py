"""What of an area a reader may see: the cells in their regions, and nothing where there are none.

Each cell of a grid belongs to the most detailed region at its middle, by the same rule as every
position of the house (`places.position`). That takes seconds for a million cells, so the answer is
kept on disk until outlines or regions change.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import NotFound
from anlan.places import position
from anlan.places.models import Region
from anlan.places.queries import revision

from ..ground.grid import Grid
from ..models import Area

_STRIPE = 64  # rows asked for at a time: keeps the memory for a million points small
_lock = threading.Lock()


@dataclass(frozen=True)
class Reach:
    """The part of a grid that a reader sees. Readers with the same part share its key."""

    key: str
    cells: NDArray[np.bool_] | None  # none: every one

    def cut(self, values: NDArray[Any], nothing: float) -> NDArray[Any]:
        """The values, with `nothing` in every cell that is not theirs."""
        if self.cells is None:
            return values
        return np.where(self.cells, values, values.dtype.type(nothing))

    def holds(self, row: int, col: int) -> bool:
        return self.cells is None or bool(self.cells[row, col])


WHOLE = Reach("all", None)


@dataclass(frozen=True, eq=False)
class CellRegions:
    """Whose each cell is: number of a path, -1 where no region is known."""

    key: str
    paths: tuple[str, ...]
    cells: NDArray[np.int32]


def reach(*, area: Area, grid: Grid, paths: Sequence[str]) -> Reach:
    """What somebody with rights in these subtrees sees of an area, or NotFound."""
    if any(area.region.path.startswith(path) for path in paths):
        return WHOLE
    regions = cell_regions(grid)
    theirs = [n for n, path in enumerate(regions.paths) if path.startswith(tuple(paths))]
    if not paths or not theirs:
        raise NotFound(
            "simulate.not_yours",
            _("This forecast shows nothing of your regions."),
            hint=_("Ask the office that answers for the area."),
        )
    words = "\n".join([regions.key, *sorted(regions.paths[n] for n in theirs)])
    key = hashlib.sha256(words.encode()).hexdigest()[:16]
    return _cut(key, regions, tuple(theirs))


def cell_regions(grid: Grid) -> CellRegions:
    """Whose each cell of a grid is, made anew when outlines or regions have changed."""
    version = f"{revision('regions')}.{revision('outlines')}"
    words = json.dumps([grid.as_dict(), version])
    key = hashlib.sha256(words.encode()).hexdigest()[:16]
    with _lock:  # one thread computes, the others wait instead of doing the same
        return _regions(grid, key)


@lru_cache(maxsize=4)
def _regions(grid: Grid, key: str) -> CellRegions:
    path = Path(settings.CACHE_DIR) / "cell-regions" / f"{key}.npz"
    if path.is_file():
        with np.load(path) as kept:
            return CellRegions(key, tuple(kept["paths"].tolist()), kept["cells"])
    found = _locate(grid, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, paths=np.array(found.paths, dtype=np.str_), cells=found.cells)
    part.replace(path)
    return found


def _locate(grid: Grid, key: str) -> CellRegions:
    pks = np.empty(grid.shape, np.int64)
    for first in range(0, grid.rows, _STRIPE):
        rows = np.arange(first, min(first + _STRIPE, grid.rows))
        mesh = np.meshgrid(rows, np.arange(grid.cols), indexing="ij")
        lon, lat = grid.lonlat(*mesh)
        pks[rows] = position.locate(lon.ravel(), lat.ravel())[0].reshape(lon.shape)
    known, cells = np.unique(pks, return_inverse=True)
    paths = dict(Region.objects.filter(pk__in=known.tolist()).values_list("pk", "path"))
    order = [pk for pk in known.tolist() if pk in paths]
    place = {pk: n for n, pk in enumerate(order)}
    numbers = np.array([place.get(pk, -1) for pk in known.tolist()], np.int32)
    return CellRegions(key, tuple(paths[pk] for pk in order), numbers[cells.reshape(grid.shape)])


@lru_cache(maxsize=32)
def _cut(key: str, regions: CellRegions, theirs: tuple[int, ...]) -> Reach:
    mine = np.zeros(len(regions.paths) + 1, np.bool_)  # the last one: nobody's
    mine[list(theirs)] = True
    return Reach(key, mine[regions.cells])


def forget() -> None:
    """For tests, whose rolled-back data never counts a revision."""
    _regions.cache_clear()
    _cut.cache_clear()
