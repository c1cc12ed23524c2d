"""The demo's roads, people and charges: deterministic, on the ground, labelled."""

import csv
import io
import json

import numpy as np
import pytest

from anlan.demo import city, network, terrain


@pytest.fixture(scope="module")
def made():
    return city.build()


def test_roads_are_the_streets_of_the_ground_and_the_same_each_time(made):
    content = network.roads(made)
    assert content == network.roads(made)
    features = json.loads(content)["features"]
    codes = [f["properties"]["编号"] for f in features]
    assert len(set(codes)) == len(codes) > 500
    on, ground = terrain.grid(), terrain.make(made)
    streets = [f for f in features if not f["properties"]["编号"].startswith("X-")]
    lon, lat = np.array([f["geometry"]["coordinates"] for f in streets]).mean(axis=1).T
    rows, cols = on.cells(lon, lat)
    assert on.holds(rows, cols).all()
    assert not ground.blocked[rows, cols].any()  # no house stands in the middle of a street


def test_every_underpass_on_the_ground_has_a_road_through_it(made):
    features = {f["properties"]["编号"]: f for f in json.loads(network.roads(made))["features"]}
    sites = network.on_terrain(made)
    assert len(sites) > 3
    for site in sites:
        _start, middle, _end = features[f"X-{site.code}"]["geometry"]["coordinates"]
        assert middle == pytest.approx([site.lon, site.lat], abs=1e-4)


def test_people_sum_up_to_the_city(made):
    rows = list(csv.DictReader(io.StringIO(network.people(made.divisions).decode())))
    assert len(rows) == city.GRIDS
    total = sum(int(row["人口"]) for row in rows)
    assert total == pytest.approx(network.CITY_PEOPLE, abs=city.GRIDS)
