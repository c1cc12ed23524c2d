"""How the system itself is doing: what /health, its page and /metrics show."""

import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from anlan.base import journal, ticker
from anlan.base.models import Delivery, Event, Seal, Ticked
from anlan.observe.models import StationHealth
from anlan.warn.models import Alarm

from .feed import door as feed

OK, WARN, FAILED = "ok", "warning", "failed"
# A worker looks at its duties five times a second; every duty is due within this.
WORKER_SILENT = timedelta(seconds=120)
WAITED_TOO_LONG = timedelta(minutes=2)
LEAST_FREE_BYTES, LEAST_FREE_PART = 1_000_000_000, 0.05
_CONNECT_S = 1.0


@dataclass(frozen=True)
class Check:
    name: str  # for programs
    label: str
    state: str
    detail: str


def checks() -> list[Check]:
    """Every check; those that need the database are left out where it does not answer."""
    database = _database()
    found = [database, _disk(), *_listeners()]
    if database.state != FAILED:
        found += [_worker(), _seal(), _deliveries()]
    return found


def as_json(found: list[Check]) -> dict[str, Any]:
    return {"status": worst(found), "checks": [asdict(check) for check in found]}


def worst(found: list[Check]) -> str:
    states = {check.state for check in found}
    return FAILED if FAILED in states else WARN if WARN in states else OK


def _database() -> Check:
    started = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check("database", _("Database"), FAILED, type(error).__name__)
    took = round((time.monotonic() - started) * 1000)
    detail = _("%(vendor)s answered in %(ms)d ms") % {"vendor": connection.vendor, "ms": took}
    return Check("database", _("Database"), OK, detail)


def _disk() -> Check:
    usage = shutil.disk_usage(settings.DATA_DIR)
    short = usage.free < max(LEAST_FREE_BYTES, LEAST_FREE_PART * usage.total)
    detail = _("%(free).1f GB free of %(total).1f GB") % {
        "free": usage.free / 1e9,
        "total": usage.total / 1e9,
    }
    state = FAILED if usage.free < LEAST_FREE_BYTES / 5 else WARN if short else OK
    return Check("disk", _("Disk"), state, detail)


def _listeners() -> Iterator[Check]:
    if settings.SL651_PORT:
        yield _reachable("sl651", "SL 651", "127.0.0.1", settings.SL651_PORT)
    if settings.MQTT_URL:
        parts = urlsplit(settings.MQTT_URL)
        host, port = parts.hostname or "127.0.0.1", parts.port or 1883
        yield _reachable("mqtt", _("MQTT broker"), host, port)


def _reachable(name: str, label: str, host: str, port: int) -> Check:
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_S):
            return Check(name, label, OK, _("port %(port)d answers") % {"port": port})
    except OSError as error:
        detail = _("port %(port)d: %(why)s") % {"port": port, "why": error.strerror or str(error)}
        return Check(name, label, FAILED, detail)


def _worker() -> Check:
    label = _("Worker")
    rows = list(Ticked.objects.filter(name__in=[duty.name for duty in ticker.registered()]))
    if not rows:
        return Check("worker", label, FAILED, _("no worker has ever run"))
    age = timezone.now() - max(row.last_at for row in rows)
    if age > WORKER_SILENT:
        detail = _("silent for %(minutes)d minutes") % {"minutes": age.total_seconds() // 60}
        return Check("worker", label, FAILED, detail)
    broken = sorted(row.name for row in rows if row.error)
    if broken:
        detail = _("duties that fail: %(names)s") % {"names": ", ".join(broken)}
        return Check("worker", label, WARN, detail)
    return Check(
        "worker", label, OK, _("seen %(seconds)d seconds ago") % {"seconds": age.total_seconds()}
    )


def _seal() -> Check:
    label = _("Journal seal")
    last = Seal.objects.order_by("-pk").first()
    waiting = Event.objects.filter(seal=None).count()
    late = timezone.now() - journal.SEAL_WITHIN
    if waiting and (last is None or last.made_at < late):
        return Check(
            "seal", label, FAILED, _("%(count)d events wait for a seal") % {"count": waiting}
        )
    if last is None:
        return Check("seal", label, OK, _("nothing to seal yet"))
    age = timezone.now() - last.made_at
    detail = _("last one %(seconds)d seconds ago") % {"seconds": age.total_seconds()}
    return Check("seal", label, OK, detail)


def _deliveries() -> Check:
    label = _("Events on their way")
    failed = Delivery.objects.filter(state=Delivery.State.FAILED).count()
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    oldest = waiting.aggregate(since=Min("next_at"))["since"]
    late = oldest is not None and timezone.now() - oldest > WAITED_TOO_LONG
    detail = _("%(waiting)d waiting, %(failed)d failed") % {
        "waiting": waiting.count(),
        "failed": failed,
    }
    return Check("deliveries", label, WARN if failed or late else OK, detail)


def metrics() -> bytes:
    """Prometheus text: counters of all processes, and gauges read from the database now."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for name, text, label, values in _gauges():
        gauge = Gauge(name, text, [label] if label else [], registry=registry)
        for key, value in values.items():
            (gauge.labels(key) if label else gauge).set(value)
    return generate_latest(registry)


def _gauges() -> Iterator[tuple[str, str, str, dict[str, float]]]:
    yield (
        "anlan_alarms_open",
        "Alarms not cleared, by severity",
        "severity",
        _by(Alarm.objects.filter(cleared_at=None), "severity"),
    )
    yield "anlan_outbox", "Events on their way, by state", "state", {
        "WAITING": 0, "FAILED": 0, **_by(
            Delivery.objects.exclude(state=Delivery.State.DONE), "state"
        ),
    }  # fmt: skip
    yield (
        "anlan_stations",
        "Stations by the door of their last message",
        "door",
        _by(StationHealth.objects.all(), "door"),
    )
    now = timezone.now()
    known = {duty.name: duty for duty in ticker.registered()}
    rows = [row for row in Ticked.objects.all() if row.name in known]
    yield (
        "anlan_duty_lag_seconds",
        "How late a periodic duty is",
        "duty",
        {
            row.name: max(0.0, (now - row.last_at).total_seconds() - known[row.name].every_s)
            for row in rows
        },
    )
    yield (
        "anlan_duty_seconds",
        "How long a duty took last",
        "duty",
        {row.name: row.took_s for row in rows},
    )
    yield "anlan_feed_clients", "Open live feeds of this web process", "", {"": feed.client_count()}
    yield (
        "anlan_disk_free_bytes",
        "Free space beside the data",
        "",
        {"": shutil.disk_usage(settings.DATA_DIR).free},
    )


def _by(rows: Any, column: str) -> dict[str, float]:
    return {str(key): count for key, count in rows.values_list(column).annotate(Count("pk"))}


def forget_old_counters() -> None:
    """Counters of processes that are gone; called when nothing runs, before a group starts."""
    for path in settings.METRICS_DIR.glob("*.db"):
        path.unlink(missing_ok=True)
