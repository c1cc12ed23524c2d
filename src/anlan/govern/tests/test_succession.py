"""Towns that are recoded or merged: committees, their papers and posts go to who takes over."""

from datetime import date

import pytest

from anlan.base.errors import NotFound
from anlan.base.events import deliver_waiting
from anlan.govern import gaps, queries
from anlan.govern.models import Committee, Refresh
from anlan.govern.services import committees as service
from anlan.govern.services import meetings, refresh
from anlan.govern.services.meetings import Held
from anlan.people.models import Holding, Post
from anlan.people.queries import list_posts
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.models import Region
from anlan.places.services import import_divisions, recode_region
from anlan.places.tests.factories import RegionFactory

from .factories import NOON, TODAY, City, organisation, system

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    """Two towns of a county, each with a work-safety committee that has a chair and has met."""
    city = City()
    city.other = RegionFactory(parent=city.county, name="并入镇")
    city.special = city.committee(city.other, "SPECIAL", "消防安全专业委员会")
    city.ours = city.committee(city.town)
    city.theirs = city.committee(city.other)
    city.chairs = {}
    for committee in (city.ours, city.theirs, city.special):
        role = "town.chair" if committee.kind == "SAFETY" else "town.fire_chair"
        post = post_in(committee.region, role)
        city.chairs[committee.pk] = (post, holder_of(post))
        service.seat_chair(committee=committee, number=1, post=post, by=city.keeper, at=NOON)
    city.office = organisation("并入镇人民政府", city.other)
    member = service.add_member(
        committee=city.theirs, organisation=city.office, since=TODAY, by=city.keeper, at=NOON
    )
    held = Held(held_on=TODAY, presided_by="镇长", minutes="并入前的纪要")
    city.meeting = meetings.record_meeting(
        committee=city.theirs, held=held, present=[member], by=city.keeper, at=NOON
    )
    return city


def carry(city, text):
    content = f"代码,名称,级别,上级代码,原代码\n{text}\n".encode()
    import_divisions(content=content, valid_from=date(2026, 6, 1), by=system(), at=NOON)
    deliver_waiting()


def standing(actor, region):
    rows = queries.list_committees(actor=actor, region=region, on=date(2026, 7, 1))
    return {committee.pk for committee in rows}


def test_a_merged_town_s_committees_go_to_the_town_that_takes_over(city):
    town = city.town
    carry(city, f"{town.code},{town.name},镇,{city.county.code},{city.other.code}")

    officer = account_in(town, "govern.view", "govern.manage", "people.view")
    # Each town may have one work-safety committee: the one that is merged ends on that day.
    assert standing(officer, town) == {city.ours.pk, city.special.pk}
    assert standing(city.stranger, town) == set()
    theirs = Committee.objects.get(pk=city.theirs.pk)
    assert (theirs.region, theirs.ended_on) == (town, date(2026, 6, 1))
    # What it did is found with the town that took over, by its officers and by no stranger.
    [met] = queries.list_meetings(actor=officer, region=town, year=2026)
    assert met.minutes == "并入前的纪要"
    with pytest.raises(NotFound):
        queries.get_meeting(actor=city.stranger, meeting_id=city.meeting.pk)
    # The fire committee keeps its chair; the second chair of the same kind stays as history.
    post, holder = city.chairs[city.special.pk]
    [seat] = queries.seats_of(Committee.objects.get(pk=city.special.pk), TODAY)
    assert seat.holders == [holder.name]
    posts = {post.pk for post in list_posts(actor=officer, region=town, on=TODAY)}
    assert posts == {post.pk, city.chairs[city.ours.pk][0].pk}
    assert Post.objects.get(pk=city.chairs[city.theirs.pk][0].pk).region == city.other
    city.office.refresh_from_db()
    assert city.office.region == town
    assert not gaps.find_gaps(actor=officer, region=town, on=date(2026, 6, 2)).duties
    assert Holding.objects.filter(to_date=None).count() == 3


def test_a_recoded_town_keeps_all_of_it_and_a_second_delivery_changes_nothing(city):
    plan = {"year": 2026, "opens_on": date(2026, 6, 1), "due_on": date(2026, 7, 1)}
    planner = account_in(city.city, "govern.issue")
    planned = refresh.plan_refresh(region=city.other, **plan, by=planner, at=NOON)
    manager = account_in(city.city, "places.manage")
    new = recode_region(
        region=city.other,
        code="ZZ9",
        name="新名镇",
        valid_from=date(2026, 6, 1),
        by=manager,
        at=NOON,
    )
    for _again in range(2):
        deliver_waiting()
    officer = account_in(new, "govern.view", "govern.manage")
    assert standing(officer, new) == {city.theirs.pk, city.special.pk}
    theirs = queries.get_committee(actor=officer, committee_id=city.theirs.pk)
    assert (theirs.region, theirs.ended_on) == (new, None)
    assert city.chairs[city.theirs.pk][0] in queries.posts_for(theirs)
    assert Refresh.objects.get(pk=planned.pk).region == new
    assert Region.objects.get(pk=city.other.pk).committees.count() == 0
    assert standing(city.stranger, new) == set()
