"""Closing underpasses and roads: the list, the order, the part on a place's own page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn, typed
from anlan.places.models import Road, Site
from anlan.warn.queries import get_alarm

from . import closures
from .services import closures as services

SHOWN = 300


@require_safe
@login_required
def closure_list(request: SignedIn) -> HttpResponse:
    """What is closed or to be closed, or what is over."""
    ended = "ended" in request.GET
    found = closures.list_closures(actor=request.user, ended=ended)[:SHOWN]
    rows = [
        (closure, request.user.may("command.lead", region=closure.item.region)) for closure in found
    ]
    return render(request, "command/closures.html", {"rows": rows, "ended": ended})


@require_safe
@login_required
def closure(request: SignedIn, item_id: int) -> HttpResponse:
    """A closure's page is its work item's: proof and moves are there."""
    found = closures.get_closure(actor=request.user, item_id=item_id, permission="work.view")
    return redirect("work:item", found.pk)


@require_POST
@login_required
def from_alarm(request: SignedIn, alarm_id: int) -> HttpResponse:
    """One action on an alarm: the place that it is about is to be closed."""
    alarm = get_alarm(actor=request.user, alarm_id=alarm_id)
    made = services.order_for_alarm(alarm=alarm, by=request.user, at=clock.now())
    url = reverse("work:item", args=[made.pk])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@require_safe
@login_required
def of_site(request: SignedIn, site_id: int) -> HttpResponse:
    """A fragment for the site's page."""
    return _panel(request, closures.get_place(actor=request.user, site_id=site_id))


@require_safe
@login_required
def of_road(request: SignedIn, road_id: int) -> HttpResponse:
    """A fragment for the road's page."""
    return _panel(request, closures.get_place(actor=request.user, road_id=road_id))


@require_POST
@login_required
def order_site(request: SignedIn, site_id: int) -> HttpResponse:
    return _order(request, closures.get_place(actor=request.user, site_id=site_id))


@require_POST
@login_required
def order_road(request: SignedIn, road_id: int) -> HttpResponse:
    return _order(request, closures.get_place(actor=request.user, road_id=road_id))


@require_POST
@login_required
def reopen(request: SignedIn, item_id: int) -> HttpResponse:
    found = closures.get_closure(actor=request.user, item_id=item_id)
    note = typed(request, "note")
    services.reopen(closure=found, note=note, by=request.user, at=clock.now())
    if request.headers.get("HX-Target", "").startswith("closure-of-"):
        return _panel(request, found.place)
    return redirect("command:closures")


def _order(request: SignedIn, place: Site | Road) -> HttpResponse:
    made = services.order_closure(
        place=place, reason=typed(request, "reason"), by=request.user, at=clock.now()
    )
    if request.headers.get("HX-Request") == "true":
        return _panel(request, place)
    return redirect("work:item", made.pk)


def _panel(request: SignedIn, place: Site | Road) -> HttpResponse:
    sort = "site" if isinstance(place, Site) else "road"
    context = {
        "place": place,
        "sort": sort,
        "order": f"command:close_{sort}",
        "closable": services.is_closable(place),
        "closure": closures.standing_at(place),
        "may_lead": request.user.may("command.lead", region=place.region),
    }
    return render(request, "command/_closure.html", context)
