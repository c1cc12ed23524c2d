"""Rasters in any CRS onto one grid in metres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput

from ..grid import Grid, utm_zone

if TYPE_CHECKING:
    from rasterio.crs import CRS
    from rasterio.io import DatasetReader

# What programs write where they know nothing and forget to say so.
SENTINELS = (-9999.0, -99999.0, -32768.0, -32767.0, 32767.0, -3.4028234663852886e38)
METRES_A_DEGREE = 111_320.0  # of latitude
STRETCHED = 0.01  # that a CRS's metre may be off; a national zone's edge is off by 0.001
SAME = 1e-6  # of a cell: two grids closer than this are one


@dataclass(frozen=True)
class Shape:
    """Where a file's cells lie."""

    crs: str
    transform: tuple[float, ...]
    rows: int
    cols: int

    def __str__(self) -> str:
        return f"{self.rows} x {self.cols}, {abs(self.transform[0]):g}, {self.crs}"


@contextmanager
def opened(path: Path) -> Iterator[DatasetReader]:
    """A raster with one band and a place on the earth, or BadInput."""
    import warnings

    import rasterio
    from rasterio._err import CPLE_BaseError  # the only name that it has
    from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said below, with what to do
        try:
            file = rasterio.open(path)
        except RasterioIOError as error:
            raise BadInput(
                "simulate.unreadable",
                _("Cannot read %(file)s as a raster: %(why)s") % {"file": path, "why": error},
                hint=_("Give a GeoTIFF, or an ASCII grid with its .prj."),
            ) from error
        with file:
            _require_place(file, path)
            _require_one_band(file, path)
            try:
                yield file
            except CPLE_BaseError as error:
                # What GDAL cannot transform: degrees that are none, cells of no width.
                raise _nowhere(path) from error


def _require_place(file: DatasetReader, path: Path) -> None:
    if file.transform.is_identity:
        raise _nowhere(path)
    if not file.crs:
        raise BadInput(
            "simulate.no_crs",
            _("%(file)s does not say in which coordinate system it is.") % {"file": path},
            hint=_("Save it with its CRS, such as: gdal_edit.py -a_srs EPSG:4547 FILE"),
        )
    if not (file.crs.is_projected or file.crs.is_geographic):
        raise BadInput(
            "simulate.no_crs",
            _("%(file)s is in a local coordinate system that has no place on the earth.")
            % {"file": path},
            hint=_("Transform it to a national system (CGCS2000) first."),
        )


def _require_one_band(file: DatasetReader, path: Path) -> None:
    """A picture of the ground is no ground."""
    if file.count == 1 and not file.dtypes[0].startswith("complex"):
        return
    raise BadInput(
        "simulate.bands",
        _("%(file)s has %(count)d bands of %(kind)s; one band of numbers is needed.")
        % {"file": path, "count": file.count, "kind": file.dtypes[0]},
        hint=_("Take the band that is meant: gdal_translate -b 1 IN.tif OUT.tif"),
    )


def _nowhere(path: Path) -> BadInput:
    return BadInput(
        "simulate.nowhere",
        _("The position of %(file)s is nowhere on the earth.") % {"file": path},
        hint=_("Its CRS and its coordinates do not go together: check both with gdalinfo."),
    )


def shape_of(file: DatasetReader) -> Shape:
    return Shape(str(file.crs), tuple(file.transform)[:6], file.height, file.width)


def is_same(one: Shape, other: Shape) -> bool:
    cell = abs(one.transform[0])
    near = np.allclose(one.transform, other.transform, rtol=0, atol=SAME * cell)
    return bool(near) and (one.crs, one.rows, one.cols) == (other.crs, other.rows, other.cols)


def target_crs(file: DatasetReader, epsg: int | None) -> int:
    """The CRS to compute in: as asked for, the file's own if it is in metres, or its UTM zone."""
    from rasterio.crs import CRS

    lon, lat = _middle(file)
    if epsg is not None:
        try:
            asked = CRS.from_epsg(epsg)
        except Exception as error:
            raise BadInput(
                "simulate.crs", _("There is no coordinate system EPSG:%(epsg)d.") % {"epsg": epsg}
            ) from error
        if not in_metres(asked):
            raise BadInput(
                "simulate.crs_units",
                _("EPSG:%(epsg)d is not in metres.") % {"epsg": epsg},
                hint=_("Choose a projected CRS in metres, or leave it out for the UTM zone."),
            )
        stretched = stretching(epsg, lon, lat)
        if abs(stretched - 1) > STRETCHED:
            raise BadInput(
                "simulate.crs_stretched",
                _("A metre of EPSG:%(epsg)d is not a metre on the ground here (times %(part).2f).")
                % {"epsg": epsg, "part": stretched},
                hint=_("Choose a CRS made for this place, or leave it out for the UTM zone."),
            )
        return epsg
    own = file.crs.to_epsg()
    if own is not None and in_metres(file.crs) and abs(stretching(own, lon, lat) - 1) < STRETCHED:
        return int(own)
    return utm_zone(lon, lat)


def _middle(file: DatasetReader) -> tuple[float, float]:
    from rasterio.warp import transform_bounds

    bounds = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    if not (-180 <= lon <= 180 and -90 < lat < 90):
        raise _nowhere(Path(file.name))
    return lon, lat


def stretching(epsg: int, lon: float, lat: float) -> float:
    """How long a metre on the ground is in a CRS, the direction that is farthest off; web
    maps' Mercator (EPSG:3857) says metres and means 1.14 of them in Zhejiang."""
    from pyproj import Proj

    found = Proj(epsg).get_factors(lon, lat)
    return max(found.meridional_scale, found.parallel_scale, key=lambda scale: abs(scale - 1))


def in_metres(crs: CRS) -> bool:
    return bool(crs.is_projected) and crs.linear_units.lower() in {"metre", "meter", "m"}


def target_grid(file: DatasetReader, epsg: int, cell_m: float) -> Grid:
    """Whole cells of `cell_m` around the file's ground; its own grid where that fits."""
    from rasterio.warp import calculate_default_transform

    own = file.transform
    square = own.b == own.d == 0 and abs(own.a + own.e) < SAME * abs(own.a)
    if file.crs.to_epsg() == epsg and square and abs(own.a - cell_m) < SAME * cell_m:
        return Grid(epsg, own.c, own.f, cell_m, file.height, file.width)
    transform, width, height = calculate_default_transform(
        file.crs, f"EPSG:{epsg}", file.width, file.height, *file.bounds, resolution=cell_m
    )
    west, north = (np.floor(transform.c / cell_m), np.ceil(transform.f / cell_m))
    return Grid(epsg, float(west * cell_m), float(north * cell_m), cell_m, height + 1, width + 1)


def warped(file: DatasetReader, grid: Grid, *, classes: bool = False) -> NDArray[np.float32]:
    """The band on the grid; NaN where it knows nothing. Classes are never averaged."""
    from rasterio.transform import Affine
    from rasterio.warp import Resampling, reproject

    values = known(file)
    crs, own = f"EPSG:{grid.epsg}", Grid(grid.epsg, 0, 0, grid.cell_m, *values.shape)
    if is_same(shape_of(file), Shape(crs, grid.transform, *own.shape)) and own.shape == grid.shape:
        return values
    coarser = _cell_m_of(file) < 0.75 * grid.cell_m
    out = np.full(grid.shape, np.nan, np.float32)
    how = Resampling.average if coarser else Resampling.bilinear
    reproject(
        values,
        out,
        src_transform=file.transform,
        src_crs=file.crs,
        src_nodata=np.nan,
        dst_transform=Affine(*grid.transform),
        dst_crs=crs,
        dst_nodata=np.nan,
        resampling=Resampling.nearest if classes else how,
    )
    return out


def known(file: DatasetReader) -> NDArray[np.float32]:
    """The band with everything that is no value as NaN."""
    raw: NDArray[Any] = file.read(1)
    values = raw.astype(np.float32)
    values[file.read_masks(1) == 0] = np.nan
    for sentinel in SENTINELS:
        values[values == np.float32(sentinel)] = np.nan
    values[~np.isfinite(values)] = np.nan
    return values


def _cell_m_of(file: DatasetReader) -> float:
    """About how wide a cell is on the ground."""
    size = float(abs(file.transform.a))
    if file.crs.is_geographic:
        middle = (file.bounds.top + file.bounds.bottom) / 2
        return size * METRES_A_DEGREE * float(np.cos(np.radians(middle)))
    return size * float(file.crs.linear_units_factor[1])
