"""Of the demo's towns only those that lack something on purpose stand in the list of gaps."""

from datetime import timedelta

import pytest

from anlan.demo import times, townships
from anlan.govern.gaps import find_gaps
from anlan.govern.models import Committee
from anlan.people.models import Account
from anlan.people.services.posts import load_roles
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.work.models import WorkItem

pytestmark = pytest.mark.django_db

LACKING = {
    townships.WITHOUT_COMMITTEE[0], townships.WITHOUT_HEAD[0], townships.WITHOUT_DUTY[0],
    "330702206", townships.WITHOUT_LIST[0], townships.WITHOUT_MEETING[0],
}  # fmt: skip


def test_towns_lack_what_they_are_meant_to_and_nothing_else():
    load_roles(by=Account.objects.system(), at=townships.FOUNDED)
    county = RegionFactory(level=3)
    codes = sorted({"330702100", *LACKING})
    towns = {code: RegionFactory(parent=county, code=code, name=f"{code}镇") for code in codes}

    townships.make(towns)

    reader = account_in(county, "govern.view")
    gaps = find_gaps(actor=reader, region=county, on=times.OPENS.date())
    assert [region.code for region in gaps.regions if region != county] == [
        townships.WITHOUT_COMMITTEE[0]
    ]
    assert [(c.committee.region.code, c.number) for c in gaps.chairs] == [
        (townships.WITHOUT_HEAD[0], 2)
    ]
    assert [m.committee.region.code for m in gaps.members] == [townships.WITHOUT_DUTY[0]]
    assert [d.duty.member.committee.region.code for d in gaps.duties] == ["330702206"]
    assert [(m.committee.region.code, m.quarter) for m in gaps.meetings] == [
        (townships.WITHOUT_MEETING[0], 2)
    ]
    assert [c.region.code for c in gaps.lists] == [townships.WITHOUT_LIST[0]]
    late = WorkItem.objects.exclude(state=WorkItem.State.CLOSED)
    assert [item.region.code for item in late] == [townships.WITHOUT_MEETING[0]]
    assert late[0].due_at + timedelta(days=1) < times.OPENS
    assert Committee.objects.count() == len(towns) - 1
    assert find_gaps(
        actor=account_in(RegionFactory(level=3), "govern.view"), region=county,
        on=times.OPENS.date(),
    ).total == 0  # fmt: skip
