"""Import committees, units and duties from a list in Excel."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.people.staff_pages import workbook_response
from anlan.places.queries import get_upload
from anlan.places.services import drop_upload, keep_upload

from .pages import file_of, region_of
from .services import lists


@require_http_methods(["GET", "POST"])
@login_required
def import_list(request: SignedIn) -> HttpResponse:
    """Hand in a list, look at what it would change."""
    context: dict[str, object] = {
        "region": region_of(request, "govern.manage"),
        "columns": lists.COLUMNS,
    }
    if request.method == "POST":
        name, content = file_of(request)
        context["plan"] = lists.plan_duties(content=content, by=request.user, at=clock.now())
        context["upload"] = keep_upload(
            purpose="duties", name=name, content=content, by=request.user, at=timezone.now()
        )
    return render(request, "govern/import.html", context)


@require_POST
@login_required
def confirm(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = get_upload(pk=upload_id, owner_id=request.user.pk, purpose="duties")
    plan = lists.import_duties(content=bytes(upload.content), by=request.user, at=clock.now())
    drop_upload(upload=upload)
    context = {"region": region_of(request, "govern.manage"), "plan": plan, "done": True}
    return render(request, "govern/import.html", context | {"columns": lists.COLUMNS})


@require_safe
@login_required
def errors(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = get_upload(pk=upload_id, owner_id=request.user.pk, purpose="duties")
    plan = lists.plan_duties(content=bytes(upload.content), by=request.user, at=clock.now())
    return workbook_response(lists.error_list(plan), _("duties-errors"))


@require_safe
@login_required
def template(request: SignedIn) -> HttpResponse:
    region_of(request, "govern.manage")
    return workbook_response(lists.empty_list(), _("duties-list"))
