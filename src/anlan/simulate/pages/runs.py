"""Forecasts and scenarios for people: the list, one run, asking for one, one's own places."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn, respond

from .. import queries
from ..hits import outlook
from ..models import Run
from ..runs import standing
from ..services import runs as services

PAGE_SIZE = 30
HITS_A_PAGE = 50


@require_safe
@login_required
def runs(request: SignedIn) -> HttpResponse:
    """How each area stands, and every run, the newest first."""
    asked = {name: request.GET.get(name, "") for name in ("area", "state", "kind")}
    found = standing.list_runs(actor=request.user, **asked)
    return respond(
        request,
        page="simulate/runs.html",
        fragment="simulate/_runs.html",
        context={
            "runs": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
            "asked": asked,
            "may_keep": request.user.may_anywhere("simulate.manage"),
            "outlooks": outlook.list_outlooks(actor=request.user, at=clock.now()),
            "states": Run.State.choices,
            "kinds": [choice for choice in Run.Kind.choices if choice[0] != Run.Kind.MEMBER],
        },
    )


@require_safe
@login_required
def run(request: SignedIn, run_id: int) -> HttpResponse:
    """One run: its pictures, what it hits, what went in, how it ended."""
    page = standing.get_page(actor=request.user, run_id=run_id)
    hits = Paginator(outlook.list_hits(actor=request.user, run=page.run), HITS_A_PAGE)
    found = {"page": page, "run": page.run, "hits": hits.get_page(request.GET.get("hits"))}
    return render(request, "simulate/run.html", found)


@require_safe
@login_required
def mine(request: SignedIn) -> HttpResponse:
    """Which of the reader's places will be under water, and when. Made for a phone."""
    outlooks = outlook.list_outlooks(actor=request.user, at=clock.now())
    return render(request, "simulate/mine.html", {"outlooks": outlooks})


@require_POST
@login_required
def ask(request: SignedIn, area_id: int) -> HttpResponse:
    """A forecast from now on, without waiting for the clock."""
    area = queries.get_area(actor=request.user, area_id=area_id)
    asked = services.request_run(
        area=area, reason=str(request.user), by=request.user, at=clock.now()
    )
    return redirect("simulate:run", asked.pk)


@require_POST
@login_required
def cancel(request: SignedIn, run_id: int) -> HttpResponse:
    found = queries.get_run(actor=request.user, run_id=run_id)
    services.cancel_run(run=found, by=request.user, at=clock.now())
    return redirect("simulate:run", run_id)
