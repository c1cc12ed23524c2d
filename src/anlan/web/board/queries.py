"""What a board shows when it opens; each function takes the reader and keeps to their regions."""

import hashlib
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import F, IntegerField, Max, Q, Sum
from django.db.models.functions import Cast, Floor

from anlan.base import clock
from anlan.base.models import Event
from anlan.command.queries import visible_incidents
from anlan.observe import quantities, sql
from anlan.observe.models import Latest, Reading, Series, Station
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import paths_upwards
from anlan.warn.queries import list_alarms

from ..feed.audience import DOWNWARDS
from ..feed.reader import news
from .facts import alarm_row, incident_row

MOST_ALARMS = 500
MOST_HAPPENINGS = 60
HOUR_MS = 3_600_000
RAIN_KEPT_S = 15
# What the strip below the map tells of; single readings and work's small steps are not in it.
TOLD = (
    "warn.alarm.raised",
    "warn.alarm.cleared",
    "warn.alarm.acknowledged",
    "command.incident.opened",
    "command.level.declared",
    "command.incident.closed",
    "command.closure.ordered",
    "command.closure.closed",
    "command.closure.ended",
    "work.item.submit",
    "work.item.verify",
    "work.item.return",
    "observe.station.silent",
    "observe.station.back",
    "simulate.run.failed",
)
PERMISSION_OF = {
    "warn": "warn.view",
    "command": "command.view",
    "work": "work.view",
    "observe": "observe.view",
    "simulate": "simulate.view",
}


def snapshot(*, actor: Account) -> dict[str, Any]:
    """Everything but the map: stations with their latest values, open alarms, incidents."""
    # First of all, so that the feed gives what happens while the rest is read.
    last = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    alarms = list_alarms(actor=actor).select_related("incident_link")
    return {
        "event_id": last,
        "now": clock.to_epoch_ms(clock.now()),
        "rate": clock.rate(),
        "quantities": {
            q.code: {"label": str(q.label), "unit": q.unit, "decimals": q.decimals}
            for q in quantities.registered()
        },
        "stations": stations(actor=actor),
        "alarms": [alarm_row(alarm) for alarm in alarms[:MOST_ALARMS]],
        "incidents": incidents(actor=actor),
        "happenings": happenings(actor=actor),
        "may": {
            "acknowledge": actor.may_anywhere("warn.acknowledge"),
            "lead": actor.may_anywhere("command.lead"),
        },
    }


def stations(*, actor: Account) -> list[list[Any]]:
    """[id, code, name, kind, lon, lat, made up, silent, region, [[series, quantity, at, value,
    flag], …]]: lists, because a thousand of them go out at once."""
    visible = Station.objects.within(actor.regions_for("observe.view")).in_use()
    rows = visible.order_by("pk").values_list(
        "pk",
        "code",
        "name",
        "kind",
        "lon",
        "lat",
        "made_up",
        "health__silent_since",
        "region__name",
    )
    series = _series_by_station(actor)
    return [
        [*row[:6], bool(row[6]), row[7] is not None, row[8], series.get(row[0], [])] for row in rows
    ]


def _series_by_station(actor: Account) -> dict[int, list[list[Any]]]:
    visible = Series.objects.within(actor.regions_for("observe.view"))
    latest = {pk: rest for pk, *rest in Latest.objects.values_list("pk", "at_ms", "value", "flag")}
    found: dict[int, list[list[Any]]] = defaultdict(list)
    for pk, station, quantity in visible.order_by("pk").values_list("pk", "station", "quantity"):
        found[station].append([pk, quantity, *latest.get(pk, [None, None, None])])
    return found


def incidents(*, actor: Account) -> list[dict[str, Any]]:
    """Running ones, the newest first."""
    visible = visible_incidents(actor=actor).filter(closed_at=None)
    rows = visible.select_related("region").order_by("-opened_at", "-pk")[:50]
    return [incident_row(incident) for incident in rows]


def happenings(*, actor: Account) -> list[dict[str, Any]]:
    """The last things that happened, the newest first."""
    condition = Q(pk__in=[])
    for name in TOLD:
        room = name.partition(".")[0]
        paths = actor.regions_for(PERMISSION_OF[room])
        for path in paths:
            condition |= Q(name=name, region_path__startswith=path)
        if room in DOWNWARDS:
            above = {prefix for path in paths for prefix in paths_upwards(path)}
            condition |= Q(name=name, region_path__in=above)
    events = Event.objects.filter(condition).order_by("-pk")[:MOST_HAPPENINGS]
    return [item.body for item in reversed(news(list(reversed(events))))]


def view(*, actor: Account) -> dict[str, Any]:
    """Where the map begins: the region that the account answers for, by name and box."""
    paths = {path for _name, path in _scopes(actor)}
    regions = Region.objects.filter(path__in=paths, valid_to=None).order_by("level", "path")
    names = [region.name for region in regions[:3]]
    return {"name": "、".join(names), "box": _box(actor)}


def _scopes(actor: Account) -> list[tuple[str, str]]:
    codes = sorted(set(PERMISSION_OF.values()))
    return [(code, path) for code in codes for path in actor.regions_for(code)]


def _box(actor: Account) -> list[float] | None:
    """West, south, east, north of the points of the reader's regions."""
    paths = {path for _code, path in _scopes(actor)}
    points = Region.objects.within(paths).filter(valid_to=None, lon__isnull=False)
    from_levels = points.filter(level__lte=Region.Level.TOWN)
    rows = list(from_levels.values_list("lon", "lat")) or list(points.values_list("lon", "lat"))
    if not rows:
        return None
    lons, lats = zip(*rows, strict=True)
    margin = 0.02 if len(rows) > 1 else 0.05
    return [min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin]


def rain(*, actor: Account, at: datetime, hours: int) -> dict[str, Any]:
    """Rain of each past hour over the reader's stations: their mean and the most at one.

    Everybody with the same regions is shown the same sums for some seconds: fifty open boards
    must not each add up a day of readings.
    """
    paths = actor.regions_for("observe.view")
    key = "board.rain." + hashlib.sha256(f"{hours} {paths}".encode()).hexdigest()
    kept: dict[str, Any] | None = cache.get(key)
    if kept is None:
        kept = _rain(paths, at, hours)
        cache.set(key, kept, RAIN_KEPT_S)
    return kept


def _rain(paths: list[str], at: datetime, hours: int) -> dict[str, Any]:
    end = clock.to_epoch_ms(at)
    start = (end // HOUR_MS - hours + 1) * HOUR_MS
    visible = Series.objects.within(paths)
    # One quantity a station: where both are reported, the hourly one would count the rain twice.
    ids = set(visible.filter(quantity="rain_5min").values_list("pk", flat=True))
    ids = ids or set(visible.filter(quantity="rain_1h").values_list("pk", flat=True))
    rows = (
        Reading.objects.filter(at_ms__gt=start, at_ms__lte=end, flag__in=sql.BELIEVED)
        .annotate(hour=Cast(Floor((F("at_ms") - 1) / HOUR_MS), IntegerField()))
        .values_list("hour", "series_id")
        .annotate(total=Sum("value"))
    )
    sums: dict[int, list[float]] = defaultdict(list)
    for hour, series, total in rows if ids else ():
        if series in ids:
            sums[hour].append(total or 0.0)
    times = list(range(start // HOUR_MS, end // HOUR_MS + 1))
    return {
        "at": [(hour + 1) * HOUR_MS for hour in times],
        "mean": [round(sum(sums[h]) / len(sums[h]), 2) if h in sums else None for h in times],
        "most": [round(max(sums[h]), 1) if h in sums else None for h in times],
        "stations": len(ids),
    }
