"""Ground for the city's middle. All made up, and said so on every map of it.

A valley that falls to a river in the west, streets and buildings where the city is dense, and at
every ponding spot a sag that holds what `city.catchments` says it holds: V = k d². So the gauges
of the storm and the forecast speak of the same places.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.simulate.ground.grid import Grid, project
from anlan.simulate.ground.importing import Sources
from anlan.simulate.ground.rasters import write_raster

from .city import SEED, City, SiteSpec, catchments

Field = NDArray[np.float64]

EPSG, CELL_M, SIZE = 32650, 10.0, 1024  # cells a side: about 10 x 10 km
MIDDLE = (119.6459, 29.0841)  # lon, lat: 婺城 and 金东, either side of the river
NAME = "金华城区（生成地形）"
AREA, FACTOR = "金华城区", 4  # computed in cells of 40 m over the fine ground
SOURCE = "由固定种子生成的河谷城市，非实测地形"
VALLEY_M, FALL, SIDE = 36.0, 0.0008, 0.006  # river's height in the west; falls along, across
RIVER_M, RIVER_DEPTH_M = 70.0, 3.5
CORE_M = 3800.0  # about where the dense city ends
BLOCK_M, STREET_M, CURB_M = 240.0, 20.0, 0.15
BUILT = 0.55  # of plots in the middle
RIM_M = 1.6  # deeper than any storm has filled a sag
PLOT = 6  # cells a side
MOST_DRAIN_MM_H = 900.0
TOWN_DRAIN_MM_H, LAND_DRAIN_MM_H = 36.0, 24.0


def grid() -> Grid:
    x, y = project(EPSG, *MIDDLE)
    half = SIZE * CELL_M / 2
    west, north = (float(np.round(v / CELL_M) * CELL_M) for v in (x - half, y + half))
    return Grid(EPSG, west, north, CELL_M, SIZE, SIZE)


@dataclass
class Made:
    """The layers of the ground while they are made."""

    grid: Grid
    bed: Field
    manning: Field
    blocked: Field
    drain: Field


def make(city: City) -> Made:
    """The whole ground; the same call gives the same ground."""
    made = valley(grid())
    _streets(made)
    for site, area_m2, holds, drain_m3_s in spots(city, made.grid):
        _sag(made, site, area_m2, holds, drain_m3_s)
    return made


def spots(city: City, on: Grid) -> Iterator[tuple[SiteSpec, float, float, float]]:
    """Ponding sites on the grid: what drains to each [m2], what it holds [m3/m2], its drain."""
    sites = {site.code: site for site in city.sites}
    stations = [city.stations[n] for n in city.of_kind("ponding")]
    known = catchments(len(stations))
    for n, station in enumerate(stations):
        row, col = on.cells(station.lon, station.lat)
        if 30 < row < on.rows - 30 and 30 < col < on.cols - 30:
            area = float(known.area_ha[n]) * 10_000.0
            drain = float(known.drain_mm_h[n]) / 3.6e6 * area
            # Runs off: only so much of the catchment's rain, so only so much of its area.
            yield (
                sites[station.site],
                area * float(known.runoff[n]),
                float(known.sag_m3_m2[n]),
                drain,
            )


def write(city: City, folder: Path) -> Sources:
    """The layers as files, to be imported like any city's."""
    made = make(city)
    paths = {}
    for name in ("bed", "manning", "blocked", "drain"):
        paths[name] = folder / f"{name}.tif"
        values = np.asarray(getattr(made, name), np.float32)
        write_raster(paths[name], values, made.grid, note=SOURCE)
    return Sources(
        bed=paths["bed"],
        manning=str(paths["manning"]),
        drain=str(paths["drain"]),
        buildings=paths["blocked"],
    )


def valley(on: Grid) -> Made:
    """The bare ground, with half a mark in `blocked` where the dense city stands."""
    x, y = _axes(on)
    draw = np.random.default_rng(SEED + 20)
    river_y = 500.0 + 350.0 * np.sin(x / 1500.0) + 120.0 * np.sin(x / 430.0 + 1.0)
    off = np.abs(y[:, None] - river_y[None, :])
    along = VALLEY_M + FALL * (x - x.min())
    bed = along[None, :] + SIDE * np.maximum(off - RIVER_M, 0.0)
    bed += 0.35 * _smooth(draw.standard_normal(on.shape), 40)
    inside = np.clip(1.0 - off / RIVER_M, 0.0, 1.0)
    bed -= RIVER_DEPTH_M * np.minimum(1.0, 2.0 * inside)
    water = off < RIVER_M
    ragged = 700.0 * _smooth(draw.standard_normal(on.shape), 60)
    dense = (np.hypot(x[None, :], y[:, None]) + ragged < CORE_M) & (off > 2 * RIVER_M)
    manning = np.where(water, 0.03, np.where(dense, 0.025, 0.06))
    drain = np.where(water, 0.0, np.where(dense, TOWN_DRAIN_MM_H, LAND_DRAIN_MM_H))
    return Made(on, bed, manning, np.where(dense, 0.5, 0.0), drain)


def _streets(made: Made) -> None:
    """A grid of streets a curb lower than its blocks; houses on some plots of each block."""
    dense = made.blocked > 0
    rows, cols = made.grid.shape
    block, street = round(BLOCK_M / CELL_M), round(STREET_M / CELL_M)
    row, col = np.arange(rows) % block, np.arange(cols) % block
    on_street = (row < street)[:, None] | (col < street)[None, :]
    made.bed -= np.where(dense & on_street, CURB_M, 0.0)
    draw = np.random.default_rng(SEED + 21)
    built = np.kron(
        draw.random((rows // PLOT + 1, cols // PLOT + 1)) < BUILT, np.ones((PLOT, PLOT))
    )
    # A gap of one cell between houses lets the water through.
    gap = (np.arange(rows) % PLOT == 0)[:, None] | (np.arange(cols) % PLOT == 0)[None, :]
    made.blocked = (built[:rows, :cols] > 0) & dense & ~on_street & ~gap


def _sag(made: Made, site: SiteSpec, area_m2: float, holds: float, drain_m3_s: float) -> None:
    """A round basin of its own with the sag in its middle, cut off from the ground around it."""
    row, col = (int(v) for v in made.grid.cells(site.lon, site.lat))
    rows, cols = np.ogrid[: made.grid.rows, : made.grid.cols]
    away = np.hypot(rows - row, cols - col)
    cell_m2 = CELL_M**2
    count = max(round(area_m2 / cell_m2), 40)
    near = np.argsort(away, axis=None, kind="stable")[: count + round(4 * np.sqrt(count))]
    inside, ring = near[:count], near[count:]
    street = float(np.median(made.bed.ravel()[ring]))
    # The area under water grows as 2 k d, so the n-th cell is flooded at a depth of n a / 2 k.
    # The site's own cell is its lowest point, where the sensor is.
    depth_at = (np.arange(count) + 0.5) * cell_m2 / (2.0 * holds)
    depth_at[0] = 0.0
    slope = np.minimum(depth_at, RIM_M) - RIM_M
    bed, flat = made.bed.ravel(), np.arange(count)
    bed[inside] = street + slope + 0.004 * np.maximum(flat - flat[depth_at < RIM_M].size, 0) ** 0.5
    bed[ring] = np.maximum(bed[ring], bed[inside].max() + 0.3)
    made.blocked.ravel()[near] = False
    made.manning.ravel()[near] = 0.05
    _drain(made, inside, drain_m3_s)


def _drain(made: Made, inside: NDArray[np.int64], drain_m3_s: float) -> None:
    """Gullies at the deepest cells take what the site's drains take."""
    rate = drain_m3_s / CELL_M**2 * 3.6e6  # mm/h if one cell took it all
    cells = int(np.ceil(rate / MOST_DRAIN_MM_H))
    drain = made.drain.ravel()
    drain[inside] = 0.0
    drain[inside[:cells]] = rate / cells


def _axes(on: Grid) -> tuple[NDArray[Any], NDArray[Any]]:
    """Metres east and north of the middle."""
    half = SIZE * CELL_M / 2
    x = (np.arange(on.cols) + 0.5) * CELL_M - half
    return x, half - (np.arange(on.rows) + 0.5) * CELL_M


def _smooth(noise: Field, cells: int) -> Field:
    """Noise without anything shorter than so many cells, of spread 1."""
    rows, cols = noise.shape
    part = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None, :])
    made = np.fft.irfft2(np.fft.rfft2(noise) * np.exp(-((part * cells) ** 2)), s=noise.shape)
    return np.asarray(made / made.std())
