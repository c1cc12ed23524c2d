"""Enterprises: the list with its search, and each one's file."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of
from anlan.base.tables import clean
from anlan.places.forms import region_asked

from .. import sections
from ..forms.enterprises import EnterpriseForm
from ..models import Enterprise, Have
from ..queries import enterprises as queries
from ..queries.enterprises import Asked
from ..services import enterprises as services


@require_safe
@login_required
def enterprise_list(request: SignedIn) -> HttpResponse:
    asked = asked_of(request)
    found = queries.find_enterprises(actor=request.user, asked=asked)
    context = {
        "asked": asked,
        "sheet": sheet_of(found, request.GET.get("page"), dress=queries.with_places),
        "standards": queries.list_standards(),
        "colours": Enterprise.Colour.choices,
        "sizes": Enterprise.Size.choices,
        "states": Enterprise.State.choices,
        "haves": Have.What.choices,
        "may_manage": request.user.may_anywhere("prevent.manage"),
    }
    return render(request, "prevent/enterprises.html", context)


@require_safe
@login_required
def enterprise(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """One enterprise's whole file."""
    at, actor = clock.now(), request.user
    found = queries.get_to_read(actor=actor, enterprise_id=enterprise_id)
    own = queries.is_own(actor, found)
    context = {
        "enterprise": found,
        "own": own,
        "at": at,
        "industry": queries.industry_name(found.industry),
        "sections": sections.of_enterprise(actor=actor, enterprise=found, at=at),
        "changes": [] if own else queries.list_changes(enterprise=found),
        "states": Enterprise.State.choices,
        "colours": Enterprise.Colour.choices,
        "may_manage": actor.may("prevent.manage", region=found.site.region),
    }
    return render(request, "prevent/enterprise.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def make(request: SignedIn) -> HttpResponse:
    """A new file."""
    form = EnterpriseForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            made = services.make_enterprise(
                given=form.particulars(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:enterprise", made.pk)
    return _form(request, form, None)


@require_http_methods(["GET", "POST"])
@login_required
def change(request: SignedIn, enterprise_id: int) -> HttpResponse:
    """Change the particulars; refused where somebody else was quicker."""
    found = queries.get_enterprise(
        actor=request.user, enterprise_id=enterprise_id, permission="prevent.manage"
    )
    form = EnterpriseForm(request.POST or None, actor=request.user, enterprise=found)
    if form.is_valid():
        try:
            services.change_enterprise(
                enterprise=found,
                given=form.particulars(),
                seen_at=_version(request),
                by=request.user,
                at=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:enterprise", enterprise_id)
    return _form(request, form, found)


@require_POST
@login_required
def set_state(request: SignedIn, enterprise_id: int) -> HttpResponse:
    services.set_state(
        enterprise=queries.get_enterprise(
            actor=request.user, enterprise_id=enterprise_id, permission="prevent.manage"
        ),
        state=request.POST.get("state", ""),
        why=request.POST.get("why", ""),
        by=request.user,
        at=clock.now(),
    )
    return redirect("prevent:enterprise", enterprise_id)


def asked_of(request: SignedIn) -> Asked:
    """What the filters say; what makes no sense is left out."""
    values = request.GET
    return Asked(
        region=region_asked(values, paths=request.user.regions_for("prevent.view")),
        # Full-width digits as usual ones, and nothing that a database cannot hold.
        text=clean(values.get("q", ""))[: queries.LONGEST_SEARCH],
        standard=_number(values.get("standard", "")),
        colour=_number(values.get("colour", "")),
        size=clean(values.get("size", "")),
        state=clean(values.get("state", Enterprise.State.IN_BUSINESS)),
        industry=clean(values.get("industry", ""))[:5],
        gap=clean(values.get("gap", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _version(request: SignedIn) -> datetime | None:
    try:
        return parse_datetime(request.POST.get("seen_at", ""))
    except ValueError:
        return None


def _form(request: SignedIn, form: EnterpriseForm, found: Enterprise | None) -> HttpResponse:
    context = {"form": form, "enterprise": found, "industries": queries.list_industries(limit=2000)}
    return render(
        request, "prevent/enterprise_form.html", context, status=422 if form.errors else 200
    )
