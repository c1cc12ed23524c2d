"""What people do with alarms and rules."""

import pytest

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.models import Event
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.warn import queries
from anlan.warn.evaluate import Evaluator
from anlan.warn.models import Alarm, RuleState
from anlan.warn.services.alarms import acknowledge_alarm, clear_alarm, note_alarm
from anlan.warn.services.rules import (
    RuleText,
    change_rule,
    define_rule,
    set_level,
    switch_rule,
    text_of,
)
from anlan.warn.sweep import Sweeper
from anlan.warn.tests.factories import batch_of, latest, minutes, rule_in, series_in

pytestmark = pytest.mark.django_db
PONDING = RuleText(severity=2, quantity="ponding_depth", threshold=0.27, clear=0.20)


def arrive(series, minute, value):
    Evaluator().evaluate(batch_of((series, minute, value)))
    latest(series, minute, value)


def sweep(minute):
    Sweeper(Evaluator()).sweep(minutes(minute))


@pytest.fixture
def story():
    """A series with an open alarm, and an officer who may deal with it."""
    series = series_in()
    rule = rule_in(series.station.region, clear=0.2)
    arrive(series, 0, 0.5)
    officer = account_in(series.station.region, "warn.view", "warn.acknowledge", "warn.manage")
    return series, rule, Alarm.objects.get(), officer


def test_acknowledged_and_cleared_are_two_facts(story):
    series, _rule, alarm, officer = story
    acknowledge_alarm(alarm=alarm, note="已派人", by=officer, at=minutes(1))
    assert (alarm.is_acknowledged, alarm.is_open) == (True, True)

    arrive(series, 5, 0.0)
    arrive(series, 10, 0.5)
    arrive(series, 15, 0.0)
    states = {(a.is_acknowledged, a.is_open) for a in Alarm.objects.all()}
    assert states == {(True, False), (False, False)}


def test_an_alarm_is_acknowledged_once_and_the_second_is_told_by_whom(story):
    _series, _rule, alarm, officer = story
    other = account_in(alarm.region, "warn.acknowledge")
    acknowledge_alarm(alarm=alarm, by=officer, at=minutes(1))

    with pytest.raises(Refusal, match=officer.name):
        acknowledge_alarm(alarm=alarm, by=other, at=minutes(2))
    assert Event.objects.filter(name="warn.alarm.acknowledged").count() == 1


def test_a_guarantee_level_below_the_warning_level_is_a_slip(story):
    series, _rule, _alarm, officer = story
    entered = {"series": series, "by": officer, "at": minutes(1)}
    set_level(name="warning", value=38.0, **entered)
    for name, value in (("guarantee", 37.5), ("guarantee", 38.0), ("guarantee", float("nan"))):
        with pytest.raises(BadInput):
            set_level(name=name, value=value, **entered)
    set_level(name="guarantee", value=39.0, **entered)
    with pytest.raises(BadInput):
        set_level(name="warning", value=39.5, **entered)


def test_a_stranger_can_do_nothing_with_an_alarm_or_a_rule(story):
    series, rule, alarm, _officer = story
    everything = ("warn.view", "warn.acknowledge", "warn.manage")
    for person in (account_in(RegionFactory(), *everything), account_in(alarm.region)):
        with pytest.raises(NotFound):
            queries.get_alarm(actor=person, alarm_id=alarm.pk)
        with pytest.raises(NotFound):
            queries.get_rule(actor=person, rule_id=rule.pk)
        for attempt in (
            lambda by: acknowledge_alarm(alarm=alarm, by=by, at=minutes(1)),
            lambda by: clear_alarm(alarm=alarm, reason="x", by=by, at=minutes(1)),
            lambda by: note_alarm(alarm=alarm, text="x", by=by, at=minutes(1)),
            lambda by: change_rule(rule=rule, text=PONDING, by=by, at=minutes(1)),
            lambda by: switch_rule(rule=rule, enabled=False, by=by, at=minutes(1)),
            lambda by: set_level(series=series, name="warning", value=1, by=by, at=minutes(1)),
        ):
            with pytest.raises(NotAllowed):
                attempt(person)


def test_clearing_by_hand_needs_a_reason_while_the_condition_holds(story):
    _series, _rule, alarm, officer = story
    with pytest.raises(BadInput, match="仍"):
        clear_alarm(alarm=alarm, by=officer, at=minutes(1))

    clear_alarm(alarm=alarm, reason="传感器被车遮挡", by=officer, at=minutes(1))
    assert (alarm.is_open, alarm.cleared_by) == (False, officer)
    assert alarm.notes.order_by("pk").last().text == "传感器被车遮挡"


def test_a_hand_cleared_alarm_does_not_come_back_until_the_condition_has_ended_once(story):
    series, _rule, alarm, officer = story
    clear_alarm(alarm=alarm, reason="误报", by=officer, at=minutes(1))
    opened_at, details = alarm.opened_at, alarm.details

    arrive(series, 5, 0.6)
    sweep(6)
    assert not Alarm.objects.open().exists()
    arrive(series, 10, 0.1)
    arrive(series, 15, 0.6)

    # A new alarm; the old one is not used again and says what it said.
    assert Alarm.objects.open().get() != alarm
    alarm.refresh_from_db()
    assert (alarm.opened_at, alarm.details) == (opened_at, details)


def test_clearing_keeps_what_was_found_when_it_was_raised(story):
    series, _rule, alarm, _officer = story
    arrive(series, 5, 0.9)
    arrive(series, 10, 0.0)
    after = Alarm.objects.get()

    assert (after.value, after.details) == (0.5, alarm.details)
    assert after.cleared_value == 0.0


def test_a_changed_rule_is_a_new_version_and_an_alarm_keeps_its_own(story):
    series, rule, alarm, officer = story
    now = text_of(rule.versions.get())
    change_rule(rule=rule, text=RuleText(**{**vars(now), "severity": 1}), by=officer, at=minutes(1))
    sweep(2)

    alarm.refresh_from_db()
    assert (alarm.is_open, alarm.severity, alarm.version.number) == (True, 2, 1)
    arrive(series, 5, 0.0)
    arrive(series, 10, 0.5)
    assert Alarm.objects.open().get().severity == 1
    assert change_rule(rule=rule, text=now, by=officer, at=minutes(11)).number == 3
    assert change_rule(rule=rule, text=now, by=officer, at=minutes(12)).number == 3


def test_a_rule_that_now_means_something_else_leaves_no_alarm_behind(story):
    series, rule, _alarm, officer = story
    other = RuleText(severity=2, quantity="ponding_depth", threshold=0.1, below=True)
    change_rule(rule=rule, text=other, by=officer, at=minutes(1))
    sweep(2)

    assert not Alarm.objects.open().exists()
    arrive(series, 5, 0.05)
    assert Alarm.objects.open().count() == 1


def test_a_combination_asked_for_fewer_stations_is_raised_and_for_more_cleared():
    county = RegionFactory()
    officer = account_in(county, "warn.manage")
    for series in (series_in(county), series_in(county)):
        latest(series, 0, 0.5)
    text = {"severity": 1, "quantity": "ponding_depth", "threshold": 0.27}
    rule = define_rule(
        code="c", name="多点积水", region=county, text=RuleText(**text, stations=3),
        by=officer, at=minutes(0),
    )  # fmt: skip
    counts = []
    for minute, stations in enumerate((3, 2, 3, 1), start=1):
        change_rule(
            rule=rule, text=RuleText(**text, stations=stations), by=officer, at=minutes(minute)
        )
        sweep(minute)
        counts.append(Alarm.objects.open().count())
    assert counts == [0, 1, 0, 2]


def test_a_rule_switched_off_and_on_again_begins_afresh(story):
    series, rule, alarm, officer = story
    switch_rule(rule=rule, enabled=False, by=officer, at=minutes(1))
    sweep(2)
    assert not Alarm.objects.open().exists()
    assert not RuleState.objects.exclude(phase=0).exists()

    switch_rule(rule=rule, enabled=True, by=officer, at=minutes(3))
    arrive(series, 5, 0.5)
    assert Alarm.objects.open().get() != alarm


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"threshold": None}, "warn.bad_threshold"),
        ({"clear": 0.3}, "warn.bad_clear"),
        ({"quantity": "happiness"}, "warn.bad_quantity"),
        ({"measure": "SUM"}, "warn.bad_window"),
        ({"measure": "SILENCE", "threshold": 5, "clear": None}, "warn.bad_silence"),
        ({"hits": 3, "of": 2}, "warn.bad_hits"),
        ({"level": "warning", "clear": -0.1}, "warn.bad_clear"),
        ({"stations": 0}, "warn.bad_times"),
        ({"series": [10**6]}, "warn.bad_series"),
        ({"severity": 5}, "warn.bad_choice"),
    ],
)
def test_a_rule_that_could_not_work_is_refused(change, code):
    region = RegionFactory()
    with pytest.raises(BadInput) as refused:
        define_rule(
            code="r",
            name="r",
            region=region,
            text=RuleText(**{**vars(PONDING), **change}),
            by=account_in(region, "warn.manage"),
            at=minutes(0),
        )
    assert refused.value.code == code


def test_what_people_do_stands_in_the_history_and_nothing_is_overwritten(story):
    series, _rule, alarm, officer = story
    note_alarm(alarm=alarm, text="已封闭下穿", by=officer, at=minutes(1))
    acknowledge_alarm(alarm=alarm, note="收到", by=officer, at=minutes(2))
    arrive(series, 5, 0.0)

    kinds = list(alarm.notes.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["RAISED", "NOTE", "ACKNOWLEDGED", "CLEARED"]
