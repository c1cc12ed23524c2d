"""Year lists and their lines."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, Refusal
from anlan.base.pages import SignedIn
from anlan.work.led import led_below

from . import forms, queries
from .models import Entry, YearList
from .pages import SHOWN, crumbs_of, refused, region_of, year_of
from .services import year_lists as service


@require_safe
@login_required
def lists(request: SignedIn) -> HttpResponse:
    """Year lists at and below a region."""
    region, year = region_of(request), year_of(request.GET)
    found = list(queries.list_lists(actor=request.user, region=region, year=year)[:SHOWN])
    held = led_below(actor=request.user, regions=[row.committee.region for row in found], year=year)
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "year": year,
        "years": [year - 1, year, year + 1],
        "lists": [(row, held[row.committee.region_id]) for row in found],
    }
    return render(request, "govern/lists.html", context)


@require_POST
@login_required
def draft(request: SignedIn, committee_id: int) -> HttpResponse:
    committee = queries.get_committee(actor=request.user, committee_id=committee_id)
    year = request.POST.get("year", "")
    if str(year_of(request.POST)) != year:
        raise BadInput("govern.bad_year", _("Give a year from 2000 to 2100."))
    made = service.draft_list(committee=committee, year=int(year), by=request.user, at=clock.now())
    return redirect("govern:list", made.pk)


@require_safe
@login_required
def year_list(request: SignedIn, list_id: int) -> HttpResponse:
    return _page(request, queries.get_list(actor=request.user, list_id=list_id))


def _writes(request: SignedIn, shown: YearList) -> bool:
    drafting = shown.state == YearList.State.DRAFT
    right = "govern.manage" if drafting else "govern.issue"
    return request.user.may(right, region=shown.committee.region)


def _page(request: SignedIn, shown: YearList, status: int = 200, **more: Any) -> HttpResponse:
    region, at = shown.committee.region, clock.now()
    drafting = shown.state == YearList.State.DRAFT
    writes = _writes(request, shown)
    issues = request.user.may("govern.issue", region=region) and drafting
    led = led_below(actor=request.user, regions=[region], year=shown.year)[region.pk]
    context = {
        "list": shown,
        "led": led,
        "at": at,
        "today": localdate(at),
        "entries": queries.entries_of(shown),
        "is_draft": drafting,
        "may_write": writes,
        "may_issue": issues and shown.author_id != request.user.pk,
        "own": issues and shown.author_id == request.user.pk,
    }
    if writes:
        context |= {
            "entry_form": forms.EntryForm(committee=shown.committee),
            "quarterly_form": forms.QuarterlyForm(committee=shown.committee),
        }
    return render(request, "govern/list.html", context | more, status=status)


@require_POST
@login_required
def add(request: SignedIn, list_id: int) -> HttpResponse:
    shown = queries.get_list(actor=request.user, list_id=list_id)
    form = forms.EntryForm(request.POST, committee=shown.committee)
    if form.is_valid():
        try:
            service.add_entry(year_list=shown, entry=form.entry(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal, shown=_writes(request, shown))
        else:
            return redirect("govern:list", shown.pk)
    return _page(request, shown, 422, entry_form=form)


@require_POST
@login_required
def quarterly(request: SignedIn, list_id: int) -> HttpResponse:
    """Four meetings at once."""
    shown = queries.get_list(actor=request.user, list_id=list_id)
    form = forms.QuarterlyForm(request.POST, committee=shown.committee)
    if form.is_valid():
        service.add_quarterly(year_list=shown, **form.chosen(), by=request.user, at=clock.now())
        return redirect("govern:list", shown.pk)
    return _page(request, shown, 422, quarterly_form=form)


@require_POST
@login_required
def remove(request: SignedIn, entry_id: int) -> HttpResponse:
    entry = queries.get_entry(actor=request.user, entry_id=entry_id)
    service.remove_entry(entry=entry, by=request.user, at=clock.now())
    return redirect("govern:list", entry.list_id)


@require_POST
@login_required
def issue(request: SignedIn, list_id: int) -> HttpResponse:
    shown = queries.get_list(actor=request.user, list_id=list_id)
    service.issue_list(year_list=shown, by=request.user, at=clock.now())
    return redirect("govern:list", shown.pk)


@require_safe
@login_required
def of_item(request: SignedIn, item_id: int) -> HttpResponse:
    """The list or the meeting that a work item comes from."""
    row = queries.own_row(actor=request.user, item_id=item_id)
    if isinstance(row, Entry):
        return redirect("govern:list", row.list_id)
    return redirect("govern:meeting", row.meeting_id)
