"""Dual prevention: by region, an enterprise's register, a risk point, the checks to be made."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked

from .. import grading
from ..forms.risks import ControlForm, GradeForm, MethodForm, PointForm
from ..models import Check, Enterprise, Grading, RiskPoint
from ..queries import regions as tree
from ..queries import risks as queries
from ..queries.risks import PointFilter
from ..services import controls, risks


@require_safe
@login_required
def overview(request: SignedIn) -> HttpResponse:
    """How dual prevention stands, region by region."""
    actor = request.user
    parent, regions = tree.regions_below(
        actor=actor, permission=queries.VIEW, code=request.GET.get("region", "")
    )
    context = {
        "parent": parent,
        "rows": queries.risks_by_region(
            actor=actor, at=clock.now(), regions=regions, parent=parent
        ),
        "grades": queries.GRADES,
    }
    return render(request, "prevent/risks.html", context)


@require_safe
@login_required
def point_list(request: SignedIn) -> HttpResponse:
    at, actor = clock.now(), request.user
    wanted = PointFilter(
        region=region_asked(request.GET, paths=actor.regions_for(queries.VIEW)),
        grade=_grade(request.GET.get("colour", "")),
        show=request.GET.get("show", ""),
        text=request.GET.get("q", "").strip(),
    )
    found = queries.find_points(actor=actor, at=at, wanted=wanted)
    context = {
        "wanted": wanted,
        "sheet": sheet_of(found, request.GET.get("page"), dress=queries.with_enterprises),
        "colours": Enterprise.Colour.choices,
        "today": timezone.localdate(at),
    }
    return render(request, "prevent/risk_points.html", context)


@require_safe
@login_required
def due_checks(request: SignedIn) -> HttpResponse:
    """What has to be checked: for an enterprise its own, for those above what is late."""
    at, actor = clock.now(), request.user
    region = region_asked(request.GET, paths=actor.regions_for(queries.VIEW))
    overdue = "overdue" in request.GET
    found = queries.list_due_checks(actor=actor, at=at, region=region, overdue=overdue)
    sheet = sheet_of(found, request.GET.get("page"))
    own_only = not actor.may_anywhere(queries.VIEW)
    context = {
        "sheet": sheet, "at": at, "overdue": overdue, "region": region, "own_only": own_only,
    }  # fmt: skip
    return render(request, "prevent/due_checks.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def register(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """An enterprise's register of risk points, with its floor plans; a new point is added here."""
    actor = request.user
    found = queries.get_enterprise(actor=actor, enterprise_id=enterprise_id)
    form = PointForm(request.POST or None)
    if form.is_valid():
        try:
            made = risks.add_point(enterprise=found, **form.cleaned_data, by=actor, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:risk_point", made.pk)
    areas = queries.areas_of(found)
    context = {
        "enterprise": found,
        "form": form,
        "areas": areas,
        "plans": queries.plans_of(found, areas),
        "points": queries.register_of(found),
        "method": queries.method_for(found),
        "today": timezone.localdate(clock.now()),
        "may_keep": queries.may_keep(actor, found),
    }
    status = 422 if form.errors else 200
    return render(request, "prevent/risk_register.html", context, status=status)


@require_safe
@login_required
def point(request: SignedIn, point_id: int) -> HttpResponse:
    found = queries.get_point(actor=request.user, point_id=point_id)
    return _point(request, found)


@require_POST
@login_required
def grade(request: SignedIn, point_id: int) -> HttpResponse:
    """Grade a point without or with its measures."""
    found = queries.get_point(actor=request.user, point_id=point_id)
    form = GradeForm(request.POST, method=queries.method_for(found.enterprise))
    if form.is_valid():
        try:
            risks.grade(
                point=found,
                stage=request.POST.get("stage", ""),
                values=form.values(),
                note=form.cleaned_data["note"],
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:risk_point", point_id)
    return _point(request, found, grade_form=form)


@require_POST
@login_required
def add_control(request: SignedIn, point_id: int) -> HttpResponse:
    found = queries.get_point(actor=request.user, point_id=point_id)
    form = ControlForm(request.POST)
    if form.is_valid():
        try:
            controls.add_control(point=found, **form.cleaned_data, by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:risk_point", point_id)
    return _point(request, found, control_form=form)


@require_POST
@login_required
def close(request: SignedIn, point_id: int) -> HttpResponse:
    found = queries.get_point(actor=request.user, point_id=point_id)
    why = request.POST.get("why", "")
    risks.close_point(point=found, why=why, by=request.user, at=clock.now())
    return redirect("prevent:risk_register", found.enterprise_id)


@require_POST
@login_required
def retire_control(request: SignedIn, control_id: int) -> HttpResponse:
    found = queries.get_control(actor=request.user, control_id=control_id)
    controls.retire_control(control=found, by=request.user, at=clock.now())
    return redirect("prevent:risk_point", found.point_id)


@require_POST
@login_required
def check(request: SignedIn, control_id: int) -> HttpResponse:
    """Write down that a control was looked at."""
    found = queries.get_control(actor=request.user, control_id=control_id)
    made = controls.check_control(
        control=found,
        result=request.POST.get("result", ""),
        note=request.POST.get("note", ""),
        by=request.user,
        at=clock.now(),
    )
    if made.hazard_id is None and request.POST.get("back") == "checks":
        return redirect("prevent:due_checks")
    return redirect("prevent:risk_point", found.point_id)


@require_http_methods(["GET", "POST"])
@login_required
def methods(request: SignedIn) -> HttpResponse:
    """By which method each kind of enterprise grades its risks, and the tables of both."""
    rules = queries.method_rules(actor=request.user)
    form = MethodForm(request.POST or None)
    if form.is_valid():
        try:
            risks.set_method(**form.arguments(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:risk_methods")
    context = {
        "rules": rules,
        "methods": list(grading.METHODS.values()),
        "form": form,
        "may_set": request.user.may_anywhere("prevent.standard"),
    }
    status = 422 if form.errors else 200
    return render(request, "prevent/risk_methods.html", context, status=status)


def _point(
    request: SignedIn,
    found: RiskPoint,
    *,
    grade_form: GradeForm | None = None,
    control_form: ControlForm | None = None,
) -> HttpResponse:
    at, actor = clock.now(), request.user
    method = queries.method_for(found.enterprise)
    shown = [form for form in (grade_form, control_form) if form and form.errors]
    context = {
        "point": found,
        "at": at,
        "method": method,
        "gradings": queries.gradings_of(found),
        "controls": queries.controls_of(found),
        "checks": queries.checks_of(found),
        "due_again": queries.due_for_grading(found, timezone.localdate(at)),
        "may_keep": found.closed_on is None and queries.may_keep(actor, found.enterprise),
        "stages": Grading.Stage.choices,
        "results": Check.Result.choices,
        "grade_form": grade_form or GradeForm(method=method),
        "control_form": control_form or ControlForm(),
    }
    return render(request, "prevent/risk_point.html", context, status=422 if shown else 200)


def _grade(text: str) -> int:
    return int(text) if text in {"1", "2", "3", "4"} else 0
