"""Visits: planned or on one's own initiative, begun, written down line by line and finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.people.numbers import number_document
from anlan.work.models import WorkItem
from anlan.work.services import NewItem, advance, open_items, take_over

from ..limits import check_ahead, end_of
from ..models import (
    Answer,
    Campaign,
    Draw,
    Enterprise,
    Entry,
    Hazard,
    Recheck,
    StandardVersion,
    Visit,
    VisitPlan,
)
from ..queries.visits import to_order
from .campaigns import running_for
from .hazards import (
    Finding,
    is_of_enterprise,
    open_like,
    order_rectification,
    report_hazard,
)
from .rechecks import WORD, number_recheck

KIND = "prevent.visit"
RECORD = {  # the word of each kind's record in its number
    Visit.Kind.INSPECTION: "检记",
    Visit.Kind.RECHECK: WORD,
    Visit.Kind.SELF: "自查",
    Visit.Kind.SERVICE: "服记",
}
S = WorkItem.State


@dataclass(frozen=True)
class Reply:
    """The answer to one line of the checklist."""

    entry_id: int
    result: str
    note: str = ""


@transaction.atomic
def plan_visits(
    *,
    enterprises: Sequence[Enterprise],
    due_on: date,
    kind: str = Visit.Kind.INSPECTION,
    campaign: Campaign | None = None,
    draw: Draw | None = None,
    inspectors: Sequence[Sequence[Account]] = (),
    by: Account,
    at: datetime,
) -> list[VisitPlan]:
    """Hand out visits until a day; `inspectors` names those of each enterprise, where they are."""
    for region in {enterprise.site.region for enterprise in enterprises}:
        if not by.may("prevent.campaign", region=region):
            by.require("prevent.inspect", region=region)
    check_ahead(due_on, at)
    items = open_items(
        kind=KIND,
        items=[
            NewItem(
                title=_("Visit %(name)s") % {"name": enterprise.site.name},
                region=enterprise.site.region,
                due_at=end_of(due_on),
                post=None,
            )
            for enterprise in enterprises
        ],
        by=by,
        at=at,
    )
    plans = VisitPlan.objects.bulk_create(
        [
            VisitPlan(item=item, enterprise=enterprise, kind=kind, campaign=campaign, draw=draw)
            for item, enterprise in zip(items, enterprises, strict=True)
        ],
        batch_size=500,
    )
    Named = VisitPlan.inspectors.through
    Named.objects.bulk_create(
        [
            Named(visitplan_id=plan.pk, account_id=person.pk)
            for plan, people in zip(plans, inspectors, strict=False)
            for person in people
        ],
        batch_size=500,
    )
    return plans


@transaction.atomic
def start_visit(
    *,
    enterprise: Enterprise,
    kind: str = Visit.Kind.INSPECTION,
    plan: VisitPlan | None = None,
    campaign: Campaign | None = None,
    version: StandardVersion | None = None,
    inspectors: Sequence[Account] | None = None,
    led_by_principal: bool = False,
    lon: float | None = None,
    lat: float | None = None,
    accuracy_m: float | None = None,
    visit_id: UUID | None = None,
    made: bool = False,
    by: Account,
    at: datetime,
) -> Visit:
    """Begin a visit by the checklist in force for the enterprise.

    A planned one is of the kind that was planned, and made by whom the plan names, unless
    `inspectors` says who came along. One that was `made` already fulfils a plan though somebody
    else had accepted it.
    """
    kind = plan.kind if plan else kind
    _require_visitor(enterprise, kind, by)
    _check_plan(plan, enterprise, None if made else by)
    _check_campaign(campaign, enterprise)
    visit = Visit.objects.create(
        id=visit_id or uuid4(),
        kind=kind,
        enterprise=enterprise,
        region=enterprise.site.region,
        item=plan.item if plan else None,
        campaign=campaign
        or (plan.campaign if plan else None)
        or _campaign_of(enterprise, kind, at),
        version=version or checklist_for(enterprise, plan),
        led_by_principal=led_by_principal,
        started_at=at,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
    )
    visit.inspectors.set([by, *(alongside(plan, by) if inspectors is None else inspectors)])
    return visit


def alongside(plan: VisitPlan | None, by: Account) -> list[Account]:
    """Those whom a plan names together with `by` and who may still inspect there."""
    named = list(plan.inspectors.filter(is_active=True).order_by("pk")) if plan else []
    if plan is None or by not in named:
        return []
    region = plan.enterprise.site.region
    others = [person for person in named if person != by]
    return [person for person in others if person.may("prevent.inspect", region=region)]


def _campaign_of(enterprise: Enterprise, kind: str, at: datetime) -> Campaign | None:
    """What nobody named: an inspection counts to the campaign that is held there."""
    return running_for(enterprise, at) if kind == Visit.Kind.INSPECTION else None


def checklist_for(enterprise: Enterprise, plan: VisitPlan | None) -> StandardVersion | None:
    """The checklist in force that a plan names, or else the one for the enterprise's category."""
    standard = (plan.standard_id if plan else None) or enterprise.standard_id
    in_force = StandardVersion.State.IN_FORCE
    return StandardVersion.objects.filter(standard=standard or 0, state=in_force).first()


def _require_visitor(enterprise: Enterprise, kind: str, by: Account) -> None:
    if kind not in Visit.Kind.values:
        raise BadInput("prevent.bad_kind", _("There is no such kind of visit."))
    if kind == Visit.Kind.SELF and is_of_enterprise(by, enterprise.site):
        return
    by.require("prevent.inspect", region=enterprise.site.region)


def _check_campaign(campaign: Campaign | None, enterprise: Enterprise) -> None:
    if campaign is not None and not campaign.region.covers(enterprise.site.region):
        raise BadInput(
            "prevent.other_campaign",
            _("The campaign “%(title)s” is not held here.") % {"title": campaign},
        )


def _check_plan(plan: VisitPlan | None, enterprise: Enterprise, by: Account | None) -> None:
    if plan is None:
        return
    if by is not None and plan.item.doer_id not in {None, by.pk}:
        raise Refusal(
            "prevent.plan_taken",
            _("%(name)s has accepted this planned visit.") % {"name": plan.item.doer},
            hint=_("Have it assigned again, or make it a visit of its own."),
        )
    if plan.enterprise_id != enterprise.pk:
        raise BadInput("prevent.other_plan", _("That visit was planned for another enterprise."))
    if not plan.item.is_open:
        raise Refusal(
            "prevent.plan_over",
            _("This planned visit was made already, or called off."),
            hint=_("Make it a visit of its own."),
        )


@transaction.atomic
def answer(
    *, visit: Visit, entry: Entry, result: str, note: str = "", by: Account, at: datetime
) -> Answer:
    """Answer one line of the checklist, or answer it otherwise while the visit goes on."""
    require_unfinished(visit, by)
    if entry.version_id != visit.version_id:
        raise BadInput("prevent.other_list", _("That line is not of this visit's checklist."))
    if result not in Answer.Result.values:
        raise BadInput("prevent.bad_answer", _("There is no such answer."))
    given, _made = Answer.objects.update_or_create(
        visit=visit, entry=entry, defaults={"result": result, "note": note.strip()[:300]}
    )
    return given


@transaction.atomic
def answer_lines(*, visit: Visit, replies: Sequence[Reply], by: Account, at: datetime) -> int:
    """Answer several lines at once, as a form does; how many."""
    entries = Entry.objects.in_bulk([row.entry_id for row in replies])
    for row in replies:
        entry = entries.get(row.entry_id)
        if entry is None:
            raise BadInput("prevent.other_list", _("That line is not of this visit's checklist."))
        answer(visit=visit, entry=entry, result=row.result, note=row.note, by=by, at=at)
    return len(replies)


def require_unfinished(visit: Visit, by: Account) -> None:
    """Only those who make the visit write it down, and only while it goes on."""
    if not visit.inspectors.filter(pk=by.pk).exists():
        raise Refusal("prevent.not_your_visit", _("Only those who make this visit write it down."))
    if visit.finished_at is not None:
        raise Refusal(
            "prevent.visit_over", _("This visit is finished; its record is not changed any more.")
        )


@transaction.atomic
def find_hazard(*, visit: Visit, finding: Finding, by: Account, at: datetime) -> Hazard:
    """A hazard found during a visit that goes on."""
    require_unfinished(visit, by)
    # Locked: of a button that is pressed twice, the second press finds what the first has made.
    Visit.objects.select_for_update().get(pk=visit.pk)
    same = visit.hazards.filter(what=finding.what.strip()[:500], entry=finding.entry)
    return same.first() or report_found(visit, finding, at, by, at)


def report_found(
    visit: Visit, finding: Finding, found_at: datetime, by: Account, at: datetime
) -> Hazard:
    own = visit.kind == Visit.Kind.SELF
    return report_hazard(
        site=visit.enterprise.site,
        finding=finding,
        source=Hazard.Source.SELF if own else Hazard.Source.VISIT,
        visit=visit,
        found_at=found_at,
        exercise=visit.exercise,
        by=by,
        at=at,
    )


@transaction.atomic
def finish_visit(*, visit: Visit, note: str = "", by: Account, at: datetime) -> Visit:
    """End a visit: hazards from what was not in order, its number, and the planned duty is done."""
    require_unfinished(visit, by)
    return end_visit(visit, finished_at=at, note=note or visit.note, by=by, at=at)


def end_visit(
    visit: Visit, *, finished_at: datetime, note: str, by: Account, at: datetime
) -> Visit:
    """Close the record under its number; who may was looked at before."""
    number = number_document(
        word=RECORD[Visit.Kind(visit.kind)], by=by, region=visit.region, at=finished_at
    )
    open_one = Visit.objects.filter(pk=visit.pk, finished_at=None)
    if not open_one.update(finished_at=finished_at, number=number, note=note):
        raise Refusal("prevent.visit_over", _("This visit has just been finished."))
    number_recheck(visit, by=by)
    visit.refresh_from_db()
    wrong = visit.answers.filter(result=Answer.Result.WRONG, hazard=None)
    for given in wrong.select_related("entry__version").order_by("pk"):
        _follow_up(visit, given, by, at)
    _close_plan(visit, by, at)
    publish(
        "prevent.visit.finished",
        at=at,
        by=by,
        region_path=visit.region.path,
        visit_id=str(visit.pk),
        number=number,
        kind=visit.kind,
        hazards=visit.hazards.count(),
        campaign_id=visit.campaign_id,
    )
    return visit


@transaction.atomic
def order_from_visit(*, visit: Visit, due_on: date | None = None, by: Account, at: datetime) -> str:
    """One order for all that a visit found and that nobody has ordered yet."""
    hazards = list(to_order(visit).select_related("item__region", "site").order_by("pk"))
    if not hazards:
        raise Refusal("prevent.nothing_to_order", _("Nothing of this visit waits for an order."))
    return order_rectification(hazards=hazards, due_on=due_on, by=by, at=at)


def _follow_up(visit: Visit, given: Answer, by: Account, at: datetime) -> None:
    """What is not in order is a hazard; one that is still open is not opened a second time."""
    entry, site = given.entry, visit.enterprise.site
    hazard = visit.hazards.filter(entry=entry).first() or open_like(site=site, entry=entry)
    if hazard is None:
        finding = Finding(
            what=given.note or entry.text,
            grade=Hazard.Grade.MAJOR if entry.major else Hazard.Grade.GENERAL,
            basis=entry.basis,
            entry=entry,
            lon=visit.lon,
            lat=visit.lat,
        )
        hazard = report_found(visit, finding, visit.finished_at or at, by, at)
    given.hazard = hazard
    given.save(update_fields=["hazard"])


def _close_plan(visit: Visit, by: Account, at: datetime) -> None:
    """The record is the proof of a planned visit, so the system closes the duty itself."""
    if visit.item is None:
        return
    item = WorkItem.objects.select_related("region", "post", "doer").get(pk=visit.item.pk)
    if item.state == S.PAUSED:
        advance(item=item, move="resume", by=Account.objects.system(), at=at)
    if item.state == S.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    if item.state == S.DOING:
        _hand_in(visit, item, by, at)
    advance(item=item, move="verify", by=Account.objects.system(), at=at, note=str(visit))


def _hand_in(visit: Visit, item: WorkItem, by: Account, at: datetime) -> None:
    """By who accepted the plan, of those who made the visit; who did not come hands nothing in."""
    doer = visit.inspectors.filter(pk=item.doer_id).first()
    if doer is None or not doer.may("prevent.inspect", region=item.region):
        take_over(item=item, by=by, at=at, note=str(visit))
        doer = by
    advance(item=item, move="submit", by=doer, at=at, note=str(visit))


@transaction.atomic
def check_again(
    *, visit: Visit, hazard_id: int, passed: bool, note: str = "", by: Account, at: datetime
) -> Recheck:
    """On the spot, an earlier hazard: what waits for its re-check is closed or sent back by it."""
    require_unfinished(visit, by)
    by.require("prevent.check", region=visit.region)
    there = Hazard.objects.select_related("item__region", "item__doer", "item__post")
    hazard = there.filter(pk=hazard_id, site=visit.enterprise.site_id).first()
    if hazard is None:
        raise BadInput(
            "prevent.other_site",
            _("Hazard %(number)d is not of this enterprise.") % {"number": hazard_id},
        )
    note = note.strip()
    if not passed and not note:
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    found: dict[str, Any] = {"passed": passed, "note": note[:300]}
    if hazard.item.state == S.SUBMITTED:
        move = "verify" if passed else "return"
        advance(item=hazard.item, move=move, by=by, at=at, note=note)
        found["step"] = hazard.item.steps.order_by("-pk").first()
    checked, _made = Recheck.objects.update_or_create(visit=visit, hazard=hazard, defaults=found)
    return checked
