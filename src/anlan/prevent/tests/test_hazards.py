"""A hazard from its finding to its end, and everybody who might bend the rules on the way."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.events import deliver_waiting, publish
from anlan.base.models import Event
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Extension, Hazard
from anlan.prevent.queries import hazards as queries
from anlan.prevent.services.extensions import ask_extension, decide_extension
from anlan.prevent.services.hazards import (
    follow_site,
    order_rectification,
    regrade_hazard,
    transfer_hazard,
)
from anlan.prevent.services.listings import lift_listing, list_hazard
from anlan.work import queries as work
from anlan.work.services import advance, check_steps
from anlan.work.tests.test_at_once import at_once

from .conftest import NOON, days

pytestmark = pytest.mark.django_db
MAJOR = Hazard.Grade.MAJOR


def shown(actor, at=NOON, **wanted):
    return list(queries.list_hazards(actor=actor, at=at, wanted=queries.Wanted(**wanted)))


def test_found_put_right_by_the_firm_checked_by_another_and_closed(story):
    hazard = story.report()
    item = hazard.item
    # Fifteen days after 1 July end with the 16th, a Thursday.
    assert item.due_at == datetime(2026, 7, 16, 16, tzinfo=UTC)
    assert item.region == story.village
    assert shown(story.inspector) == shown(story.boss) == [hazard]
    assert shown(story.stranger) == []
    with pytest.raises(NotFound):
        queries.get_hazard(actor=story.stranger, hazard_id=hazard.pk)
    with pytest.raises(NotAllowed):
        advance(item=item, move="accept", by=story.stranger, at=NOON)

    story.put_right(hazard)
    with pytest.raises(NotAllowed):  # the firm has no say in whether it is enough
        advance(item=item, move="verify", by=story.boss, at=days(2))
    advance(item=item, move="return", by=story.inspector, at=days(2), note="照片看不清")
    story.hand_in(hazard, at=days(3))
    assert shown(story.inspector, standing="recheck") == [hazard]
    advance(item=item, move="verify", by=story.inspector, at=days(4))

    assert shown(story.inspector) == []
    assert shown(story.inspector, standing="closed") == [hazard]
    assert queries.closed_at(hazard) == days(4)
    assert list(check_steps()) == []


def test_nobody_closes_what_they_put_right_themselves(story):
    hazard = story.report()
    story.put_right(hazard, by=story.inspector)
    with pytest.raises(Refusal) as refusal:
        advance(item=hazard.item, move="verify", by=story.inspector, at=days(2))
    assert refusal.value.code == "work.own_work"
    advance(item=hazard.item, move="verify", by=story.colleague, at=days(2))
    assert hazard.item.state == "CLOSED"


def test_of_two_verifiers_with_the_same_page_open_one_is_told(story):
    hazard = story.report()
    story.put_right(hazard)
    one, other = (queries.get_hazard(actor=a, hazard_id=hazard.pk).item for a in
                  (story.inspector, story.colleague))  # fmt: skip
    advance(item=one, move="verify", by=story.inspector, at=days(2))
    with pytest.raises(Refusal) as refusal:
        advance(item=other, move="return", by=story.colleague, at=days(2), note="不合格")
    assert refusal.value.code == "work.moved"
    assert [step.move for step in work.steps_of(one)] == ["open", "accept", "submit", "verify"]


def test_only_the_firm_itself_and_inspectors_of_the_region_report(story):
    with pytest.raises(NotAllowed):
        story.report(by=story.stranger)
    with pytest.raises(NotAllowed):
        story.report(by=story.boss)  # not as an inspector
    own = story.report(by=story.boss, source=Hazard.Source.SELF)
    assert own.source == "SELF"
    with pytest.raises(NotAllowed):
        story.report(by=story.boss, source="SELF", site=story.another_firm("2").site)
    assert Hazard.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"what": "  "}, "prevent.no_text"),
        ({"grade": "HUGE"}, "prevent.bad_grade"),
        ({"found_at": days(1)}, "prevent.future"),
        ({"due_on": date(2026, 6, 30)}, "prevent.bad_due"),
        ({"due_on": date(2028, 1, 1)}, "prevent.bad_due"),
    ],
)
def test_what_cannot_be_a_finding_is_refused_whole(story, wrong, code):
    with pytest.raises(BadInput) as refusal:
        story.report(**wrong)
    assert refusal.value.code == code
    assert not Event.objects.exists()


def test_days_across_spring_festival_end_on_the_first_working_day(story):
    """2026: the holiday runs from 15 to 23 February; 14 and 28 February are made up."""
    found = datetime(2026, 2, 3, 2, tzinfo=UTC)  # day 15 is the 18th, the second day of the year
    hazard = story.report(at=found, found_at=found)
    assert hazard.item.due_at == datetime(2026, 2, 24, 16, tzinfo=UTC)  # the end of the 24th
    last = datetime(2026, 2, 24, 15, 59, tzinfo=UTC)
    assert shown(story.inspector, last, standing="overdue") == []
    assert shown(story.inspector, last + timedelta(minutes=2), standing="overdue") == [hazard]

    made_up = datetime(2026, 2, 13, 2, tzinfo=UTC)  # day 15 is Saturday the 28th, worked
    assert story.report(at=made_up, what="另一处").item.due_at == datetime(
        2026, 2, 28, 16, tzinfo=UTC
    )


def test_the_bureaus_own_number_of_days_is_kept_with_each_clock(story, settings):
    settings.RECTIFY_DAYS = 7
    hazard = story.report()
    assert hazard.item.due_at == datetime(2026, 7, 8, 16, tzinfo=UTC)
    settings.RECTIFY_DAYS = 30
    advance(item=hazard.item, move="pause", by=story.colleague, at=days(1), note="停产检修")
    advance(item=hazard.item, move="resume", by=story.colleague, at=days(3))
    assert hazard.item.due_at == datetime(2026, 7, 10, 16, tzinfo=UTC)


def test_an_order_has_one_number_sets_the_day_and_is_given_once(story):
    major, general = story.report(grade=MAJOR), story.report(what="通道堵塞")
    number = order_rectification(
        hazards=[major, general], due_on=date(2026, 7, 5), by=story.inspector, at=NOON
    )
    assert number == "（婺）应急责改〔2026〕1号"
    assert {hazard.order_number for hazard in Hazard.objects.all()} == {number}
    # A Sunday, but the day that the order names.
    assert major.item.due_at == datetime(2026, 7, 5, 16, tzinfo=UTC)
    with pytest.raises(Refusal):
        order_rectification(hazards=[general], by=story.colleague, at=NOON)
    third = story.report(what="第三处")
    with pytest.raises(NotAllowed):
        order_rectification(hazards=[third], by=story.stranger, at=NOON)
    # What was refused used up no number.
    assert order_rectification(hazards=[third], by=story.colleague, at=NOON).endswith("2号")
    elsewhere = story.report(site=story.another_firm("2").site)
    with pytest.raises(BadInput):
        order_rectification(hazards=[third, elsewhere], by=story.inspector, at=NOON)


def test_more_time_is_given_by_another_person_only_and_shown(story):
    hazard = story.report()
    before = hazard.item.due_at
    with pytest.raises(NotAllowed):
        ask_extension(
            hazard=hazard, until=date(2026, 8, 1), reason="等待配件", by=story.stranger, at=days(1)
        )
    asked = ask_extension(
        hazard=hazard, until=date(2026, 8, 1), reason="等待配件", by=story.inspector, at=days(1)
    )
    with pytest.raises(Refusal) as refusal:  # one at a time
        ask_extension(
            hazard=hazard, until=date(2026, 9, 1), reason="再等", by=story.boss, at=days(1)
        )
    assert refusal.value.code == "prevent.asked"
    hazard.item.refresh_from_db()
    assert hazard.item.due_at == before  # nothing changes by asking
    assert shown(story.colleague, asked=True) == [hazard]

    for actor in (story.inspector, story.boss, story.stranger):
        with pytest.raises(NotAllowed):
            decide_extension(extension=asked, granted=True, by=actor, at=days(2))
    decide_extension(extension=asked, granted=True, by=story.colleague, at=days(2))
    hazard = Hazard.objects.get()
    assert hazard.item.due_at == hazard.item.clock.due_at == datetime(2026, 8, 1, 16, tzinfo=UTC)
    assert (asked.state, asked.before) == ("GRANTED", before)
    assert shown(story.inspector, days(20), standing="extended") == [hazard]
    with pytest.raises(Refusal):
        decide_extension(extension=asked, granted=False, note="不", by=story.colleague, at=days(3))
    # A pause afterwards is added to what was decided, not to the old limit.
    advance(item=hazard.item, move="pause", by=story.colleague, at=days(5), note="停产")
    advance(item=hazard.item, move="resume", by=story.colleague, at=days(7))
    assert hazard.item.due_at == datetime(2026, 8, 3, 16, tzinfo=UTC)


def test_a_refused_request_changes_nothing_and_needs_a_reason(story):
    hazard = story.report()
    before = hazard.item.due_at
    asked = ask_extension(
        hazard=hazard, until=date(2026, 8, 1), reason="等待配件", by=story.boss, at=days(1)
    )
    with pytest.raises(BadInput):
        decide_extension(extension=asked, granted=False, by=story.inspector, at=days(2))
    decide_extension(
        extension=asked, granted=False, note="可先停用", by=story.inspector, at=days(2)
    )
    assert Hazard.objects.get().item.due_at == before
    ask_extension(hazard=hazard, until=date(2026, 8, 2), reason="又一次", by=story.boss, at=days(3))
    assert Extension.objects.filter(state="ASKED").count() == 1


def test_what_is_overdue_or_handed_in_gets_no_more_time(story):
    hazard = story.report()
    for until in (date(2026, 7, 16), date(2026, 7, 10)):
        with pytest.raises(BadInput):
            ask_extension(hazard=hazard, until=until, reason="等", by=story.boss, at=days(1))
    asked = ask_extension(
        hazard=hazard, until=date(2026, 9, 1), reason="等待配件", by=story.boss, at=days(2)
    )
    story.put_right(hazard, at=days(3))
    with pytest.raises(Refusal) as refusal:
        decide_extension(extension=asked, granted=True, by=story.colleague, at=days(4))
    assert refusal.value.code == "prevent.not_running"
    asked.refresh_from_db()
    assert asked.state == "ASKED"
    late = story.report(what="另一处")
    with pytest.raises(Refusal) as refusal:
        ask_extension(hazard=late, until=date(2026, 9, 1), reason="等", by=story.boss, at=days(20))
    assert refusal.value.code == "prevent.too_late"


def test_listed_supervision_ends_only_after_the_hazard_is_closed(story):
    general = story.report()
    major = story.report("除尘系统停用", grade=MAJOR)
    city = account_in(story.city, "prevent.campaign", "prevent.view")

    def hang(hazard, *, region=story.city, by=city, until=date(2026, 9, 30), reason="久拖未改"):
        return list_hazard(
            hazard=hazard, region=region, until=until, reason=reason, by=by, at=days(1)
        )

    with pytest.raises(Refusal):
        hang(general)
    with pytest.raises(NotAllowed):  # the county does not list in the city's name
        hang(major, by=story.inspector)
    with pytest.raises(BadInput):
        hang(major, region=RegionFactory(parent=story.city), by=city)
    listing = hang(major)
    with pytest.raises(Refusal):
        hang(major)
    assert shown(story.inspector, listed=True) == [major]
    with pytest.raises(Refusal) as refusal:
        lift_listing(listing=listing, note="已整改", by=city, at=days(2))
    assert refusal.value.code == "prevent.still_open"
    story.put_right(major)
    with pytest.raises(Refusal):  # handed in is not yet closed
        lift_listing(listing=listing, note="已整改", by=city, at=days(2))
    advance(item=major.item, move="verify", by=story.colleague, at=days(3))
    listing = queries.get_listing(actor=city, listing_id=listing.pk)
    with pytest.raises(NotAllowed):
        lift_listing(listing=listing, note="已整改", by=story.stranger, at=days(4))
    lift_listing(listing=listing, note="复查合格", by=city, at=days(4))
    assert (listing.lifted_by, listing.lifted_at) == (city, days(4))


def test_the_same_line_at_the_same_site_within_a_year_is_a_recurrence(story):
    entry = story.entries[0]
    first = story.report(entry=entry)
    while_open = story.report(entry=entry)
    assert while_open.again_of is None  # not closed yet
    story.close(first, at=days(2))
    again = story.report(entry=entry, at=days(30))
    assert again.again_of == first
    other_line = story.report(entry=story.entries[2], at=days(30))
    other_site = story.report(entry=entry, at=days(30), site=story.another_firm("2").site)
    no_line = story.report(at=days(30))
    assert [h.again_of for h in (other_line, other_site, no_line)] == [None, None, None]
    # The next edition of the checklist has the same line under another key.
    next_version = story.version.standard.versions.create(
        number=2, made_at=NOON, author=story.inspector
    )
    same = next_version.entries.create(number=5, text=entry.text)
    assert story.report(entry=same, at=days(31)).again_of == first
    assert story.report(entry=entry, at=days(2 + 366)).again_of is None
    assert set(shown(story.inspector, again=True)) == {
        again, *Hazard.objects.filter(entry=same)
    }  # fmt: skip


def test_moved_to_another_region_while_open(story):
    other = RegionFactory(parent=story.city, name="金东区")
    target = RegionFactory(parent=RegionFactory(parent=other))
    theirs = account_in(other, "prevent.view", "prevent.rectify", "prevent.check")
    hazard = story.report()
    advance(item=hazard.item, move="accept", by=story.inspector, at=days(1))
    due = hazard.item.due_at

    with pytest.raises(NotAllowed):  # nobody pushes work over a border by himself
        transfer_hazard(
            hazard=hazard, region=target, reason="企业迁址", by=story.inspector, at=days(2)
        )
    site = story.firm.site
    site.region = target
    site.save()
    with transaction.atomic():
        publish("prevent.enterprise.moved", at=days(2), by=None, enterprise_id=site.pk)
    deliver_waiting()
    assert follow_site(site=site, by=Account.objects.system(), at=days(2)) == 0

    hazard = queries.get_hazard(actor=theirs, hazard_id=hazard.pk)
    assert (hazard.item.region, hazard.item.due_at) == (target, due)
    # Who had accepted it has no right there: it waits for somebody who has.
    assert (hazard.item.doer, hazard.item.state) == (None, "OPEN")
    assert [step.move for step in work.steps_of(hazard.item)] == ["open", "accept", "transfer"]
    with pytest.raises(NotFound):
        queries.get_hazard(actor=story.inspector, hazard_id=hazard.pk)
    gone = queries.moved_away(actor=story.inspector).get()
    assert (gone.hazard, gone.from_region, gone.to_region) == (hazard, story.village, target)
    assert list(queries.moved_away(actor=story.stranger)) == []
    assert list(queries.moved_away(actor=theirs)) == []
    advance(item=hazard.item, move="accept", by=story.boss, at=days(3))  # the firm still may
    assert list(check_steps()) == []


def test_the_firm_that_put_it_right_stays_its_doer_across_the_border(story):
    target = RegionFactory(parent=RegionFactory(parent=RegionFactory(parent=story.city)))
    hazard = story.report()
    advance(item=hazard.item, move="accept", by=story.boss, at=days(1))
    mover = account_in(story.city, "prevent.check")
    transfer_hazard(hazard=hazard, region=target, reason="区划调整", by=mover, at=days(2))
    assert (hazard.item.doer, hazard.item.state) == (story.boss, "DOING")
    with pytest.raises(BadInput):
        transfer_hazard(hazard=hazard, region=target, reason="再次", by=mover, at=days(2))


def test_a_grade_is_changed_by_another_person_with_a_reason(story):
    hazard = story.report()
    with pytest.raises(NotAllowed):
        regrade_hazard(hazard=hazard, grade=MAJOR, reason="更重", by=story.inspector, at=days(1))
    with pytest.raises(BadInput):
        regrade_hazard(hazard=hazard, grade=MAJOR, reason=" ", by=story.colleague, at=days(1))
    regrade_hazard(hazard=hazard, grade=MAJOR, reason="涉爆", by=story.colleague, at=days(1))
    assert Hazard.objects.get().grade == MAJOR
    told = Event.objects.get(name="prevent.hazard.regraded").data
    assert (told["before"], told["grade"]) == ("GENERAL", "MAJOR")


@pytest.mark.django_db(transaction=True)
def test_two_orders_in_the_same_instant_have_two_numbers(story):
    one, two = story.report(), story.report(what="另一处")
    numbers = at_once(
        lambda: order_rectification(hazards=[one], by=story.inspector, at=NOON),
        lambda: order_rectification(hazards=[two], by=story.colleague, at=NOON),
    )
    assert sorted(number[-2:] for number in numbers) == ["1号", "2号"]
