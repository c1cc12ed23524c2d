"""Rules on the clock: what happens also while no reading arrives."""

import pytest

from anlan.observe.models import Flag, Station
from anlan.places.tests.factories import RegionFactory
from anlan.warn import table
from anlan.warn.evaluate import Evaluator
from anlan.warn.models import Alarm, Rule, SeriesLevel
from anlan.warn.sweep import Sweeper
from anlan.warn.tests.factories import batch_of, latest, minutes, rule_in, series_in, stored

pytestmark = pytest.mark.django_db


def arrive(series, minute, value):
    """A reading as it comes through a door: shown to the rules, then kept as the latest."""
    Evaluator().evaluate(batch_of((series, minute, value)))
    latest(series, minute, value)


def open_after(*at, sweeper=None):
    """How many alarms are open after sweeps at these minutes."""
    sweeper = sweeper or Sweeper(Evaluator())
    counts = []
    for minute in at:
        sweeper.sweep(minutes(minute))
        counts.append(Alarm.objects.open().count())
    return counts


def test_a_duration_ends_on_the_clock_when_no_reading_comes():
    series = series_in()
    rule_in(series.station.region, hold_s=600)
    arrive(series, 0, 0.5)

    # A minute is left for a late reading that might say otherwise.
    assert open_after(9, 10, 10.99, 11) == [0, 0, 0, 1]
    assert Alarm.objects.get().opened_at == minutes(10)


def test_a_duration_is_not_over_early_because_an_old_reading_comes_again():
    series = series_in()
    rule_in(series.station.region, hold_s=600)
    arrive(series, 0, 0.5)
    arrive(series, 5, 0.1)

    assert open_after(11, 16, 60) == [0, 0, 0]


def test_an_alarm_clears_when_it_has_been_quiet_for_long_enough_though_nothing_arrives():
    series = series_in()
    rule_in(series.station.region, clear_after_s=600)
    arrive(series, 0, 0.5)
    arrive(series, 5, 0.1)

    assert open_after(14, 15.99, 16) == [1, 1, 0]
    assert Alarm.objects.get().cleared_at == minutes(15)


def test_quiet_must_last_a_rise_in_between_begins_it_again():
    series = series_in()
    rule_in(series.station.region, clear_after_s=600)
    for minute, value in [(0, 0.5), (5, 0.1), (10, 0.5), (12, 0.1)]:
        arrive(series, minute, value)

    assert open_after(16, 22.9, 23) == [1, 1, 0]


def test_a_device_that_only_speaks_up_is_forgotten_when_it_stays_silent():
    series = series_in()
    rule_in(series.station.region, forget_s=600)
    arrive(series, 0, 0.5)
    sweeper = Sweeper(Evaluator())

    assert open_after(9, 10, 11, 12, sweeper=sweeper) == [1, 0, 0, 0]
    assert Alarm.objects.get().notes.last().text == "silent"
    arrive(series, 15, 0.5)
    assert Alarm.objects.open().count() == 1


def test_silence_is_noticed_while_nothing_arrives_and_ends_with_the_first_reading():
    series = series_in(interval_s=300)
    rule_in(series.station.region, measure="SILENCE", threshold=1800)
    latest(series, 0, 0.1)
    sweeper = Sweeper(Evaluator())

    assert open_after(29, 30, 31, sweeper=sweeper) == [0, 1, 1]
    assert Alarm.objects.get().opened_at == minutes(30)
    latest(series, 40, 0.1)
    assert open_after(41, sweeper=sweeper) == [0]
    assert Alarm.objects.get().cleared_at == minutes(40)


def test_a_station_that_never_spoke_is_silent_since_the_rule_was_made():
    series = series_in()
    rule_in(series.station.region, measure="SILENCE", threshold=1800)  # made at noon

    assert open_after(29, 30) == [0, 1]


def test_an_hourly_station_is_not_silent_after_half_an_hour():
    series = series_in(interval_s=3600)
    rule_in(series.station.region, measure="SILENCE", threshold=1800)
    latest(series, 0, 0.1)

    assert open_after(31, 119, 120) == [0, 0, 1]


def test_rain_is_summed_over_the_window_and_rolls_out_of_it_though_nothing_arrives():
    series = series_in(quantity="rain_5min", unit="mm", kind="rain")
    rule_in(series.station.region, quantity="rain_5min", measure="SUM", window_s=3600, threshold=20)
    stored(series, *[(5 * n, 2.0) for n in range(1, 11)])
    sweeper = Sweeper(Evaluator())

    # 2 mm each five minutes from 12:05 to 12:50: 20 mm at 12:50; at 13:05 the first rolls out.
    assert open_after(49, 50, 64, 65, sweeper=sweeper) == [0, 1, 1, 0]
    alarm = Alarm.objects.get()
    assert (alarm.opened_at, alarm.value) == (minutes(50), 20)
    assert (alarm.cleared_at, alarm.cleared_value) == (minutes(65), 18)


def test_rain_that_is_not_believed_is_not_summed():
    series = series_in(quantity="rain_5min", unit="mm", kind="rain")
    rule_in(series.station.region, quantity="rain_5min", measure="SUM", window_s=3600, threshold=20)
    stored(series, (5, 19.0))
    stored(series, (10, 50.0), flag=Flag.SUSPECT)

    assert open_after(11) == [0]


def test_a_river_that_rises_fast_alarms_before_it_is_high():
    series = series_in(quantity="water_level", kind="river")
    rule_in(
        series.station.region,
        quantity="water_level",
        measure="RATE",
        window_s=3600,
        threshold=0.5,
        clear=0.2,
    )
    stored(series, (0, 30.0), (5, 30.1))
    # 0.1 m in 5 minutes would be 1.2 m/h, but five minutes say nothing about an hour.
    sweeper = Sweeper(Evaluator())
    assert open_after(6, sweeper=sweeper) == [0]
    stored(series, (30, 30.24))
    assert open_after(31, sweeper=sweeper) == [0]  # 0.48 m/h
    stored(series, (60, 30.5))
    assert open_after(60, sweeper=sweeper) == [1]
    stored(series, (90, 30.5), (120, 30.52))
    assert open_after(90, 121, sweeper=sweeper) == [1, 0]
    assert Alarm.objects.get().value == 0.5


def test_a_rule_made_while_the_water_is_high_does_not_wait_for_the_next_reading():
    series = series_in()
    latest(series, 0, 0.5)
    rule_in(series.station.region)

    assert open_after(1) == [1]
    assert Alarm.objects.get().opened_at == minutes(0)


def test_a_value_of_yesterday_is_not_taken_for_the_present_one():
    series = series_in()
    latest(series, -24 * 60, 0.5)
    rule_in(series.station.region)

    assert open_after(0) == [0]


def test_silence_alone_clears_no_water():
    series = series_in()
    rule_in(series.station.region)
    arrive(series, 0, 0.5)

    assert open_after(10, 600, 5000) == [1, 1, 1]


def test_a_silent_station_no_longer_counts_in_a_combination():
    county = RegionFactory()
    a, b = series_in(county), series_in(county)
    rule_in(county, stations=2)
    arrive(a, 0, 0.5)
    arrive(b, 50, 0.5)
    assert Alarm.objects.open().count() == 1

    assert open_after(55, 61) == [1, 0]


def test_alarms_of_a_rule_that_was_switched_off_or_a_station_that_is_gone_are_cleared():
    county = RegionFactory()
    a, b = series_in(county), series_in(county)
    rule, other = rule_in(county), rule_in(county, threshold=0.4)
    arrive(a, 0, 0.5)
    arrive(b, 0, 0.5)
    Rule.objects.filter(pk=rule.pk).update(enabled=False)
    Station.objects.filter(pk=a.station_id).update(retired_at=minutes(1))
    table.mark_changed()

    open_after(2)
    assert [(alarm.rule, alarm.series) for alarm in Alarm.objects.open()] == [(other, b)]


def test_a_level_learnt_later_is_used_from_then_on():
    series = series_in(quantity="water_level")
    rule_in(series.station.region, quantity="water_level", level="warning")
    latest(series, 0, 36.0)
    sweeper = Sweeper(Evaluator())
    assert open_after(0, sweeper=sweeper) == [0]

    SeriesLevel.objects.create(series=series, name="warning", value=35.5)
    table.mark_changed()
    assert open_after(1, sweeper=sweeper) == [1]


def test_a_sweep_repeated_changes_nothing():
    series = series_in()
    rule_in(series.station.region, clear=0.2)
    arrive(series, 0, 0.5)

    assert open_after(1, 1, 2, 3) == [1, 1, 1, 1]
    assert Alarm.objects.count() == 1
    assert Alarm.objects.get().notes.count() == 1
