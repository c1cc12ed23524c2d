"""What the boards are told of an event beyond its ids: enough to show it without asking again.

Written once for everybody who hears the event, so it holds facts, no sentences: the reader's
browser puts them into their language.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anlan.base import clock
from anlan.base.models import Event
from anlan.command.models import Closure, Incident
from anlan.observe import quantities
from anlan.simulate.models import Run
from anlan.warn.models import Alarm
from anlan.work.models import WorkItem

Facts = dict[int, dict[str, Any]]


def of_alarms(events: list[Event]) -> Facts:
    """`alarm`: as the board's list shows it, as things stand now."""
    alarms = {row["id"]: row for row in alarm_rows(_ids(events, "alarm_id"))}
    return _joined(events, "alarm_id", "alarm", alarms)


def of_incidents(events: list[Event]) -> Facts:
    """`incident`; where the event is about one of its alarms, `alarm` too."""
    incidents = {row["id"]: row for row in incident_rows(_ids(events, "incident_id"))}
    facts = _joined(events, "incident_id", "incident", incidents)
    for pk, more in of_alarms([e for e in events if "alarm_id" in e.data]).items():
        facts.setdefault(pk, {}).update(more)
    return facts


def of_closures(events: list[Event]) -> Facts:
    """`closure`: what place, and how far it is."""
    rows = Closure.objects.filter(pk__in=_ids(events, "closure_id"))
    found = {
        closure.pk: {
            "id": closure.pk,
            "place": str(closure.place),
            "state": closure.state.value,
            "exercise": closure.item.exercise,
        }
        for closure in rows.select_related("item", "site", "road")
    }
    return _joined(events, "closure_id", "closure", found)


def of_work(events: list[Event]) -> Facts:
    """`item`: title and region."""
    items = WorkItem.objects.filter(pk__in=_ids(events, "item_id"))
    found = {
        item.pk: {
            "id": item.pk,
            "title": item.title,
            "state": item.state,
            "region": item.region.name,
            "exercise": item.exercise,
        }
        for item in items.select_related("region")
    }
    return _joined(events, "item_id", "item", found)


def of_runs(events: list[Event]) -> Facts:
    """`run`: whose forecast, and what it looks ahead from. What it shows is asked for apart."""
    runs = Run.objects.filter(pk__in=_ids(events, "run_id")).select_related("area")
    found = {
        run.pk: {"id": run.pk, "area": run.area.name, "at": clock.to_epoch_ms(run.base_at)}
        for run in runs
    }
    return _joined(events, "run_id", "run", found)


def _ids(events: Iterable[Event], key: str) -> set[int]:
    return {event.data[key] for event in events if isinstance(event.data.get(key), int)}


def _joined(events: Iterable[Event], key: str, name: str, rows: Facts) -> Facts:
    return {e.pk: {name: rows[e.data[key]]} for e in events if e.data.get(key) in rows}


def alarm_rows(ids: Iterable[int]) -> list[dict[str, Any]]:
    """Alarms by id, without asking who reads: for what is already known to be theirs."""
    alarms = Alarm.objects.filter(pk__in=list(ids))
    return [
        alarm_row(alarm)
        for alarm in alarms.select_related(
            "rule",
            "version",
            "region",
            "series__station",
            "site",
            "acknowledged_by",
            "incident_link",
        )
    ]


def alarm_row(alarm: Alarm) -> dict[str, Any]:
    series = alarm.series
    link = getattr(alarm, "incident_link", None)
    place = (series.station if series else None) or alarm.site or alarm.region
    quantity = quantities.find(series.quantity if series else alarm.version.quantity)
    quantity = quantity if series or alarm.site_id else None
    return {
        "id": alarm.pk,
        "severity": alarm.severity,
        "rule": alarm.rule.name,
        "region": alarm.region.name,
        "station": alarm.where if series or alarm.site_id else "",
        "station_id": series.station_id if series else None,
        "site_id": alarm.site_id,
        "lon": place.lon,
        "lat": place.lat,
        "value": alarm.value,
        # What the value is: of the series, a rate, a silence in seconds, or a number of stations.
        "means": "STATIONS" if alarm.is_of_stations else alarm.version.measure,
        # Of a forecast: when the depth will be passed.
        "expected": _expected(alarm),
        "unit": series.unit if series else quantity.unit if quantity else "",
        "decimals": quantity.decimals if quantity else 0,
        "at": clock.to_epoch_ms(alarm.opened_at),
        "acknowledged_by": str(alarm.acknowledged_by) if alarm.acknowledged_by else "",
        "acknowledged": alarm.is_acknowledged,
        "cleared": not alarm.is_open,
        "incident_id": link.incident_id if link else None,
        "exercise": alarm.exercise,
    }


def _expected(alarm: Alarm) -> int | None:
    if not alarm.is_forecast:
        return None
    return clock.to_epoch_ms(datetime.fromisoformat(alarm.details["first_at"]))


def incident_rows(ids: Iterable[int]) -> list[dict[str, Any]]:
    incidents = Incident.objects.filter(pk__in=list(ids)).select_related("region")
    return [incident_row(incident) for incident in incidents]


def incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.pk,
        "title": incident.title,
        "level": incident.level,
        "region": incident.region.name,
        "at": clock.to_epoch_ms(incident.opened_at),
        "closed": incident.closed_at is not None,
        "exercise": incident.exercise,
    }
