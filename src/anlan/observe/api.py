"""JSON for programs and for the map."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from ninja import Field, Query, Router, Schema

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import queries

router = Router(tags=["observe"])


class ValueOut(Schema):
    series_id: int
    quantity: str
    unit: str
    value: float | None
    at: datetime


class StationOut(Schema):
    id: int
    code: str
    name: str
    kind: str
    lon: float
    lat: float
    made_up: bool
    silent: bool
    region: str
    latest: list[ValueOut]


class Stretch(Schema):
    since: datetime | None = Field(None, alias="from")
    until: datetime | None = Field(None, alias="to")


class ReadingsOut(Schema):
    series_id: int
    station_id: int
    station: str
    quantity: str
    label: str
    unit: str
    decimals: int
    total: bool
    datum: str
    interval_s: int
    low: float | None
    high: float | None
    count: int
    points: list[tuple[int, float | None, int]]  # epoch ms, value, flag


@router.get("/stations", response=list[StationOut])
def stations(request: SignedIn, kind: str = "", region: str = "") -> list[queries.MapStation]:
    """Stations in the caller's regions with their latest values. `region`: a region's path."""
    return queries.stations_on_map(actor=request.auth, kind=kind, region_path=region)


@router.get("/series/{int:series_id}/readings", response=ReadingsOut)
def readings(
    request: SignedIn,
    series_id: int,
    stretch: Query[Stretch],
) -> dict[str, Any]:
    """A series over time: the last three days if not asked else; 2,000 points at most."""
    end = _aware(stretch.until) or clock.now()
    start = _aware(stretch.since) or end - timedelta(days=3)
    return queries.series_readings(actor=request.auth, series_id=series_id, since=start, until=end)


def _aware(at: datetime | None) -> datetime | None:
    """Times without an offset are the city's."""
    return timezone.make_aware(at) if at and timezone.is_naive(at) else at
