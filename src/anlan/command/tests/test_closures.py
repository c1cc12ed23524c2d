"""Closing an underpass or road: from the alarm to the map, and open again."""

from datetime import timedelta

import mapbox_vector_tile
import numpy as np
import pytest
from django.db import IntegrityError, transaction

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.events import deliver_waiting
from anlan.base.models import Event
from anlan.command import closures, queries
from anlan.command.models import Closure
from anlan.command.services import incidents, plans
from anlan.command.services.activation import plan_out
from anlan.command.services.closures import order_closure, order_for_alarm, reopen
from anlan.command.services.plans import StepText
from anlan.people.models import Account
from anlan.people.services.charges import set_charge
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places import tiles
from anlan.places.tests.factories import RegionFactory, RoadFactory, SiteFactory
from anlan.warn.forecasts import judge_run
from anlan.warn.models import Alarm
from anlan.warn.tests.factories import (
    NOON,
    alarm_of,
    area_in,
    forecast_of,
    forecast_rule_in,
    minutes,
    rule_in,
    series_in,
)
from anlan.work.carry import fetch_own_rows
from anlan.work.models import WorkItem
from anlan.work.services import advance
from anlan.work.tests.factories import proof_of

pytestmark = pytest.mark.django_db
LEADS = (
    "command.view", "command.lead", "warn.view", "work.view", "work.check", "places.view",
    "people.view",
)  # fmt: skip
S = Closure.State


@pytest.fixture(autouse=True)
def _no_tiles_kept():
    tiles.forget()


class Town:
    """A county whose road keeper answers for an underpass in a village."""

    def __init__(self):
        self.county = RegionFactory(level=3, name="婺城区")
        self.village = RegionFactory(parent=RegionFactory(parent=self.county))
        self.under = SiteFactory(region=self.village, name="人民路下穿", kind="underpass")
        self.road = RoadFactory(region=self.village, name="环城路")
        self.post = post_in(self.county, "county.road_keeper", "work.do", "work.view")
        self.keeper = holder_of(self.post)
        self.leader = account_in(self.county, *LEADS)
        self.checker = account_in(self.county, "work.check", "work.view")
        self.stranger = account_in(RegionFactory(level=3), *LEADS, "work.do")
        for place in (self.under, self.road):
            set_charge(place=place, post=self.post, by=Account.objects.system(), at=NOON)

    def order(self, place=None, **more):
        return order_closure(place=place or self.under, by=self.leader, at=NOON, **more)

    def close(self, closure):
        """By the keeper on the spot, verified by another."""
        item = closure.item
        advance(item=item, move="accept", by=self.keeper, at=minutes(5))
        advance(
            item=item, move="submit", by=self.keeper, at=minutes(15),
            submission=proof_of(item, self.keeper, minutes(15)),
        )  # fmt: skip
        deliver_waiting()
        advance(item=item, move="verify", by=self.checker, at=minutes(20))
        deliver_waiting()
        return Closure.objects.get(pk=closure.pk)


@pytest.fixture
def town():
    return Town()


def test_ordered_proved_verified_closed_and_open_again(town):
    closure = town.order(reason="积水上涨")
    assert (closure.state, closure.item.post, closure.item.region) == (
        S.ORDERED, town.post, town.village,
    )  # fmt: skip
    assert closure.item.title == "封闭“人民路下穿”，禁止通行"
    advance(item=closure.item, move="accept", by=town.keeper, at=minutes(5))
    with pytest.raises(BadInput):  # without a photo nothing is proved
        advance(item=closure.item, move="submit", by=town.keeper, at=minutes(6))
    advance(
        item=closure.item, move="submit", by=town.keeper, at=minutes(15),
        submission=proof_of(closure.item, town.keeper, minutes(15)),
    )  # fmt: skip
    assert Closure.objects.get().state == S.REPORTED
    with pytest.raises((NotAllowed, Refusal)):  # not by whoever did it
        advance(item=closure.item, move="verify", by=town.keeper, at=minutes(16))
    advance(item=closure.item, move="verify", by=town.checker, at=minutes(20))
    deliver_waiting()

    closed = Closure.objects.get()
    assert (closed.state, closed.closed_at) == (S.CLOSED, minutes(15))  # since the proof
    with pytest.raises(BadInput):
        reopen(closure=closed, note=" ", by=town.leader, at=minutes(60))
    reopen(closure=closed, note="积水已退", by=town.leader, at=minutes(60))
    assert (closed.state, closed.ended_by) == (S.OPENED, town.leader)
    with pytest.raises(Refusal):
        reopen(closure=closed, note="再次", by=town.leader, at=minutes(61))
    told = Event.objects.filter(name__startswith="command.closure.").order_by("pk")
    assert [event.name.rpartition(".")[2] for event in told] == ["ordered", "closed", "ended"]
    assert {event.region_path for event in told} == {town.village.path}


def test_what_is_ordered_already_stands(town):
    assert town.order() == town.order()
    assert Closure.objects.count() == 1
    twin = WorkItem.objects.create(
        kind="command.closure", title="x", region=town.village, opened_at=NOON
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.create(item=twin, site=town.under)
    with pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.create(item=twin, site=town.under, road=town.road)
    other = town.order(town.road)
    assert other.item.title == "封闭“环城路”，禁止通行"


def test_what_is_verified_is_closed_at_once_however_far_behind_the_worker_is(town, client):
    closure = town.order()
    advance(item=closure.item, move="accept", by=town.keeper, at=minutes(5))
    proof = proof_of(closure.item, town.keeper, minutes(15))
    advance(item=closure.item, move="submit", by=town.keeper, at=minutes(15), submission=proof)
    advance(item=closure.item, move="verify", by=town.checker, at=minutes(20))

    late = Closure.objects.get()  # nothing was delivered
    assert (late.closed_at, late.state) == (None, S.CLOSED)
    client.force_login(town.leader)
    panel = client.get(f"/incidents/closures/site/{town.under.pk}/").content.decode()
    assert "恢复通行" in panel
    assert "撤销" not in panel
    reopened = reopen(closure=late, note="积水已退", by=town.leader, at=minutes(60))
    deliver_waiting()
    reopened.refresh_from_db()
    assert (reopened.state, reopened.closed_at) == (S.OPENED, minutes(15))


def test_called_off_before_it_was_done_nothing_is_closed(town):
    closure = town.order()
    reopen(closure=closure, note="雨停", by=town.leader, at=minutes(3))
    deliver_waiting()
    closure.refresh_from_db()
    assert (closure.state, closure.item.state) == (S.CALLED_OFF, "CANCELLED")
    assert Event.objects.filter(name="command.closure.ended").count() == 1
    again = town.order()
    advance(item=again.item, move="cancel", note="误报", by=town.checker, at=minutes(5))
    deliver_waiting()
    again.refresh_from_db()
    assert (again.state, again.ended_note) == (S.CALLED_OFF, "误报")


def test_strangers_neither_order_nor_see_nor_open(town):
    with pytest.raises(NotAllowed):
        order_closure(place=town.under, by=town.stranger, at=NOON)
    closure = town.close(town.order())
    assert list(closures.list_closures(actor=town.stranger)) == []
    with pytest.raises(NotFound):
        closures.get_closure(actor=town.stranger, item_id=closure.pk)
    with pytest.raises(NotAllowed):
        reopen(closure=closure, note="开", by=town.stranger, at=minutes(30))


def test_a_school_is_not_closed_to_traffic(town):
    with pytest.raises(BadInput):
        town.order(SiteFactory(region=town.village, kind="school"))


def test_where_nobody_is_named_the_plan_s_post_goes_and_without_one_it_is_said(town):
    bare = SiteFactory(region=town.village, kind="underpass", name="无主下穿")
    with pytest.raises(Refusal) as refused:
        town.order(bare)
    assert refused.value.code == "command.nobody_answers"
    officer = post_in(town.village.parent, "town.flood_officer", "work.do")
    step = StepText(
        level=4, title="巡查下穿立交", role="town.flood_officer", region_level=4, minutes=45,
        site_kind="underpass",
    )  # fmt: skip
    put_in_force(town, step)
    assert town.order(bare).item.post == officer


def put_in_force(town, *steps):
    planner = account_in(town.county, "command.plan", "command.view")
    document = {"code": "p", "name": "防汛预案", "steps": [vars(step) for step in steps]}
    draft = plans.load_plan(document=document, region=town.county, by=planner, at=NOON)
    approver = account_in(town.county, "command.approve")
    return plans.approve_version(version=draft, by=approver, at=NOON)


# From an alarm ----------------------------------------------------------------------------------

RISING = [0, 0, 0, 10, 40, 50, 30, 0]  # passes 27 cm 35 min 40 s from its base


def forecast_alarm(town):
    forecast_rule_in(town.county)
    run = forecast_of(area_in(town.county), (town.under, RISING))
    judge_run(run_id=run.pk, at=run.base_at)
    return Alarm.objects.get()


def test_one_press_on_a_forecast_s_alarm_and_it_is_due_before_the_water_comes(town, client):
    alarm = forecast_alarm(town)
    put_in_force(town, StepText(
        level=4, title="巡查下穿立交", role="county.road_keeper", region_level=3, minutes=45,
        site_kind="underpass",
    ))  # fmt: skip
    client.force_login(town.leader)
    page = client.get(f"/alarms/{alarm.pk}/").content.decode()
    assert "下令封闭" in page
    assert "Ⅳ级响应：巡查下穿立交（county.road_keeper，45分钟内）" in page
    response = client.post(f"/incidents/closures/from-alarm/{alarm.pk}/")

    closure = Closure.objects.get()
    assert response["Location"] == f"/work/{closure.pk}/"
    assert (closure.alarm, closure.site) == (alarm, town.under)
    assert closure.reason == "预计20:35积水达到0.27 m，提前36分钟"
    page = client.get(f"/alarms/{alarm.pk}/").content.decode()
    assert "已下令，待封闭" in page
    client.force_login(town.stranger)
    assert client.post(f"/incidents/closures/from-alarm/{alarm.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("ordered", "due"), [(0, 35 + 40 / 60), (30, 40), (60, 70)], ids=["in time", "close", "late"]
)
def test_nobody_is_given_less_than_ten_minutes(town, ordered, due):
    alarm = forecast_alarm(town)
    closure = order_for_alarm(alarm=alarm, by=town.leader, at=minutes(ordered))
    assert closure.item.due_at == NOON + timedelta(minutes=due)


def test_a_gauge_s_alarm_closes_what_the_gauge_watches(town):
    series = series_in(town.village)
    rule = rule_in(town.county)
    alarm = alarm_of(rule, series)
    with pytest.raises(BadInput):
        order_for_alarm(alarm=alarm, by=town.leader, at=NOON)
    series.station.site = town.under
    series.station.save()
    closure = order_for_alarm(alarm=alarm, by=town.leader, at=NOON)
    assert (closure.site, closure.item.due_at) == (town.under, minutes(30))


def test_it_stands_in_the_timeline_of_the_running_incident(town):
    incident = incidents.open_incident(
        title="暴雨", kind="rainstorm", region=town.county, by=town.leader, at=NOON
    )
    closure = town.order()
    with pytest.raises(Refusal):  # it is not done yet
        incidents.close_incident(incident=incident, summary="完", by=town.leader, at=minutes(2))
    closed = town.close(closure)
    reopen(closure=closed, note="积水已退", by=town.leader, at=minutes(60))

    lines = queries.timeline(actor=town.leader, incident=incident)
    told = [(line.what, line.at) for line in lines if line.item and line.item.pk == closure.pk]
    assert told == [
        ("work.open", NOON),
        ("work.accept", minutes(5)),
        ("work.submit", minutes(15)),
        ("work.verify", minutes(20)),
        ("closure.opened", minutes(60)),
    ]
    assert not [
        line for line in queries.timeline(actor=town.stranger, incident=incident) if line.item
    ]
    incidents.close_incident(incident=incident, summary="完", by=town.leader, at=minutes(70))


# The map and the pages --------------------------------------------------------------------------


def on_the_map(client):
    z = 15
    x = int((119.65 + 180) / 360 * 2**z)
    sine = np.sin(np.radians(29.1))
    y = int((0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * 2**z)
    response = client.get(f"/places/tiles/closures/{z}/{x}/{y}.mvt")
    if response.status_code != 200:
        return response.status_code
    found = mapbox_vector_tile.decode(response.content)
    return {
        f["properties"]["name"]: f["properties"]["state"]
        for f in found.get("closures", {"features": []})["features"]
    }


def test_the_map_shows_what_is_closed_to_whom_it_concerns(town, client):
    client.force_login(town.leader)
    assert on_the_map(client) == {}
    closure = town.order()
    road = town.order(town.road)
    assert on_the_map(client) == {"人民路下穿": "ORDERED", "环城路": "ORDERED"}
    closed = town.close(closure)
    assert on_the_map(client)["人民路下穿"] == "CLOSED"
    reopen(closure=closed, note="已退", by=town.leader, at=minutes(60))
    reopen(closure=road, note="误报", by=town.leader, at=minutes(60))
    assert on_the_map(client) == {}
    client.force_login(account_in(town.county))
    assert on_the_map(client) == 404


def test_the_pages_order_list_and_open(town, client):
    client.force_login(town.leader)
    assert "目前没有封闭的道路" in client.get("/incidents/closures/").content.decode()
    panel = f"/incidents/closures/site/{town.under.pk}/"
    assert "正常通行" in client.get(panel).content.decode()
    client.post(f"{panel}order/", {"reason": "积水"})
    closure = Closure.objects.get()
    assert "已下令，待封闭" in client.get(panel).content.decode()
    assert "人民路下穿" in client.get("/incidents/closures/").content.decode()
    assert client.get(f"/incidents/closures/{closure.pk}/").status_code == 302
    rows = client.get("/api/closures").json()["items"]
    assert [(row["place"], row["state"]) for row in rows] == [("人民路下穿", "ORDERED")]
    client.post(f"/incidents/closures/{closure.pk}/reopen/", {"note": "雨停"})
    assert "雨停" in client.get("/incidents/closures/?ended").content.decode()
    client.force_login(town.stranger)
    assert client.get(panel).status_code == 404
    assert client.post(f"{panel}order/").status_code == 404
    assert client.get("/api/closures").json()["items"] == []
    assert "人民路下穿" not in client.get("/incidents/closures/?ended").content.decode()


@pytest.mark.parametrize("number", [0, 2**63, int("9" * 300)])
def test_numbers_of_nothing_find_nothing(town, client, number):
    client.force_login(town.leader)
    paths = (f"from-alarm/{number}/", f"site/{number}/order/", f"{number}/reopen/")
    posted = [client.post(f"/incidents/closures/{path}", {"note": "x"}) for path in paths]
    read = [client.get(f"/incidents/{path}/{number}/") for path in ("closures", "tasks")]
    assert [answer.status_code for answer in posted + read] == [404] * 5


def test_what_somebody_types_is_cut_to_what_can_be_kept(town, client):
    client.force_login(town.leader)
    client.post(f"/incidents/closures/site/{town.under.pk}/order/", {"reason": "涨\x00水" * 9999})
    closure = Closure.objects.get()
    client.post(f"/incidents/closures/{closure.pk}/reopen/", {"note": "退\x00水" * 9999})

    closure.refresh_from_db()
    assert closure.reason == "涨水" * 100
    assert closure.ended_note == "退水" * 100
    assert len(closure.item.steps.get(move="cancel").note) == 2000


def test_the_doer_s_phone_says_what_to_do_and_where(town, django_assert_num_queries):
    closure = town.order(reason="预计积水")
    items = list(WorkItem.objects.all())
    fetch_own_rows(items)
    with django_assert_num_queries(0):
        assert "预计积水" in closures.describe_closure(items[0])
    assert closures.place_of_closure(closure.item) == (town.under.lon, town.under.lat)
    road = town.order(town.road)
    lon, lat = closures.place_of_closure(road.item)
    assert (round(lon, 4), round(lat, 4)) == (119.65, 29.1)


# Plans ------------------------------------------------------------------------------------------


def test_a_plan_s_step_may_go_only_to_sites_that_the_forecast_hits(town):
    dry = SiteFactory(region=town.village, kind="underpass")
    step = StepText(
        level=4, title="值守", role="county.road_keeper", region_level=3, minutes=30,
        site_kind="underpass", hit_by_forecast=True,
    )  # fmt: skip
    version = put_in_force(town, step)
    assert version.steps.get().hit_by_forecast

    def sites(at):
        found = plan_out(version=version, level=4, areas=[town.county], at=at)
        return [assignment.site for assignment in found]

    assert sites(NOON) == []  # no forecast, nobody sent anywhere
    area = area_in(town.county)
    forecast_of(area, (town.under, [20, 30, 0]), (dry, [5]))
    assert sites(minutes(5)) == [town.under]
    assert sites(minutes(30)) == []  # over by then
    assert sites(minutes(200)) == []
    with pytest.raises(BadInput):
        put_in_force(town, StepText(
            level=4, title="x", role="county.road_keeper", region_level=3, minutes=30,
            hit_by_forecast=True,
        ))  # fmt: skip
