from datetime import UTC, datetime, timedelta

import pytest

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.models import Event
from anlan.observe import registry, silence
from anlan.observe.models import Latest, Quarantined, Reading, Sender, StationHealth
from anlan.observe.parcels import Parcel
from anlan.observe.services import (
    add_series,
    adopt_station,
    make_sender,
    release_known,
    revoke_sender,
)
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory, StationFactory
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return datetime.now(UTC)


@pytest.fixture
def county():
    return RegionFactory()


@pytest.fixture
def officer(county):
    return account_in(county, "observe.manage")


@pytest.fixture
def stranger():
    return account_in(RegionFactory(), "observe.manage", "observe.view")


def waits(at, code="NEW", quantities=("rain_5min", "odd"), count=3):
    """Readings of an unregistered station, every five minutes."""
    start = clock.to_epoch_ms(at) - count * 300_000
    rows = [(q, start + n * 300_000, n / 10) for q in quantities for n in range(count)]
    quantity, times, values = zip(*rows, strict=True)
    parcel = Parcel("http", [code] * len(rows), list(quantity), list(times), list(values))
    Store().write([parcel])


def adopt(by, county, at, code="NEW"):
    return adopt_station(
        code=code, name="新站", kind="rain", region=county, lon=119.6, lat=29.1, by=by, at=at
    )


def test_a_token_opens_the_door_until_it_is_revoked(county, officer, at):
    sender, token = make_sender(name="城东网关", region=county, by=officer, at=at)
    assert token not in str(vars(Sender.objects.get()))
    assert registry.current(now=True).senders[registry.token_hash(token)].pk == sender.pk

    revoke_sender(sender=sender, by=officer, at=at)
    assert registry.current(now=True).senders == {}
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "observe.sender.made",
        "observe.sender.revoked",
    ]


def test_two_senders_have_two_names(county, officer, at):
    make_sender(name="网关", region=county, by=officer, at=at)
    with pytest.raises(Refusal, match="网关"):
        make_sender(name="网关", region=county, by=officer, at=at)


def test_a_stranger_makes_revokes_and_adopts_nothing(county, officer, stranger, at):
    sender, _token = make_sender(name="网关", region=county, by=officer, at=at)
    waits(at)
    with pytest.raises(NotAllowed):
        make_sender(name="别人", region=county, by=stranger, at=at)
    with pytest.raises(NotAllowed):
        revoke_sender(sender=sender, by=stranger, at=at)
    with pytest.raises(NotAllowed):
        adopt(stranger, county, at)
    with pytest.raises(NotAllowed):
        add_series(station=StationFactory(region=county), quantity="flow", by=stranger, at=at)


def test_adopting_a_station_turns_what_waited_into_readings(county, officer, at):
    waits(at)
    station, moved = adopt(officer, county, at)

    assert moved == 3
    series = station.series.get()
    assert (series.quantity, series.unit, series.interval_s) == ("rain_5min", "mm", 300)
    assert list(Reading.objects.order_by("at_ms").values_list("value", flat=True)) == [0, 0.1, 0.2]
    assert Latest.objects.get().value == 0.2
    assert set(Quarantined.objects.values_list("quantity", flat=True)) == {"odd"}
    assert Event.objects.filter(name="observe.station.adopted").get().data["readings"] == 3


def test_after_adoption_the_next_reading_goes_straight_in(county, officer, at):
    waits(at)
    adopt(officer, county, at)
    parcel = Parcel("http", ["NEW"], ["rain_5min"], [clock.to_epoch_ms(at)], [4.0])
    (receipt,) = Store().write([parcel])

    assert receipt.stored == 1


def test_what_nobody_reported_cannot_be_adopted(county, officer, at):
    with pytest.raises(Refusal) as refusal:
        adopt(officer, county, at)
    assert refusal.value.code == "observe.not_waiting"


def test_a_new_series_takes_over_what_waited_for_it(county, officer, at):
    station = StationFactory(region=county, code="NEW")
    waits(at, quantities=("flow",))
    add_series(station=station, quantity="flow", by=officer, at=at)

    assert Reading.objects.count() == 3
    with pytest.raises(BadInput):
        add_series(station=station, quantity="nonsense", by=officer, at=at)


def test_rows_that_slipped_into_quarantine_meanwhile_are_moved_by_the_ticker(at):
    waits(at, quantities=("rain_5min",))
    SeriesFactory(station__code="NEW")

    assert release_known(at) == 3
    assert release_known(at) == 0


def test_a_station_falls_silent_and_comes_back_while_only_the_clock_moves(at):
    series = SeriesFactory(interval_s=300)
    StationFactory()  # has no series, so nothing is expected of it
    parcel = Parcel("http", [series.station.code], ["rain_5min"], [clock.to_epoch_ms(at)], [1.0])
    Store().write([parcel])
    assert list(silence.silent_series(at + timedelta(minutes=14))) == []

    later = at + timedelta(minutes=16)
    (found,) = silence.silent_series(later)
    assert found.series_id == series.pk
    assert silence.note_silent_stations(later) == 1
    assert silence.note_silent_stations(later) == 0
    assert StationHealth.objects.get(station=series.station).silent_since

    Latest.objects.update(at_ms=clock.to_epoch_ms(later))
    assert silence.note_silent_stations(later) == 1
    names = Event.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["observe.station.silent", "observe.station.back"]


@pytest.mark.parametrize(
    ("volts", "low"), [(None, False), (12.6, False), (10.8, True), (3.6, False), (3.1, True)]
)
def test_a_low_battery_is_seen_for_both_kinds(volts, low):
    assert StationHealth(battery_v=volts).is_battery_low is low
