"""The pages of forecasts: what stands there for whom, and what can be asked for."""

import io
from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings
from rasterio.io import MemoryFile

from anlan.base import clock, notices
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.simulate.models import Hit, Run
from anlan.simulate.results.files import run_folder

from .ponds import NOON, city_of_two, pond_area_in, pond_in

pytestmark = pytest.mark.django_db
SEES, ASKS = "simulate.view", "simulate.run"


@pytest.fixture
def story(monkeypatch):
    """Twelve minutes after a city's forecast that floods an underpass of its western county."""
    city, west, east = city_of_two()
    run = pond_in(pond_area_in(city), summary={"deepest_at": [119.7, 29.1], "wet_ha": 77.7})
    site = SiteFactory(region=RegionFactory(parent=west), name="解放路下穿")
    Hit.objects.create(
        run=run, region=site.region, site=site, lon=site.lon, lat=site.lat, max_depth_m=0.42,
        first_at=NOON + timedelta(minutes=30), max_at=NOON + timedelta(minutes=50), duration_s=1800,
    )  # fmt: skip
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=12))
    return run, city, west, east


def page(client, account, path):
    client.force_login(account)
    return client.get(path)


def test_the_list_shows_runs_and_how_each_area_stands(story, client):
    run, city, west, _east = story
    pond_in(run.area, base_at=NOON + timedelta(minutes=10), state=Run.State.FAILED,
            error={"message": "雨量数据缺失", "hint": "检查雨量站"})  # fmt: skip
    text = page(client, account_in(city, SEES), "/forecasts/").content.decode()
    filtered = page(client, account_in(west, SEES), "/forecasts/?state=FAILED&area=x&kind=FORECAST")

    assert "辖区1处将积水，最早12:30" in text
    assert "生成地形" in text
    assert "雨量数据缺失" in text
    assert f"/forecasts/{run.pk}/" in text
    assert "立即预报" not in text  # may look, not ask
    assert [one.state for one in filtered.context["runs"]] == ["FAILED"]


def test_a_long_list_of_places_comes_in_pages_and_says_how_many_there_are(story, client):
    run, city, west, _east = story
    region = RegionFactory(parent=west)
    Hit.objects.bulk_create(
        Hit(
            run=run, region=region, lon=119.7, lat=29.1, max_depth_m=0.2, duration_s=600,
            first_at=NOON + timedelta(hours=1), max_at=NOON + timedelta(hours=2), road_code=f"G{n}"
        )
        for n in range(60)
    )  # fmt: skip
    first = page(client, account_in(city, SEES), f"/forecasts/{run.pk}/")
    second = page(client, account_in(city, SEES), f"/forecasts/{run.pk}/?hits=2")

    assert first.context["hits"].paginator.count == 61
    assert (len(first.context["hits"]), len(second.context["hits"])) == (50, 11)
    assert "?hits=2" in first.content.decode()


def test_who_is_not_covered_sees_no_runs(story, client):
    run, city, *_ = story
    far = RegionFactory(parent=city)  # of the same city, off the map
    answer = page(client, account_in(far, SEES), "/forecasts/")
    assert "尚无覆盖您辖区的预报" in answer.content.decode()
    assert run.area.name not in answer.content.decode()
    assert page(client, account_in(far, SEES), f"/forecasts/{run.pk}/").status_code == 404


def test_the_page_of_a_run_tells_a_county_its_own_part_only(story, client):
    run, city, west, east = story
    whole = page(client, account_in(city, SEES), f"/forecasts/{run.pk}/").content.decode()
    mine = page(client, account_in(west, SEES), f"/forecasts/{run.pk}/").content.decode()
    other = page(client, account_in(east, SEES), f"/forecasts/{run.pk}/").content.decode()

    assert "1.20米" in whole
    assert "77.7" in whole
    assert "解放路下穿" in whole
    assert "解放路下穿" in mine
    assert "辖区最大水深" in mine
    assert "77.7" not in mine  # of all the area
    assert "解放路下穿" not in other
    assert "辖区内预计无积水点位" in other


def test_a_forecast_can_be_asked_for_and_called_off_by_who_may(story, client):
    run, city, west, _east = story
    asks = f"/forecasts/areas/{run.area_id}/ask/"
    client.force_login(account_in(west, SEES, ASKS))
    refused = client.post(asks)  # the area is the city's
    client.force_login(account_in(RegionFactory(level=2), SEES, ASKS))
    strangers = client.post(asks)
    client.force_login(account_in(city, SEES, ASKS))
    asked = client.post(asks)
    fresh = Run.objects.get(state=Run.State.QUEUED)
    waiting = client.get(asked["Location"]).content.decode()
    client.post(f"/forecasts/{fresh.pk}/cancel/")
    fresh.refresh_from_db()
    again = client.post(f"/forecasts/{fresh.pk}/cancel/")

    assert (refused.status_code, strangers.status_code) == (403, 404)
    assert asked["Location"] == f"/forecasts/{fresh.pk}/"
    assert "排队等待计算" in waiting
    assert "取消计算" in waiting
    assert fresh.state == Run.State.CANCELLED
    assert again.status_code == 409


def test_a_village_officer_reads_which_places_and_when_on_the_way_to_their_work(story, client):
    *_, west, _east = story
    officer = account_in(west, SEES, "work.do", "work.view")
    home = page(client, officer, "/work/").content.decode()
    mine = page(client, officer, "/forecasts/mine/").content.decode()
    strangers = page(client, account_in(RegionFactory(level=2), SEES), "/forecasts/mine/")

    assert "内涝预报：辖区1处将积水，最早12:30（解放路下穿）" in home
    assert "12:30起积水（18分钟后）" in mine
    assert "最深0.42米" in mine
    assert "解放路下穿" not in strangers.content.decode()


def test_a_forecast_whose_time_is_over_says_nothing_of_now(story, client, monkeypatch):
    _run, city, *_ = story
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=5))
    officer = account_in(city, SEES)
    mine = page(client, officer, "/forecasts/mine/").content.decode()

    assert "预报时段已过" in mine
    assert "解放路下穿" not in mine
    assert notices.for_reader(officer) == []


def test_nobody_is_told_of_forecasts_who_may_not_see_them(story):
    _run, city, *_ = story
    assert notices.for_reader(account_in(city, "work.do")) == []


def test_the_raster_has_no_data_outside_the_readers_regions(story, client):
    run, city, west, _east = story
    depths = {}
    for name, county in (("city", city), ("west", west)):
        answer = page(client, account_in(county, SEES), f"/forecasts/{run.pk}/max.tif")
        with MemoryFile(io.BytesIO(answer.content)) as file, file.open() as raster:
            depths[name] = raster.read(1)
            assert raster.crs.to_epsg() == run.area.terrain.epsg
        assert "attachment" in answer["Content-Disposition"]
    strangers = page(
        client, account_in(RegionFactory(level=2), SEES), f"/forecasts/{run.pk}/max.tif"
    )

    own = np.isfinite(depths["west"])
    assert np.isfinite(depths["city"]).all()
    assert 0 < own.sum() < own.size
    assert not own[:, 40:].any()
    np.testing.assert_array_equal(depths["west"][own], depths["city"][own])
    assert strangers.status_code == 404


@pytest.mark.parametrize("number", [2**63, int("9" * 400)])
def test_numbers_that_no_row_has_find_nothing_and_do_no_harm(story, client, number):
    run, city, *_ = story
    client.force_login(account_in(city, SEES, ASKS, "simulate.manage"))
    area = {"first_row": 0, "first_col": 0, "cols": 60, "factor": 1, "every": 10, "horizon": 3,
            "frame": 10, "name": "x"}  # fmt: skip
    ground = f"/forecasts/ground/{run.area.terrain_id}/"
    answers = [
        *(client.get(f"/forecasts/{path}").status_code for path in (
            f"{number}/", f"scores/{number}/{number}/", f"{run.pk}/frames/{number}.png",
            f"{run.pk}/over-{number}.png", f"areas/{number}/scenario/", f"ground/{number}/",
        )),
        client.post(ground, {**area, "rows": number}).status_code,
    ]  # fmt: skip
    kept = [
        client.get(f"/forecasts/scores/list/?{name}={number}9{'9' * 5000}").status_code
        for name in ("days", "depth", "lead", "series")
    ]
    kept.append(client.get(f"{ground}need/", {**area, "rows": number}).status_code)

    assert answers == [404] * 6 + [422]
    assert kept == [200] * 5


def test_a_damaged_file_is_said_and_the_page_still_stands(story, client):
    run, city, *_ = story
    client.force_login(account_in(city, SEES, "simulate.manage"))
    (run_folder(run) / "max_depth.tif").write_bytes(b"")
    assert client.get(f"/forecasts/{run.pk}/").status_code == 200
    picture = client.get(f"/forecasts/{run.pk}/max.png")
    (run_folder(run) / "meta.json").write_bytes(b"{")
    board = client.get("/api/forecasts")
    bed = settings.DATA_DIR / run.area.terrain.folder / "bed.tif"
    bed.parent.mkdir(parents=True)
    bed.write_bytes(b"")
    shade = client.get(f"/forecasts/ground/{run.area.terrain_id}/shade.png")

    assert (picture.status_code, board.status_code, shade.status_code) == (404, 200, 409)
    assert "结果文件已损坏" in picture.content.decode()
    assert board.json()["areas"][0]["run"] is None
    assert "地形”的文件已损坏" in shade.content.decode()


def test_a_run_whose_files_are_gone_still_has_its_page(story, client):
    run, city, *_ = story
    old = Run.objects.create(
        area=run.area, state=Run.State.DONE, base_at=NOON - timedelta(days=9),
        horizon_s=600, frame_s=600, requested_at=NOON, requested_by=Account.objects.system(),
    )  # fmt: skip
    answer = page(client, account_in(city, SEES), f"/forecasts/{old.pk}/")
    assert "结果文件已不在" in answer.content.decode()
