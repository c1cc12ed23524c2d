"""The last step of a run: what will stand in water, and what is said about each gauge.

Written before the run is done, so that whoever hears that it is done finds them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.timezone import localdate
from numpy.typing import NDArray

from anlan.base.events import leave_room

from ..ground.rasters import read_raster
from ..ground.terrain_files import terrain_folder
from ..models import Area, Hit, PointForecast, Run
from ..results.files import RunResult, open_run
from . import exposure, subjects
from .cells import Spots, along, around, extents
from .exposure import Depths, Facts

GAUGE_M = 15.0  # a gauge stands where the water does; its position is good to so much
AT_ONCE = 500


@dataclass
class Found:
    hits: list[Hit] = field(default_factory=list)
    points: list[PointForecast] = field(default_factory=list)


def find_hits(run: Run) -> Found:
    """Hold the run's water against what lies in its area. Reads its files, writes nothing."""
    result = open_run(run)
    grid, frames = result.grid, len(result.times_s)
    sites, roads = subjects.sites_on(grid), subjects.roads_on(grid)
    gauges = subjects.gauges_on(grid)
    spots = [
        around(grid, sites.x_m, sites.y_m, sites.radius_m),
        along(grid, roads.lines),
        around(grid, gauges.x_m, gauges.y_m, np.full(len(gauges.series), GAUGE_M)),
    ]
    at_sites, on_roads, at_gauges = exposure.series_at(frames, result.depth_cm, spots)
    hazard = _hazard(result)
    found = Found()
    found.hits += _on_sites(run, result, sites, spots[0], at_sites, hazard)
    found.hits += _on_roads(run, result, roads, spots[1], on_roads, hazard)
    found.hits += _on_grids(run, result)
    found.points = [
        PointForecast(run=run, series_id=pk, depths_m=[cm / 100 for cm in at_gauges[:, n].tolist()])
        for n, pk in enumerate(gauges.series)
        if spots[2].start[n + 1] > spots[2].start[n]
    ]
    return found


def write_hits(run: Run, found: Found) -> None:
    """Some hundred rows at a time: the database stays free for the readings' writer."""
    run.hits.all().delete()
    run.points.all().delete()
    _keep(Hit.objects.bulk_create, found.hits)
    _keep(PointForecast.objects.bulk_create, found.points)


def _keep(create: Callable[[list[Any]], object], rows: Sequence[Any]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        began = time.monotonic()
        with transaction.atomic():
            create(list(rows[start : start + AT_ONCE]))
        leave_room(time.monotonic() - began)


def _hazard(result: RunResult) -> NDArray[np.float64] | None:
    if not result.has("max_hazard"):
        return None
    return np.asarray(np.nan_to_num(result.max_hazard_m2_s()), float)


def _on_sites(
    run: Run,
    result: RunResult,
    sites: subjects.SitesOn,
    spots: Spots,
    series: Depths,
    hazard: NDArray[np.float64] | None,
) -> Iterable[Hit]:
    facts = exposure.facts_of(series, result.times_s)
    worst = None if hazard is None else spots.deepest(hazard)
    for n in np.flatnonzero(facts.hit).tolist():
        yield _hit(
            run,
            facts,
            n,
            region_id=sites.region[n],
            site_id=sites.pk[n],
            lon=float(sites.lon[n]),
            lat=float(sites.lat[n]),
            depths_cm=series[:, n].tolist(),
            max_hazard_m2_s=None if worst is None else round(float(worst[n]), 3),
        )


def _on_roads(
    run: Run,
    result: RunResult,
    roads: subjects.RoadsOn,
    spots: Spots,
    series: Depths,
    hazard: NDArray[np.float64] | None,
) -> Iterable[Hit]:
    facts = exposure.facts_of(series, result.times_s)
    worst = None if hazard is None else spots.deepest(hazard)
    hit = np.flatnonzero(facts.hit).tolist()
    if not hit:
        return
    deepest = np.nan_to_num(result.max_depth_m(), nan=-1.0)
    cells = [spots.deepest_cell(deepest, n) for n in hit]
    lon, lat = result.grid.lonlat(*np.divmod(np.array(cells), result.grid.cols))
    for k, n in enumerate(hit):
        yield _hit(
            run,
            facts,
            n,
            region_id=roads.region[n],
            road_code=roads.code[n],
            road_name=roads.name[n],
            lon=round(float(lon[k]), 6),
            lat=round(float(lat[k]), 6),
            depths_cm=series[:, n].tolist(),
            max_hazard_m2_s=None if worst is None else round(float(worst[n]), 3),
        )


def _on_grids(run: Run, result: RunResult) -> Iterable[Hit]:
    region = run.area.region
    grids = subjects.grids_on(result.grid, top=region.path, on=localdate(run.base_at))
    if not grids.region:
        return
    ground = extents(
        result.grid, grids.x_m, grids.y_m, grids.outline, reach_m=subjects.GRID_REACH_M
    )
    built = _built(run)
    ground = ground if built is None else ground.without(built)
    wet = exposure.wet_ground(len(result.times_s), result.depth_cm, ground)
    facts = exposure.facts_of(wet.series_cm, result.times_s)
    people = np.rint(grids.people * wet.share)
    counts = facts.hit & ((wet.share >= exposure.LEAST_SHARE) | (people >= 1))
    for n in np.flatnonzero(counts).tolist():
        yield _hit(
            run,
            facts,
            n,
            region_id=grids.region[n],
            lon=float(grids.lon[n]),
            lat=float(grids.lat[n]),
            people=int(people[n]),
        )


def _built(run: Run) -> NDArray[np.bool_] | None:
    """Where buildings stand, if the terrain knows."""
    area, terrain = run.area, run.area.terrain
    if "blocked" not in terrain.layers:
        return None
    window = (area.first_row, area.first_col, area.rows, area.cols)
    return np.asarray(read_raster(terrain_folder(terrain) / "blocked.tif", window) > 0.5)


def _hit(run: Run, facts: Facts, n: int, **more: Any) -> Hit:
    deep_s = float(facts.deep_s[n])
    return Hit(
        run=run,
        first_at=run.base_at + timedelta(seconds=round(float(facts.first_s[n]))),
        deep_at=None if math.isnan(deep_s) else run.base_at + timedelta(seconds=round(deep_s)),
        max_at=run.base_at + timedelta(seconds=float(facts.max_s[n])),
        max_depth_m=int(facts.max_cm[n]) / 100,
        duration_s=round(float(facts.duration_s[n])),
        **more,
    )


def first_passing(hit: Hit, times_s: Sequence[float], threshold_m: float) -> float | None:
    """Seconds after its base when a run says that the water passes a depth at a place."""
    series = np.array(hit.depths_cm, float)[:, None]
    if not series.size:
        return None
    at = exposure.passing(series, np.asarray(times_s[: len(series)], float), threshold_m * 100)
    return None if math.isnan(at[0]) else float(at[0])


def hit_sites(*, kind: str, at: datetime) -> set[int]:
    """Sites of a kind that the last good forecasts say stand in water now or will.

    For machinery: it asks for no actor. A forecast whose time is over says nothing.
    """
    found: set[int] = set()
    for area in Area.objects.enabled():
        runs = Run.objects.forecasts().done().filter(area=area, exercise=False, base_at__lte=at)
        run = runs.order_by("-base_at").first()
        if run is None or at > run.base_at + timedelta(seconds=run.horizon_s):
            continue
        for hit in run.hits.on_sites().filter(site__kind=kind):
            over = hit.first_at + timedelta(seconds=hit.duration_s)
            if hit.site_id is not None and over > at:
                found.add(hit.site_id)
    return found
