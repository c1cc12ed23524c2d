"""Rules on forecasts: what a finished forecast raises and clears, and what its absence does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.base.models import Delivery, Event
from anlan.people.models import Account
from anlan.people.services.charges import set_charge
from anlan.people.tests.factories import account_in, post_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.simulate.models import Run, Score, Verified
from anlan.simulate.scores.verification import thresholds
from anlan.warn import absence, describe, queries
from anlan.warn.forecasts import judge_run
from anlan.warn.models import Alarm, AlarmNote
from anlan.warn.replay import replay
from anlan.warn.services.alarms import acknowledge_alarm, clear_alarm
from anlan.warn.services.rules import (
    RuleText,
    change_rule,
    define_rule,
    switch_rule,
    text_of,
    unsaved,
)

from .factories import (
    NOON,
    alarm_of,
    area_in,
    forecast_of,
    forecast_rule_in,
    minutes,
    rule_in,
    series_in,
)

pytestmark = pytest.mark.django_db
RISING = [0, 0, 0, 10, 40, 50, 30, 0]  # passes 27 cm at 30 + 10 * 17 / 30 = 35 min 40 s


@pytest.fixture
def county():
    return RegionFactory(level=3, name="婺城区")


@pytest.fixture
def area(county):
    return area_in(county)


@pytest.fixture
def under(county):
    return SiteFactory(region=RegionFactory(parent=county), name="人民路下穿", kind="underpass")


def judge(run, at=None):
    return judge_run(run_id=run.pk, at=at if at is not None else run.base_at)


# Raising ---------------------------------------------------------------------------------------


def test_a_forecast_raises_an_alarm_with_its_lead_and_who_answers(county, area, under):
    forecast_rule_in(county)
    post = post_in(county, "county.road_keeper", "work.do")
    set_charge(place=under, post=post, owner="市政中心", by=Account.objects.system(), at=NOON)
    run = forecast_of(area, (under, RISING))
    at = minutes(2)

    judge(run, at)

    alarm = Alarm.objects.get()
    assert (alarm.site, alarm.series, alarm.region) == (under, None, under.region)
    assert (alarm.opened_at, alarm.value) == (at, 0.5)
    details = alarm.details
    assert details["run_id"] == run.pk
    assert describe.forecast_of(alarm).first_at == NOON + timedelta(minutes=35, seconds=40)
    assert (details["lead_s"], details["ahead_s"]) == (35 * 60 + 40, 33 * 60 + 40)
    assert (details["keeper"], details["post"]) == ("市政中心", str(post))
    assert details["score"]["of"] == ""
    assert describe.ahead_of(alarm) == "预计20:35积水达到0.27 m，提前34分钟"
    assert describe.score_text(alarm) == "此类预报尚无检验记录。"
    event = Event.objects.get(name="warn.alarm.raised")
    assert (event.data["site_id"], event.region_path) == (under.pk, under.region.path)
    # A stranger has no such alarm; a change of who answers does not change what it says.
    with pytest.raises(NotFound):
        queries.get_alarm(actor=account_in(RegionFactory(level=3), "warn.view"), alarm_id=alarm.pk)
    set_charge(place=under, post=post, owner="别家", by=Account.objects.system(), at=at)
    alarm.refresh_from_db()
    assert alarm.details == details


def test_the_same_forecast_twice_and_the_next_one_raise_nothing_more(county, area, under):
    forecast_rule_in(county)
    run = forecast_of(area, (under, RISING))
    for _again in range(2):
        judge(run)
    judge(forecast_of(area, (under, RISING), at=10))
    assert Alarm.objects.count() == 1
    assert Event.objects.filter(name="warn.alarm.raised").count() == 1


def test_the_worker_judges_what_is_done(county, area, under):
    """The handler is subscribed, and an old delivery that comes again does no harm."""
    from anlan.base.events import deliver_waiting, publish

    forecast_rule_in(county)
    run = forecast_of(area, (under, RISING))
    with transaction.atomic():
        publish("simulate.run.done", at=NOON, by=None, run_id=run.pk, area_id=area.pk)
    deliver_waiting()
    Delivery.objects.update(state=Delivery.State.WAITING)
    deliver_waiting()
    assert Alarm.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        {"within_s": 1800},  # it is 35 minutes away
        {"threshold": 0.51},
        {"site_kinds": ["school"]},
        {"enabled": False},
        {"exercise": True},
    ],
)
def test_what_the_rule_does_not_ask_for_is_not_raised(county, area, under, text):
    forecast_rule_in(county, **text)
    judge(forecast_of(area, (under, RISING)))
    assert not Alarm.objects.exists()


def test_a_rule_of_another_county_does_not_watch_here(area, under):
    forecast_rule_in(RegionFactory(level=3))
    judge(forecast_of(area, (under, RISING)))
    assert not Alarm.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "FAILED"},
        {"state": "CANCELLED"},
        {"kind": Run.Kind.SCENARIO},
        {"exercise": True},
    ],
)
def test_what_is_no_good_forecast_raises_nothing(county, area, under, fields):
    forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING), **fields))
    assert not Alarm.objects.exists()


def test_a_forecast_that_comes_too_late_says_nothing(county, area, under):
    forecast_rule_in(county)
    run = forecast_of(area, (under, RISING))
    judge(run, minutes(181))
    assert not Alarm.objects.exists()
    forecast_of(area, at=10)  # newer, and dry
    judge(run, minutes(12))
    assert not Alarm.objects.exists()


def test_water_that_stands_there_already_is_told_as_such(county, area, under):
    forecast_rule_in(county)
    judge(forecast_of(area, (under, [40, 40, 40])), minutes(3))
    alarm = Alarm.objects.get()
    assert alarm.details["ahead_s"] == -180
    assert describe.ahead_of(alarm) == "预计20:00起积水已达0.27 m，请立即核实"


def test_an_exercise_s_forecast_is_judged_by_an_exercise_s_rules(county, area, under):
    forecast_rule_in(county)
    forecast_rule_in(county, exercise=True)
    judge(forecast_of(area, (under, RISING), exercise=True))
    assert [alarm.exercise for alarm in Alarm.objects.all()] == [True]


# Clearing --------------------------------------------------------------------------------------


def test_a_later_forecast_clears_it_below_the_clear_level_and_not_before(county, area, under):
    forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING)))
    judge(forecast_of(area, (under, [0, 22]), at=10))
    alarm = Alarm.objects.get()
    assert alarm.is_open  # 22 cm: under the threshold, over the clear level

    judge(forecast_of(area, (under, [0, 19]), at=20))
    alarm.refresh_from_db()
    assert (alarm.cleared_at, alarm.cleared_value, alarm.cleared_by) == (minutes(20), 0.19, None)
    assert alarm.notes.get(kind="CLEARED").text == "forecast"
    judge(forecast_of(area, (under, RISING), at=30))
    assert Alarm.objects.count() == 2


def test_it_must_be_quiet_for_so_long(county, area, under):
    """Forecasts that say so every other time make one alarm, not one each."""
    forecast_rule_in(county, clear_after_s=1200)
    for at, said in ((0, RISING), (10, [0]), (20, RISING), (30, [0]), (40, [0])):
        judge(forecast_of(area, (under, said), at=at))
        opened = Alarm.objects.count(), Alarm.objects.open().count()
        assert opened == ((1, 0) if at == 40 else (1, 1)), at


def test_only_a_forecast_of_the_same_area_clears_it(county, area, under):
    forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING)))
    judge(forecast_of(area_in(county, name="另一处"), at=10))
    assert Alarm.objects.get().is_open


def test_acknowledged_and_cleared_are_two_facts(county, area, under):
    forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING)))
    officer = account_in(county, "warn.acknowledge", "warn.view")
    acknowledge_alarm(alarm=Alarm.objects.get(), by=officer, at=minutes(1))
    judge(forecast_of(area, at=10))
    alarm = Alarm.objects.get()
    assert (alarm.is_open, alarm.acknowledged_by) == (False, officer)


def test_cleared_by_hand_it_stays_silent_until_a_forecast_says_otherwise_once(county, area, under):
    forecast_rule_in(county)
    officer = account_in(county, "warn.acknowledge", "warn.view")
    judge(forecast_of(area, (under, RISING)))
    alarm = Alarm.objects.get()
    with pytest.raises(BadInput):
        clear_alarm(alarm=alarm, by=officer, at=minutes(1))
    clear_alarm(alarm=alarm, reason="现场已封闭", by=officer, at=minutes(1))
    with pytest.raises(Refusal):
        clear_alarm(alarm=alarm, reason="再次", by=officer, at=minutes(2))
    judge(forecast_of(area, (under, RISING), at=10))
    assert not Alarm.objects.open().exists()

    judge(forecast_of(area, at=20))
    judge(forecast_of(area, (under, RISING), at=30))
    assert Alarm.objects.open().count() == 1


def test_a_rule_switched_off_or_changed_lets_go_of_its_alarms(county, area, under):
    rule = forecast_rule_in(county)
    clerk = account_in(county, "warn.manage")
    judge(forecast_of(area, (under, RISING)))
    assert absence.watch(minutes(1)) == 0
    switch_rule(rule=rule, enabled=False, by=clerk, at=minutes(2))
    assert absence.watch(minutes(2)) == 1
    assert AlarmNote.objects.get(kind="CLEARED").text == "uncovered"


def test_where_no_other_forecast_comes_an_alarm_ends_with_its_horizon(county, area, under):
    forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING)))
    assert absence.watch(minutes(180)) == 0
    assert absence.watch(minutes(181)) == 1
    assert AlarmNote.objects.get(kind="CLEARED").text == "lapsed"


def test_the_readings_rules_never_touch_the_forecasts_alarms(county, area, under):
    """The sweep clears what no rule on readings stands behind; these are not its business."""
    from anlan.warn.sweep import Sweeper

    forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING)))
    Sweeper().sweep(minutes(1))
    assert Alarm.objects.get().is_open


def test_the_database_keeps_one_open_alarm_a_rule_and_site(county, area, under):
    rule = forecast_rule_in(county)
    judge(forecast_of(area, (under, RISING)))
    alarm = Alarm.objects.get()
    twin = {"rule": rule, "version": alarm.version, "region": alarm.region, "severity": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.create(**twin, site=under, opened_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.create(**twin, site=under, series=series_in(county), opened_at=NOON)
    Alarm.objects.create(**twin, opened_at=NOON)  # of the region: another thing
    alarm_of(rule, series_in(county))  # of a series: another


# The record that travels with it ----------------------------------------------------------------


def test_how_such_forecasts_did_so_far_travels_with_the_alarm(county, area, under):
    forecast_rule_in(county)
    series = series_in(under.region)
    series.station.site = under
    series.station.save()
    for n, outcome in enumerate(("HIT", "HIT", "FALSE", "MISS")):
        run = forecast_of(area, at=-600 - 10 * n)
        Verified.objects.create(run=run, base_at=run.base_at, scored_at=NOON)
        for lead_s in (1800, 3600):
            Score.objects.create(
                run=run, series=series, region=under.region, lead_s=lead_s, threshold_m=0.27,
                outcome=outcome if lead_s == 3600 else "QUIET", scored_at=NOON,
            )  # fmt: skip
    judge(forecast_of(area, (under, RISING)))

    alarm = Alarm.objects.get()
    score = alarm.details["score"]
    assert (score["of"], score["lead_s"]) == ("point", 3600)
    assert (score["hits"], score["misses"], score["false_alarms"]) == (2, 1, 1)
    assert describe.score_text(alarm) == (
        "本点位同类预报至今（预见期30–60分钟，0.27 m）：命中2次，漏报1次，空报1次。"
    )


def test_a_record_without_any_water_says_so(county, area, under):
    forecast_rule_in(county)
    series = series_in(under.region)
    series.station.site = under
    series.station.save()
    run = forecast_of(area, at=-600)
    Verified.objects.create(run=run, base_at=run.base_at, scored_at=NOON, quiet=[series.pk])
    judge(forecast_of(area, (under, RISING)))
    assert describe.score_text(Alarm.objects.get()) == (
        "同类预报至今（预见期30–60分钟，0.27 m）：预报与实测均无积水1次，尚无积水可供检验。"
    )


def test_forecasts_are_scored_by_the_rules_own_thresholds(county):
    assert thresholds() == [0.15, 0.27]
    forecast_rule_in(county, threshold=0.4)
    forecast_rule_in(county, threshold=0.6, enabled=False)
    assert thresholds() == [0.15, 0.27, 0.4]


# Absence ---------------------------------------------------------------------------------------


def absent_rule(region, **text):
    given = {"measure": "NO_FORECAST", "threshold": 1800.0, "severity": 3}
    return rule_in(region, **{"name": "预报中断", **given, **text})


def test_half_an_hour_without_a_forecast_raises_one_alarm_and_the_next_clears_it(county, area):
    absent_rule(county)
    forecast_of(area)
    forecast_of(area, at=10, state="FAILED", error={"code": "x", "message": "缺雨量", "hint": ""})
    assert absence.watch(minutes(29)) == 0
    assert absence.watch(minutes(30)) == 1
    assert absence.watch(minutes(35)) == 0

    alarm = Alarm.objects.get()
    assert (alarm.site, alarm.series, alarm.region, alarm.value) == (None, None, county, 1800.0)
    assert alarm.details["areas"] == ["城区"]
    assert alarm.details["error"]["message"] == "缺雨量"
    assert describe.value_text(alarm.version, alarm.value) == "30分钟"
    forecast_of(area, at=36)
    assert absence.watch(minutes(37)) == 1
    alarm.refresh_from_db()
    assert not alarm.is_open


def test_an_area_that_never_had_a_forecast_is_late_from_when_the_rule_was_made(county, area):
    absent_rule(county)
    assert absence.watch(minutes(29)) == 0
    assert absence.watch(minutes(31)) == 1


def test_an_area_that_is_forecast_seldom_or_not_at_all_is_not_late(county):
    absent_rule(county)
    hourly = area_in(county, name="每小时", every_s=3600)
    area_in(county, name="停用", enabled=False)
    forecast_of(hourly)
    assert absence.watch(minutes(60)) == 0
    assert absence.watch(minutes(121)) == 1


def test_an_absence_cleared_by_hand_is_not_raised_again_until_a_forecast_came(county, area):
    absent_rule(county)
    officer = account_in(county, "warn.acknowledge")
    absence.watch(minutes(31))
    clear_alarm(alarm=Alarm.objects.get(), reason="在修", by=officer, at=minutes(32))
    assert absence.watch(minutes(40)) == 0
    forecast_of(area, at=41)
    absence.watch(minutes(42))
    assert absence.watch(minutes(80)) == 1


def test_an_absence_rule_switched_off_lets_go(county, area):
    rule = absent_rule(county)
    absence.watch(minutes(31))
    switch_rule(rule=rule, enabled=False, by=account_in(county, "warn.manage"), at=minutes(32))
    absence.watch(minutes(33))
    assert AlarmNote.objects.get(kind="CLEARED").text == "uncovered"


# Making such rules -----------------------------------------------------------------------------

GOOD = {
    "severity": 2,
    "quantity": "ponding_depth",
    "measure": "FORECAST",
    "threshold": 0.27,
    "site_kinds": ["underpass"],
}


def define(county, **text):
    return define_rule(
        code="f", name="预报", region=county, text=RuleText(**{**GOOD, **text}),
        by=account_in(county, "warn.manage"), at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        {"site_kinds": []},
        {"site_kinds": ["temple"]},
        {"threshold": 0.1},
        {"threshold": 9.0},
        {"threshold": None, "level": "warning"},
        {"clear": 0.3},
        {"clear": -1.0},
        {"clear_after_s": 10**20},
        {"within_s": 60},
        {"hold_s": 60},
        {"stations": 3},
        {"below": True},
        {"quantity": "rain_1h"},
        {"measure": "VALUE"},
        {"measure": "NO_FORECAST", "threshold": 1800},
        {"measure": "NO_FORECAST", "threshold": 30, "site_kinds": []},
    ],
)
def test_what_could_never_be_judged_is_refused(county, text):
    with pytest.raises(BadInput):
        define(county, **text)


def test_a_rule_in_words_and_its_next_version(county):
    rule = define(county, clear=0.2, within_s=2400)
    version = rule.versions.get()
    assert describe.describe(version) == (
        "婺城区下穿立交：预报积水将达到0.27 m（40分钟内），报橙色；后续预报低于0.20 m时解除"
    )
    later = RuleText(**{**GOOD, "clear": 0.2, "clear_after_s": 1200})
    assert "后续预报低于0.20 m 持续20分钟时解除" in describe.describe(unsaved(rule, later, at=NOON))
    text = text_of(version)
    clerk = account_in(county, "warn.manage")
    assert change_rule(rule=rule, text=text, by=clerk, at=NOON) == version
    silence = define_rule(
        code="g", name="中断", region=county, by=clerk, at=NOON,
        text=RuleText(severity=3, quantity="ponding_depth", measure="NO_FORECAST", threshold=1800),
    )  # fmt: skip
    assert describe.describe(silence.versions.get()) == (
        "婺城区：超过30分钟没有新的内涝预报，报黄色；有新预报即解除"
    )


def test_a_trial_over_the_forecasts_that_are_kept(county, area, under):
    rule = forecast_rule_in(county)
    for at, depths in ((0, RISING), (10, RISING), (20, [0]), (30, RISING)):
        forecast_of(area, (under, depths), at=at)
    text = text_of(rule.versions.get())
    found = replay(
        rule=rule, version=unsaved(rule, text, at=NOON), since=minutes(-5), until=minutes(60)
    )
    assert (found.forecasts, found.readings, found.stations) == (True, 4, 1)
    assert [(w.opened_at, w.cleared_at) for w in found.alarms] == [
        (minutes(30), None),
        (minutes(0), minutes(20)),
    ]
    assert not Alarm.objects.exists()
    silent = absent_rule(county)
    found = replay(
        rule=silent, version=silent.versions.get(), since=minutes(-5), until=minutes(120)
    )
    assert [(w.opened_at, w.cleared_at) for w in found.alarms] == [(minutes(60), None)]


# On screen -------------------------------------------------------------------------------------


def test_the_alarm_s_page_says_what_will_be_where_and_who_must_act(client, county, area, under):
    forecast_rule_in(county)
    run = forecast_of(area, (under, RISING))
    judge(run)
    alarm = Alarm.objects.get()
    client.force_login(account_in(county, "warn.view", "warn.acknowledge"))
    page = client.get(f"/alarms/{alarm.pk}/").content.decode()
    for text in ("人民路下穿", "预报", "预计20:35积水达到0.27 m", "未指定", "forecast-chart"):
        assert text in page
    assert "预计20:35" in client.get("/alarms/").content.decode()
    shown = client.get(f"/api/alarms/{alarm.pk}").json()
    assert (shown["forecast"], shown["site_name"], shown["value_text"]) == (
        True,
        "人民路下穿",
        "0.50 m",
    )
    assert (shown["lon"], shown["lat"]) == (under.lon, under.lat)
    client.force_login(account_in(RegionFactory(level=3), "warn.view"))
    assert client.get(f"/alarms/{alarm.pk}/").status_code == 404


def test_the_form_makes_a_rule_on_forecasts(client, county):
    client.force_login(account_in(county, "warn.view", "warn.manage"))
    given = {
        "code": "f1", "name": "预报断路", "region": county.code, "severity": 2,
        "quantity": "rain_1h", "measure": "FORECAST", "window_s": 0, "threshold": 0.27,
        "clear": 0.2, "hold": 0, "hits": 1, "of": 1, "stations": 1, "within": 40,
        "site_kinds": ["underpass"],
    }  # fmt: skip
    response = client.post("/alarms/rules/new/", given)
    assert response.status_code == 302, response.content.decode()
    page = client.get(response["Location"]).content.decode()
    assert "40分钟内" in page
    page = client.post("/alarms/rules/trial/", {**given, "code": "f2", "days": 1}).content.decode()
    assert "共0次预报" in page
