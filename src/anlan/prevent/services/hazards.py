"""Hazards on their way round the loop: reported, ordered, put right, checked by somebody else.

Accepting, handing in proof, sending back and closing are moves of the loop (`work.services`); here
is what a hazard has beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.people.charges import charge_of
from anlan.people.models import Account, Post
from anlan.people.numbers import number_document
from anlan.places.models import Region, Site
from anlan.work import clocks
from anlan.work.models import WorkItem
from anlan.work.services import open_item, transfer

from ..limits import end_of, rule_for_rectification
from ..models import Contact, Entry, Hazard, Transfer, Visit
from ..models.hazards import KIND

ORDER = "责改"  # the word of 责令限期整改指令书 in its number
MOST_DAYS = 365
PRESSED_TWICE = timedelta(minutes=2)
S = WorkItem.State


@dataclass(frozen=True)
class Finding:
    """What is wrong, as somebody wrote it down."""

    what: str
    grade: str = Hazard.Grade.GENERAL
    basis: str = ""
    entry: Entry | None = None
    due_on: date | None = None  # until when it is to be put right; none: the bureau's rule
    lon: float | None = None
    lat: float | None = None


@transaction.atomic
def report_hazard(
    *,
    site: Site,
    finding: Finding,
    source: str = Hazard.Source.VISIT,
    visit: Visit | None = None,
    found_at: datetime | None = None,
    post: Post | None = None,
    exercise: bool = False,
    by: Account,
    at: datetime,
) -> Hazard:
    """Record a hazard and open the work of putting it right; its clock runs from the finding."""
    _require_reporter(site, source, by)
    found = found_at or at
    _check_finding(finding, found, at)
    charge = charge_of(site) if post is None else None
    item = open_item(
        kind=KIND,
        title=f"{site.name}：{finding.what}",
        region=site.region,
        post=post or (charge.post if charge else None),
        exercise=exercise,
        by=by,
        at=at,
    )
    clocks.start(item=item, rule=rule_for_rectification(), at=found)
    if finding.due_on is not None:
        clocks.decide(item=item, due=end_of(finding.due_on), at=found)
    hazard = Hazard.objects.create(
        item=item,
        site=site,
        grade=finding.grade,
        source=source,
        what=finding.what.strip()[:500],
        basis=finding.basis.strip()[:300],
        visit=visit,
        entry=finding.entry,
        found_at=found,
        found_by=by,
        lon=finding.lon,
        lat=finding.lat,
        again_of=closed_like(site=site, entry=finding.entry, before=found),
    )
    publish(
        "prevent.hazard.reported",
        at=at,
        by=by,
        region_path=site.region.path,
        hazard_id=hazard.pk,
        grade=hazard.grade,
        source=hazard.source,
        again_of=hazard.again_of_id,
    )
    return hazard


@transaction.atomic
def report_once(*, site: Site, finding: Finding, source: str, by: Account, at: datetime) -> Hazard:
    """At a desk, where a button may be pressed twice: the same words again are the same hazard."""
    Site.objects.select_for_update().get(pk=site.pk)
    same = Hazard.objects.unresolved().filter(
        site=site, what=finding.what.strip()[:500], found_by=by, found_at__gt=at - PRESSED_TWICE
    )
    return same.first() or report_hazard(site=site, finding=finding, source=source, by=by, at=at)


def _require_reporter(site: Site, source: str, by: Account) -> None:
    """Inspectors anywhere in their regions; an enterprise's own people about themselves."""
    if source == Hazard.Source.SELF and is_of_enterprise(by, site):
        return
    by.require("prevent.inspect", region=site.region)


def is_of_enterprise(account: Account, site: Site) -> bool:
    return Contact.objects.filter(enterprise_id=site.pk, account=account).exists()


def _check_finding(finding: Finding, found: datetime, at: datetime) -> None:
    if not finding.what.strip():
        raise BadInput("prevent.no_text", _("Describe in a few words what is wrong."))
    if finding.grade not in Hazard.Grade.values:
        raise BadInput("prevent.bad_grade", _("A hazard is general or major."))
    if found > at:
        raise BadInput(
            "prevent.future",
            _("The hazard cannot have been found in the future."),
            hint=_("Check the date and the device clock."),
        )
    if finding.due_on is not None:
        _check_due(finding.due_on, found)


def _check_due(due_on: date, since: datetime) -> None:
    if not may_be_due(due_on, since):
        raise BadInput(
            "prevent.bad_due",
            _("The last day must lie within a year from the day of the finding."),
        )


def may_be_due(due_on: date, since: datetime) -> bool:
    """Whether what was found then can be put right by that day: within a year."""
    return 0 <= (due_on - timezone.localdate(since)).days <= MOST_DAYS


def closed_like(*, site: Site, entry: Entry | None, before: datetime) -> Hazard | None:
    """The same line of the checklist at the same site, closed within the year before (重复隐患)."""
    if entry is None:
        return None
    year_ago = _year_before(before)
    closed = Q(item__steps__move="verify", item__steps__at__range=(year_ago, before))
    same = Hazard.objects.filter(closed, site=site, item__state=S.CLOSED).filter(_line(entry))
    return same.order_by("-found_at").first()


def open_like(*, site: Site, entry: Entry) -> Hazard | None:
    """The same line at the same site that has not been put right yet: not to be counted twice."""
    return Hazard.objects.unresolved().filter(_line(entry), site=site).order_by("pk").first()


def _line(entry: Entry) -> Q:
    """The same line in whichever version of its standard: by its words."""
    return Q(entry=entry) | Q(
        entry__version__standard=entry.version.standard_id, entry__text=entry.text
    )


def _year_before(at: datetime) -> datetime:
    local = timezone.localtime(at)
    try:
        return local.replace(year=local.year - 1)
    except ValueError:  # 29 February
        return local.replace(year=local.year - 1, day=28)


@transaction.atomic
def order_rectification(
    *, hazards: list[Hazard], due_on: date | None = None, by: Account, at: datetime
) -> str:
    """Order hazards of one enterprise to be put right, with one number per office and year.

    The order may set the last day; afterwards only an approved extension changes it.
    """
    site = hazards[0].site
    if any(hazard.site_id != site.pk for hazard in hazards):
        raise BadInput("prevent.two_sites", _("One order is about one enterprise."))
    region = hazards[0].item.region
    by.require("prevent.inspect", region=region)
    if due_on is not None:
        _check_due(due_on, at)
    number = number_document(word=ORDER, by=by, region=region, at=at)
    for hazard in hazards:
        _order(hazard, number, due_on, by, at)
    publish(
        "prevent.hazard.ordered",
        at=at,
        by=by,
        region_path=region.path,
        hazard_ids=[hazard.pk for hazard in hazards],
        number=number,
        due_on=due_on,
    )
    return number


def _order(hazard: Hazard, number: str, due_on: date | None, by: Account, at: datetime) -> None:
    free = Hazard.objects.filter(
        pk=hazard.pk, order_number="", item__state__in=[S.OPEN, S.DOING, S.PAUSED]
    )
    due = end_of(due_on) if due_on is not None else hazard.item.due_at
    if not free.update(order_number=number, ordered_at=at, ordered_by=by, order_due_at=due):
        raise Refusal(
            "prevent.ordered",
            _("Hazard %(number)d was ordered to be put right already, or is no longer open.")
            % {"number": hazard.pk},
            hint=_("Reload the page to see where it stands."),
        )
    if due_on is not None:
        clocks.decide(item=hazard.item, due=end_of(due_on), at=at)
    hazard.refresh_from_db()


@transaction.atomic
def transfer_hazard(
    *, hazard: Hazard, region: Region, reason: str, by: Account, at: datetime
) -> Transfer:
    """Give an open hazard to another region. What happened stays; both see that it moved."""
    before = hazard.item.region
    if region.pk == before.pk:
        raise BadInput("prevent.same_region", _("The hazard belongs to that region already."))
    transfer(item=hazard.item, region=region, note=reason, by=by, at=at)
    return Transfer.objects.create(
        hazard=hazard, from_region=before, to_region=region, reason=reason[:500], by=by, at=at
    )


@transaction.atomic
def follow_site(*, site: Site, by: Account, at: datetime) -> int:
    """After a site was moved to another region: its open hazards go along. Safe to repeat."""
    moved = 0
    astray = Hazard.objects.unresolved().filter(site=site).exclude(item__region=site.region)
    for hazard in astray.select_related("item__region", "item__post__region", "item__doer"):
        reason = _("The site now belongs to %(region)s.") % {"region": site.region.name}
        transfer_hazard(hazard=hazard, region=site.region, reason=reason, by=by, at=at)
        moved += 1
    return moved


@transaction.atomic
def regrade_hazard(*, hazard: Hazard, grade: str, reason: str, by: Account, at: datetime) -> Hazard:
    """Judge an open hazard graver or lighter than it was reported; never by who reported it."""
    by.require("prevent.check", region=hazard.item.region)
    if by.pk == hazard.found_by_id:
        raise NotAllowed(
            "prevent.own_finding", _("You reported this hazard, so someone else must regrade it.")
        )
    if not reason.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    if grade not in Hazard.Grade.values or grade == hazard.grade:
        raise BadInput("prevent.bad_grade", _("Choose the other grade."))
    if hazard.listings.filter(lifted_at=None).exists():
        raise Refusal(
            "prevent.is_listed",
            _("It is under listed supervision."),
            hint=_("Lift the supervision first, then regrade it."),
        )
    changed = Hazard.objects.unresolved().filter(pk=hazard.pk, grade=hazard.grade)
    if not changed.update(grade=grade):
        raise Refusal("prevent.over", _("This hazard is closed, or somebody has just changed it."))
    publish(
        "prevent.hazard.regraded",
        at=at,
        by=by,
        region_path=hazard.item.region.path,
        hazard_id=hazard.pk,
        grade=grade,
        before=hazard.grade,
        reason=reason.strip()[:300],
    )
    hazard.grade = grade
    return hazard
