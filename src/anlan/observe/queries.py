"""Read stations and readings. Every function takes the reader and shows only their regions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, F, Max, Min, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import BadInput, NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region

from . import charts, kinds, packs, quantities
from .models import (
    CELL_BELOW_V,
    CLOCK_OFF_S,
    LOW_CELL_V,
    LOW_LEAD_V,
    Flag,
    Quarantined,
    Report,
    Sender,
    Series,
    Station,
    StationQuerySet,
    Unreadable,
)

STATES = ("silent", "battery", "clock")
LONGEST_MS = 10 * 366 * 86_400_000


def list_stations(
    *, actor: Account, kind: str = "", region_path: str = "", state: str = "", search: str = ""
) -> QuerySet[Station]:
    """Stations in use in the actor's regions with their latest values and health, by name."""
    stations = Station.objects.within(actor.regions_for("observe.view")).in_use()
    if kind:
        stations = stations.filter(kind=kind)
    if region_path:
        stations = stations.filter(region__path__under=region_path)
    if search:
        stations = stations.filter(Q(name__icontains=search) | Q(code__icontains=search))
    stations = _in_state(stations, state)
    series = Series.objects.select_related("latest").order_by("quantity")
    return (
        stations.select_related(f"region__{PLACE}", "health")
        .prefetch_related(Prefetch("series", queryset=series))
        .order_by("name", "pk")
    )


def _in_state(stations: StationQuerySet, state: str) -> StationQuerySet:
    if state == "silent":
        return stations.exclude(health__silent_since=None)
    if state == "battery":
        low = Q(health__battery_v__lt=LOW_CELL_V) | Q(
            health__battery_v__gte=CELL_BELOW_V, health__battery_v__lt=LOW_LEAD_V
        )
        return stations.filter(low)
    if state == "clock":
        return stations.filter(
            Q(health__clock_off_s__gt=CLOCK_OFF_S) | Q(health__clock_off_s__lt=-CLOCK_OFF_S)
        )
    return stations


def count_stations(*, actor: Account) -> dict[str, int]:
    """How many there are, and how many need a look, for the list's head."""
    stations = Station.objects.within(actor.regions_for("observe.view")).in_use()
    counts = {state: _in_state(stations, state).count() for state in STATES}
    return {"all": stations.count(), **counts}


def get_station(*, actor: Account, station_id: int) -> Station:
    """One station, or NotFound: one outside the actor's regions is not there."""
    station = (
        Station.objects.within(actor.regions_for("observe.view"))
        .select_related(f"region__{PLACE}", "site", "health")
        .prefetch_related(
            Prefetch("series", Series.objects.select_related("latest").order_by("quantity"))
        )
        .filter(pk=station_id)
        .first()
    )
    if station is None:
        raise NotFound("observe.no_station", _("There is no such station in your regions."))
    return station


@dataclass
class MapStation:
    """What a map needs of a station."""

    id: int
    code: str
    name: str
    kind: str
    lon: float
    lat: float
    made_up: bool
    silent: bool
    region: str
    latest: "list[MapValue]" = field(default_factory=list)


@dataclass
class MapValue:
    series_id: int
    quantity: str
    unit: str
    value: float | None
    at: datetime


def stations_on_map(*, actor: Account, kind: str = "", region_path: str = "") -> list[MapStation]:
    """All stations of the actor with their latest believed values: two queries for a thousand."""
    paths = actor.regions_for("observe.view")
    stations = Station.objects.within(paths).in_use()
    if kind:
        stations = stations.filter(kind=kind)
    if region_path:
        stations = stations.filter(region__path__under=region_path)
    rows = stations.order_by("pk").values_list(
        "pk", "code", "name", "kind", "lon", "lat", "made_up", "health__silent_since",
        "region__code",
    )  # fmt: skip
    found = {
        pk: MapStation(pk, code, name, kind_, lon, lat, made_up, silent is not None, region)
        for pk, code, name, kind_, lon, lat, made_up, silent, region in rows
    }
    series = Series.objects.within(paths).filter(station__retired_at=None)
    values = series.exclude(latest=None).values_list(
        "pk", "station_id", "quantity", "unit", "latest__value", "latest__at_ms"
    )
    for pk, station_id, quantity, unit, value, at_ms in values.order_by("pk"):
        if station_id in found:
            at = clock.from_epoch_ms(at_ms)
            found[station_id].latest.append(MapValue(pk, quantity, unit, value, at))
    return list(found.values())


def get_series(*, actor: Account, series_id: int) -> Series:
    """One series of a station in the actor's regions, or NotFound."""
    visible = Series.objects.within(actor.regions_for("observe.view"))
    series = visible.select_related("station__region").filter(pk=series_id).first()
    if series is None:
        raise NotFound("observe.no_series", _("There is no such series in your regions."))
    return series


def series_readings(
    *, actor: Account, series_id: int, since: datetime, until: datetime
) -> dict[str, Any]:
    """A series over time for a chart: at most 2,000 points, lowest and highest kept."""
    series = get_series(actor=actor, series_id=series_id)
    from_ms, to_ms = clock.to_epoch_ms(since), clock.to_epoch_ms(until)
    if not 0 < to_ms - from_ms <= LONGEST_MS:
        raise BadInput(
            "observe.bad_stretch",
            _("The end must come after the beginning, ten years later at most."),
        )
    at, value, flag = packs.read_series(series.pk, from_ms, to_ms)
    quantity = quantities.find(series.quantity)
    return {
        "series_id": series.pk,
        "station_id": series.station_id,
        "station": series.station.name,
        "quantity": series.quantity,
        "label": str(quantity.label) if quantity else series.quantity,
        "unit": series.unit,
        "decimals": quantity.decimals if quantity else 2,
        "total": bool(quantity and quantity.total),
        "datum": series.datum,
        "interval_s": series.interval_s,
        "low": series.low,
        "high": series.high,
        "count": len(at),
        "points": charts.thinned(at, value, flag),
    }


@dataclass(frozen=True)
class Extremes:
    """What a series has lately shown: a help for who sets its limits."""

    lowest: float
    highest: float
    jump: float  # the most from one reading to the next


def recent_extremes(
    *, actor: Account, series: Series, at: datetime, days: int = 30
) -> Extremes | None:
    """Of the believed readings of the last days; none where there are fewer than two."""
    get_series(actor=actor, series_id=series.pk)
    end = clock.to_epoch_ms(at)
    _at, value, flag = packs.read_series(series.pk, end - days * 86_400_000, end)
    value = value[np.isin(flag, (Flag.GOOD, Flag.NOT_EVALUATED)) & np.isfinite(value)]
    if len(value) < 2:
        return None
    return Extremes(float(value.min()), float(value.max()), float(np.abs(np.diff(value)).max()))


@dataclass(frozen=True)
class Waiting:
    """A station whose readings wait in quarantine, with what a form can be filled in with."""

    code: str
    rows: int
    quantities: list[str]
    unknown: list[str]  # quantities that mean nothing to us
    first: datetime
    last: datetime
    door: str
    sender: Sender | None
    registered: Station | None
    kind: str

    @property
    def region(self) -> Region | None:
        if self.registered:
            return self.registered.region
        return self.sender.region if self.sender else None

    @property
    def adoptable(self) -> bool:
        return len(self.unknown) < len(self.quantities)


def list_waiting(*, actor: Account, limit: int = 200) -> list[Waiting]:
    """Stations in quarantine that the actor may adopt, the latest first.

    Rows of a known sender or station belong to its region. Of the others nobody knows the place:
    only who manages a whole city sees them.
    """
    rows = _visible_waiting(actor)
    groups = (
        rows.values("station_code")
        .annotate(n=Count("pk"), first=Min("at_ms"), last=Max("at_ms"), newest=Max("pk"))
        .order_by("-newest")[:limit]
    )
    groups_read: list[dict[str, Any]] = [dict(group) for group in groups]
    codes = [group["station_code"] for group in groups_read]
    reported: dict[str, list[str]] = {}
    pairs = rows.filter(station_code__in=codes).values_list("station_code", "quantity")
    for code, quantity in pairs.order_by("quantity").distinct():
        reported.setdefault(code, []).append(quantity)
    newest = Quarantined.objects.select_related("sender__region").in_bulk(
        [group["newest"] for group in groups_read]
    )
    stations = Station.objects.select_related("region").filter(code__in=codes)
    registered = {station.code: station for station in stations}
    return [
        _waiting(group, reported[group["station_code"]], newest[group["newest"]], registered)
        for group in groups_read
    ]


def _visible_waiting(actor: Account) -> QuerySet[Quarantined]:
    paths = actor.regions_for("observe.manage")
    senders = Sender.objects.within(paths).values("pk")
    codes = Station.objects.within(paths).values("code")
    visible = Q(sender__in=senders) | Q(station_code__in=codes)
    if Region.objects.filter(path__in=paths, level__lte=Region.Level.CITY).exists():
        others = Station.objects.exclude(pk__in=Station.objects.within(paths).values("pk"))
        visible |= Q(sender=None) & ~Q(station_code__in=others.values("code"))
    return Quarantined.objects.filter(visible)


def _waiting(
    group: dict[str, Any], reported: list[str], newest: Quarantined, registered: dict[str, Station]
) -> Waiting:
    return Waiting(
        code=group["station_code"],
        rows=group["n"],
        quantities=reported,
        unknown=[code for code in reported if quantities.find(code) is None],
        first=clock.from_epoch_ms(group["first"]),
        last=clock.from_epoch_ms(group["last"]),
        door=newest.door,
        sender=newest.sender,
        registered=registered.get(group["station_code"]),
        kind=kinds.likely(reported),
    )


def waiting_rows(*, actor: Account, code: str, limit: int = 50) -> QuerySet[Quarantined]:
    """The newest quarantined rows of one station, raw values included."""
    return _visible_waiting(actor).filter(station_code=code).order_by("-at_ms", "-pk")[:limit]


def list_unreadable(*, actor: Account, limit: int = 50) -> QuerySet[Unreadable]:
    """Messages that no door could read; for who manages a whole city, as nobody knows whose."""
    paths = actor.regions_for("observe.manage")
    if not Region.objects.filter(path__in=paths, level__lte=Region.Level.CITY).exists():
        return Unreadable.objects.none()
    return Unreadable.objects.defer("body").order_by("-pk")[:limit]


def list_senders(*, actor: Account) -> QuerySet[Sender]:
    """Senders in the regions that the actor manages; revoked ones last."""
    senders = Sender.objects.within(actor.regions_for("observe.manage"))
    return senders.select_related(f"region__{PLACE}", "station").order_by(
        F("revoked_at").desc(nulls_first=True), "name"
    )


def get_sender(*, actor: Account, sender_id: int) -> Sender:
    sender = list_senders(actor=actor).filter(pk=sender_id).first()
    if sender is None:
        raise NotFound("observe.no_sender", _("There is no such sender in your regions."))
    return sender


def list_reports(*, actor: Account, station: Station, limit: int = 20) -> QuerySet[Report]:
    """Pictures and texts that a station sent, the latest first."""
    if not actor.may("observe.view", region=station.region):
        return Report.objects.none()
    reports = Report.objects.filter(station_code=station.code).defer("picture")
    return reports.annotate(has_picture=Q(picture__isnull=False)).order_by("-at")[:limit]


def get_picture(*, actor: Account, report_id: int) -> bytes:
    """A station's picture, or NotFound."""
    report = Report.objects.exclude(picture=None).filter(pk=report_id).first()
    visible = Station.objects.within(actor.regions_for("observe.view"))
    if report is None or not visible.filter(code=report.station_code).exists():
        raise NotFound("observe.no_picture", _("There is no such picture in your regions."))
    return bytes(report.picture or b"")
