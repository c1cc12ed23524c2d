"""Read what the public reported: what waits to be verified, and what came of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region

from ..models import Hazard, PublicReport
from ..models.gate import PublicReportQuerySet

WAITING = "waiting"


@dataclass(frozen=True)
class Wanted:
    """What a list of reports is narrowed to."""

    outcome: str = WAITING  # an outcome, or "" for all
    region: Region | None = None
    enterprise_id: int = 0
    overdue: bool = False


def visible(actor: Account) -> PublicReportQuerySet:
    """Reports in the reader's regions; never those of one's own enterprise."""
    return PublicReport.objects.within(actor.regions_for("prevent.view"))


def list_reports(*, actor: Account, at: datetime, wanted: Wanted) -> QuerySet[PublicReport]:
    """What is due first comes first; what is decided, the latest first."""
    rows = visible(actor).filter(_narrowed(wanted))
    if wanted.overdue:
        rows = rows.filter(_late(at))
    related = rows.select_related(f"item__region__{PLACE}", "item__doer", "enterprise__site")
    waiting = wanted.outcome == WAITING
    return related.order_by("item__due_at", "pk") if waiting else related.order_by("-pk")


def _narrowed(wanted: Wanted) -> Q:
    found = Q()
    if wanted.outcome:
        found &= Q(outcome="" if wanted.outcome == WAITING else wanted.outcome)
    if wanted.region is not None:
        found &= Q(item__region__path__under=wanted.region.path)
    if wanted.enterprise_id:
        found &= Q(enterprise=wanted.enterprise_id)
    return found


def _late(at: datetime) -> Q:
    return Q(outcome="", item__due_at__lt=at)


def counts(*, actor: Account, at: datetime, region: Region | None = None) -> dict[str, Any]:
    """How many wait, how many of them too long, and what became of the others: they add up."""
    rows = visible(actor).filter(_narrowed(Wanted(outcome="", region=region)))
    asked = {name: Count("pk", filter=Q(outcome=name)) for name in PublicReport.Outcome.values}
    return rows.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(outcome="")),
        overdue=Count("pk", filter=_late(at)),
        **asked,
    )


def get_report(*, actor: Account, report_id: int) -> PublicReport:
    rows = visible(actor).select_related(
        f"item__region__{PLACE}", "item__doer", "item__post__role", "item__post__region",
        "enterprise__site__region", "hazard", "plan", "decided_by",
    )  # fmt: skip
    found = rows.filter(pk=report_id).first()
    if found is None:
        raise NotFound("prevent.no_report", _("There is no such report in your regions."))
    return found


def open_at(report: PublicReport) -> QuerySet[Hazard]:
    """Open hazards of the enterprise that it may be about."""
    rows = Hazard.objects.unresolved().filter(site=report.enterprise_id)
    return rows.select_related("item").order_by("-pk")[:100]
