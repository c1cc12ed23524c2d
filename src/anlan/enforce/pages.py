"""Pages of cases: the list and one case."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn, respond
from anlan.places.forms import region_asked

from . import queries
from .stages import Stage

PAGE_SIZE = 50


@require_safe
@login_required
def case_list(request: SignedIn) -> HttpResponse:
    """Cases by stage, region and what is late."""
    at, actor, asked = clock.now(), request.user, request.GET
    wanted = queries.Filter(
        stage=request.GET.get("stage", "open"),
        region=region_asked(asked, paths=actor.regions_for(queries.VIEW)),
        overdue=bool(request.GET.get("overdue")),
        mine=bool(request.GET.get("mine")),
        text=request.GET.get("q", "").strip(),
    )
    found = queries.list_cases(actor=actor, at=at, wanted=wanted)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.with_next_term(page),
        "wanted": wanted,
        "stages": Stage.choices,
        "at": at,
        "may_handle": actor.may_anywhere("enforce.handle"),
    }
    return respond(
        request, page="enforce/cases.html", fragment="enforce/_case_rows.html", context=context
    )


@require_safe
@login_required
def case(request: SignedIn, case_id: int) -> HttpResponse:
    """One case: where it stands, what runs, what was done."""
    found = queries.get_case(actor=request.user, case_id=case_id)
    at = clock.now()
    context = {
        "case": found,
        "party": found.party,
        "terms": queries.terms_of(case=found, at=at),
        "steps": queries.steps_of(case=found),
        "papers": queries.papers_of(case=found),
        "officers": queries.officers_of(case=found),
    }
    return render(request, "enforce/case.html", context)


@require_safe
@login_required
def of_item(request: SignedIn, item_id: int) -> HttpResponse:
    """A duty's or approval's own page is its case's."""
    found = queries.case_of_item(actor=request.user, item_id=item_id)
    return redirect("enforce:case", found.pk)
