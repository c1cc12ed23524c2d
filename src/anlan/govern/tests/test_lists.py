"""Committees and duties from an office's workbook."""

from datetime import timedelta

import pytest

from anlan.base import tables
from anlan.base.errors import BadInput
from anlan.govern.models import Chair, Committee, DutyVersion, Member
from anlan.govern.services import lists
from anlan.people.models import Post, Role
from anlan.people.tests.factories import account_in

from .factories import KEEPS, NOON, City, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return City()


def line(city, **more):
    return {
        "region": city.city.code,
        "committee": "市安全生产委员会",
        "kind": "安委会",
        "unit": "应急管理局",
        "number": "1",
        "duty": "承担市安委办日常工作",
        "basis": "安全生产法第九条",
        "role": "city.safety_office",
    } | more


def workbook(*rows):
    return tables.workbook(lists.COLUMNS, rows)


def take(content, by):
    return lists.import_duties(content=content, by=by, at=NOON)


def counts(plan):
    return plan.committees, plan.new, plan.changed, plan.same, len(plan.problems)


def test_a_list_makes_committees_units_and_duties_and_again_changes_nothing(city):
    content = workbook(line(city), line(city, number="２", duty="组织巡查考核"))
    plan = lists.plan_duties(content=content, by=city.keeper, at=NOON)
    assert counts(plan) == (1, 2, 0, 0, 0)
    assert not Committee.objects.exists()
    take(content, city.keeper)
    assert set(DutyVersion.objects.values_list("duty__number", "post")) == {
        (1, city.post.pk), (2, city.post.pk),
    }  # fmt: skip
    assert counts(take(content, city.keeper)) == (0, 0, 0, 2, 0)
    assert DutyVersion.objects.count() == 2
    # What the next list leaves out stays; a changed text is the next version.
    changed = lists.import_duties(
        content=workbook(line(city, duty="新的表述")), by=city.keeper, at=NOON + timedelta(days=1)
    )
    assert counts(changed) == (0, 0, 1, 0, 0)
    assert DutyVersion.objects.count() == 3
    assert Member.objects.filter(until=None).count() == 1


def test_bad_cells_are_named_and_good_lines_are_taken(city):
    organisation("重名局", city.county)
    organisation("重名局", city.town)
    rows = [
        line(city),
        line(city),  # the same duty twice
        line(city, region="999999"),
        line(city, number="0"),
        line(city, number="=1+1"),
        line(city, number="3", kind="委员会"),
        line(city, number="4", unit="重名局"),
        line(city, number="5", duty=""),
        line(city, number="6", role="没有的岗位"),
        line(city, number="7", committee="另一个安委会"),
        line(city, number="8", chairs="甲、乙、丙"),
        line(city, number="9", post_region="000000"),
    ]
    plan = take(workbook(*rows), city.keeper)
    wrong = {(problem.row, problem.column) for problem in plan.problems}
    assert {
        (3, "number"), (4, "region"), (5, "number"), (6, "number"), (7, "kind"), (8, "unit"),
        (9, "duty"), (10, "role"), (11, "committee"), (12, "chairs"), (13, "post_region"),
    } <= wrong  # fmt: skip
    assert {row for row, _column in wrong} == set(range(3, 14))
    assert DutyVersion.objects.count() == 1
    back = tables.read(lists.error_list(plan), lists.COLUMNS)
    assert len(back) == 11
    assert lists.empty_list()[:2] == b"PK"


def test_posts_are_opened_by_whoever_manages_people_there(city):
    top = city.city  # the tree of this test has no province
    manager = account_in(top, *KEEPS, "people.manage", "places.view", "observe.view",
                         "simulate.view", "warn.view")  # fmt: skip
    for other in city.stranger.grants.values_list("region", flat=True).distinct():
        manager.grants.create(permission="people.manage", region_id=other)
    manager.forget_scopes()
    content = workbook(line(city, role="市住建局安全职责岗", chairs="市党委书记、市长"))
    assert counts(take(content, manager))[:2] == (1, 1)
    assert Role.objects.filter(name="市住建局安全职责岗", level=2).exists()
    assert Post.objects.filter(region=city.city).count() == 4
    assert Chair.objects.count() == 2
    assert counts(take(content, manager)) == (0, 0, 0, 1, 0)


def test_a_stranger_s_list_takes_nothing(city):
    plan = take(workbook(line(city)), city.stranger)
    assert {problem.column for problem in plan.problems} >= {"region"}
    assert not Committee.objects.exists()
    with pytest.raises(BadInput):
        take(b"\x00" * 20, city.keeper)
