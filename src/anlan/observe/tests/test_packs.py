from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from anlan.base import clock
from anlan.observe import history, packs, partitions
from anlan.observe.incoming import DAY_MS
from anlan.observe.models import Latest, PackedDay, Reading, SeriesDay
from anlan.observe.parcels import Parcel
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon():
    """Noon of the day before yesterday."""
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return clock.to_epoch_ms(today - timedelta(days=2))


def send(series, *rows):
    at, value = zip(*rows, strict=True)
    parcel = Parcel(
        "http", [series.station.code] * len(at), [series.quantity] * len(at), list(at), list(value)
    )
    Store().write([parcel])


def read(series, from_ms, to_ms):
    at, value, _flag = packs.read_series(series.pk, from_ms, to_ms)
    return list(zip(at.tolist(), value.tolist(), strict=True))


def test_a_series_reads_the_same_before_and_after_packing_and_with_late_rows(noon):
    one, other = SeriesFactory(), SeriesFactory()
    rows = [(noon + n * 3_600_000, float(n)) for n in range(-30, 40)]
    send(one, *rows)
    send(other, *rows)
    before = read(one, noon - 2 * DAY_MS, noon + 2 * DAY_MS)
    assert before == rows

    packs.pack_finished_days(datetime.now(UTC))
    assert SeriesDay.objects.filter(series=one).count() >= 2
    assert read(one, noon - 2 * DAY_MS, noon + 2 * DAY_MS) == rows
    assert read(one, noon, noon + 7_200_000) == rows[30:32]

    send(one, (noon + 1, 7.5))
    assert PackedDay.objects.filter(stale=True).exists()
    with_late = sorted([*rows, (noon + 1, 7.5)])
    assert read(one, noon - 2 * DAY_MS, noon + 2 * DAY_MS) == with_late
    packs.pack_finished_days(datetime.now(UTC))
    assert not PackedDay.objects.filter(stale=True).exists()
    assert read(one, noon - 2 * DAY_MS, noon + 2 * DAY_MS) == with_late


def packed():
    return set(PackedDay.objects.filter(packed=True, stale=False).values_list("day", flat=True))


@pytest.fixture
def packer(monkeypatch):
    """A packer that has time for one step only."""
    monkeypatch.setattr(packs, "SLICE_S", -1)
    monkeypatch.setattr(packs, "REST_S", 0)
    return packs.Packer()


def run_to_the_end(packer):
    """How many goes of the ticker it takes."""
    for number in range(1, 1000):
        packer.run(datetime.now(UTC))
        if packer._steps is None:
            return number
    raise AssertionError("it never ends")


def test_the_ticker_packs_a_moment_at_a_time_and_goes_on_where_it_stopped(noon, packer):
    series, day = SeriesFactory(), noon // DAY_MS
    rows = [(noon + n * 60_000, float(n)) for n in range(5)]
    send(series, *rows)
    for _ in range(10):
        packer.run(datetime.now(UTC))
        assert day not in packed()
        assert read(series, noon, noon + DAY_MS) == rows

    assert run_to_the_end(packer) > 50
    assert packed() == {day}
    assert read(series, noon, noon + DAY_MS) == rows
    assert run_to_the_end(packer) == 1


def test_what_comes_while_a_day_is_packed_is_packed_as_well(noon, packer):
    series = SeriesFactory()
    send(series, (noon, 1.0))
    for _ in range(60):
        packer.run(datetime.now(UTC))
    send(series, (noon - 3_600_000, 2.0))
    run_to_the_end(packer)
    assert packed() == set()

    run_to_the_end(packer)
    assert packed() == {noon // DAY_MS}
    assert read(series, noon - DAY_MS // 2, noon + 1) == [(noon - 3_600_000, 2.0), (noon, 1.0)]


def test_of_two_packers_of_one_day_only_the_second_counts(noon, packer):
    series, second = SeriesFactory(), packs.Packer()
    send(series, (noon, 1.0))
    packer.run(datetime.now(UTC))
    second.run(datetime.now(UTC))
    run_to_the_end(packer)
    assert packed() == set()

    run_to_the_end(second)
    assert packed() == {noon // DAY_MS}


@pytest.mark.parametrize("hours", [5, 7, 23, 29, 31])
def test_a_reading_for_a_day_that_may_be_packed_already_makes_it_stale(monkeypatch, hours):
    """Whether or not the day has been packed for less than a day."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    now = midnight - timedelta(days=2) + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: now)
    end = clock.to_epoch_ms(midnight - timedelta(days=2))
    send(SeriesFactory(), (end - 3_600_000, 1.0))

    stale = PackedDay.objects.filter(stale=True).values_list("day", flat=True)
    assert list(stale) == ([end // DAY_MS - 1] if hours > 6 else [])


def test_history_loaded_in_bulk_is_what_the_doors_would_have_stored(noon):
    limits = {"spike": 3.0, "rate": 30.0, "flat_s": 6 * 3600}
    by_door, in_bulk = SeriesFactory(**limits), SeriesFactory(**limits)
    rng = np.random.default_rng(7)
    at = noon - np.arange(200, dtype=np.int64)[::-1] * 3_600_000
    value = np.round(rng.gamma(1, 1, 200), 1)
    value[[20, 90]] = 40, 99
    value[100:120] = 2
    send(by_door, *zip(at.tolist(), value.tolist(), strict=True))

    assert history.load(np.full(200, in_bulk.pk), at, value) == 200
    one, two = (
        list(
            Reading.objects.filter(series=s).order_by("at_ms").values_list("at_ms", "value", "flag")
        )
        for s in (by_door, in_bulk)
    )
    assert one == two
    assert {flag for _at, _value, flag in one} == {1, 3, 4}
    latest = dict(Latest.objects.values_list("series_id", "at_ms"))
    assert latest[by_door.pk] == latest[in_bulk.pk]
    assert history.load(np.full(200, in_bulk.pk), at, value) == 0


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no partitions")
def test_next_months_get_their_partitions_and_rows_move_into_them():
    series = SeriesFactory()
    now = datetime.now(UTC)
    send(series, (clock.to_epoch_ms(now), 1.0))
    made = partitions.make_ahead(now)

    assert len(made) == 3
    assert partitions.make_ahead(now) == []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {made[0]}")
        assert cursor.fetchone() == (1,)
    assert Reading.objects.count() == 1
