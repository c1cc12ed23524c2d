"""The year's list, its work on its days, meetings and what they resolve."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.journal import verify
from anlan.govern import gaps, queries
from anlan.govern.forms import MeetingForm
from anlan.govern.models import Entry, Meeting, YearList
from anlan.govern.quarters import first_day, last_day, quarter_of
from anlan.govern.services import committees, meetings, opening, year_lists
from anlan.govern.services.meetings import Held
from anlan.govern.services.year_lists import EntryText
from anlan.people.tests.factories import holder_of, post_in
from anlan.work.models import WorkItem
from anlan.work.services import advance

from .factories import NOON, TODAY, City, organisation, system

pytestmark = pytest.mark.django_db


def noon(day):
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


@pytest.fixture
def city():
    return City()


def listed(city, *entries, committee=None):
    found = year_lists.draft_list(
        committee=committee or city.committee(), year=2026, by=city.keeper, at=NOON
    )
    for entry in entries:
        year_lists.add_entry(year_list=found, entry=entry, by=city.keeper, at=NOON)
    return found


def inspection(opens_on=date(2026, 6, 1), due_on=date(2026, 6, 20), **more):
    return EntryText(kind="INSPECT", title="汛期专项检查", opens_on=opens_on, due_on=due_on, **more)


def issued(city, *entries):
    found = listed(city, *entries)
    return year_lists.issue_list(year_list=found, by=city.leader, at=NOON)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_every_day_lies_in_its_quarter(day):
    quarter = quarter_of(day)
    assert first_day(day.year, quarter) <= day <= last_day(day.year, quarter)
    assert first_day(day.year, quarter).day == 1
    assert quarter_of(last_day(day.year, quarter) + timedelta(days=1)) == quarter % 4 + 1


def test_a_list_is_issued_by_another_and_its_lines_become_work_on_their_days(city):
    found = listed(city, inspection(led_by_principal=True, post=city.post))
    with pytest.raises(NotAllowed):
        year_lists.issue_list(year_list=found, by=city.keeper, at=NOON)
    assert opening.open_due(noon(date(2026, 6, 2))) == 0  # a draft opens nothing
    year_lists.issue_list(year_list=found, by=city.leader, at=NOON)
    with pytest.raises(Refusal):
        year_lists.issue_list(year_list=found, by=city.leader, at=NOON)
    assert opening.open_due(noon(date(2026, 5, 31))) == 0
    assert opening.open_due(noon(date(2026, 6, 1))) == 1
    assert opening.open_due(noon(date(2026, 6, 1))) == 0
    item = WorkItem.objects.get()
    assert (item.kind, item.post, item.region) == ("govern.inspection", city.post, city.city)
    assert item.due_at == timezone.make_aware(datetime(2026, 6, 21))
    assert "由主要领导带队。" in item.kind_of.describe(item)


def test_who_wrote_a_list_last_does_not_issue_it_even_where_they_may(city):
    both = city.keeper
    both.grants.create(permission="govern.issue", region=city.city)
    both.forget_scopes()
    found = listed(city, inspection())
    with pytest.raises(Refusal) as refused:
        year_lists.issue_list(year_list=found, by=both, at=NOON)
    assert refused.value.code == "govern.own_list"
    with pytest.raises(BadInput):
        year_lists.issue_list(
            year_list=listed(city, committee=city.committee(region=city.county)),
            by=city.leader, at=NOON,
        )  # fmt: skip


def test_an_issued_line_stays_and_only_who_may_issue_adds(city):
    found = issued(city, inspection())
    entry = found.entries.get()
    with pytest.raises(Refusal):
        year_lists.remove_entry(entry=entry, by=city.leader, at=NOON)
    with pytest.raises(NotAllowed):
        year_lists.add_entry(year_list=found, entry=inspection(), by=city.keeper, at=NOON)
    more = inspection(due_on=date(2026, 6, 25))
    for _twice in range(2):  # a form sent twice makes one line
        year_lists.add_entry(year_list=found, entry=more, by=city.leader, at=NOON)
    assert list(found.entries.order_by("number").values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"due_on": date(2026, 5, 1)},
        {"due_on": date(2027, 1, 1)},
        {"kind": "PARTY"},
    ],
)
def test_lines_that_make_no_sense_are_refused(city, wrong):
    good = {"kind": "TASK", "title": "甲", "opens_on": date(2026, 5, 5), "due_on": date(2026, 6, 1)}
    with pytest.raises(BadInput):
        listed(city, EntryText(**good | wrong))


def test_four_meetings_a_year_and_a_quarter_that_has_one_is_left_alone(city):
    found = listed(city, EntryText("MEETING", "二季度", date(2026, 4, 10), date(2026, 5, 20)))
    made = year_lists.add_quarterly(year_list=found, post=None, by=city.keeper, at=NOON)
    assert [entry.due_on for entry in made] == [
        date(2026, 3, 31), date(2026, 9, 30), date(2026, 12, 31),
    ]  # fmt: skip
    assert year_lists.add_quarterly(year_list=found, post=None, by=city.keeper, at=NOON) == []


def hold(city, committee, day=TODAY, entry=None, present=(), by=None):
    held = Held(held_on=day, presided_by="王市长", minutes="研究汛期安全。", place="一号会议室")
    return meetings.record_meeting(
        committee=committee, held=held, present=present, entry=entry,
        by=by or city.keeper, at=noon(max(day, TODAY)),
    )  # fmt: skip


def test_a_meeting_hands_in_its_line_and_another_verifies(city):
    committee = city.committee()
    came = committees.add_member(
        committee=committee, organisation=city.bureau, since=date(2026, 1, 1), by=city.keeper,
        at=NOON,
    )  # fmt: skip
    absent = committees.add_member(
        committee=committee, organisation=organisation("住建局", city.city),
        since=date(2026, 1, 1), by=city.keeper, at=NOON,
    )  # fmt: skip
    found = listed(city, committee=committee)
    year_lists.add_quarterly(year_list=found, post=None, by=city.keeper, at=NOON)
    year_lists.issue_list(year_list=found, by=city.leader, at=NOON)
    entry = queries.meeting_entries_of(committee)[1]
    meeting = hold(city, committee, entry=entry, present=[came])
    item = WorkItem.objects.get()
    assert (item.kind, item.state, item.doer) == ("govern.meeting", "SUBMITTED", city.keeper)
    assert dict(meeting.attendances.values_list("member", "present")) == {
        came.pk: True, absent.pk: False,
    }  # fmt: skip
    with pytest.raises(Refusal):
        advance(item=item, move="verify", by=city.keeper, at=NOON)
    advance(item=item, move="verify", by=city.colleague, at=NOON)
    with pytest.raises(Refusal):
        hold(city, committee, entry=Entry.objects.get(pk=entry.pk))
    assert Meeting.objects.count() == 1


def test_whoever_has_accepted_the_line_hands_it_in_themselves(city):
    committee = city.committee()
    found = listed(city, EntryText("MEETING", "二季度", TODAY, TODAY), committee=committee)
    year_lists.issue_list(year_list=found, by=city.leader, at=NOON)
    opening.open_due(NOON)
    item = WorkItem.objects.get()
    advance(item=item, move="accept", by=city.colleague, at=NOON)
    hold(city, committee, entry=found.entries.get())
    item.refresh_from_db()
    assert (item.state, item.doer) == ("DOING", city.colleague)


def test_a_missed_quarter_shows_for_a_year_and_a_late_record_mends_it(city):
    committee = city.committee(founded_on=date(2026, 2, 1))

    def missed(on):
        found = gaps.find_gaps(actor=city.leader, region=city.city, on=on)
        return [(gap.committee, gap.quarter) for gap in found.meetings]

    assert missed(date(2026, 6, 30)) == []  # founded within the first, the second runs to its end
    assert missed(date(2026, 7, 1)) == [(committee, 2)]
    held = Held(held_on=date(2026, 6, 30), presided_by="王市长", minutes="补录。")
    meetings.record_meeting(
        committee=committee, held=held, present=[], by=city.keeper, at=noon(date(2026, 7, 5))
    )
    assert missed(date(2026, 7, 5)) == []
    assert missed(date(2026, 12, 31)) == [(committee, 3)]
    assert missed(date(2027, 1, 1)) == [(committee, 3), (committee, 4)]  # the year's last one, too
    assert missed(date(2027, 9, 30)) == [(committee, n) for n in (3, 4, 1, 2)]
    assert missed(date(2027, 10, 1)) == [(committee, n) for n in (4, 1, 2, 3)]


def test_minutes_keep_who_came_and_who_presided_as_of_their_day(city):
    committee = city.committee()
    chair = committees.seat_chair(
        committee=committee, number=1, post=city.post, by=city.keeper, at=NOON
    )
    left = committees.add_member(
        committee=committee, organisation=city.bureau, since=date(2026, 1, 1), by=city.keeper,
        at=NOON,
    )  # fmt: skip
    committees.end_member(member=left, on=date(2026, 4, 1), by=city.keeper, at=NOON)

    def form(day):
        data = {"held_on": day, "presided_by": "王市长", "minutes": "x", "present": [left.pk]}
        return MeetingForm(data | {"chair": chair.pk}, committee=committee, today=TODAY)

    assert "该日不是" in str(form("2026-04-01").errors["present"])
    entered = form("2026-03-31")
    assert entered.is_valid()
    kept = [
        meetings.record_meeting(committee=committee, **entered.arguments(), by=city.keeper, at=NOON)
        for _twice in range(2)
    ]
    assert kept[0] == kept[1]
    assert kept[0].attendances.get().present
    other = post_in(city.city, "city.government_leader")
    committees.seat_chair(committee=committee, number=1, post=other, by=city.keeper, at=NOON)
    kept[0].refresh_from_db()
    assert (kept[0].chair.post, kept[0].presided_as) == (other, str(city.post))


def test_minutes_of_tomorrow_or_without_words_are_refused(city):
    committee = city.committee()
    for held in (
        Held(held_on=TODAY + timedelta(days=1), presided_by="王", minutes="x"),
        Held(held_on=TODAY, presided_by="王", minutes=" "),
        Held(held_on=date(2019, 12, 31), presided_by="王", minutes="x"),
    ):
        with pytest.raises(BadInput):
            meetings.record_meeting(
                committee=committee, held=held, present=[], by=city.keeper, at=NOON
            )


def test_altered_minutes_are_found_by_the_journal(city):
    meeting = hold(city, city.committee())
    assert [finding for finding in verify() if finding.kind == "content"] == []
    Meeting.objects.filter(pk=meeting.pk).update(minutes="什么也没说。")
    assert len([finding for finding in verify() if finding.kind == "content"]) == 1


def test_a_resolution_is_work_with_a_day_for_a_post(city):
    holder = holder_of(city.post)
    meeting = hold(city, city.committee())
    resolution = meetings.add_resolution(
        meeting=meeting, text="排查燃气管线", due_on=date(2026, 5, 31), post=city.post,
        organisation=city.bureau, by=city.keeper, at=NOON,
    )  # fmt: skip
    item = resolution.item
    advance(item=item, move="accept", by=holder, at=NOON)
    with pytest.raises(BadInput):  # without a word nothing is proved
        advance(item=item, move="submit", by=holder, at=NOON)
    advance(item=item, move="submit", note="已排查", by=holder, at=NOON)
    advance(item=item, move="verify", by=city.colleague, at=NOON)
    assert item.state == "CLOSED"
    assert [line for line in item.kind_of.describe(item) if "应急管理局" in line]
    with pytest.raises(BadInput):
        meetings.add_resolution(
            meeting=meeting, text="昨日", due_on=TODAY - timedelta(days=1), by=city.keeper, at=NOON
        )


def test_a_stranger_neither_reads_nor_writes_lists_and_meetings(city):
    found = issued(city, inspection())
    meeting = hold(city, found.committee)
    entry, who = found.entries.get(), city.stranger
    opening.open_due(noon(date(2026, 6, 1)))
    item = WorkItem.objects.get()
    assert not queries.list_lists(actor=who, region=city.city, year=2026)
    assert not queries.list_meetings(actor=who, region=city.city, year=2026)
    for ask in (
        lambda: queries.get_list(actor=who, list_id=found.pk),
        lambda: queries.get_entry(actor=who, entry_id=entry.pk),
        lambda: queries.get_meeting(actor=who, meeting_id=meeting.pk),
        lambda: queries.own_row(actor=who, item_id=item.pk),
    ):
        with pytest.raises(NotFound):
            ask()
    for do in (
        lambda: year_lists.add_entry(year_list=found, entry=inspection(), by=who, at=NOON),
        lambda: year_lists.issue_list(year_list=found, by=who, at=NOON),
        lambda: hold(city, found.committee, by=who),
        lambda: meetings.add_resolution(meeting=meeting, text="x", due_on=TODAY, by=who, at=NOON),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_a_line_of_a_dissolved_committee_opens_no_more(city):
    found = issued(city, inspection())
    day = date(2026, 5, 20)
    committees.dissolve_committee(committee=found.committee, on=day, by=city.keeper, at=NOON)
    assert opening.open_due(noon(date(2026, 6, 1))) == 0
    assert YearList.objects.get().state == "ISSUED"


def test_two_tickers_open_a_line_once(city):
    found = issued(city, inspection())
    entry = Entry.objects.get(list=found)
    stale = Entry.objects.select_related("list__committee__region").get(pk=entry.pk)
    assert opening.open_entry(entry=entry, by=system(), at=NOON) is not None
    assert opening.open_entry(entry=stale, by=system(), at=NOON) is None
    assert WorkItem.objects.count() == 1
