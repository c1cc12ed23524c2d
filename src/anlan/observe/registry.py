"""Which series and senders there are, held in memory for the doors and read afresh on change.

Every series has a slot, a small number that stays the same while the process lives: limits,
quality state and scope are arrays over slots, so that a whole batch is looked up at once.
"""

import hashlib
import time
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from django.db import connection
from django.db.models import F
from numpy.typing import NDArray

from . import quantities
from .models import RegistryRevision, Sender, Series, Station
from .quality import Limits

# How long another process's change may stay unseen, and how often to look for unmarked changes.
LOOK_EVERY_S = 1.0
READ_EVERY_S = 30.0
# Lists of names are remembered from this length on, and so many of them.
LONG, MOST_SEEN = 20, 256


@dataclass(frozen=True)
class KnownSender:
    """Who may send: a device for its own station, a gateway for a region's stations."""

    pk: int | None  # None: known by the topic that its broker lets it publish to
    name: str
    region_path: str
    station_code: str  # "" for a gateway


class Slots(dict[tuple[str, str], int]):
    """(station code, quantity) → slot; -1 where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str, int], tuple[list[str], list[str], NDArray[np.int64]]] = {}

    def __missing__(self, key: tuple[str, str]) -> int:
        return -1

    def find(self, stations: list[str], names: list[str]) -> NDArray[np.int64]:
        """The slots of many rows.

        A gateway names the same series in the same order again and again: comparing the whole
        list with that of the last time takes a tenth of the time of looking all of it up.
        """
        if not stations:
            return np.empty(0, np.int64)
        mark = (stations[0], stations[-1], len(stations))
        seen = self._seen.get(mark)
        if seen is not None and seen[0] == stations and seen[1] == names:
            return seen[2]
        keys = zip(stations, names, strict=True)
        slots = np.fromiter(map(self.__getitem__, keys), np.int64, len(stations))
        if len(stations) >= LONG and (seen is not None or len(self._seen) < MOST_SEEN):
            slots.flags.writeable = False
            self._seen[mark] = (stations.copy(), names.copy(), slots)
        return slots


@dataclass
class Registry:
    """A consistent reading of stations, series and senders."""

    slot_of: Slots
    stations: dict[str, int]  # code → id
    series_id: NDArray[np.int64]  # by slot
    station_id: NDArray[np.int64]
    region_path: list[str]
    station_code: list[str]
    is_battery: NDArray[np.bool_]
    limits: Limits
    senders: dict[str, KnownSender]  # by token hash
    senders_by_name: dict[str, KnownSender]
    station_region: dict[str, str]
    revision: tuple[int, ...]
    _scopes: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._slot_of_id = np.full(int(self.series_id.max(initial=0)) + 1, -1, np.int64)
        self._slot_of_id[self.series_id] = np.arange(len(self.series_id))
        self._slot_of_id[0] = -1  # slots of series that are not in use any more

    def slots(self, series: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slots of series by their ids; -1 where there is none."""
        return self._slot_of_id[np.where(series < len(self._slot_of_id), series, 0)]

    def inside(self, region_path: str) -> NDArray[np.bool_]:
        """By slot: whether its station lies in this region."""
        found = self._scopes.get(region_path)
        if found is None:
            paths = self.region_path
            found = np.fromiter((p.startswith(region_path) for p in paths), bool, len(paths))
            self._scopes[region_path] = found
        return found


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_lock = Lock()
_slots: dict[int, int] = {}  # series id → slot, only ever grows
_current: Registry | None = None
_looked_at = _read_at = float("-inf")


def current(*, now: bool = False) -> Registry:
    """The registry as it stands; `now` looks for changes even if it did a moment ago."""
    global _current, _looked_at, _read_at
    clock = time.monotonic()
    if _current is not None and not now and clock - _looked_at < LOOK_EVERY_S:
        return _current
    with _lock:
        revision = _revision()
        _looked_at = clock
        if _current is None or revision != _current.revision or clock - _read_at > READ_EVERY_S:
            _current, _read_at = _read(revision), clock
        return _current


def last_known() -> Registry | None:
    """What was read last, without a query: for callers that must not wait."""
    return _current


def is_old() -> bool:
    """Whether it is time to look for changes again."""
    return time.monotonic() - _looked_at >= LOOK_EVERY_S


def forget() -> None:
    """Read afresh at the next question, with new slots (tests)."""
    global _current, _looked_at, _read_at
    with _lock:
        _current = None
        _looked_at = _read_at = float("-inf")
        _slots.clear()


def read_apart() -> Registry:
    """As this transaction sees it, without showing it to anyone else: it may yet be undone."""
    return _read(())


def mark_changed() -> None:
    """Tell every process, in the transaction that changes stations, series or senders."""
    RegistryRevision.objects.get_or_create(pk=1)
    RegistryRevision.objects.filter(pk=1).update(number=F("number") + 1)


def _revision() -> tuple[int, ...]:
    # Counts and newest ids catch rows that were loaded in bulk by someone who marked nothing.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(number), 0) FROM observe_registryrevision),"
            " (SELECT count(*) FROM observe_series), (SELECT coalesce(max(id), 0) FROM"
            " observe_series), (SELECT count(*) FROM observe_sender),"
            " (SELECT coalesce(max(id), 0) FROM observe_sender),"
            " (SELECT coalesce(max(id), 0) FROM observe_station)"
        )
        return tuple(cursor.fetchone())


def _read(revision: tuple[int, ...]) -> Registry:
    series = list(
        Series.objects.filter(station__retired_at=None)
        .order_by("pk")
        .values_list("pk", "station_id", "station__code", "station__region__path", "quantity")
    )
    for pk, *_rest in series:
        _slots.setdefault(pk, len(_slots))
    size = len(_slots)
    series_id, station_id = np.zeros(size, np.int64), np.zeros(size, np.int64)
    paths, codes, battery = [""] * size, [""] * size, np.zeros(size, bool)
    slot_of = Slots()
    for pk, station, code, path, quantity in series:
        slot = _slots[pk]
        slot_of[(code, quantity)] = slot
        series_id[slot], station_id[slot] = pk, station
        paths[slot], codes[slot] = path, code
        battery[slot] = quantity == "battery_voltage"
    stations = Station.objects.in_use().values_list("code", "pk", "region__path")
    senders = {
        row.token_hash: KnownSender(
            row.pk, row.name, row.region.path, row.station.code if row.station else ""
        )
        for row in Sender.objects.filter(revoked_at=None).select_related("region", "station")
    }
    stations_read = list(stations)
    return Registry(
        slot_of=slot_of,
        stations={code: pk for code, pk, _path in stations_read},
        series_id=series_id,
        station_id=station_id,
        region_path=paths,
        station_code=codes,
        is_battery=battery,
        limits=_limits(size),
        senders=senders,
        senders_by_name={sender.name: sender for sender in senders.values()},
        station_region={code: path for code, _pk, path in stations_read},
        revision=revision,
    )


def _limits(size: int) -> Limits:
    limits = Limits.none(size)
    rows = Series.objects.values_list(
        "pk", "quantity", "low", "high", "spike", "rate", "flat_s", named=True
    )
    known = {quantity.code: quantity for quantity in quantities.registered()}
    for row in rows:
        slot = _slots.get(row.pk)
        if slot is None:
            continue
        quantity = known.get(row.quantity)
        if quantity:
            limits.bad_low[slot], limits.bad_high[slot] = quantity.low, quantity.high
        for name, value in (("low", row.low), ("high", row.high), ("spike", row.spike)):
            if value is not None:
                getattr(limits, name)[slot] = value
        if row.rate is not None:
            limits.rate_ms[slot] = row.rate / 3_600_000
        if row.flat_s is not None:
            limits.flat_ms[slot] = row.flat_s * 1000
    return limits
