"""What the public reported: the list of what is to be verified, and the decision on each."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn, typed
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked
from anlan.work import queries as work

from ..forms.dates import day_of, day_or_none
from ..models import Hazard, PublicReport
from ..queries import hazards as hazard_queries
from ..queries import reports as queries
from ..queries.inspectors import people_to_send, who_inspects
from ..services import reports as services
from ..services.hazard_photos import MOST
from ..services.hazards import Finding
from .hazards import photos_of

FIND = "find"


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
    return _page(request, queries.get_report(actor=request.user, report_id=public_report_id))


def _page(request: SignedIn, found: PublicReport) -> HttpResponse:
    """What was reported, and the four ways to decide on it."""
    actor, at = request.user, clock.now()
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
        "most": MOST,
        "open": queries.open_at(found) if may_dismiss else [],
        **(_to_send(request, found, at) if may_confirm else {}),
    }
    return render(request, "prevent/report.html", context)


def _to_send(request: SignedIn, found: PublicReport, at: datetime) -> dict[str, Any]:
    """Whom to send there, as far as the form was filled in."""
    sent, who = request.POST, typed(request, "who")
    chosen = sent.getlist("inspectors") if sent else [str(request.user.pk)]
    people = people_to_send(
        region=found.item.region, at=at, reader=request.user, text=who, chosen=chosen
    )
    return {
        "people": people,
        "chosen": chosen,
        "who": who,
        "finding": FIND in sent,
        "visit_due": sent.get("due_on", ""),
    }


@require_POST
@login_required
def as_hazard(request: SignedIn, public_report_id: int) -> HttpResponse:
    found = queries.get_report(actor=request.user, report_id=public_report_id)
    request.user.require(services.CONFIRM, region=found.item.region)  # before photos are looked at
    made = services.confirm_as_hazard(
        report=found,
        finding=Finding(
            what=typed(request, "what")[:500],
            grade=request.POST.get("grade", ""),
            basis=typed(request, "basis")[:300],
            due_on=day_or_none(request.POST.get("due_on", "")),
        ),
        photos=photos_of(request),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:hazard", made.pk)


@require_POST
@login_required
def as_visit(request: SignedIn, public_report_id: int) -> HttpResponse:
    at = clock.now()
    found = queries.get_report(actor=request.user, report_id=public_report_id)
    if FIND in request.POST:  # more people to choose from; nothing is decided yet
        return _page(request, found)
    named = set(request.POST.getlist("inspectors"))
    plan = services.confirm_as_visit(
        report=found,
        due_on=day_of(request.POST.get("due_on", "")),
        inspectors=[
            person for person in who_inspects(found.item.region, at) if str(person.pk) in named
        ],
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
