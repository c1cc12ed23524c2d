"""Pages of who keeps terrain and areas, and of who asks for scenarios."""

import io

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from anlan.base import clock
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.forms import ScenarioForm
from anlan.simulate.ground.rasters import read_raster
from anlan.simulate.models import Area, Run
from anlan.simulate.results import seen
from anlan.simulate.results.files import add_fields, run_folder
from anlan.simulate.runs import runner
from anlan.simulate.services.runs import request_run

from .factories import GRID, NOON, a_city, area_in, terrain_in

pytestmark = pytest.mark.django_db
STORM = {"rain": "design", "a": 1600, "c": 0.846, "b": 7, "n": 0.656, "years": 20,
         "duration": 60, "peak": 0.4}  # fmt: skip


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR, settings.CACHE_DIR = tmp_path, tmp_path / "cache"
    return tmp_path


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def area(data_dir):
    return area_in(RegionFactory(level=3), data_dir)


@pytest.fixture
def keeper(client, area):
    account = account_in(area.region, "simulate.manage", "simulate.view", "simulate.run")
    client.force_login(account)
    return client


@pytest.fixture
def stranger(client):
    everything = ("simulate.manage", "simulate.view", "simulate.run")
    client.force_login(account_in(RegionFactory(level=3), *everything))
    return client


def address(name, *args):
    return reverse(f"simulate:{name}", args=args)


def test_the_keeper_sees_terrain_areas_and_what_a_forecast_needs(keeper, area):
    page = keeper.get(address("grounds")).content.decode()
    assert area.terrain.name in page
    assert "60 × 60" in page
    one = keeper.get(address("ground", area.terrain_id))
    assert "生成" in one.content.decode()
    need = keeper.get(address("need", area.terrain_id), area_form(factor=1))
    assert "MB" in need.content.decode()


def area_form(**changes):
    given = {"name": "低洼处", "first_row": 20, "first_col": 20, "rows": 20, "cols": 24,
             "factor": 1, "every": 10, "horizon": 1, "frame": 10}  # fmt: skip
    return {**given, **changes}


def test_an_area_is_made_and_switched_off_and_on(keeper, area):
    made = keeper.post(address("ground", area.terrain_id), area_form())
    assert made.status_code == 302
    found = Area.objects.get(name="低洼处")
    assert (found.rows, found.horizon_s, found.frame_s) == (20, 3600, 600)

    for enabled in (False, True):
        keeper.post(address("switch", found.pk), {"enabled": "1"} if enabled else {})
        found.refresh_from_db()
        assert found.enabled == enabled


@pytest.mark.parametrize(
    ("changes", "status"), [({"rows": 500}, 422), ({"factor": 3}, 422), ({"name": ""}, 422)]
)
def test_an_area_that_cannot_be_comes_back_with_what_is_wrong(keeper, area, changes, status):
    answer = keeper.post(address("ground", area.terrain_id), area_form(**changes))
    assert answer.status_code == status
    assert Area.objects.count() == 1


def test_the_shaded_picture_shows_houses_and_slopes(keeper, data_dir):
    houses = np.zeros(GRID.shape, np.float32)
    houses[5:15, 5:15] = 1
    region = Area.objects.get().region
    terrain = terrain_in(RegionFactory(parent=region), data_dir, blocked=houses)

    for _again in range(2):
        answer = keeper.get(address("shade", terrain.pk))
        image = Image.open(io.BytesIO(answer.content)).convert("RGB")
        assert image.size == (60, 60)
        assert abs(image.getpixel((10, 10))[0] - 148) < 12
        assert image.getpixel((10, 10)) != image.getpixel((50, 10))


def test_a_stranger_finds_nothing_and_changes_nothing(stranger, area):
    for name in ("ground", "need", "shade"):
        assert stranger.get(address(name, area.terrain_id)).status_code == 404
    assert stranger.post(address("ground", area.terrain_id), area_form()).status_code == 404
    assert stranger.post(address("switch", area.pk)).status_code == 404
    assert stranger.get(address("scenario", area.pk)).status_code == 404
    assert stranger.post(address("scenario", area.pk), STORM).status_code == 404
    assert area.terrain.name not in stranger.get(address("grounds")).content.decode()
    assert Area.objects.get().enabled
    assert not Run.objects.exists()


def test_who_may_only_look_asks_for_no_scenario(client, area):
    client.force_login(account_in(area.region, "simulate.view"))
    assert client.post(address("scenario", area.pk), STORM).status_code == 403
    assert client.get(address("grounds")).status_code == 404


def test_a_scenario_is_asked_for_and_the_formula_is_remembered(keeper, area):
    answer = keeper.post(
        address("scenario", area.pk), {**STORM, "name": "五十年", "rain_factors": "0.8，1、1.2"}
    )

    run = Run.objects.get(kind=Run.Kind.SCENARIO)
    assert answer["Location"] == address("run", run.pk)
    assert [m.settings["change"]["rain"] for m in run.members.order_by("member")] == [0.8, 1, 1.2]
    assert run.settings["storm"]["formula"]["a1_mm_min"] == pytest.approx(1600 / 167)
    again = keeper.get(address("scenario", area.pk))
    assert again.context["form"].initial["a"] == 1600
    page = keeper.get(address("run", run.pk)).content.decode()
    assert "五十年" in page
    assert "×0.8" in page


@pytest.mark.parametrize(
    "changes",
    [{"a": ""}, {"n": 3}, {"rain_factors": "viel"}, {"drain_factors": "100"}, {"peak": 2}],
)
def test_a_scenario_that_cannot_be_comes_back_with_what_is_wrong(keeper, area, changes):
    assert keeper.post(address("scenario", area.pk), {**STORM, **changes}).status_code == 422
    assert not Run.objects.exists()


def test_the_rain_of_now_needs_no_formula():
    form = ScenarioForm({"rain": "now", "rain_factors": "1.5"})
    assert form.is_valid()
    assert form.cleaned_data["rain_factors"] == (1.5,)


def test_probabilities_are_handed_out_cut_to_the_readers_regions(data_dir, monkeypatch):
    area = a_city(data_dir)
    request_run(area=area, by=Account.objects.system(), at=NOON)
    taken = runner.take_next()
    runner.compute(taken, runner.Pulse(taken))
    half = np.full(GRID.shape, 0.5)
    add_fields(run_folder(taken), {"over_15cm": half})
    officer = account_in(area.region, "simulate.view")

    body, name = seen.get_probability(actor=officer, run_id=taken.pk, depth_cm=15)

    assert body[:2] in {b"II", b"MM"}
    assert name.endswith("-15cm.tif")
    town = RegionFactory(parent=area.region)
    west = np.zeros(GRID.shape, bool)
    west[:, :30] = True
    monkeypatch.setattr(seen, "reach", lambda **_kwargs: seen.Reach("west", west))
    cut, _name = seen.get_probability(
        actor=account_in(town, "simulate.view"), run_id=taken.pk, depth_cm=15
    )
    path = data_dir / "cut.tif"
    path.write_bytes(cut)
    found = read_raster(path)
    assert np.isfinite(found[:, :30]).all()
    assert np.isnan(found[:, 30:]).all()
