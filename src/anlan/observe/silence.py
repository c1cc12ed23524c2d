"""Who has gone quiet. Asked on the clock, because silence brings nothing that could be counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from anlan.base import clock
from anlan.base.events import publish_many
from anlan.people.models import Account

from .models import Latest, Series, Station, StationHealth

# So many expected readings must fail to come before a series counts as silent: one is often late.
MISSED = 3


@dataclass(frozen=True)
class Silence:
    """A series that should have reported and did not."""

    series_id: int
    station_id: int
    since: datetime | None  # its last believed reading; None: it never had one

    def lasts_s(self, at: datetime) -> float:
        return (at - self.since).total_seconds() if self.since else float("inf")


def silent_series(at: datetime, *, among: "QuerySet[Series] | None" = None) -> Iterator[Silence]:
    """Series of stations in use without a believed reading for three intervals."""
    series = Series.objects.all() if among is None else among
    latest = dict(Latest.objects.values_list("series_id", "at_ms"))
    now_ms = clock.to_epoch_ms(at)
    rows = series.filter(station__retired_at=None).values_list("pk", "station_id", "interval_s")
    for pk, station_id, interval_s in rows:
        last = latest.get(pk)
        if last is None:
            yield Silence(pk, station_id, None)
        elif now_ms - last > MISSED * interval_s * 1000:
            yield Silence(pk, station_id, clock.from_epoch_ms(last))


def note_silent_stations(at: datetime) -> int:
    """A station is silent when all its series are; says so once, and once when it is back.

    All in one short transaction: when a network fails, a thousand stations fall silent at once,
    and a thousand transactions in a row would keep the readings' writer waiting for seconds.
    """
    silent: dict[int, list[Silence]] = {}
    for silence in silent_series(at):
        silent.setdefault(silence.station_id, []).append(silence)
    gone: list[tuple[Station, datetime | None]] = []
    back: list[tuple[Station, datetime | None]] = []
    stations = Station.objects.in_use().select_related("region", "health")
    sizes = _series_counts()
    for station in stations.exclude(series=None).distinct():
        quiet = silent.get(station.pk, [])
        is_silent = len(quiet) == sizes[station.pk]
        health = getattr(station, "health", None)
        was_silent = health is not None and health.silent_since is not None
        if is_silent and not was_silent:
            gone.append((station, max((q.since for q in quiet if q.since), default=at)))
        elif was_silent and not is_silent:
            back.append((station, None))
    if gone or back:
        with transaction.atomic():
            _say("observe.station.silent", gone, at)
            _say("observe.station.back", back, at)
    return len(gone) + len(back)


def _series_counts() -> dict[int, int]:
    counts: dict[int, int] = {}
    for station_id in Series.objects.values_list("station_id", flat=True):
        counts[station_id] = counts.get(station_id, 0) + 1
    return counts


def _say(name: str, changed: list[tuple[Station, datetime | None]], at: datetime) -> None:
    StationHealth.objects.bulk_create(
        [StationHealth(station=station, silent_since=since) for station, since in changed],
        update_conflicts=True,
        unique_fields=["station"],
        update_fields=["silent_since"],
        batch_size=500,
    )
    rows = [
        (station.region.path, {"station_id": station.pk, "code": station.code, "since": since})
        for station, since in changed
    ]
    if rows:
        publish_many(name, at=at, by=Account.objects.system(), rows=rows)
