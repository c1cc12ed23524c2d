"""From a finished computation to rows: which places it hits, and what it says of gauges."""

from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from anlan.observe.tests.factories import SeriesFactory, StationFactory
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.models import Outline, Population
from anlan.places.tests.factories import RegionFactory, RoadFactory, SiteFactory
from anlan.simulate.ground.grid import unproject
from anlan.simulate.hits import rows as hits
from anlan.simulate.hits import subjects
from anlan.simulate.hits.rows import find_hits, first_passing, write_hits
from anlan.simulate.models import Hit, PointForecast, Run
from anlan.simulate.results.files import run_folder, writing
from anlan.simulate.runs import runner
from anlan.simulate.services.runs import request_run

from .factories import GRID, NOON, SAG, a_city, area_in, terrain_in

pytestmark = pytest.mark.django_db
DEEP = 0.40  # m, in the sag from the third frame on


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def county():
    return RegionFactory(level=3)


@pytest.fixture
def village(county):
    return RegionFactory(parent=RegionFactory(parent=county), lon=lonlat(30, 30)[0],
                         lat=lonlat(30, 30)[1])  # fmt: skip


def lonlat(row, col):
    lon, lat = GRID.lonlat(row, col)
    return float(lon), float(lat)


def place(row, col):
    lon, lat = lonlat(row, col)
    return {"lon": lon, "lat": lat}


def flooded(area, depth_m=DEEP):
    """A run with files in which only the sag fills: 0, 0, 0.4, 0.4, 0.2 m."""
    run = Run.objects.create(
        area=area,
        base_at=NOON,
        horizon_s=2400,
        frame_s=600,
        requested_at=NOON,
        requested_by=Account.objects.system(),
    )
    frames = np.zeros((5, *GRID.shape), np.float32)
    frames[(slice(2, 4), *SAG)] = depth_m
    frames[(4, *SAG)] = depth_m / 2
    with writing(run_folder(run), grid=GRID, base_at=NOON, made_up=True) as files:
        files.frames([600.0 * n for n in range(5)])
        for n, frame in enumerate(frames):
            files.frame(n, frame)
        files.field("max_depth", frames.max(axis=0))
        files.field("max_hazard", frames.max(axis=0) * 0.5)
    return run


def line(*cells):
    return shapely.to_wkb(shapely.LineString([lonlat(*cell) for cell in cells]))


def test_the_underpass_in_the_sag_is_hit_and_nothing_else(county, village, data_dir):
    area = area_in(county, data_dir)
    under = SiteFactory(region=village, kind="underpass", **place(30, 30))
    SiteFactory(region=village, kind="underpass", **place(50, 50))
    SiteFactory(region=village, kind="underpass", **place(200, 30))  # off the grid
    school = SiteFactory(region=village, kind="school", **place(30, 36))  # 20 m from the water
    SiteFactory(region=village, kind="flood_point", **place(30, 36))  # that is more than 15 m
    SiteFactory(region=village, kind="underpass", closed_on=date(2026, 1, 1), **place(30, 30))

    found = find_hits(flooded(area))
    rows = {hit.site_id: hit for hit in found.hits if hit.site_id}

    assert set(rows) == {under.pk, school.pk}
    hit = rows[under.pk]
    # From 0 to 40 cm between 600 and 1,200 s: 15 cm at 825 s, 30 cm at 1,050 s; over until the end.
    assert hit.first_at == NOON + timedelta(seconds=825)
    assert hit.deep_at == NOON + timedelta(seconds=1050)
    assert hit.max_at == NOON + timedelta(seconds=1200)
    assert (hit.max_depth_m, hit.duration_s) == (0.40, 2400 - 825)
    assert (hit.depths_cm, hit.max_hazard_m2_s) == ([0, 0, 40, 40, 20], 0.2)
    assert hit.region_id == village.pk
    assert first_passing(hit, [0, 600, 1200, 1800, 2400], 0.27) == pytest.approx(1005)
    assert first_passing(hit, [0, 600, 1200, 1800, 2400], 0.41) is None


def test_roads_are_hit_where_they_are_deepest_and_bridges_never(county, village, data_dir):
    area = area_in(county, data_dir)
    RoadFactory(code="A", name="人民路", region=village, wkb=line((30, 5), (30, 55)))
    RoadFactory(code="B", region=village, wkb=line((50, 5), (50, 55)))
    RoadFactory(code="C", region=village, wkb=line((30, 5), (30, 55)), elevated=True)

    (hit,) = [hit for hit in find_hits(flooded(area)).hits if hit.road_code]

    assert (hit.road_code, hit.road_name) == ("A", "人民路")
    row, col = GRID.cells(hit.lon, hit.lat)
    assert row == 30
    assert 25 <= col < 35
    assert hit.depths_cm == [0, 0, 40, 40, 20]


def test_people_are_counted_where_their_ground_is_wet(county, village, data_dir):
    area = area_in(county, data_dir)
    grid = RegionFactory(level=6, parent=village, **place(30, 30))
    far = RegionFactory(level=6, parent=village, **place(5, 5))
    x, y = GRID.xy_m(np.array([20, 40]), np.array([20, 40]))
    west, south, east, north = x[0] - 5, y[1] - 5, x[1] - 5, y[0] - 5
    corners = unproject(GRID.epsg, [west, east, east, west], [south, south, north, north])
    square = shapely.Polygon(np.column_stack(corners))  # 20 x 20 cells, 100 of them in the sag
    Outline.objects.create(region=grid, wkb=shapely.to_wkb(square), source="测试")
    Population.objects.create(region=grid, people=400, counted_on=date(2025, 1, 1), source="测试")
    Population.objects.create(
        region=village, people=900, counted_on=date(2025, 1, 1), source="测试"
    )

    (hit,) = [hit for hit in find_hits(flooded(area)).hits if not (hit.site_id or hit.road_code)]

    assert hit.region_id == grid.pk
    assert hit.people == pytest.approx(100, abs=2)
    assert hit.first_at == NOON + timedelta(seconds=825)
    # What the village has beyond this grid's count lives in its other one.
    known = subjects.grids_on(GRID, top=county.path, on=date(2026, 7, 3))
    assert dict(zip(known.region, known.people, strict=True)) == {grid.pk: 400, far.pk: 500}


def test_built_ground_is_left_out_of_the_share_that_is_wet(county, village, data_dir):
    """Within 500 m of the grid's point lie 7,845 cells, 3,600 of them on the terrain.

    Where all of those but the sag are buildings, 100 of 4,345 open cells are wet.
    """
    blocked = np.ones(GRID.shape, np.float32)
    blocked[SAG] = 0
    area = area_in(county, data_dir, terrain=terrain_in(county, data_dir, blocked=blocked))
    grid = RegionFactory(level=6, parent=village, **place(30, 30))
    Population.objects.create(region=grid, people=4000, counted_on=date(2025, 1, 1), source="测试")
    (hit,) = find_hits(flooded(area)).hits
    assert hit.people == pytest.approx(4000 * 100 / 4345, abs=1)


def test_what_is_said_of_a_gauge_is_kept_for_its_score(county, village, data_dir):
    area = area_in(county, data_dir)
    station = StationFactory(region=village, kind="ponding", **place(30, 30))
    series = SeriesFactory(station=station, quantity="ponding_depth")
    SeriesFactory(station=station, quantity="battery")
    far = StationFactory(region=village, kind="ponding", lon=100.0, lat=10.0)
    SeriesFactory(station=far, quantity="ponding_depth")

    (point,) = find_hits(flooded(area)).points

    assert point.series_id == series.pk
    assert point.depths_m == [0, 0, 0.4, 0.4, 0.2]


def test_a_dry_run_hits_nothing_and_writing_twice_is_once(county, village, data_dir):
    area = area_in(county, data_dir)
    SiteFactory(region=village, kind="underpass", **place(30, 30))
    assert find_hits(flooded(area, depth_m=0.14)).hits == []
    Run.objects.all().delete()
    run = flooded(area)
    for _again in range(2):
        write_hits(run, find_hits(run))
    assert Hit.objects.on_sites().count() == 1


def test_a_run_is_done_only_when_its_hits_are_there(data_dir, monkeypatch):
    area = a_city(data_dir)
    village = RegionFactory(parent=RegionFactory(parent=area.region))
    site = SiteFactory(region=village, kind="underpass", **place(30, 30))
    series = SeriesFactory(
        station=StationFactory(region=village, **place(30, 30)), quantity="ponding_depth"
    )
    request_run(area=area, by=Account.objects.system(), at=NOON)
    run = runner.take_next()
    runner.compute(run, runner.Pulse(run))

    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert Hit.objects.get(run=run, site=site).max_depth_m > 0.15
    assert PointForecast.objects.get(run=run).series == series
    mine = Hit.objects.within(account_in(village, "simulate.view").regions_for("simulate.view"))
    assert mine.count() == 1
    stranger = account_in(RegionFactory(level=3), "simulate.view")
    assert not Hit.objects.within(stranger.regions_for("simulate.view")).exists()

    # Where the hits cannot be found the run has failed, and says so.
    request_run(area=area, by=Account.objects.system(), at=NOON + timedelta(minutes=10))
    monkeypatch.setattr(hits, "find_hits", lambda run: 1 / 0)
    run = runner.take_next()
    runner.compute(run, runner.Pulse(run))
    run.refresh_from_db()
    assert (run.state, run.error["code"]) == (Run.State.FAILED, "simulate.failed")


def test_another_process_s_run_is_left_alone(county, village, data_dir):
    area = area_in(county, data_dir)
    SiteFactory(region=village, kind="underpass", **place(30, 30))
    run = flooded(area)
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, attempts=2)
    with pytest.raises(runner.flood.Stopped):
        runner._find_hits(run)
    assert not Hit.objects.exists()
