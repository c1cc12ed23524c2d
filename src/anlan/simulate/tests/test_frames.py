"""Pictures of water: the right classes in the right place, and nothing of anybody else's."""

import io

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from anlan.people.tests.factories import account_in
from anlan.places.services.revisions import touch
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.models import Run
from anlan.simulate.results import frames
from anlan.simulate.results.files import OUTSIDE, add_fields, open_run, run_folder
from anlan.simulate.results.legend import DEPTH, LIKELY
from anlan.simulate.results.reach import WHOLE, reach
from anlan.simulate.results.warp import SIZES, warp

from .ponds import LON, city_of_two, outlined, pond_area_in, pond_in

pytestmark = pytest.mark.django_db
SEES = "simulate.view"


@pytest.fixture
def story():
    """A city's finished forecast across the border of its two counties."""
    city, west, east = city_of_two()
    return pond_in(pond_area_in(city)), city, west, east


def signed_in(region, *permissions):
    client = Client()
    client.force_login(account_in(region, *permissions))
    return client


def pixels(response):
    """Numbers of the classes, and their opacity."""
    image = Image.open(io.BytesIO(response.content))
    assert image.mode == "P"
    return np.array(image), np.array(image.convert("RGBA"))[..., 3]


def test_the_city_sees_every_class_where_its_cells_lie(story):
    run, city, *_ = story
    client = signed_in(city, SEES)
    dry, opacity = pixels(client.get(f"/forecasts/{run.pk}/frames/0.png"))
    deep, _opacity = pixels(client.get(f"/forecasts/{run.pk}/frames/3.png"))
    worst, _opacity = pixels(client.get(f"/forecasts/{run.pk}/max.png"))

    result = open_run(run)
    assert (dry.max(), opacity.max()) == (0, 0)
    assert set(np.unique(deep)) == set(range(len(DEPTH.steps) + 1))
    assert (deep == warp(result.grid, SIZES["l"]).picture(DEPTH.table[result.depth_cm(3)])).all()
    assert (worst == deep).all()


def test_a_county_sees_its_side_of_the_border_and_nothing_beyond(story):
    run, _city, west, east = story
    seen = {}
    for name, county in (("west", west), ("east", east)):
        response = signed_in(county, SEES).get(f"/forecasts/{run.pk}/frames/3.png")
        classes, opacity = pixels(response)
        assert (opacity[classes == 0] == 0).all()
        seen[name] = classes

    corners = warp(run.area.grid, SIZES["l"]).corners
    width = seen["west"].shape[1]
    lon = corners[0][0] + (np.arange(width) + 0.5) * (corners[1][0] - corners[0][0]) / width
    half_a_cell = 0.5 * run.area.terrain.cell_m / 97_000  # degrees of longitude here
    assert seen["west"][:, lon > LON + half_a_cell].max() == 0
    assert seen["east"][:, lon < LON - half_a_cell].max() == 0
    assert min(part.max() for part in seen.values()) == len(DEPTH.steps)
    assert ((seen["west"] > 0) & (seen["east"] > 0)).sum() == 0


def test_how_likely_a_depth_is_can_be_seen_where_members_said_so(story):
    run, city, west, _east = story
    client = signed_in(city, SEES)
    assert client.get(f"/forecasts/{run.pk}/over-15.png").status_code == 404  # no members

    grid = run.area.grid
    part = np.zeros(grid.shape)
    part[:2], part[2:4], part[4:6] = 1.0, 0.01, 0.5
    part[6:8] = np.nan
    add_fields(run_folder(run), {"over_15cm": part})

    shown = client.get(f"/api/forecasts/{run.pk}").json()
    assert shown["areas"][0]["run"]["sheets"] == ["max", "over-15"]
    classes, _opacity = pixels(client.get(f"/forecasts/{run.pk}/over-15.png"))
    of_cells = LIKELY.table[np.array([100, 1, 50, OUTSIDE, 0], np.uint16)]
    assert list(of_cells) == [5, 1, 3, 0, 0]
    expected = np.zeros(grid.shape, np.uint8)
    expected[:2], expected[2:4], expected[4:6] = 5, 1, 3
    assert (classes == warp(grid, SIZES["l"]).picture(expected)).all()
    cut, _opacity = pixels(signed_in(west, SEES).get(f"/forecasts/{run.pk}/over-15.png"))
    assert 0 < (cut > 0).sum() < (classes > 0).sum()
    for unknown in ("over-30.png", "over-17.png"):
        assert client.get(f"/forecasts/{run.pk}/{unknown}").status_code == 404


def test_strangers_find_nothing(story):
    run, city, west, _east = story
    far = outlined(RegionFactory(parent=city), LON + 3, LON + 4)  # of the same city
    elsewhere = RegionFactory(level=2)
    for client in (
        signed_in(far, SEES),
        signed_in(elsewhere, SEES),
        signed_in(west, "warn.view"),  # theirs, but not allowed to see forecasts
    ):
        for path in ("frames/3.png", "max.png", "over-15.png", "frames/0.png?size=s&look=night"):
            assert client.get(f"/forecasts/{run.pk}/{path}").status_code == 404


def test_a_village_without_an_outline_sees_the_cells_nearest_to_its_point(story):
    run, _city, west, _east = story
    town = outlined(RegionFactory(parent=west), LON - 0.4, LON)
    near = RegionFactory(parent=town, lon=LON - 0.001, lat=29.1)
    RegionFactory(parent=town, lon=LON - 0.003, lat=29.1)

    classes, _opacity = pixels(signed_in(near, SEES).get(f"/forecasts/{run.pk}/max.png"))
    whole, _opacity = pixels(signed_in(west, SEES).get(f"/forecasts/{run.pk}/max.png"))

    assert 0 < (classes > 0).sum() < (whole > 0).sum()
    assert (classes[classes > 0] == whole[classes > 0]).all()


@pytest.mark.parametrize("path", ["frames/4.png", "frames/999999999999.png"])
def test_a_time_that_the_run_does_not_have_is_not_found(story, path):
    run, city, *_ = story
    assert signed_in(city, SEES).get(f"/forecasts/{run.pk}/{path}").status_code == 404


def test_a_run_that_is_not_finished_has_no_pictures():
    region = RegionFactory()
    run = pond_in(pond_area_in(region), state=Run.State.RUNNING)
    response = signed_in(region, SEES).get(f"/forecasts/{run.pk}/frames/0.png")
    assert response.status_code == 404


def test_a_picture_is_kept_for_good_under_its_own_address_only(story):
    run, city, west, _east = story
    client, path = signed_in(city, SEES), f"/forecasts/{run.pk}/frames/3.png"
    plain = client.get(path)
    key = frames.key(result=open_run(run), reach=WHOLE)
    kept = client.get(f"{path}?v={key}")
    others = signed_in(west, SEES).get(f"{path}?v={key}")

    assert "immutable" not in plain["Cache-Control"]
    assert "no-cache" in plain["Cache-Control"]
    assert "immutable" in kept["Cache-Control"]
    assert "private" in kept["Cache-Control"]
    assert "immutable" not in others["Cache-Control"]  # the city's address is not the county's
    assert others["ETag"] != kept["ETag"] == plain["ETag"]
    again = client.get(path, headers={"If-None-Match": plain["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_sizes_and_colours_are_pictures_of_their_own(story):
    run, city, *_ = story
    client, path = signed_in(city, SEES), f"/forecasts/{run.pk}/frames/3.png"
    plain, night, odd = (
        client.get(path + query) for query in ("", "?look=night", "?look=x&size=x")
    )

    assert len({plain["ETag"], night["ETag"]}) == 2
    assert odd.content == plain.content
    by_day, by_night = (Image.open(io.BytesIO(r.content)) for r in (plain, night))
    assert (np.array(by_day) == np.array(by_night)).all()
    assert by_day.getpalette() != by_night.getpalette()


def test_outlines_that_change_make_another_part(story):
    run, _city, west, _east = story
    grid = run.area.grid
    before = reach(area=run.area, grid=grid, paths=[west.path])
    again = reach(area=run.area, grid=grid, paths=[west.path])
    both = reach(area=run.area, grid=grid, paths=[west.path, "99/nobody/"])

    assert again is before  # computed once
    assert both.key == before.key
    touch("outlines")
    assert reach(area=run.area, grid=grid, paths=[west.path]).key != before.key


def test_speckles_beyond_nature_become_a_coarser_picture_but_not_a_heavy_one(story, monkeypatch):
    run, *_ = story
    monkeypatch.setattr(frames, "MOST_BYTES", 100)
    body = frames.draw(result=open_run(run), reach=WHOLE, picture=frames.Picture(3))
    assert Image.open(io.BytesIO(body)).size[0] <= SIZES["s"]


def test_pictures_of_runs_that_nobody_asks_for_make_room(story, monkeypatch):
    run, *_ = story
    later = pond_in(run.area, base_at=run.base_at.replace(hour=5))
    monkeypatch.setattr(frames, "KEPT_BYTES", 1)
    for one in (run, later):
        frames.png(result=open_run(one), reach=WHOLE, picture=frames.Picture(3))

    kept = [path.parent.parent.name for path in frames._root().rglob("*.png")]
    assert kept == []
    monkeypatch.undo()
