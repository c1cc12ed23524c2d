from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from anlan.base import clock
from anlan.base.events import publish
from anlan.command.services.incidents import open_incident
from anlan.observe.models import Latest, Reading
from anlan.observe.tests.factories import SeriesFactory
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.warn.models import Alarm, Rule, RuleVersion
from anlan.web.board import queries
from anlan.web.feed.reader import news

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 3, 4, tzinfo=UTC)
VIEWS = ("warn.view", "observe.view", "command.view", "work.view")


def alarm_at(region, series, **fields):
    author = Account.objects.system()
    rule = Rule.objects.create(code=f"r{series.pk}", name="积水超0.3米", region=region, number=1)
    version = RuleVersion.objects.create(
        rule=rule, number=1, made_at=NOON, author=author, severity=2, quantity="x", threshold=1
    )
    return Alarm.objects.create(
        rule=rule,
        version=version,
        series=series,
        region=region,
        severity=2,
        opened_at=NOON,
        value=0.42,
        **fields,
    )


def test_the_snapshot_holds_the_readers_regions_and_a_stranger_gets_an_empty_one(client):
    county, elsewhere = RegionFactory(), RegionFactory()
    town = RegionFactory(parent=county)
    series = SeriesFactory(station__region=town, quantity="ponding_depth")
    Latest.objects.create(series=series, at_ms=5, value=0.42, flag=1, received_ms=5)
    alarm = alarm_at(town, series)

    client.force_login(account_in(county, *VIEWS))
    mine = client.get("/api/board").json()
    client.force_login(account_in(elsewhere, *VIEWS))
    theirs = client.get("/api/board").json()

    assert mine["stations"][0][0] == series.station_id
    assert mine["stations"][0][9] == [[series.pk, "ponding_depth", 5, 0.42, 1]]
    assert [(a["id"], a["station"], a["decimals"]) for a in mine["alarms"]] == [
        (alarm.pk, series.station.name, 2)
    ]
    assert [(a["value"], a["means"]) for a in mine["alarms"]] == [(0.42, "VALUE")]
    assert (theirs["stations"], theirs["alarms"], theirs["happenings"]) == ([], [], [])


def test_each_part_of_the_snapshot_needs_its_own_permission(client):
    region = RegionFactory()
    series = SeriesFactory(station__region=region)
    alarm_at(region, series)
    client.force_login(account_in(region, "observe.view"))

    board = client.get("/api/board").json()

    assert len(board["stations"]) == 1
    assert board["alarms"] == []


def test_the_snapshot_does_not_grow_its_number_of_queries_with_the_city(
    django_assert_max_num_queries,
):
    region = RegionFactory()
    for _n in range(12):
        alarm_at(region, SeriesFactory(station__region=region))
    officer = account_in(region, *VIEWS)

    with django_assert_max_num_queries(16):
        assert len(queries.snapshot(actor=officer)["alarms"]) == 12


def test_an_event_carries_what_a_board_needs_to_show_it():
    region = RegionFactory()
    series = SeriesFactory(station__region=region)
    alarm = alarm_at(region, series)
    leader = account_in(region, "command.lead", "warn.view")
    incident = open_incident(
        title="暴雨", kind="rainstorm", region=region, alarm=alarm, by=leader, at=NOON
    )
    with transaction.atomic():
        raised = publish(
            "warn.alarm.raised", at=NOON, by=None, region_path=region.path, alarm_id=alarm.pk
        )
        opened = publish(
            "command.incident.opened",
            at=NOON,
            by=leader,
            region_path=region.path,
            incident_id=incident.pk,
        )

    alarm_news, incident_news = news([raised, opened])

    assert alarm_news.body["alarm"]["station"] == series.station.name
    assert alarm_news.body["alarm"]["incident_id"] == incident.pk
    assert incident_news.body["incident"]["title"] == "暴雨"


def test_rain_by_the_hour_is_summed_over_the_readers_stations_only():
    cache.clear()
    region, elsewhere = RegionFactory(), RegionFactory()
    here, there = (
        SeriesFactory(station__region=r, quantity="rain_5min") for r in (region, elsewhere)
    )
    end = clock.to_epoch_ms(NOON + timedelta(minutes=30))
    hour = 3_600_000
    # On the hour belongs to the hour before.
    rows = [(NOON, 1.0), (NOON + timedelta(minutes=5), 2.0), (NOON + timedelta(minutes=10), 3.0)]
    for at, value in rows:
        for series, more in ((here, 0), (there, 100)):
            Reading.objects.create(
                at_ms=clock.to_epoch_ms(at), series=series, value=value + more, flag=1
            )

    rain = queries.rain(
        actor=account_in(region, "observe.view"), at=clock.from_epoch_ms(end), hours=3
    )

    assert rain["stations"] == 1
    assert rain["at"][-1] == (end // hour + 1) * hour
    assert rain["mean"] == [None, 1.0, 5.0]
    assert rain["most"] == [None, 1.0, 5.0]


def test_everybody_starts_on_the_page_of_their_role(client):
    region = RegionFactory()
    village = account_in(region, "work.do", *VIEWS)
    duty = account_in(region, "warn.acknowledge", *VIEWS)
    nobody = account_in(region)

    for account, goal in ((village, "/work/"), (duty, "/board/")):
        client.force_login(account)
        assert client.get("/")["Location"] == goal
    client.force_login(nobody)
    assert "申请" in client.get("/").content.decode()


def test_the_board_says_where_its_reader_answers_for(client):
    county = RegionFactory(name="婺城区", lon=119.6, lat=29.1)
    client.force_login(account_in(county, *VIEWS))
    page = client.get("/board/").content.decode()

    assert "婺城区" in page
    assert 'data-module="board"' in page


def test_happenings_are_the_last_ones_newest_first(client):
    region = RegionFactory()
    with transaction.atomic():
        for n in range(queries.MOST_HAPPENINGS + 5):
            publish(
                "observe.station.silent",
                at=timezone.now(),
                by=None,
                region_path=region.path,
                station_id=n,
            )
    rows = queries.happenings(actor=account_in(region, "observe.view"))

    assert len(rows) == queries.MOST_HAPPENINGS
    assert rows[0]["data"]["station_id"] == queries.MOST_HAPPENINGS + 4
