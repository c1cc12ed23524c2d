"""The yearly refresh: planning it, progress by town, and a village's own page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn
from anlan.people.masking import mask
from anlan.places.forms import region_asked

from . import forms, queries
from .pages import crumbs_of, refused, region_of
from .services import refresh as service


@require_http_methods(["GET", "POST"])
@login_required
def refreshes(request: SignedIn) -> HttpResponse:
    """Refreshes that concern a region; the form to plan one."""
    region = region_of(request)
    plans = request.user.may_anywhere("govern.issue")
    form = forms.RefreshForm(request.POST or None, actor=request.user) if plans else None
    if form is not None and form.is_valid():
        data = form.cleaned_data
        try:
            made = service.plan_refresh(
                **data, year=data["opens_on"].year, by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            refused(form, refusal)
        else:
            return redirect("govern:refresh", made.pk)
    context = {
        "region": region,
        "crumbs": crumbs_of(request, region),
        "refreshes": queries.list_refreshes(actor=request.user, region=region)[:50],
        "form": form,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "govern/refreshes.html", context, status=status)


@require_safe
@login_required
def refresh(request: SignedIn, refresh_id: int) -> HttpResponse:
    """Progress by town; of one town by village."""
    shown = queries.get_refresh(actor=request.user, refresh_id=refresh_id)
    on = localdate(clock.now())
    town = region_asked(request.GET, paths=request.user.regions_for("govern.view"))
    rows = queries.progress_of(actor=request.user, refresh=shown, on=on)
    tasks = queries.tasks_of(actor=request.user, refresh=shown, town=town) if town else []
    context = {
        "refresh": shown,
        "rows": rows,
        "town": town,
        "tasks": tasks,
        "villages": sum(row.villages for row in rows),
        "handed_in": sum(row.handed_in for row in rows),
        "officers": sum(row.officers for row in rows),
        "stale": sum(row.stale for row in rows),
    }
    return render(request, "govern/refresh.html", context)


@require_safe
@login_required
def task(request: SignedIn, item_id: int) -> HttpResponse:
    """A village's part: its officers, each to be confirmed."""
    shown = queries.get_refresh_task(actor=request.user, item_id=item_id)
    region, since = shown.item.region, shown.refresh.opened_at
    held = queries.officers_of(task=shown, on=localdate(clock.now()))
    rows = [
        (
            holding,
            mask(holding.account.phone),
            bool(holding.confirmed_at and since and holding.confirmed_at >= since),
        )
        for holding in held
    ]
    item, me = shown.item, request.user
    mine = item.state == "OPEN" or (item.state == "DOING" and item.doer_id == me.pk)
    confirms = any(request.user.may(p, region=region) for p in ("people.confirm", "people.manage"))
    context = {
        "task": shown,
        "rows": rows,
        "left": sum(not done for _holding, _phone, done in rows),
        "may_confirm": confirms and item.is_open and item.state != "SUBMITTED",
        "may_hand_in": mine and me.may(item.kind_of.may_do, region=region),
    }
    return render(request, "govern/refresh_task.html", context)


@require_POST
@login_required
def confirm(request: SignedIn, item_id: int) -> HttpResponse:
    """Confirm the ticked officers."""
    shown = queries.get_refresh_task(actor=request.user, item_id=item_id)
    ticked = set(request.POST.getlist("holding"))
    held = queries.officers_of(task=shown, on=localdate(clock.now()))
    service.confirm_officers(
        task=shown,
        holdings=[holding for holding in held if str(holding.pk) in ticked],
        by=request.user,
        at=clock.now(),
    )
    return redirect("govern:refresh_task", shown.pk)
