import io
import json
from datetime import UTC, datetime

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from anlan.base.errors import BadInput
from anlan.base.models import Event
from anlan.base.tables import read
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places import mvt, road_features
from anlan.places.models import Outline, Road
from anlan.places.services import close_road, import_roads, plan_roads
from anlan.places.services.roads import error_list
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.fixture
def county():
    return outlined(119.5)


def outlined(west):
    region = RegionFactory(level=3)
    shape = shapely.box(west, 29.0, west + 0.2, 29.2)
    Outline.objects.create(region=region, wkb=shapely.to_wkb(shape), source="test")
    return region


def feature(at=((119.6, 29.1), (119.61, 29.1)), identity=None, **properties):
    line = {"type": "LineString", "coordinates": [list(point) for point in at]}
    made = {"type": "Feature", "properties": properties, "geometry": line}
    return made | ({"id": identity} if identity else {})


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def take(content, by=None, **more):
    by = by or Account.objects.system()
    return import_roads(content=content, source="测试", by=by, at=NOON, **more)


def test_an_extract_of_openstreetmap_is_taken_as_it_is_and_twice_is_once(county):
    content = collection(
        feature(identity="way/1", name="人民路", highway="primary"),
        feature(identity="way/2", highway="residential", bridge="viaduct"),
        feature(identity="way/3", highway="footway"),
        feature(identity="way/4", highway="tertiary", layer="1", bridge="no"),
    )
    first = take(content)
    again = take(content)

    assert (first.new, first.ignored, first.problems) == (3, 1, [])
    assert (again.new, again.changed, again.same) == (0, 0, 3)
    rows = list(Road.objects.order_by("code").values_list("code", "road_class", "elevated"))
    assert rows == [
        ("way/1", "ARTERIAL", False),
        ("way/2", "LOCAL", True),
        ("way/4", "LOCAL", False),
    ]
    assert {road.region for road in Road.objects.all()} == {county}
    assert Event.objects.filter(name="places.roads.imported").count() == 1


def test_what_a_file_does_not_say_stays(county):
    """Neither a missing road nor a missing keeper changes what the bureau has."""
    take(collection(
        feature(编号="A1", 名称="环城路", 等级="主干路", 养护单位="市政中心"),
        feature(编号="A2", 名称="里巷", 等级="支路"),
    ))  # fmt: skip
    plan = take(collection(feature(code="A1", name="环城西路", road_class="ARTERIAL")))

    assert (plan.new, plan.changed) == (0, 1)
    road = Road.objects.get(code="A1")
    assert (road.name, road.owner) == ("环城西路", "市政中心")
    assert Road.objects.in_use().count() == 2


BAD = [
    (feature(code="B", highway="motorbahn"), "road_class"),
    (feature(highway="primary"), "code"),
    (feature(code="B" * 41, highway="primary"), "code"),
    (feature(code="B", highway="primary", name="长" * 121), "name"),
    (feature(((119.6, 129.1), (119.7, 129.1)), code="B", highway="primary"), "geometry"),
    (feature(((119.6, 29.1), (119.6, 29.1)), code="B", highway="primary"), "geometry"),
    (feature(((10, 10), (11, 10)), code="B", highway="primary"), "geometry"),
    ({"type": "Feature", "properties": {"code": "B", "highway": "primary"}, "geometry":
      {"type": "Point", "coordinates": [119.6, 29.1]}}, "geometry"),
    ({"type": "Feature", "properties": ["B"], "geometry": {"type": "LineString"}}, "code"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "column"), BAD)
def test_a_bad_feature_is_named_and_the_good_ones_are_taken(county, bad, column):
    plan = take(collection(feature(code="A", highway="primary"), bad))

    assert plan.new == 1
    assert (plan.problems[0].row, plan.problems[0].column) == (2, column)
    lines = read(error_list(plan), road_features.COLUMNS)
    assert len(lines) == 1


def test_the_same_code_twice_in_a_file_is_said(county):
    plan = take(collection(feature(code="A", highway="primary"), feature(code="A", highway="road")))
    assert (plan.new, [p.row for p in plan.problems]) == (1, [2])


def test_only_the_roads_of_the_asked_region_and_never_a_stranger_s(county):
    other = outlined(119.9)
    content = collection(
        feature(code="A", highway="primary"),
        feature(((119.95, 29.1), (119.96, 29.1)), code="B", highway="primary"),
    )
    assert take(content, region=county).outside == 1
    stranger = account_in(other, "places.manage")
    plan = take(content, by=stranger)

    assert plan.new == 1  # their own
    assert [p.row for p in plan.problems] == [1]
    # Neither by moving the line into their region.
    moved = feature(((119.95, 29.1), (119.96, 29.1)), code="A", highway="primary")
    plan = take(collection(moved), by=stranger)
    assert [p.column for p in plan.problems] == ["code"]
    assert Road.objects.get(code="A").region == county


def test_shifted_coordinates_are_brought_back(county):
    take(collection(feature(code="A", highway="primary")), crs="gcj02")
    at = shapely.get_coordinates(shapely.from_wkb(bytes(Road.objects.get().wkb)))
    assert 0.003 < 119.6 - at[0, 0] < 0.007
    with pytest.raises(BadInput):
        plan_roads(content=collection(), crs="bd09", source="s", by=Account.objects.system())


def test_the_command_previews_then_takes(county, tmp_path):
    file = tmp_path / "roads.geojson"
    file.write_bytes(collection(feature(code="A", highway="primary"), feature(highway="x")))
    out, bad = io.StringIO(), io.StringIO()
    call_command("roads", "import", str(file), region=county.code, dry_run=True, stdout=out,
                 stderr=bad)  # fmt: skip
    assert "将有变化：新增 1" in out.getvalue()
    assert Road.objects.count() == 0
    call_command("roads", "import", str(file), region=county.code, stdout=out, stderr=bad)
    assert Road.objects.count() == 1
    assert "2 等级 x" in bad.getvalue()


def test_the_pages_preview_take_and_show_and_a_stranger_sees_nothing(county, client):
    keeper = account_in(county, "places.view", "places.manage")
    content = collection(feature(code="A", name="人民路", highway="primary"), feature(highway="x"))
    client.force_login(keeper)
    page = client.post(
        "/places/import/roads/",
        {"file": SimpleUploadedFile("r.geojson", content), "source": "OSM", "region": county.code},
    )
    kept = page.context["upload"]
    assert Road.objects.count() == 0
    assert client.get(f"/places/import/roads/{kept.pk}/errors.xlsx").status_code == 200
    client.post(f"/places/import/roads/{kept.pk}/", {"source": "OSM", "crs": "wgs84"})
    road = Road.objects.get()
    assert (road.name, road.source) == ("人民路", "OSM")
    assert "人民路" in client.get("/places/roads/").content.decode()
    assert "主干路" in client.get(f"/places/roads/{road.pk}/").content.decode()
    client.force_login(account_in(outlined(119.9), "places.view"))
    assert client.get(f"/places/roads/{road.pk}/").status_code == 404
    assert "人民路" not in client.get("/places/roads/").content.decode()


def test_a_closed_road_leaves_the_map_and_its_import_brings_it_back(county):
    content = collection(feature(code="A", highway="primary"))
    take(content)
    close_road(road=Road.objects.get(), by=account_in(county, "places.manage"), at=NOON)
    assert Road.objects.in_use().count() == 0
    assert take(content).changed == 1
    assert Road.objects.in_use().count() == 1


# Tiles -----------------------------------------------------------------------------------------


def test_what_our_encoder_writes_of_lines_the_reference_library_reads():
    parts = [
        [np.array([[0, 0], [10, 5], [4096, 4160]])],
        [np.array([[7, 7], [0, -64]]), np.array([[100, 100], [3, 90], [20000, 5]])],
    ]
    raw = mvt.encode_lines("roads", parts, np.array([5, 300]), {"name": ["甲", None]})
    features = mapbox_vector_tile.decode(raw, default_options={"y_coord_down": True})["roads"][
        "features"
    ]
    assert [f["id"] for f in features] == [5, 300]
    assert features[0]["geometry"]["coordinates"] == parts[0][0].tolist()
    assert features[1]["geometry"]["coordinates"] == [part.tolist() for part in parts[1]]
    assert [f["properties"] for f in features] == [{"name": "甲"}, {}]


def test_a_tile_holds_the_reader_s_roads_cut_at_its_edge(county, client):
    other = outlined(119.9)
    take(collection(
        feature(((119.55, 29.1), (119.65, 29.1)), code="A", highway="primary", name="长路"),
        feature(((119.6, 29.1), (119.6001, 29.1)), code="L", highway="residential"),
        feature(((119.95, 29.1), (119.96, 29.1)), code="B", highway="primary"),
    ))  # fmt: skip
    client.force_login(account_in(county, "places.view"))
    near = lines_of(client.get(tile_at(119.6, 29.1, 15)))
    far = lines_of(client.get(tile_at(119.6, 29.1, 10)))

    assert sorted(f["properties"]["road_class"] for f in near) == ["ARTERIAL", "LOCAL"]
    assert [f["properties"]["name"] for f in far] == ["长路"]  # lanes are not drawn so far out
    xs = [x for f in near for x, _y in f["geometry"]["coordinates"]]
    assert -64 <= min(xs) <= max(xs) <= 4096 + 64
    assert lines_of(client.get(tile_at(119.955, 29.1, 15))) == []  # the other county's
    client.force_login(account_in(other, "places.view"))
    assert len(lines_of(client.get(tile_at(119.955, 29.1, 15)))) == 1


def lines_of(response):
    found = mapbox_vector_tile.decode(response.content)
    return found["roads"]["features"] if "roads" in found else []


def tile_at(lon, lat, z):
    x = int((lon + 180) / 360 * 2**z)
    sine = np.sin(np.radians(lat))
    y = int((0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * 2**z)
    return f"/places/tiles/roads/{z}/{x}/{y}.mvt"
