"""Floor plans: the picture, and outlining areas on it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.pages import SignedIn
from anlan.work import files
from anlan.work.pages import send_file

from ..queries import risks as queries
from ..services import floor_plans as services


@require_POST
@login_required
def upload(request: SignedIn, enterprise_id: int) -> HttpResponse:
    found = queries.get_enterprise(actor=request.user, enterprise_id=enterprise_id)
    sent = request.FILES.get("file")
    if sent is None or sent.size is None:
        raise BadInput("prevent.no_file", _("Choose a picture first."))
    files.check_length(str(sent.size))
    plan = services.upload_plan(
        enterprise=found,
        name=request.POST.get("name", ""),
        data=sent.read(),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:floor_plan", plan.pk)


@require_safe
@login_required
def plan(request: SignedIn, floor_plan_id: int) -> HttpResponse:
    """The plan with its areas in their colours; who keeps the register outlines them here."""
    found = queries.get_floor_plan(actor=request.user, plan_id=floor_plan_id)
    areas = queries.areas_of(found.enterprise)
    context = {
        "plan": found,
        "view": queries.plan_view(found, areas),
        "areas": areas,
        "may_keep": found.retired_at is None and queries.may_keep(request.user, found.enterprise),
    }
    return render(request, "prevent/floor_plan.html", context)


@require_POST
@login_required
def outline(request: SignedIn, floor_plan_id: int) -> HttpResponse:
    found = queries.get_floor_plan(actor=request.user, plan_id=floor_plan_id)
    named = request.POST.get("plan_area", "")
    area_id = int(named) if named.isascii() and named.isdecimal() and len(named) < 16 else 0
    services.outline_area(
        area=queries.get_area(actor=request.user, area_id=area_id),
        plan=found,
        corners=request.POST.get("corners", ""),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:floor_plan", floor_plan_id)


@require_safe
@login_required
def picture(request: SignedIn, floor_plan_id: int) -> HttpResponseBase:
    found = queries.get_floor_plan(actor=request.user, plan_id=floor_plan_id)
    return send_file(found.path, found.mime, found.name)
