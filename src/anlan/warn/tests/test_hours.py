"""Hours in which a rule is silent or speaks otherwise: sequences worked out by hand.

Noon of the tests is 20:00 on Thursday 3 July 2025 in the city: 22:00 is minute 120, 06:00 is 600.
"""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.models import Event, ScenarioClock
from anlan.people.models import Account
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.warn.describe import describe
from anlan.warn.evaluate import Evaluator
from anlan.warn.files import load_rules
from anlan.warn.forecasts import judge_run
from anlan.warn.hours import EVERY_DAY, Hours
from anlan.warn.models import Alarm, Rule
from anlan.warn.replay import replay
from anlan.warn.services.rules import RuleText, define_rule
from anlan.warn.sweep import Sweeper
from anlan.warn.tests.factories import (
    area_in,
    batch_of,
    forecast_of,
    forecast_rule_in,
    latest,
    minutes,
    rule_in,
    series_in,
    stored,
)

NIGHT = {"quiet_from": time(22), "quiet_to": time(6)}
pytestmark = pytest.mark.django_db


def arrive(series, minute, value):
    Evaluator().evaluate(batch_of((series, minute, value)))
    latest(series, minute, value)
    return Alarm.objects.open().count()


def sweep(*at):
    sweeper, counts = Sweeper(Evaluator()), []
    for minute in at:
        sweeper.sweep(minutes(minute))
        counts.append(Alarm.objects.open().count())
    return counts


def test_what_rises_in_silent_hours_is_raised_by_the_first_reading_after_them():
    series = series_in()
    rule_in(series.station.region, **NIGHT)

    rows = [(119, 0.1), (120, 0.5), (595, 0.5), (599.9, 0.5), (600, 0.5)]
    assert [arrive(series, *row) for row in rows] == [0, 0, 0, 0, 1]
    assert Alarm.objects.get().opened_at == minutes(600)


def test_a_moment_before_the_hours_it_is_raised_at_once():
    series = series_in()
    rule_in(series.station.region, **NIGHT)
    assert arrive(series, 119.99, 0.5) == 1


def test_the_clock_raises_what_still_holds_a_minute_after_the_hours():
    series = series_in()
    rule_in(series.station.region, **NIGHT)
    arrive(series, 130, 0.5)
    arrive(series, 598, 0.4)

    assert sweep(131, 400, 600.99, 601) == [0, 0, 0, 1]
    assert Alarm.objects.get().opened_at == minutes(600)


def test_what_is_over_before_the_hours_end_is_never_raised():
    series = series_in()
    rule_in(series.station.region, **NIGHT)
    arrive(series, 130, 0.5)
    arrive(series, 500, 0.1)

    assert sweep(501, 601, 700) == [0, 0, 0]
    assert not Alarm.objects.exists()


def test_a_station_that_has_gone_quiet_meanwhile_raises_nothing_until_it_speaks():
    series = series_in()
    rule_in(series.station.region, **NIGHT)
    arrive(series, 130, 0.5)

    assert sweep(601, 620) == [0, 0]
    assert arrive(series, 630, 0.5) == 1


def test_an_open_alarm_stays_open_and_clears_within_the_hours():
    series = series_in()
    rule_in(series.station.region, clear=0.2, **NIGHT)

    assert [arrive(series, *row) for row in [(60, 0.5), (200, 0.4), (300, 0.1)]] == [1, 1, 0]
    assert arrive(series, 400, 0.5) == 0  # the next one waits for the morning
    assert sweep(450) == [0]


def test_a_duration_that_ends_in_the_hours_opens_at_their_end():
    series = series_in()
    rule_in(series.station.region, hold_s=600, **NIGHT)
    arrive(series, 115, 0.5)  # due at 22:05
    arrive(series, 590, 0.5)

    assert sweep(126, 601) == [0, 1]
    assert Alarm.objects.get().opened_at == minutes(600)


def test_another_severity_holds_in_the_hours_only():
    series = series_in()
    rule_in(series.station.region, clear=0.2, quiet_severity=1, **NIGHT)

    assert [arrive(series, *row) for row in [(60, 0.5), (90, 0.1), (130, 0.5)]] == [1, 0, 1]

    day, night = Alarm.objects.order_by("pk")
    assert (day.severity, night.severity, night.opened_at) == (2, 1, minutes(130))
    raised = Event.objects.filter(name="warn.alarm.raised").order_by("pk")
    assert [event.data["severity"] for event in raised] == [2, 1]
    # An alarm keeps the severity at which it was raised.
    assert arrive(series, 700, 0.5) == 1
    night.refresh_from_db()
    assert night.severity == 1


def test_days_are_those_on_which_the_hours_begin():
    series = series_in()
    rule_in(series.station.region, clear=0.2, quiet_days=[5], **NIGHT)  # Friday night

    assert arrive(series, 130, 0.5) == 1  # Thursday, 22:10
    arrive(series, 700, 0.1)
    friday = 1440
    assert arrive(series, friday + 130, 0.5) == 0
    assert arrive(series, friday + 600, 0.5) == 1  # Saturday, 06:00


def test_several_stations_are_counted_when_the_hours_are_over():
    region = RegionFactory()
    two = [series_in(region) for _ in range(2)]
    rule_in(region, stations=2, **NIGHT)
    arrive(two[0], 60, 0.5)
    arrive(two[1], 130, 0.5)
    assert not Alarm.objects.exists()
    for series in two:
        arrive(series, 595, 0.5)

    assert sweep(601) == [1]
    assert Alarm.objects.get().value == 2


def test_silence_begun_at_night_is_told_in_the_morning_and_one_before_it_at_once():
    series = series_in()
    rule_in(series.station.region, measure="SILENCE", threshold=1800, clear=None, **NIGHT)
    latest(series, 130, 0.1)

    assert sweep(161, 599, 600.5) == [0, 0, 1]
    assert Alarm.objects.get().opened_at == minutes(600)


def test_rain_summed_up_at_night_is_told_in_the_morning():
    series = series_in(quantity="rain_5min", unit="mm", kind="rain")
    text = {"measure": "SUM", "window_s": 3600, "threshold": 10, "quantity": "rain_5min"}
    rule_in(series.station.region, **text, **NIGHT)
    stored(series, (570, 6), (580, 6))

    assert sweep(581, 599, 602) == [0, 0, 1]
    assert Alarm.objects.get().opened_at == minutes(600)


def test_on_the_scenario_clock_the_city_s_night_counts_not_the_machine_s():
    series = series_in()
    rule_in(series.station.region, **NIGHT)
    row = ScenarioClock.objects.create(
        pk=1, scenario_at=minutes(130), real_at=datetime.now(UTC), rate=0
    )
    clock.forget()
    now = clock.now()
    arrive(series, 130, 0.5)
    Sweeper(Evaluator()).sweep(now)
    assert (now, Alarm.objects.count()) == (minutes(130), 0)
    arrive(series, 598, 0.5)

    row.scenario_at = minutes(602)
    row.save()
    clock.forget()
    Sweeper(Evaluator()).sweep(clock.now())

    assert Alarm.objects.get().opened_at == minutes(600)


def test_the_trial_finds_what_was_raised():
    series = series_in()
    rule = rule_in(series.station.region, clear=0.2, **NIGHT)
    rows = [(n * 30, 0.5 if 4 <= n <= 22 else 0.1) for n in range(40)]  # 22:00 to 07:00
    stored(series, *rows)
    for minute, value in rows:
        arrive(series, minute, value)
        sweep(minute + 1.5)

    found = replay(rule=rule, version=rule.versions.get(), since=minutes(0), until=minutes(39 * 30))

    raised = Alarm.objects.get()
    assert [(w.opened_at, w.cleared_at) for w in found.alarms] == [
        (raised.opened_at, raised.cleared_at)
    ]
    assert raised.opened_at == minutes(600)


def test_a_forecast_is_held_back_and_the_next_one_after_the_hours_raises_it():
    region = RegionFactory()
    site, area = SiteFactory(region=region, kind="underpass"), area_in(region)
    forecast_rule_in(region, **NIGHT)

    night = forecast_of(area, (site, [0, 40]), at=130)
    assert judge_run(run_id=night.pk, at=minutes(131)) == []
    morning = forecast_of(area, (site, [0, 40]), at=601)
    assert len(judge_run(run_id=morning.pk, at=minutes(602))) == 1


# The text ---------------------------------------------------------------------------------------


def text(**more):
    return RuleText(severity=2, quantity="ponding_depth", threshold=0.27, **more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": time(22)},
        {"quiet_to": time(6)},
        {"quiet_severity": 1},
        {"quiet_days": [6]},
        {**NIGHT, "quiet_severity": 2},  # what it is anyway
        {**NIGHT, "quiet_severity": 7},
        {**NIGHT, "quiet_days": [0]},
        {**NIGHT, "quiet_days": [6, 6]},
        {"quiet_from": time(0), "quiet_to": time(0)},  # for ever
        {"quiet_from": time(0), "quiet_to": time(0), "quiet_days": [1, 2, 3, 4, 5, 6, 7]},
    ],
)
def test_hours_that_mean_nothing_are_refused(wrong):
    with pytest.raises(BadInput):
        define_rule(
            code="a",
            name="a",
            region=RegionFactory(),
            text=text(**wrong),
            by=Account.objects.system(),
            at=minutes(0),
        )


def test_a_file_says_hours_in_words_and_the_sentence_tells_them():
    row = {
        "code": "a",
        "name": "积水",
        "severity": "orange",
        "quantity": "ponding_depth",
        "threshold": 0.27,
        "quiet_from": "22:00",
        "quiet_to": time(6),  # as TOML's own times are read
        "quiet_days": [6, 7],
    }
    region, by = RegionFactory(name="城中街道"), Account.objects.system()

    def load(**more):
        document = {"rule": [{**row, **more}]}
        (loaded,) = load_rules(document=document, region=region, by=by, at=minutes(0))
        version = loaded.rule.versions.get(number=Rule.objects.get().number)
        return loaded.what, describe(version)

    what, sentence = load()
    assert what == "new"
    assert sentence.endswith("；星期六、星期日22:00至次日06:00不告警，届时仍满足的再报")
    assert load()[0] == "unchanged"
    what, sentence = load(quiet_severity="red", quiet_days=[], quiet_from="06:00", quiet_to="22:00")
    assert what == "changed"
    assert sentence.endswith("；每天06:00至22:00报红色")
    with pytest.raises(BadInput):
        load(quiet_from="half past ten")


# Any hours at any time, by counting minutes ------------------------------------------------------

MONDAY = datetime(2025, 6, 30, tzinfo=UTC) - timedelta(hours=8)  # 00:00 in the city
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 59]))


def covered(hours, minute):
    """Whether a minute of a week lies in the hours: one way to count it, slowly."""
    for day in hours.days:
        begin = (day - 1) * 1440 + hours.start.hour * 60 + hours.start.minute
        length = hours.end.hour * 60 + hours.end.minute - begin % 1440
        length += 1440 if length <= 0 else 0
        if (minute - begin) % 10080 < length:
            return True
    return False


@given(
    start=clocks,
    end=clocks,
    days=st.frozensets(st.integers(1, 7), min_size=1, max_size=6) | st.just(EVERY_DAY),
    minute=st.integers(0, 10079),
)
def test_an_alarm_opens_at_the_first_minute_outside_the_hours(start, end, days, minute):
    if start == end and days == EVERY_DAY:
        return  # refused when it is entered
    hours = Hours(start, end, days)
    first = next(n for n in range(minute, minute + 2 * 10080) if not covered(hours, n % 10080))

    begin_ms = clock.to_epoch_ms(MONDAY)
    opens = hours.opens_at(begin_ms + minute * 60_000)

    assert (opens - begin_ms) / 60_000 == first
    assert (hours.end_of(MONDAY + timedelta(minutes=minute)) is not None) == (first != minute)
