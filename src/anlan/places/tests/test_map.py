import gzip
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotAllowed
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places import gcj02, layers, mvt, position, tiles
from anlan.places.models import Outline, Region, Site
from anlan.places.queries import region_at
from anlan.places.services import Shape, SiteRow, import_outlines, save_outlines, save_sites
from anlan.places.tests.factories import RegionFactory, SiteFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 6, 1, 4, tzinfo=UTC)
GOLDEN = os.environ.get("ANLAN_GOLDEN")
needs_golden = pytest.mark.skipif(not GOLDEN, reason="ANLAN_GOLDEN is not set")


def square(west, south, side=0.1):
    return shapely.box(west, south, west + side, south + side)


def outlined(region, shape):
    Outline.objects.create(region=region, wkb=shapely.to_wkb(shape), source="test")
    return region


# GCJ-02 ----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(lon=st.floats(74, 134), lat=st.floats(19, 53))
def test_there_and_back_is_the_same_place_to_a_millimetre(lon, lat):
    there = gcj02.from_wgs84(lon, lat)
    back = gcj02.to_wgs84(*there)
    assert abs(back[0] - lon) < 1e-8
    assert abs(back[1] - lat) < 1e-8
    # The shift is 17 to 920 m within the box.
    assert 15 < np.hypot((there[0] - lon) * 9e4, (there[1] - lat) * 11e4) < 1000


def test_outside_china_nothing_is_shifted():
    assert [float(v) for v in gcj02.from_wgs84(2.35, 48.86)] == [2.35, 48.86]


@needs_golden
def test_converting_the_shifted_outlines_brings_them_onto_the_true_ones():
    folder = Path(GOLDEN) / "boundary"
    shifted = json.loads((folder / "jinhua_counties_echarts_gcj02.geojson").read_bytes())
    true = json.loads((folder / "jinhua_counties_tianditu_wgs84.geojson").read_bytes())
    by_name = {
        f["properties"]["name"]: shapely.make_valid(shapely.from_geojson(json.dumps(f)))
        for f in true["features"]
    }
    before, after = [], []
    for feature in shifted["features"]:
        reference = by_name[feature["properties"]["name"]]
        raw = shapely.from_geojson(json.dumps(feature))
        moved = shapely.transform(raw, lambda c: np.column_stack(gcj02.to_wgs84(c[:, 0], c[:, 1])))
        for shape, into in ((raw, before), (moved, after)):
            shape = shapely.make_valid(shape)
            overlap = shape.intersection(reference).area / shape.union(reference).area
            into.append(overlap)
    assert (round(min(before), 3), round(max(before), 3)) == (0.931, 0.949)
    assert (round(min(after), 3), round(max(after), 3)) == (0.974, 0.984)


# Outlines and positions ------------------------------------------------------------------------


def geojson(**codes):
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"gb": f"156{code}", "name": name},
                    "geometry": json.loads(shapely.to_geojson(square(119.5, 29.0))),
                }
                for name, code in codes.items()
            ],
        }
    ).encode()


def test_outlines_find_their_regions_twice_is_once_and_strangers_may_not():
    county = RegionFactory(code="990702", path="99/990702/")
    clerk = account_in(county, "places.manage")
    stranger = account_in(RegionFactory(), "places.manage")
    content = geojson(here="990702", nowhere="990799")
    with pytest.raises(NotAllowed):
        import_outlines(content=content, crs="wgs84", source="s", by=stranger, at=NOON)

    first = import_outlines(content=content, crs="wgs84", source="s", by=clerk, at=NOON)
    again = import_outlines(content=content, crs="wgs84", source="s", by=clerk, at=NOON)

    assert (first.saved, first.unknown, again.saved, again.unchanged) == (1, ["nowhere"], 0, 1)
    county.refresh_from_db()
    assert 119.5 < county.lon < 119.6
    shifted = import_outlines(content=content, crs="gcj02", source="s", by=clerk, at=NOON)
    assert shifted.saved == 1


@pytest.mark.parametrize("content", [b"{}", b"[", b'{"type":"FeatureCollection","features":[1]}'])
def test_what_is_not_geojson_is_refused(content):
    with pytest.raises(BadInput):
        import_outlines(
            content=content, crs="wgs84", source="s", by=Account.objects.system(), at=NOON
        )


def test_a_position_lies_in_the_most_detailed_outline():
    county = outlined(RegionFactory(), square(119, 29, 1))
    town = outlined(RegionFactory(parent=county), square(119, 29, 0.5))

    assert region_at(lon=119.2, lat=29.2) == (town, False)
    assert region_at(lon=119.8, lat=29.8) == (county, False)
    assert region_at(lon=10, lat=10) == (None, False)


def test_where_villages_have_only_points_the_nearest_in_the_same_town_is_said_to_be_a_guess():
    county = outlined(RegionFactory(), square(119, 29, 1))
    near = RegionFactory(parent=RegionFactory(parent=county), lon=119.2, lat=29.2)
    elsewhere = outlined(RegionFactory(), square(120, 29, 1))
    RegionFactory(parent=elsewhere, lon=120.001, lat=29.5)

    assert region_at(lon=119.25, lat=29.2) == (near, True)
    # The nearest point is in another county's outline: not believed.
    assert region_at(lon=119.999, lat=29.5) == (county, False)


def test_many_sites_get_their_regions_by_position_and_twice_is_once():
    county = outlined(RegionFactory(), square(119, 29, 1))
    rows = [
        SiteRow(f"U{n}", "underpass", f"下穿{n}", 119.001 + n % 900 / 1000, 29.5)
        for n in range(2000)
    ]
    system = Account.objects.system()
    plan = save_sites(rows=rows, by=system, at=NOON)
    again = save_sites(rows=rows, by=system, at=NOON)
    assert (plan.new, again.new, again.changed, again.same) == (2000, 0, 0, 2000)
    assert set(Site.objects.values_list("region", flat=True)) == {county.pk}


# Tiles -----------------------------------------------------------------------------------------


def test_what_our_encoder_writes_the_reference_library_reads():
    ids = np.array([7, 300, -1])
    x, y = np.array([0, 4095, -64]), np.array([5, 4160, 70000])
    properties = {
        "name": ["下穿立交", None, "x" * 300],
        "count": [1, 20_000, -3],
        "depth": [0.25, None, -1.5],
        "made_up": [True, False, None],
    }
    read = mapbox_vector_tile.decode(
        mvt.encode("sites", x, y, ids, properties), default_options={"y_coord_down": True}
    )
    features = read["sites"]["features"]
    assert read["sites"]["extent"] == 4096
    assert [f.get("id", 0) for f in features] == [7, 300, 0]
    assert [f["geometry"]["coordinates"] for f in features] == [[0, 5], [4095, 4160], [-64, 70000]]
    wanted = [
        {key: values[n] for key, values in properties.items() if values[n] is not None}
        for n in range(3)
    ]
    assert [f["properties"] for f in features] == wanted


def test_our_encoder_is_several_times_faster_than_the_library():
    n = 2000
    x = np.arange(n) % 4096
    names = [f"点位{k}" for k in range(n)]
    library = [
        {"geometry": shapely.Point(k % 4096, 9), "properties": {"name": names[k]}, "id": k}
        for k in range(n)
    ]
    ours, theirs = [], []
    for _round in range(3):
        start = time.process_time()
        mvt.encode("s", x, x, np.arange(n), {"name": names})
        ours.append(time.process_time() - start)
        start = time.process_time()
        mapbox_vector_tile.encode({"name": "s", "features": library})
        theirs.append(time.process_time() - start)
    assert min(ours) * 2 < min(theirs), (ours, theirs)


def read_tile(response):
    return mapbox_vector_tile.decode(response.content)["sites"]["features"]


def tile_url(lon, lat, z):
    x = int((lon + 180) / 360 * 2**z)
    sine = np.sin(np.radians(lat))
    y = int((0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * 2**z)
    return f"/places/tiles/sites/{z}/{x}/{y}.mvt"


def test_a_tile_holds_the_reader_s_sites_only(client):
    county, elsewhere = RegionFactory(), RegionFactory()
    mine = SiteFactory(region=RegionFactory(parent=county), name="我的点位")
    SiteFactory(region=elsewhere)
    url = tile_url(mine.lon, mine.lat, 15)

    assert client.get(url).status_code == 302
    client.force_login(account_in(county))
    assert client.get(url).status_code == 404
    client.force_login(account_in(county, "places.view"))
    response = client.get(url)
    assert [f["properties"]["name"] for f in read_tile(response)] == ["我的点位"]
    assert [f["id"] for f in read_tile(response)] == [mine.pk]
    again = client.get(url, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(tile_url(mine.lon, mine.lat, 15), {"kind": "school"}).content != b""
    assert read_tile(client.get(url, {"kind": "school"})) == []
    assert client.get("/places/tiles/nothing/1/0/0.mvt").status_code == 404
    assert client.get("/places/tiles/sites/1/5/0.mvt").status_code == 404


def test_far_out_sites_become_clusters_that_add_up(client):
    county = RegionFactory()
    for n in range(30):
        SiteFactory(region=county, lon=119.6 + n / 1e5, kind="school" if n else "underpass")
    SiteFactory(region=county, lon=120.9, lat=28.9)
    client.force_login(account_in(county, "places.view"))
    features = read_tile(client.get(tile_url(119.65, 29.1, 6)))
    assert sorted(f["properties"]["count"] for f in features) == [1, 30]
    assert {f["properties"]["kind"] for f in features} == {"mixed", "underpass"}


def test_a_site_that_moved_is_on_the_next_tile(client):
    county = RegionFactory(code="990702", path="99/990702/")
    client.force_login(account_in(county, "places.view"))
    system = Account.objects.system()
    row = SiteRow("A", "school", "小学", 119.65, 29.1, region="990702")
    save_sites(rows=[row], by=system, at=NOON)
    url = tile_url(119.65, 29.1, 15)
    before = client.get(url)
    save_sites(
        rows=[SiteRow("A", "school", "中心小学", 119.65, 29.1, region="990702")], by=system, at=NOON
    )
    after = client.get(url, headers={"If-None-Match": before["ETag"]})
    assert [f["properties"]["name"] for f in read_tile(after)] == ["中心小学"]


def test_sixty_thousand_sites_are_cut_fast_enough_for_panning():
    """No tile of a pan costs over 50 ms of processor time, once the points are in memory."""
    rng = np.random.default_rng(1)
    n = 60_000
    features = layers.Features(
        ids=np.arange(n),
        lon=119.2 + rng.random(n) * 1.6,
        lat=28.5 + rng.random(n) * 1.2,
        paths=[f"33/3307/{330700 + k % 9}/" for k in range(n)],
        kinds=[("school", "shelter")[k % 2] for k in range(n)],
        properties={"name": [f"点位{k}" for k in range(n)]},
    )
    layer = layers.Layer("bulk", "bulk", "places.view", lambda: features, lambda: "1")
    paths = ["33/3307/"]
    tiles.tile(layer, paths=paths, kinds=[], z=0, x=0, y=0)
    took = []
    for z in range(6, 17):
        x0, y0 = (119.65 + 180) / 360 * 2**z, 0.4165 * 2**z
        for dx in range(3):
            start = time.process_time()
            tiles.tile(layer, paths=paths, kinds=[], z=z, x=int(x0) + dx, y=int(y0))
            took.append(time.process_time() - start)
    assert float(np.percentile(took, 95)) < 0.05


def test_outlines_come_scoped_compressed_and_once(client):
    county, elsewhere = RegionFactory(), RegionFactory()
    for region in (county, elsewhere):
        outlined(region, square(119, 29, 1))
    client.force_login(account_in(county, "places.view"))
    response = client.get("/places/outlines/3.geojson", headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    found = json.loads(gzip.decompress(response.content))
    assert [f["id"] for f in found["features"]] == [county.code]
    plain = client.get("/places/outlines/3.geojson")
    assert json.loads(plain.content) == found
    again = client.get("/places/outlines/3.geojson", headers={"If-None-Match": plain["ETag"]})
    assert again.status_code == 304
    inside = client.get("/places/outlines/4.geojson", {"parent": county.code})
    assert json.loads(inside.content)["features"] == []
    client.force_login(account_in(elsewhere))
    assert client.get("/places/outlines/3.geojson").status_code == 404


def test_the_list_of_layers_names_what_one_may_see(client):
    county = RegionFactory()
    client.force_login(account_in(county))
    assert client.get("/places/layers.json").json()["layers"] == []
    client.force_login(account_in(county, "places.view"))
    found = client.get("/places/layers.json").json()
    assert "sites" in [layer["code"] for layer in found["layers"]]
    assert found["kinds"][0]["label"] == "下穿立交"


def test_the_index_of_outlines_follows_the_regions():
    county = RegionFactory()
    shapes = [Shape(county.code, square(119, 29, 1))]
    save_outlines(shapes=shapes, source="s", by=Account.objects.system(), at=NOON)
    assert region_at(lon=119.2, lat=29.2)[0] == county
    index = position.current_index()
    assert position.current_index() is index
    assert Region.objects.count() == 1
