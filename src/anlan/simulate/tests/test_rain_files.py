"""Rain forecasts by the CF conventions: many ways to say the same rain, and many that are wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import netCDF4
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from anlan.base.errors import NotAllowed, Refusal
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.simulate.ground import estimate
from anlan.simulate.models import RainForecast, Run
from anlan.simulate.rain import area as rains
from anlan.simulate.rain.netcdf import read_rain
from anlan.simulate.runs import runner
from anlan.simulate.services.rain_files import save_rain
from anlan.simulate.services.runs import request_run

from .factories import GRID, NOON, a_city, area_in

HOURS = np.array([4.0, 5.0, 6.0, 7.0])  # UTC of 2026-07-03: NOON and after
MM_H = np.array([12.0, 6.0, 0.0])  # of the three hours


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


DEGREES = ("degrees_north", "degrees_east")


def write(
    path, values, *, units="mm h-1", name="rainfall_rate", hours=HOURS, lon=None, lat=None,
    bounds=False, issued=True, calendar="standard", axis_units=DEGREES,
    standard_name="rainfall_rate",
):  # fmt: skip
    """A small field: the values by time, the same everywhere."""
    lon = np.linspace(119.5, 119.8, 7) if lon is None else lon
    lat = np.linspace(29.3, 28.9, 9) if lat is None else lat  # north first, as is usual
    values = np.asarray(values, float)
    with netCDF4.Dataset(path, "w") as file:
        for dimension, size in (("time", len(hours)), ("lat", len(lat)), ("lon", len(lon)),
                                ("two", 2)):  # fmt: skip
            file.createDimension(dimension, size)
        time = file.createVariable("time", "f8", ("time",))
        time.units, time.calendar = "hours since 2026-07-03 00:00:00", calendar
        time[:] = hours
        if bounds:
            time.bounds = "time_bounds"
            edges = file.createVariable("time_bounds", "f8", ("time", "two"))
            edges[:] = np.column_stack([hours - 1, hours])
        for axis, units_, places in (("lat", axis_units[0], lat), ("lon", axis_units[1], lon)):
            variable = file.createVariable(axis, "f8", (axis,))
            variable.units = units_
            variable[:] = places
        if issued:
            reference = file.createVariable("forecast_reference_time", "f8")
            reference.standard_name = "forecast_reference_time"
            reference.units = "hours since 2026-07-03 00:00:00"
            reference[...] = 3.0
        data = file.createVariable(name, "f4", ("time", "lat", "lon"), fill_value=-999.0)
        data.units, data.standard_name = units, standard_name
        field = values[:, None, None] if values.ndim == 1 else values
        data[:] = np.broadcast_to(field, (len(hours), len(lat), len(lon)))
    return path


def rates_of(found):
    return found.rate_mm_h.mean(axis=(1, 2))


@pytest.mark.parametrize(
    ("values", "units"),
    [
        ([0, 12, 6, 0], "mm h-1"),
        ([0, 12 / 3600, 6 / 3600, 0], "kg m-2 s-1"),
        ([0, 12 / 3.6e6, 6 / 3.6e6, 0], "m s**-1"),
        ([0, 12, 6, 0], "mm"),  # of each hour
        ([3, 15, 21, 21], "mm"),  # summed up since an earlier start
        ([0.003, 0.015, 0.021, 0.021], "m"),
    ],
)
def test_the_same_rain_is_read_however_it_is_written(tmp_path, values, units):
    found = read_rain(write(tmp_path / "r.nc", values, units=units))

    np.testing.assert_allclose(rates_of(found), MM_H, atol=1e-4)
    assert found.edges == [NOON + timedelta(hours=n) for n in range(4)]
    assert found.issued_at == NOON - timedelta(hours=1)


def test_bounds_say_what_a_field_belongs_to(tmp_path):
    found = read_rain(write(tmp_path / "r.nc", MM_H, hours=HOURS[1:], bounds=True))

    np.testing.assert_allclose(rates_of(found), MM_H)
    assert found.edges[0] == NOON
    over = found.over(GRID, since=NOON - timedelta(minutes=30))
    assert over.edges_s.tolist() == [1800, 5400, 9000, 12600]


def test_rain_keeps_its_place_on_the_ground(tmp_path):
    """Rain in the east only, then in the south only; rows of the file begin in the north."""
    wide = replace(GRID, cell_m=200.0)  # 12 km
    lon, lat = np.linspace(119.5, 119.9, 81), np.linspace(29.3, 28.9, 81)
    east = np.broadcast_to(np.where(lon > 119.71, 20.0, 0.0), (4, 81, 81))
    south = np.broadcast_to(np.where(lat < 29.04, 20.0, 0.0)[:, None], (4, 81, 81))

    by_column, by_row = (
        read_rain(write(tmp_path / f"{n}.nc", field, lon=lon, lat=lat))
        .over(wide, since=NOON)
        .rate_mm_h[0]
        for n, field in enumerate((east, south))
    )

    assert (by_column[:, 0].max(), by_column[:, -1].min()) == pytest.approx((0, 20))
    assert (by_row[0].max(), by_row[-1].min()) == pytest.approx((0, 20))


def code_of(call, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    assert refused.value.message
    return refused.value.code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"values": [0, -3, 1, 1]}, "simulate.rain_negative"),
        ({"values": [0, 516, 1, 1]}, "simulate.rain_absurd"),
        ({"values": [0, 1, 1, 1], "units": "dBZ"}, "simulate.rain_units"),
        ({"values": [-999] * 4}, "simulate.rain_empty"),
        ({"values": [0, 1, 1, 1], "standard_name": "air_temperature"}, "simulate.rain_variable"),
        ({"values": [0, 1, 1, 1], "hours": HOURS[::-1]}, "simulate.rain_time"),
        ({"values": [0, 1, 1, 1], "calendar": "360_day"}, "simulate.rain_time"),
        ({"values": [0, 1, 1, 1], "axis_units": ("m", "m")}, "simulate.rain_crs"),
        ({"values": [0, 1, 1, 1], "lon": np.array([119.5, 119.8, 119.6])}, "simulate.rain_grid"),
        ({"values": [0, 1, 1, 1], "lat": np.full(9, np.nan)}, "simulate.rain_grid"),
        ({"values": [0, 1, 1, 1], "lat": np.linspace(500, 501, 9)}, "simulate.rain_grid"),
        ({"values": [0, 1, 1, 1], "lat": np.zeros(0)}, "simulate.rain_empty"),
        ({"values": np.zeros(0), "hours": np.zeros(0), "issued": False}, "simulate.rain_empty"),
        ({"values": [0, 1, 1, 1], "hours": np.array([4, np.nan, 6, 7])}, "simulate.rain_time"),
        ({"values": [0, 1, 1, 1], "hours": HOURS * 1e9}, "simulate.rain_time"),
    ],
)  # fmt: skip
def test_rain_that_cannot_be_is_refused(tmp_path, given, code):
    assert code_of(read_rain, write(tmp_path / "r.nc", **given)) == code


def test_what_is_no_netcdf_is_refused_and_a_variable_can_be_named(tmp_path):
    (tmp_path / "no.nc").write_text("no")
    assert code_of(read_rain, tmp_path / "no.nc") == "simulate.unreadable_rain"
    odd = write(tmp_path / "odd.nc", [0, 1, 1, 1], name="x", standard_name="")
    assert code_of(read_rain, odd) == "simulate.rain_variable"
    assert read_rain(odd, variable="x").variable == "x"
    assert code_of(read_rain, odd, variable="y") == "simulate.rain_variable"


def keep(path, region, *, by=None, at=NOON):
    by = by or Account.objects.system()
    return save_rain(path=path, found=read_rain(path), region=region, by=by, at=at)


@pytest.mark.django_db
def test_a_run_uses_the_newest_forecast_and_after_its_end_the_gauges(tmp_path, data_dir):
    area = a_city(data_dir, horizon_s=4 * 3600)
    keep(write(tmp_path / "old.nc", [0, 1, 1, 1]), area.region)
    newest = keep(write(tmp_path / "new.nc", [0, 12, 6, 0]), area.region)
    RainForecast.objects.filter(pk=newest.pk).update(issued_at=NOON)

    field, source = rains.foreseen(area, at=NOON, horizon_s=4 * 3600)

    assert source == Run.Rain.FILE
    np.testing.assert_allclose(field.rate_mm_h.mean(axis=(1, 2))[:3], MM_H, atol=1e-4)
    assert field.edges_s[-1] == 4 * 3600
    assert field.rate_mm_h[-1].mean() > 1  # the gauges' hour of 40 mm, faded into its mean
    request_run(area=area, by=Account.objects.system(), at=NOON)
    taken = runner.take_next()
    runner.compute(taken, runner.Pulse(taken))
    run = Run.objects.get()
    assert (run.state, run.rain_source) == (Run.State.DONE, Run.Rain.FILE)
    assert run.inputs["rain_ahead"]["file_sha256"] == newest.sha256


@pytest.mark.django_db
def test_old_future_and_foreign_forecasts_are_not_used(tmp_path, data_dir):
    area = area_in(RegionFactory(level=3), data_dir)
    keep(write(tmp_path / "r.nc", [0, 12, 6, 0]), RegionFactory(level=3))
    assert rains.foreseen(area, at=NOON, horizon_s=3600)[1] == Run.Rain.GAUGES

    own = keep(write(tmp_path / "own.nc", [0, 12, 6, 1]), area.region)
    assert rains.foreseen(area, at=NOON, horizon_s=3600)[1] == Run.Rain.FILE
    for issued_at in (NOON + timedelta(minutes=1), NOON - timedelta(hours=13)):
        RainForecast.objects.filter(pk=own.pk).update(issued_at=issued_at)
        assert rains.foreseen(area, at=NOON, horizon_s=3600)[1] == Run.Rain.GAUGES


@pytest.mark.django_db
def test_a_forecast_elsewhere_or_lost_costs_no_run(tmp_path, data_dir):
    area = a_city(data_dir)
    far = write(tmp_path / "far.nc", [0, 12, 6, 0], lon=np.linspace(100, 101, 7))
    kept = keep(far, area.region)

    field, source = rains.foreseen(area, at=NOON, horizon_s=3600)
    assert source == Run.Rain.GAUGES
    assert "far.nc" in field.note
    (data_dir / kept.folder).unlink()
    assert rains.foreseen(area, at=NOON, horizon_s=3600)[1] == Run.Rain.GAUGES


def test_rain_too_large_for_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "r.nc", [0, 1, 1, 1])
    monkeypatch.setattr(estimate, "free_bytes", lambda: 1000)
    assert code_of(read_rain, path) == "simulate.memory"


def test_a_damaged_part_of_a_file_is_said(tmp_path):
    path = write(tmp_path / "r.nc", np.arange(4 * 90 * 70.0).reshape(4, 90, 70) % 7,
                 lat=np.linspace(29.3, 28.9, 90), lon=np.linspace(119.5, 119.8, 70))  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert code_of(read_rain, path) == "simulate.unreadable_rain"


def test_text_is_no_rain(tmp_path):
    with netCDF4.Dataset(tmp_path / "r.nc", "w") as file:
        for name in ("time", "lat", "lon"):
            file.createDimension(name, 3)
        file.createVariable("rain", str, ("time", "lat", "lon"))
    assert code_of(read_rain, tmp_path / "r.nc") == "simulate.rain_numbers"


@pytest.mark.django_db
def test_only_who_keeps_the_region_hands_in_rain_and_the_same_file_counts_once(tmp_path):
    county = RegionFactory(level=3)
    path = write(tmp_path / "r.nc", [0, 12, 6, 0])
    with pytest.raises(NotAllowed):
        keep(path, county, by=account_in(RegionFactory(level=3), "simulate.manage"))
    keeper = account_in(county, "simulate.manage")
    assert keep(path, county, by=keeper) == keep(path, county, by=keeper)
    late = datetime(2026, 7, 4, tzinfo=UTC)
    other = write(tmp_path / "s.nc", [0, 12, 6, 1])
    assert code_of(keep, other, county, by=keeper, at=late) == "simulate.rain_past"


@pytest.mark.django_db
def test_the_command_checks_reports_and_keeps(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)
    county = RegionFactory(level=3)
    path = write(tmp_path / "r.nc", [0, 12, 6, 0])

    call_command("rain", "import", str(path), "--region", county.code, "--dry-run")
    assert not RainForecast.objects.exists()
    call_command("rain", "import", str(path), "--region", county.code)

    assert "12" in capsys.readouterr().out
    assert RainForecast.objects.get().facts["greatest_total_mm"] == 18
    with pytest.raises(CommandError):
        call_command("rain", "import", str(tmp_path / "none.nc"), "--region", county.code)
