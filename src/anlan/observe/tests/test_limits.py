"""What is believable of a series: set on its page, obeyed by the next reading, journalled."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed
from anlan.base.models import Event
from anlan.observe import lines, registry
from anlan.observe.models import Flag, Reading
from anlan.observe.parcels import Parcel
from anlan.observe.services import Limits, set_limits
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.fixture
def series():
    return SeriesFactory(quantity="water_level", unit="m", interval_s=300)


@pytest.fixture
def keeper(series):
    return account_in(series.station.region, "observe.manage", "observe.view")


@pytest.fixture
def store():
    return Store()


def report(store, series, minute, value):
    at_ms = clock.to_epoch_ms(AT) + minute * 60_000
    parcel = Parcel("http", [series.station.code], [series.quantity], [at_ms], [value])
    store.write([parcel], registry.current(now=True))
    return Reading.objects.get(series_id=series.pk, at_ms=at_ms).flag


def test_new_limits_judge_the_next_reading_and_leave_the_old_ones(store, series, keeper):
    assert report(store, series, 0, 42.0) == Flag.GOOD

    set_limits(
        series=series, limits=Limits(interval_s=300, low=30, high=40, rate=1), by=keeper, at=AT
    )

    assert report(store, series, 5, 41.0) == Flag.SUSPECT
    assert report(store, series, 10, 39.0) == Flag.SUSPECT  # two metres in five minutes
    assert Reading.objects.get(at_ms=clock.to_epoch_ms(AT)).flag == Flag.GOOD
    event = Event.objects.get(name="observe.series.limits")
    assert event.data["now"]["high"] == 40
    assert event.data["before"]["high"] is None
    set_limits(
        series=series, limits=Limits(interval_s=300, low=30, high=40, rate=1), by=keeper, at=AT
    )
    assert Event.objects.filter(name="observe.series.limits").count() == 1  # nothing changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 5, "high": 5},
        {"high": float("nan")},
        {"low": float("-inf")},
        {"spike": 0},
        {"rate": -1},
        {"flat_s": 300},
        {"interval_s": 1},
    ],
)
def test_limits_that_nothing_could_fulfil_are_refused(series, keeper, wrong):
    with pytest.raises(BadInput):
        set_limits(series=series, limits=Limits(**{"interval_s": 300, **wrong}), by=keeper, at=AT)


def test_a_stranger_and_a_reader_change_nothing(series, client):
    stranger = account_in(RegionFactory(), "observe.manage", "observe.view")
    reader = account_in(series.station.region, "observe.view")
    url = reverse("observe:limits", args=[series.pk])
    for person, status in ((stranger, 404), (reader, 403)):
        with pytest.raises(NotAllowed):
            set_limits(series=series, limits=Limits(interval_s=600), by=person, at=AT)
        client.force_login(person)
        assert client.get(url).status_code == status
        assert client.post(url, {"interval": 10}).status_code == status
    series.refresh_from_db()
    assert series.interval_s == 300


def test_the_page_takes_minutes_and_shows_what_was_reported_of_late(store, series, keeper, client):
    client.force_login(keeper)
    url = reverse("observe:limits", args=[series.pk])
    for minute, value in enumerate((36.1, 36.4, 38.25)):
        report(store, series, minute, value)

    answer = client.post(url, {"interval": "5", "flat": "180", "high": "60", "datum": "吴淞"})
    assert answer.status_code == 302

    series.refresh_from_db()
    assert (series.flat_s, series.high, series.low, series.datum) == (10800, 60, None, "吴淞")
    assert client.post(url, {"interval": "5", "flat": "1"}).status_code == 422
    assert url in client.get(f"/stations/{series.station_id}/").content.decode()


def test_upper_rooms_draw_their_levels_into_the_chart(series, keeper, client, monkeypatch):
    monkeypatch.setattr(lines, "_providers", [lambda one: [lines.Line("警戒水位", 38.5, 3)]])
    client.force_login(keeper)
    page = client.get(f"/stations/{series.station_id}/").content.decode()
    assert "38.5" in page
