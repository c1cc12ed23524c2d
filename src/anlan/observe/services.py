"""What people change about stations: senders and their tokens, adoption out of quarantine."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region, Site

from . import quantities, registry
from .models import Quarantined, Sender, Series, Station
from .parcels import Parcel
from .store import Store

MOVE_AT_ONCE = 5000


@transaction.atomic
def make_sender(
    *, name: str, region: Region, by: Account, at: datetime, station: Station | None = None
) -> tuple[Sender, str]:
    """A device's or gateway's right to send. The token is returned once and kept as a hash."""
    by.require("observe.manage", region=region)
    if station is not None and not region.covers(station.region):
        raise BadInput(
            "observe.station_elsewhere", _("The station does not lie in the sender's region.")
        )
    if Sender.objects.filter(name=name).exists():
        raise Refusal(
            "observe.sender_exists",
            _("There is already a sender called “%(name)s”.") % {"name": name},
            hint=_("Choose another name, or revoke the other first."),
        )
    token = secrets.token_urlsafe(32)
    sender = Sender.objects.create(
        name=name, region=region, station=station, token_hash=registry.token_hash(token)
    )
    registry.mark_changed()
    publish("observe.sender.made", at=at, by=by, region_path=region.path, sender_id=sender.pk)
    return sender, token


@transaction.atomic
def make_sender_for(
    *, name: str, region: Region, station_code: str, by: Account, at: datetime
) -> tuple[Sender, str]:
    """The same, for a station named by its code ("": a gateway)."""
    station = None
    if station_code:
        within = Station.objects.within(by.regions_for("observe.manage"))
        station = within.filter(code=station_code).first()
        if station is None:
            raise BadInput(
                "observe.no_such_station",
                _("There is no station with the code %(code)s in your regions.")
                % {"code": station_code},
            )
    return make_sender(name=name, region=region, station=station, by=by, at=at)


@transaction.atomic
def revoke_sender(*, sender: Sender, by: Account, at: datetime) -> Sender:
    """From now on (a second later at most) its token opens no door."""
    by.require("observe.manage", region=sender.region)
    if sender.revoked_at is None:
        sender.revoked_at = at
        sender.save(update_fields=["revoked_at"])
        registry.mark_changed()
        path = sender.region.path
        publish("observe.sender.revoked", at=at, by=by, region_path=path, sender_id=sender.pk)
    return sender


@transaction.atomic
def register_station(
    *,
    code: str,
    name: str,
    kind: str,
    region: Region,
    lon: float,
    lat: float,
    by: Account,
    at: datetime,
    site: Site | None = None,
    made_up: bool = False,
) -> Station:
    """Enter a station that will report. Its series are added by `add_series` or by adoption."""
    by.require("observe.manage", region=region)
    if Station.objects.filter(code=code).exists():
        raise Refusal(
            "observe.station_exists",
            _("A station with the code %(code)s is already registered.") % {"code": code},
            hint=_("Look it up in the list of stations."),
        )
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput("observe.bad_position", _("Longitude and latitude are in degrees, WGS 84."))
    station = Station.objects.create(
        code=code, name=name, kind=kind, region=region, site=site, lon=lon, lat=lat, made_up=made_up
    )
    registry.mark_changed()
    publish(
        "observe.station.registered",
        at=at,
        by=by,
        region_path=region.path,
        station_id=station.pk,
        code=code,
    )
    return station


@transaction.atomic
def add_series(
    *, station: Station, quantity: str, by: Account, at: datetime, interval_s: int = 300
) -> Series:
    """Let a station report one more quantity. What waited for it in quarantine is moved."""
    by.require("observe.manage", region=station.region)
    known = {entry.code: entry for entry in quantities.registered()}
    if quantity not in known:
        raise BadInput(
            "observe.no_quantity",
            _("The quantity “%(code)s” is not known here.") % {"code": quantity},
        )
    series, made = Series.objects.get_or_create(
        station=station,
        quantity=quantity,
        defaults={"unit": known[quantity].unit, "interval_s": interval_s},
    )
    if made:
        registry.mark_changed()
        path = station.region.path
        publish("observe.series.added", at=at, by=by, region_path=path, series_id=series.pk)
        _release(station)
    return series


@dataclass(frozen=True)
class Limits:
    """What is believable of one series at its place; none: not tested."""

    interval_s: int
    low: float | None = None
    high: float | None = None
    spike: float | None = None
    rate: float | None = None  # in an hour
    flat_s: int | None = None
    datum: str = ""


@transaction.atomic
def set_limits(*, series: Series, limits: Limits, by: Account, at: datetime) -> Series:
    """Judge the series' readings by these from now on (a second later at most).

    Stored readings keep the flags that they were given.
    """
    by.require("observe.manage", region=series.station.region)
    check_limits(limits)
    entered = asdict(limits)
    before = {name: getattr(series, name) for name in entered}
    if before == entered:
        return series
    for name, value in entered.items():
        setattr(series, name, value)
    series.save(update_fields=list(entered))
    registry.mark_changed()
    publish(
        "observe.series.limits",
        at=at,
        by=by,
        region_path=series.station.region.path,
        series_id=series.pk,
        before=before,
        now=entered,
    )
    return series


def check_limits(limits: Limits) -> None:
    """Refuse limits that nothing could fulfil."""
    values = (limits.low, limits.high, limits.spike, limits.rate)
    if any(value is not None and not isfinite(value) for value in values):
        raise BadInput("observe.bad_limit", _("Limits are plain numbers."))
    if limits.low is not None and limits.high is not None and limits.low >= limits.high:
        raise BadInput("observe.bad_range", _("The lowest value must lie below the highest."))
    if any(value is not None and value <= 0 for value in (limits.spike, limits.rate)):
        raise BadInput("observe.bad_change", _("A jump or a rate of change is above 0."))
    if not 10 <= limits.interval_s <= 7 * 86400:
        raise BadInput(
            "observe.bad_interval", _("A reading is expected every 10 seconds to 7 days.")
        )
    if limits.flat_s is not None and limits.flat_s < 2 * limits.interval_s:
        raise BadInput(
            "observe.bad_flat",
            _("Constancy can be judged over two readings at least."),
            hint=_("Give a longer time, or leave it empty."),
        )


@transaction.atomic
def adopt_station(
    *,
    code: str,
    name: str,
    kind: str,
    region: Region,
    lon: float,
    lat: float,
    by: Account,
    at: datetime,
    site: Site | None = None,
) -> tuple[Station, int]:
    """Register a station that reports already; its quarantined rows become readings.

    Returns the station and how many rows were moved. Quantities that mean nothing to us stay
    in quarantine, where their raw values are shown.
    """
    by.require("observe.manage", region=region)
    if not Quarantined.objects.filter(station_code=code).exists():
        raise Refusal(
            "observe.not_waiting",
            _("No readings of station %(code)s wait in quarantine.") % {"code": code},
            hint=_("Somebody may have adopted it already: look in the list of stations."),
        )
    station = _back_in_use(code, by) or register_station(
        code=code, name=name, kind=kind, region=region, lon=lon, lat=lat, site=site, by=by, at=at
    )
    _serve_what_waits(station)
    registry.mark_changed()
    moved = _release(station)
    publish(
        "observe.station.adopted",
        at=at,
        by=by,
        region_path=station.region.path,
        station_id=station.pk,
        code=code,
        readings=moved,
    )
    return station, moved


def _back_in_use(code: str, by: Account) -> Station | None:
    """The station of this code where there is one already, retired or not."""
    station = Station.objects.filter(code=code).select_related("region").first()
    if station is not None:
        by.require("observe.manage", region=station.region)
        Station.objects.filter(pk=station.pk).update(retired_at=None)
    return station


def _serve_what_waits(station: Station) -> None:
    """A series for each quantity in the station's quarantine that means something to us."""
    known = {entry.code: entry for entry in quantities.registered()}
    waiting = Quarantined.objects.filter(station_code=station.code, quantity__in=known)
    for quantity in waiting.order_by().values_list("quantity", flat=True).distinct():
        interval_s = _interval_s(station.code, quantity)
        Series.objects.get_or_create(
            station=station,
            quantity=quantity,
            defaults={"unit": known[quantity].unit, "interval_s": interval_s},
        )


def release_known(at: datetime) -> int:
    """Move rows that reached quarantine while their station was just being registered (ticker)."""
    codes = set(Quarantined.objects.order_by().values_list("station_code", flat=True).distinct())
    stations = Station.objects.in_use().filter(code__in=codes)
    return sum(_release(station) for station in stations)


@transaction.atomic
def _release(station: Station) -> int:
    """Quarantined rows of the station's series into the readings, flagged like all others."""
    served = list(station.series.values_list("quantity", flat=True))
    waiting = Quarantined.objects.filter(station_code=station.code, quantity__in=served)
    store, known, moved = Store(), registry.read_apart(), 0
    while rows := list(waiting.order_by("at_ms", "pk")[:MOVE_AT_ONCE]):
        parcel = Parcel(
            door=rows[-1].door,
            station=[row.station_code for row in rows],
            quantity=[row.quantity for row in rows],
            at_ms=[row.at_ms for row in rows],
            value=[row.value for row in rows],
        )
        store.write([parcel], known)
        Quarantined.objects.filter(pk__in=[row.pk for row in rows]).delete()
        moved += len(rows)
    return moved


def _interval_s(code: str, quantity: str) -> int:
    """How often the station seems to report: the usual gap between its newest readings."""
    rows = Quarantined.objects.filter(station_code=code, quantity=quantity)
    times = sorted(rows.order_by("-at_ms").values_list("at_ms", flat=True)[:50])
    gaps = sorted(b - a for a, b in pairwise(times))
    return max(60, round(gaps[len(gaps) // 2] / 1000)) if gaps else 300
