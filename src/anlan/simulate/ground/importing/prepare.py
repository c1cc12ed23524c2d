"""From files to layers: the order in which a terrain is read and checked."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput, Refusal

from .. import estimate
from ..grid import Grid
from . import cover, relief, warp
from .links import read_links


@dataclass(frozen=True)
class Sources:
    """The files of a terrain. `manning` and `drain`: a number or a raster's path."""

    bed: Path
    manning: str = ""
    landcover: Path | None = None
    table: Path | None = None
    buildings: Path | None = None
    drain: str = ""
    links: Path | None = None


@dataclass
class Prepared:
    """A terrain in memory, checked."""

    grid: Grid
    layers: dict[str, NDArray[np.float32]] = field(repr=False)
    links: list[dict[str, Any]] = field(default_factory=list, repr=False)
    report: dict[str, Any] = field(default_factory=dict)


def prepare(
    files: Sources, *, cell_m: float, epsg: int | None = None, resample: bool = False
) -> Prepared:
    """Read everything and check it; BadInput says what is wrong and what to do."""
    if not 0.5 <= cell_m <= 200:
        raise BadInput("simulate.cell", _("A cell must be between 0.5 and 200 m wide."))
    with warp.opened(files.bed) as file:
        like = warp.shape_of(file)
        grid = warp.target_grid(file, warp.target_crs(file, epsg), cell_m)
        _require_memory(grid)
        _require_memory_to_read(like)
        bed = warp.warped(file, grid)
    made = Prepared(grid, {"bed": bed}, report={"source": str(like)})
    made.report |= relief.check_range(bed)
    made.report |= relief.fill_voids(bed)
    made.report |= relief.find_hollows(bed, grid)
    _lay_cover(made, files, like, resample=resample)
    return made


def _lay_cover(made: Prepared, files: Sources, like: warp.Shape, *, resample: bool) -> None:
    layers, grid = made.layers, made.grid
    if files.landcover is not None:
        if files.table is None:
            raise BadInput(
                "simulate.no_table",
                _("Land cover needs a table of what its classes mean (--table)."),
            )
        table = cover.Table.read(files.table)
        layers |= cover.from_landcover(files.landcover, table, like, grid, resample=resample)
    for name, given in (("manning", files.manning), ("drain", files.drain)):
        if given:
            layers[name] = cover.number_or_raster(name, given, like, grid, resample=resample)
    for name in ("manning", "drain", "conductivity", "suction", "deficit"):
        if name in layers:
            layers[name] = _covered(name, layers[name], made)
    if files.buildings is not None:
        layers["blocked"] = cover.buildings(files.buildings, grid)
        share = layers["blocked"][np.isfinite(layers["bed"])].mean()
        made.report["built_share"] = round(float(share), 4)
    if files.links is not None:
        made.links = read_links(files.links, grid, layers["bed"], layers.get("blocked"))
        made.report["links"] = len(made.links)


def _covered(name: str, values: NDArray[np.float32], made: Prepared) -> NDArray[np.float32]:
    """Where the layer knows nothing but the terrain does, the layer's own middle."""
    void = ~np.isfinite(values) & np.isfinite(made.layers["bed"])
    if void.any():
        made.report[f"{name}_void_cells"] = int(void.sum())
    if not np.isfinite(values[np.isfinite(made.layers["bed"])]).any():
        raise BadInput(
            "simulate.layer_empty",
            _("The layer %(layer)s has no value on the terrain.") % {"layer": name},
            hint=_("Check its no-data value and the area it covers."),
        )
    usual = np.nanmedian(values)
    return np.where(np.isfinite(values), values, usual).astype(np.float32)


def _require_memory_to_read(like: warp.Shape) -> None:
    """The file itself is read whole, however wide the cells will be."""
    needed, free = estimate.read_bytes(like.rows * like.cols), estimate.free_bytes()
    if needed > free:
        raise Refusal(
            "simulate.memory",
            _("Reading %(rows)d x %(cols)d cells needs %(needed).1f GB of memory; %(free).1f GB"
              " are free.")
            % {"rows": like.rows, "cols": like.cols, "needed": needed / 1e9, "free": free / 1e9},
            hint=_("Cut the file to the city, or make it coarser: gdalwarp -tr 10 10 -r average"),
        )  # fmt: skip


def _require_memory(grid: Grid) -> None:
    needed, free = estimate.import_bytes(grid.rows * grid.cols), estimate.free_bytes()
    if needed > free:
        fits = float(np.ceil(grid.cell_m * np.sqrt(needed / free)))
        raise Refusal(
            "simulate.memory",
            _("%(rows)d x %(cols)d cells need %(needed).1f GB of memory; %(free).1f GB are free.")
            % {"rows": grid.rows, "cols": grid.cols, "needed": needed / 1e9, "free": free / 1e9},
            hint=_("Cells of %(cell)g m would fit (--cell-m), or cut the terrain.")
            % {"cell": fits},
        )
