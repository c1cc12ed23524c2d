"""Draft a committee's list for the year, add its lines, have somebody else issue it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account, Organisation, Post
from anlan.people.services.sent import sent_already

from ..models import Committee, Entry, YearList
from ..quarters import last_day, quarter_of

DRAFT, ISSUED = YearList.State.DRAFT, YearList.State.ISSUED
# A quarterly meeting is due at the quarter's end; the office gets the task this long before.
MEETING_NOTICE = timedelta(days=30)


@dataclass(frozen=True)
class EntryText:
    """A line as somebody writes it."""

    kind: str
    title: str
    opens_on: date
    due_on: date
    text: str = ""
    organisation: Organisation | None = None
    post: Post | None = None
    led_by_principal: bool = False


@transaction.atomic
def draft_list(*, committee: Committee, year: int, by: Account, at: datetime) -> YearList:
    """Begin a committee's list; the one that is there is given back."""
    by.require("govern.manage", region=committee.region)
    if committee.ended_on is not None:
        raise Refusal("govern.dissolved", _("This committee has been dissolved."))
    if not 2000 <= year <= 2100:
        raise BadInput("govern.year", _("Give a year from 2000 to 2100."))
    found, made = YearList.objects.get_or_create(
        committee=committee, year=year, defaults={"author": by, "made_at": at}
    )
    if made:
        _tell("govern.list.drafted", found, by, at)
    return found


@transaction.atomic
def add_entry(*, year_list: YearList, entry: EntryText, by: Account, at: datetime) -> Entry:
    """Add a line. To an issued list only who may issue it adds, and the line holds at once."""
    _require_writable(year_list, by)
    _check(year_list, entry)
    same = year_list.entries.filter(
        kind=entry.kind, title=entry.title.strip()[:120], organisation=entry.organisation,
        post=entry.post, opens_on=entry.opens_on, due_on=entry.due_on,
    )  # fmt: skip
    if there := sent_already(same, by=by):
        return there
    number = (year_list.entries.aggregate(n=Max("number"))["n"] or 0) + 1
    try:
        with transaction.atomic():
            made = _create(year_list, number, entry)
    except IntegrityError:
        raise Refusal(
            "govern.list_moved",
            _("Someone else has just added a line."),
            hint=_("Reload the page and add yours again."),
        ) from None
    if year_list.state == DRAFT:
        YearList.objects.filter(pk=year_list.pk).update(author=by, made_at=at)
    _tell("govern.list.added", year_list, by, at, entry_id=made.pk, kind=made.kind)
    return made


def _create(year_list: YearList, number: int, entry: EntryText) -> Entry:
    return Entry.objects.create(
        list=year_list,
        number=number,
        kind=entry.kind,
        title=entry.title.strip()[:120],
        text=entry.text.strip()[:1000],
        organisation=entry.organisation,
        post=entry.post,
        led_by_principal=entry.led_by_principal,
        opens_on=entry.opens_on,
        due_on=entry.due_on,
    )


@transaction.atomic
def add_quarterly(
    *, year_list: YearList, post: Post | None, by: Account, at: datetime
) -> list[Entry]:
    """Four meetings, one due at each quarter's end; quarters that have a line are left alone."""
    has = {
        quarter_of(day)
        for day in year_list.entries.filter(kind=Entry.Kind.MEETING).values_list(
            "due_on", flat=True
        )
    }
    return [
        add_entry(
            year_list=year_list,
            entry=EntryText(
                kind=Entry.Kind.MEETING,
                title=_("Meeting of quarter %(quarter)d") % {"quarter": quarter},
                opens_on=last_day(year_list.year, quarter) - MEETING_NOTICE,
                due_on=last_day(year_list.year, quarter),
                post=post,
            ),
            by=by,
            at=at,
        )
        for quarter in range(1, 5)
        if quarter not in has
    ]


@transaction.atomic
def remove_entry(*, entry: Entry, by: Account, at: datetime) -> None:
    """Take a line out of a draft. An issued line is called off through its work item."""
    _require_writable(entry.list, by)
    if entry.list.state != DRAFT:
        raise Refusal(
            "govern.list_issued",
            _("This list has been issued; its lines stay."),
            hint=_("Call the work off on its own page, with the reason."),
        )
    number = entry.number
    entry.delete()
    _tell("govern.list.removed", entry.list, by, at, number=number)


@transaction.atomic
def issue_list(*, year_list: YearList, by: Account, at: datetime) -> YearList:
    """Put the list in force; from now on its lines become work on their days."""
    by.require("govern.issue", region=year_list.committee.region)
    if not year_list.entries.exists():
        raise BadInput("govern.list_empty", _("The list has no lines yet."))
    if YearList.objects.filter(pk=year_list.pk, author=by).exists():
        raise Refusal(
            "govern.own_list",
            _("You wrote this list last, so someone else must issue it."),
            hint=_("Ask a colleague who may issue lists."),
        )
    drafts = YearList.objects.filter(pk=year_list.pk, state=DRAFT)
    if not drafts.update(state=ISSUED, issued_by=by, issued_at=at):
        raise Refusal("govern.list_issued", _("This list has already been issued."))
    year_list.refresh_from_db()
    _tell("govern.list.issued", year_list, by, at, entries=year_list.entries.count())
    return year_list


def _require_writable(year_list: YearList, by: Account) -> None:
    needed = "govern.manage" if year_list.state == DRAFT else "govern.issue"
    by.require(needed, region=year_list.committee.region)


def _check(year_list: YearList, entry: EntryText) -> None:
    region = year_list.committee.region
    if not entry.title.strip():
        raise BadInput("govern.no_text", _("Write what is to be done."))
    if entry.kind not in Entry.Kind.values:
        raise BadInput("govern.entry_kind", _("There is no such kind of line."))
    if entry.due_on < entry.opens_on:
        raise BadInput("govern.entry_days", _("It cannot be due before it begins."))
    if entry.due_on.year != year_list.year:
        raise BadInput(
            "govern.entry_year",
            _("It must be due in %(year)d.") % {"year": year_list.year},
        )
    if entry.post is not None and not region.covers(entry.post.region):
        raise BadInput(
            "govern.post_elsewhere",
            _("%(post)s does not belong to %(region)s.")
            % {"post": entry.post, "region": region.name},
        )
    if entry.organisation is not None and not region.covers(entry.organisation.region):
        raise BadInput(
            "govern.member_elsewhere",
            _("%(unit)s does not belong to %(region)s.")
            % {"unit": entry.organisation.name, "region": region.name},
        )


def _tell(name: str, year_list: YearList, by: Account, at: datetime, **more: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=year_list.committee.region.path,
        list_id=year_list.pk,
        year=year_list.year,
        **more,
    )
