"""Third-party service: coverage by region, contracts, the visits under one and their quality."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.base.paging import sheet_of
from anlan.places.forms import region_asked

from ..forms.contracts import ContractForm, JudgeForm, ServeForm
from ..models import Contract, ServiceReview
from ..queries import contracts as queries
from ..queries import regions as tree
from ..queries.risks import get_enterprise
from ..services import contracts as services


@require_safe
@login_required
def coverage(request: SignedIn) -> HttpResponse:
    """How many small manufacturers are served, region by region."""
    at, actor = clock.now(), request.user
    parent, regions = tree.regions_below(
        actor=actor, permission=queries.VIEW, code=request.GET.get("region", "")
    )
    rows = queries.coverage_by_region(actor=actor, at=at, regions=regions, parent=parent)
    return render(request, "prevent/coverage.html", {"parent": parent, "rows": rows})


@require_safe
@login_required
def small(request: SignedIn) -> HttpResponse:
    """The small manufacturers behind a number of the coverage."""
    region = region_asked(request.GET, paths=request.user.regions_for(queries.VIEW))
    served = {"yes": True, "no": False}.get(request.GET.get("served", ""))
    found = queries.list_small(actor=request.user, at=clock.now(), region=region, served=served)
    sheet = sheet_of(found, request.GET.get("page"))
    context = {"sheet": sheet, "region": region, "served": served}
    return render(request, "prevent/small.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def contract_list(request: SignedIn) -> HttpResponse:
    """Running contracts, or those that are over; a new one is entered here."""
    at, actor = clock.now(), request.user
    form = ContractForm(request.POST or None, actor=actor)
    if form.is_valid():
        try:
            made = services.make_contract(**form.cleaned_data, by=actor, at=at)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:contract", made.pk)
    over = "over" in request.GET
    found = queries.list_contracts(actor=actor, at=at, over=over)
    context = {
        "sheet": sheet_of(found, request.GET.get("page")),
        "over": over,
        "form": form,
        "may_keep": actor.may_anywhere(services.KEEP),
    }
    status = 422 if form.errors else 200
    return render(request, "prevent/contracts.html", context, status=status)


@require_safe
@login_required
def contract(request: SignedIn, contract_id: int) -> HttpResponse:
    found = queries.get_contract(actor=request.user, contract_id=contract_id)
    return _contract(request, found)


@require_POST
@login_required
def serve(request: SignedIn, contract_id: int) -> HttpResponse:
    """Put enterprises under the contract."""
    found = queries.get_contract(actor=request.user, contract_id=contract_id)
    form = ServeForm(request.POST)
    if form.is_valid():
        try:
            services.serve(contract=found, codes=form.listed(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("prevent:contract", contract_id)
    return _contract(request, found, form=form)


@require_POST
@login_required
def drop(request: SignedIn, contract_id: int, enterprise_id: int) -> HttpResponse:
    found = queries.get_contract(actor=request.user, contract_id=contract_id)
    enterprise = get_enterprise(actor=request.user, enterprise_id=enterprise_id)
    services.drop(contract=found, enterprise=enterprise, by=request.user, at=clock.now())
    return redirect("prevent:contract", contract_id)


@require_POST
@login_required
def end(request: SignedIn, contract_id: int) -> HttpResponse:
    found = queries.get_contract(actor=request.user, contract_id=contract_id)
    why = request.POST.get("why", "")
    services.end_contract(contract=found, why=why, by=request.user, at=clock.now())
    return redirect("prevent:contract", contract_id)


@require_POST
@login_required
def judge(request: SignedIn, contract_id: int, visit_id: UUID) -> HttpResponse:
    """How good a visit was."""
    found = queries.get_contract(actor=request.user, contract_id=contract_id)
    visit = queries.get_visit(actor=request.user, contract=found, visit_id=visit_id)
    form = JudgeForm(request.POST)
    if form.is_valid():
        services.judge_visit(
            contract=found, visit=visit, **form.cleaned_data, by=request.user, at=clock.now()
        )
        return redirect("prevent:contract", contract_id)
    return _contract(request, found, judge_form=form)


def _contract(
    request: SignedIn,
    found: Contract,
    *,
    form: ServeForm | None = None,
    judge_form: JudgeForm | None = None,
) -> HttpResponse:
    at, actor = clock.now(), request.user
    visits = queries.visits_of(actor=actor, contract=found)
    context = {
        "contract": found,
        "served": queries.served_by(contract=found, at=at),
        "sheet": sheet_of(visits, request.GET.get("page"), size=30),
        "qualities": ServiceReview.Quality.choices,
        "form": form or ServeForm(),
        "judge_form": judge_form,
        "may_keep": found.ended_on is None and actor.may(services.KEEP, region=found.region),
        "may_judge": actor.may(services.JUDGE, region=found.region),
    }
    bad = (form and form.errors) or (judge_form and judge_form.errors)
    return render(request, "prevent/contract.html", context, status=422 if bad else 200)
