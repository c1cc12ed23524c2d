"""Pages, API, file and trial, as people and programs meet them."""

import tomllib
from datetime import timedelta

import pytest
from django.core.management import call_command

from anlan.base import clock
from anlan.base.models import ScenarioClock
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.warn.describe import describe
from anlan.warn.evaluate import Evaluator
from anlan.warn.files import load_rules
from anlan.warn.management.commands.rules import DEFAULT
from anlan.warn.models import Alarm, Rule, SeriesLevel
from anlan.warn.replay import replay
from anlan.warn.tests.factories import batch_of, latest, minutes, rule_in, series_in, stored

pytestmark = pytest.mark.django_db
EVERYTHING = ("warn.view", "warn.acknowledge", "warn.manage", "command.lead", "observe.view")


@pytest.fixture
def house(client):
    """An open alarm, the officer who is signed in, and the clock at 12:10."""
    real = minutes(10)
    ScenarioClock.objects.create(pk=1, scenario_at=real, real_at=real, rate=0)
    clock.forget()
    county = RegionFactory(name="城中街道", level=3)
    series = series_in(county)
    rule = rule_in(county, clear=0.2, hold_s=300)
    Evaluator().evaluate(batch_of((series, 0, 0.5), (series, 5, 0.5)))
    latest(series, 5, 0.5)
    officer = account_in(county, *EVERYTHING)
    client.force_login(officer)
    yield series, rule, Alarm.objects.get(), officer
    clock.forget()


def test_the_list_shows_open_alarms_and_acknowledges_in_place(client, house):
    _series, _rule, alarm, officer = house
    page = client.get("/alarms/").content.decode()
    assert str(alarm.series.station) in page
    assert "0.50 m" in page

    row = client.post(
        f"/alarms/{alarm.pk}/acknowledge/",
        headers={"HX-Request": "true", "HX-Target": f"alarm-row-{alarm.pk}"},
    ).content.decode()
    assert row.lstrip().startswith(f'<tr id="alarm-row-{alarm.pk}"')
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == officer
    assert (
        str(alarm.series.station)
        not in client.get("/alarms/?state=unacknowledged").content.decode()
    )


def test_filters_that_mean_nothing_do_no_harm(client, house):
    for query in ("state=x", "severity=9", "severity=x", "region=", "page=999"):
        assert client.get(f"/alarms/?{query}").status_code == 200
    # A region that is not the reader's is said to be so: an empty list would look like all is well.
    assert client.get("/alarms/?region=zz").status_code == 404


def test_the_alarm_page_says_the_rule_in_words_and_offers_what_may_be_done(client, house):
    _series, _rule, alarm, _officer = house
    page = client.get(f"/alarms/{alarm.pk}/").content.decode()

    assert "城中街道各测站：积水深度≥0.27 m 持续5分钟，报橙色；低于0.20 m 解除" in page
    assert f"/incidents/from-alarm/{alarm.pk}/" in page
    assert "data-lines=" in page


def test_clearing_by_hand_on_the_page_needs_its_reason(client, house):
    _series, _rule, alarm, _officer = house
    assert client.post(f"/alarms/{alarm.pk}/clear/").status_code == 422
    assert client.post(f"/alarms/{alarm.pk}/note/", {"text": "已派人"}).status_code == 302
    assert client.post(f"/alarms/{alarm.pk}/clear/", {"reason": "误报"}).status_code == 302
    assert "误报" in client.get(f"/alarms/{alarm.pk}/").content.decode()


def test_the_api_lists_counts_and_acknowledges(client, house):
    _series, _rule, alarm, officer = house
    (row,) = client.get("/api/alarms").json()
    assert (row["id"], row["severity"], row["value_text"]) == (alarm.pk, 2, "0.50 m")
    assert client.get("/api/alarms/count").json()["orange"] == 1

    url = f"/api/alarms/{alarm.pk}/acknowledge"
    body = {"note": "收到"}
    answer = client.post(url, body, content_type="application/json").json()
    assert (answer["acknowledged_by"], answer["acknowledged_note"]) == (str(officer), "收到")
    assert client.post(url, body, content_type="application/json").status_code == 409


def test_a_stranger_and_one_without_the_right_find_nothing(client, house):
    series, rule, alarm, _officer = house
    for person in (account_in(RegionFactory(), *EVERYTHING), account_in(alarm.region)):
        client.force_login(person)
        assert client.get("/api/alarms").json() == []
        for url in (f"/alarms/{alarm.pk}/", f"/api/alarms/{alarm.pk}", f"/alarms/rules/{rule.pk}/"):
            assert client.get(url).status_code == 404
        for url in (
            f"/alarms/{alarm.pk}/acknowledge/",
            f"/alarms/{alarm.pk}/clear/",
            f"/alarms/{alarm.pk}/note/",
            f"/alarms/rules/{rule.pk}/switch/",
            f"/alarms/levels/{series.pk}/",
        ):
            assert client.post(url, {"name": "warning", "value": "1"}).status_code == 404
        assert alarm.series.station.name not in client.get("/alarms/").content.decode()
        assert alarm.series.station.name not in client.get("/alarms/levels/").content.decode()


def form_of(**changes):
    given = {
        "code": "ponding", "name": "积水", "severity": "2", "quantity": "ponding_depth",
        "measure": "VALUE", "window_s": "0", "below": "", "level": "", "threshold": "0.27",
        "clear": "0.2", "hold": "5", "hits": "1", "of": "1", "clear_after": "0", "forget": "0",
        "stations": "1",
    }  # fmt: skip
    return {**given, **changes}


def test_a_rule_is_made_and_changed_on_its_page(client, house):
    series, _rule, _alarm, officer = house
    county = series.station.region
    answer = client.post("/alarms/rules/new/", form_of(region=county.code, name="积水橙色"))
    made = Rule.objects.get(code="ponding")
    assert answer.url == f"/alarms/rules/{made.pk}/"
    version = made.versions.get()
    assert (version.hold_s, version.threshold, version.author) == (300, 0.27, officer)
    assert "积水橙色" in client.get("/alarms/rules/").content.decode()

    client.post(answer.url, form_of(threshold="0.3"))
    assert made.versions.get(number=2).threshold == 0.3
    page = client.post(answer.url, form_of(clear="0.9"))
    assert page.status_code == 422
    assert "反复触发" in page.content.decode()


def test_the_sentence_and_the_trial_write_nothing(client, house):
    series, _rule, _alarm, _officer = house
    stored(series, (-300, 0.5), (-290, 0.5), (-280, 0.1), (5, 0.5))
    entered = form_of(region=series.station.region.code)
    before = Rule.objects.count(), Alarm.objects.count()

    assert "持续5分钟" in client.post("/alarms/rules/sentence/", entered).content.decode()
    assert "填写表单" in client.post("/alarms/rules/sentence/", {}).content.decode()
    page = client.post("/alarms/rules/trial/", {**entered, "days": "1"}).content.decode()
    assert "会触发1条告警" in page
    assert (Rule.objects.count(), Alarm.objects.count()) == before


def test_a_rule_cannot_be_tried_where_one_may_not_make_it(client, house):
    series, rule, _alarm, _officer = house
    client.force_login(account_in(series.station.region, "warn.view"))
    stored(series, (-10, 0.5))
    for rule_field in ({"region": series.station.region.code}, {"rule": rule.pk}):
        page = client.post("/alarms/rules/trial/", {**form_of(**rule_field), "days": "1"})
        assert "条告警" not in page.content.decode()


def test_levels_are_set_on_their_page(client, house):
    series = series_in(house[0].station.region, "water_level", kind="river")
    assert client.get("/alarms/levels/").status_code == 200
    client.post(f"/alarms/levels/{series.pk}/", {"name": "warning", "value": "35.5"})
    assert SeriesLevel.objects.get().value == 35.5
    assert "35.5" in client.get("/alarms/levels/").content.decode()
    assert "35.5" not in client.get("/alarms/levels/", {"q": "无此站"}).content.decode()
    region = series.station.region.code
    assert "35.5" in client.get("/alarms/levels/", {"region": region}).content.decode()
    # They stand in the station's chart, too.
    client.force_login(account_in(series.station.region, "observe.view"))
    assert "35.5" in client.get(f"/stations/{series.station_id}/").content.decode()
    client.force_login(house[3])
    client.post(f"/alarms/levels/{series.pk}/", {"name": "warning", "value": ""})
    assert not SeriesLevel.objects.exists()


def test_the_rules_that_come_with_anlan_load_twice_and_change_nothing_the_second_time(capsys):
    region = RegionFactory(level=2)
    call_command("rules", "load", region=region.code)
    count = Rule.objects.count()
    call_command("rules", "load", region=region.code)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * count
    assert {line.split()[0] for line in lines[count:]} == {"无变化"}
    assert count == len(tomllib.loads(DEFAULT.read_text())["rule"])
    for rule in Rule.objects.all():
        assert describe(rule.versions.get())


def test_a_changed_file_gives_a_new_version():
    region = RegionFactory()
    by = account_in(region, "warn.manage")
    row = {
        "code": "a", "name": "甲", "severity": "red", "quantity": "ponding_depth", "threshold": 0.5
    }  # fmt: skip
    whats = []
    for threshold in (0.5, 0.6, 0.6):
        document = {"rule": [{**row, "threshold": threshold}]}
        (loaded,) = load_rules(document=document, region=region, by=by, at=minutes(0))
        whats.append(loaded.what)
    assert whats == ["new", "changed", "unchanged"]


def test_the_trial_finds_what_the_clock_would_have_found():
    county = RegionFactory()
    rain = series_in(county, "rain_5min", unit="mm", kind="rain")
    stored(rain, *[(5 * n, 2.0) for n in range(1, 11)])
    rule = rule_in(
        county, quantity="rain_5min", measure="SUM", window_s=3600, threshold=20, name="雨"
    )
    silent = rule_in(county, quantity="rain_5min", measure="SILENCE", threshold=1800)
    span = {"since": minutes(0), "until": minutes(200)}

    (would,) = replay(rule=rule, version=rule.versions.get(), **span).alarms
    assert (would.opened_at, would.cleared_at, would.value) == (minutes(50), minutes(65), 20)
    (would,) = replay(rule=silent, version=silent.versions.get(), **span).alarms
    assert (would.opened_at, would.cleared_at) == (minutes(80), None)


def test_the_trial_of_a_combination_counts_stations_at_the_same_time():
    county = RegionFactory()
    a, b = series_in(county), series_in(county)
    stored(a, (0, 0.5), (10, 0.1), (20, 0.5), (40, 0.1))
    stored(b, (5, 0.1), (30, 0.5), (35, 0.1))
    rule = rule_in(county, stations=2)

    found = replay(rule=rule, version=rule.versions.get(), since=minutes(-1), until=minutes(60))
    assert [(w.opened_at, w.cleared_at) for w in found.alarms] == [(minutes(30), minutes(35))]
    assert sum(n for _day, n in found.by_day) == 1
    assert found.until - found.since == timedelta(minutes=61)
