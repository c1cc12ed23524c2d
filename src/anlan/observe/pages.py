"""Stations, one station, quarantine, senders: pages for people."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn, respond
from anlan.people.models import Account
from anlan.places.forms import region_asked

from . import lines, quantities, queries, services
from .forms import AdoptForm, LimitsForm, SenderForm
from .kinds import KINDS

PAGE_SIZE = 50


@require_safe
@login_required
def stations(request: SignedIn) -> HttpResponse:
    """All stations of the reader, filtered, fifty a page."""
    asked = {name: request.GET.get(name, "") for name in ("kind", "state", "search")}
    region = region_asked(request.GET, paths=request.user.regions_for("observe.view"))
    found = queries.list_stations(
        actor=request.user,
        kind=asked["kind"],
        state=asked["state"],
        search=asked["search"].strip(),
        region_path=region.path if region else "",
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return respond(
        request,
        page="observe/stations.html",
        fragment="observe/_stations.html",
        context={
            "stations": page,
            "asked": asked,
            "kinds": KINDS,
            "counts": queries.count_stations(actor=request.user),
            "region": region,
            "may_manage": request.user.may_anywhere("observe.manage"),
        },
    )


@require_safe
@login_required
def station(request: SignedIn, station_id: int) -> HttpResponse:
    """One station: values, charts, health, what it sent besides."""
    found = queries.get_station(actor=request.user, station_id=station_id)
    context = {
        "station": found,
        "health": getattr(found, "health", None),
        "series": [(row, json.dumps(lines.of_series(row))) for row in found.series.all()],
        "may_manage": request.user.may("observe.manage", region=found.region),
        "may_rule": request.user.may("warn.manage", region=found.region),
        "reports": queries.list_reports(actor=request.user, station=found),
        "moved": request.GET.get("moved", ""),
    }
    return render(request, "observe/station.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def limits(request: SignedIn, series_id: int) -> HttpResponse:
    """What is believable of one series, beside what it has reported of late."""
    series = queries.get_series(actor=request.user, series_id=series_id)
    request.user.require("observe.manage", region=series.station.region)
    form = LimitsForm(request.POST or None, series=series)
    if form.is_valid():
        try:
            services.set_limits(
                series=series, limits=form.limits(), by=request.user, at=clock.now()
            )
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("observe:station", series.station_id)
    context = {
        "series": series,
        "form": form,
        "quantity": quantities.find(series.quantity),
        "recent": queries.recent_extremes(actor=request.user, series=series, at=clock.now()),
    }
    status = 422 if form.errors else 200
    return render(request, "observe/limits.html", context, status=status)


@require_safe
@login_required
def picture(request: SignedIn, report_id: int) -> HttpResponse:
    """A station's picture. It comes from outside: shown as an image and as nothing else."""
    data = queries.get_picture(actor=request.user, report_id=report_id)
    return HttpResponse(
        data,
        content_type="image/jpeg",
        headers={"Content-Security-Policy": "sandbox; default-src 'none'"},
    )


@require_safe
@login_required
def quarantine(request: SignedIn) -> HttpResponse:
    return _quarantine(request)


@require_safe
@login_required
def waiting(request: SignedIn) -> HttpResponse:
    """The newest quarantined rows of one station, with the raw bytes of what nobody knows."""
    code = request.GET.get("code", "")
    rows = queries.waiting_rows(actor=request.user, code=code)
    return render(request, "observe/waiting.html", {"code": code, "rows": rows})


@require_POST
@login_required
def adopt(request: SignedIn) -> HttpResponse:
    """Register a waiting station and take its readings over, with one button."""
    form = AdoptForm(request.POST, actor=request.user)
    if not form.is_valid():
        return _quarantine(request, form, status=422)
    entered = dict(form.cleaned_data)
    try:
        found, moved = services.adopt_station(**entered, by=request.user, at=clock.now())
    except Refusal as refusal:
        form.add_error(None, f"{refusal.message} {refusal.hint}")
        return _quarantine(request, form, status=refusal.status)
    return redirect(f"{reverse('observe:station', args=[found.pk])}?moved={moved}")


def _quarantine(
    request: SignedIn, failed: AdoptForm | None = None, status: int = 200
) -> HttpResponse:
    waiting = queries.list_waiting(actor=request.user)
    forms = [(group, _adopt_form(group, failed, request.user)) for group in waiting]
    context = {
        "waiting": forms,
        "lost": failed if failed and not any(form is failed for _group, form in forms) else None,
        "unreadable": queries.list_unreadable(actor=request.user),
    }
    return render(request, "observe/quarantine.html", context, status=status)


def _adopt_form(group: queries.Waiting, failed: AdoptForm | None, actor: Account) -> AdoptForm:
    """Filled in with what is known, so that one button is enough."""
    if failed is not None and failed.data.get("code") == group.code:
        return failed
    known, region = group.registered, group.region
    place: Any = known or region
    return AdoptForm(
        actor=actor,
        auto_id=f"id_{group.code}_%s",
        initial={
            "code": group.code,
            "name": known.name if known else group.code,
            "kind": known.kind if known else group.kind,
            "region": region,
            "lon": place.lon if place else None,
            "lat": place.lat if place else None,
        },
    )


@require_http_methods(["GET", "POST"])
@login_required
def senders(request: SignedIn) -> HttpResponse:
    """Senders, and the form for a new one. The token is on this answer and nowhere after."""
    form = SenderForm(request.POST or None, actor=request.user)
    made = token = None
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            made, token = services.make_sender_for(
                name=form.cleaned_data["name"],
                region=form.cleaned_data["region"],
                station_code=form.cleaned_data["station"],
                by=request.user,
                at=clock.now(),
            )
            form = SenderForm(actor=request.user)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
            status = refusal.status
    context = {
        "senders": queries.list_senders(actor=request.user),
        "form": form,
        "made": made,
        "token": token,
    }
    response = render(request, "observe/senders.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@login_required
def revoke(request: SignedIn, sender_id: int) -> HttpResponse:
    sender = queries.get_sender(actor=request.user, sender_id=sender_id)
    services.revoke_sender(sender=sender, by=request.user, at=clock.now())
    return redirect("observe:senders")
