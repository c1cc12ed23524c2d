"""Committees, chairs, units, duties, and what is missing."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.govern import gaps, queries
from anlan.govern.models import Chair, Committee, DutyVersion
from anlan.govern.services import committees as service
from anlan.govern.services.committees import DutyText
from anlan.people.models import Holding
from anlan.people.tests.factories import holder_of, post_in
from anlan.places.tests.factories import RegionFactory

from .factories import NOON, TODAY, City, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return City()


def missing(city, region=None, actor=None, on=TODAY):
    return gaps.find_gaps(actor=actor or city.keeper, region=region or city.city, on=on)


def seat(city, committee, number, role):
    post = post_in(committee.region, role)
    service.seat_chair(committee=committee, number=number, post=post, by=city.keeper, at=NOON)
    return post


def test_a_safety_committee_has_two_chairs_and_a_vacant_one_is_a_gap(city):
    committee = city.committee()
    assert [gap.number for gap in missing(city).chairs] == [1, 2]
    party = seat(city, committee, 1, "city.party_leader")
    government = seat(city, committee, 2, "city.government_leader")
    assert [gap.post for gap in missing(city).chairs] == [party, government]  # nobody holds them
    secretary = holder_of(party)
    holder_of(government)
    assert missing(city).chairs == []
    seats = queries.seats_of(
        queries.get_committee(actor=city.keeper, committee_id=committee.pk), TODAY
    )
    assert seats[0].holders == [secretary.name]
    # The secretary leaves on a day: from that day on the chair is vacant, not before.
    Holding.objects.filter(post=party).update(to_date=TODAY + timedelta(days=3))
    assert missing(city).chairs == []
    assert [gap.post for gap in missing(city, on=TODAY + timedelta(days=3)).chairs] == [party]


def test_a_special_committee_needs_one_chair_and_a_region_any_number_of_them(city):
    city.committee()
    traffic = city.committee(kind=Committee.Kind.SPECIAL, name="道路交通安全专委会")
    city.committee(kind=Committee.Kind.SPECIAL, name="消防安全专委会")
    holder_of(seat(city, traffic, 1, "city.traffic_chair"))
    with pytest.raises(BadInput):
        seat(city, traffic, 2, "city.fire_chair")
    with pytest.raises(Refusal):
        city.committee(name="第二安委会")
    assert Committee.objects.count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        Committee.objects.create(kind="SAFETY", name="另一个", region=city.city, founded_on=TODAY)


def test_a_chair_holds_a_post_of_the_committee_s_own_region_and_one_seat_only(city):
    committee = city.committee()
    with pytest.raises(BadInput):
        service.seat_chair(
            committee=committee, number=1, post=post_in(city.county, "county.party_leader"),
            by=city.keeper, at=NOON,
        )  # fmt: skip
    post = seat(city, committee, 1, "city.party_leader")
    with pytest.raises(Refusal):
        service.seat_chair(committee=committee, number=2, post=post, by=city.keeper, at=NOON)
    assert Chair.objects.count() == 1


def write(city, member, text="督促行业安全", **more):
    day = more.pop("since", TODAY)
    return service.write_duty(
        member=member, duty=DutyText(text=text, since=day, **more), by=city.keeper, at=NOON
    )


def test_a_duty_has_versions_by_day_and_names_the_post_that_answers(city):
    member = join(city, city.committee())
    first = write(city, member, post=city.post, basis="安全生产法第十条")
    assert write(city, member, number=1, post=city.post, basis="安全生产法第十条") == first
    assert [version.text for version in missing(city).duties] == ["督促行业安全"]  # post is vacant
    holder_of(city.post)
    assert missing(city).duties == []
    later = write(city, member, "改写", number=1, since=TODAY + timedelta(days=10))
    assert (later.number, later.duty_id) == (2, first.duty_id)
    now = queries.duties_of(member.committee, TODAY)[member.pk]
    then = queries.duties_of(member.committee, TODAY + timedelta(days=10))[member.pk]
    assert [line.version for line in now] == [first]
    assert [line.version for line in then] == [later]
    assert missing(city).duties == []
    # The next version names nobody.
    assert missing(city, on=TODAY + timedelta(days=10)).duties == [later]
    with pytest.raises(BadInput):
        write(city, member, "倒填", number=1, since=TODAY)


def join(city, committee, name="住建局"):
    return service.add_member(
        committee=committee, organisation=organisation(name, city.city), since=date(2020, 1, 1),
        by=city.keeper, at=NOON,
    )  # fmt: skip


def test_whoever_holds_a_post_sees_what_it_answers_for(city):
    member = join(city, city.committee())
    version = write(city, member, post=city.post)
    write(city, member, "别人的职责")
    holder = holder_of(city.post)
    assert queries.own_duties(actor=holder, on=TODAY) == [version]
    assert queries.own_duties(actor=city.stranger, on=TODAY) == []
    service.end_duty(duty=version.duty, on=TODAY, by=city.keeper, at=NOON)
    assert queries.own_duties(actor=holder, on=TODAY) == []


def test_two_versions_of_one_day_the_later_written_one_holds(city):
    member = join(city, city.committee())
    write(city, member, "甲", number=1)
    second = write(city, member, "乙", number=1)
    in_force = DutyVersion.objects.in_force(TODAY)
    assert list(in_force) == [second]


def test_what_left_or_ended_is_no_gap(city):
    committee = city.committee()
    member, other = join(city, committee), join(city, committee, "交通局")
    write(city, member)
    duty = write(city, other).duty
    assert len(missing(city).duties) == 2
    service.end_member(member=member, on=TODAY, by=city.keeper, at=NOON)
    service.end_duty(duty=duty, on=TODAY, by=city.keeper, at=NOON)
    assert missing(city).duties == []
    with pytest.raises(Refusal):
        write(city, member, "再写")
    with pytest.raises(Refusal):
        write(city, other, "再写", number=1)
    service.dissolve_committee(committee=committee, on=TODAY, by=city.keeper, at=NOON)
    found = missing(city)
    assert found.regions == [city.city, city.county, city.town]  # its own is missing again
    assert found.total == 3
    with pytest.raises(Refusal):
        seat(city, committee, 1, "city.party_leader")


def test_every_city_county_and_town_has_a_committee_and_every_unit_a_duty(city):
    RegionFactory(level=5, parent=city.town)  # a village has none
    assert missing(city).regions == [city.city, city.county, city.town]
    committee = city.committee(founded_on=TODAY)
    fire = {"kind": Committee.Kind.SPECIAL, "name": "消防安全专委会"}
    city.committee(region=city.county, **fire)  # is none for work safety
    assert missing(city).regions == [city.county, city.town]
    assert city.city in missing(city, on=TODAY - timedelta(days=1)).regions
    member, idle = join(city, committee), join(city, committee, "交通局")
    assert set(missing(city).members) == {member, idle}
    duty = write(city, member).duty
    write(city, idle, "明日起", since=TODAY + timedelta(days=1))
    assert missing(city).members == [idle]
    assert missing(city, on=TODAY + timedelta(days=1)).members == []
    service.end_duty(duty=duty, on=TODAY, by=city.keeper, at=NOON)
    assert set(missing(city).members) == {member, idle}
    service.end_member(member=idle, on=TODAY, by=city.keeper, at=NOON)
    found = missing(city)
    assert found.members == [member]
    city_row, county_row = gaps.count_below(gaps=found, region=city.city, children=[city.county])
    assert (city_row.members, city_row.regions, county_row.regions) == (1, 0, 2)
    assert city_row.total + county_row.total == found.total
    assert missing(city, actor=city.stranger).total == 0


def test_those_above_open_the_list_of_those_below_and_each_number_to_its_rows(city):
    city.committee()
    city.committee(region=city.county)
    city.committee(region=city.town)
    found = missing(city)
    rows = gaps.count_below(gaps=found, region=city.city, children=[city.county])
    assert [(row.region, row.chairs, row.lists) for row in rows] == [
        (city.city, 2, 1), (city.county, 4, 2),
    ]  # fmt: skip
    assert sum(row.total for row in rows) == found.total
    below = missing(city, region=city.town)
    assert {gap.committee.region for gap in below.chairs} == {city.town}


def test_a_stranger_sees_no_committee_and_changes_none(city):
    committee = city.committee()
    member = join(city, committee)
    duty = write(city, member).duty
    who = city.stranger
    assert list(queries.list_committees(actor=who, region=city.city, on=TODAY)) == []
    assert missing(city, actor=who).total == 0
    for ask in (
        lambda: queries.get_committee(actor=who, committee_id=committee.pk),
        lambda: queries.get_member(actor=who, member_id=member.pk),
        lambda: queries.get_duty(actor=who, duty_id=duty.pk),
    ):
        with pytest.raises(NotFound):
            ask()
    for do in (
        lambda: city.committee(region=city.county, by=who),
        lambda: service.dissolve_committee(committee=committee, on=TODAY, by=who, at=NOON),
        lambda: service.end_member(member=member, on=TODAY, by=who, at=NOON),
        lambda: service.end_duty(duty=duty, on=TODAY, by=who, at=NOON),
        lambda: service.write_duty(member=member, duty=DutyText("x", TODAY), by=who, at=NOON),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_a_unit_from_elsewhere_is_not_taken_in(city):
    committee = city.committee(region=city.county)
    with pytest.raises(BadInput):
        service.add_member(
            committee=committee, organisation=city.bureau, since=TODAY, by=city.keeper, at=NOON
        )
    member = join(city, city.committee())
    with pytest.raises(BadInput):
        write(city, member, post=post_in(city.stranger.grants.first().region, "city.x"))
