"""What the public reported, decided by a person: a hazard, a visit, known already, or not so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.tables import clean
from anlan.people.models import Account
from anlan.work.models import WorkItem
from anlan.work.services import conclude, transfer
from anlan.work.submissions import TakenFile

from ..models import Enterprise, Hazard, PublicReport, Visit, VisitPlan
from .gate import post_for
from .hazard_photos import add_photos
from .hazards import Finding, report_hazard
from .planning import plan_visit

CONFIRM, DISMISS = "prevent.inspect", "prevent.check"
Outcome = PublicReport.Outcome


@transaction.atomic
def confirm_as_hazard(
    *,
    report: PublicReport,
    finding: Finding,
    photos: Sequence[TakenFile] = (),
    by: Account,
    at: datetime,
) -> Hazard:
    """It is so: a hazard whose clock runs from now, in the words of who has looked at it."""
    by.require(CONFIRM, region=report.item.region)
    _claim(report, Outcome.HAZARD, by, at)
    site = report.enterprise.site
    hazard = report_hazard(
        site=site,
        finding=finding,
        source=Hazard.Source.REPORT,
        post=post_for(site, at),
        by=by,
        at=at,
    )
    add_photos(hazard=hazard, photos=photos, by=by, at=at)
    _settle(report, by, at, hazard=hazard)
    return hazard


@transaction.atomic
def confirm_as_visit(
    *,
    report: PublicReport,
    due_on: date,
    inspectors: Sequence[Account],
    by: Account,
    at: datetime,
) -> VisitPlan:
    """It has to be looked at on the spot, by these, until then."""
    by.require(CONFIRM, region=report.item.region)
    _claim(report, Outcome.VISIT, by, at)
    plan = plan_visit(
        enterprise=report.enterprise,
        due_on=due_on,
        kind=Visit.Kind.INSPECTION,
        inspectors=inspectors,
        note=report.what,
        by=by,
        at=at,
    )
    _settle(report, by, at, plan=plan)
    return plan


@transaction.atomic
def merge(*, report: PublicReport, hazard: Hazard, by: Account, at: datetime) -> PublicReport:
    """It is about a hazard of the same enterprise that is open already."""
    by.require(DISMISS, region=report.item.region)
    if hazard.site_id != report.enterprise_id or not hazard.item.is_open:
        raise BadInput(
            "prevent.not_the_same",
            _("Choose an open hazard of the same enterprise."),
            hint=_("Reload the page to see which are open."),
        )
    _claim(report, Outcome.MERGED, by, at)
    return _settle(report, by, at, hazard=hazard)


@transaction.atomic
def reject(*, report: PublicReport, reason: str, by: Account, at: datetime) -> PublicReport:
    """It is not so, and why. By who may re-check: nobody makes it vanish who is to act on it."""
    by.require(DISMISS, region=report.item.region)
    reason = clean(reason)[:300]
    if not reason:
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    _claim(report, Outcome.REJECTED, by, at)
    return _settle(report, by, at, reason=reason)


@transaction.atomic
def follow_enterprise(*, enterprise: Enterprise, by: Account, at: datetime) -> int:
    """After it went to another region: what waits to be verified goes along. Safe to repeat."""
    region = enterprise.site.region
    astray = PublicReport.objects.waiting().filter(enterprise=enterprise)
    rows = astray.exclude(item__region=region)
    reports = list(rows.select_related("item__region", "item__post__region", "item__doer"))
    reason = _("The site now belongs to %(region)s.") % {"region": region.name}
    for report in reports:
        transfer(item=report.item, region=region, note=reason, by=by, at=at)
    return len(reports)


def _claim(report: PublicReport, outcome: str, by: Account, at: datetime) -> None:
    """Of two who decide at once, one wins and the other is told."""
    free = PublicReport.objects.waiting().filter(pk=report.pk)
    if not free.update(outcome=outcome, decided_by=by, decided_at=at):
        raise Refusal(
            "prevent.report_decided",
            _("Somebody has decided on this report already."),
            hint=_("Reload the page to see what was decided."),
        )


def _settle(report: PublicReport, by: Account, at: datetime, **result: Any) -> PublicReport:
    PublicReport.objects.filter(pk=report.pk).update(**result)
    report = PublicReport.objects.select_related("item__region", "hazard", "plan").get(pk=report.pk)
    item = WorkItem.objects.select_related("region", "post", "doer").get(pk=report.pk)
    note = f"{report.get_outcome_display()} {report.reason}".strip()
    conclude(item=item, by=by, at=at, note=note)
    publish(
        "prevent.report.decided",
        at=at,
        by=by,
        region_path=item.region.path,
        report_id=report.pk,
        outcome=report.outcome,
        hazard_id=report.hazard_id,
        plan_id=report.plan_id,
    )
    return report
