"""Rasters on disk: cloud-optimised GeoTIFF, written whole or not at all, known by their hash."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .grid import Grid

Array = NDArray[Any]
_CHUNK = 1 << 20


def write_raster(path: Path, values: Array, grid: Grid, *, unit: str = "", note: str = "") -> str:
    """One band as a cloud-optimised GeoTIFF; returns the file's SHA-256. NaN is no data."""
    import rasterio
    from rasterio.transform import Affine

    real = np.issubdtype(values.dtype, np.floating)
    part = path.with_name(f".{path.name}.part")
    with rasterio.open(
        part,
        "w",
        driver="COG",
        height=grid.rows,
        width=grid.cols,
        count=1,
        dtype=values.dtype,
        crs=f"EPSG:{grid.epsg}" if grid.epsg else None,
        transform=Affine(*grid.transform),
        nodata=np.nan if real else None,
        compress="DEFLATE",
        predictor="YES",
        overviews="AUTO",
    ) as file:
        file.write(values, 1)
        file.units = (unit,)
        if note:
            file.update_tags(TIFFTAG_IMAGEDESCRIPTION=note)
    part.replace(path)
    return sha256(path)


def read_raster(path: Path, window: tuple[int, int, int, int] | None = None) -> Array:
    """The band, or its window (first row, first column, rows, columns)."""
    import rasterio
    from rasterio.windows import Window

    with rasterio.open(path) as file:
        if window is None:
            return np.asarray(file.read(1))
        row, col, rows, cols = window
        return np.asarray(file.read(1, window=Window(col, row, cols, rows)))


def sha256(path: Path) -> str:
    """Of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            found.update(part)
    return found.hexdigest()
