"""Meetings: the list, recording one, its minutes and resolutions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn

from . import forms, queries
from .models import Meeting
from .pages import SHOWN, crumbs_of, refused, region_of, year_of
from .services import meetings as service


@require_safe
@login_required
def meetings(request: SignedIn) -> HttpResponse:
    """Meetings of a year at and below a region."""
    region, year = region_of(request), year_of(request.GET)
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "year": year,
        "years": [year - 1, year, year + 1],
        "meetings": queries.list_meetings(actor=request.user, region=region, year=year)[:SHOWN],
    }
    return render(request, "govern/meetings.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def record(request: SignedIn, committee_id: int) -> HttpResponse:
    """Write a meeting down."""
    committee = queries.get_committee(actor=request.user, committee_id=committee_id)
    at = clock.now()
    request.user.require("govern.manage", region=committee.region)
    form = forms.MeetingForm(
        request.POST or None,
        committee=committee,
        today=localdate(at),
        initial={"held_on": localdate(at)},
    )
    if form.is_valid():
        try:
            made = service.record_meeting(
                committee=committee, **form.arguments(), by=request.user, at=at
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("govern:meeting", made.pk)
    status = 422 if form.errors else 200
    context = {"committee": committee, "form": form}
    return render(request, "govern/record.html", context, status=status)


@require_safe
@login_required
def meeting(request: SignedIn, meeting_id: int) -> HttpResponse:
    return _page(request, queries.get_meeting(actor=request.user, meeting_id=meeting_id))


def _page(request: SignedIn, shown: Meeting, status: int = 200, **more: Any) -> HttpResponse:
    manages = request.user.may("govern.manage", region=shown.committee.region)
    context = {
        "meeting": shown,
        "attendances": queries.attendances_of(shown),
        "resolutions": queries.resolutions_of(shown),
        "form": forms.ResolutionForm(meeting=shown) if manages else None,
    }
    return render(request, "govern/meeting.html", context | more, status=status)


@require_POST
@login_required
def resolve(request: SignedIn, meeting_id: int) -> HttpResponse:
    """Hand out what was resolved."""
    shown = queries.get_meeting(actor=request.user, meeting_id=meeting_id)
    form = forms.ResolutionForm(request.POST, meeting=shown)
    if form.is_valid():
        try:
            service.add_resolution(meeting=shown, **form.chosen(), by=request.user, at=clock.now())
        except Refusal as refusal:
            manages = request.user.may("govern.manage", region=shown.committee.region)
            refused(form, refusal, shown=manages)
        else:
            return redirect("govern:meeting", shown.pk)
    return _page(request, shown, 422, form=form)
