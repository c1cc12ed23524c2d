"""Alarms for people: the list, one alarm, what may be done about it."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from anlan.base import clock
from anlan.base.pages import SignedIn, respond, typed
from anlan.places.forms import region_asked

from . import actions, describe, facts, queries
from .models import Alarm, Measure, Severity
from .services import alarms as services

PAGE_SIZE = 50
BEFORE, AFTER = timedelta(hours=6), timedelta(hours=2)


@require_safe
@login_required
def alarms(request: SignedIn) -> HttpResponse:
    """Alarms, the open ones first; filtered, fifty a page."""
    state = request.GET.get("state", "open")
    severity = request.GET.get("severity", "")
    region = region_asked(request.GET, paths=request.user.regions_for("warn.view"))
    found = queries.list_alarms(
        actor=request.user,
        state=state if state in queries.STATES else "open",
        severity=int(severity) if severity in {"1", "2", "3", "4"} else None,
        region_path=region.path if region else "",
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return respond(
        request,
        page="warn/alarms.html",
        fragment="warn/_alarms.html",
        context={
            "page": page,
            "rows": [_row(request, alarm) for alarm in page],
            "asked": {"state": state, "severity": severity, "region": region},
            "states": _states(),
            "severities": Severity.choices,
            "counts": queries.count_alarms(actor=request.user),
        },
    )


@require_safe
@login_required
def alarm(request: SignedIn, alarm_id: int) -> HttpResponse:
    """One alarm: what was found, the readings around it, its history, what may be done."""
    found = queries.get_alarm(actor=request.user, alarm_id=alarm_id)
    return respond(
        request,
        page="warn/alarm.html",
        fragment="warn/_alarm_state.html",
        context=_context(request, found),
    )


@require_POST
@login_required
def acknowledge(request: SignedIn, alarm_id: int) -> HttpResponse:
    """One press in the list, or with a note on the alarm's page."""
    found = queries.get_alarm(actor=request.user, alarm_id=alarm_id)
    note = typed(request, "note")
    services.acknowledge_alarm(alarm=found, note=note, by=request.user, at=clock.now())
    return _changed(request, found)


@require_POST
@login_required
def clear(request: SignedIn, alarm_id: int) -> HttpResponse:
    found = queries.get_alarm(actor=request.user, alarm_id=alarm_id)
    reason = typed(request, "reason")
    services.clear_alarm(alarm=found, reason=reason, by=request.user, at=clock.now())
    return _changed(request, found)


@require_POST
@login_required
def note(request: SignedIn, alarm_id: int) -> HttpResponse:
    found = queries.get_alarm(actor=request.user, alarm_id=alarm_id)
    text = typed(request, "text")
    services.note_alarm(alarm=found, text=text, by=request.user, at=clock.now())
    return _changed(request, found)


def _changed(request: SignedIn, alarm: Alarm) -> HttpResponse:
    """The part of the page that showed it, or the page itself without scripts."""
    if request.headers.get("HX-Request") != "true":
        return redirect("warn:alarm", alarm.pk)
    fresh = queries.get_alarm(actor=request.user, alarm_id=alarm.pk)
    if request.headers.get("HX-Target", "").startswith("alarm-row-"):
        return render(request, "warn/_alarm_row.html", {"row": _row(request, fresh)})
    return render(request, "warn/_alarm_state.html", _context(request, fresh))


def _row(request: SignedIn, alarm: Alarm) -> dict[str, Any]:
    group = alarm.is_of_stations
    return {
        "alarm": alarm,
        "value": describe.value_text(alarm.version, alarm.value, group=group),
        "may": request.user.may("warn.acknowledge", region=alarm.region),
        "ahead": describe.ahead_of(alarm),
    }


def _context(request: SignedIn, alarm: Alarm) -> dict[str, Any]:
    group = alarm.is_of_stations
    version = alarm.version
    return {
        "alarm": alarm,
        "rule_text": describe.describe(version),
        "value": describe.value_text(version, alarm.value, group=group),
        "cleared_value": describe.value_text(version, alarm.cleared_value, group=group),
        "notes": [(line, _why(line.text)) for line in queries.list_notes(alarm=alarm)],
        "may": request.user.may("warn.acknowledge", region=alarm.region),
        "actions": actions.for_alarm(alarm, request.user),
        "facts": facts.for_alarm(alarm, request.user),
        "chart": _chart(alarm),
        "ahead": describe.ahead_of(alarm),
        "forecast": _forecast(alarm) if alarm.is_forecast else None,
    }


def _chart(alarm: Alarm) -> dict[str, str] | None:
    """Where the readings around the alarm are, and the lines to draw across them."""
    if alarm.series is None:
        return None
    end = (alarm.cleared_at or clock.now()) + AFTER
    start = min(alarm.opened_at, end) - BEFORE
    src = reverse("api:readings", args=[alarm.series_id])
    lines = []
    if alarm.version.measure == Measure.VALUE:
        threshold, rest = alarm.details.get("threshold"), alarm.details.get("clear")
        label = str(alarm.get_severity_display())
        lines.append({"value": threshold, "label": label, "severity": alarm.severity})
        if rest is not None and rest != threshold:
            lines.append({"value": rest, "label": _("clear level")})
    span = f"from={start:%Y-%m-%dT%H:%M:%SZ}&to={min(end, clock.now()):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "src": f"{src}?{span}",
        "lines": json.dumps(lines),
        "opened": alarm.opened_at.isoformat(),
        "cleared": alarm.cleared_at.isoformat() if alarm.cleared_at else "",
    }


def _forecast(alarm: Alarm) -> dict[str, Any]:
    """What the forecast said, in the reader's time, and where the gauge's readings are."""
    said = describe.forecast_of(alarm)
    gauge = queries.gauge_at(alarm)
    lines = [
        {
            "value": alarm.details.get("threshold"),
            "label": str(alarm.get_severity_display()),
            "severity": alarm.severity,
        }
    ]
    return {
        "said": said,
        "score": describe.score_text(alarm),
        "depths": json.dumps([cm / 100 for cm in alarm.details.get("depths_cm", [])]),
        "base": clock.to_epoch_ms(said.base_at),
        "frame": alarm.details.get("frame_s", 600),
        "lines": json.dumps(lines),
        "src": reverse("api:readings", args=[gauge.pk]) if gauge else "",
        "run_id": alarm.details.get("run_id"),
    }


def _why(text: str) -> str:
    """What the machine wrote, in words."""
    return {
        "quiet": _("quiet for long enough"),
        "silent": _("no reading for long enough"),
        "forecast": _("the next forecast no longer says so"),
        "lapsed": _("the forecast's time is over and no other came"),
        "uncovered": _("the rule was switched off or changed, or the station is gone"),
    }.get(text, text)


def _states() -> list[tuple[str, str]]:
    return [
        ("open", _("not cleared")),
        ("unacknowledged", _("not acknowledged")),
        ("acknowledged", _("acknowledged, not cleared")),
        ("cleared", _("cleared")),
        ("all", _("all")),
    ]
