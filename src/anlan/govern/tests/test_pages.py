"""Committees in the browser's words: set up, chair, unit, duty, list, meeting, refresh, import."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.govern.models import (
    Committee,
    DutyVersion,
    Entry,
    Meeting,
    RefreshTask,
    Resolution,
    YearList,
)
from anlan.govern.services import opening
from anlan.govern.services import refresh as refresh_service
from anlan.govern.services.committees import add_member, dissolve_committee
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory

from .factories import KEEPS, NOON, TODAY, City, organisation
from .test_lists import line, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return City()


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)


def text_of(client, page, /, *args, **query):
    response = client.get(reverse(f"govern:{page}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def send(client, page, /, *args, status=302, **data):
    response = client.post(reverse(f"govern:{page}", args=args), data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


@pytest.mark.usefixtures("at_noon")
def test_from_the_first_committee_to_a_resolution(city, client):
    holder_of(city.post)
    client.force_login(city.keeper)
    before = text_of(client, "gaps")
    assert "此处尚未设立委员会" in before
    assert "均有人担责" not in before  # where nobody has a duty, nothing is in order
    send(client, "found", kind="SAFETY", name="市安全生产委员会", region=city.city.code,
         founded_on="2020-01-01")  # fmt: skip
    committee = Committee.objects.get()
    send(client, "found", kind="SAFETY", name="又一个", region=city.city.code,
         founded_on="2020-01-01", status=422)  # fmt: skip
    send(client, "seat", committee.pk, number=1, post=city.post.pk)
    send(client, "join", committee.pk, organisation=city.bureau.pk, since="2026-01-01")
    member = committee.members.get()
    send(client, "write", member.pk, text="承担安委办工作", post=city.post.pk, since="2026-01-01")
    send(client, "write", member.pk, text="", since="2026-01-01", status=422)
    shown = text_of(client, "committee", committee.pk)
    assert "承担安委办工作" in shown
    assert "空缺" in shown  # the second chair
    assert "承担安委办工作" in text_of(client, "duty", DutyVersion.objects.get().duty_id)
    assert "市安全生产委员会" in text_of(client, "index")
    assert "市安全生产委员会" in text_of(client, "gaps")

    send(client, "draft", committee.pk, year=2026)
    year_list = committee.lists.get()
    send(client, "quarterly", year_list.pk, post="")
    send(client, "add", year_list.pk, kind="INSPECT", title="汛期检查", opens_on="2026-05-01",
         due_on="2026-05-31", led_by_principal="on", post=city.post.pk)  # fmt: skip
    send(client, "add", year_list.pk, kind="TASK", title="甲", opens_on="2027-05-01",
         due_on="2027-05-31", status=422)  # fmt: skip
    send(client, "remove", Entry.objects.get(title="第4季度例会").pk)
    send(client, "issue", year_list.pk, status=403)
    client.force_login(city.leader)
    send(client, "issue", year_list.pk)
    opening.open_due(NOON)
    shown = text_of(client, "list", year_list.pk)
    assert "汛期检查" in shown
    assert "主要领导带队" in shown
    assert "汛期检查" not in text_of(client, "lists")
    assert "市安全生产委员会" in text_of(client, "lists", year=2026)

    client.force_login(city.keeper)
    entry = Entry.objects.get(title="第1季度例会")
    assert client.get(reverse("govern:of_item", args=[entry.item_id])).status_code == 302
    assert "应急管理局" in text_of(client, "record", committee.pk)
    send(client, "record", committee.pk, entry=entry.pk, held_on="2026-05-05", minutes="研究工作。",
         presided_by="王市长", present=[member.pk])  # fmt: skip
    meeting = Meeting.objects.get()
    send(client, "resolve", meeting.pk, text="排查燃气", due_on="2026-05-31", post=city.post.pk)
    shown = text_of(client, "meeting", meeting.pk)
    assert "排查燃气" in shown
    assert "逾期召开" in shown
    assert "王市长" in text_of(client, "meetings")
    item = Resolution.objects.get().pk
    assert client.get(reverse("govern:of_item", args=[item])).status_code == 302
    # The work item's own page leads back.
    assert reverse("govern:of_item", args=[item]) in client.get(f"/work/{item}/").content.decode()

    client.force_login(city.stranger)
    for name, key in (("committee", committee.pk), ("list", year_list.pk), ("meeting", meeting.pk)):
        assert client.get(reverse(f"govern:{name}", args=[key])).status_code == 404


@pytest.mark.usefixtures("at_noon")
def test_a_slip_and_a_form_that_has_gone_stale_are_answered_where_they_are_seen(city, client):
    committee = city.committee()
    units = [city.bureau, organisation("公安局", city.city)]
    members = [
        add_member(committee=committee, organisation=unit, since=TODAY, by=city.keeper, at=NOON)
        for unit in units
    ]
    client.force_login(city.keeper)
    shown = send(client, "write", members[1].pk, text="", since="2062-05-06", status=422)
    said = shown.content.decode()
    assert said.count("请核对年份") == said.count("此项必填") == 1  # not at every unit
    for member in members:  # each label leads to its own field
        assert said.count(f'id="id_{member.pk}_text"') == 1
    send(client, "found", kind="SPECIAL", name="x", region=city.city.code,
         founded_on="0026-05-06", status=422)  # fmt: skip
    send(client, "draft", committee.pk, year="二〇二六", status=422)
    send(client, "draft", committee.pk, year=2026)
    year_list = committee.lists.get()
    # Meanwhile the list is issued and the committee dissolved: the forms are on the page no more.
    YearList.objects.filter(pk=year_list.pk).update(state="ISSUED")
    line = {"kind": "TASK", "title": "甲", "opens_on": "2026-05-07", "due_on": "2026-05-08"}
    answer = send(client, "add", year_list.pk, **line, status=403)
    assert "您不能在" in answer.content.decode()
    dissolve_committee(committee=committee, on=TODAY, by=city.keeper, at=NOON)
    answer = send(client, "seat", committee.pk, number=1, post=city.post.pk, status=409)
    assert "已撤销" in answer.content.decode()
    client.force_login(city.leader)  # looks on only
    for name in ("found", "record"):
        keys = [committee.pk] if name == "record" else []
        assert client.get(reverse(f"govern:{name}", args=keys)).status_code == 403


@pytest.mark.usefixtures("at_noon")
def test_a_village_confirms_its_officers_on_the_phone(city, client):
    village = RegionFactory(parent=city.town)
    secretary = holder_of(
        post_in(village, "village.secretary", "work.do", "work.view", "people.confirm")
    )
    client.force_login(city.leader)
    send(client, "refreshes", region=city.city.code, opens_on="2026-05-01", due_on="2026-05-31")
    refresh_service.open_due(NOON)
    task = RefreshTask.objects.get()
    assert city.town.name in text_of(client, "refresh", task.refresh_id)
    assert village.name in text_of(client, "refresh", task.refresh_id, region=city.town.code)
    client.force_login(secretary)
    shown = text_of(client, "refresh_task", task.pk)
    assert secretary.name in shown
    send(client, "confirm", task.pk, holding=[secretary.holdings.get().pk])
    task.item.refresh_from_db()
    assert task.item.state == "SUBMITTED"
    assert "已确认" in text_of(client, "refresh_task", task.pk)


@pytest.mark.usefixtures("at_noon")
def test_an_office_hands_in_its_list_looks_and_takes_it(city, client):
    client.force_login(city.keeper)
    assert "区划代码" in text_of(client, "import")
    file = SimpleUploadedFile("职责.xlsx", workbook(line(city), line(city, number="x")))
    shown = send(client, "import", file=file, status=200)
    upload = shown.context["upload"]
    assert not Committee.objects.exists()
    errors = client.get(reverse("govern:import_errors", args=[upload.pk]))
    assert errors.content[:2] == b"PK"
    client.force_login(account_in(city.city, *KEEPS))
    send(client, "import_confirm", upload.pk, status=404)  # another's file
    client.force_login(city.keeper)
    send(client, "import_confirm", upload.pk, status=200)
    assert DutyVersion.objects.get().since == date(2026, 5, 6)
    assert client.get(reverse("govern:import_template")).content[:2] == b"PK"


def test_lists_ask_the_database_as_often_for_many_as_for_few(
    city, client, django_assert_max_num_queries
):
    for number in range(12):
        town = RegionFactory(parent=city.county)
        city.committee(region=town, name=f"第{number}镇安委会")
    client.force_login(city.keeper)
    with django_assert_max_num_queries(22):
        text_of(client, "index")
    with django_assert_max_num_queries(22):
        text_of(client, "gaps")
    with django_assert_max_num_queries(18):
        text_of(client, "lists")
