"""Rules on readings as they arrive: sequences worked out by hand."""

import numpy as np
import pytest

from anlan.base.models import Event
from anlan.observe.models import Flag
from anlan.observe.taps import Batch
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.warn import queries, table
from anlan.warn.evaluate import Evaluator
from anlan.warn.models import Alarm, Rule, SeriesLevel
from anlan.warn.tests.factories import batch_of, latest, minutes, rule_in, series_in

pytestmark = pytest.mark.django_db


def told(*rows, evaluator=None, **more):
    """Readings one batch each; returns what is open after each of them."""
    evaluator = evaluator or Evaluator()
    open_after = []
    for row in rows:
        evaluator.evaluate(batch_of(row, **more))
        open_after.append(Alarm.objects.open().count())
    return open_after


def test_an_alarm_is_raised_at_the_threshold_and_cleared_only_below_the_clear_level():
    series = series_in()
    rule_in(series.station.region, threshold=0.27, clear=0.20)

    depths = [0.26, 0.27, 0.25, 0.30, 0.20, 0.19, 0.25, 0.26]
    opened = told(*[(series, 5 * n, depth) for n, depth in enumerate(depths)])

    assert opened == [0, 1, 1, 1, 1, 0, 0, 0]
    alarm = Alarm.objects.get()
    assert (alarm.opened_at, alarm.value) == (minutes(5), 0.27)
    assert (alarm.cleared_at, alarm.cleared_value) == (minutes(25), 0.19)
    assert alarm.details["threshold"] == 0.27
    assert [note.kind for note in alarm.notes.order_by("pk")] == ["RAISED", "CLEARED"]


def test_low_values_alarm_where_the_rule_says_below():
    series = series_in()
    rule_in(series.station.region, below=True, threshold=11.5, clear=12.0)

    assert told((series, 0, 12), (series, 5, 11.5), (series, 10, 11.9), (series, 15, 12.1)) == [
        0,
        1,
        1,
        0,
    ]


def test_events_say_what_where_and_how_grave_for_those_who_may_hear_it():
    series = series_in()
    rule = rule_in(series.station.region)
    told((series, 0, 0.5), (series, 5, 0.0))

    raised, cleared = Event.objects.filter(name__startswith="warn.").order_by("pk")
    alarm = Alarm.objects.get()
    assert (raised.name, cleared.name) == ("warn.alarm.raised", "warn.alarm.cleared")
    assert raised.region_path == series.station.region.path
    assert raised.data == {
        "alarm_id": alarm.pk,
        "rule": rule.pk,
        "severity": 2,
        "series_id": series.pk,
        "station_code": series.station.code,
        "value": 0.5,
        "exercise": False,
    }


def test_a_duration_is_over_exactly_at_its_end_and_not_before():
    series = series_in()
    rule_in(series.station.region, hold_s=300)

    assert told((series, 0, 0.3), (series, 4.999, 0.3), (series, 5, 0.3)) == [0, 0, 1]
    assert Alarm.objects.get().opened_at == minutes(5)


def test_a_duration_begins_again_when_one_reading_does_not_fulfil_it():
    series = series_in()
    rule_in(series.station.region, hold_s=300, clear=0.2)

    rows = [(series, 0, 0.3), (series, 4, 0.26), (series, 5, 0.3), (series, 9, 0.3)]
    assert told(*rows, (series, 10, 0.3)) == [0, 0, 0, 0, 1]


def test_three_of_five_readings_are_needed_where_the_rule_says_so():
    series = series_in()
    rule_in(series.station.region, hits=3, of=5)

    values = [0.3, 0.1, 0.3, 0.1, 0.1, 0.3, 0.1, 0.3, 0.3]
    assert told(*[(series, n, v) for n, v in enumerate(values)]) == [0] * 8 + [1]


def test_a_late_reading_neither_raises_nor_clears():
    series = series_in()
    rule_in(series.station.region, clear=0.2)
    evaluator = Evaluator()

    assert told((series, 10, 0.1), (series, 5, 0.5), evaluator=evaluator) == [0, 0]
    assert told((series, 15, 0.5), (series, 12, 0.1), evaluator=evaluator) == [1, 1]


def test_a_reading_older_than_what_another_process_stored_changes_nothing():
    series = series_in()
    rule_in(series.station.region)
    evaluator = Evaluator()
    told((series, 0, 0.1), evaluator=evaluator)
    latest(series, 20, 0.1)  # by another process

    assert told((series, 10, 0.5), evaluator=evaluator) == [0]


def test_the_same_reading_again_raises_nothing_more():
    series = series_in()
    rule_in(series.station.region, hits=2, of=3)

    assert told((series, 0, 0.5), (series, 0, 0.5), (series, 0, 0.5)) == [0, 0, 0]


@pytest.mark.parametrize("flag", [Flag.SUSPECT, Flag.BAD, Flag.MISSING])
def test_a_reading_that_is_not_believed_neither_raises_nor_clears(flag):
    series = series_in()
    rule_in(series.station.region)

    assert told((series, 0, 0.5), flag=flag) == [0]
    told((series, 5, 0.5))
    assert told((series, 10, 0.0), flag=flag) == [1]


def test_a_reading_without_a_value_changes_nothing():
    series = series_in()
    rule_in(series.station.region, below=True)

    assert told((series, 0, float("nan"))) == [0]


def test_history_and_readings_from_the_future_raise_nothing():
    series = series_in()
    rule_in(series.station.region)

    assert told((series, 0, 0.5), late=25 * 60) == [0]
    assert told((series, 120, 0.5), late=-61) == [0]


def test_a_rule_watches_its_region_its_kinds_and_its_chosen_series_only():
    county = RegionFactory()
    inside, other_kind = series_in(county), series_in(county, kind="underpass")
    outside = series_in()
    everywhere = rule_in(county)
    kinds = rule_in(county, station_kinds=["underpass"])
    chosen = rule_in(county, series=[inside.pk])

    Evaluator().evaluate(batch_of((inside, 0, 1), (other_kind, 0, 1), (outside, 0, 1)))

    def watched(rule: Rule) -> set[int]:
        return set(rule.alarms.values_list("series_id", flat=True))

    assert watched(everywhere) == {inside.pk, other_kind.pk}
    assert watched(kinds) == {other_kind.pk}
    assert watched(chosen) == {inside.pk}


def test_a_level_of_the_place_is_the_threshold_where_the_rule_names_one():
    county = RegionFactory()
    with_level, without = (series_in(county, "water_level") for _ in range(2))
    SeriesLevel.objects.create(series=with_level, name="warning", value=35.5)
    rule_in(county, quantity="water_level", level="warning", clear=0.2)
    evaluator = Evaluator()

    rows = [(with_level, 0, 35.4), (without, 0, 90.0), (with_level, 5, 35.5)]
    assert told(*rows, evaluator=evaluator) == [0, 0, 1]
    assert told((with_level, 10, 35.31), (with_level, 15, 35.29), evaluator=evaluator) == [1, 0]


def test_state_survives_a_restart():
    series = series_in()
    rule_in(series.station.region, hold_s=600, clear=0.2)

    # A new evaluator each time: nothing is left but what the database holds.
    assert told((series, 0, 0.3)) + told((series, 5, 0.3)) + told((series, 10, 0.3)) == [0, 0, 1]
    assert told((series, 15, 0.3)) + told((series, 20, 0.1)) == [1, 0]


def test_an_evaluator_sees_what_another_did():
    series = series_in()
    rule_in(series.station.region)
    one, other = Evaluator(), Evaluator()

    told((series, 0, 0.1), evaluator=one)
    told((series, 1, 0.1), evaluator=other)
    told((series, 5, 0.5), evaluator=one)
    assert told((series, 10, 0.1), evaluator=other) == [0]
    assert told((series, 15, 0.5), evaluator=one) == [1]
    assert Alarm.objects.count() == 2


def test_any_two_stations_of_the_region_raise_one_alarm_of_the_region():
    county = RegionFactory()
    a, b, c = (series_in(county) for _ in range(3))
    rule_in(county, stations=2)
    rows = [(a, 0, 0.5), (b, 1, 0.1), (c, 2, 0.5), (b, 3, 0.5), (a, 4, 0.0), (b, 5, 0.0)]

    assert told(*rows) == [0, 0, 1, 1, 1, 0]
    alarm = Alarm.objects.get()
    assert (alarm.series, alarm.region, alarm.value) == (None, county, 2)
    assert {row["series_id"] for row in alarm.details["stations"]} == {a.pk, c.pk}


def test_a_rule_changed_or_switched_off_is_followed_from_the_next_batch():
    series = series_in()
    rule = rule_in(series.station.region)
    evaluator = Evaluator()
    told((series, 0, 0.1), evaluator=evaluator)
    Rule.objects.filter(pk=rule.pk).update(enabled=False)
    table.mark_changed()

    assert told((series, 5, 0.9), evaluator=evaluator) == [0]


def test_one_batch_may_hold_a_whole_story():
    series = series_in()
    rule_in(series.station.region, clear=0.2)

    values = [0.1, 0.3, 0.1, 0.3, 0.3, 0.1, 0.4]
    Evaluator().evaluate(batch_of(*[(series, n, v) for n, v in enumerate(values)]))

    rows = Alarm.objects.order_by("opened_at").values_list("opened_at", "cleared_at")
    assert list(rows) == [
        (minutes(1), minutes(2)),
        (minutes(3), minutes(5)),
        (minutes(6), None),
    ]


def test_an_exercise_rule_raises_exercise_alarms():
    series = series_in()
    rule_in(series.station.region, exercise=True)
    told((series, 0, 0.5))

    assert Alarm.objects.get().exercise
    assert Event.objects.get(name="warn.alarm.raised").data["exercise"]


def test_a_stranger_sees_no_alarm():
    series = series_in()
    rule_in(series.station.region)
    told((series, 0, 0.5))

    assert len(queries.list_alarms(actor=account_in(series.station.region, "warn.view"))) == 1
    assert len(queries.list_alarms(actor=account_in(RegionFactory(), "warn.view"))) == 0
    assert len(queries.list_alarms(actor=account_in(series.station.region, "work.view"))) == 0


def test_calm_weather_costs_one_query(django_assert_num_queries):
    series = [series_in() for _ in range(5)]
    for one in series:
        rule_in(one.station.region)
    evaluator = Evaluator()
    evaluator.evaluate(batch_of(*[(one, 0, 0.0) for one in series]))

    with django_assert_num_queries(1):
        evaluator.evaluate(batch_of(*[(one, 5, 0.1) for one in series]))


def test_a_batch_of_nothing_is_nothing():
    rule_in(series_in().station.region)
    empty = np.empty(0)
    Evaluator().evaluate(
        Batch(
            empty.astype(np.int64), empty.astype(np.int64), empty, empty.astype(np.int8), minutes(0)
        )
    )
    assert not Alarm.objects.exists()
