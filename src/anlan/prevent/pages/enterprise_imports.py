"""Lists of enterprises from Excel: handed in, looked at, taken in; and the list as a workbook."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base.pages import SignedIn, respond
from anlan.base.tables import Column
from anlan.people.staff_pages import workbook_response
from anlan.places.forms import region_asked
from anlan.places.pages import file_of, paths_for

from ..models import ListImport
from ..queries import imports as queries
from ..queries.exports import export_enterprises
from ..services import contract_lists, imports
from ..services.enterprise_lists import empty_list
from ..services.list_cells import COLUMNS
from .enterprises import asked_of


@require_http_methods(["GET", "POST"])
@login_required
def import_list(request: SignedIn) -> HttpResponse:
    """Hand in a list; it is checked in the background."""
    paths = paths_for(request, "prevent.manage")
    if request.method == "POST":
        content, name = file_of(request)
        region = region_asked(request.POST, paths=paths)
        row = imports.hand_in(
            name=name, content=content, region=region, by=request.user, at=timezone.now()
        )
        return redirect("prevent:import", row.pk)
    recent = queries.list_imports(actor=request.user, of=ListImport.Of.ENTERPRISES)
    context = {"columns": COLUMNS, "recent": recent}
    return render(request, "prevent/import_enterprises.html", context)


@require_safe
@login_required
def import_state(request: SignedIn, import_id: str) -> HttpResponse:
    """Where it stands; the page asks again by itself while something is being done."""
    row = queries.get_import(actor=request.user, import_id=import_id)
    return respond(
        request,
        page="prevent/import.html",
        fragment="prevent/_import.html",
        context={"row": row, "labels": {c.name: c.headers[0] for c in _columns(row)}},
    )


def _columns(row: ListImport) -> Sequence[Column]:
    return contract_lists.COLUMNS if row.of == ListImport.Of.CONTRACTS else COLUMNS


@require_POST
@login_required
def import_confirm(request: SignedIn, import_id: str) -> HttpResponse:
    row = queries.get_import(actor=request.user, import_id=import_id)
    imports.confirm(row=row, by=request.user, at=timezone.now())
    return redirect("prevent:import", import_id)


@require_safe
@login_required
def import_errors(request: SignedIn, import_id: str) -> HttpResponse:
    row = queries.get_import(actor=request.user, import_id=import_id)
    of_contracts = row.of == ListImport.Of.CONTRACTS
    name = _("contract-errors") if of_contracts else _("enterprise-errors")
    return workbook_response(bytes(row.errors), name)


@require_safe
@login_required
def import_template(request: SignedIn) -> HttpResponse:
    paths_for(request, "prevent.manage")
    return workbook_response(empty_list(), _("enterprise-list"))


@require_safe
@login_required
def export(request: SignedIn) -> HttpResponse:
    """The list as it is narrowed on screen."""
    content = export_enterprises(actor=request.user, asked=asked_of(request))
    return workbook_response(content, _("enterprises"))


@require_http_methods(["GET", "POST"])
@login_required
def import_contracts(request: SignedIn) -> HttpResponse:
    """Hand in a list of service contracts; it goes the same way."""
    paths, of = paths_for(request, "prevent.manage"), ListImport.Of.CONTRACTS
    if request.method == "POST":
        content, name = file_of(request)
        region = region_asked(request.POST, paths=paths)
        row = imports.hand_in(
            name=name, content=content, region=region, of=of, by=request.user, at=timezone.now()
        )
        return redirect("prevent:import", row.pk)
    recent = queries.list_imports(actor=request.user, of=of)
    context = {"columns": contract_lists.COLUMNS, "recent": recent}
    return render(request, "prevent/import_contracts.html", context)


@require_safe
@login_required
def contract_template(request: SignedIn) -> HttpResponse:
    paths_for(request, "prevent.manage")
    return workbook_response(contract_lists.empty_list(), _("contract-list"))
