"""Committees of a region, one committee with its chairs, units and duties, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.pages import SignedIn
from anlan.places.forms import region_asked
from anlan.places.models import Region
from anlan.places.queries import crumbs, home_region, list_children

from . import forms, gaps, queries
from .models import Committee
from .services import committees as service

SHOWN = 300


def region_of(request: SignedIn, permission: str = "govern.view") -> Region:
    """The region that a filter names, or where the reader begins."""
    paths = request.user.regions_for(permission)
    region = region_asked(request.GET, paths=paths) or home_region(paths)
    if region is None:
        raise NotAllowed("govern.no_region", _("You have no region in which to look at this."))
    return region


def year_of(values: Mapping[str, Any]) -> int:
    """The year that a filter names; this year, where it names none."""
    text = str(values.get("year") or "")
    if text.isascii() and text.isdecimal() and 2000 <= int(text[:5]) <= 2100:
        return int(text)
    return localdate(clock.now()).year


def crumbs_of(request: SignedIn, region: Region) -> list[tuple[Region, bool]]:
    """The regions above one, and which of them the reader may open."""
    return crumbs(region, paths=request.user.regions_for("govern.view"))


def refused(form: Form, refusal: Refusal, *, shown: bool = True) -> None:
    """A refusal on top of the form that caused it; where that is not shown, a page of its own."""
    if not shown:
        raise refusal
    form.add_error(None, f"{refusal.message} {refusal.hint}")


@require_safe
@login_required
def index(request: SignedIn) -> HttpResponse:
    """Committees at and below a region, and how much is missing there."""
    region, on = region_of(request), localdate(clock.now())
    found = gaps.find_gaps(actor=request.user, region=region, on=on)
    committees = queries.list_committees(actor=request.user, region=region, on=on)[:SHOWN]
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "rows": queries.with_seats(committees, on),
        "gaps": found,
        "own": queries.own_duties(actor=request.user, on=on),
        "may_manage": request.user.may("govern.manage", region=region),
    }
    return render(request, "govern/index.html", context)


@require_safe
@login_required
def gap_list(request: SignedIn) -> HttpResponse:
    """Vacant chairs, duties that nobody holds, missed meetings, missing year lists."""
    region, on = region_of(request), localdate(clock.now())
    found = gaps.find_gaps(actor=request.user, region=region, on=on)
    children = list_children(region=region, paths=request.user.regions_for("govern.view"))
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "on": on,
        "gaps": found,
        "shown": SHOWN,
        "rows": gaps.count_below(gaps=found, region=region, children=children),
    }
    return render(request, "govern/gaps.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def found(request: SignedIn) -> HttpResponse:
    """Set up a committee."""
    region_of(request, "govern.manage")  # refused where there is none
    form = forms.CommitteeForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            made = service.found_committee(**form.cleaned_data, by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("govern:committee", made.pk)
    status = 422 if form.errors else 200
    return render(request, "govern/found.html", {"form": form}, status=status)


@require_safe
@login_required
def committee(request: SignedIn, committee_id: int) -> HttpResponse:
    """One committee: chairs, units with their duties, year lists, meetings."""
    shown = queries.get_committee(actor=request.user, committee_id=committee_id)
    return _page(request, shown)


def _manages(request: SignedIn, shown: Committee) -> bool:
    return request.user.may("govern.manage", region=shown.region) and shown.ended_on is None


def _page(
    request: SignedIn,
    shown: Committee,
    status: int = 200,
    wrong: tuple[int, Form] | None = None,  # a member's form that was refused
    **more: Any,
) -> HttpResponse:
    on, manages = localdate(clock.now()), _manages(request, shown)
    duties = queries.duties_of(shown, on)
    members = queries.members_of(shown, on)
    offer = forms.Offer(shown) if manages else None
    write: dict[int, Form] = {
        member.pk: forms.DutyForm(
            committee=shown, offer=offer, initial={"since": on}, auto_id=_duty_ids(member.pk)
        )
        for member in members
        if manages
    }
    write |= dict([wrong] if wrong else [])
    context = {
        "committee": shown,
        "on": on,
        "seats": queries.seats_of(shown, on),
        "members": [(m, duties.get(m.pk, []), write.get(m.pk)) for m in members],
        "wrong_member": wrong[0] if wrong else None,
        "lists": queries.lists_of(shown),
        "meetings": queries.meetings_of(shown)[:20],
        "may_manage": manages,
        "year": on.year,
    }
    if manages:
        context |= {
            "chair_form": forms.ChairForm(committee=shown, offer=offer),
            "member_form": forms.MemberForm(committee=shown, offer=offer, initial={"since": on}),
        }
    return render(request, "govern/committee.html", context | more, status=status)


def _duty_ids(member_id: int) -> str:
    """Each unit's form has fields of its own names on the page, so that labels lead to them."""
    return f"id_{member_id}_%s"


@require_POST
@login_required
def dissolve(request: SignedIn, committee_id: int) -> HttpResponse:
    shown = queries.get_committee(actor=request.user, committee_id=committee_id)
    on = localdate(clock.now())
    service.dissolve_committee(committee=shown, on=on, by=request.user, at=clock.now())
    return redirect("govern:index")


@require_POST
@login_required
def seat(request: SignedIn, committee_id: int) -> HttpResponse:
    """Give a chair's seat to a post."""
    shown = queries.get_committee(actor=request.user, committee_id=committee_id)
    form = forms.ChairForm(request.POST, committee=shown)
    if form.is_valid():
        try:
            service.seat_chair(committee=shown, **form.chosen(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal, shown=_manages(request, shown))
        else:
            return redirect("govern:committee", shown.pk)
    return _page(request, shown, 422, chair_form=form)


@require_POST
@login_required
def join(request: SignedIn, committee_id: int) -> HttpResponse:
    """Take a unit in."""
    shown = queries.get_committee(actor=request.user, committee_id=committee_id)
    form = forms.MemberForm(request.POST, committee=shown)
    if form.is_valid():
        try:
            service.add_member(committee=shown, **form.chosen(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal, shown=_manages(request, shown))
        else:
            return redirect("govern:committee", shown.pk)
    return _page(request, shown, 422, member_form=form)


@require_POST
@login_required
def leave(request: SignedIn, member_id: int) -> HttpResponse:
    member = queries.get_member(actor=request.user, member_id=member_id)
    on = localdate(clock.now())
    service.end_member(member=member, on=on, by=request.user, at=clock.now())
    return redirect("govern:committee", member.committee_id)


@require_POST
@login_required
def write(request: SignedIn, member_id: int) -> HttpResponse:
    """Write a duty of a unit, or its next version."""
    member = queries.get_member(actor=request.user, member_id=member_id)
    shown = queries.get_committee(actor=request.user, committee_id=member.committee_id)
    form = forms.DutyForm(request.POST, committee=shown, auto_id=_duty_ids(member.pk))
    if form.is_valid():
        try:
            service.write_duty(member=member, duty=form.duty(), by=request.user, at=clock.now())
        except Refusal as refusal:
            refused(form, refusal, shown=_manages(request, shown))
        else:
            return redirect("govern:committee", shown.pk)
    return _page(request, shown, 422, wrong=(member.pk, form))


@require_safe
@login_required
def duty(request: SignedIn, duty_id: int) -> HttpResponse:
    """Every version of a duty."""
    shown = queries.get_duty(actor=request.user, duty_id=duty_id)
    context = {
        "duty": shown,
        "versions": queries.versions_of(shown),
        "may_manage": request.user.may("govern.manage", region=shown.member.committee.region),
    }
    return render(request, "govern/duty.html", context)


@require_POST
@login_required
def end_duty(request: SignedIn, duty_id: int) -> HttpResponse:
    shown = queries.get_duty(actor=request.user, duty_id=duty_id)
    on = localdate(clock.now())
    service.end_duty(duty=shown, on=on, by=request.user, at=clock.now())
    return redirect("govern:committee", shown.member.committee_id)


def file_of(request: SignedIn) -> tuple[str, bytes]:
    """The name and content of the file handed in."""
    file = request.FILES.get("file")
    if file is None:
        raise BadInput("govern.no_file", _("Choose a file."))
    return str(file.name), file.read()
