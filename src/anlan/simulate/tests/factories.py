"""A small valley with a sag, its gauges, and areas on it."""

from datetime import UTC, datetime, timedelta

import numpy as np

from anlan.base import clock
from anlan.observe.models import Flag, Reading, Series, Station
from anlan.people.models import Account
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.ground.grid import Grid
from anlan.simulate.ground.rasters import write_raster
from anlan.simulate.models import Area, Terrain

NOON = datetime(2026, 7, 3, 4, tzinfo=UTC)
GRID = Grid(epsg=32650, west_m=757_900.0, north_m=3_222_000.0, cell_m=10.0, rows=60, cols=60)
SAG = slice(25, 35), slice(25, 35)  # an underpass, 1.5 m below its street


def valley(grid=GRID):
    """Ground that falls southwards by 2 in 1000, with a sag in its middle [m]."""
    rows = np.arange(grid.rows)[:, None] * grid.cell_m
    bed = np.broadcast_to(60.0 - 0.002 * rows, grid.shape).astype(np.float32)
    bed = bed.copy()
    bed[SAG] -= 1.5
    return bed


def terrain_in(region, data_dir, *, bed=None, grid=GRID, made_up=True, **layers):
    """A terrain with its files."""
    bed = valley(grid) if bed is None else bed
    terrain = Terrain.objects.create(
        name="城区",
        region=region,
        source="试验",
        made_up=made_up,
        **grid.as_dict(),
        folder=f"terrain/{region.code}",
        imported_at=NOON,
        imported_by=Account.objects.system(),
    )
    folder = data_dir / terrain.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in {"bed": bed, **layers}.items():
        terrain.layers[name] = write_raster(folder / f"{name}.tif", values, grid)
    terrain.save()
    return terrain


def area_in(region, data_dir, **fields):
    """A forecast area over all of a small terrain, one hour ahead."""
    terrain = fields.pop("terrain", None) or terrain_in(region, data_dir)
    given = {"name": "城区", "rows": GRID.rows, "cols": GRID.cols, "horizon_s": 3600}
    return Area.objects.create(region=region, terrain=terrain, **{**given, **fields})


def gauge_at(region, *, row=30, col=30, code="R1", quantity="rain_5min", interval_s=300):
    lon, lat = GRID.lonlat(row, col)
    station, _made = Station.objects.get_or_create(
        code=code, defaults={"name": code, "kind": "rain", "region": region, "lon": lon, "lat": lat}
    )
    return Series.objects.create(
        station=station, quantity=quantity, unit="mm", interval_s=interval_s
    )


def rain(series, values, *, until=NOON, flag=Flag.GOOD, every_s=300):
    """Readings of a series, the last at `until`."""
    first = until - timedelta(seconds=every_s * (len(values) - 1))
    Reading.objects.bulk_create(
        Reading(
            at_ms=clock.to_epoch_ms(first + timedelta(seconds=every_s * n)),
            series_id=series.pk,
            value=value,
            flag=flag,
        )
        for n, value in enumerate(values)
    )


def a_city(data_dir, **fields):
    """A county with an area and one gauge in 40 mm/h for the last hour."""
    county = RegionFactory(level=3)
    area = area_in(county, data_dir, **fields)
    rain(gauge_at(county), [40 / 12] * 12)
    return area
