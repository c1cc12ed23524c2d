"""Record a meeting with its minutes, and hand out what it resolved."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import end_of, spoken
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.people.models import Account, Organisation, Post
from anlan.people.services.sent import sent_already
from anlan.work.models import WorkItem
from anlan.work.services import advance, open_item

from ..models import Attendance, Chair, Committee, Entry, Meeting, Member, Resolution
from .opening import open_entry

RESOLUTION = "govern.resolution"
S = WorkItem.State


@dataclass(frozen=True)
class Held:
    """A meeting as somebody writes it down."""

    held_on: date
    presided_by: str
    minutes: str
    place: str = ""
    chair: Chair | None = None


@transaction.atomic
def record_meeting(
    *,
    committee: Committee,
    held: Held,
    present: Collection[Member],
    entry: Entry | None = None,
    by: Account,
    at: datetime,
) -> Meeting:
    """Write a meeting down. A line of the year's list that it fulfils is handed in with it."""
    by.require("govern.manage", region=committee.region)
    _check(committee, held, entry, at)
    same = committee.meetings.filter(
        entry=None, held_on=held.held_on, minutes=held.minutes.strip(), recorded_by=by
    )
    if entry is None and (there := sent_already(same, by=by)):
        return there
    try:
        with transaction.atomic():
            meeting = _create(committee, held, entry, by, at)
    except IntegrityError:
        raise Refusal(
            "govern.meeting_there", _("The minutes of this meeting have been recorded already.")
        ) from None
    came = {member.pk for member in present}
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, member=member, present=member.pk in came)
        for member in committee.members.sitting(held.held_on)
    )
    publish(
        "govern.meeting.recorded",
        at=at,
        by=by,
        region_path=committee.region.path,
        committee_id=committee.pk,
        meeting_id=meeting.pk,
        digest=minutes_digest(meeting),
    )
    if entry is not None:
        _hand_in(entry, meeting, by, at)
    return meeting


def _create(
    committee: Committee, held: Held, entry: Entry | None, by: Account, at: datetime
) -> Meeting:
    return Meeting.objects.create(
        committee=committee,
        entry=entry,
        held_on=held.held_on,
        place=held.place.strip()[:120],
        chair=held.chair,
        presided_by=held.presided_by.strip()[:60],
        presided_as=str(held.chair.post)[:120] if held.chair else "",
        minutes=held.minutes.strip(),
        recorded_by=by,
        recorded_at=at,
    )


def _check(committee: Committee, held: Held, entry: Entry | None, at: datetime) -> None:
    if not held.minutes.strip() or not held.presided_by.strip():
        raise BadInput("govern.no_minutes", _("Write who presided and what was said."))
    if held.held_on > timezone.localdate(at):
        raise BadInput("govern.meeting_future", _("The meeting has not been held yet."))
    if held.held_on < committee.founded_on or (
        committee.ended_on is not None and held.held_on >= committee.ended_on
    ):
        raise BadInput("govern.meeting_outside", _("The committee did not exist on that day."))
    if held.chair is not None and held.chair.committee_id != committee.pk:
        raise BadInput("govern.chair_elsewhere", _("This is no chair of the committee."))
    if entry is not None and (
        entry.list.committee_id != committee.pk or entry.kind != Entry.Kind.MEETING
    ):
        raise BadInput("govern.entry_elsewhere", _("This line is no meeting of the committee."))


def _hand_in(entry: Entry, meeting: Meeting, by: Account, at: datetime) -> None:
    """Whoever recorded the minutes has done the line's work, unless somebody else accepted it."""
    if entry.item is None:
        open_entry(entry=entry, by=by, at=at)
    item = WorkItem.objects.select_related("region").get(year_entry=entry.pk)
    mine = item.state == S.OPEN or (item.state == S.DOING and item.doer_id == by.pk)
    if not mine or not by.may(item.kind_of.may_do, region=item.region):
        return
    if item.state == S.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    note = _("Held on %(day)s, presided by %(who)s; minutes recorded.") % {
        "day": spoken(meeting.held_on),
        "who": meeting.presided_by,
    }
    advance(item=item, move="submit", note=note, by=by, at=at)


@transaction.atomic
def add_resolution(
    *,
    meeting: Meeting,
    text: str,
    due_on: date,
    organisation: Organisation | None = None,
    post: Post | None = None,
    by: Account,
    at: datetime,
) -> Resolution:
    """Hand out what the meeting resolved, as a work item."""
    region = meeting.committee.region
    by.require("govern.manage", region=region)
    if not text.strip():
        raise BadInput("govern.no_text", _("Write what is to be done."))
    if due_on < meeting.held_on:
        raise BadInput("govern.entry_days", _("It cannot be due before the meeting."))
    elsewhere = [of for of in (post, organisation) if of and not region.covers(of.region)]
    if elsewhere:
        raise BadInput(
            "govern.post_elsewhere",
            _("%(post)s does not belong to %(region)s.")
            % {"post": elsewhere[0], "region": region.name},
        )
    same = meeting.resolutions.filter(
        text=text.strip()[:500], organisation=organisation, item__post=post,
        item__due_at=end_of(due_on),
    )  # fmt: skip
    if there := sent_already(same, by=by):
        return there
    item = open_item(
        kind=RESOLUTION,
        title=text.strip(),
        region=post.region if post else region,
        post=post,
        due_at=end_of(due_on),
        by=by,
        at=at,
    )
    return Resolution.objects.create(
        item=item, meeting=meeting, text=text.strip()[:500], organisation=organisation
    )


def minutes_digest(meeting: Meeting) -> str:
    """What the journal keeps of the minutes, so that they cannot be altered unseen."""
    return text_digest(
        str(meeting.committee_id),
        meeting.held_on.isoformat(),
        meeting.presided_by,
        meeting.minutes,
    )


def check_minutes() -> Iterator[Finding]:
    """For the journal: every meeting still says what its event said."""
    rows = ((meeting.pk, minutes_digest(meeting)) for meeting in Meeting.objects.iterator())
    return check_digests("govern.meeting.recorded", "meeting_id", rows)
