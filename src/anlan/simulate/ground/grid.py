"""Where a raster lies on the ground: rows southwards, columns eastwards, in a projected CRS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from pyproj import Transformer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LonLat = tuple[float, float]
WGS84 = 4326


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells of `cell_m`; `west_m` and `north_m` are the outer corner of the first."""

    epsg: int
    west_m: float
    north_m: float
    cell_m: float
    rows: int
    cols: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer edges [m]."""
        east = self.west_m + self.cols * self.cell_m
        return self.west_m, self.north_m - self.rows * self.cell_m, east, self.north_m

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """As GDAL and affine have it: x = a col + b row + c, y = d col + e row + f."""
        return self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m

    def crop(self, first_row: int, first_col: int, rows: int, cols: int) -> Grid:
        """A window of it."""
        return replace(
            self,
            west_m=self.west_m + first_col * self.cell_m,
            north_m=self.north_m - first_row * self.cell_m,
            rows=rows,
            cols=cols,
        )

    def widened(self, factor: int) -> Grid:
        """The same ground in cells `factor` times as wide; the last ones may reach over it."""
        return replace(
            self,
            cell_m=self.cell_m * factor,
            rows=-(-self.rows // factor),
            cols=-(-self.cols // factor),
        )

    def xy_m(self, rows: ArrayLike, cols: ArrayLike) -> tuple[Floats, Floats]:
        """Middles of cells [m]."""
        x = self.west_m + (np.asarray(cols, float) + 0.5) * self.cell_m
        return x, self.north_m - (np.asarray(rows, float) + 0.5) * self.cell_m

    def cells(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Ints, Ints]:
        """Rows and columns of positions in WGS 84; outside the grid they are out of range."""
        x, y = project(self.epsg, lon, lat)
        col = np.floor((x - self.west_m) / self.cell_m)
        row = np.floor((self.north_m - y) / self.cell_m)
        return row.astype(np.int64), col.astype(np.int64)

    def holds(self, rows: ArrayLike, cols: ArrayLike) -> NDArray[np.bool_]:
        """Which of these cells lie in the grid."""
        r, c = np.asarray(rows), np.asarray(cols)
        return np.asarray((r >= 0) & (r < self.rows) & (c >= 0) & (c < self.cols))

    def lonlat(self, rows: ArrayLike, cols: ArrayLike) -> tuple[Floats, Floats]:
        """Middles of cells in WGS 84."""
        return unproject(self.epsg, *self.xy_m(rows, cols))

    @property
    def corners(self) -> tuple[LonLat, LonLat, LonLat, LonLat]:
        """Outer corners in WGS 84: north-west, north-east, south-east, south-west."""
        west, south, east, north = self.bounds_m
        lon, lat = unproject(self.epsg, [west, east, east, west], [north, north, south, south])
        first, second, third, fourth = zip(lon.tolist(), lat.tolist(), strict=True)
        return first, second, third, fourth

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def project(epsg: int, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """WGS 84 to metres of a projected CRS."""
    x, y = _transformer(WGS84, epsg).transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.asarray(x, float), np.asarray(y, float)


def unproject(epsg: int, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
    """Metres of a projected CRS to WGS 84."""
    lon, lat = _transformer(epsg, WGS84).transform(np.asarray(x_m, float), np.asarray(y_m, float))
    return np.asarray(lon, float), np.asarray(lat, float)


def utm_zone(lon: float, lat: float) -> int:
    """EPSG code of the UTM zone of a position (WGS 84)."""
    zone = int((lon + 180.0) // 6.0) % 60 + 1
    return (32600 if lat >= 0 else 32700) + zone


@lru_cache(maxsize=32)
def _transformer(source: int, target: int) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
