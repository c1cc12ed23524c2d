"""One visit planned by hand, and what goes along when an enterprise is moved by a list."""

import re

import pytest
from django.urls import reverse

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import deliver_waiting
from anlan.people.models import Account
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.services.sites import SiteRow, save_sites
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import (
    Enterprise,
    Hazard,
    PublicReport,
    Standard,
    StandardVersion,
    VisitPlan,
)  # fmt: skip
from anlan.prevent.queries.carry import plans_to_carry
from anlan.prevent.queries.inspectors import people_to_send
from anlan.prevent.services import enterprise_lists as lists
from anlan.prevent.services import gate
from anlan.prevent.services.planning import plan_visit
from anlan.work import queries as work
from anlan.work.carry import tasks_to_carry

from .conftest import NOON, days
from .factories import credit_code
from .test_lists import a_list

pytestmark = pytest.mark.django_db


def plan(story, **more):
    return plan_visit(
        **{
            "enterprise": story.firm, "due_on": days(9).date(), "kind": "INSPECT",
            "inspectors": [story.inspector, story.colleague], "by": story.inspector, "at": NOON,
        } | more
    )  # fmt: skip


def test_a_visit_is_planned_on_its_page_and_goes_along_on_the_phones(story, client):
    other = Standard.objects.create(code="fire", name="消防专项")
    edition = StandardVersion.objects.create(
        standard=other, number=1, state="IN_FORCE", made_at=NOON, author=story.inspector
    )
    address = reverse("prevent:plan_visit", args=[story.firm.pk])
    sent = {"visit_kind": "RECHECK", "due_on": "2027-07-10", "standard": other.pk,
            "inspectors": [story.colleague.pk], "note": "除尘系统"}  # fmt: skip
    client.force_login(story.stranger)
    assert client.get(address).status_code == client.post(address, sent).status_code == 404
    assert client.post(address, sent | {"find": "1"}).status_code == 404
    client.force_login(story.inspector)
    assert (
        address in client.get(reverse("prevent:enterprise", args=[story.firm.pk])).content.decode()
    )
    bad = client.post(address, sent | {"inspectors": [story.stranger.pk]})
    assert bad.status_code == 422
    answer = client.post(address, sent)
    made = VisitPlan.objects.get()
    assert answer.url == reverse("prevent:plan", args=[made.pk])
    page = client.get(answer.url).content.decode()
    assert "消防专项" in page
    assert "除尘系统" in page
    # The same form again, by a second press of the button, is no second visit.
    assert client.post(address, sent).status_code == 422
    assert VisitPlan.objects.count() == 1
    (task,) = tasks_to_carry(actor=story.colleague, at=NOON)
    assert "检查表：消防专项" in task["lines"]
    assert plans_to_carry(items=[task["id"]]) == [
        {"item": made.pk, "enterprise": story.firm.pk, "kind": "RECHECK", "standard": other.pk,
         "people": [{"id": story.colleague.pk, "name": str(story.colleague)}]}
    ]  # fmt: skip
    assert story.visit(plan=made, kind="RECHECK").version == edition
    assert tasks_to_carry(actor=story.stranger, at=NOON) == []


def test_whom_to_send_is_found_by_name_and_only_among_those_who_inspect_there(
    story, client, django_assert_num_queries
):
    """By the form itself, without a script; who was ticked stays ticked and shown."""
    office = story.colleague.organisation
    many = [account_in(story.county, "prevent.inspect") for _n in range(40)]
    Account.objects.filter(pk__in=[one.pk for one in many]).update(organisation=office)
    Account.objects.filter(pk=many[-1].pk).update(name="钱最后")
    Account.objects.filter(pk=story.colleague.pk).update(name="赵同事")
    Account.objects.filter(pk=story.stranger.pk).update(name="钱外人")
    administrator = account_in(story.city, "prevent.inspect", "people.manage")
    post = post_in(story.city, "city.administrator", "prevent.inspect", "people.manage")
    holder = holder_of(post)
    address = reverse("prevent:plan_visit", args=[story.firm.pk])
    client.force_login(story.inspector)
    page = client.get(address).content.decode()
    assert offered(page) == (31, [str(story.inspector.pk)])  # the reader, ticked, and 30 more
    assert "还有 11 人" in page
    asked = {"find": "1", "who": "钱", "due_on": "2027-07-10", "inspectors": [story.colleague.pk]}
    found = client.post(address, asked)
    assert found.status_code == 200
    page = found.content.decode()
    assert offered(page) == (2, [str(story.colleague.pk)])  # who was ticked, who was found
    assert "钱最后" in page
    assert 'value="2027-07-10"' in page
    assert not VisitPlan.objects.exists()
    for nobody in (administrator, holder, story.stranger, Account.objects.system()):
        page = client.post(address, {"find": "1", "who": nobody.name}).content.decode()
        assert offered(page) == (0, [])
    with django_assert_num_queries(4):
        people = people_to_send(region=story.village, at=NOON, reader=story.inspector)
        assert {str(one.organisation) for one in people.shown} == {str(office)}


def offered(page):
    """How many can be ticked, and who is."""
    boxes = re.findall(r'<input type="checkbox" name="inspectors" value="(\d+)"( checked)?>', page)
    return len(boxes), [pk for pk, checked in boxes if checked]


def test_who_may_not_inspect_there_neither_plans_nor_is_named(story):
    with pytest.raises(NotAllowed):
        plan(story, by=story.stranger)
    for people in ([story.boss], []):
        with pytest.raises(BadInput):
            plan(story, inspectors=people)
    with pytest.raises(BadInput):
        plan(story, kind="SELF")
    story.firm.state = Enterprise.State.CLOSED
    with pytest.raises(Refusal):
        plan(story)
    assert not VisitPlan.objects.exists()


@pytest.fixture
def target(story):
    return RegionFactory(parent=RegionFactory(parent=RegionFactory(parent=story.city)))


def by_list_of_sites(story, target, by):
    site = story.firm.site
    row = SiteRow(site.code, site.kind, "新名五金厂", site.lon, site.lat, region=target.code)
    save_sites(rows=[row], by=by, at=days(1))


def by_list_of_enterprises(story, target, by):
    Enterprise.objects.filter(pk=story.firm.pk).update(credit_code=credit_code(7))
    code = {"credit_code": credit_code(7), "name": "新名五金厂", "region": target.code}
    lists.write_plan(plan=lists.plan_list(content=a_list(code), by=by), by=by, at=days(1))


@pytest.mark.parametrize("move", [by_list_of_sites, by_list_of_enterprises])
def test_moved_by_a_list_its_open_work_goes_along_as_by_hand(story, target, move):
    """Hazards and planned visits; the file's history says so, and the old region no longer sees."""
    rights = ("prevent.view", "prevent.manage", "prevent.inspect", "prevent.check")
    over = account_in(story.city, *rights, "places.manage")
    theirs = account_in(target.parent.parent, *rights)
    done, hazard = story.report("已整改"), story.report()
    story.close(done)
    planned = plan(story, inspectors=[story.inspector, over])
    report = gate.report_at_gate(
        enterprise=story.firm, what="气味很大", address="a", machine_at=NOON, at=NOON
    )
    move(story, target, over)
    while deliver_waiting():
        pass
    for item in (hazard.item, planned.item, report.item):
        item.refresh_from_db()
        assert (item.region, item.state) == (target, "OPEN")
        assert work.get_item(actor=theirs, item_id=item.pk)
    assert list(planned.inspectors.all()) == [over]  # the others may not inspect there
    done.item.refresh_from_db()
    assert done.item.region == story.village  # what was over stays where it was
    change = story.firm.changes.get()
    assert change.fields["region"] == [story.village.place(), target.place()]
    assert "新名五金厂" in Enterprise.objects.get(pk=story.firm.pk).wording.text


def test_a_button_pressed_twice_does_it_once(story, client):
    client.force_login(story.inspector)
    desk = reverse("prevent:report_hazard", args=[story.firm.pk])
    sent = {"what": "配电箱未上锁", "grade": "GENERAL", "found_how": "VISIT"}
    assert client.post(desk, sent).url == client.post(desk, sent).url
    begin = reverse("prevent:start_visit", args=[story.firm.pk])
    first = client.post(begin, {"visit_kind": "INSPECT"}).url
    assert client.post(begin, {"visit_kind": "INSPECT"}).url == first
    assert client.post(begin, {"visit_kind": "SERVICE"}).url != first
    for _press in range(2):
        client.post(f"{first}hazards/", {"what": "通道堵塞", "grade": "MAJOR"})
        client.post(f"/e/{story.firm.token}/report/", {"text": "东侧楼梯堆放货物"})
    assert sorted(Hazard.objects.values_list("what", flat=True)) == ["通道堵塞", "配电箱未上锁"]
    assert PublicReport.objects.count() == 1
    # Another person, or the same words later, is another finding.
    client.force_login(story.colleague)
    client.post(desk, sent)
    assert Hazard.objects.filter(what="配电箱未上锁").count() == 2
