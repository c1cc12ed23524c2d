"""Several evaluators at once: whatever comes in whatever order, one open alarm at most."""

import threading
from collections import Counter

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.base.models import Event
from anlan.places.tests.factories import RegionFactory
from anlan.warn.evaluate import Evaluator
from anlan.warn.models import Alarm, RuleState
from anlan.warn.sweep import Sweeper
from anlan.warn.tests.factories import (
    alarm_of,
    batch_of,
    latest,
    minutes,
    rule_in,
    series_in,
)

pytestmark = pytest.mark.django_db

readings = st.tuples(
    st.integers(0, 1),  # which series
    st.integers(0, 30),  # minute: late and double ones among them
    st.sampled_from([0.0, 0.19, 0.2, 0.26, 0.27, 0.5]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("batch"), st.integers(0, 1), st.lists(readings, min_size=1, max_size=6)),
        st.tuples(st.just("sweep"), st.integers(0, 1), st.integers(0, 60)),
        st.tuples(st.just("restart"), st.integers(0, 1), st.none()),
        st.tuples(st.just("undo"), st.integers(0, 1), st.lists(readings, min_size=1, max_size=6)),
    ),
    max_size=12,
)
texts = st.sampled_from(
    [
        {"clear": 0.2},
        {"hold_s": 300},
        {"hits": 2, "of": 3},
        {"clear_after_s": 300},
        {"forget_s": 600},
        {"measure": "SILENCE", "threshold": 900},
    ]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=texts, story=steps)
def test_there_is_never_more_than_one_open_alarm_of_a_rule_and_series(text, story):
    with transaction.atomic():
        _play(text, story)
        transaction.set_rollback(True)


def _play(text, story):
    county = RegionFactory()
    series = [series_in(county), series_in(county)]
    rule_in(county, **text)
    workers = [Evaluator(), Evaluator()]
    for kind, who, what in story:
        if kind == "restart":
            workers[who] = Evaluator()
        elif kind == "sweep":
            Sweeper(workers[who]).sweep(minutes(what))
        else:
            with transaction.atomic():
                workers[who].evaluate(batch_of(*[(series[n], at, v) for n, at, v in what]))
                transaction.set_rollback(kind == "undo")
        _check()


batches = st.lists(st.lists(readings, min_size=1, max_size=5), max_size=8)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=texts, story=batches, restarts=st.sets(st.integers(0, 7)))
def test_a_restart_at_any_moment_changes_nothing(text, story, restarts):
    found = []
    for these in (set(), restarts):
        with transaction.atomic():
            found.append(_tell(text, story, these))
            transaction.set_rollback(True)
    assert found[0] == found[1]


def _tell(text, story, restarts):
    """Batches as the store pours them: every key once, and the latest values written after."""
    county = RegionFactory()
    series = [series_in(county), series_in(county)]
    rule_in(county, **text)
    worker, told, newest = Evaluator(), {}, {}
    for number, batch in enumerate(story):
        if number in restarts:
            worker = Evaluator()
        new = sorted({(n, at): v for n, at, v in reversed(batch) if (n, at) not in told}.items())
        told |= dict(new)
        if new:
            worker.evaluate(batch_of(*[(series[n], at, v) for (n, at), v in new]))
        for (n, at), value in new:
            if at >= newest.get(n, 0):
                newest[n] = at
                latest(series[n], at, value)
    rows = Alarm.objects.order_by("opened_at", "series_id")
    return [
        (series.index(alarm.series), alarm.opened_at, alarm.value, alarm.cleared_at)
        for alarm in rows.select_related("series")
    ]


def _check():
    opened = Counter(Alarm.objects.open().values_list("rule_id", "series_id"))
    assert not opened or max(opened.values()) == 1
    held = set(RuleState.objects.filter(phase=2).values_list("rule_id", "series_id"))
    assert held == set(opened)
    raised = Event.objects.filter(name="warn.alarm.raised").count()
    assert raised == Alarm.objects.count()
    cleared = Event.objects.filter(name="warn.alarm.cleared").count()
    assert cleared == Alarm.objects.exclude(cleared_at=None).count()


def test_the_database_itself_refuses_a_second_open_alarm():
    series = series_in()
    rule = rule_in(series.station.region)
    alarm_of(rule, series)

    with pytest.raises(IntegrityError), transaction.atomic():
        alarm_of(rule, series)
    Alarm.objects.update(cleared_at=minutes(1))
    assert alarm_of(rule, series).pk


def test_readings_that_were_rolled_back_are_evaluated_again_when_they_come_again():
    series = series_in()
    rule_in(series.station.region)
    worker = Evaluator()
    worker.evaluate(batch_of((series, 0, 0.1)))
    for undo in (True, False):
        with transaction.atomic():
            worker.evaluate(batch_of((series, 5, 0.5), (series, 6, 0.5)))
            transaction.set_rollback(undo)
        assert Alarm.objects.count() == (0 if undo else 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_finding_at_once_raise_one_alarm():
    county = RegionFactory()
    series = [series_in(county) for _ in range(5)]
    rule_in(county)
    for one in series:
        latest(one, 0, 0.1)
    start = threading.Barrier(4)
    failed = []

    def work(number):
        worker = Evaluator()
        try:
            start.wait()
            for minute in range(1, 6):
                rows = [(one, minute + number / 100, 0.5) for one in series]
                with transaction.atomic():
                    worker.evaluate(batch_of(*rows))
                Sweeper(worker).sweep(minutes(minute))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert Alarm.objects.count() == Alarm.objects.open().count() == 5
    assert Event.objects.filter(name="warn.alarm.raised").count() == 5
