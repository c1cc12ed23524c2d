"""Visits: planned and made, written down on their own page."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn, typed
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked
from anlan.work import further
from anlan.work import queries as work
from anlan.work.pages import send_file

from .. import printed
from ..forms.dates import day_or_none
from ..models import Answer, Hazard, Visit, VisitFile
from ..queries import enterprises as firms
from ..queries import hazards as hazard_queries
from ..queries import visits as queries
from ..queries.inspectors import People, people_beside
from ..services import visit_files
from ..services import visits as services
from ..services.companions import name_inspectors
from ..services.hazards import Finding
from .hazards import campaign_asked


@require_safe
@login_required
def visit_list(request: SignedIn) -> HttpResponse:
    wanted = wanted_of(request)
    planned, page = "planned" in request.GET, request.GET.get("page")
    sheet: Any
    if planned:
        plans = queries.find_plans(actor=request.user, wanted=wanted)
        sheet = sheet_of(plans, page, dress=queries.with_people)
    else:
        visits = queries.find_visits(actor=request.user, wanted=wanted)
        sheet = sheet_of(visits, page, dress=queries.with_places)
    context = {
        "wanted": wanted,
        "planned": planned,
        "sheet": sheet,
        "kinds": Visit.Kind.choices,
        "own_only": not request.user.may_anywhere("prevent.view"),
        "at": clock.now(),
    }
    return render(request, "prevent/visits.html", context)


def wanted_of(request: SignedIn) -> queries.Wanted:
    """What the filters say; what makes no sense is left out."""
    values = request.GET
    kind, year = values.get("visit_kind", ""), whole(values.get("year", "")) or 0
    return queries.Wanted(
        kind=kind if kind in Visit.Kind.values else "",
        region=region_asked(values, paths=request.user.regions_for("prevent.view")),
        campaign=campaign_asked(request),
        enterprise_id=whole(values.get("enterprise", "")) or 0,
        led_by_principal="led" in values,
        year=year if 2000 <= year <= 2100 else 0,
        mine="mine" in values,
        counted="counted" in values,
        text=values.get("q", "").replace("\x00", "")[:40],
    )


@require_safe
@login_required
def visit(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """The record; while it goes on, those who make the visit write it here."""
    found = queries.get_visit(actor=request.user, visit_id=visit_id)
    people = list(found.inspectors.order_by("pk"))
    missed = queries.missed_plan(found)
    instead = queries.visit_of(missed) if missed else None
    context = {
        "visit": found,
        "missed": queries.tell_missed(missed, instead) if missed else "",
        "instead": instead,
        "also_sent": queries.also_sent_for(found),
        "people": people,
        "writing": found.finished_at is None and request.user in people,
        "lines": queries.lines_of(found),
        "hazards": queries.hazards_of(found),
        "files": queries.own_files_of(found),
        "rechecks": found.rechecks.select_related("hazard").order_by("pk"),
        "earlier": queries.to_recheck(found) if found.finished_at is None else [],
        "results": Answer.Result.choices,
        "grades": Hazard.Grade.choices,
        "roles": VisitFile.Role.choices,
        "further": further.links(actor=request.user, region=found.region, visit=found.pk)
        if found.finished_at
        else [],
        "printed": printed.papers_of(found),
        "may_order": found.finished_at is not None
        and queries.to_order(found).exists()
        and request.user.may("prevent.inspect", region=found.region),
    }
    return render(request, "prevent/visit.html", context)


@require_safe
@login_required
def plan(request: SignedIn, plan_id: int) -> HttpResponse:
    """A visit that is to be made."""
    found = queries.get_plan(actor=request.user, item_id=plan_id)
    context = {
        "plan": found,
        "item": found.item,
        "people": found.inspectors.order_by("pk"),
        "made": queries.visit_of(found),
        "kind": dict(Visit.Kind.choices).get(found.kind, ""),
        "on_task": work.visible(request.user).filter(pk=found.pk).exists(),
        "may_visit": found.item.is_open
        and request.user.may("prevent.inspect", region=found.item.region),
    }
    return render(request, "prevent/plan.html", context)


@require_POST
@login_required
def start(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """Begin a visit, of a plan where one is named."""
    plan_id = whole(request.POST.get("plan", ""))
    plan = queries.get_plan(actor=request.user, item_id=plan_id) if plan_id else None
    kind = plan.kind if plan else request.POST.get("visit_kind", "")
    enterprise = _enterprise(request, enterprise_id, kind)
    begun = queries.going_on(actor=request.user, enterprise=enterprise, kind=kind, plan=plan)
    if begun is not None:
        return redirect("prevent:visit", begun.pk)
    made = services.start_visit(
        enterprise=enterprise,
        kind=kind,
        plan=plan,
        led_by_principal="led" in request.POST,
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:visit", made.pk)


@require_http_methods(["GET", "POST"])
@login_required
def people(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """Who makes a visit that goes on, beside the one who writes it down."""
    actor = request.user
    found = queries.get_visit(actor=actor, visit_id=visit_id)
    services.require_unfinished(found, actor)
    actor.require("prevent.inspect", region=found.region)
    there = list(found.inspectors.select_related("organisation"))
    asked = request.method == "POST"
    chosen = request.POST.getlist("inspectors") if asked else [str(one.pk) for one in there]
    offered = people_beside(
        region=found.region,
        at=clock.now(),
        reader=actor,
        text=typed(request, "who"),
        chosen=chosen,
    )
    # Whoever stands on it and is not offered any more (a right that ended) is taken off by a tick.
    unlisted = [one for one in there if one != actor and one not in offered.shown]
    offered = People([*unlisted, *offered.shown], offered.more)
    if asked and "find" not in request.POST:
        others = [person for person in offered.shown if str(person.pk) in chosen]
        name_inspectors(visit=found, others=others, by=actor, at=clock.now())
        return redirect("prevent:visit", found.pk)
    context = {"visit": found, "people": offered, "chosen": chosen, "who": typed(request, "who")}
    return render(request, "prevent/visit_people.html", context)


@require_safe
@login_required
def own(request: SignedIn) -> HttpResponse:
    """For whoever signs in for enterprises: what is open there, and the self-inspection."""
    at, firms_of = clock.now(), queries.own_enterprises(actor=request.user)
    context = {
        "at": at,
        "firms": [
            (firm, hazard_queries.open_of(actor=request.user, at=at, enterprise=firm))
            for firm in firms_of
        ],
    }
    return render(request, "prevent/own.html", context)


def _enterprise(request: SignedIn, enterprise_id: int, kind: str) -> Any:
    if kind == Visit.Kind.SELF:
        return queries.get_own_enterprise(actor=request.user, enterprise_id=enterprise_id)
    return firms.get_enterprise(
        actor=request.user, enterprise_id=enterprise_id, permission="prevent.inspect"
    )


@require_POST
@login_required
def answers(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """The checklist, all lines that were answered."""
    found = queries.get_visit(actor=request.user, visit_id=visit_id)
    replies = [
        services.Reply(line.entry.pk, result, typed(request, f"note-{line.entry.pk}")[:300])
        for line in queries.lines_of(found)
        if (result := request.POST.get(f"result-{line.entry.pk}", ""))
    ]
    services.answer_lines(visit=found, replies=replies, by=request.user, at=clock.now())
    return redirect("prevent:visit", visit_id)


@require_POST
@login_required
def found(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """A hazard found at a visit."""
    services.find_hazard(
        visit=queries.get_visit(actor=request.user, visit_id=visit_id),
        finding=Finding(
            what=typed(request, "what")[:500],
            grade=request.POST.get("grade", ""),
            basis=typed(request, "basis")[:300],
            due_on=day_or_none(request.POST.get("due_on", "")),
        ),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:visit", visit_id)


@require_POST
@login_required
def check(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """An earlier hazard, looked at on the spot."""
    services.check_again(
        visit=queries.get_visit(actor=request.user, visit_id=visit_id),
        hazard_id=whole(request.POST.get("hazard", "")) or 0,
        passed=request.POST.get("passed", "") == "yes",
        note=typed(request, "note")[:500],
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:visit", visit_id)


@require_POST
@login_required
def upload(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """A photo or signature from the desk."""
    found = queries.get_visit(actor=request.user, visit_id=visit_id)
    sent = request.FILES.get("file")
    if sent is None:
        raise BadInput("prevent.no_file_sent", _("Choose a file."))
    hazard_id = whole(request.POST.get("hazard", ""))
    visit_files.add_file(
        visit=found,
        data=sent.read(),
        name=sent.name or "",
        role=request.POST.get("role", ""),
        hazard=hazard_queries.get_hazard(actor=request.user, hazard_id=hazard_id)
        if hazard_id
        else None,
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:visit", visit_id)


@require_POST
@login_required
def finish(request: SignedIn, visit_id: UUID) -> HttpResponse:
    services.finish_visit(
        visit=queries.get_visit(actor=request.user, visit_id=visit_id),
        note=typed(request, "note"),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:visit", visit_id)


@require_POST
@login_required
def order(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """One order for all that a visit found and nobody has ordered yet."""
    services.order_from_visit(
        visit=queries.get_visit(actor=request.user, visit_id=visit_id),
        due_on=day_or_none(request.POST.get("due_on", "")),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:visit", visit_id)


@require_safe
@login_required
def file(request: SignedIn, visit_file_id: int) -> HttpResponseBase:
    kept = queries.get_file(actor=request.user, file_id=visit_file_id)
    return send_file(kept.path, kept.mime, kept.name)
