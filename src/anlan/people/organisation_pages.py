"""Organisations: the list, a new one, one with its name and the prefix of its papers' numbers."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from . import queries
from .forms import OrganisationForm
from .pages import region_of
from .services import accounts as service


@require_safe
@login_required
def organisations(request: SignedIn) -> HttpResponse:
    """Those in the regions where the reader manages people."""
    region = region_of(request, "people.manage")
    text = request.GET.get("q", "").replace("\x00", "").strip()
    found = queries.list_organisations(actor=request.user, text=text)
    context = {
        "region": region,
        "text": text,
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
    }
    return render(request, "people/organisations.html", context)


@require_POST
@login_required
def create(request: SignedIn) -> HttpResponse:
    service.create_organisation(
        code=request.POST.get("code", ""),
        name=request.POST.get("name", ""),
        short=request.POST.get("short", ""),
        region=region_of(request, "people.manage"),
        by=request.user,
        at=clock.now(),
    )
    return redirect("people:accounts")


@require_http_methods(["GET", "POST"])
@login_required
def organisation(request: SignedIn, organisation_id: int) -> HttpResponse:
    """One organisation; its name and prefix can be changed."""
    region = region_of(request, "people.manage")
    found = queries.get_organisation(actor=request.user, pk=organisation_id)
    form = OrganisationForm(
        request.POST or None, initial={"name": found.name, "short": found.short}
    )
    if form.is_valid():
        try:
            service.change_organisation(
                organisation=found, **form.cleaned_data, by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("people:organisation", found.pk)
    context = {"region": region, "organisation": found, "form": form}
    return render(request, "people/organisation.html", context, status=422 if form.errors else 200)
