"""The city is loaded whole, once, and only into a demo."""

import numpy as np
import pytest
from django.utils import timezone

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.models import ScenarioClock
from anlan.command.models import PlanVersion
from anlan.demo import city, enterprises, inspecting, load, people, times
from anlan.govern.gaps import find_gaps
from anlan.observe import history, quality, registry, sql
from anlan.observe.models import Latest, Reading, Station
from anlan.observe.parcels import Parcel
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory
from anlan.people.models import Account, Charge, Holding, Shift
from anlan.places.models import Outline, Population, Region, Road, Site
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Draw, Enterprise, Hazard, PublicReport, StandardVersion, Visit
from anlan.simulate.models import Area

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    registry.forget()
    yield
    clock.forget()
    registry.forget()


def quiet(_text):
    pass


@pytest.fixture
def small(settings, monkeypatch, tmp_path):
    """A demo with two days of readings: all that takes long is the year."""
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    monkeypatch.setattr(times, "HISTORY_HOURS", 48)
    # argon2 is slow on purpose; what is hashed is the same.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.city
def test_an_interrupted_load_is_taken_up_again_and_a_whole_city_left_alone(small, monkeypatch):
    monkeypatch.setattr(load, "HOURS_A_PIECE", 12)
    with monkeypatch.context() as patch:
        interrupted_at_the_third(patch)
        with pytest.raises(KeyboardInterrupt):
            load.load(say=quiet)
    assert not load.is_loaded()

    made = load.load(say=quiet)
    assert Region.objects.count() == len(made.divisions) == 9453
    assert not Region.objects.filter(lon=None).exists()
    assert Outline.objects.filter(made_up=False).count() == 9
    assert Outline.objects.filter(made_up=True).count() == 146
    assert Site.objects.filter(made_up=True).count() == sum(city.SITES.values())
    assert Enterprise.objects.filter(site__made_up=True).count() == city.SITES["enterprise"]
    assert Enterprise.objects.filter(gaps=0).count() == enterprises.COMPLETE
    assert StandardVersion.objects.get().state == StandardVersion.State.IN_FORCE
    assert Enterprise.objects.filter(standard__code="example").count() > 300
    assert Visit.objects.finished().count() == sum(inspecting.COUNTIES.values())
    assert {h.item.state for h in Hazard.objects.select_related("item")} == {
        "OPEN", "SUBMITTED", "CLOSED",
    }  # fmt: skip
    assert len(Draw.objects.get().drawn) == 5
    listed = Draw.objects.get().frozen["inspectors"]
    assert not Account.objects.filter(pk__in=[r["code"] for r in listed], username="admin").exists()
    outcomes = sorted(PublicReport.objects.values_list("outcome", flat=True))
    assert outcomes == ["", "", "", "HAZARD", "HAZARD", "MERGED", "REJECTED", "VISIT"]
    assert not Enterprise.objects.exclude(site__region__level=Region.Level.GRID).exists()
    city_region = Region.objects.get(code=load.CITY_CODE)
    missing = find_gaps(
        actor=Account.objects.get(username="admin"), region=city_region, on=times.OPENS.date()
    )
    # Few enough to read, and something of each kind.
    assert 20 < missing.total < 50
    assert all((missing.regions, missing.chairs, missing.members, missing.duties))
    assert all((missing.meetings, missing.lists))
    assert Station.objects.count() == 1000
    assert Reading.objects.count() == 48 * 1000
    assert Latest.objects.count() == 1000
    villages = Holding.objects.filter(post__role__code="village.flood_officer")
    assert villages.count() == 3300
    assert Shift.objects.filter(leads=True, starts_at__lte=times.OPENS).exists()
    assert PlanVersion.objects.get().state == PlanVersion.State.IN_FORCE
    assert Area.objects.get(enabled=True).terrain.made_up
    assert Road.objects.filter(made_up=True).count() > 500
    assert Population.objects.filter(made_up=True).count() == city.GRIDS
    underpasses = Site.objects.filter(kind="underpass")
    assert Charge.objects.filter(site__in=underpasses).count() == underpasses.count()

    load.load(say=pytest.fail)
    assert (Reading.objects.count(), ScenarioClock.objects.count()) == (48 * 1000, 1)
    only_printed_accounts_can_sign_in(people.accounts_table(load.wanted_sign_ins(made)))


def interrupted_at_the_third(monkeypatch):
    real, calls = history.load, []

    def some(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(history, "load", some)


def only_printed_accounts_can_sign_in(table):
    usable = [a for a in Account.objects.exclude(username="system") if a.has_usable_password()]
    assert {a.username for a in usable} == {username for _who, username, _password in table}
    assert all(a.check_password(people.PASSWORD) for a in usable)


def test_a_real_citys_database_is_refused(settings):
    RegionFactory()
    with pytest.raises(Refusal, match=r"."):
        load.load(say=quiet)
    settings.DEMO = True  # even where somebody set it by mistake
    with pytest.raises(Refusal, match=r"."):
        load.load(say=quiet)
    assert Region.objects.count() == 1


def test_the_bulk_path_stores_what_the_doors_would_have_stored():
    """A sample of series, with spikes and an impossible value planted, both ways."""
    chosen = [
        SeriesFactory(quantity="rain_1h", interval_s=3600, **spec_of(city.RAIN[1])),
        SeriesFactory(quantity="ponding_depth", **spec_of(city.PONDING[0])),
        SeriesFactory(quantity="water_level", **spec_of(city.RIVER[0])),
        SeriesFactory(quantity="water_level", **spec_of(city.RIVER[0])),
    ]
    draw = np.random.default_rng(5)
    end_ms = clock.to_epoch_ms(timezone.now()) - 60 * 86_400_000
    at = end_ms - 3_600_000 * np.arange(239, -1, -1, dtype=np.int64)
    table = np.round(draw.uniform(30, 31, (4, 240)), 1)
    table[2, [71, 119]] += 20.0  # spikes, one at the end of a piece
    table[0, 50] = 9999.0

    state = quality.State()
    for start in range(0, 240, 120):
        some = slice(start, start + 120)
        series = np.repeat([s.pk for s in chosen], 120)
        history.load(series, np.tile(at[some], 4), table[:, some].ravel(), state=state)
    window = (int(at[0]), int(at[-1]) + 1)
    bulk = [column.tolist() for column in sql.readings_between(*window)]

    Reading.objects.filter(at_ms__gte=window[0], at_ms__lt=window[1]).delete()
    store = Store()
    store.state = quality.State()
    for start in range(0, 240, 7):
        for row, series in enumerate(chosen):
            stretch = range(start, min(start + 7, 240))
            store.write([
                Parcel("http", [series.station.code] * len(stretch),
                       [series.quantity] * len(stretch), at[start:start + 7].tolist(),
                       table[row, start:start + 7].tolist())
            ])  # fmt: skip
    doors = [column.tolist() for column in sql.readings_between(*window)]

    assert bulk == doors
    assert {1, 3, 4} <= set(bulk[3])


def spec_of(spec):
    return {"low": spec.low, "high": spec.high, "spike": spec.spike, "rate": spec.rate}
