"""JSON for programs and for the board."""

from datetime import datetime
from typing import Any, Literal

from django.urls import reverse
from ninja import Query, Router, Schema

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import describe, queries
from .models import Alarm
from .services import alarms as services

router = Router(tags=["warn"])
MOST = 1000


class AlarmOut(Schema):
    id: int
    rule: str
    rule_name: str
    text: str
    severity: int
    opened_at: datetime
    value: float | None
    value_text: str
    region: str
    region_path: str
    series_id: int | None
    station_id: int | None
    station_code: str
    station_name: str
    site_id: int | None
    site_name: str
    forecast: bool
    lon: float | None
    lat: float | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    cleared_at: datetime | None
    exercise: bool
    url: str


class AlarmDetailOut(AlarmOut):
    details: dict[str, Any]
    acknowledged_note: str
    cleared_value: float | None


class Wanted(Schema):
    state: Literal["open", "unacknowledged", "acknowledged", "cleared", "all"] = "open"
    severity: Literal[1, 2, 3, 4] | None = None
    region: str = ""  # a region's path
    exercise: bool | None = None
    limit: int = 500


class AlarmCountOut(Schema):
    red: int
    orange: int
    yellow: int
    blue: int
    total: int


class AcknowledgeIn(Schema):
    note: str = ""


class ClearIn(Schema):
    reason: str = ""


def shown(alarm: Alarm) -> dict[str, Any]:
    """One alarm as the board draws it."""
    station = alarm.series.station if alarm.series else None
    place = station or alarm.site or alarm.region
    return {
        "id": alarm.pk,
        "rule": alarm.rule.code,
        "rule_name": alarm.rule.name,
        "text": str(alarm),
        "severity": alarm.severity,
        "opened_at": alarm.opened_at,
        "value": alarm.value,
        "value_text": describe.value_text(alarm.version, alarm.value, group=alarm.is_of_stations),
        "region": alarm.region.name,
        "region_path": alarm.region.path,
        "series_id": alarm.series_id,
        "station_id": station.pk if station else None,
        "station_code": station.code if station else "",
        "station_name": station.name if station else "",
        "site_id": alarm.site_id,
        "site_name": alarm.site.name if alarm.site else "",
        "forecast": alarm.is_forecast,
        "lon": place.lon,
        "lat": place.lat,
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": str(alarm.acknowledged_by or ""),
        "cleared_at": alarm.cleared_at,
        "exercise": alarm.exercise,
        "url": reverse("warn:alarm", args=[alarm.pk]),
        "details": alarm.details,
        "acknowledged_note": alarm.acknowledged_note,
        "cleared_value": alarm.cleared_value,
    }


@router.get("/alarms", response=list[AlarmOut])
def alarms(request: SignedIn, wanted: Query[Wanted]) -> list[dict[str, Any]]:
    """Alarms in the caller's regions: open ones, the gravest first, if not asked else."""
    found = queries.list_alarms(
        actor=request.auth,
        state=wanted.state,
        severity=wanted.severity,
        region_path=wanted.region,
        exercise=wanted.exercise,
    )
    return [shown(alarm) for alarm in found[: max(1, min(wanted.limit, MOST))]]


@router.get("/alarms/count", response=AlarmCountOut)
def count(request: SignedIn) -> dict[str, int]:
    """Open alarms by severity, exercises left out."""
    found = queries.count_alarms(actor=request.auth)
    colours = {"red": found[1], "orange": found[2], "yellow": found[3], "blue": found[4]}
    return {**colours, "total": sum(found.values())}


@router.get("/alarms/{int:alarm_id}", response=AlarmDetailOut)
def alarm(request: SignedIn, alarm_id: int) -> dict[str, Any]:
    """One alarm with what was found when it was raised."""
    return shown(queries.get_alarm(actor=request.auth, alarm_id=alarm_id))


@router.post("/alarms/{int:alarm_id}/acknowledge", response=AlarmDetailOut)
def acknowledge(request: SignedIn, alarm_id: int, body: AcknowledgeIn) -> dict[str, Any]:
    """Say that somebody has seen it and deals with it."""
    found = queries.get_alarm(actor=request.auth, alarm_id=alarm_id)
    services.acknowledge_alarm(alarm=found, note=body.note, by=request.auth, at=clock.now())
    return shown(found)


@router.post("/alarms/{int:alarm_id}/clear", response=AlarmDetailOut)
def clear(request: SignedIn, alarm_id: int, body: ClearIn) -> dict[str, Any]:
    """Clear by hand; a reason is needed while the condition holds."""
    found = queries.get_alarm(actor=request.auth, alarm_id=alarm_id)
    services.clear_alarm(alarm=found, reason=body.reason, by=request.auth, at=clock.now())
    return shown(found)
