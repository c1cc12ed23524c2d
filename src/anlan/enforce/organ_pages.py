"""Pages for who keeps organs, certificates and the discretion table."""

from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.base.tables import error_workbook, read
from anlan.places.forms import RegionField

from . import queries
from .organ_forms import CertificateForm, DiscretionForm, OrganForm
from .services import organs as services

MANAGE = "enforce.manage"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def organs(request: SignedIn) -> HttpResponse:
    return _organs(request)


@require_POST
@login_required
def save_organ(request: SignedIn) -> HttpResponse:
    form = _organ_form(request, request.POST)
    if form.is_valid():
        try:
            services.save_organ(**form.cleaned_data, by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:organs")
    return _organs(request, organ_form=form)


F = TypeVar("F", OrganForm, DiscretionForm)


def _in_own_regions(form: F, request: SignedIn) -> F:
    region = form.fields["region"]
    assert isinstance(region, RegionField)
    region.paths = request.user.regions_for(MANAGE)
    return form


def _organ_form(request: SignedIn, data: object = None) -> OrganForm:
    return _in_own_regions(OrganForm(data), request)  # type: ignore[arg-type]


def _organs(request: SignedIn, **forms: object) -> HttpResponse:
    actor = request.user
    found = queries.list_organs(actor=actor)
    context = {
        "organs": [(organ, queries.certificates_of(organ=organ)) for organ in found[:50]],
        "tables": queries.list_tables(),
        "may_manage": actor.may_anywhere(MANAGE),
        "organ_form": _organ_form(request),
        "certificate_form": CertificateForm(),
        "discretion_form": _in_own_regions(
            DiscretionForm(initial={"region": queries.widest_managed(actor=actor)}), request
        ),
        "today": timezone.localdate(clock.now()),
        **forms,
    }
    return render(request, "enforce/organs.html", context, status=422 if forms else 200)


@require_POST
@login_required
def add_certificate(request: SignedIn, organ_id: int) -> HttpResponse:
    organ = queries.get_organ(actor=request.user, organ_id=organ_id)
    form = CertificateForm(request.POST)
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            account = queries.officer_called(
                actor=request.user, username=data.pop("username"), organ=organ
            )
            services.add_certificate(
                organ=organ, account=account, **data, by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:organs")
    return _organs(request, certificate_form=form)


@require_POST
@login_required
def revoke_certificate(request: SignedIn, certificate_id: int) -> HttpResponse:
    found = queries.get_certificate(actor=request.user, certificate_id=certificate_id)
    at = clock.now()
    services.revoke_certificate(
        certificate=found, on=timezone.localdate(at), by=request.user, at=at
    )
    return redirect("enforce:organs")


@require_POST
@login_required
def load_discretion(request: SignedIn) -> HttpResponse:
    """A table from Excel: every bad cell comes back marked, or all of it is taken."""
    form = _in_own_regions(DiscretionForm(request.POST, request.FILES), request)
    if not form.is_valid():
        return _organs(request, discretion_form=form)
    data = dict(form.cleaned_data)
    content = data.pop("file").read()
    try:
        rows, problems = services.read_discretion(content)
        if problems:
            lines = read(content, services.COLUMNS)
            book = error_workbook(services.COLUMNS, lines, problems)
            response = HttpResponse(book, content_type=XLSX, status=422)
            response["Content-Disposition"] = "attachment; filename=errors.xlsx"
            return response
        services.load_discretion(**data, rows=rows, by=request.user, at=clock.now())
    except Refusal as refusal:
        form.add_error(None, f"{refusal.message} {refusal.hint}")
        return _organs(request, discretion_form=form)
    return redirect("enforce:organs")


@require_http_methods(["GET"])
@login_required
def discretion(request: SignedIn, table_id: int) -> HttpResponse:
    """The lines of an edition of the discretion table."""
    table = queries.get_table(table_id=table_id)
    return render(
        request, "enforce/discretion.html", {"table": table, "rows": queries.lines_of(table)}
    )
