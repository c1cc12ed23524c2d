"""A small forecast with its files: a pond that grows in the middle of two neighbouring counties."""

from datetime import UTC, datetime, timedelta

import numpy as np
import shapely

from anlan.people.models import Account
from anlan.places.models import Outline
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.ground.grid import Grid, project, unproject, utm_zone
from anlan.simulate.models import Area, Run, Terrain
from anlan.simulate.results.files import run_folder, writing

NOON = datetime(2026, 7, 3, 4, tzinfo=UTC)
LON, LAT = 119.65, 29.1
ROWS, COLS, CELL_M = 40, 60, 20.0


def grid_around(lon=LON, lat=LAT, rows=ROWS, cols=COLS, cell_m=CELL_M):
    epsg = utm_zone(lon, lat)
    x, y = project(epsg, lon, lat)
    return Grid(
        epsg, float(x) - cols * cell_m / 2, float(y) + rows * cell_m / 2, cell_m, rows, cols
    )


def outlined(region, west, east):
    """Give a region the outline between two longitudes, and half a degree up and down."""
    box = shapely.box(west, LAT - 0.5, east, LAT + 0.5)
    Outline.objects.create(region=region, wkb=shapely.to_wkb(box), source="test")
    region.lon, region.lat = (west + east) / 2, LAT
    region.save()
    return region


def city_of_two():
    """A city with a western and an eastern county that meet at LON."""
    city = RegionFactory(level=2)
    west = outlined(RegionFactory(parent=city, name="西县"), LON - 0.5, LON)
    east = outlined(RegionFactory(parent=city, name="东县"), LON, LON + 0.5)
    return city, west, east


def pond_area_in(region, grid=None, **fields):
    grid = grid or grid_around()
    terrain = Terrain.objects.create(
        name="地形", region=region, source="test", made_up=True, epsg=grid.epsg, cell_m=grid.cell_m,
        rows=grid.rows, cols=grid.cols, west_m=grid.west_m, north_m=grid.north_m,
        folder=f"simulate/terrain/{region.pk}", imported_at=NOON,
        imported_by=Account.objects.system(),
    )  # fmt: skip
    fields = {"name": "城区", "rows": grid.rows, "cols": grid.cols} | fields
    return Area.objects.create(region=region, terrain=terrain, **fields)


def pond_in(area, *, base_at=NOON, state=Run.State.DONE, frames=4, **fields):
    """A run of `area`; where it is done, with its files."""
    frame_s = 600
    run = Run.objects.create(
        area=area, state=state, base_at=base_at, requested_at=base_at, frame_s=frame_s,
        horizon_s=frame_s * (frames - 1), requested_by=Account.objects.system(),
        finished_at=base_at + timedelta(seconds=40), **fields,
    )  # fmt: skip
    if state == Run.State.DONE:
        write_pond(run)
    return run


def write_pond(run, deepest_m=1.2):
    """Dry at first, then a cone of water across the border whose middle reaches `deepest_m`."""
    grid = run.area.grid
    row, col = np.mgrid[: grid.rows, : grid.cols]
    far = np.hypot(row - grid.rows / 2, col - grid.cols / 2)
    cone = np.clip(deepest_m * (1 - far / (grid.rows / 2)), 0, None)
    times = [float(n * run.frame_s) for n in range(run.frames)]
    with writing(run_folder(run), grid=grid, base_at=run.base_at, made_up=True) as writer:
        writer.frames(times)
        for n in range(run.frames):
            writer.frame(n, cone * n / (run.frames - 1))
        writer.field("max_depth", cone)


def position_of(grid, row, col):
    lon, lat = unproject(grid.epsg, *grid.xy_m(row, col))
    return float(lon), float(lat)
