"""One visit planned by hand: to which enterprise, by when, by whom, by which checklist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.tables import clean
from anlan.people.models import Account
from anlan.work.models import WorkItem
from anlan.work.services import transfer

from ..limits import end_of
from ..models import Enterprise, Standard, Visit, VisitPlan
from .visits import plan_visits

KINDS = (Visit.Kind.INSPECTION, Visit.Kind.RECHECK, Visit.Kind.SERVICE)
INSPECT = "prevent.inspect"


@transaction.atomic
def plan_visit(
    *,
    enterprise: Enterprise,
    due_on: date,
    kind: str,
    inspectors: Sequence[Account],
    standard: Standard | None = None,
    note: str = "",
    by: Account,
    at: datetime,
) -> VisitPlan:
    """Hand out one visit; `standard`: another checklist than that of the enterprise's category."""
    region = enterprise.site.region
    by.require(INSPECT, region=region)
    if kind not in KINDS:
        raise BadInput("prevent.bad_kind", _("There is no such kind of visit."))
    if enterprise.state == Enterprise.State.CLOSED:
        raise Refusal("prevent.closed_down", _("This enterprise has closed down."))
    unable = [str(person) for person in inspectors if not person.may(INSPECT, region=region)]
    if unable or not inspectors:
        raise BadInput(
            "prevent.not_inspectors",
            _("They may not inspect there: %(names)s.") % {"names": "、".join(unable) or "—"},
            hint=_("Choose at least one inspector from the list."),
        )
    # Locked, so that a form sent twice is one visit.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    _refuse_double(enterprise, due_on, kind)
    (plan,) = plan_visits(
        enterprises=[enterprise], due_on=due_on, kind=kind, inspectors=[inspectors], by=by, at=at
    )
    plan.standard, plan.note = standard, clean(note)[:300]
    plan.save(update_fields=["standard", "note"])
    return plan


def _refuse_double(enterprise: Enterprise, due_on: date, kind: str) -> None:
    over = [WorkItem.State.CLOSED, WorkItem.State.CANCELLED]
    same = VisitPlan.objects.filter(enterprise=enterprise, kind=kind, item__due_at=end_of(due_on))
    if same.exclude(item__state__in=over).exists():
        raise Refusal(
            "prevent.planned_already",
            _("Such a visit is planned for that day already."),
            hint=_("Look at the visits in the enterprise's file."),
        )


@transaction.atomic
def follow_enterprise(*, enterprise: Enterprise, by: Account, at: datetime) -> int:
    """After it went to another region: its planned visits go along. Safe to repeat."""
    region = enterprise.site.region
    over = [WorkItem.State.CLOSED, WorkItem.State.CANCELLED]
    astray = VisitPlan.objects.filter(enterprise=enterprise).exclude(item__region=region)
    rows = astray.exclude(item__state__in=over)
    plans = list(rows.select_related("item__region", "item__post__region", "item__doer"))
    reason = _("The site now belongs to %(region)s.") % {"region": region.name}
    for plan in plans:
        transfer(item=plan.item, region=region, note=reason, by=by, at=at)
        # Who was named and may not inspect there is no longer: somebody there accepts it.
        for person in plan.inspectors.all():
            if not person.may(INSPECT, region=region):
                plan.inspectors.remove(person)
    return len(plans)
