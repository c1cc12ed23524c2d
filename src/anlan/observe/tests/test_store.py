from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.base import clock
from anlan.observe import registry, sql, taps
from anlan.observe.models import Flag, Latest, Quarantined, Reading, StationHealth
from anlan.observe.parcels import Parcel
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory, sender_for

pytestmark = pytest.mark.django_db


def now_ms():
    return clock.to_epoch_ms(timezone.now())


def parcel(*rows, sender=None, door="http"):
    station, quantity, at, value = zip(*rows, strict=True)
    return Parcel(door, list(station), list(quantity), list(at), list(value), sender)


def known(sender):
    return registry.current(now=True).senders[sender.token_hash]


@pytest.fixture
def series():
    return SeriesFactory()


@pytest.fixture
def batches(monkeypatch):
    """What the rules are shown."""
    seen = []
    monkeypatch.setattr(taps, "_taps", [seen.append])
    return seen


def row(series, at, value):
    return (series.station.code, series.quantity, at, value)


def test_a_reading_is_stored_flagged_shown_to_the_rules_and_becomes_the_latest(series, batches):
    at = now_ms() - 60_000
    (receipt,) = Store().write([parcel(row(series, at, 1.2), row(series, at + 1000, 1.4))])

    assert (receipt.stored, receipt.duplicate, receipt.quarantined) == (2, 0, 0)
    assert list(Reading.objects.order_by("at_ms").values_list("value", "flag")) == [
        (1.2, Flag.GOOD),
        (1.4, Flag.GOOD),
    ]
    assert Latest.objects.get().value == 1.4
    assert batches[0].value.tolist() == [1.2, 1.4]
    assert StationHealth.objects.get().door == "http"


def test_what_comes_again_counts_as_duplicate_and_changes_nothing(series, batches):
    at, store = now_ms() - 60_000, Store()
    store.write([parcel(row(series, at, 1.2))])
    (receipt,) = store.write(
        [parcel(row(series, at, 9.9), row(series, at + 1, 2), row(series, at + 1, 3))]
    )

    assert (receipt.stored, receipt.duplicate) == (1, 2)
    assert list(Reading.objects.order_by("at_ms").values_list("value", flat=True)) == [1.2, 2]
    assert batches[1].value.tolist() == [2]


def test_an_older_reading_does_not_replace_the_latest(series):
    at, store = now_ms() - 60_000, Store()
    store.write([parcel(row(series, at, 1))])
    store.write([parcel(row(series, at - 5000, 2))])

    assert Latest.objects.get().value == 1


def test_an_impossible_value_is_kept_as_bad_and_not_believed(series, batches):
    Store().write([parcel(row(series, now_ms(), 700))])

    assert Reading.objects.get().flag == Flag.BAD
    assert not Latest.objects.exists()
    assert batches[0].flag.tolist() == [Flag.BAD]


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(days=-500), timedelta(days=3650)])
def test_a_clock_that_is_far_off_is_shown_and_its_reading_not_believed(series, batches, off):
    at = now_ms() + round(off.total_seconds() * 1000)
    (receipt,) = Store().write([parcel(row(series, at, 1))])

    assert receipt.stored == 1
    assert Reading.objects.get().flag == Flag.BAD
    assert not Latest.objects.exists()
    assert batches == []
    assert StationHealth.objects.get().clock_off_s == pytest.approx(off.total_seconds(), abs=30)


def test_a_wrong_clock_does_not_spoil_the_quality_tests_of_what_follows(series, batches):
    store = Store()
    store.write([parcel(row(series, now_ms() + 10 * 86_400_000, 1))])
    store.write([parcel(row(series, now_ms(), 2))])

    assert Latest.objects.get().value == 2


def test_unknown_stations_and_quantities_wait_in_quarantine(series):
    at, code = now_ms(), series.station.code
    rows = [(code, "nonsense", at, 1), ("UNKNOWN", "rain_5min", at, 2), row(series, at, 3)]
    (receipt,) = Store().write([parcel(*rows)])

    assert (receipt.stored, receipt.quarantined) == (1, 2)
    assert set(Quarantined.objects.values_list("station_code", "quantity", "value")) == {
        (code, "nonsense", 1),
        ("UNKNOWN", "rain_5min", 2),
    }


def test_a_gateway_speaks_only_for_its_region(series):
    theirs = SeriesFactory()
    gateway = known(sender_for(series.station.region))
    at = now_ms()
    receipt, other = Store().write(
        [
            parcel(row(series, at, 1), row(theirs, at, 2), sender=gateway),
            parcel(row(series, at + 1, 1)),
        ]
    )

    assert (receipt.stored, other.stored) == (1, 1)
    assert [(number, code) for number, code, _ in receipt.refused] == [(1, "observe.not_yours")]
    assert not Reading.objects.filter(series=theirs).exists()


def test_a_device_speaks_only_for_itself(series):
    other = SeriesFactory(station__region=series.station.region)
    device = known(sender_for(series.station.region, station=series.station))
    at = now_ms()
    (receipt,) = Store().write(
        [
            parcel(
                row(other, at, 1),
                ("UNKNOWN", "rain_5min", at, 1),
                row(series, at, 1),
                sender=device,
            )
        ]
    )

    assert receipt.stored == 1
    assert [number for number, _code, _text in receipt.refused] == [0, 1]
    assert not Quarantined.objects.exists()


def test_a_fault_in_a_rule_does_not_cost_the_reading(series, monkeypatch, caplog):
    def broken(batch):
        raise ValueError("a bug")

    monkeypatch.setattr(taps, "_taps", [broken])
    (receipt,) = Store().write([parcel(row(series, now_ms(), 1))])

    assert receipt.stored == 1
    assert "a tap failed" in caplog.text


def test_a_failed_transaction_leaves_the_quality_state_as_it_was(series, monkeypatch):
    series.flat_s = 60
    series.save()
    at, store = now_ms() - 600_000, Store()
    store.write([parcel(row(series, at, 1))])
    broken = parcel(row(series, at + 30_000, 5))
    with monkeypatch.context() as patch:
        patch.setattr(sql, "raise_latest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.write([broken])
    store.write([parcel(row(series, at + 60_000, 1))])

    flags = list(Reading.objects.order_by("at_ms").values_list("flag", flat=True))
    assert flags == [Flag.GOOD, Flag.SUSPECT]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(),
    keys=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=40),
)
def test_any_order_and_repetition_of_messages_gives_the_same_rows(keys, data):
    """However a gateway repeats itself, the table holds each reading once."""
    Reading.objects.all()._raw_delete("default")
    Latest.objects.all().delete()
    registry.forget()
    every = [SeriesFactory() for _ in range(4)]
    start = clock.to_epoch_ms(datetime(2026, 7, 1, tzinfo=UTC))
    start = now_ms() - 3_600_000 if start else start
    rows = [row(every[s], start + 1000 * t, float(s * 100 + t) / 10) for s, t in keys]
    shuffled = data.draw(st.permutations(rows + rows))
    cut = data.draw(st.integers(0, len(shuffled)))
    store = Store()
    receipts = [
        store.write([parcel(*part)])[0] for part in (shuffled[:cut], shuffled[cut:]) if part
    ]

    wanted = {(every[s].pk, start + 1000 * t, float(s * 100 + t) / 10) for s, t in keys}
    assert set(Reading.objects.values_list("series_id", "at_ms", "value")) == wanted
    assert sum(receipt.stored for receipt in receipts) == len(wanted)
    assert sum(r.stored + r.duplicate for r in receipts) == len(shuffled)
    newest = {s: max(t for k, t in keys if k == s) for s, _ in keys}
    assert dict(Latest.objects.values_list("series_id", "at_ms")) == {
        every[s].pk: start + 1000 * t for s, t in newest.items()
    }
