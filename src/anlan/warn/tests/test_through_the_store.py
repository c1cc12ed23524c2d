"""Rules behind the real store: what they remember must follow what the store keeps and undoes."""

import pytest
from django.utils import timezone

from anlan.base import clock
from anlan.observe import registry, taps
from anlan.observe.models import Reading
from anlan.observe.parcels import Parcel
from anlan.observe.store import Store
from anlan.warn.evaluate import Evaluator
from anlan.warn.models import Alarm, RuleState
from anlan.warn.sweep import Sweeper
from anlan.warn.tests.factories import rule_in, series_in

pytestmark = pytest.mark.django_db


class House:
    """A store, the rules' tap, and after it another that can be made to fail."""

    def __init__(self, monkeypatch, **text):
        registry.forget()
        self.series = series_in()
        rule_in(self.series.station.region, **text)
        self.store, self.rules, self.broken = Store(), Evaluator(), False
        self.now_ms = clock.to_epoch_ms(timezone.now()) - 600_000
        monkeypatch.setattr(taps, "_taps", [self.rules.evaluate, self.after])

    def after(self, batch):
        if self.broken:
            raise ZeroDivisionError("a fault in another tap")

    def arrive(self, second, value):
        code, quantity = self.series.station.code, self.series.quantity
        at_ms = self.now_ms + second * 1000
        self.store.write([Parcel("http", [code], [quantity], [at_ms], [value])])
        return Alarm.objects.open().count()


@pytest.fixture
def house(monkeypatch):
    return House(monkeypatch)


def test_a_tap_that_fails_after_the_rules_leaves_their_state_as_before(house, caplog):
    assert house.arrive(0, 0.1) == 0
    house.broken = True
    assert house.arrive(10, 0.5) == 0
    house.broken = False

    # The reading is safe; alarm, state and memory are as if the rules had not looked at it.
    assert Reading.objects.count() == 2
    assert not Alarm.objects.exists()
    assert not RuleState.objects.exists()
    assert "a tap failed" in caplog.text
    # One that would only clear finds nothing to clear; the next high one raises the alarm.
    assert house.arrive(20, 0.1) == 0
    assert not Alarm.objects.exists()
    assert house.arrive(30, 0.5) == 1


def test_what_a_failed_tap_undid_is_caught_up_with_by_the_clock(house):
    house.arrive(0, 0.1)
    house.broken = True
    house.arrive(10, 0.5)

    Sweeper(Evaluator()).sweep(clock.from_epoch_ms(house.now_ms + 12_000))
    alarm = Alarm.objects.get()
    assert clock.to_epoch_ms(alarm.opened_at) == house.now_ms + 10_000


def test_a_late_reading_is_not_believed_after_a_failure_either(house):
    house.arrive(20, 0.1)
    house.broken = True
    house.arrive(30, 0.1)
    house.broken = False

    # Older than what is stored, in the first message after memory was read afresh.
    code, quantity = house.series.station.code, house.series.quantity
    times, values = [10, 40], [0.5, 0.1]
    at_ms = [house.now_ms + second * 1000 for second in times]
    house.store.write([Parcel("http", [code] * 2, [quantity] * 2, at_ms, values)])
    assert not Alarm.objects.exists()


def test_a_duration_goes_on_where_it_stood_before_the_failure(monkeypatch):
    house = House(monkeypatch, hold_s=20)
    house.arrive(0, 0.5)
    house.broken = True
    house.arrive(10, 0.1)  # would have ended it, and was undone
    house.broken = False

    state = RuleState.objects.get()
    assert (state.phase, state.since_ms) == (1, house.now_ms)
    assert house.arrive(21, 0.5) == 1
