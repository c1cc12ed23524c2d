"""What a board asks of forecasts, and who gets which answer."""

import shutil
from datetime import timedelta

import pytest

from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.simulate.hits import outlook
from anlan.simulate.models import Hit, Run
from anlan.simulate.results.files import run_folder
from anlan.simulate.runs import standing

from .ponds import LON, NOON, city_of_two, outlined, pond_area_in, pond_in, position_of

pytestmark = pytest.mark.django_db
SEES = "simulate.view"


@pytest.fixture
def story():
    city, west, east = city_of_two()
    return pond_in(pond_area_in(city)), city, west, east


def hit(run, region, minutes, **fields):
    first = NOON + timedelta(minutes=minutes)
    fields = {
        "lon": LON,
        "lat": 29.1,
        "max_at": first,
        "max_depth_m": 0.4,
        "duration_s": 1200,
    } | fields
    return Hit.objects.create(run=run, region=region, first_at=first, **fields)


def test_the_board_shows_each_area_with_its_last_good_forecast(story):
    run, city, west, _east = story
    (area,) = standing.board(actor=account_in(city, SEES), at=NOON + timedelta(minutes=12))

    assert (area["name"], area["made_up"], area["failed"]) == ("城区", True, None)
    assert area["late_at"] == area["run"]["at"] + 25 * 60_000  # two and a half intervals
    assert area["run"]["id"] == run.pk
    assert len(area["run"]["times"]) == 4
    assert area["run"]["times"][1] - area["run"]["times"][0] == 600_000
    assert area["run"]["whole"] is True
    (part,) = standing.board(actor=account_in(west, SEES), at=NOON)
    assert part["run"]["whole"] is False
    assert part["run"]["key"] != area["run"]["key"]


def test_a_failed_forecast_leaves_the_last_good_one_standing(story):
    run, city, *_ = story
    officer = account_in(city, SEES)
    later = NOON + timedelta(minutes=10)
    pond_in(run.area, base_at=later, state=Run.State.FAILED,
           error={"message": "雨量数据缺失", "hint": "检查雨量站"})  # fmt: skip

    (area,) = standing.board(actor=officer, at=later)

    assert area["run"]["id"] == run.pk
    assert area["failed"]["message"] == "雨量数据缺失"


def test_files_that_are_gone_leave_an_area_without_pictures(story):
    run, city, *_ = story
    shutil.rmtree(run_folder(run))
    (area,) = standing.board(actor=account_in(city, SEES), at=NOON)
    assert area["run"] is None


def test_whom_an_area_does_not_show_it_is_not_listed_for(story):
    _run, city, _west, _east = story
    far = outlined(RegionFactory(parent=city), LON + 3, LON + 4)
    for actor in (account_in(far, SEES), account_in(RegionFactory(level=2), SEES),
                  account_in(city, "warn.view")):  # fmt: skip
        assert standing.board(actor=actor, at=NOON) == []


def test_hits_are_the_readers_own_the_soonest_first_and_counted_by_county(story, client):
    run, city, west, east = story
    town = RegionFactory(parent=west)
    village = RegionFactory(parent=town)
    site = SiteFactory(region=village, name="解放路下穿", kind="underpass")
    hit(run, village, 40, site=site)
    hit(run, village, 20, people=35)
    hit(run, east, 10, road_code="G330")

    client.force_login(account_in(city, SEES))
    everything = client.get(f"/api/forecasts/{run.pk}/hits").json()
    client.force_login(account_in(west, SEES))
    mine = client.get(f"/api/forecasts/{run.pk}/hits").json()
    client.force_login(account_in(RegionFactory(level=2), SEES))
    strangers = client.get(f"/api/forecasts/{run.pk}/hits")

    assert [row["what"] for row in everything["rows"]] == ["road", "grid", "site"]
    assert everything["counties"] == [
        {"name": "东县", "sites": 0, "roads": 1, "grids": 0, "people": 0},
        {"name": "西县", "sites": 1, "roads": 0, "grids": 1, "people": 35},
    ]
    assert [(row["name"], row["county"]) for row in mine["rows"]] == [
        (town.name + village.name, "西县"),
        ("解放路下穿", "西县"),
    ]
    assert mine["total"] == 2
    assert strangers.status_code == 404


def test_depth_over_time_at_a_point_is_told_inside_ones_regions_only(story, client):
    run, city, west, east = story
    grid = run.area.grid
    lon, lat = position_of(grid, grid.rows // 2, grid.cols // 2 - 3)  # west of the border
    ask = f"/api/forecasts/{run.pk}/point?lon={lon}&lat={lat}"

    client.force_login(account_in(west, SEES))
    answer = client.get(ask).json()
    beyond = client.get(f"/api/forecasts/{run.pk}/point?lon={lon + 1}&lat={lat}")
    client.force_login(account_in(east, SEES))
    neighbours = client.get(ask)
    client.force_login(account_in(city, "warn.view"))
    without = client.get(ask)

    assert answer["depths_m"][0] == 0
    assert answer["depths_m"] == sorted(answer["depths_m"])
    assert answer["depths_m"][-1] == pytest.approx(1.02, abs=0.02)
    assert len(answer["times"]) == 4
    assert [beyond.status_code, neighbours.status_code, without.status_code] == [404] * 3


@pytest.mark.parametrize("query", ["", "lon=x&lat=1", "lon=nan&lat=1", "lon=119.6&lat=91"])
def test_a_position_that_is_none_is_refused(story, client, query):
    run, city, *_ = story
    client.force_login(account_in(city, SEES))
    assert client.get(f"/api/forecasts/{run.pk}/point?{query}").status_code == 422


def test_the_board_asks_a_number_of_queries_that_hits_do_not_raise(
    story, django_assert_max_num_queries
):
    run, city, west, _east = story
    for n in range(12):
        hit(run, west, n, road_code=f"S{n}")
    officer = account_in(city, SEES)
    with django_assert_max_num_queries(14):
        standing.board(actor=officer, at=NOON)
        assert outlook.hits_and_counts(actor=officer, run_id=run.pk)["total"] == 12
