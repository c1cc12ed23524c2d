"""Terrain from files: any CRS, voids, hollows, and everything that is refused with what to do."""

import json

import numpy as np
import pytest
import rasterio
from django.core.management import CommandError, call_command
from rasterio.transform import Affine, from_origin
from rasterio.warp import transform_bounds

from anlan.base.errors import NotAllowed, Refusal
from anlan.base.models import Event
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.simulate import queries
from anlan.simulate.ground import estimate, keeping
from anlan.simulate.ground.importing import Sources, prepare
from anlan.simulate.ground.terrain_files import read_ground
from anlan.simulate.models import Terrain
from anlan.simulate.services.areas import make_area, switch_area
from anlan.simulate.services.terrains import save_terrain

from .factories import GRID, NOON, SAG, valley


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


def write(path, values, *, crs="EPSG:32650", transform=None, nodata=None):
    values = np.asarray(values)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=transform or Affine(*GRID.transform),
        nodata=nodata,
    ) as file:
        file.write(values, 1)
    return path


@pytest.fixture
def bed(tmp_path):
    return write(tmp_path / "bed.tif", valley())


def code_of(call, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    assert refused.value.message
    return refused.value.code


def test_a_terrain_on_its_own_grid_is_taken_to_the_last_bit(bed):
    made = prepare(Sources(bed), cell_m=10.0)

    assert made.grid == GRID
    np.testing.assert_array_equal(made.layers["bed"], valley())
    assert made.report["hollows"] == 1
    assert made.report["worst"][0]["depth_m"] == pytest.approx(1.5, abs=0.05)
    lon, lat = made.report["worst"][0]["lon"], made.report["worst"][0]["lat"]
    row, col = GRID.cells(lon, lat)
    assert SAG[0].start <= row < SAG[0].stop
    assert SAG[1].start <= col < SAG[1].stop


def test_degrees_and_national_metres_come_out_in_the_same_place(tmp_path):
    """A plane of known heights, stored in three CRS, keeps its heights where they are."""
    lon, lat = np.linspace(119.64, 119.66, 201), np.linspace(29.11, 29.09, 201)
    plane = 100 * (lon[None, :] - 119.64) + 200 * (lat[:, None] - 29.09)
    step = 0.02 / 200
    degrees = write(
        tmp_path / "wgs84.tif",
        plane.astype(np.float32),
        crs="EPSG:4490",  # CGCS2000 in degrees
        transform=from_origin(119.64 - step / 2, 29.11 + step / 2, step, step),
    )

    made = prepare(Sources(degrees), cell_m=10.0)
    national = prepare(Sources(degrees), cell_m=10.0, epsg=4549)  # CGCS2000, 3 degrees, 120 E

    assert (made.grid.epsg, national.grid.epsg) == (32650, 4549)
    for found in (made, national):
        row, col = found.grid.cells([119.645, 119.655], [29.095, 29.105])
        np.testing.assert_allclose(found.layers["bed"][row, col], [1.5, 4.5], atol=0.02)


def test_small_voids_are_filled_large_ones_stay_outside_and_both_are_counted(tmp_path):
    ground = valley()
    ground[10:12, 10:13] = -9999  # a lost tile of six cells
    ground[40:55, 5:20] = -9999  # a lake of 225
    ground[0:4, :] = -9999  # beyond the survey
    made = prepare(Sources(write(tmp_path / "b.tif", ground)), cell_m=10.0)

    found = made.layers["bed"]
    assert made.report["void_cells"] == 6 + 225 + 240
    assert (made.report["filled_cells"], made.report["filled_voids"]) == (6, 1)
    assert made.report["outside_cells"] == 225 + 240
    np.testing.assert_allclose(found[10:12, 10:13], valley()[10:12, 10:13], atol=0.05)
    assert np.isnan(found[45, 10])


@pytest.mark.parametrize("epsg", [2234, 4326, 999999])
def test_a_crs_without_metres_is_refused(bed, epsg):
    found = code_of(prepare, Sources(bed), cell_m=10.0, epsg=epsg)
    assert found == ("simulate.crs" if epsg == 999999 else "simulate.crs_units")


def test_a_file_without_a_crs_is_refused(tmp_path):
    lost = write(tmp_path / "lost.tif", valley(), crs=None)
    assert code_of(prepare, Sources(lost), cell_m=10.0) == "simulate.no_crs"


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", from_origin(119, 500, 0.001, 0.001)),
        ("EPSG:4326", Affine(*GRID.transform)),  # metres, called degrees
        ("EPSG:32650", from_origin(9e9, 9e9, 10, 10)),
        ("EPSG:32650", from_origin(757_900, 3_222_000, 1e-12, 1e-12)),
        ("EPSG:32650", Affine.identity()),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_position_that_is_nowhere_is_refused(tmp_path, crs, transform):
    lost = write(tmp_path / "lost.tif", valley(), crs=crs, transform=transform)
    assert code_of(prepare, Sources(lost), cell_m=10.0) == "simulate.nowhere"


@pytest.mark.parametrize("epsg", [3857, 2193])  # web maps; New Zealand
def test_metres_that_are_not_metres_here_are_refused(bed, epsg):
    assert code_of(prepare, Sources(bed), cell_m=10.0, epsg=epsg) == "simulate.crs_stretched"


def test_a_file_in_the_metres_of_web_maps_comes_out_in_true_ones(tmp_path):
    """Both counties' edges of 600 m are there, and not 14 % more of them."""
    west, south, east, north = transform_bounds("EPSG:32650", "EPSG:3857", *GRID.bounds_m)
    web = Affine((east - west) / 60, 0, west, 0, (south - north) / 60, north)
    file = write(tmp_path / "web.tif", valley(), crs="EPSG:3857", transform=web)
    made = prepare(Sources(file), cell_m=10.0)
    assert made.grid.epsg == 32650
    assert 60 <= made.grid.rows <= 65  # a little turned; 14 % more would be 68


def test_a_picture_of_the_ground_is_no_ground(tmp_path):
    path = tmp_path / "photo.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=60, width=60, count=3, dtype="uint8",
        crs="EPSG:32650", transform=Affine(*GRID.transform),
    ) as file:  # fmt: skip
        file.write(np.full((3, 60, 60), 40, np.uint8))
    assert code_of(prepare, Sources(path), cell_m=10.0) == "simulate.bands"


def test_a_file_too_large_to_read_is_refused_however_wide_the_cells(bed, monkeypatch):
    monkeypatch.setattr(estimate, "free_bytes", lambda: 50_000)
    with pytest.raises(Refusal) as refused:
        prepare(Sources(bed), cell_m=100.0)
    assert refused.value.code == "simulate.memory"
    assert "60" in refused.value.message


def test_what_is_no_raster_is_refused(tmp_path):
    (tmp_path / "bed.tif").write_text("not a raster")
    assert code_of(prepare, Sources(tmp_path / "bed.tif"), cell_m=10.0) == "simulate.unreadable"
    assert code_of(prepare, Sources(tmp_path / "none.tif"), cell_m=10.0) == "simulate.unreadable"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (valley() * 1000, "simulate.height_range"),  # millimetres
        (np.full((20, 20), np.nan, np.float32), "simulate.empty_terrain"),
        (np.where(valley() > 59.9, -600, valley()).astype(np.float32), "simulate.height_range"),
    ],
)
def test_heights_that_are_none_are_refused(tmp_path, values, code):
    assert code_of(prepare, Sources(write(tmp_path / "b.tif", values)), cell_m=10.0) == code


def test_a_terrain_too_large_for_memory_is_refused_with_the_cell_that_fits(bed, monkeypatch):
    monkeypatch.setattr(estimate, "free_bytes", lambda: 60 * 900)
    with pytest.raises(Refusal) as refused:
        prepare(Sources(bed), cell_m=10.0)
    assert refused.value.code == "simulate.memory"
    assert "20 " in refused.value.hint  # a quarter of the cells


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "cover.toml"
    path.write_text("[1]\nmanning = 0.02\n[2]\nmanning = 0.06\nconductivity = 12\nsuction = 160\n")
    return path


def test_land_cover_becomes_roughness_and_soil(bed, tmp_path, table):
    codes = np.where(np.arange(60)[:, None] < 30, 1, 2) * np.ones((60, 60))
    cover = write(tmp_path / "cover.tif", codes.astype(np.uint8))

    layers = prepare(Sources(bed, landcover=cover, table=table), cell_m=10.0).layers

    assert (layers["manning"][0, 0], layers["manning"][59, 0]) == pytest.approx((0.02, 0.06))
    assert (layers["conductivity"][0, 0], layers["conductivity"][59, 0]) == (0, 12)


def test_land_cover_on_another_grid_is_refused_or_resampled_as_asked(bed, tmp_path, table):
    coarse = Affine(25, 0, GRID.west_m, 0, -25, GRID.north_m)
    codes = np.where(np.arange(24)[:, None] < 12, 1, 2) * np.ones((24, 24))
    cover = write(tmp_path / "cover.tif", codes.astype(np.uint8), transform=coarse)
    files = Sources(bed, landcover=cover, table=table)

    assert code_of(prepare, files, cell_m=10.0) == "simulate.other_grid"
    layers = prepare(files, cell_m=10.0, resample=True).layers
    # Classes are never averaged.
    assert np.unique(layers["manning"]).tolist() == pytest.approx([0.02, 0.06])


def test_a_class_that_the_table_does_not_know_is_named(bed, tmp_path, table):
    cover = write(tmp_path / "cover.tif", np.full((60, 60), 7, np.uint8))
    with pytest.raises(Refusal) as refused:
        prepare(Sources(bed, landcover=cover, table=table), cell_m=10.0)
    assert refused.value.code == "simulate.class_unknown"
    assert "7" in refused.value.message
    assert code_of(prepare, Sources(bed, landcover=cover), cell_m=10.0) == "simulate.no_table"
    table.write_text("nonsense")
    files = Sources(bed, landcover=cover, table=table)
    assert code_of(prepare, files, cell_m=10.0) == "simulate.table"


def test_ground_without_a_class_is_counted_and_none_at_all_is_refused(bed, tmp_path, table):
    codes = np.ones((60, 60), np.float32)
    codes[:10] = np.nan
    cover = write(tmp_path / "cover.tif", codes)
    made = prepare(Sources(bed, landcover=cover, table=table), cell_m=10.0)
    assert made.report["manning_void_cells"] == 600
    assert made.layers["manning"][0, 0] == pytest.approx(0.02)  # as on the rest of it

    write(cover, np.full((60, 60), np.nan, np.float32))
    files = Sources(bed, landcover=cover, table=table)
    assert code_of(prepare, files, cell_m=10.0) == "simulate.layer_empty"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("0", "simulate.layer_range"),
        ("-1", "simulate.layer_range"),
        ("3", "simulate.layer_range"),
        ("1e400", "simulate.layer_range"),
        ("nan", "simulate.layer_empty"),
        ("nowhere.tif", "simulate.unreadable"),
    ],
)
def test_roughness_that_cannot_be_is_refused(bed, given, code):
    assert code_of(prepare, Sources(bed, manning=given), cell_m=10.0) == code


def test_drains_may_be_a_raster_or_one_number(bed, tmp_path):
    raster = write(tmp_path / "drain.tif", np.full((60, 60), 36, np.float32))
    for given in ("36", str(raster)):
        assert (prepare(Sources(bed, drain=given), cell_m=10.0).layers["drain"] == 36).all()


def polygon(rows, cols):
    lon, lat = GRID.lonlat(
        [rows[0], rows[0], rows[1], rows[1]], [cols[0], cols[1], cols[1], cols[0]]
    )
    ring = [[float(x), float(y)] for x, y in zip(lon, lat, strict=True)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def test_buildings_block_the_cells_that_they_cover_by_half(bed, tmp_path):
    path = tmp_path / "houses.geojson"
    houses = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": polygon((9.5, 15.5), (9.5, 13.5))}
    ]}  # fmt: skip
    path.write_text(json.dumps(houses))

    found = prepare(Sources(bed, buildings=path), cell_m=10.0).layers["blocked"]

    np.testing.assert_array_equal(np.argwhere(found).min(axis=0), [10, 10])
    np.testing.assert_array_equal(np.argwhere(found).max(axis=0), [15, 13])
    assert found.sum() == 6 * 4


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"features": 3}',
        '{"features": [{"geometry": {"type": "Foo"}}]}',
        '{"features": [{"geometry": {"type": "Polygon", "coordinates": [[[NaN, 29], [1, 2]]]}}]}',
        "[" * 100_000,
    ],
    ids=range(6),
)
def test_buildings_that_cannot_be_read_are_refused(bed, tmp_path, text):
    path = tmp_path / "houses.geojson"
    path.write_text(text)
    assert code_of(prepare, Sources(bed, buildings=path), cell_m=10.0) == "simulate.buildings"


def test_buildings_in_metres_are_refused(bed, tmp_path):
    path = tmp_path / "houses.geojson"
    ring = [[758000, 3221000], [758100, 3221000], [758100, 3221100], [758000, 3221000]]
    square = {"type": "Polygon", "coordinates": [ring]}
    path.write_text(json.dumps({"features": [{"geometry": square}]}))
    assert code_of(prepare, Sources(bed, buildings=path), cell_m=10.0) == "simulate.buildings"


def culvert(source, target, **more):
    ends = [[float(v) for v in GRID.lonlat(*end)] for end in (source, target)]
    size = {"width_m": 3, "height_m": 2, "length_m": 40}
    inverts = {"source_invert_m": 58.0, "target_invert_m": 57.9}
    return {"kind": "culvert", "from": ends[0], "to": ends[1], **size, **inverts, **more}


def test_links_become_cells_and_keep_their_numbers(bed, tmp_path):
    path = tmp_path / "links.json"
    lon, lat = (float(v) for v in GRID.lonlat(30, 30))
    pump = {"kind": "pump", "from": [lon, lat], "flow_m3_s": 0.5, "on_depth_m": 0.3,
            "off_depth_m": 0.1}  # fmt: skip
    path.write_text(json.dumps([culvert((20, 10), (24, 10)), pump]))

    found = prepare(Sources(bed, links=path), cell_m=10.0).links

    assert [(k["source"], k["target"]) for k in found] == [([20, 10], [24, 10]), ([30, 30], None)]


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ([culvert((20, 10), (80, 10))], "simulate.link_outside"),
        ([culvert((20, 10), (20, 10))], "simulate.link_short"),
        ([{**culvert((20, 10), (24, 10)), "kind": "siphon"}], "simulate.links"),
        ([{**culvert((20, 10), (24, 10)), "width_m": "wide"}], "simulate.links"),
        ({"kind": "pump"}, "simulate.links"),
        ([{**culvert((20, 10), (24, 10)), "from": [119.6]}], "simulate.links"),
        ([{**culvert((20, 10), (24, 10)), "width_m": -1}], "flood.range"),
        ([{**culvert((20, 10), (24, 10)), "length_m": float("nan")}], "flood.range"),
    ],
)
def test_links_that_cannot_be_are_refused(bed, tmp_path, links, code):
    path = tmp_path / "links.json"
    path.write_text(json.dumps(links))
    assert code_of(prepare, Sources(bed, links=path), cell_m=10.0) == code


def import_by(by, region, bed):
    return save_terrain(
        prepared=prepare(Sources(bed), cell_m=10.0), name="城区", region=region, source="测绘院",
        by=by, at=NOON,
    )  # fmt: skip


@pytest.mark.django_db
def test_only_who_keeps_the_regions_ground_imports_it_and_a_new_one_takes_its_place(bed, data_dir):
    county = RegionFactory(level=3)
    keeper = account_in(county, "simulate.manage")
    stranger = account_in(RegionFactory(level=3), "simulate.manage")
    with pytest.raises(NotAllowed):
        import_by(stranger, county, bed)
    assert not Terrain.objects.exists()

    first = import_by(keeper, county, bed)
    second = import_by(keeper, county, bed)

    assert list(keeping.everything(actor=keeper).terrains) == [second]
    assert list(keeping.everything(actor=stranger).terrains) == []
    first.refresh_from_db()
    assert first.replaced_at == NOON
    assert (data_dir / first.folder / "bed.tif").is_file()  # runs on it can still be explained
    told = Event.objects.filter(name="simulate.terrain.imported").latest("pk")
    assert told.data["replaced_id"] == first.pk
    assert told.data["layers"] == second.layers
    left = {path.name for path in (data_dir / "terrain").iterdir()}
    assert left == {str(first.pk), str(second.pk)}


@pytest.mark.django_db
def test_areas_go_over_to_new_ground_on_the_same_grid_and_stop_on_another(bed, tmp_path, capsys):
    county, system = RegionFactory(level=3), Account.objects.system()
    area = make_area(terrain=import_by(system, county, bed), name="城东", by=system, at=NOON)
    told = ("terrain", "import", str(bed), "--name", "城区", "--region", county.code)

    call_command(*told)
    same = capsys.readouterr().out
    area.refresh_from_db()
    assert area.terrain == Terrain.objects.in_force().get()
    assert "城东" not in same

    call_command(*told, "--cell-m", "20")
    area.refresh_from_db()
    assert area.terrain.replaced_at is not None
    assert "城东" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_name_longer_than_its_column_is_refused(bed):
    call = ("terrain", "import", str(bed), "--region", RegionFactory(level=3).code, "--name")
    with pytest.raises(CommandError) as refused:
        call_command(*call, "长" * 121)
    assert refused.value.__cause__.code == "simulate.name_long"


@pytest.mark.django_db
def test_an_area_is_a_window_of_the_terrain_with_its_need_of_the_machine(bed, monkeypatch):
    county = RegionFactory(level=3)
    keeper = account_in(county, "simulate.manage", "simulate.view")
    terrain = import_by(keeper, county, bed)

    area = make_area(terrain=terrain, name="低洼处", window=(20, 20, 20, 24), by=keeper, at=NOON)

    ground = read_ground(area)
    np.testing.assert_array_equal(ground.bed_m, valley()[20:40, 20:44])
    assert ground.grid == GRID.crop(20, 20, 20, 24)
    assert estimate.need_of(area).fits
    with pytest.raises(NotAllowed):
        make_area(terrain=terrain, name="x", by=account_in(RegionFactory(level=3),
                  "simulate.manage"), at=NOON)  # fmt: skip
    switch_area(area=area, enabled=False, by=keeper, at=NOON)
    assert not queries.visible_areas(actor=keeper).get().enabled
    monkeypatch.setattr(estimate, "free_bytes", lambda: 1000)
    code = code_of(make_area, terrain=terrain, name="大", by=keeper, at=NOON)
    assert code == "simulate.memory"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"window": (50, 50, 20, 20)}, "simulate.window"),
        ({"window": (-1, 0, 20, 20)}, "simulate.window"),
        ({"window": (0, 0, 20, 20), "factor": 4}, "simulate.window"),
        ({"factor": 3}, "simulate.factor"),
        ({"name": " "}, "simulate.name"),
        ({"every_s": 10}, "simulate.every"),
        ({"horizon_s": 1000, "frame_s": 600}, "simulate.horizon"),
        ({"horizon_s": 86_400, "frame_s": 60}, "simulate.frames"),
    ],
)
def test_an_area_that_cannot_be_is_refused(bed, given, code):
    system, county = Account.objects.system(), RegionFactory(level=3)
    terrain = import_by(system, county, bed)
    wanted = {"name": "城区", **given}
    assert code_of(make_area, terrain=terrain, by=system, at=NOON, **wanted) == code


@pytest.mark.django_db
def test_the_command_reports_before_it_keeps_anything(bed, capsys):
    county = RegionFactory(level=3)
    asked = ("terrain", "import", str(bed), "--name", "城区", "--region", county.code)

    call_command(*asked, "--dry-run")
    assert not Terrain.objects.exists()
    call_command(*asked)

    assert "60" in capsys.readouterr().out
    assert Terrain.objects.get().cell_m == 10.0
    with pytest.raises(CommandError, match="EPSG"):
        call_command(*asked, "--epsg", "4326")
