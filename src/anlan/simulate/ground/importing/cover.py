"""What lies on the ground: roughness and soil by land cover, buildings, drains."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput

from ..grid import Grid, project
from ..layers import LAYERS
from . import warp

Field = NDArray[np.float32]
OF_A_CLASS = ("manning", "conductivity", "suction", "deficit", "drain")
RANGES = {
    "manning": (0.005, 0.5),
    "drain": (0.0, 1000.0),
    "conductivity": (0.0, 500.0),
    "suction": (0.0, 2000.0),
    "deficit": (0.0, 0.6),
}
# What reading JSON of any shape can end with.
UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError,
)  # fmt: skip
FINER = 4  # buildings are drawn so much finer and count where they cover half a cell
HALF = 0.5


@dataclass(frozen=True)
class Table:
    """Values of each land-cover class, from TOML: `[21] manning = 0.05 …`."""

    by_class: dict[int, dict[str, float]]

    @classmethod
    def read(cls, path: Path) -> Table:
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
            by_class = {
                int(code): {name: _number(row[name]) for name in OF_A_CLASS if name in row}
                for code, row in found.items()
            }
        except (OSError, ValueError, TypeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(
                "simulate.table",
                _("Cannot read the land-cover table %(file)s: %(why)s")
                % {"file": path, "why": error},
                hint=_("It is TOML: [class] with manning, conductivity, suction, deficit, drain."),
            ) from error
        return cls(by_class)


def from_landcover(
    path: Path, table: Table, like: warp.Shape, grid: Grid, *, resample: bool
) -> dict[str, Field]:
    """A layer for each value that the table gives."""
    with warp.opened(path) as file:
        _require_same(path, warp.shape_of(file), like, resample=resample)
        codes = warp.warped(file, grid, classes=True)
    present = np.unique(codes[np.isfinite(codes)]).astype(int)
    missing = [code for code in present.tolist() if code not in table.by_class]
    if missing:
        raise BadInput(
            "simulate.class_unknown",
            _("The land-cover table has no class %(codes)s.")
            % {"codes": ", ".join(map(str, missing[:10]))},
            hint=_("Add it to the table: its manning at least."),
        )
    layers = {}
    for name in OF_A_CLASS:
        if any(name in row for row in table.by_class.values()):
            layers[name] = _by_class(codes, table, name)
    return layers


def _by_class(codes: Field, table: Table, name: str) -> Field:
    usual = {"manning": 0.035}.get(name, 0.0)
    out = np.where(np.isfinite(codes), np.float32(usual), np.float32(np.nan))
    for code, row in table.by_class.items():
        out[codes == code] = row.get(name, usual)
    return checked(name, out)


def _number(given: object) -> float:
    """TOML and Python know numbers that are none."""
    number = float(given)  # type: ignore[arg-type]
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def number_or_raster(
    name: str, given: str, like: warp.Shape, grid: Grid, *, resample: bool
) -> Field:
    """A layer from one number for everywhere, or from a raster."""
    try:
        number = float(given)
    except ValueError:
        path = Path(given)
    else:
        return checked(name, np.full(grid.shape, number, np.float32))
    with warp.opened(path) as file:
        _require_same(path, warp.shape_of(file), like, resample=resample)
        return checked(name, warp.warped(file, grid))


def checked(name: str, values: Field) -> Field:
    low, high = RANGES[name]
    inside = values[~np.isnan(values)]
    bad = inside[(inside < low) | (inside > high)]
    if bad.size:
        raise BadInput(
            "simulate.layer_range",
            _("%(layer)s of %(value)g is outside %(low)g to %(high)g %(unit)s (%(count)d cells).")
            % {"layer": name, "value": float(bad[0]), "low": low, "high": high,
               "unit": LAYERS[name], "count": bad.size},
            hint=_("Check the units of this layer."),
        )  # fmt: skip
    return values


def _require_same(path: Path, own: warp.Shape, like: warp.Shape, *, resample: bool) -> None:
    if resample or warp.is_same(own, like):
        return
    raise BadInput(
        "simulate.other_grid",
        _("%(file)s is on another grid (%(own)s) than the terrain (%(like)s).")
        % {"file": path, "own": own, "like": like},
        hint=_("Cut it to the terrain's grid, or add --resample to let it be resampled."),
    )


def buildings(path: Path, grid: Grid) -> Field:
    """1 where a building covers at least half of a cell."""
    if path.suffix.lower() in {".json", ".geojson"}:
        return _drawn(path, grid)
    with warp.opened(path) as file:
        part = warp.warped(file, grid)
    return (np.nan_to_num(part) >= HALF).astype(np.float32)


def _drawn(path: Path, grid: Grid) -> Field:
    import shapely
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    shapes = [shapely.transform(s, lambda p: np.column_stack(project(grid.epsg, *p.T)))
              for s in _polygons(path)]  # fmt: skip
    a, b, c, d, e, f = grid.transform
    fine = (
        rasterize(
            shapes,
            out_shape=(grid.rows * FINER, grid.cols * FINER),
            transform=Affine(a / FINER, b, c, d, e / FINER, f),
            dtype="uint8",
        )
        if shapes
        else np.zeros((grid.rows * FINER, grid.cols * FINER), np.uint8)
    )
    covered = fine.reshape(grid.rows, FINER, grid.cols, FINER).mean(axis=(1, 3))
    return np.asarray(covered >= HALF, np.float32)


def _polygons(path: Path) -> list[Any]:
    import shapely
    from shapely.geometry import shape

    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        found = [shape(feature["geometry"]) for feature in features if feature.get("geometry")]
        found = [s for s in found if s.geom_type in {"Polygon", "MultiPolygon"}]
        west, south, east, north = shapely.total_bounds(found) if found else (0, 0, 0, 0)
    except (*UNREADABLE, shapely.errors.ShapelyError) as error:
        raise BadInput(
            "simulate.buildings",
            _("Cannot read buildings from %(file)s: %(why)s") % {"file": path, "why": error},
            hint=_("Give GeoJSON with polygons in WGS 84, or a raster."),
        ) from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadInput(
            "simulate.buildings",
            _("The buildings of %(file)s are not in longitude and latitude.") % {"file": path},
            hint=_("GeoJSON is in WGS 84; export it so."),
        )
    return found
