"""What the loop of `work` needs to know of this room's duties."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.people.models import Account
from anlan.places.models import PLACE
from anlan.work import handed, kinds
from anlan.work.models import WorkItem

from . import handed_edits, handed_visits
from .limits import register_limits
from .models import Contact, Hazard, PublicReport, VisitPlan
from .models.hazards import KIND as HAZARD
from .services import gate, visits


def register_kinds() -> None:
    """Called once the apps are ready."""
    register_limits()
    kinds.register(
        kinds.Kind(
            HAZARD,
            gettext_lazy("rectification of a hazard"),
            page="prevent:hazard",
            may_do="prevent.rectify",
            may_check="prevent.check",
            proof=kinds.Proof(photos=1, note=True),
            escalations=(
                kinds.Escalation(timedelta(days=-3), "post"),
                kinds.Escalation(timedelta(0), "doer"),
                kinds.Escalation(timedelta(days=3), "checkers"),
            ),
            describe=describe_hazard,
            own_row=hazard_row,
            place=place_of_hazard,
            own=own_hazards,
        )
    )
    kinds.register(
        kinds.Kind(
            visits.KIND,
            gettext_lazy("planned visit"),
            page="prevent:plan",
            may_do="prevent.inspect",
            may_check="prevent.check",
            proof=kinds.Proof(note=True),
            escalations=(
                kinds.Escalation(timedelta(days=-1), "post"),
                kinds.Escalation(timedelta(days=1), "checkers"),
            ),
            describe=describe_plan,
            own_row=plan_row,
            place=place_of_plan,
        )
    )
    kinds.register(
        kinds.Kind(
            gate.KIND,
            gettext_lazy("verification of a public report"),
            page="prevent:report",
            may_do="prevent.inspect",
            may_check="prevent.check",
            proof=kinds.Proof(note=True),
            escalations=(
                kinds.Escalation(timedelta(days=-1), "post"),
                kinds.Escalation(timedelta(0), "checkers"),
            ),
            describe=describe_report,
            own_row=report_row,
            place=place_of_report,
            concludes=True,
        )
    )

    handed.register(
        handed.HandedIn(
            handed_visits.CODE,
            gettext_lazy("visit"),
            may_see="prevent.view",
            locate=handed_visits.locate,
            take=handed_visits.take,
        )
    )
    handed.register(
        handed.HandedIn(
            handed_edits.CODE,
            gettext_lazy("change of a file"),
            may_see="prevent.view",
            locate=handed_edits.locate,
            take=handed_edits.take,
        )
    )


def own_hazards(account: Account) -> Q | None:
    """Hazards of the enterprises that somebody signs in for."""
    sites = list(Contact.objects.filter(account=account).values_list("enterprise", flat=True))
    return Q(hazard__site__in=sites) if sites else None


def has_enterprise(account: Account) -> bool:
    """Whether somebody signs in for an enterprise. Who answers for regions is not asked."""
    return not account.may_anywhere("prevent.view") and account.enterprises.exists()


def hazard_row() -> Prefetch[str]:
    return Prefetch("hazard", Hazard.objects.select_related(f"site__region__{PLACE}"))


def describe_hazard(item: WorkItem) -> list[str]:
    prefetch_related_objects([item], hazard_row())
    hazard = item.hazard
    lines = [
        f"{hazard.site.name}（{hazard.site.region.place()}）",
        f"{hazard.get_grade_display()}：{hazard.what}",
        hazard.basis,
        hazard.order_number,
    ]
    return [line for line in lines if line]


def place_of_hazard(item: WorkItem) -> tuple[float, float] | None:
    hazard = Hazard.objects.select_related("site").get(pk=item.pk)
    if hazard.lon is not None and hazard.lat is not None:
        return hazard.lon, hazard.lat
    return hazard.site.lon, hazard.site.lat


def plan_row() -> Prefetch[str]:
    plans = VisitPlan.objects.select_related("enterprise__site", "campaign", "standard")
    people = Prefetch("inspectors", Account.objects.order_by("pk"))
    return Prefetch("visit_plan", plans.prefetch_related(people))


def describe_plan(item: WorkItem) -> list[str]:
    prefetch_related_objects([item], plan_row())
    plan = item.visit_plan
    names = "、".join(str(person) for person in plan.inspectors.all())
    lines = [
        plan.enterprise.address,
        _("Checklist: %(name)s") % {"name": plan.standard} if plan.standard else "",
        plan.note,
        _("Campaign: %(title)s") % {"title": plan.campaign} if plan.campaign else "",
        _("Inspectors: %(names)s") % {"names": names} if names else "",
    ]
    return [line for line in lines if line]


def place_of_plan(item: WorkItem) -> tuple[float, float] | None:
    plan = VisitPlan.objects.select_related("enterprise__site").get(pk=item.pk)
    return plan.enterprise.site.lon, plan.enterprise.site.lat


def report_row() -> Prefetch[str]:
    return Prefetch("public_report", PublicReport.objects.select_related("enterprise"))


def describe_report(item: WorkItem) -> list[str]:
    prefetch_related_objects([item], report_row())
    report = item.public_report
    note = _("Look at it on the spot and hand in what you found; the decision is on its page.")
    return [line for line in (report.what, report.enterprise.address, note) if line]


def place_of_report(item: WorkItem) -> tuple[float, float] | None:
    report = PublicReport.objects.select_related("enterprise__site").get(pk=item.pk)
    return report.enterprise.site.lon, report.enterprise.site.lat
