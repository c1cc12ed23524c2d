"""Pages of cases: the list, one case, what can be done in it."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from anlan.base import clock
from anlan.base.errors import NotFound, Refusal
from anlan.base.pages import SignedIn, respond
from anlan.people.models import Account
from anlan.places.forms import region_asked
from anlan.work import beside, further

from . import acts, queries
from .fields import parse_day
from .file_check import check_file
from .known import Known
from .models import Case
from .money_view import money_of
from .services import cases, findings
from .stages import Stage, label
from .starting import Start, from_hazard, from_visit
from .starting_forms import NewCaseForm, SpotForm

PAGE_SIZE = 50


@require_safe
@login_required
def case_list(request: SignedIn) -> HttpResponse:
    """Cases by stage, region and what is late."""
    at, actor = clock.now(), request.user
    wanted = queries.Filter(
        stage=request.GET.get("stage", "open"),
        region=region_asked(request.GET, paths=actor.regions_for(queries.VIEW)),
        overdue=bool(request.GET.get("overdue")),
        mine=bool(request.GET.get("mine")),
        text=request.GET.get("q", "").replace("\x00", "").strip(),
        decided_from=parse_day(request.GET.get("decided_from")),
        decided_to=parse_day(request.GET.get("decided_to")),
        filed_from=parse_day(request.GET.get("filed_from")),
        filed_to=parse_day(request.GET.get("filed_to")),
        large=bool(request.GET.get("large")),
        on_spot=bool(request.GET.get("on_spot")),
    )
    found = queries.list_cases(actor=actor, at=at, wanted=wanted)
    page = Paginator(queries.ids_of(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.with_next_term(queries.cases_of(page)),
        "wanted": wanted,
        "stages": Stage.choices,
        "at": at,
        "may_handle": actor.may_anywhere("enforce.handle"),
        "may_manage": actor.may_anywhere("enforce.manage"),
    }
    return respond(
        request, page="enforce/cases.html", fragment="enforce/_case_rows.html", context=context
    )


@require_safe
@login_required
def case(request: SignedIn, case_id: int) -> HttpResponse:
    """One case: where it stands, what runs, what was done, what can be done."""
    found = queries.get_case(actor=request.user, case_id=case_id)
    at = clock.now()
    known = Known(found, request.user, at)
    duty = queries.next_duty(actor=request.user, case=found)
    context = {
        "case": found,
        "party": found.party,
        "at": at,
        "terms": queries.terms_of(case=found, at=at),
        "steps": [(step, label(step.move)) for step in queries.steps_of(case=found)],
        "papers": queries.papers_of(case=found),
        "officers": queries.officers_of(case=found),
        "evidence": queries.evidence_of(case=found),
        "approvals": queries.approvals_of(case=found),
        "referral": queries.referral_of(case=found),
        "group": queries.group_of(case=found),
        "publication": getattr(found, "publication", None),
        "money": money_of(case=found, at=at),
        "checks": check_file(found),
        "beside": beside.panels(
            actor=request.user, items=queries.items_of(case=found), but=queries.cases_about
        ),
        "further": further.links(actor=request.user, region=found.region, about=duty),
        "acts": acts.open_to(known),
        "later": acts.later(known),
        "to_serve": known.to_serve,
    }
    return render(request, "enforce/case.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def act(request: SignedIn, case_id: int, act: str) -> HttpResponse:
    """One thing to do in a case: its form, and what comes of it."""
    at, actor = clock.now(), request.user
    found = queries.get_case(actor=actor, case_id=case_id)
    wanted = acts.get(act)
    if wanted is None or not wanted.is_open(found, actor, at):
        return _not_now(request, found, wanted.form.texts(request.POST) if wanted else ())
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = wanted.form(data, files, case=found, actor=actor, at=at)
    if form.is_valid():
        try:
            wanted.do(found, form, actor, at)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:case", found.pk)
    context = {"case": found, "act": wanted, "form": form}
    status = 422 if form.errors else 200
    return render(request, "enforce/act.html", context, status=status)


def _not_now(request: SignedIn, case: Case, typed: Sequence[tuple[Any, str]] = ()) -> HttpResponse:
    refusal = NotFound(
        "enforce.not_now",
        _("This cannot be done in the case now, or not by you."),
        hint=_("Reload the page to see where it stands."),
    )
    context = {"case": case, "refusal": refusal, "typed": typed}
    return render(request, "enforce/not_now.html", context, status=404)


@require_http_methods(["GET", "POST"])
@login_required
def new_case(request: SignedIn) -> HttpResponse:
    """Ask for a case to be filed, from a visit, a hazard or on other grounds."""
    at, actor = clock.now(), request.user
    start = _start(request, actor)
    form = NewCaseForm(request.POST or None, actor=actor, at=at, initial=start.initial)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = cases.propose_case(
                organ=form.chosen_organ(),
                region=data["region"],
                party=cases.PartyText(**form.party_columns(), enterprise=start.enterprise),
                cause=data["cause"],
                source=data["source"],
                summary=data["summary"],
                offended_on=data["offended_on"],
                certificates=form.officers(),
                visit=start.visit,
                hazard=start.hazard,
                by=actor,
                at=at,
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:case", made.pk)
    status = 422 if form.errors else 200
    return render(request, "enforce/new.html", {"form": form, "start": start}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def on_the_spot(request: SignedIn) -> HttpResponse:
    """Decide on the spot."""
    at, actor = clock.now(), request.user
    start = _start(request, actor)
    form = SpotForm(request.POST or None, actor=actor, at=at, initial=start.initial)
    if form.is_valid():
        data = form.cleaned_data
        names = ("facts", "proof", "violated", "basis", "fine", "besides", "offended_on")
        try:
            made = cases.decide_on_spot(
                organ=form.chosen_organ(),
                region=data["region"],
                party=cases.PartyText(**form.party_columns(), enterprise=start.enterprise),
                cause=data["cause"],
                finding=findings.Finding(**{name: data[name] for name in names}),
                certificates=form.officers(),
                receiver=data["receiver"],
                visit=start.visit,
                by=actor,
                at=at,
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("enforce:case", made.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "start": start, "spot": True}
    return render(request, "enforce/new.html", context, status=status)


def _start(request: HttpRequest, actor: Account) -> Start:
    visit, hazard = request.GET.get("visit", ""), request.GET.get("hazard", "")
    if visit:
        return from_visit(actor=actor, visit_id=visit)
    return from_hazard(actor=actor, hazard_id=hazard)


@require_safe
@login_required
def of_item(request: SignedIn, item_id: int) -> HttpResponse:
    """A duty's or approval's own page is its case's."""
    found = queries.case_of_item(actor=request.user, item_id=item_id)
    return redirect("enforce:case", found.pk)
