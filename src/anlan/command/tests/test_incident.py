"""From the alarm to the closed incident, and the proof of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from anlan.base import journal
from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.command import queries
from anlan.command.models import LogEntry, PlanVersion, Task
from anlan.command.services import activation, incidents, plans
from anlan.command.services.plans import StepText
from anlan.observe.tests.factories import SeriesFactory
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.warn.models import Alarm, Rule, RuleVersion
from anlan.work.services import advance
from anlan.work.tests.factories import proof_of

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
LEADS = ("command.view", "command.lead", "command.plan", "warn.view", "work.view", "work.check")
pytestmark = pytest.mark.django_db


class City:
    """A city with two towns; the first has two villages, one of them without an officer."""

    def __init__(self):
        self.region = RegionFactory(level=2)
        self.county = RegionFactory(parent=self.region)
        self.towns = [RegionFactory(parent=self.county) for _ in range(2)]
        self.villages = [RegionFactory(parent=self.towns[0]) for _ in range(2)]
        self.leader = account_in(self.region, *LEADS)
        self.approver = account_in(self.region, "command.view", "command.approve")
        self.stranger = account_in(RegionFactory(level=2), *LEADS, "command.approve", "work.do")
        self.post = post_in(self.villages[0], "village.flood_officer", "work.do", "work.view")
        self.officer = holder_of(self.post)
        post_in(self.towns[0], "town.flood_officer")

    def plan(self, *steps):
        document = {"code": "flood", "name": "防汛预案", "steps": [vars(step) for step in steps]}
        draft = plans.load_plan(document=document, region=self.region, by=self.leader, at=NOON)
        return plans.approve_version(version=draft, by=self.approver, at=NOON)

    def incident(self, **fields):
        return incidents.open_incident(
            **{"title": "城中暴雨", "kind": "rainstorm", "region": self.region} | fields,
            by=self.leader,
            at=NOON,
        )


PATROL = StepText(level=4, title="巡查", role="village.flood_officer", region_level=5, minutes=60)
SHELTER = StepText(level=3, title="开放场所", role="town.flood_officer", region_level=4, minutes=30)


@pytest.fixture
def city():
    return City()


def activate(city, incident, version, level, areas):
    return activation.activate(
        incident=incident, version=version, level=level, areas=areas, by=city.leader, at=NOON
    )


def test_a_level_becomes_tasks_for_the_posts_of_the_regions_concerned(city):
    version, incident = city.plan(PATROL, SHELTER), city.incident()

    activate(city, incident, version, 4, [city.towns[0]])

    tasks = Task.objects.order_by("item__region__path")
    assert [task.item.region for task in tasks] == city.villages
    assert tasks[0].item.post == city.post
    assert tasks[0].item.due_at == NOON + timedelta(minutes=60)
    seen = queries.list_tasks(actor=city.leader, incident=incident)
    assert [task.item.region for task in queries.vacant_tasks(seen, on=NOON)] == [city.villages[1]]


def test_a_graver_level_adds_only_what_it_adds(city):
    version, incident = city.plan(PATROL, SHELTER), city.incident()
    activate(city, incident, version, 4, [city.towns[0]])

    second = activate(city, incident, version, 3, [city.county])

    # The second town has no villages; both towns open a shelter, the patrols stand already.
    assert sorted(task.step.title for task in second.tasks.all()) == ["开放场所", "开放场所"]
    assert incident.level == 3


def test_a_step_at_sites_gives_each_site_a_task_for_the_post_around_it(city):
    underpass = SiteFactory(region=city.villages[0], kind="underpass", name="金瓯路下穿")
    SiteFactory(region=RegionFactory(), kind="underpass")
    step = StepText(**vars(SHELTER) | {"site_kind": "underpass", "level": 4})
    version, incident = city.plan(step), city.incident()

    activate(city, incident, version, 4, [city.region])

    task = Task.objects.get()
    assert (task.site, task.item.region) == (underpass, city.towns[0])
    assert queries.place_of_task(task.item) == (underpass.lon, underpass.lat)
    assert queries.describe_task(task.item) == ["地点：金瓯路下穿", "突发事件：城中暴雨"]
    assert "金瓯路下穿" in task.item.title


def test_the_loop_closes_and_city_and_county_see_the_counts_move(city):
    version, incident = city.plan(PATROL), city.incident()
    activate(city, incident, version, 4, [city.villages[0]])
    item = Task.objects.get().item

    def counts(level):
        later = NOON + timedelta(hours=2)
        return [
            (c.region, c.open, c.submitted, c.closed, c.overdue)
            for c in queries.count_by_region(
                actor=city.leader, incident=incident, at=later, level=level
            )
        ]

    assert counts(3) == [(city.county, 1, 0, 0, 1)]
    for move, by in (("accept", city.officer), ("submit", city.officer), ("verify", city.leader)):
        proof = proof_of(item, by, NOON) if move == "submit" else None
        advance(item=item, move=move, by=by, at=NOON, submission=proof)
    assert counts(3) == [(city.county, 0, 0, 1, 0)]
    assert counts(4) == [(city.towns[0], 0, 0, 1, 0)]
    assert queries.count_by_region(actor=city.stranger, incident=incident, at=NOON, level=3) == []


def test_the_timeline_tells_everything_in_order(city):
    version, incident = city.plan(PATROL), city.incident()
    activate(city, incident, version, 4, [city.villages[0]])
    advance(item=Task.objects.get().item, move="accept", by=city.officer, at=NOON)
    incidents.add_note(incident=incident, text="省防指来电", by=city.leader, at=NOON)

    lines = queries.timeline(actor=city.leader, incident=incident)

    assert [line.what for line in lines] == ["log.OPENED", "log.LEVEL", "log.NOTE", "work.accept"]
    assert "共1项任务" in lines[1].text


def test_an_incident_with_open_tasks_cannot_be_closed(city):
    version, incident = city.plan(PATROL), city.incident()
    activate(city, incident, version, 4, [city.villages[0]])

    with pytest.raises(Refusal) as refusal:
        incidents.close_incident(incident=incident, summary="雨停", by=city.leader, at=NOON)
    assert refusal.value.code == "command.tasks_open"

    advance(item=Task.objects.get().item, move="cancel", by=city.leader, at=NOON, note="误发")
    closed = incidents.close_incident(incident=incident, summary="雨停", by=city.leader, at=NOON)
    assert closed.closed_at == NOON
    with pytest.raises(Refusal):
        incidents.add_note(incident=incident, text="补记", by=city.leader, at=NOON)


def test_an_altered_log_line_is_found(city, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    incident = city.incident()
    journal.seal_new_events()
    assert journal.verify() == []

    LogEntry.objects.filter(incident=incident).update(text="没有下雨")

    assert [finding.kind for finding in journal.verify()] == ["content"]


def test_nobody_approves_their_own_plan(city):
    document = {"code": "x", "name": "X", "steps": [vars(PATROL)]}
    both = account_in(city.region, "command.plan", "command.approve", "command.view")
    draft = plans.load_plan(document=document, region=city.region, by=both, at=NOON)

    with pytest.raises(Refusal) as refusal:
        plans.approve_version(version=draft, by=both, at=NOON)
    assert refusal.value.code == "command.own_plan"


def test_loading_the_same_plan_twice_changes_nothing(city):
    document = {"code": "flood", "name": "防汛预案", "steps": [vars(PATROL)]}
    for _ in range(2):
        plans.load_plan(document=document, region=city.region, by=city.leader, at=NOON)

    assert PlanVersion.objects.count() == 1


def test_the_next_version_replaces_the_one_in_force_and_old_tasks_keep_their_text(city):
    version, incident = city.plan(PATROL), city.incident()
    activate(city, incident, version, 4, [city.villages[0]])
    draft = plans.draft_version(plan=version.plan, by=city.leader, at=NOON)
    changed = StepText(**vars(PATROL) | {"instructions": "带上哨子"})
    plans.save_step(version=draft, step=changed, order=1, by=city.leader, at=NOON)

    plans.approve_version(version=draft, by=city.approver, at=NOON)

    version.refresh_from_db()
    assert (version.state, draft.number) == ("REPLACED", 2)
    assert Task.objects.get().instructions == ""
    with pytest.raises(Refusal, match="未生效"):
        activate(city, incident, version, 4, [city.villages[0]])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"code": "x", "name": "X", "steps": [{"level": 4}]},
        {"code": "x", "name": "X", "steps": [vars(PATROL) | {"level": 7}]},
        {"code": "x", "name": "X", "steps": [vars(PATROL) | {"role": "nobody"}]},
        {"code": "x", "name": "X", "steps": [vars(PATROL) | {"minutes": 0}]},
    ],
)
def test_a_wrong_plan_file_is_refused_with_what_is_wrong(city, document):
    with pytest.raises(BadInput):
        plans.load_plan(document=document, region=city.region, by=city.leader, at=NOON)


def test_a_stranger_reaches_no_incident_by_any_door(city, client):
    version, incident = city.plan(PATROL), city.incident()
    activate(city, incident, version, 4, [city.villages[0]])
    with pytest.raises(NotFound):
        queries.get_incident(actor=city.stranger, incident_id=incident.pk)
    with pytest.raises(NotAllowed):
        incidents.add_note(incident=incident, text="x", by=city.stranger, at=NOON)

    client.force_login(city.stranger)
    for name in ("incident", "print"):
        assert client.get(reverse(f"command:{name}", args=[incident.pk])).status_code == 404
    for name in ("activate", "note", "close"):
        assert client.post(reverse(f"command:{name}", args=[incident.pk])).status_code == 404
    assert client.get(reverse("command:version", args=[version.pk])).status_code == 404
    assert incident.title not in client.get(reverse("command:incidents")).content.decode()
    assert client.get(f"/api/incidents/{incident.pk}").status_code == 404
    assert client.get("/api/incidents").json()["items"] == []


def test_who_works_in_a_part_sees_the_incident_but_only_their_own_tasks(city):
    version, incident = city.plan(PATROL), city.incident()
    activate(city, incident, version, 4, [city.towns[0]])
    town = account_in(city.villages[1], "command.view")

    assert queries.get_incident(actor=town, incident_id=incident.pk) == incident
    seen = queries.list_tasks(actor=town, incident=incident)
    assert [task.item.region for task in seen] == [city.villages[1]]


def test_a_county_s_list_and_board_show_the_city_s_incident_that_concerns_it(city, client):
    version, incident = city.plan(PATROL, SHELTER), city.incident()
    other = RegionFactory(parent=city.region)
    activate(city, incident, version, 3, [city.towns[0]])
    activate(city, incident, version, 4, [RegionFactory(parent=RegionFactory(parent=other))])

    [seen] = queries.list_incidents(actor=account_in(city.county, "command.view"))
    assert (seen, seen.tasks_all, seen.tasks_closed) == (incident, 3, 0)
    rows, count = queries.task_rows(actor=city.leader, incident=incident, at=NOON, most=9)
    assert (len(rows), count) == (4, 4)
    assert city.officer.name in [row.who for row in rows]
    assert "" in [row.who for row in rows]
    client.force_login(account_in(city.county, "command.view"))
    assert [row["id"] for row in client.get("/api/board").json()["incidents"]] == [incident.pk]
    client.force_login(city.stranger)
    assert client.get("/api/board").json()["incidents"] == []
    assert list(queries.list_incidents(actor=city.stranger)) == []


def test_an_exercise_marks_its_tasks(city):
    version, incident = city.plan(PATROL), city.incident(exercise=True)
    activate(city, incident, version, 4, [city.villages[0]])

    assert Task.objects.get().item.exercise


def test_a_whole_city_is_activated_in_few_statements(city, django_assert_max_num_queries):
    for _ in range(60):
        RegionFactory(parent=city.towns[1])
    version, incident = city.plan(PATROL, SHELTER), city.incident()

    with django_assert_max_num_queries(60):
        activate(city, incident, version, 3, [city.region])
    assert Task.objects.count() == 64


def test_pages_show_the_incident_and_its_level(city, client):
    version, incident = city.plan(PATROL, SHELTER), city.incident()
    client.force_login(city.leader)
    url = reverse("command:incident", args=[incident.pk])

    response = client.post(
        url + "activate/", {"version": version.pk, "level": 3, "areas": [city.towns[0].pk]}
    )
    assert response.status_code == 302
    page = client.get(url).content.decode()
    assert "Ⅲ级响应" in page
    assert city.villages[1].name in page
    assert "无人任职" in page
    assert client.get(url + "print/").status_code == 200

    bad = client.post(url + "activate/", {"version": version.pk, "level": 9, "areas": []})
    assert bad.status_code == 422


@pytest.fixture
def alarm_in(city):
    """An open alarm at a station in one of the city's villages."""

    def make(region, exercise=False):
        series = SeriesFactory(station__region=region)
        rule = Rule.objects.create(code=f"r{series.pk}", name="积水", region=region, number=1)
        version = RuleVersion.objects.create(
            rule=rule,
            number=1,
            made_at=NOON,
            author=city.leader,
            severity=2,
            quantity=series.quantity,
            threshold=0.27,
        )
        return Alarm.objects.create(
            rule=rule,
            version=version,
            series=series,
            region=region,
            severity=2,
            opened_at=NOON,
            exercise=exercise,
        )

    return make


def handle(alarm, by):
    return incidents.handle_alarm(alarm=alarm, by=by, at=NOON)


def test_an_alarm_opens_an_incident_of_the_county_and_the_next_ones_join_it(city, alarm_in):
    first, second = alarm_in(city.villages[0]), alarm_in(city.villages[1])

    incident = handle(first, city.leader)

    assert incident.region == city.county
    assert handle(first, city.leader) == incident
    assert handle(second, city.leader) == incident
    assert incident.alarms.count() == 2


def test_an_exercise_alarm_does_not_join_a_real_incident(city, alarm_in):
    real = handle(alarm_in(city.villages[0]), city.leader)
    drill = handle(alarm_in(city.villages[0], exercise=True), city.leader)

    assert drill != real
    assert drill.exercise


def test_who_leads_only_a_town_opens_the_town_s_incident(city, alarm_in):
    town = account_in(city.towns[0], *LEADS)

    assert handle(alarm_in(city.villages[0]), town).region == city.towns[0]
    with pytest.raises(NotAllowed):
        handle(alarm_in(city.villages[0]), city.stranger)


def test_the_preview_counts_what_would_be_handed_out_and_hands_out_nothing(city, client):
    version, incident = city.plan(PATROL, SHELTER), city.incident()
    client.force_login(city.leader)
    url = reverse("command:preview", args=[incident.pk])

    page = client.get(url, {"version": version.pk, "level": 3, "areas": [city.county.pk]})

    # Two patrols, one of them vacant, and two shelters, whose posts nobody holds.
    assert "将下达4项任务，涉及区划4个" in page.content.decode()
    assert "其中3项岗位无人任职" in page.content.decode()
    assert Task.objects.count() == 0
