"""The ladder: what it proposes, one proposal with its facts, and the rules themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.days import last_day
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from . import forms, queries
from .models import Letter, Proposal, Rung
from .pages import ANSWER_IN, PAGE_SIZE, crumbs_of, refused, region_of, words
from .services import ladders as service
from .services.letters import WORDS


@require_safe
@login_required
def proposals(request: SignedIn) -> HttpResponse:
    """What waits for a decision, or what was decided."""
    region, decided = region_of(request), "decided" in request.GET
    found = queries.list_proposals(actor=request.user, region=region, decided=decided)
    waiting = queries.count_proposals(actor=request.user, region=region)
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "decided": decided,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "counts": [(label, waiting.get(code, 0)) for code, label in Rung.choices],
        "ladder": queries.ladder_in_force(localdate(clock.now())),
    }
    return render(request, "oversee/proposals.html", context)


@require_safe
@login_required
def proposal(request: SignedIn, proposal_id: int) -> HttpResponse:
    return _page(request, queries.get_proposal(actor=request.user, proposal_id=proposal_id))


def _page(request: SignedIn, shown: Proposal, status: int = 200, **more: Any) -> HttpResponse:
    region = shown.item.region
    waits = shown.state == Proposal.State.PROPOSED
    needed = ["oversee.issue"] + ["oversee.sanction"] * (shown.rung == Rung.SANCTION)
    may_decide = waits and all(request.user.may(p, region=region) for p in needed)
    context = {
        "proposal": shown,
        "at": clock.now(),
        "facts": shown.evidence,
        "was_due": last_day(datetime.fromisoformat(shown.evidence["due_at"])),
        "climb": queries.climb_of(shown.item),
        "may_decide": may_decide,
        "form": _form(request, shown) if may_decide else None,
    }
    return render(request, "oversee/proposal.html", context | more, status=status)


def _form(request: SignedIn, shown: Proposal, data: Any = None) -> forms.LetterForm:
    """The letter of the step, begun from the facts."""
    item = shown.item
    # What the task is and when it was due is printed above it.
    text = _(
        "It is %(n)d working days over. Have it done without delay and say why it is late."
    ) % {"n": shown.evidence["working_days_over"]}
    start = {
        "title": f"关于{item.title[:100]}的{WORDS[Letter.Kind(shown.rung)]}",  # as offices title it
        "text": text,
        "post": item.post_id,
        "to": queries.office_for(item),
        "reply_by": localdate(clock.now()) + ANSWER_IN,
    }
    return forms.LetterForm(
        data, actor=request.user, region=item.region, rung=shown.rung, initial=start
    )


@require_POST
@login_required
def confirm(request: SignedIn, proposal_id: int) -> HttpResponse:
    """Confirm the step and send its letter."""
    shown = queries.get_proposal(actor=request.user, proposal_id=proposal_id)
    form = _form(request, shown, request.POST)
    if form.is_valid():
        try:
            made = service.confirm(
                proposal=shown, letter=form.letter(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:letter", made.pk)
    return _page(request, shown, 422, form=form)


@require_POST
@login_required
def drop(request: SignedIn, proposal_id: int) -> HttpResponse:
    shown = queries.get_proposal(actor=request.user, proposal_id=proposal_id)
    service.drop(proposal=shown, reason=words(request, "reason"), by=request.user, at=clock.now())
    return redirect("oversee:proposals")


@require_http_methods(["GET", "POST"])
@login_required
def ladder(request: SignedIn) -> HttpResponse:
    """The ladder's versions; the form of the next one for who may write it."""
    region = region_of(request)
    writes = request.user.may_anywhere("oversee.ladder")
    start = {"since": localdate(clock.now()) + timedelta(days=1)}
    form = forms.LadderForm(request.POST or None, initial=start) if writes else None
    if form is not None and form.is_valid():
        try:
            service.write_ladder(**form.arguments(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("oversee:ladder")
    context = {"region": region, "ladders": queries.list_ladders(), "form": form}
    status = 422 if form is not None and form.errors else 200
    return render(request, "oversee/ladder.html", context, status=status)
