"""Pages of incidents."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.pages import SignedIn, respond, typed
from anlan.places.models import Region
from anlan.warn.queries import get_alarm

from . import queries
from .forms import ActivationForm, IncidentForm
from .models import Incident
from .services import activation, incidents

TASKS_SHOWN = 100


@require_safe
@login_required
def incident_list(request: SignedIn) -> HttpResponse:
    """Running incidents, or the closed ones."""
    closed = "closed" in request.GET
    found = queries.list_incidents(actor=request.user, closed=closed)[:200]
    return respond(
        request,
        page="command/incidents.html",
        fragment="command/_incident_rows.html",
        context={"incidents": found, "closed": closed},
    )


@require_http_methods(["GET", "POST"])
@login_required
def open_incident(request: SignedIn) -> HttpResponse:
    """Open an incident by hand."""
    form = IncidentForm(request.POST or None, actor=request.user)
    if form.is_valid():
        try:
            incident = incidents.open_incident(**form.cleaned_data, by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("command:incident", incident.pk)
    status = 422 if form.errors else 200
    return render(request, "command/open.html", {"form": form}, status=status)


@require_POST
@login_required
def open_from_alarm(request: SignedIn, alarm_id: int) -> HttpResponse:
    """One action on an alarm: the incident that it belongs to, opened if there is none."""
    alarm = get_alarm(actor=request.user, alarm_id=alarm_id)
    incident = incidents.handle_alarm(alarm=alarm, by=request.user, at=clock.now())
    url = reverse("command:incident", args=[incident.pk])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@require_safe
@login_required
def incident(request: SignedIn, incident_id: int) -> HttpResponse:
    """One incident: level, counts by region, tasks, timeline."""
    found = queries.get_incident(actor=request.user, incident_id=incident_id)
    return respond(
        request,
        page="command/incident.html",
        fragment="command/_incident_update.html",
        context=_incident_context(request, found),
    )


@require_POST
@login_required
def activate(request: SignedIn, incident_id: int) -> HttpResponse:
    """Declare a response level."""
    found = queries.get_incident(actor=request.user, incident_id=incident_id)
    form = ActivationForm(request.POST, actor=request.user, incident=found)
    if form.is_valid():
        try:
            activation.activate(incident=found, **form.arguments(), by=request.user, at=clock.now())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.message} {refusal.hint}")
        else:
            return redirect("command:incident", incident_id)
    context = _incident_context(request, found) | {"activation_form": form}
    return render(request, "command/incident.html", context, status=422)


@require_safe
@login_required
def preview(request: SignedIn, incident_id: int) -> HttpResponse:
    """How many tasks the chosen level and regions would hand out, before anybody gets them."""
    found = queries.get_incident(actor=request.user, incident_id=incident_id)
    form = ActivationForm(request.GET, actor=request.user, incident=found)
    counted = None
    if form.is_valid():
        counted = activation.preview(incident=found, **form.arguments(), at=clock.now())
    return render(request, "command/_preview.html", {"counted": counted})


@require_POST
@login_required
def note(request: SignedIn, incident_id: int) -> HttpResponse:
    """A line for the log."""
    found = queries.get_incident(actor=request.user, incident_id=incident_id)
    text = typed(request, "text")
    incidents.add_note(incident=found, text=text, by=request.user, at=clock.now())
    return redirect("command:incident", incident_id)


@require_POST
@login_required
def close(request: SignedIn, incident_id: int) -> HttpResponse:
    found = queries.get_incident(actor=request.user, incident_id=incident_id)
    summary = typed(request, "summary")
    incidents.close_incident(incident=found, summary=summary, by=request.user, at=clock.now())
    return redirect("command:incident", incident_id)


@require_safe
@login_required
def printed(request: SignedIn, incident_id: int) -> HttpResponse:
    """The incident's record, laid out for paper."""
    found = queries.get_incident(actor=request.user, incident_id=incident_id)
    context = _incident_context(request, found) | {
        "lines": queries.timeline(actor=request.user, incident=found),
        "seal": queries.last_seal(),
        "printed_by": request.user,
    }
    return render(request, "command/print.html", context)


@require_safe
@login_required
def task(request: SignedIn, item_id: int) -> HttpResponse:
    """A task's page is its work item's: proof and moves are there."""
    found = queries.get_task(actor=request.user, item_id=item_id)
    return redirect("work:item", found.pk)


def _incident_context(request: SignedIn, found: Incident) -> dict[str, object]:
    at, actor = clock.now(), request.user
    level = min(found.region.level + 1, Region.Level.VILLAGE)
    tasks = queries.list_tasks(actor=actor, incident=found)
    rows, total = queries.task_rows(actor=actor, incident=found, at=at, most=TASKS_SHOWN)
    leads = actor.may("command.lead", region=found.region) and found.closed_at is None
    return {
        "incident": found,
        "at": at,
        "counts": queries.count_by_region(actor=actor, incident=found, at=at, level=level),
        "total": queries.count_all(actor=actor, incident=found, at=at),
        "tasks": rows,
        "task_total": total,
        "vacant": queries.vacant_tasks(tasks, on=at)[:50],
        "lines": queries.timeline(actor=actor, incident=found, newest=300)[::-1],
        "activations": found.activations.select_related("version__plan", "by").order_by("at"),
        "may_lead": leads,
        "activation_form": ActivationForm(actor=actor, incident=found) if leads else None,
    }
