"""Accounts, grants and lists of people, for whoever manages people."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput
from anlan.base.numbers import whole
from anlan.base.pages import SignedIn
from anlan.places.queries import get_upload
from anlan.places.services import drop_upload, keep_upload

from . import permissions, queries
from .masking import mask
from .pages import region_of
from .services import accounts as service
from .services import grants as grant_service
from .services import lists

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def accounts(request: SignedIn) -> HttpResponse:
    region = region_of(request, "people.manage")
    text = request.GET.get("q", "").strip()
    found = queries.list_accounts(actor=request.user, permission="people.manage", text=text)
    context = {
        "region": region,
        "text": text,
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "organisations": queries.list_organisations(actor=request.user)[:500],
    }
    return render(request, "people/accounts.html", context)


@require_POST
@login_required
def create(request: SignedIn) -> HttpResponse:
    given = whole(request.POST.get("organisation"))
    if given is None:
        raise BadInput("people.no_organisation", _("Choose an organisation."))
    made, password = service.create_account(
        username=request.POST.get("username", "").strip(),
        name=request.POST.get("name", "").strip(),
        phone=request.POST.get("phone", "").strip(),
        organisation=queries.get_organisation(actor=request.user, pk=given),
        by=request.user,
        at=clock.now(),
    )
    return render(request, "people/first_password.html", {"account": made, "password": password})


@require_safe
@login_required
def person(request: SignedIn, account_id: int) -> HttpResponse:
    found = queries.get_account(actor=request.user, pk=account_id, permission="people.manage")
    context = {
        "person": found,
        "region": region_of(request, "people.manage"),
        "phone": mask(found.phone),
        "holdings": queries.list_held(account=found),
        "grants": queries.list_grants(actor=request.user, account=found),
        "permissions": [
            (code, label)
            for code, label in sorted(permissions.registered().items())
            if request.user.may_anywhere(code)
        ],
        "may_call": request.user.may_anywhere("people.unmask"),
    }
    return render(request, "people/person.html", context)


@require_POST
@login_required
def first_password(request: SignedIn, account_id: int) -> HttpResponse:
    found = queries.get_account(actor=request.user, pk=account_id, permission="people.manage")
    password = service.issue_first_password(account=found, by=request.user, at=clock.now())
    return render(request, "people/first_password.html", {"account": found, "password": password})


@require_POST
@login_required
def close(request: SignedIn, account_id: int) -> HttpResponse:
    found = queries.get_account(actor=request.user, pk=account_id, permission="people.manage")
    service.close_account(account=found, by=request.user, at=clock.now())
    return redirect("people:accounts")


@require_safe
@login_required
def grants(request: SignedIn) -> HttpResponse:
    region = region_of(request, "people.manage")
    found = queries.list_grants(actor=request.user)
    page = Paginator(found, 100).get_page(request.GET.get("page"))
    return render(request, "people/grants.html", {"region": region, "page": page})


@require_POST
@login_required
def grant(request: SignedIn, account_id: int) -> HttpResponse:
    found = queries.get_account(actor=request.user, pk=account_id, permission="people.manage")
    if not (request.POST.get("region") or request.POST.get("region-text")):
        raise BadInput("people.no_region", _("Choose the region of the grant."))
    grant_service.grant(
        account=found,
        permission=request.POST.get("permission", ""),
        region=region_of(request, "people.manage"),
        by=request.user,
        at=clock.now(),
    )
    return redirect("people:person", account_id)


@require_POST
@login_required
def revoke(request: SignedIn, grant_id: int) -> HttpResponse:
    row = queries.get_grant(actor=request.user, pk=grant_id)
    account_id = row.account_id
    grant_service.revoke(row=row, by=request.user, at=clock.now())
    return redirect("people:person", account_id)


@require_http_methods(["GET", "POST"])
@login_required
def import_list(request: SignedIn) -> HttpResponse:
    """Hand in a list, look at what it would add."""
    region = region_of(request, "people.manage")
    if request.method == "GET":
        return render(request, "people/import.html", {"region": region, "columns": lists.COLUMNS})
    file = request.FILES.get("file")
    if file is None:
        raise BadInput("people.no_file", _("Choose a file."))
    content = file.read()
    plan = lists.plan_people(content=content, by=request.user, at=clock.now())
    upload = keep_upload(
        purpose="people", name=str(file.name), content=content, by=request.user, at=timezone.now()
    )
    context = {"region": region, "plan": plan, "upload": upload, "columns": lists.COLUMNS}
    return render(request, "people/import.html", context)


@require_POST
@login_required
def import_confirm(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = get_upload(pk=upload_id, owner_id=request.user.pk, purpose="people")
    plan = lists.import_people(content=bytes(upload.content), by=request.user, at=clock.now())
    drop_upload(upload=upload)
    context = {"region": region_of(request, "people.manage"), "plan": plan, "done": True}
    return render(request, "people/import.html", context | {"columns": lists.COLUMNS})


@require_safe
@login_required
def import_errors(request: SignedIn, upload_id: str) -> HttpResponse:
    upload = get_upload(pk=upload_id, owner_id=request.user.pk, purpose="people")
    plan = lists.plan_people(content=bytes(upload.content), by=request.user, at=clock.now())
    return workbook_response(lists.error_list(plan), _("people-errors"))


@require_safe
@login_required
def import_template(request: SignedIn) -> HttpResponse:
    region_of(request, "people.manage")
    return workbook_response(lists.empty_list(), _("people-list"))


def workbook_response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or ""
    return response
