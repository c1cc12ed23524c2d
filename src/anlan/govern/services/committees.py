"""Found committees, seat chairs and member units, write what each unit answers for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.base.days import spoken
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account, Organisation, Post
from anlan.people.services.sent import sent_already
from anlan.places.models import Region

from ..models import Chair, Committee, Duty, DutyVersion, Member


@transaction.atomic
def found_committee(
    *, kind: str, name: str, region: Region, founded_on: date, by: Account, at: datetime
) -> Committee:
    """Set up a committee. A region has one work-safety committee and any number of special ones."""
    by.require("govern.manage", region=region)
    name = name.strip()
    if not name:
        raise BadInput("govern.no_name", _("A committee needs a name."))
    if not Region.Level.CITY <= region.level <= Region.Level.TOWN:
        raise BadInput(
            "govern.wrong_level", _("Committees are set up by a city, a county or a town.")
        )
    try:
        with transaction.atomic():
            committee = Committee.objects.create(
                kind=kind, name=name[:120], region=region, founded_on=founded_on
            )
    except IntegrityError:
        raise Refusal(
            "govern.committee_there",
            _("%(region)s has such a committee already.") % {"region": region.name},
            hint=_("Open it from the list, or dissolve it first."),
        ) from None
    _tell("govern.committee.founded", committee, by, at)
    return committee


@transaction.atomic
def dissolve_committee(*, committee: Committee, on: date, by: Account, at: datetime) -> Committee:
    """From this day on it is no more; what it did stays."""
    by.require("govern.manage", region=committee.region)
    if on < committee.founded_on:
        raise BadInput(
            "govern.ends_before",
            _("It cannot end before it began on %(day)s.") % {"day": spoken(committee.founded_on)},
        )
    if not Committee.objects.filter(pk=committee.pk, ended_on=None).update(ended_on=on):
        raise Refusal("govern.already_ended", _("It has already ended."))
    committee.ended_on = on
    _tell("govern.committee.dissolved", committee, by, at, on=on.isoformat())
    return committee


@transaction.atomic
def seat_chair(
    *, committee: Committee, number: int, post: Post, by: Account, at: datetime
) -> Chair:
    """Give a chair's seat to a post of the committee's region."""
    _require_standing(committee, by)
    if not 1 <= number <= committee.chairs_needed:
        raise BadInput(
            "govern.no_such_chair",
            _("This committee has %(count)d chair(s).") % {"count": committee.chairs_needed},
        )
    if post.region.path != committee.region.path:
        raise BadInput(
            "govern.chair_elsewhere",
            _("A chair holds a post of %(region)s itself.") % {"region": committee.region.name},
        )
    if committee.chairs.filter(post=post).exclude(number=number).exists():
        raise Refusal("govern.chair_twice", _("This post has the other chair's seat."))
    before = committee.chairs.filter(number=number).values_list("post_id", flat=True).first()
    chair, _made = Chair.objects.update_or_create(
        committee=committee, number=number, defaults={"post": post}
    )
    if before != post.pk:
        _tell("govern.chair.seated", committee, by, at, number=number, post_id=post.pk)
    return chair


@transaction.atomic
def add_member(
    *, committee: Committee, organisation: Organisation, since: date, by: Account, at: datetime
) -> Member:
    """Take an office of the region into the committee; the same again gives the seat it has."""
    _require_standing(committee, by)
    if not committee.region.covers(organisation.region):
        raise BadInput(
            "govern.member_elsewhere",
            _("%(unit)s does not belong to %(region)s.")
            % {"unit": organisation.name, "region": committee.region.name},
        )
    member, made = Member.objects.get_or_create(
        committee=committee, organisation=organisation, until=None, defaults={"since": since}
    )
    if made:
        _tell("govern.member.joined", committee, by, at, organisation_id=organisation.pk)
    return member


@transaction.atomic
def end_member(*, member: Member, on: date, by: Account, at: datetime) -> Member:
    """The unit leaves the committee on a day; its duties there end with it."""
    by.require("govern.manage", region=member.committee.region)
    if on < member.since:
        raise BadInput(
            "govern.ends_before",
            _("It cannot end before it began on %(day)s.") % {"day": spoken(member.since)},
        )
    if not Member.objects.filter(pk=member.pk, until=None).update(until=on):
        raise Refusal("govern.already_ended", _("It has already ended."))
    member.until = on
    _tell("govern.member.left", member.committee, by, at, organisation_id=member.organisation_id)
    return member


@dataclass(frozen=True)
class DutyText:
    """A duty as somebody writes it."""

    text: str
    since: date
    basis: str = ""
    post: Post | None = None
    number: int | None = None  # none: the next one


@transaction.atomic
def write_duty(*, member: Member, duty: DutyText, by: Account, at: datetime) -> DutyVersion:
    """Write a unit's duty, or its next version; the same text again makes none."""
    committee = member.committee
    _require_standing(committee, by)
    _check_duty(member, duty)
    text, basis = duty.text.strip()[:1000], duty.basis.strip()[:300]
    post_id = duty.post.pk if duty.post else None
    same = DutyVersion.objects.filter(
        duty__member=member, duty__ended_on=None, text=text, basis=basis, post=post_id
    )
    if duty.number is None and (there := sent_already(same, by=by)):
        return there
    number = duty.number or (member.duties.aggregate(n=Max("number"))["n"] or 0) + 1
    row, _made = Duty.objects.get_or_create(member=member, number=number)
    if row.ended_on is not None:
        raise Refusal("govern.duty_ended", _("This duty has ended; write it under a new number."))
    last = row.versions.order_by("-number").first()
    if last is not None and (last.text, last.basis, last.post_id) == (text, basis, post_id):
        return last
    if last is not None and duty.since < last.since:
        raise BadInput(
            "govern.duty_before",
            _("The version in force holds since %(day)s; the next one cannot begin before.")
            % {"day": spoken(last.since)},
        )
    version = DutyVersion.objects.create(
        duty=row,
        number=last.number + 1 if last else 1,
        text=text,
        basis=basis,
        post=duty.post,
        since=duty.since,
        author=by,
        made_at=at,
    )
    _tell("govern.duty.written", committee, by, at, duty_id=row.pk, version=version.number)
    return version


def _check_duty(member: Member, duty: DutyText) -> None:
    if not duty.text.strip():
        raise BadInput("govern.no_text", _("Write what is to be done."))
    if member.until is not None:
        raise Refusal("govern.member_left", _("This unit has left the committee."))
    if duty.number is not None and not 1 <= duty.number <= 999:
        raise BadInput("govern.duty_number", _("Duties are numbered from 1 to 999."))
    if duty.post is not None and not member.committee.region.covers(duty.post.region):
        raise BadInput(
            "govern.post_elsewhere",
            _("%(post)s does not belong to %(region)s.")
            % {"post": duty.post, "region": member.committee.region.name},
        )


@transaction.atomic
def end_duty(*, duty: Duty, on: date, by: Account, at: datetime) -> Duty:
    """From this day on the unit no longer owes it."""
    committee = duty.member.committee
    by.require("govern.manage", region=committee.region)
    if not Duty.objects.filter(pk=duty.pk, ended_on=None).update(ended_on=on):
        raise Refusal("govern.already_ended", _("It has already ended."))
    duty.ended_on = on
    _tell("govern.duty.ended", committee, by, at, duty_id=duty.pk)
    return duty


def _require_standing(committee: Committee, by: Account) -> None:
    by.require("govern.manage", region=committee.region)
    if committee.ended_on is not None:
        raise Refusal("govern.dissolved", _("This committee has been dissolved."))


def _tell(name: str, committee: Committee, by: Account, at: datetime, **more: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=committee.region.path,
        committee_id=committee.pk,
        **more,
    )
