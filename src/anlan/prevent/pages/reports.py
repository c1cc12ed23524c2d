"""What the public reported: the list of what is to be verified, and the decision on each."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn, typed
from anlan.base.paging import sheet_of
from anlan.people.models import Account
from anlan.places.forms import region_asked
from anlan.work import queries as work

from ..forms.dates import day_of, day_or_none
from ..models import Hazard, PublicReport
from ..queries import hazards as hazard_queries
from ..queries import reports as queries
from ..queries.draws import inspectors_for
from ..services import reports as services
from ..services.hazards import Finding


@require_safe
@login_required
def report_list(request: SignedIn) -> HttpResponse:
    at, wanted = clock.now(), _wanted(request)
    found = queries.list_reports(actor=request.user, at=at, wanted=wanted)
    context = {
        "at": at,
        "wanted": wanted,
        "counts": queries.counts(actor=request.user, at=at, region=wanted.region),
        "sheet": sheet_of(found, request.GET.get("page")),
        "outcomes": PublicReport.Outcome.choices,
    }
    return render(request, "prevent/reports.html", context)


def _wanted(request: SignedIn) -> queries.Wanted:
    values = request.GET
    outcome = values.get("outcome", queries.WAITING)
    known = {"", queries.WAITING, *PublicReport.Outcome.values}
    return queries.Wanted(
        outcome=outcome if outcome in known else queries.WAITING,
        region=region_asked(values, paths=request.user.regions_for("prevent.view")),
        enterprise_id=whole(values.get("enterprise", "")) or 0,
        overdue="overdue" in values,
    )


@require_safe
@login_required
def report(request: SignedIn, public_report_id: int) -> HttpResponse:
    """What was reported, and the four ways to decide on it."""
    actor, at = request.user, clock.now()
    found = queries.get_report(actor=actor, report_id=public_report_id)
    region, waits = found.item.region, not found.outcome
    may_confirm = waits and actor.may(services.CONFIRM, region=region)
    may_dismiss = waits and actor.may(services.DISMISS, region=region)
    context = {
        "report": found,
        "item": found.item,
        "at": at,
        "clock": work.clock_of(found.item),
        "steps": work.steps_of(found.item),
        "on_task": work.visible(actor).filter(pk=found.pk).exists(),
        "may_confirm": may_confirm,
        "may_dismiss": may_dismiss,
        "grades": Hazard.Grade.choices,
        "people": _people(found, at) if may_confirm else [],
        "open": queries.open_at(found) if may_dismiss else [],
    }
    return render(request, "prevent/report.html", context)


def _people(found: PublicReport, at: Any) -> list[Account]:
    return inspectors_for(found.item.region, at, [services.CONFIRM])


@require_POST
@login_required
def as_hazard(request: SignedIn, public_report_id: int) -> HttpResponse:
    made = services.confirm_as_hazard(
        report=queries.get_report(actor=request.user, report_id=public_report_id),
        finding=Finding(
            what=typed(request, "what")[:500],
            grade=request.POST.get("grade", ""),
            basis=typed(request, "basis")[:300],
            due_on=day_or_none(request.POST.get("due_on", "")),
        ),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", made.pk)


@require_POST
@login_required
def as_visit(request: SignedIn, public_report_id: int) -> HttpResponse:
    at = clock.now()
    found = queries.get_report(actor=request.user, report_id=public_report_id)
    named = set(request.POST.getlist("inspectors"))
    plan = services.confirm_as_visit(
        report=found,
        due_on=day_of(request.POST.get("due_on", "")),
        inspectors=[person for person in _people(found, at) if str(person.pk) in named],
        by=request.user,
        at=at,
    )
    return redirect("prevent:plan", plan.pk)


@require_POST
@login_required
def merge(request: SignedIn, public_report_id: int) -> HttpResponse:
    """It is about a hazard that is known."""
    found = queries.get_report(actor=request.user, report_id=public_report_id)
    hazard_id = whole(request.POST.get("hazard", "")) or 0
    services.merge(
        report=found,
        hazard=hazard_queries.get_hazard(actor=request.user, hazard_id=hazard_id),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:report", public_report_id)


@require_POST
@login_required
def reject(request: SignedIn, public_report_id: int) -> HttpResponse:
    services.reject(
        report=queries.get_report(actor=request.user, report_id=public_report_id),
        reason=typed(request, "reason"),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:report", public_report_id)
