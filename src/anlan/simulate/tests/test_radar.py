"""Radar fields handed in as a file are carried on; without pysteps, or stale, gauges are used."""

from datetime import timedelta

import numpy as np
import pytest

from anlan.people.models import Account
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.models import RainForecast, Run
from anlan.simulate.rain import area as rains
from anlan.simulate.rain.netcdf import read_rain
from anlan.simulate.services.rain_files import save_rain

from .factories import NOON, area_in, gauge_at, rain
from .test_rain_files import write

pytestmark = pytest.mark.django_db
STEP_H = 1 / 12  # five minutes
KIND = RainForecast.Kind


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


@pytest.fixture
def area(data_dir):
    return area_in(RegionFactory(level=3), data_dir)


def band(tmp_path, region, *, until_h=4.0, kind=KIND.RADAR, name="radar.nc"):
    """A band of rain that comes from the west at 12 m/s; its middle is 40 km away at NOON."""
    hours = until_h + STEP_H * np.arange(-6, 1)
    lon, lat = np.linspace(118.9, 120.4, 151), np.linspace(29.8, 28.4, 141)
    east_m = (lon - 119.65) * 97_400
    rough = 1 + 0.3 * np.sin(np.arange(141))[:, None]
    fields = [
        20 * np.exp(-(((east_m + 40_000 - 12 * 3600 * (h - 4)) / 9000) ** 2)) * rough for h in hours
    ]
    path = write(tmp_path / name, np.array(fields), hours=hours, lon=lon, lat=lat)
    by, at = Account.objects.system(), NOON
    return save_rain(path=path, found=read_rain(path), region=region, kind=kind, by=by, at=at)


def test_a_band_of_rain_arrives_when_it_should(tmp_path, area):
    pytest.importorskip("pysteps", reason="pysteps is not installed (anlan[nowcast])")
    kept = band(tmp_path, area.region)

    field, source = rains.foreseen(area, at=NOON, horizon_s=3 * 3600)

    assert source == Run.Rain.RADAR
    assert kept.name in field.note
    rate = field.rate_mm_h.mean(axis=(1, 2))
    middle = 0.5 * (field.edges_s[1:] + field.edges_s[:-1])
    peak = middle[int(rate.argmax())]
    assert abs(peak - 40_000 / 12) < 900  # within a quarter of an hour
    assert rate[middle < 1200].max() < 3
    assert field.edges_s[-1] == 3 * 3600


def test_stale_radar_or_none_of_pysteps_leaves_the_gauges(tmp_path, area, monkeypatch):
    rain(gauge_at(area.region), [1.0] * 24)
    band(tmp_path, area.region, until_h=3.5, name="old.nc")
    assert rains.foreseen(area, at=NOON, horizon_s=3600)[1] == Run.Rain.GAUGES

    band(tmp_path, area.region)
    monkeypatch.setitem(__import__("sys").modules, "pysteps", None)
    field, source = rains.foreseen(area, at=NOON, horizon_s=3600)
    assert source == Run.Rain.GAUGES
    assert "pysteps" in field.note


def test_radar_fields_at_uneven_times_are_not_used(tmp_path, area):
    rain(gauge_at(area.region), [1.0] * 24)
    kept = band(tmp_path, area.region)
    hours = np.array([3.5, 3.7, 3.8, 4.0])
    write(tmp_path / "uneven.nc", np.ones(4), hours=hours)
    (rains.Path(rains.settings.DATA_DIR) / kept.folder).write_bytes(
        (tmp_path / "uneven.nc").read_bytes()
    )

    field, source = rains.foreseen(area, at=NOON, horizon_s=3600)

    assert source == Run.Rain.GAUGES
    assert kept.name in field.note


def test_radar_is_of_the_past_and_a_forecast_is_not(tmp_path, area):
    later = NOON + timedelta(minutes=1)
    radar = band(tmp_path, area.region)
    assert list(RainForecast.objects.fresh_radar(later)) == [radar]
    assert list(RainForecast.objects.usable(later)) == []
